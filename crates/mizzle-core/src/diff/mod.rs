//! Compares two states of the tables. Pure and total: any two states can be compared.
//!
//! Only meaningful differences count. Order is ignored where DynamoDB ignores it, types of
//! attributes that no key uses are ignored, and a setting that the desired state leaves out is
//! unmanaged.

use crate::model::{
    GlobalSecondaryIndex, KeySchemaElement, KeyType, LocalSecondaryIndex, Projection, ScalarType,
    TableDefinition,
};
use serde::Serialize;
use std::{collections::BTreeMap, fmt};

mod describe;
mod released;
mod settings;

pub use released::{Released, released};
pub use settings::{Owner, SettingChange, ValueChange};

/// All differences between two states.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Diff {
    /// The tables that differ, sorted by name.
    pub tables: Vec<TableDiff>,
}

/// The difference of one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TableDiff {
    /// The table is only in the desired state.
    Create(TableDefinition),
    /// The table is in both states, and differs.
    Update(Box<TableUpdate>),
    /// The table is only in the present state.
    Delete(TableDefinition),
}

/// A table that is in both states, and its differences.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableUpdate {
    /// The present state.
    pub before: TableDefinition,
    /// The desired state.
    pub after: TableDefinition,
    /// The differences: the key first, then LSIs, then GSIs, each by name, then settings.
    pub changes: Vec<Change>,
}

/// One difference within a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(clippy::large_enum_variant, reason = "there are few, and not for long")]
pub enum Change {
    /// The table's own key: names, roles or types.
    Key {
        /// The present key.
        before: Key,
        /// The desired key.
        after: Key,
    },
    /// An LSI that must be created.
    AddLocalIndex(LocalSecondaryIndex),
    /// An LSI that must be deleted.
    DropLocalIndex(LocalSecondaryIndex),
    /// An LSI that differs.
    ChangeLocalIndex {
        /// The index as desired.
        after: LocalSecondaryIndex,
        /// The differences.
        aspects: IndexChanges,
    },
    /// A GSI that must be created.
    AddGlobalIndex(GlobalSecondaryIndex),
    /// A GSI that must be deleted.
    DropGlobalIndex(GlobalSecondaryIndex),
    /// A GSI that differs.
    ChangeGlobalIndex {
        /// The index as it is.
        before: GlobalSecondaryIndex,
        /// The index as desired.
        after: GlobalSecondaryIndex,
        /// The differences.
        aspects: IndexChanges,
    },
    /// A setting that differs.
    Setting(SettingChange),
}

/// The differences between two indexes of the same name; at least one field is set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IndexChanges {
    /// The present and the desired key, if they differ.
    pub key: Option<(Key, Key)>,
    /// The descriptions of the present and the desired projection, if they differ.
    pub projection: Option<(String, String)>,
}

/// A key with the types of its attributes, which are part of its identity in DynamoDB.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Key(Vec<KeyPart>);

/// One attribute of a key. The type is `None` if the definition lacks it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct KeyPart {
    attribute: String,
    key_type: KeyType,
    attribute_type: Option<ScalarType>,
}

impl Key {
    /// Returns the key of `schema` with the attribute types of `table`.
    pub fn of(table: &TableDefinition, schema: &[KeySchemaElement]) -> Self {
        Self(
            schema
                .iter()
                .map(|element| KeyPart {
                    attribute: element.attribute_name.clone(),
                    key_type: element.key_type,
                    attribute_type: table.attribute_type(&element.attribute_name),
                })
                .collect(),
        )
    }
}

impl Key {
    /// True if an attribute that both keys use has different types.
    pub fn changes_a_type(&self, other: &Self) -> bool {
        self.0.iter().any(|part| {
            other.0.iter().any(|twin| {
                twin.attribute == part.attribute && twin.attribute_type != part.attribute_type
            })
        })
    }
}

impl fmt::Display for Key {
    /// `pk S, sk N`; several attributes of one role are joined with `+`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut previous = None;
        for part in &self.0 {
            match previous {
                None => {}
                Some(role) if role == part.key_type => f.write_str(" + ")?,
                Some(_) => f.write_str(", ")?,
            }
            f.write_str(&part.attribute)?;
            if let Some(attribute_type) = part.attribute_type {
                write!(f, " {attribute_type}")?;
            }
            previous = Some(part.key_type);
        }
        Ok(())
    }
}

