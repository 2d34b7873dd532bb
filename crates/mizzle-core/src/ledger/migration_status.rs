//! Compares the scripts of a project with the ledger of an environment.

use super::{Record, RecordState};
use crate::{snapshot::MigrationName, text};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, UNIX_EPOCH},
};

/// A script in the migrations folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migration {
    /// Its number and name.
    pub name: MigrationName,
    /// Its fingerprint.
    pub checksum: String,
    /// The fingerprints of the files that it consists of, by their paths relative to the migrations
    /// folder. Empty if it imports nothing of the project.
    pub files: BTreeMap<String, String>,
}

impl Migration {
    /// Returns the files that changed since a record was written.
    fn changed_files(&self, record: &Record) -> Vec<ChangedFile> {
        let own = self.name.script_file();
        // A script without imports from the project is one file.
        let whole = |files: &BTreeMap<String, String>, checksum: &String| match files.is_empty() {
            true => BTreeMap::from([(own.clone(), checksum.clone())]),
            false => files.clone(),
        };
        let before = whole(&record.files, &record.checksum);
        let now = whole(&self.files, &self.checksum);
        let names: BTreeSet<&String> = before.keys().chain(now.keys()).collect();
        let changed = names.into_iter().filter_map(|name| {
            let change = match (before.get(name), now.get(name)) {
                (Some(_), None) => FileChange::Gone,
                (None, Some(_)) => FileChange::New,
                (before, now) if before != now => FileChange::Differs,
                _ => return None,
            };
            Some(ChangedFile { name: name.clone(), change })
        });
        changed.collect()
    }
}

/// A file of a script that changed after the script was applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedFile {
    /// Its path relative to the migrations folder.
    pub name: String,
    /// The difference.
    pub change: FileChange,
}

/// The difference between a file of a script and the file that was applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileChange {
    /// The content differs.
    Differs,
    /// The file does not exist, or the script does not import it any more.
    Gone,
    /// The script did not import the file then.
    New,
}

/// The time when a migration was applied, and the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppliedBy {
    /// The time, in seconds since 1970.
    pub at: u64,
    /// The user and the machine: `ada@build-7`.
    pub by: String,
}

impl AppliedBy {
    /// Returns the time and the user of a record.
    pub fn of(record: &Record) -> Self {
        Self { at: record.finished_at.unwrap_or(record.started_at), by: record.by.clone() }
    }

    /// Returns the time in RFC 3339 format: `2026-11-28T10:11:12Z`.
    pub fn time(&self) -> String {
        // RFC 3339 ends with the year 9999.
        let at = UNIX_EPOCH + Duration::from_secs(self.at.min(253_402_300_799));
        humantime::format_rfc3339_seconds(at).to_string()
    }
}

impl std::fmt::Display for AppliedBy {
    /// Formats it as `2026-11-28T10:11:12Z by ada@build-7`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} by {}", self.time(), text::printable(&self.by))
    }
}

/// The status of a script in the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MigrationStatus {
    /// Applied.
    Applied,
    /// Not run yet.
    Pending,
    /// Started and not finished: killed, or still running.
    Unfinished,
    /// Ended with an error.
    Failed,
    /// Being rolled back, or its rollback was not finished.
    Undoing,
}

