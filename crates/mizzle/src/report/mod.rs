//! The results of commands: one struct for each, plain data. [`render`](crate::render) converts
//! them to text and JSON.

mod check;
mod completions;
mod drop;
mod export;
mod generate;
mod init;
mod list;
mod local;
mod migrate;
mod pull;
mod push;
mod status;
mod unlock;

pub(crate) use check::{CheckProblem, CheckReport, ImportWarning};
pub(crate) use completions::CompletionsReport;
pub(crate) use drop::{DropReport, FailedTable, Skip, SkippedTable};
pub(crate) use export::ExportReport;
pub(crate) use generate::{Change, ChangeKind, GenerateReport, Next, Rebased};
pub(crate) use init::{FoundProfile, InitAnswers, InitFindings, InitReport};
pub(crate) use list::{ListReport, ListedTable, Untold};
pub(crate) use local::LocalReport;
pub(crate) use migrate::{MigrateReport, Outcome, RepairReport};
pub(crate) use pull::{
    BaselineState, ManualEdit, PullReport, PulledTableReport, SchemaText, SkippedPull,
};
pub(crate) use push::{PushReport, UnappliedChange};
pub(crate) use status::{ListedMigration, Mismatch, State, StatusReport};
pub(crate) use unlock::UnlockReport;

use crate::errors::CommandError;

/// The result of a command.
#[derive(Debug)]
pub(crate) enum Report {
    /// The result of `check`.
    Check(CheckReport),
    /// The result of `completions`.
    Completions(CompletionsReport),
    /// The result of `drop`.
    Drop(DropReport),
    /// The result of `export`.
    Export(ExportReport),
    /// The result of `generate`.
    Generate(GenerateReport),
    /// The result of `init`.
    Init(InitReport),
    /// The result of `list`.
    List(ListReport),
    /// The server that `local` runs.
    Local(LocalReport),
    /// The result of `migrate` and `resolve`.
    Migrate(MigrateReport),
    /// The result of `pull`.
    Pull(PullReport),
    /// The result of `push`.
    Push(PushReport),
    /// The result of `migrate --repair`: a push of the state that the applied migrations lead to.
    Repair(RepairReport),
    /// The result of `status`.
    Status(StatusReport),
    /// The result of `unlock`.
    Unlock(UnlockReport),
}

impl Report {
    /// Returns the error that prevented the command from completing.
    pub(crate) fn failure(&self) -> Option<&CommandError> {
        match self {
            Self::Check(report) => report.failure.as_ref(),
            Self::Drop(report) => report.failure.as_ref(),
            Self::Generate(report) => report.failure.as_ref(),
            Self::Init(report) => report.failure.as_ref(),
            Self::List(report) => report.failure.as_ref(),
            Self::Migrate(report) => report.failure.as_ref(),
            Self::Pull(report) => report.failure.as_ref(),
            Self::Push(report) | Self::Repair(RepairReport(report)) => report.failure.as_ref(),
            Self::Status(report) => report.failure.as_ref(),
            Self::Completions(_) | Self::Export(_) | Self::Local(_) | Self::Unlock(_) => None,
        }
    }
}
