//! The plan and the outcome of a push.

use crate::{
    errors::{CommandError, PortError},
    explain::explain_engine,
    server::TargetName,
};
use mizzle_core::plan::{Plan, StepId};
use mizzle_engine::{
    backup::TableBackup,
    converge::{PushOutcome, PushState, Unapplied},
};
use serde::Serialize;
use std::time::Duration;

/// The result of `push`.
#[derive(Debug)]
pub(crate) struct PushReport {
    /// The server.
    pub(crate) target: TargetName,
    /// The plan.
    pub(crate) plan: Plan,
    /// Tables that the schema does not name; `None` if they cannot be listed.
    pub(crate) untracked: Option<Vec<String>>,
    /// The applied steps.
    pub(crate) applied: Vec<StepId>,
    /// The failed steps: at most one per table.
    pub(crate) failed: Vec<StepId>,
    /// The steps that were not started.
    pub(crate) not_started: Vec<StepId>,
    /// The duration of the steps.
    pub(crate) elapsed: Duration,
    /// The outcome.
    pub(crate) outcome: PushState,
    /// The differences that the server leaves.
    pub(crate) remaining: Vec<UnappliedChange>,
    /// The backups that were started before the first deletion.
    pub(crate) backups: Vec<TableBackup>,
    /// The reason why the run did not complete.
    pub(crate) failure: Option<CommandError>,
}

impl PushReport {
    /// Creates the report of an outcome on `target`.
    pub(crate) fn new(outcome: PushOutcome<PortError>, target: &TargetName) -> Self {
        let remaining = outcome.unapplied.iter();
        Self {
            target: target.clone(),
            plan: outcome.plan,
            untracked: outcome.untracked,
            applied: outcome.applied,
            failed: outcome.failed,
            not_started: outcome.not_started,
            elapsed: outcome.elapsed,
            outcome: outcome.state,
            remaining: remaining.map(|unapplied| UnappliedChange::of(unapplied, target)).collect(),
            backups: outcome.backups,
            failure: outcome.failure.map(|error| explain_engine(error, target)),
        }
    }
}

/// A setting that a server accepted but ignored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct UnappliedChange {
    /// The table.
    pub(crate) table: String,
    /// The difference.
    pub(crate) setting: String,
    /// The probable reason.
    pub(crate) reason: String,
}

impl UnappliedChange {
    /// Returns the entry of a difference that is left on `target`.
    pub(crate) fn of(unapplied: &Unapplied, target: &TargetName) -> Self {
        Self {
            table: unapplied.table.clone(),
            setting: unapplied.setting.clone(),
            reason: unapplied.reason.sentence(&target.to_string()),
        }
    }
}