/// A mismatch between the scripts and the ledger.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LedgerProblem {
    /// A script was changed after it was applied.
    #[error("{name} was changed after it was applied ({applied}){}", changed(.files))]
    Changed {
        /// The migration.
        name: MigrationName,
        /// The files that changed.
        files: Vec<ChangedFile>,
        /// The time and the user in the ledger.
        applied: AppliedBy,
    },
    /// A script was applied under another name.
    #[error("{to} is the migration that was applied as {from} ({applied})")]
    Renamed {
        /// The name in the ledger.
        from: String,
        /// The name in the folder.
        to: MigrationName,
        /// The time and the user in the ledger.
        applied: AppliedBy,
    },
    /// The ledger does not hold any migration of the project.
    #[error("{}", foreign(.project.as_deref(), *.migrations))]
    Foreign {
        /// The project in the ledger, if it is recorded there.
        project: Option<String>,
        /// The number of migrations in the ledger.
        migrations: usize,
    },
    /// A pending script comes before one that was run or started.
    #[error("{pending} comes before {later}, which {}, and was not applied itself", did(*.standing))]
    OutOfOrder {
        /// The pending script.
        pending: MigrationName,
        /// The first script after it that was run or started.
        later: MigrationName,
        /// The status of the later script.
        standing: MigrationStatus,
    },
    /// A migration was at least partly run, and has no script.
    #[error("{name} {}, and is not in the migrations folder", became(*.state, *.steps))]
    Missing {
        /// The migration.
        name: String,
        /// The recorded state.
        state: RecordState,
        /// The number of steps that are done or started.
        steps: usize,
    },
    /// A migration did not run any of its steps, and has no script any more.
    #[error(
        "{0} came to none of its steps, and is not in the migrations folder any more: the next `mizzle migrate` forgets it"
    )]
    Abandoned(String),
}

impl LedgerProblem {
    /// True if the problem blocks every run.
    pub fn is_in_the_way(&self) -> bool {
        match self {
            Self::Changed { .. }
            | Self::Renamed { .. }
            | Self::Foreign { .. }
            | Self::OutOfOrder { .. }
            | Self::Missing { .. } => true,
            Self::Abandoned(_) => false,
        }
    }
}

