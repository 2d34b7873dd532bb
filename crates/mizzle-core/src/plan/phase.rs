//! The steps of settings, and their places among the steps of a table.

use super::{Call, Facts, Hazard, UpdateTable};
use crate::settings::InRequests;

/// The place of a setting's step among those of its table, in the order of the steps. Throughput and
/// indexes come after the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Phase {
    /// Backups are enabled before any other change.
    BackupsOn,
    /// Settings keep the order of their list.
    Settings,
    /// Backups are disabled after all changes that may need them.
    BackupsOff,
    /// Amazon's DynamoDB Local resets deletion protection with every other update of the table.
    DeletionProtection,
    /// DynamoDB accepts the step only about an hour after a previous one.
    AnHourLater,
}

/// A step of a setting.
#[derive(Debug)]
pub(crate) struct SettingStep {
    pub(crate) phase: Phase,
    /// The step's name within its table.
    pub(crate) action: String,
    pub(crate) call: Call,
    pub(crate) hazards: Vec<Hazard>,
}

impl SettingStep {
    pub(crate) fn new(phase: Phase, action: impl Into<String>, call: Call) -> Self {
        Self { phase, action: action.into(), call, hazards: Vec::new() }
    }

    /// Returns the step with these hazards.
    pub(crate) fn hazards(self, hazards: impl IntoIterator<Item = Hazard>) -> Self {
        Self { hazards: hazards.into_iter().collect(), ..self }
    }
}

/// The table that a setting is planned for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Situation<'a> {
    /// Its name.
    pub(crate) table: &'a str,
    /// The facts about the table; `None` if it does not exist yet, or is unknown.
    pub(crate) facts: Option<&'a Facts>,
}

impl Situation<'_> {
    /// Returns an `UpdateTable` that changes one setting.
    pub(crate) fn update<S: InRequests>(self, value: S::Value) -> Call {
        let mut request =
            UpdateTable { table_name: self.table.to_owned(), ..UpdateTable::default() };
        *S::of_update_mut(&mut request) = Some(value);
        Call::UpdateTable(request)
    }
}
