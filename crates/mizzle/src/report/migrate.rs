//! The outcome of `migrate`.

use super::{PushReport, UnappliedChange};
use crate::{
    errors::{CommandError, PortError},
    explain::explain_engine,
    server::TargetName,
};
use mizzle_core::plan::Plan;
use mizzle_engine::{
    backup::TableBackup,
    migrate::{self as engine, Action, MigrationOutcome},
};
use serde::Serialize;

/// The outcome of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// There was nothing to do.
    InSync,
    /// The run was a dry run.
    Pending,
    /// All pending changes were applied.
    Applied,
    /// All selected migrations were rolled back.
    Undone,
    /// The ledger was changed.
    Resolved,
    /// A step failed, or the user interrupted.
    Failed,
    /// Nothing was done: a confirmation or a flag is missing.
    Refused,
}

/// The result of `migrate` and `resolve`.
#[derive(Debug)]
pub(crate) struct MigrateReport {
    /// The server.
    pub(crate) target: TargetName,
    /// True with `--dry-run`.
    pub(crate) dry_run: bool,
    /// The task.
    pub(crate) action: Action,
    /// The outcome.
    pub(crate) outcome: Outcome,
    /// The affected migrations.
    pub(crate) migrations: Vec<MigrationOutcome>,
    /// The plan of the environment's own settings; `None` if it has none.
    pub(crate) settings: Option<Plan>,
    /// The differences that the server leaves.
    pub(crate) remaining: Vec<UnappliedChange>,
    /// The backups that were started before the first deletion.
    pub(crate) backups: Vec<TableBackup>,
    /// The reason why the run did not complete.
    pub(crate) failure: Option<CommandError>,
}

/// The result of `migrate --repair`: a push of the state that the applied migrations lead to.
#[derive(Debug)]
pub(crate) struct RepairReport(pub(crate) PushReport);

impl MigrateReport {
    /// Creates the report of an outcome on `target`.
    pub(crate) fn new(
        outcome: engine::Outcome<PortError>,
        target: &TargetName,
        dry_run: bool,
    ) -> Self {
        let is_idle = outcome.migrations.is_empty() && outcome.has_no_settings_to_apply();
        let of_scripts = outcome.migrations.iter().flat_map(|migration| &migration.unapplied);
        let remaining = of_scripts.chain(&outcome.unapplied);
        let remaining = remaining.map(|unapplied| UnappliedChange::of(unapplied, target)).collect();
        Self {
            target: target.clone(),
            dry_run,
            action: outcome.action,
            outcome: match (&outcome.failure, outcome.action) {
                (Some(_), _) if outcome.is_refused => Outcome::Refused,
                (Some(_), _) => Outcome::Failed,
                (None, _) if is_idle => Outcome::InSync,
                (None, _) if dry_run => Outcome::Pending,
                (None, Action::Run | Action::Baseline | Action::Repair) => Outcome::Applied,
                (None, Action::RollBack) => Outcome::Undone,
                (None, Action::Resolve(_)) => Outcome::Resolved,
            },
            migrations: outcome.migrations,
            settings: outcome.settings,
            remaining,
            backups: outcome.backups,
            failure: outcome.failure.map(|error| explain_engine(error, target)),
        }
    }
}
