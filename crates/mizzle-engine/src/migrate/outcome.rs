//! The outcome of a run of migrations, as plain data.

use crate::{Error, backup::TableBackup, converge::Unapplied};
use mizzle_core::{
    ledger::ResolutionKind,
    plan::{Plan, Step, StepId},
};
use serde::Serialize;

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

/// The outcome of a run.
#[derive(Debug)]
pub struct Outcome<E> {
    /// The action.
    pub action: Action,
    /// The migrations, in the order in which they were run.
    pub migrations: Vec<MigrationOutcome>,
    /// The plan of the settings that the environment has of its own; `None` if it has none.
    pub settings: Option<Plan>,
    /// The settings of the environment that are left.
    pub unapplied: Vec<Unapplied>,
    /// The backups that were begun before anything was deleted.
    pub backups: Vec<TableBackup>,
    /// True if the plan was refused or not approved, so that nothing was done.
    pub is_refused: bool,
    /// The reason why it did not complete.
    pub failure: Option<Error<E>>,
    /// The errors of remembering settings that the server ignores.
    pub not_remembered: Vec<E>,
}

impl<E> Outcome<E> {
    /// An outcome without anything done.
    pub(crate) fn new(action: Action) -> Self {
        Self {
            action,
            migrations: Vec::new(),
            settings: None,
            unapplied: Vec::new(),
            backups: Vec::new(),
            is_refused: false,
            failure: None,
            not_remembered: Vec::new(),
        }
    }

    /// Notes that the plan was refused.
    pub(crate) fn refuse(
        &mut self,
        planned: impl IntoIterator<Item = MigrationOutcome>,
        reason: Error<E>,
    ) {
        self.migrations.extend(planned);
        self.is_refused = true;
        self.failure = Some(reason);
    }

    /// True if the environment has no settings, or the tables have them already.
    pub fn has_no_settings_to_apply(&self) -> bool {
        self.settings.as_ref().is_none_or(|plan| *plan == Plan::default())
    }
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
