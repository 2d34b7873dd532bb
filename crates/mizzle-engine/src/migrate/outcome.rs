//! The outcome of a run of migrations.

use crate::{
    Error,
    outcome::{Action, MigrationOutcome, TableBackup, Unapplied},
};
use mizzle_core::plan::Plan;

/// The outcome of a run.
#[derive(Debug)]
pub struct Outcome<E> {
    /// The action.
    pub action: Action,
    /// The migrations, in the order in which they were run.
    pub migrations: Vec<MigrationOutcome>,
    /// The plan of the environment's settings; `None` if it has none.
    pub settings: Option<Plan>,
    /// The settings of the environment that were not applied.
    pub unapplied: Vec<Unapplied>,
    /// The backups that were started before the first deletion.
    pub backups: Vec<TableBackup>,
    /// True if the plan was refused or not approved, so that no change was made.
    pub is_refused: bool,
    /// The reason why it did not complete.
    pub failure: Option<Error<E>>,
    /// The errors of saving the settings that the server ignores.
    pub not_remembered: Vec<E>,
}

impl<E> Outcome<E> {
    /// Creates an outcome without any changes.
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

    /// Records that the plan was refused.
    pub(crate) fn refuse(
        &mut self,
        planned: impl IntoIterator<Item = MigrationOutcome>,
        reason: Error<E>,
    ) {
        self.migrations.extend(planned);
        self.is_refused = true;
        self.failure = Some(reason);
    }

    /// True if the environment has no settings, or the tables already have them.
    pub fn has_no_settings_to_apply(&self) -> bool {
        self.settings.as_ref().is_none_or(|plan| *plan == Plan::default())
    }
}
