//! The outcomes of the engine, as plain data.

use mizzle_core::{
    apply::{Report, StepError},
    ledger::ResolutionKind,
    plan::{Plan, Step, StepId},
};
use serde::Serialize;

/// A difference that a run leaves, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unapplied {
    /// The table.
    pub table: String,
    /// The change that would remove the difference.
    pub setting: String,
    /// The reason.
    pub reason: Reason,
}

/// The reason why a difference is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The server has no operation for it, as some emulators have not.
    Unsupported,
    /// The server accepted it in an earlier run and did not keep it.
    IgnoredBefore,
    /// The server accepted it in this run and did not keep it.
    Ignored,
    /// Somebody, or another step, changed it during the run.
    ChangedMeanwhile,
}

impl Reason {
    /// Returns the reason as a sentence about `server`.
    pub fn sentence(self, server: &str) -> String {
        match self {
            Self::Unsupported => format!("{server} has no operation for it"),
            Self::IgnoredBefore => format!("{server} accepted it earlier but did not keep it"),
            Self::Ignored => format!("{server} accepted it but did not keep it"),
            Self::ChangedMeanwhile => {
                "it was changed meanwhile, by somebody or by another step: push again".to_owned()
            }
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

/// A backup that was begun.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TableBackup {
    /// The table.
    pub table: String,
    /// The ARN of the backup.
    pub arn: String,
}

/// A plan that was applied in part.
#[derive(Debug, Clone)]
pub struct Incomplete {
    /// The plan.
    pub plan: Plan,
    /// The steps that were applied, failed, and were not started.
    pub report: Report,
    /// True if the run was asked to stop.
    pub is_interrupted: bool,
    /// The origin of the plan.
    pub origin: Origin,
}

/// The origin of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The schema, or the migrations that are applied.
    Push,
    /// The settings that an environment has of its own.
    EnvironmentSettings,
}

impl Incomplete {
    /// Returns `None` if everything was applied.
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

    /// True if the server refuses the rest of a table's steps for good.
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
    /// Marks them as applied.
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
    /// It was run.
    Applied,
    /// It is still to be run, was not finished, or was rolled back.
    Pending,
    /// Its script failed.
    Failed,
    /// It is no longer in the ledger.
    Forgotten,
}

/// One migration, planned or run. Serialises to its form in `--json`.
#[derive(Debug, Clone, Serialize)]
pub struct MigrationOutcome {
    /// Its name.
    pub name: String,
    /// Its state.
    pub state: MigrationState,
    /// The number of steps that an earlier run has done.
    #[serde(skip_serializing_if = "is_zero")]
    pub done: usize,
    /// Its steps, as far as it came.
    pub steps: Vec<Step>,
    /// The calls of its script that are left out.
    pub skipped: Vec<Skipped>,
    /// The tables that existed when its script was to create them, by the names that scripts use.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub adopted: Vec<String>,
    /// Its hazards beyond those of its steps.
    pub hazards: Vec<ScriptHazard>,
    /// The steps that the server has no operation for.
    pub unsupported: Vec<StepId>,
    /// The items that its script has read and written in this run.
    #[serde(skip_serializing_if = "ItemCounts::is_empty")]
    pub items: ItemCounts,
    /// The differences that the server leaves.
    #[serde(skip)]
    pub unapplied: Vec<Unapplied>,
}

impl MigrationOutcome {
    /// A migration with nothing but steps.
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
    /// The items in answers, as often as they were there.
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

/// A call of a script that is left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Skipped {
    /// The table.
    pub table: String,
    /// The title of its step.
    pub title: String,
    /// The reason.
    pub reason: String,
}

/// A hazard of a script, as far as it can be told before the script is run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ScriptHazard {
    /// The kind.
    pub kind: ScriptHazardKind,
    /// The possible harm, as a sentence.
    pub message: String,
}

/// The kind of a hazard. The kebab-case name is stable: `--json` carries it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ScriptHazardKind {
    /// The script reads or changes items, which a dry run cannot foresee.
    ChangesItems,
    /// The script deletes a table while its items are in memory alone.
    HoldsItems,
}
