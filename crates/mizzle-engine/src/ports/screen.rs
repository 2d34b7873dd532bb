//! The user, who receives events, watches progress, answers questions, and interrupts.

use super::Direction;
use crate::outcome::{MigrationOutcome, Skipped, TableBackup};
use mizzle_core::{
    apply::{Observer, ServiceError},
    ledger::{Owner, Record, ResolutionKind},
    model::TableDescription,
    plan::{LeftOut, Plan, Step},
};
use std::time::Duration;

/// The user.
pub trait Screen {
    /// The error of a question without an answer.
    type Error;
    /// The display of a plan that is being applied.
    type Progress: Progress;
    /// The display of a wait.
    type Wait: Wait;

    /// Reports an event.
    fn event(&self, event: Event<'_>);

    /// Shows a plan that is about to be applied.
    fn progress(&self, plan: &Plan) -> Self::Progress;

    /// Shows a wait until the result is dropped.
    fn wait(&self, waiting: Waiting<'_>) -> Self::Wait;

    /// Asks for approval.
    ///
    /// # Errors
    ///
    /// When there is no terminal to ask on, or the user cancels.
    fn approve(&self, question: Question<'_>) -> Result<bool, Self::Error>;

    /// Sets the reaction to the next interrupt, which would otherwise end the process.
    fn on_interrupt(&self, reaction: Box<dyn FnOnce() + Send>);
}

/// The display of a plan that is being applied.
pub trait Progress: Observer {
    /// Returns a function that announces that the run is stopping, to be called from any thread.
    fn announce_stop(&self) -> Box<dyn FnOnce() + Send>;

    /// Ends the display and returns the time since its start.
    fn finish(self) -> Duration;
}

/// The display of a wait.
pub trait Wait {
    /// Advances the wait by one completed item.
    fn advance(&self);

    /// Reports that the migration lock is held.
    fn lock_held(&self, owner: &Owner);

    /// Reports the status of a table. `is_first` is true if the table was not reported before.
    fn table_busy(&self, table: &str, status: &str, is_first: bool);
}

/// The reason of a wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waiting<'a> {
    /// Describing this many tables.
    Describing(usize),
    /// Reading tables until no change of them is in progress.
    Reading,
    /// Acquiring the migration lock.
    Lock,
    /// Backing up these tables.
    BackingUp(&'a [&'a str]),
}

/// An event for the user.
#[derive(Debug)]
pub enum Event<'a> {
    /// The credentials do not permit listing tables, so tables outside the schema are unknown.
    TablesNotListed,
    /// The server does not return all settings of a table that is being changed.
    SettingsNotTold(&'a TableDescription),
    /// Tables that are not in the schema.
    Untracked(&'a [String]),
    /// The plan to bring tables to their desired state.
    Planned {
        /// The plan.
        plan: &'a Plan,
        /// True if the plan is only shown.
        dry_run: bool,
        /// True if approval is asked for next.
        asks: bool,
    },
    /// The plan of one migration, before approval.
    MigrationPlanned {
        /// The migration with its steps.
        migration: &'a MigrationOutcome,
        /// The direction.
        direction: Direction,
        /// True if approval is asked for next.
        asks: bool,
    },
    /// The plan of the settings of an environment, before approval.
    SettingsPlanned {
        /// The steps; at least one.
        steps: &'a [Step],
        /// True if approval is asked for next.
        asks: bool,
    },
    /// The settings of the environment are about to be applied.
    SettingsStarted,
    /// Backups that were started.
    BackupsTaken(&'a [TableBackup]),
    /// A script starts, after `done` steps of an earlier run.
    ScriptStarted {
        /// The migration.
        migration: &'a str,
        /// The direction.
        direction: Direction,
        /// The steps that an earlier run has done.
        done: usize,
    },
    /// A line of `db.log`.
    Log {
        /// The line.
        line: &'a str,
        /// True if the script is only recorded.
        dry_run: bool,
    },
    /// An earlier run has done the step.
    StepDoneBefore(&'a Step),
    /// A call of a script is skipped.
    Skipped(&'a Skipped),
    /// A part of a script's call is omitted because its table does not accept it.
    PartLeftOut {
        /// The table.
        table: &'a str,
        /// The part.
        left_out: &'a LeftOut,
    },
    /// An existing table differs from the script's creation, and there is no snapshot of its
    /// managed settings.
    AdoptedUnlike {
        /// The table.
        table: &'a str,
        /// The migration.
        migration: &'a str,
        /// The differences.
        differences: &'a [String],
    },
    /// A table already existed when its script was to create it.
    Adopted {
        /// The table.
        table: &'a str,
        /// The migration.
        migration: &'a str,
        /// The direction in which the migration is run.
        direction: Direction,
        /// The way in which the table was adopted.
        how: &'a AdoptedAs,
    },
    /// A record was dropped from the ledger: it never applied a step and its script is gone.
    RecordDropped(&'a str),
    /// A migration that is marked as applied also reads or writes items, which cannot be verified.
    ItemsNotChecked(&'a str),
    /// The lock could not be released, and expires.
    LockNotReleased(&'a ServiceError),
}

/// The way in which a table was adopted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AdoptedAs {
    /// The table was not changed.
    Unchanged,
    /// These changes were made.
    Changed(Vec<String>),
}

/// A request for approval.
#[derive(Debug)]
pub enum Question<'a> {
    /// Apply a plan of this many steps.
    Apply {
        /// The number of steps.
        steps: usize,
    },
    /// Run migrations; without one, apply the settings of the environment.
    Run(&'a [&'a str]),
    /// Roll migrations back.
    RollBack(&'a [&'a str]),
    /// Change the ledger's entry of a migration.
    Resolve {
        /// The migration.
        migration: &'a str,
        /// The resolution.
        kind: ResolutionKind,
        /// The present record.
        record: Option<&'a Record>,
    },
}
