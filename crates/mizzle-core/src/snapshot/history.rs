//! The migrations of a project in their order, and the resulting state.

use super::format::Snapshot;
use crate::model::TableDefinition;
use std::{collections::BTreeMap, fmt};
use uuid::Uuid;

/// The number and name of a migration, written as `0007_add_orders`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct MigrationName {
    /// The number, counted from 1.
    pub number: u64,
    /// The name: letters, digits, `_` and `-`.
    pub name: String,
}

impl MigrationName {
    /// Reads `0007_add_orders`; returns `None` if the text does not have that form.
    pub fn parse(text: &str) -> Option<Self> {
        let (number, name) = text.split_once('_')?;
        let is_number = number.len() >= 4 && number.bytes().all(|byte| byte.is_ascii_digit());
        (is_number && !name.is_empty())
            .then(|| Some(Self { number: number.parse().ok()?, name: name.to_owned() }))
            .flatten()
    }

    /// Returns the script's file name.
    pub fn script_file(&self) -> String {
        format!("{self}.ts")
    }

    /// Returns the snapshot's file name.
    pub fn snapshot_file(&self) -> String {
        format!("{self}.snapshot.json")
    }
}

impl fmt::Display for MigrationName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}_{}", self.number, self.name)
    }
}

/// The state that the next migration starts from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Head {
    /// The newest snapshot's id; `None` before the first.
    pub id: Option<Uuid>,
    /// The tables by name.
    pub tables: BTreeMap<String, TableDefinition>,
}

/// An error of snapshots that do not lead to one state.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum HistoryError {
    /// Two migrations start from the same state: two branches were merged.
    #[error("{first} and {second} both start from the same snapshot")]
    Forked {
        /// The one with the lower number, or the first by name.
        first: MigrationName,
        /// The second migration with the same parent.
        second: MigrationName,
    },
    /// A migration starts from one that runs after it.
    #[error("{migration} starts from {parent}, which comes after it")]
    OutOfOrder {
        /// The migration.
        migration: MigrationName,
        /// The migration that it starts from.
        parent: MigrationName,
    },
    /// A migration starts from a missing snapshot.
    #[error("{migration} starts from a snapshot that is not in the folder")]
    MissingParent {
        /// The migration.
        migration: MigrationName,
    },
}

/// Returns the state that results from the snapshots.
///
/// `baseline` is the state before the first of them: that of a first-format snapshot, or an empty
/// one.
///
/// # Errors
///
/// The snapshots are not one chain.
pub fn head(
    baseline: BTreeMap<String, TableDefinition>,
    snapshots: &[(MigrationName, Snapshot)],
) -> Result<Head, HistoryError> {
    let mut children: BTreeMap<Option<Uuid>, &MigrationName> = BTreeMap::new();
    let mut ordered: Vec<&(MigrationName, Snapshot)> = snapshots.iter().collect();
    ordered.sort_by(|a, b| a.0.cmp(&b.0));
    for (name, snapshot) in &ordered {
        if let Some(first) = children.insert(snapshot.parent_id, name) {
            return Err(HistoryError::Forked { first: first.clone(), second: name.clone() });
        }
        let Some(parent) = snapshot.parent_id else { continue };
        match ordered.iter().find(|(_, other)| other.id == parent) {
            None => return Err(HistoryError::MissingParent { migration: name.clone() }),
            // Scripts run in the order of their numbers, whatever their snapshots contain.
            Some((parent, _)) if parent >= name => {
                let (migration, parent) = (name.clone(), parent.clone());
                return Err(HistoryError::OutOfOrder { migration, parent });
            }
            Some(_) => {}
        }
    }
    // Without forks, gaps and cycles, exactly one snapshot is not a parent.
    let newest =
        ordered.into_iter().find(|(_, snapshot)| !children.contains_key(&Some(snapshot.id)));
    Ok(match newest {
        None => Head { id: None, tables: baseline },
        Some((_, snapshot)) => Head { id: Some(snapshot.id), tables: snapshot.tables.clone() },
    })
}
