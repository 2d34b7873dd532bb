//! Resolving a migration by hand: changes the records of the ledger, without running anything.
//!
//! The user vouches for the tables. Every resolution is kept in the ledger, with its author.

use super::{Migration, Record, RecordState, migration_status::renamed_from};
use crate::{plan::fingerprint, snapshot::MigrationName};
use serde::{Deserialize, Serialize};

/// The ways to resolve a migration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ResolutionKind {
    /// The script of an applied migration changed, and its present form counts as applied.
    AcceptChange,
    /// The migration counts as applied.
    Applied,
    /// The migration counts as pending.
    RolledBack,
    /// The migration is removed from the ledger.
    Forget,
}

impl ResolutionKind {
    /// Returns the flag that requests it.
    pub fn flag(self) -> &'static str {
        match self {
            Self::AcceptChange => "--accept-change",
            Self::Applied => "--applied",
            Self::RolledBack => "--rolled-back",
            Self::Forget => "--forget",
        }
    }
}

/// An entry of the ledger about a resolution: its author, time and kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Resolution {
    /// The migration.
    pub migration: String,
    /// The kind.
    pub kind: ResolutionKind,
    /// The user and the machine: `ada@build-7`.
    pub by: String,
    /// The time, in seconds since 1970.
    pub at: u64,
    /// The version of mizzle.
    pub tool: String,
    /// The record as it was before; `None` if there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Record>,
}

/// The reason why a migration cannot be resolved that way.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unresolvable {
    /// The ledger already holds the present script.
    #[error("{0} is not changed: the ledger holds the script as it is now")]
    NotChanged(String),
    /// Only an applied migration can have changed.
    #[error("{0} is not applied")]
    NotApplied(String),
    /// The migration is already applied.
    #[error("{0} is applied already")]
    AlreadyApplied(String),
    /// An earlier migration is pending.
    #[error("{earlier} comes before {name} and is not applied")]
    EarlierPending {
        /// The migration.
        name: String,
        /// The pending one.
        earlier: MigrationName,
    },
    /// A later migration was applied or started.
    #[error("{later} comes after {name} and was applied or begun")]
    LaterApplied {
        /// The migration.
        name: String,
        /// The first such migration.
        later: MigrationName,
    },
    /// The ledger does not hold the migration.
    #[error("the ledger does not hold {0}")]
    NotRecorded(String),
    /// The migration has no script.
    #[error("{0} is not in the migrations folder")]
    NoScript(String),
    /// The migration has a script.
    #[error("{0} is in the migrations folder")]
    HasScript(String),
}

/// The effects of a migration on the set of tables.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Effects {
    /// The fingerprints of the calls of its script; empty if the script cannot be recorded.
    pub steps: Vec<String>,
    /// The tables that its snapshot adds to the previous one, by their names in scripts.
    pub created: Vec<String>,
}

/// A change of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The record is written.
    Write(Box<Record>),
    /// The record is written, and the one under the former name is deleted.
    Rename {
        /// The record.
        record: Box<Record>,
        /// The former name.
        from: String,
    },
    /// The record is deleted.
    Remove,
}

/// Resolves the migration `name`, and returns the change to the ledger. `migrations` are the
/// scripts of the folder and `records` those of the ledger, both in order. `new` creates a record
/// of a script with the present time and without steps.
///
/// # Errors
///
/// If the migration cannot be resolved that way.
pub fn resolve(
    kind: ResolutionKind,
    name: &str,
    (migrations, records): (&[Migration], &[Record]),
    effects: Effects,
    new: impl FnOnce(&Migration) -> Record,
) -> Result<Change, Unresolvable> {
    let script = migrations.iter().find(|migration| migration.name.to_string() == name);
    let record = records.iter().find(|record| record.name == name);
    let own = || name.to_owned();
    let recorded = |migration: &Migration| {
        records.iter().find(|record| record.name == migration.name.to_string())
    };
    match kind {
        ResolutionKind::AcceptChange => {
            if let (None, Some(script)) = (record, script)
                && let Some(former) = renamed_from(script, migrations, records)
            {
                let record = Box::new(Record { name: own(), ..former.clone() });
                return Ok(Change::Rename { record, from: former.name.clone() });
            }
            let record = record.ok_or_else(|| Unresolvable::NotRecorded(own()))?;
            let script = script.ok_or_else(|| Unresolvable::NoScript(own()))?;
            match record.state {
                RecordState::Applied if record.checksum == script.checksum => {
                    Err(Unresolvable::NotChanged(own()))
                }
                RecordState::Applied => Ok(Change::Write(Box::new(Record {
                    checksum: script.checksum.clone(),
                    files: script.files.clone(),
                    ..record.clone()
                }))),
                RecordState::Running | RecordState::Failed | RecordState::Undoing => {
                    Err(Unresolvable::NotApplied(own()))
                }
            }
        }
        ResolutionKind::Applied => {
            let script = script.ok_or_else(|| Unresolvable::NoScript(own()))?;
            if record.is_some_and(|record| record.state == RecordState::Applied) {
                return Err(Unresolvable::AlreadyApplied(own()));
            }
            let is_pending = |migration: &&Migration| {
                migration.name < script.name
                    && recorded(migration).is_none_or(|record| record.state != RecordState::Applied)
            };
            if let Some(earlier) = migrations.iter().find(is_pending) {
                let earlier = earlier.name.clone();
                return Err(Unresolvable::EarlierPending { name: own(), earlier });
            }
            Ok(Change::Write(Box::new(applied(script, record, effects, new))))
        }
        ResolutionKind::RolledBack => {
            record.ok_or_else(|| Unresolvable::NotRecorded(own()))?;
            let script = script.ok_or_else(|| Unresolvable::NoScript(own()))?;
            let is_later = |migration: &&Migration| {
                migration.name > script.name && recorded(migration).is_some()
            };
            match migrations.iter().find(is_later) {
                Some(later) => {
                    let later = later.name.clone();
                    Err(Unresolvable::LaterApplied { name: own(), later })
                }
                None => Ok(Change::Remove),
            }
        }
        ResolutionKind::Forget => {
            record.ok_or_else(|| Unresolvable::NotRecorded(own()))?;
            match script {
                Some(_) => Err(Unresolvable::HasScript(own())),
                None => Ok(Change::Remove),
            }
        }
    }
}

/// Returns the record of a migration that counts as applied. A rollback keeps the tables that no
/// run of the migration has created.
fn applied(
    script: &Migration,
    before: Option<&Record>,
    Effects { steps, created }: Effects,
    new: impl FnOnce(&Migration) -> Record,
) -> Record {
    let (done, mut adopted): (&[String], Vec<String>) = match before {
        None => (&[], Vec::new()),
        Some(record) => match (&record.forward, record.state) {
            (Some(forward), RecordState::Undoing) => (&forward.steps, forward.adopted.clone()),
            _ => (&record.steps, record.adopted.clone()),
        },
    };
    let created_by = |step: &String| fingerprint::created_table(step).map(str::to_owned);
    let own: Vec<String> = done.iter().filter_map(created_by).collect();
    let others = steps.iter().filter_map(created_by).chain(created);
    adopted.extend(others.filter(|table| !own.contains(table)));
    adopted.sort();
    adopted.dedup();
    Record { state: RecordState::Applied, steps, adopted, ..new(script) }
}
