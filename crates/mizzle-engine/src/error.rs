//! The errors of the engine: facts, without sentences. The command line converts each of them to a
//! message with hints in one function.

use crate::{
    environment::EnvironmentError,
    outcome::{Action, Drift, Incomplete, ItemCounts},
};
use mizzle_core::{
    apply::{BackupError, ServiceError, StepError, WaitError},
    ledger::{LedgerProblem, LockError, MigrationStatus, ResolutionKind, Unresolvable},
    plan::{Aim, Blocked, Step},
};

/// An error of the engine. `E` is the error of the ports that read files, run scripts and ask the user.
#[derive(Debug)]
pub enum Error<E> {
    /// A port failed.
    Port(E),
    /// A request failed.
    Service(ServiceError),
    /// The ledger could not be written in the middle of a migration.
    LedgerWrite(ServiceError),
    /// A wait ended early.
    Wait(WaitError),
    /// Tables could not be backed up.
    Backups(Vec<(String, BackupError)>),
    /// Backups of these tables are requested, but the server does not support them.
    NoBackups(Vec<String>),
    /// The migration lock was not acquired, or was lost.
    Lock(LockError),
    /// The run was interrupted.
    Interrupted,
    /// The user declined.
    Declined,
    /// The user declined, or did not answer, in a run that changes tables which existed before.
    AdoptionNotApproved(Option<E>),
    /// Steps would lose items, and that was not accepted.
    DataLoss(Vec<Step>),
    /// DynamoDB cannot make these changes in place.
    Blocked(Vec<Blocked>),
    /// DynamoDB cannot bring tables to the desired state; the reasons were shown with the plan.
    NotPossible {
        /// The reasons.
        blocked: Vec<Blocked>,
        /// The source of the desired state.
        aim: Aim,
    },
    /// A plan was applied partly.
    Incomplete(Box<Incomplete>),
    /// The settings, names or ledger of the environment do not fit the tables.
    Environment(EnvironmentError),
    /// The ledger does not match the scripts.
    LedgerMismatch {
        /// The problems.
        problems: Vec<LedgerProblem>,
        /// The name of the project.
        project: Option<String>,
    },
    /// Another runner changed the ledger before this run acquired the lock.
    LedgerChanged,
    /// A rollback was not finished.
    RollbackUnfinished(String),
    /// No migration has this number or name.
    UnknownMigration {
        /// The number or name.
        wanted: String,
        /// The names of the migrations.
        known: Vec<String>,
    },
    /// No migration is applied, so there is nothing to repair.
    NothingApplied,
    /// A migration is unfinished, so the desired state of the tables is unknown.
    Unsettled {
        /// The migration.
        migration: String,
        /// Its status.
        status: MigrationStatus,
    },
    /// A migration has no snapshot, so its resulting state is unknown.
    NoSnapshot {
        /// The migration.
        migration: String,
        /// The action that needs it.
        action: Action,
    },
    /// The tables do not match the snapshot of a migration, so it is not marked as applied.
    BaselineMismatch {
        /// The migration.
        migration: String,
        /// The differences.
        differences: Vec<Drift>,
        /// The alternative; `None` under the lock.
        advice: Option<BaselineAdvice>,
    },
    /// An entry of the ledger cannot be resolved like this.
    Unresolvable {
        /// The reason.
        reason: Unresolvable,
        /// The kind of the resolution.
        kind: ResolutionKind,
    },
    /// A script cannot be recorded, so nothing was run.
    Recording(E),
    /// A script failed.
    Script(Box<ScriptFailure<E>>),
    /// A script was interrupted after it had read or written items. The next run repeats that.
    ScriptInterrupted {
        /// The migration.
        migration: String,
        /// The items.
        items: ItemCounts,
    },
    /// A step of a script differs from the one that an earlier run has done.
    StepMismatch {
        /// The migration.
        migration: String,
        /// The number of the step, from 1.
        step: usize,
        /// The fingerprint of the step that was done.
        done: String,
    },
    /// A step was not done because it differs from the approved one.
    Unapproved {
        /// The reason.
        reason: Unapproved,
        /// The migration, and the items that it has read and written. The next run repeats that.
        repeated: Option<(String, ItemCounts)>,
    },
    /// Items were lost, because they existed only in the memory of a run that ended.
    ItemsLost {
        /// The migration.
        migration: String,
        /// The tables that held them, by their names in the environment.
        tables: Vec<String>,
    },
}

/// A reason why the approval does not cover a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unapproved {
    /// The step was not shown.
    NotShown {
        /// The table.
        table: String,
        /// The title of the step.
        title: String,
    },
    /// The table of a deletion did not exist when the deletion was shown.
    Appeared(String),
    /// The table of a deletion was empty when the deletion was shown.
    NotEmpty(String),
    /// Destructive settings of the environment that were not shown.
    Settings(Vec<Step>),
}

/// The alternative to marking migrations as applied: running them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BaselineAdvice {
    /// Running them adopts the existing tables, without a change that needs approval.
    Run,
    /// Running them changes these tables after approval.
    RunAndApprove(Vec<String>),
    /// Running them refuses to adopt these tables.
    Reconcile(Vec<String>),
}

/// A script that failed, and its progress.
#[derive(Debug, Clone)]
pub struct ScriptFailure<E> {
    /// The error.
    pub error: E,
    /// The migration.
    pub migration: String,
    /// The last step; `None` if there was none.
    pub stopped: Option<StoppedAt>,
    /// The items that it has read and written.
    pub items: ItemCounts,
    /// The error of the last step, if that failed.
    pub refusal: Option<StepError>,
}

/// The last step of a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoppedAt {
    /// Its number, from 1.
    pub number: usize,
    /// Its title.
    pub title: String,
    /// Its table.
    pub table: String,
    /// True if it was done.
    pub is_done: bool,
}

impl<E> From<EnvironmentError> for Error<E> {
    fn from(error: EnvironmentError) -> Self {
        Self::Environment(error)
    }
}
