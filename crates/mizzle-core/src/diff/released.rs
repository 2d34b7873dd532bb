//! Settings that are no longer managed. They are not differences, because nothing has to change;
//! but a snapshot that still contained them would still be compared.

use super::{Change, SettingChange, TableDiff, TableUpdate, diff};
use crate::model::TableDefinition;
use std::collections::BTreeSet;

/// The settings of a table that are no longer managed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Released {
    /// The table.
    pub table: String,
    /// The settings: `capacity of byEmail`, `stream`.
    pub settings: Vec<String>,
}

impl Released {
    /// Returns one line for each setting: `leave stream to others`.
    pub fn details(&self) -> Vec<String> {
        self.settings.iter().map(|setting| format!("leave {setting} to others")).collect()
    }
}

/// Returns the settings that `before` contains and `after` leaves out, by table.
pub fn released<'a>(
    before: impl IntoIterator<Item = &'a TableDefinition> + Clone,
    after: impl IntoIterator<Item = &'a TableDefinition> + Clone,
) -> Vec<Released> {
    let there = diff(before.clone(), after.clone());
    // In the reverse diff, a setting that is not stated counts as different.
    let back = diff(after, before);
    let released = back.tables.iter().filter_map(update).filter_map(|update| {
        let table = &update.after.table_name;
        let changed = there.tables.iter().filter_map(self::update);
        let changed: BTreeSet<String> = changed
            .filter(|update| update.after.table_name == *table)
            .flat_map(|update| update.changes.iter().map(Change::subject))
            .collect();
        let settings = update.changes.iter().filter_map(Change::setting).map(SettingChange::name);
        let settings: Vec<String> = settings.filter(|setting| !changed.contains(setting)).collect();
        (!settings.is_empty()).then(|| Released { table: table.clone(), settings })
    });
    released.collect()
}

fn update(table: &TableDiff) -> Option<&TableUpdate> {
    match table {
        TableDiff::Update(update) => Some(update),
        TableDiff::Create(_) | TableDiff::Delete(_) => None,
    }
}
