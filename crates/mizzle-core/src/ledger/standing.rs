//! How the scripts of a project stand to the ledger of an environment.

use super::{Record, RecordState};
use crate::{snapshot::MigrationName, text};

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
    /// A script comes before one that was run or begun, and was not.
    #[error("{pending} comes before {later}, which {}, and was not applied itself", did(*.standing))]
    OutOfOrder {
        /// The script that was not run.
        pending: MigrationName,
        /// The first one after it that was.
        later: MigrationName,
        /// How that one stands.
        standing: Standing,
    },
    /// A migration was run, at least in part, and there is no script of its name.
    #[error("{name} {}, and is not in the migrations folder", became(*.state, *.steps))]
    Missing {
        /// The migration.
        name: String,
        /// What became of it.
        state: RecordState,
        /// The steps that are done or begun.
        steps: usize,
    },
    /// A migration came to none of its steps, and there is no script of its name any more.
    #[error(
        "{0} came to none of its steps, and is not in the migrations folder any more: the next `mizzle migrate` forgets it"
    )]
    Abandoned(String),
}

impl LedgerProblem {
    /// Whether nothing can be run before it is out of the way.
    pub fn is_in_the_way(&self) -> bool {
        match self {
            Self::Changed(_) | Self::OutOfOrder { .. } | Self::Missing { .. } => true,
            Self::Abandoned(_) => false,
        }
    }
}

fn did(standing: Standing) -> &'static str {
    match standing {
        Standing::Applied => "was applied",
        Standing::Pending => "is pending",
        Standing::Unfinished => "was begun",
        Standing::Failed => "failed",
        Standing::Undoing => "is being undone",
    }
}

fn became(state: RecordState, steps: usize) -> String {
    let steps = text::count(steps, "step", "steps");
    match state {
        RecordState::Applied => "was applied".to_owned(),
        RecordState::Failed => format!("failed with {steps} done or begun"),
        RecordState::Running => format!("was not finished, with {steps} done or begun"),
        RecordState::Undoing => "is being undone".to_owned(),
    }
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
        let mut later = migrations.iter().zip(&standings).skip(position);
        let later = later.find(|(_, standing)| **standing != Standing::Pending);
        if let (Standing::Pending, Some((later, standing))) = (standings[position], later) {
            problems.push(LedgerProblem::OutOfOrder {
                pending: migration.name.clone(),
                later: later.name.clone(),
                standing: *standing,
            });
        }
    }
    let is_missing = |record: &&Record| {
        migrations.iter().all(|migration| migration.name.to_string() != record.name)
    };
    problems.extend(records.iter().filter(is_missing).map(missing));
    (standings, problems)
}

fn missing(record: &Record) -> LedgerProblem {
    let (name, state) = (record.name.clone(), record.state);
    let begun = record.deleting.iter().chain(&record.creating).count();
    let steps = record.steps.len() + begun;
    match state {
        RecordState::Failed | RecordState::Running if steps == 0 => LedgerProblem::Abandoned(name),
        RecordState::Failed
        | RecordState::Running
        | RecordState::Applied
        | RecordState::Undoing => LedgerProblem::Missing { name, state, steps },
    }
}
