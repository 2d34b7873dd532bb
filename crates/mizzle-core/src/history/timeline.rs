//! The tables at every point of a migration history.

use super::Tables;
use crate::{diff::Key, model::TableDefinition, snapshot::MigrationName};
use std::collections::{BTreeMap, BTreeSet};

/// The tables after each migration, from the snapshots.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Timeline {
    /// The scripts in their order.
    pub scripts: BTreeSet<MigrationName>,
    /// The tables before the first migration that has its own snapshot.
    pub baseline: Tables,
    /// The tables after each migration that has a snapshot.
    pub tables_after: BTreeMap<MigrationName, Tables>,
}

impl Timeline {
    /// Returns the tables after a migration: from its own snapshot, or, after the last script of
    /// the first format, from the single snapshot of that format.
    pub fn tables_after(&self, migration: &MigrationName) -> Option<&Tables> {
        let Self { scripts, tables_after, baseline } = self;
        tables_after.get(migration).or_else(|| {
            let old = scripts.iter().take_while(|script| !tables_after.contains_key(*script));
            (old.last() == Some(migration)).then_some(baseline)
        })
    }

    /// Returns the tables before a migration.
    pub fn tables_before(&self, migration: &MigrationName) -> Option<&Tables> {
        match self.scripts.range(..migration).next_back() {
            Some(before) => self.tables_after(before),
            None => Some(&self.baseline),
        }
    }

    /// Returns every table that the history ever contained, in all its versions.
    pub fn tables_ever(&self) -> TableForms {
        let mut forms = TableForms::default();
        let tables = self.tables_after.values().chain([&self.baseline]);
        tables.flat_map(BTreeMap::values).for_each(|table| forms.add(table));
        forms
    }

    /// Returns the tables that the history contained before a migration and no longer contains
    /// after it.
    pub fn removed(&self, migration: &MigrationName) -> Vec<RemovedTable<'_>> {
        let mut removed: BTreeMap<&str, RemovedTable<'_>> = BTreeMap::new();
        let mut before = &self.baseline;
        for (by, after) in self.tables_after.range(..=migration) {
            for (name, form) in before {
                let known = removed.entry(name).or_insert_with(|| RemovedTable {
                    name,
                    by,
                    forms: Vec::new(),
                });
                known.by = by;
                known.forms.push(form);
            }
            before = after;
        }
        removed.retain(|name, _| !before.contains_key(*name));
        removed.into_values().collect()
    }
}

/// A table that the history once contained and no longer contains.
#[derive(Debug)]
pub struct RemovedTable<'a> {
    /// The name.
    pub name: &'a str,
    /// The migration that deletes it.
    pub by: &'a MigrationName,
    /// Its definition after each earlier migration.
    forms: Vec<&'a TableDefinition>,
}

impl RemovedTable<'_> {
    /// True if a table of the same name is this table. A table with another key is not the
    /// project's.
    pub fn is(&self, table: &TableDefinition) -> bool {
        self.forms.iter().any(|form| has_key_of(table, form))
    }
}

/// The definitions that tables had at various times, by name.
#[derive(Debug, Default)]
pub struct TableForms(BTreeMap<String, Vec<TableDefinition>>);

impl TableForms {
    fn add(&mut self, form: &TableDefinition) {
        self.0.entry(form.table_name.clone()).or_default().push(form.clone());
    }

    /// True if there was a table of that name.
    pub fn knows(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// True if a table, named `name` in the migrations, is one of these. A table with another key
    /// is not the project's.
    pub fn is(&self, name: &str, table: &TableDefinition) -> bool {
        self.0.get(name).is_some_and(|forms| forms.iter().any(|form| has_key_of(table, form)))
    }
}

impl<'a> FromIterator<RemovedTable<'a>> for TableForms {
    fn from_iter<I: IntoIterator<Item = RemovedTable<'a>>>(removed: I) -> Self {
        let mut forms = Self::default();
        for form in removed.into_iter().flat_map(|removed| removed.forms) {
            forms.add(form);
        }
        forms
    }
}

fn has_key_of(table: &TableDefinition, form: &TableDefinition) -> bool {
    Key::of(table, &table.key_schema) == Key::of(form, &form.key_schema)
}
