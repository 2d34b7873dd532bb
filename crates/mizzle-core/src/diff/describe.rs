//! Descriptions of differences, as shown in terminals and in `--json`.

use super::{Change, IndexChanges, Key, TableDiff, settings};
use crate::{
    model::{GlobalSecondaryIndex, LocalSecondaryIndex, TableDefinition},
    text,
};

impl TableDiff {
    /// Returns one [printable](text::printable) line for each difference, or for each part of a new
    /// or deleted table.
    pub fn details(&self) -> Vec<String> {
        match self {
            Self::Create(definition) | Self::Delete(definition) => {
                let printable = |line: String| text::printable(&line).into_owned();
                composition(definition).into_iter().map(printable).collect()
            }
            Self::Update(update) => update
                .changes
                .iter()
                .map(|change| change.words(&update.before, &update.after))
                .collect(),
        }
    }
}

fn composition(table: &TableDefinition) -> Vec<String> {
    let mut lines = vec![format!("key ({})", Key::of(table, &table.key_schema))];
    lines.extend(table.local_secondary_indexes.iter().map(|index| index.words(table)));
    lines.extend(table.global_secondary_indexes.iter().map(|index| index.words(table)));
    lines.extend(settings::composition(table));
    lines
}

impl GlobalSecondaryIndex {
    /// Describes the index with the attribute types of `table`:
    /// `GSI byStatus (status S, createdAt N) ALL`.
    pub(crate) fn words(&self, table: &TableDefinition) -> String {
        format!("{} {}", self.name_and_key(table), self.projection)
    }

    fn name_and_key(&self, table: &TableDefinition) -> String {
        format!("GSI {} ({})", self.index_name, Key::of(table, &self.key_schema))
    }
}

impl LocalSecondaryIndex {
    /// Describes the index with the attribute types of `table`:
    /// `LSI byDate (pk S, createdAt N) ALL`.
    fn words(&self, table: &TableDefinition) -> String {
        format!("{} {}", self.name_and_key(table), self.projection)
    }

    fn name_and_key(&self, table: &TableDefinition) -> String {
        format!("LSI {} ({})", self.index_name, Key::of(table, &self.key_schema))
    }
}

impl Change {
    /// Returns the difference as one [printable](text::printable) line:
    /// `add GSI byEmail (email S) ALL`.
    pub fn words(&self, before: &TableDefinition, after: &TableDefinition) -> String {
        text::printable(&self.raw_words(before, after)).into_owned()
    }

    fn raw_words(&self, before: &TableDefinition, after: &TableDefinition) -> String {
        match self {
            Self::Key { before, after } => format!("change the key from ({before}) to ({after})"),
            Self::AddLocalIndex(index) => format!("add {}", index.words(after)),
            Self::DropLocalIndex(index) => format!("drop {}", index.name_and_key(before)),
            Self::ChangeLocalIndex { after, aspects } => {
                format!("change LSI {}: {}", after.index_name, aspects.words())
            }
            Self::AddGlobalIndex(index) => format!("add {}", index.words(after)),
            Self::DropGlobalIndex(index) => format!("drop {}", index.name_and_key(before)),
            Self::ChangeGlobalIndex { after, aspects, .. } => {
                format!("change GSI {}: {}", after.index_name, aspects.words())
            }
            Self::Setting(setting) => setting.words(),
        }
    }
}

impl IndexChanges {
    /// Describes the differences: `key (a S) → (b S), projection ALL → KEYS_ONLY`.
    pub fn words(&self) -> String {
        let key = self.key.as_ref().map(|(before, after)| format!("key ({before}) → ({after})"));
        let projection = self
            .projection
            .as_ref()
            .map(|(before, after)| format!("projection {before} → {after}"));
        key.into_iter().chain(projection).collect::<Vec<_>>().join(", ")
    }
}
