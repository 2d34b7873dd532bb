//! How the scripts of a project stand to the ledger of an environment.

use super::{Record, RecordState};
use crate::snapshot::MigrationName;

/// A script in the migrations folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migration {
    /// Its number and name.
    pub name: MigrationName,
    /// Its fingerprint.
    pub checksum: String,
}

/// How a script stands to the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It was applied.
    Applied,
    /// It was not run yet.
    Pending,
    /// It was begun and not finished: killed, or still running.
    Unfinished,
    /// It ended with an error.
    Failed,
    /// It is being undone, and that was not finished.
    Undoing,
}

/// Why the scripts and the ledger do not fit together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LedgerProblem {
    /// A script was changed after it was applied.
    #[error("{0} was changed after it was applied")]
    Changed(MigrationName),
    /// A script comes before one that was applied, and was not.
    #[error("{pending} comes before {applied}, which was applied, and was not applied itself")]
    OutOfOrder {
        /// The script that was not applied.
        pending: MigrationName,
        /// The first applied one after it.
        applied: MigrationName,
    },
    /// A migration was applied, and there is no script of its name.
    #[error("{0} was applied, and is not in the migrations folder")]
    Missing(String),
}

/// How each script stands, in the order of the scripts, and what does not fit.
pub fn standings(
    migrations: &[Migration],
    records: &[Record],
) -> (Vec<Standing>, Vec<LedgerProblem>) {
    let record = |migration: &Migration| {
        let name = migration.name.to_string();
        records.iter().find(|record| record.name == name)
    };
    let mut problems = Vec::new();
    let mut standings = Vec::new();
    for migration in migrations {
        let record = record(migration);
        let standing = record.map_or(Standing::Pending, |record| match record.state {
            RecordState::Applied => Standing::Applied,
            RecordState::Running => Standing::Unfinished,
            RecordState::Undoing => Standing::Undoing,
            RecordState::Failed => Standing::Failed,
        });
        // One that failed may be mended; one that is half done is checked step by step.
        if standing == Standing::Applied
            && record.is_some_and(|record| record.checksum != migration.checksum)
        {
            problems.push(LedgerProblem::Changed(migration.name.clone()));
        }
        standings.push(standing);
    }
    for (position, migration) in migrations.iter().enumerate() {
        let later =
            standings[position..].iter().position(|standing| *standing == Standing::Applied);
        if let (Standing::Pending, Some(later)) = (standings[position], later) {
            problems.push(LedgerProblem::OutOfOrder {
                pending: migration.name.clone(),
                applied: migrations[position + later].name.clone(),
            });
        }
    }
    let is_missing = |record: &&Record| {
        migrations.iter().all(|migration| migration.name.to_string() != record.name)
    };
    problems.extend(
        records.iter().filter(is_missing).map(|record| LedgerProblem::Missing(record.name.clone())),
    );
    (standings, problems)
}
