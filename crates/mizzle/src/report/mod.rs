//! What a command has to say: one struct a command, for people and as JSON.

mod check;
mod completions;
mod drop;
mod export;
mod generate;
mod init;
mod list;
mod migrate;
mod pull;
mod push;
mod status;
mod unlock;

pub(crate) use check::{CheckReport, EnvironmentProblem, ImportWarning};
pub(crate) use completions::CompletionsReport;
pub(crate) use drop::{DropReport, FailedTable, Skip, SkippedTable, TableBackups};
pub(crate) use export::ExportReport;
pub(crate) use generate::{GenerateReport, Next, Rebased};
pub(crate) use init::{FoundProfile, InitAnswers, InitFindings, InitReport};
pub(crate) use list::{ListReport, ListedTable, Untold};
pub(crate) use migrate::{MigrateReport, RepairReport};
pub(crate) use pull::{
    BaselineState, Paste, PullReport, PulledTableReport, SchemaText, SkippedPull,
};
pub(crate) use push::{PushReport, Remaining};
pub(crate) use status::StatusReport;
pub(crate) use unlock::UnlockReport;

use crate::{
    errors::{CommandError, PortError},
    ui::Ui,
};
use serde_json::Value;

/// The result of a command.
pub(crate) trait Report {
    /// Says it to a person.
    fn human(&self, ui: &Ui);

    /// The fields of the JSON document, without the common ones.
    fn json(&self) -> Value;

    /// What kept the command from doing what it was asked for, if something did.
    fn failure(&self) -> Option<&CommandError> {
        None
    }
}

/// Warns that settings which the server ignores could not be remembered: the next run tries them again.
fn not_remembered(errors: impl IntoIterator<Item = PortError>, ui: &Ui) {
    for error in errors {
        ui.warning(CommandError::from(error).message);
    }
}
