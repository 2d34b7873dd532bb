//! Changes that are omitted from a plan because the server cannot make them.

use crate::{
    Context,
    outcome::{Reason, Unapplied},
    ports::{IgnoredSettings, World},
};
use mizzle_core::{
    diff::{Change, Diff, SettingChange, TableDiff, TableUpdate, diff},
    history::Tables,
    model::{TableDefinition, TableDescription},
};

impl<W: World> Context<'_, W> {
    /// Returns the reason why the server cannot make a change of a table; `None` if it can, as far as
    /// is known.
    pub(crate) fn unappliable(
        &self,
        table: &str,
        change: &Change,
        present: Option<&TableDescription>,
    ) -> Option<Reason> {
        if present.is_some_and(|present| is_unsupported(change, present)) {
            return Some(Reason::Unsupported);
        }
        self.is_known_ignored(table, change).then_some(Reason::IgnoredBefore)
    }

    /// True if the server is known to accept a change and to drop it.
    pub(crate) fn is_known_ignored(&self, table: &str, change: &Change) -> bool {
        self.ignored.is_some_and(|ignored| ignored.contains(table, change))
    }

    /// Removes the changes that the server cannot make from a difference to the `present` tables,
    /// and returns them. Nothing is removed for a table that is replaced, because it is created
    /// with all settings.
    pub(crate) fn leave_out_unappliable(
        &self,
        diff: &mut Diff,
        present: &[TableDescription],
    ) -> Vec<Unapplied> {
        let mut left_out = Vec::new();
        retain_changes(diff, |update, change| {
            if update.needs_replacement() {
                return true;
            }
            let name = &update.after.table_name;
            let table = present.iter().find(|table| table.definition.table_name == *name);
            match self.unappliable(name, change, table) {
                Some(reason) => {
                    left_out.push(unapplied(update, change, reason));
                    false
                }
                None => true,
            }
        });
        left_out
    }
}

/// True if the server does not support reading a setting, and therefore cannot change it.
pub(super) fn is_unsupported(change: &Change, table: &TableDescription) -> bool {
    let extra = change.setting().and_then(SettingChange::extra);
    extra.is_some_and(|extra| table.unsupported.contains(&extra))
}

/// Keeps the changes of existing tables for which `is_kept` holds. Creations and deletions of
/// tables stay.
pub(crate) fn retain_changes(
    diff: &mut Diff,
    mut is_kept: impl FnMut(&TableUpdate, &Change) -> bool,
) {
    diff.tables.retain_mut(|table| match table {
        TableDiff::Update(update) => {
            let changes = std::mem::take(&mut update.changes);
            let kept = changes.into_iter().filter(|change| is_kept(update, change)).collect();
            update.changes = kept;
            !update.changes.is_empty()
        }
        TableDiff::Create(_) | TableDiff::Delete(_) => true,
    });
}

/// Returns the changes from the existing tables to their wanted state. Tables that are not wanted
/// or do not exist are ignored.
pub(crate) fn difference_of_present(present: &[TableDescription], wanted: &Tables) -> Diff {
    let pairs = present.iter().filter_map(|table| {
        let wanted = wanted.get(&table.definition.table_name)?;
        Some((table.compared_with(wanted), wanted))
    });
    let (present, wanted): (Vec<TableDefinition>, Vec<&TableDefinition>) = pairs.unzip();
    let mut diff = diff(&present, wanted);
    diff.tables.retain(|table| update(table).is_some());
    diff
}

/// Returns the entry of a change that is not applied.
pub(crate) fn unapplied(update: &TableUpdate, change: &Change, reason: Reason) -> Unapplied {
    Unapplied {
        table: update.after.table_name.clone(),
        setting: change.words(&update.before, &update.after),
        reason,
    }
}

/// Returns the change of an existing table, if it is one.
pub(crate) fn update(table: &TableDiff) -> Option<&TableUpdate> {
    match table {
        TableDiff::Update(update) => Some(update),
        TableDiff::Create(_) | TableDiff::Delete(_) => None,
    }
}
