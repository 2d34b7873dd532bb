//! The outcomes of the engine, as plain data.

use mizzle_core::{
    apply::{Report, StepError},
    ledger::ResolutionKind,
    plan::{Plan, Step, StepId},
};
use serde::Serialize;

/// A difference that remains after a run, and the reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unapplied {
    /// The table.
    pub table: String,
    /// The change that would remove the difference.
    pub setting: String,
    /// The reason.
    pub reason: Reason,
}

/// The reason why a difference remains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The server does not support the operation, as some emulators do not.
    Unsupported,
    /// The server accepted the change in an earlier run and did not keep it.
    IgnoredBefore,
    /// The server accepted the change in this run and did not keep it.
    Ignored,
    /// Another process, or another step, changed the setting during the run.
    ChangedMeanwhile,
}

impl Reason {
    /// Returns the reason as a sentence about `server`.
    pub fn sentence(self, server: &str) -> String {
        match self {
            Self::Unsupported => format!("{server} has no operation for it"),
            Self::IgnoredBefore => format!("{server} accepted it earlier but did not keep it"),
            Self::Ignored => format!("{server} accepted it but did not keep it"),
            Self::ChangedMeanwhile => "it changed during the run: push again".to_owned(),
        }
    }
}

/// A difference between a table and the state that it should have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Drift {
    /// The table.
    pub table: String,
    /// The change that removes the difference.
    pub change: String,
}

/// A backup that was started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TableBackup {
    /// The table.
    pub table: String,
    /// The ARN of the backup.
    pub arn: String,
}

/// A plan that was applied partly.
#[derive(Debug, Clone)]
pub struct Incomplete {
    /// The plan.
    pub plan: Plan,
    /// The steps that were applied, failed, and were not started.
    pub report: Report,
    /// True if the run was interrupted.
    pub is_interrupted: bool,
    /// The origin of the plan.
    pub origin: Origin,
}

/// The origin of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The schema, or the applied migrations.
    Push,
    /// The settings of an environment.
    EnvironmentSettings,
}

impl Incomplete {
    /// Returns the incomplete plan; `None` if it was applied completely.
    pub(crate) fn of(
        plan: &Plan,
        report: &Report,
        is_interrupted: bool,
        origin: Origin,
    ) -> Option<Self> {
        if report.failures.is_empty() && (report.not_started.is_empty() || !is_interrupted) {
            return None;
        }
        Some(Self { plan: plan.clone(), report: report.clone(), is_interrupted, origin })
    }

    /// True if the server permanently refuses the remaining steps of a table.
    pub fn is_stuck(&self, table: &str) -> bool {
        self.report.failures.iter().any(|failure| {
            failure.table == table && matches!(failure.error, StepError::Stuck { .. })
        })
    }
}

/// The action of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Runs pending migrations.
    Run,
    /// Marks pending migrations as applied.
    Baseline,
    /// Rolls back the migrations that were applied last.
    RollBack,
    /// Brings the tables back to the state that the applied migrations leave.
    Repair,
    /// Changes the ledger's entry of a migration.
    Resolve(ResolutionKind),
}

/// The state of a migration after a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum MigrationState {
    /// The migration was run.
    Applied,
    /// The migration is still to be run, was not finished, or was rolled back.
    Pending,
    /// The script failed.
    Failed,
    /// The migration is no longer in the ledger.
    Forgotten,
}

/// One migration, planned or run. Serializes to its form in `--json`.
#[derive(Debug, Clone, Serialize)]
pub struct MigrationOutcome {
    /// Its name.
    pub name: String,
    /// Its state.
    pub state: MigrationState,
    /// The number of steps that an earlier run has done.
    #[serde(skip_serializing_if = "is_zero")]
    pub done: usize,
    /// The steps that were planned or started.
    pub steps: Vec<Step>,
    /// The calls of its script that are skipped.
    pub skipped: Vec<Skipped>,
    /// The tables that already existed when its script was to create them, by their names in
    /// scripts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub adopted: Vec<String>,
    /// Its hazards in addition to those of its steps.
    pub hazards: Vec<ScriptHazard>,
    /// The steps whose operation the server does not support.
    pub unsupported: Vec<StepId>,
    /// The items that its script has read and written in this run.
    #[serde(skip_serializing_if = "ItemCounts::is_empty")]
    pub items: ItemCounts,
    /// The remaining differences.
    #[serde(skip)]
    pub unapplied: Vec<Unapplied>,
}

impl MigrationOutcome {
    /// Creates the outcome of a migration that has only steps.
    pub fn new(name: String, state: MigrationState, steps: Vec<Step>) -> Self {
        Self {
            name,
            state,
            done: 0,
            steps,
            skipped: Vec::new(),
            adopted: Vec::new(),
            hazards: Vec::new(),
            unsupported: Vec::new(),
            items: ItemCounts::default(),
            unapplied: Vec::new(),
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// The items that a script has read and written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct ItemCounts {
    /// The items in responses, counted every time.
    pub read: u64,
    /// The items that were put, updated or deleted.
    pub written: u64,
}

impl ItemCounts {
    /// True if there were none.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A call of a script that is skipped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Skipped {
    /// The table.
    pub table: String,
    /// The title of its step.
    pub title: String,
    /// The reason.
    pub reason: String,
}

/// A hazard of a script that is known before the script is run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ScriptHazard {
    /// The kind.
    pub kind: ScriptHazardKind,
    /// The possible harm, as a sentence.
    pub message: String,
}

/// The kind of a hazard. The kebab-case name is stable: it is part of the `--json` output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ScriptHazardKind {
    /// The script reads or changes items, which a dry run cannot predict.
    ChangesItems,
    /// The script deletes a table while its items are only in memory.
    HoldsItems,
}