impl Diff {
    /// True if the states are equal.
    pub fn is_empty(&self) -> bool {
        self.tables.is_empty()
    }

    /// Returns the tables that are only in the desired state.
    pub fn created(&self) -> impl Iterator<Item = &TableDefinition> {
        self.tables.iter().filter_map(|table| match table {
            TableDiff::Create(definition) => Some(definition),
            TableDiff::Update(_) | TableDiff::Delete(_) => None,
        })
    }

    /// Returns the tables that are only in the present state.
    pub fn deleted(&self) -> impl Iterator<Item = &TableDefinition> {
        self.tables.iter().filter_map(|table| match table {
            TableDiff::Delete(definition) => Some(definition),
            TableDiff::Create(_) | TableDiff::Update(_) => None,
        })
    }

    /// Returns the tables that can only be replaced, because their keys or LSIs differ.
    pub fn replaced(&self) -> impl Iterator<Item = &TableUpdate> {
        self.tables.iter().filter_map(|table| match table {
            TableDiff::Update(update) if update.needs_replacement() => Some(&**update),
            TableDiff::Create(_) | TableDiff::Update(_) | TableDiff::Delete(_) => None,
        })
    }
}

impl TableUpdate {
    /// True if a part differs that cannot be changed after creation: the key or an LSI.
    pub fn needs_replacement(&self) -> bool {
        self.changes.iter().any(|change| match change {
            Change::Key { .. }
            | Change::AddLocalIndex(_)
            | Change::DropLocalIndex(_)
            | Change::ChangeLocalIndex { .. } => true,
            Change::AddGlobalIndex(_)
            | Change::DropGlobalIndex(_)
            | Change::ChangeGlobalIndex { .. }
            | Change::Setting(_) => false,
        })
    }
}

impl Change {
    /// Returns the setting if a setting differs.
    pub fn setting(&self) -> Option<&SettingChange> {
        match self {
            Self::Setting(setting) => Some(setting),
            Self::Key { .. }
            | Self::AddLocalIndex(_)
            | Self::DropLocalIndex(_)
            | Self::ChangeLocalIndex { .. }
            | Self::AddGlobalIndex(_)
            | Self::DropGlobalIndex(_)
            | Self::ChangeGlobalIndex { .. } => None,
        }
    }

    /// Returns the name of the part that differs: `GSI byEmail`, `billing mode`.
    pub fn subject(&self) -> String {
        match self {
            Self::Key { .. } => "key".to_owned(),
            Self::AddLocalIndex(index)
            | Self::DropLocalIndex(index)
            | Self::ChangeLocalIndex { after: index, .. } => format!("LSI {}", index.index_name),
            Self::AddGlobalIndex(index)
            | Self::DropGlobalIndex(index)
            | Self::ChangeGlobalIndex { after: index, .. } => format!("GSI {}", index.index_name),
            Self::Setting(setting) => setting.name(),
        }
    }
}

impl TableDiff {
    /// Returns the table's name.
    pub fn table(&self) -> &str {
        match self {
            Self::Create(definition) | Self::Delete(definition) => &definition.table_name,
            Self::Update(update) => &update.after.table_name,
        }
    }
}

/// Compares two states and returns the changes that lead from `before` to `after`.
///
/// A table that is only in `before` is a deletion; omit tables from `before` that the project does
/// not manage.
pub fn diff<'a>(
    before: impl IntoIterator<Item = &'a TableDefinition>,
    after: impl IntoIterator<Item = &'a TableDefinition>,
) -> Diff {
    let mut tables: BTreeMap<&str, [Option<&TableDefinition>; 2]> = BTreeMap::new();
    for table in before {
        tables.entry(&table.table_name).or_default()[0] = Some(table);
    }
    for table in after {
        tables.entry(&table.table_name).or_default()[1] = Some(table);
    }
    let tables = tables
        .into_values()
        .filter_map(|sides| match sides {
            [None, Some(after)] => Some(TableDiff::Create(after.clone())),
            [Some(before), None] => Some(TableDiff::Delete(before.clone())),
            [Some(before), Some(after)] => {
                diff_table(before, after).map(|update| TableDiff::Update(Box::new(update)))
            }
            [None, None] => None,
        })
        .collect();
    Diff { tables }
}

