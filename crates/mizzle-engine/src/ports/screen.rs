//! The user: hears of events, watches progress, answers questions, and interrupts.

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

    /// Tells of an event.
    fn event(&self, event: Event<'_>);

    /// Shows a plan that is about to be applied.
    fn progress(&self, plan: &Plan) -> Self::Progress;

    /// Shows a wait until the result is dropped.
    fn wait(&self, waiting: Waiting<'_>) -> Self::Wait;

    /// Asks for approval.
    ///
    /// # Errors
    ///
    /// When there is no terminal to ask on, or the user leaves.
    fn approve(&self, question: Question<'_>) -> Result<bool, Self::Error>;

    /// Sets the reaction to the next interrupt, which would otherwise end the process.
    fn on_interrupt(&self, reaction: Box<dyn FnOnce() + Send>);
}

/// The display of a plan that is being applied.
pub trait Progress: Observer {
    /// Returns the announcement that the run is stopping, to be called from anywhere.
    fn announce_stop(&self) -> Box<dyn FnOnce() + Send>;

    /// Ends the display and returns the time since its start.
    fn finish(self) -> Duration;
}

/// The display of a wait.
pub trait Wait {
    /// One more of the things that are waited for is done.
    fn advance(&self);

    /// Tells that the migration lock is held.
    fn lock_held(&self, owner: &Owner);

    /// Tells the status of a table. `is_first` says that the table was not mentioned before.
    fn table_busy(&self, table: &str, status: &str, is_first: bool);
}

/// The reason of a wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waiting<'a> {
    /// Describing this many tables.
    Describing(usize),
    /// Reading tables until nothing changes them.
    Reading,
    /// Acquiring the migration lock.
    Lock,
    /// Backing up these tables.
    BackingUp(&'a [&'a str]),
}

/// An event that the user may want to hear of.
#[derive(Debug)]
pub enum Event<'a> {
    /// The credentials may not list tables, so tables outside the schema are not known.
    TablesNotListed,
    /// A table that changes does not tell all of its settings.
    SettingsNotTold(&'a TableDescription),
    /// Tables that the schema does not name.
    Untracked(&'a [String]),
    /// The plan to bring tables to their desired state. `asks` says that approval is asked for next.
    Planned {
        /// The plan.
        plan: &'a Plan,
        /// True if it is only shown.
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
    /// Backups that were begun.
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
    /// The call of a script is left out.
    Skipped(&'a Skipped),
    /// A part of a script's call is left out because its table does not take it.
    PartLeftOut {
        /// The table.
        table: &'a str,
        /// The part.
        left_out: &'a LeftOut,
    },
    /// A table that existed differs from what the script creates, and no snapshot says what is
    /// managed of it.
    AdoptedUnlike {
        /// The table.
        table: &'a str,
        /// The migration.
        migration: &'a str,
        /// The differences.
        differences: &'a [String],
    },
    /// A table existed when its script was to create it.
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
    /// A migration that is marked as applied also reads or writes items, which cannot be checked.
    ItemsNotChecked(&'a str),
    /// The lock could not be released, and expires.
    LockNotReleased(&'a ServiceError),
}

/// The way in which a table was adopted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AdoptedAs {
    /// It was not changed.
    Unchanged,
    /// These changes were made.
    Changed(Vec<String>),
}

/// A question that takes approval.
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