fn did(standing: MigrationStatus) -> &'static str {
    match standing {
        MigrationStatus::Applied => "was applied",
        MigrationStatus::Pending => "is pending",
        MigrationStatus::Unfinished => "was begun",
        MigrationStatus::Failed => "failed",
        MigrationStatus::Undoing => "is being undone",
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

/// Formats the changes of files:
/// `: src/names.ts differs; src/old.ts is gone or not imported any more`.
fn changed(files: &[ChangedFile]) -> String {
    let words = |change: FileChange| {
        let files = files.iter().filter(|file| file.change == change);
        let names: Vec<&str> = files.map(|file| file.name.as_str()).collect();
        let (one, many) = match change {
            FileChange::Differs => ("differs", "differ"),
            FileChange::Gone => {
                ("is gone or not imported any more", "are gone or not imported any more")
            }
            FileChange::New => ("was not imported then", "were not imported then"),
        };
        match names.as_slice() {
            [] => None,
            [name] => Some(format!("{name} {one}")),
            names => Some(format!("{} {many}", text::list(names))),
        }
    };
    let parts = [FileChange::Differs, FileChange::Gone, FileChange::New].into_iter();
    let parts: Vec<String> = parts.filter_map(words).collect();
    if parts.is_empty() { String::new() } else { format!(": {}", parts.join("; ")) }
}

fn foreign(project: Option<&str>, migrations: usize) -> String {
    let migrations = text::count(migrations, "migration", "migrations");
    match project {
        Some(project) => format!(
            "the ledger belongs to the project {project:?}: it holds {migrations}, none of this project"
        ),
        None => format!(
            "the ledger holds {migrations}, and none of them is in the migrations folder: it seems to belong to another project"
        ),
    }
}

/// Returns the status of each script, in the order of the scripts, and the mismatches between
/// scripts and ledger. `project` is the name of the project that the scripts belong to, if it has
/// one.
pub fn standings(
    migrations: &[Migration],
    records: &[Record],
    project: Option<&str>,
) -> (Vec<MigrationStatus>, Vec<LedgerProblem>) {
    if let Some(foreign) = foreign_ledger(migrations, records, project) {
        return (vec![MigrationStatus::Pending; migrations.len()], vec![foreign]);
    }
    let record = |migration: &Migration| {
        let name = migration.name.to_string();
        records.iter().find(|record| record.name == name)
    };
    let mut problems = Vec::new();
    let mut standings = Vec::new();
    for migration in migrations {
        let record = record(migration);
        let standing = record.map_or(MigrationStatus::Pending, |record| match record.state {
            RecordState::Applied => MigrationStatus::Applied,
            RecordState::Running => MigrationStatus::Unfinished,
            RecordState::Undoing => MigrationStatus::Undoing,
            RecordState::Failed => MigrationStatus::Failed,
        });
        // A failed script may be fixed, and an unfinished one is checked step by step.
        if let Some(record) = record.filter(|record| {
            standing == MigrationStatus::Applied && record.checksum != migration.checksum
        }) {
            problems.push(LedgerProblem::Changed {
                name: migration.name.clone(),
                files: migration.changed_files(record),
                applied: AppliedBy::of(record),
            });
        }
        standings.push(standing);
    }
    let is_missing = |record: &&Record| {
        migrations.iter().all(|migration| migration.name.to_string() != record.name)
    };
    let missing_records: Vec<&Record> = records.iter().filter(is_missing).collect();
    let mut renamed = BTreeMap::new();
    for (migration, standing) in migrations.iter().zip(&standings) {
        if *standing != MigrationStatus::Pending {
            continue;
        }
        if let Some(record) = former(migration, migrations, &missing_records) {
            renamed.insert(record.name.as_str(), migration);
        }
    }
    let is_renamed =
        |migration: &Migration| renamed.values().any(|renamed| renamed.name == migration.name);
    for (position, migration) in migrations.iter().enumerate() {
        let mut later = migrations.iter().zip(&standings).skip(position);
        let later = later.find(|(_, standing)| **standing != MigrationStatus::Pending);
        if let (MigrationStatus::Pending, Some((later, standing))) = (standings[position], later)
            && !is_renamed(migration)
        {
            problems.push(LedgerProblem::OutOfOrder {
                pending: migration.name.clone(),
                later: later.name.clone(),
                standing: *standing,
            });
        }
    }
    problems.extend(missing_records.into_iter().map(
        |record| match renamed.get(record.name.as_str()) {
            Some(migration) => LedgerProblem::Renamed {
                from: record.name.clone(),
                to: migration.name.clone(),
                applied: AppliedBy::of(record),
            },
            None => missing(record),
        },
    ));
    (standings, problems)
}

/// Returns a problem with the whole ledger, if it holds no script of the project. Changed scripts
/// still belong to the project, but a single record with the same name is too little evidence.
fn foreign_ledger(
    migrations: &[Migration],
    records: &[Record],
    project: Option<&str>,
) -> Option<LedgerProblem> {
    let is_own = |record: &Record| {
        migrations.iter().any(|migration| migration.checksum == record.checksum)
            || project.is_some() && record.project.as_deref() == project
    };
    if records.is_empty() || records.iter().any(is_own) {
        return None;
    }
    let named = records.iter().find_map(|record| record.project.clone());
    let is_of_another = named.is_some();
    let is_known = |record: &Record| {
        migrations.iter().any(|migration| migration.name.to_string() == record.name)
    };
    // Many projects have names such as `0001_init`. If the scripts have all names of the ledger,
    // only their contents were changed.
    let seems_foreign = !migrations.is_empty()
        && !records.iter().all(is_known)
        && records.iter().any(|record| record.state == RecordState::Applied);
    (is_of_another || seems_foreign)
        .then_some(LedgerProblem::Foreign { project: named, migrations: records.len() })
}

/// Returns the record of a script under its former name, as [`standings`] finds it.
pub(super) fn renamed_from<'a>(
    script: &Migration,
    migrations: &[Migration],
    records: &'a [Record],
) -> Option<&'a Record> {
    let is_missing = |record: &&Record| {
        migrations.iter().all(|migration| migration.name.to_string() != record.name)
    };
    let missing: Vec<&Record> = records.iter().filter(is_missing).collect();
    former(script, migrations, &missing)
}

/// Returns the record of a migration that was renamed: the only record without a script that has
/// the migration's fingerprint, if no other script has that fingerprint.
fn former<'a>(
    migration: &Migration,
    migrations: &[Migration],
    missing: &[&'a Record],
) -> Option<&'a Record> {
    let same = |other: &&Migration| other.checksum == migration.checksum;
    let is_former = |record: &&&Record| {
        record.state == RecordState::Applied && record.checksum == migration.checksum
    };
    let mut formers = missing.iter().filter(is_former);
    let former = formers.next()?;
    (formers.next().is_none() && migrations.iter().filter(same).count() == 1).then_some(*former)
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