fn diff_table(before: &TableDefinition, after: &TableDefinition) -> Option<TableUpdate> {
    let before = before.clone().normalised();
    let after = after.clone().normalised();
    let mut changes = Vec::new();

    let keys = (Key::of(&before, &before.key_schema), Key::of(&after, &after.key_schema));
    if keys.0 != keys.1 {
        changes.push(Change::Key { before: keys.0, after: keys.1 });
    }

    let local = pairs(
        &before.local_secondary_indexes,
        &after.local_secondary_indexes,
        |index: &LocalSecondaryIndex| &index.index_name,
    );
    for pair in local {
        match pair {
            Pair::Gone(index) => changes.push(Change::DropLocalIndex(index.clone())),
            Pair::New(index) => changes.push(Change::AddLocalIndex(index.clone())),
            Pair::Both(present, wanted) => {
                let keys = (&*present.key_schema, &*wanted.key_schema);
                let projections = (&present.projection, &wanted.projection);
                if let Some(aspects) = index_aspects((&before, &after), keys, projections) {
                    changes.push(Change::ChangeLocalIndex { after: wanted.clone(), aspects });
                }
            }
        }
    }
    let global = pairs(
        &before.global_secondary_indexes,
        &after.global_secondary_indexes,
        |index: &GlobalSecondaryIndex| &index.index_name,
    );
    for pair in global {
        match pair {
            Pair::Gone(index) => changes.push(Change::DropGlobalIndex(index.clone())),
            Pair::New(index) => changes.push(Change::AddGlobalIndex(index.clone())),
            Pair::Both(present, wanted) => {
                let keys = (&*present.key_schema, &*wanted.key_schema);
                let projections = (&present.projection, &wanted.projection);
                if let Some(aspects) = index_aspects((&before, &after), keys, projections) {
                    changes.push(Change::ChangeGlobalIndex {
                        before: present.clone(),
                        after: wanted.clone(),
                        aspects,
                    });
                }
            }
        }
    }

    let is_rebuilt = |name: &str| {
        changes.iter().any(|change| {
            matches!(change, Change::ChangeGlobalIndex { after, .. } if after.index_name == name)
        })
    };
    let settings = settings::changes(&before, &after, is_rebuilt);
    changes.extend(settings.into_iter().map(Change::Setting));

    (!changes.is_empty()).then_some(TableUpdate { before, after, changes })
}

/// Two items of the same name, or one without a counterpart.
enum Pair<'a, T> {
    Gone(&'a T),
    Both(&'a T, &'a T),
    New(&'a T),
}

/// Pairs items by name: present items in their order, then new items.
fn pairs<'a, T>(
    before: &'a [T],
    after: &'a [T],
    name: impl Fn(&T) -> &str,
) -> impl Iterator<Item = Pair<'a, T>> {
    let counterpart = |of: &T, among: &'a [T]| among.iter().find(|other| name(other) == name(of));
    let present: Vec<Pair<'a, T>> = before
        .iter()
        .map(|one| counterpart(one, after).map_or(Pair::Gone(one), |other| Pair::Both(one, other)))
        .collect();
    let new: Vec<Pair<'a, T>> =
        after.iter().filter(|one| counterpart(one, before).is_none()).map(Pair::New).collect();
    present.into_iter().chain(new)
}

fn index_aspects(
    (before, after): (&TableDefinition, &TableDefinition),
    keys: (&[KeySchemaElement], &[KeySchemaElement]),
    projections: (&Projection, &Projection),
) -> Option<IndexChanges> {
    let key = (Key::of(before, keys.0), Key::of(after, keys.1));
    let aspects = IndexChanges {
        key: (key.0 != key.1).then_some(key),
        projection: (projections.0 != projections.1)
            .then(|| (projections.0.to_string(), projections.1.to_string())),
    };
    (aspects.key.is_some() || aspects.projection.is_some()).then_some(aspects)
}
