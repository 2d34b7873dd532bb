//! The steps of settings, and their places among the steps of a table.

use super::{Call, Facts, Hazard, UpdateTable};
use crate::settings::InRequests;

/// The place of a setting's step among those of its table, in the order of the steps. Throughput and
/// indexes come after the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Phase {
    /// Backups are turned on before anything else is done.
    BackupsOn,
    /// The order among these is that of the list of settings.
    Settings,
    /// Backups are turned off after everything that they may be needed for.
    BackupsOff,
    /// Amazon's DynamoDB Local forgets deletion protection with every other update of the table.
    DeletionProtection,
    /// DynamoDB takes it only about an hour after a step before.
    AnHourLater,
}

/// A step that a setting asks for.
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

    /// The step with what it loses or interrupts.
    pub(crate) fn hazards(self, hazards: impl IntoIterator<Item = Hazard>) -> Self {
        Self { hazards: hazards.into_iter().collect(), ..self }
    }
}

/// The table that a setting is planned for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Situation<'a> {
    /// Its name.
    pub(crate) table: &'a str,
    /// The facts that are known of it; `None` for a table that is not there yet, or not known.
    pub(crate) facts: Option<&'a Facts>,
}

impl Situation<'_> {
    /// An `UpdateTable` that changes one setting.
    pub(crate) fn update<S: InRequests>(self, value: S::Value) -> Call {
        let mut request =
            UpdateTable { table_name: self.table.to_owned(), ..UpdateTable::default() };
        *S::of_update_mut(&mut request) = Some(value);
        Call::UpdateTable(request)
    }
}
