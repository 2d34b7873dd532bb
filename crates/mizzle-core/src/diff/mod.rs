//! What separates two states of the tables. Pure and total: any two states can be compared.
//!
//! Only what has a meaning is compared: order never matters where DynamoDB gives it none, types of
//! attributes that no key uses are ignored, and a setting that the desired state leaves out is
//! unmanaged.

use crate::model::{
    GlobalSecondaryIndex, KeySchemaElement, KeyType, LocalSecondaryIndex, ScalarType,
    TableDefinition,
};
use std::{collections::BTreeMap, fmt};

mod describe;

/// All differences between two states, by table name.
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
    /// The table is in both, and differs.
    Update(TableUpdate),
    /// The table is only in the present state.
    Delete(TableDefinition),
}

/// A table that is in both states, and how it differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableUpdate {
    /// The present state.
    pub before: TableDefinition,
    /// The desired state.
    pub after: TableDefinition,
    /// The differences: the key first, then LSIs, then GSIs, each by name.
    pub changes: Vec<Change>,
}

/// One difference within a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The table's own key: names, roles or types.
    Key {
        /// The present key.
        before: Key,
        /// The desired key.
        after: Key,
    },
    /// An LSI is missing.
    AddLocalIndex(LocalSecondaryIndex),
    /// An LSI is too much.
    DropLocalIndex(LocalSecondaryIndex),
    /// An LSI differs.
    ChangeLocalIndex {
        /// The index as desired.
        after: LocalSecondaryIndex,
        /// How it differs.
        aspects: IndexAspects,
    },
    /// A GSI is missing.
    AddGlobalIndex(GlobalSecondaryIndex),
    /// A GSI is too much.
    DropGlobalIndex(GlobalSecondaryIndex),
    /// A GSI differs.
    ChangeGlobalIndex {
        /// The index as it is.
        before: GlobalSecondaryIndex,
        /// The index as desired.
        after: GlobalSecondaryIndex,
        /// How it differs.
        aspects: IndexAspects,
    },
}

/// How two indexes of one name differ; at least one of the fields is set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexAspects {
    /// The keys, when they differ: present, desired.
    pub key: Option<(Key, Key)>,
    /// The projections in words, when they differ: present, desired.
    pub projection: Option<(String, String)>,
}

/// A key with the types of its attributes, which is what DynamoDB identifies it by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key(Vec<KeyPart>);

/// One attribute of a key. The type is `None` when the definition does not state it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct KeyPart {
    attribute: String,
    key_type: KeyType,
    attribute_type: Option<ScalarType>,
}

impl Key {
    /// The key that `schema` makes of the attributes of `table`.
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
    /// Whether the states are the same.
    pub fn is_empty(&self) -> bool {
        self.tables.is_empty()
    }
}

impl TableDiff {
    /// The table's name.
    pub fn table(&self) -> &str {
        match self {
            Self::Create(definition) | Self::Delete(definition) => &definition.table_name,
            Self::Update(update) => &update.after.table_name,
        }
    }
}

/// Compares two states: what has to change for `before` to become `after`.
///
/// A table that is only in `before` is a deletion; leave it out of `before` when it is none of the
/// project's business.
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
            [Some(before), Some(after)] => diff_table(before, after).map(TableDiff::Update),
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

    for index in &before.local_secondary_indexes {
        match after.local_index(&index.index_name) {
            None => changes.push(Change::DropLocalIndex(index.clone())),
            Some(desired) => {
                let present = (&before, index.key_schema.as_slice(), &index.projection);
                let wanted = (&after, desired.key_schema.as_slice(), &desired.projection);
                if let Some(aspects) = index_aspects(present, wanted) {
                    changes.push(Change::ChangeLocalIndex { after: desired.clone(), aspects });
                }
            }
        }
    }
    for index in &after.local_secondary_indexes {
        if before.local_index(&index.index_name).is_none() {
            changes.push(Change::AddLocalIndex(index.clone()));
        }
    }

    for index in &before.global_secondary_indexes {
        match after.global_index(&index.index_name) {
            None => changes.push(Change::DropGlobalIndex(index.clone())),
            Some(desired) => {
                let present = (&before, index.key_schema.as_slice(), &index.projection);
                let wanted = (&after, desired.key_schema.as_slice(), &desired.projection);
                if let Some(aspects) = index_aspects(present, wanted) {
                    changes.push(Change::ChangeGlobalIndex {
                        before: index.clone(),
                        after: desired.clone(),
                        aspects,
                    });
                }
            }
        }
    }
    for index in &after.global_secondary_indexes {
        if before.global_index(&index.index_name).is_none() {
            changes.push(Change::AddGlobalIndex(index.clone()));
        }
    }

    (!changes.is_empty()).then_some(TableUpdate { before, after, changes })
}

type Side<'a> = (&'a TableDefinition, &'a [KeySchemaElement], &'a crate::model::Projection);

fn index_aspects(before: Side<'_>, after: Side<'_>) -> Option<IndexAspects> {
    let key = (Key::of(before.0, before.1), Key::of(after.0, after.1));
    let aspects = IndexAspects {
        key: (key.0 != key.1).then_some(key),
        projection: (before.2 != after.2).then(|| (before.2.to_string(), after.2.to_string())),
    };
    (aspects.key.is_some() || aspects.projection.is_some()).then_some(aspects)
}
