//! The migrations folder: scripts with their snapshots beside them.
//!
//! Reading needs no lock: each file appears and disappears as a whole, and files that do not match
//! are read again with the lock held. A change is computed from the files that were read, and made
//! under the folder's lock after a second read: another run or version control may have changed the
//! folder in the meantime.

mod commit;
mod file;
mod inspect;
mod lock;

pub(crate) use inspect::{Inspection, Replacement, scripts_in};

use super::read_to_string;
use crate::{
    errors::{CommandError, ErrorKind},
    paths::shown,
};
use commit::{Changes, CommitError};
use file::MigrationFile;
use lock::{FolderLock, LockError};
use mizzle_core::{
    history::{self, Timeline},
    ledger::Migration,
    snapshot::{self, Head, HistoryError, MigrationName, Snapshot},
};
use mizzle_eval::{EvalError, Fingerprint};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

/// The timeout of waiting for another run that is writing its two files.
const PATIENCE: Duration = Duration::from_secs(10);

/// The checksum of every script that does not parse: such scripts do nothing.
const NO_CODE: &str = "does not parse";

/// The migrations of a project.
#[derive(Debug)]
pub(crate) struct Migrations {
    folder: Folder,
    state: State,
}

/// A migration script.
#[derive(Debug, Clone)]
pub(crate) struct Script {
    /// Its number and name.
    pub(crate) name: MigrationName,
    /// The path.
    pub(crate) path: PathBuf,
    /// The checksum of its code, which ignores formatting.
    pub(crate) checksum: String,
    /// The checksum of each source file, by its path relative to the migrations folder; empty if
    /// the script imports no file.
    pub(crate) files: BTreeMap<String, String>,
    /// The parse error of a script that cannot be run. The first CLI wrote such scripts: they can
    /// be listed, and be marked as applied.
    pub(crate) refusal: Option<EvalError>,
}

impl Script {
    /// Returns the migration as it is recorded in a ledger.
    pub(crate) fn migration(&self) -> Migration {
        Migration {
            name: self.name.clone(),
            checksum: self.checksum.clone(),
            files: self.files.clone(),
        }
    }
}

/// The migrations folder.
#[derive(Debug)]
struct Folder {
    path: PathBuf,
    /// The folder that paths in messages are relative to.
    directory: PathBuf,
}

/// The contents of the folder.
#[derive(Debug, PartialEq, Eq)]
struct State {
    /// One more than the highest number of any script or snapshot.
    next_number: u64,
    head: Head,
    /// The scripts, and the tables after each of them.
    timeline: Timeline,
}

impl State {
    /// Returns the state of a folder that does not exist yet.
    fn empty() -> Self {
        Self { next_number: 1, head: Head::default(), timeline: Timeline::default() }
    }
}

impl Migrations {
    /// Reads the folder, after recovering an interrupted run. The folder need not exist. Paths in
    /// messages are relative to `directory`.
    ///
    /// # Errors
    ///
    /// When a snapshot cannot be read, the snapshots do not form one chain, or the next number
    /// would be too large.
    pub(crate) fn open(folder: &Path, directory: &Path) -> Result<Self, CommandError> {
        let folder = Folder::new(folder, directory);
        if !folder.path.exists() {
            let state = State::empty();
            return Ok(Self { folder, state });
        }
        folder.tidy()?;
        let state = match folder.read() {
            Ok(state) if !folder.is_unfinished()? => state,
            // Another run may have been moving its files in that moment, which the lock excludes.
            // If the lock cannot be acquired, the first result counts.
            first => match folder.lock() {
                Err(_) => first?,
                Ok(lock) => {
                    folder.recover(&lock)?;
                    folder.read()?
                }
            },
        };
        Ok(Self { folder, state })
    }

    /// Returns the state after the last migration.
    pub(crate) fn head(&self) -> &Head {
        &self.state.head
    }

    /// Returns the scripts in order, each with its fingerprint.
    ///
    /// # Errors
    ///
    /// When a script cannot be read.
    pub(crate) fn scripts(&self) -> Result<Vec<Script>, CommandError> {
        let read = |name: &MigrationName| {
            let path = self.folder.path.join(name.script_file());
            let text = self.folder.text(&path)?;
            let (checksum, files, refusal) = match mizzle_eval::fingerprint(&path, &text) {
                Ok(Fingerprint { checksum, files }) => (checksum, files, None),
                Err(error) => (NO_CODE.to_owned(), BTreeMap::new(), Some(error)),
            };
            Ok(Script { name: name.clone(), path, checksum, files, refusal })
        };
        self.state.timeline.scripts.iter().map(read).collect()
    }

    /// Returns the tables at every point of the history.
    pub(crate) fn timeline(&self) -> &Timeline {
        &self.state.timeline
    }

    /// Returns the name of the next migration.
    pub(crate) fn next(&self, name: &str) -> MigrationName {
        MigrationName { number: self.state.next_number, name: name.to_owned() }
    }

    /// Returns the newest migration.
    pub(crate) fn newest(&self) -> Option<&MigrationName> {
        self.state.timeline.scripts.last()
    }

    /// Returns the existing files of a migration.
    pub(crate) fn files_of(&self, name: &MigrationName) -> Vec<PathBuf> {
        let files = [name.script_file(), name.snapshot_file()];
        let files = files.map(|file| self.folder.path.join(file));
        files.into_iter().filter(|file| file.exists()).collect()
    }

    /// Removes a migration: both files, or neither.
    ///
    /// # Errors
    ///
    /// When the folder has changed since it was opened, another run holds its lock for too long, or
    /// the files cannot be removed.
    pub(crate) fn remove(&self, name: &MigrationName) -> Result<(), CommandError> {
        let folder = &self.folder;
        let lock = folder.lock()?;
        folder.recover(&lock)?;
        if folder.read()? != self.state {
            let message = format!(
                "{} was changed meanwhile; nothing was removed",
                folder.shown(&folder.path)
            );
            return Err(CommandError::new(ErrorKind::Failed, "migrations-changed", message)
                .hint("run the command again"));
        }
        let files: Vec<String> = self
            .files_of(name)
            .iter()
            .filter_map(|file| Some(file.file_name()?.to_str()?.to_owned()))
            .collect();
        let files: Vec<&str> = files.iter().map(String::as_str).collect();
        folder.write(&lock, &[], &files)
    }

    /// Adds a migration: both files, or neither. Returns their paths, the script first.
    ///
    /// # Errors
    ///
    /// When the folder has changed since it was opened, another run holds its lock for too long,
    /// the files cannot be written, or a migration of this name already exists.
    pub(crate) fn add(
        &self,
        name: &MigrationName,
        script: &str,
        snapshot: &Snapshot,
    ) -> Result<[PathBuf; 2], CommandError> {
        let folder = &self.folder;
        fs::create_dir_all(&folder.path)
            .map_err(|error| CommandError::io("create", &folder.path, &error))?;
        let lock = folder.lock()?;
        folder.recover(&lock)?;
        if folder.read()? != self.state {
            return Err(CommandError::new(
                ErrorKind::Failed,
                "migrations-changed",
                format!(
                    "Another migration was added to {} while this one was being made; nothing was written",
                    folder.shown(&folder.path)
                ),
            )
            .hint("run the command again: it then starts from the new one"));
        }
        let (script_file, snapshot_file) = (name.script_file(), name.snapshot_file());
        let text = snapshot.to_text();
        folder.write(&lock, &[(&script_file, script), (&snapshot_file, &text)], &[])?;
        Ok([script_file, snapshot_file].map(|file| folder.path.join(file)))
    }
}

impl Folder {
    fn new(path: &Path, directory: &Path) -> Self {
        Self { path: path.to_owned(), directory: directory.to_owned() }
    }

    fn lock(&self) -> Result<FolderLock, CommandError> {
        FolderLock::acquire(&self.path, PATIENCE).map_err(|error| match error {
            LockError::Busy => CommandError::new(
                ErrorKind::Failed,
                "migrations-locked",
                format!(
                    "Another mizzle has been writing to {} for {} seconds",
                    self.shown(&self.path),
                    PATIENCE.as_secs()
                ),
            )
            .hint("wait until it is done, or stop it, and run the command again"),
            LockError::Io(error) => CommandError::io("lock", &self.path, &error),
        })
    }

    fn is_unfinished(&self) -> Result<bool, CommandError> {
        commit::is_unfinished(&self.path).map_err(|error| self.unreadable(&error))
    }

    /// Recovers an interrupted run. Reading needs no write permission, unless there is something to
    /// recover.
    fn tidy(&self) -> Result<(), CommandError> {
        if self.is_unfinished()? { self.recover(&self.lock()?) } else { Ok(()) }
    }

    fn recover(&self, lock: &FolderLock) -> Result<(), CommandError> {
        commit::recover(lock).map_err(|error| match error {
            CommitError::Taken(path) => self.in_the_way(&format!(
                "An interrupted run has yet to bring {} to its place, but another file of that name is there",
                self.shown(&path)
            )),
            CommitError::Changed(path) => self.changed_since(&path),
            CommitError::Io(error) => CommandError::io("tidy up", &self.path, &error),
        })
    }

    fn changed_since(&self, path: &Path) -> CommandError {
        self.in_the_way(&format!(
            "An interrupted run has yet to remove {}, but the file was changed since",
            self.shown(path)
        ))
    }

    fn in_the_way(&self, message: &str) -> CommandError {
        CommandError::new(ErrorKind::Failed, "migration-exists", message).hint(format!(
            "move that file out of the folder and run the command again; the other version of it is in {} until then",
            self.shown(&self.path.join(commit::COMMIT))
        ))
    }

    /// Changes files: all of them, or none.
    fn write(
        &self,
        lock: &FolderLock,
        added: &[(&str, &str)],
        removed: &[&str],
    ) -> Result<(), CommandError> {
        commit::write(lock, Changes { added, removed }).map_err(|error| match error {
            CommitError::Taken(path) => CommandError::new(
                ErrorKind::Failed,
                "migration-exists",
                format!("{} exists already", self.shown(&path)),
            )
            .hint("move it away, or give the migration another name with --name"),
            CommitError::Changed(path) => self.changed_since(&path),
            CommitError::Io(error) => CommandError::io("write a migration to", &self.path, &error),
        })
    }

    fn read(&self) -> Result<State, CommandError> {
        let mut next_number = 1;
        let mut snapshots = Vec::new();
        let mut scripts = BTreeSet::new();
        let mut baseline = None;
        for (path, file) in file::list(&self.path).map_err(|error| self.unreadable(&error))? {
            let name = match file {
                MigrationFile::FirstFormat => {
                    let tables = snapshot::read_first_format(&self.text(&path)?);
                    baseline = Some(tables.map_err(|error| self.bad_snapshot(&path, &error))?);
                    continue;
                }
                MigrationFile::Uncountable => return Err(self.uncountable(&path)),
                MigrationFile::Unprintable => return Err(self.unprintable(&path)),
                MigrationFile::Snapshot(name) => {
                    let snapshot = Snapshot::from_text(&self.text(&path)?)
                        .map_err(|error| self.bad_snapshot(&path, &error))?;
                    snapshots.push((name.clone(), snapshot));
                    name
                }
                MigrationFile::Script(name) => {
                    scripts.insert(name.clone());
                    name
                }
            };
            let after = name.number.checked_add(1).ok_or_else(|| self.uncountable(&path))?;
            next_number = next_number.max(after);
        }
        self.check_pairs(&scripts, &snapshots, baseline.is_some())?;
        let baseline = baseline.unwrap_or_default();
        let head = snapshot::head(baseline.clone(), &snapshots)
            .map_err(|error| self.broken_history(&error))?;
        let tables_after =
            snapshots.into_iter().map(|(name, snapshot)| (name, snapshot.tables)).collect();
        let timeline = Timeline { scripts, baseline, tables_after };
        Ok(State { next_number, head, timeline })
    }

    /// Checks that every migration has both files. Only scripts of the first format, which precede
    /// the first snapshot of this program and belong to a `snapshot.json`, have no own snapshot.
    fn check_pairs(
        &self,
        scripts: &BTreeSet<MigrationName>,
        snapshots: &[(MigrationName, Snapshot)],
        has_first_format: bool,
    ) -> Result<(), CommandError> {
        let first_of_ours = snapshots.iter().map(|(name, _)| name.number).min();
        let lonely_script = scripts.iter().find(|script| {
            let is_old =
                has_first_format && first_of_ours.is_none_or(|first| script.number < first);
            !is_old && !snapshots.iter().any(|(name, _)| name == *script)
        });
        let lonely_snapshot = snapshots.iter().find(|(name, _)| !scripts.contains(name));
        let (missing, present) = match (lonely_script, lonely_snapshot) {
            (Some(script), _) => (script.snapshot_file(), script.script_file()),
            (None, Some((name, _))) => (name.script_file(), name.snapshot_file()),
            (None, None) => return Ok(()),
        };
        Err(CommandError::new(
            ErrorKind::Usage,
            "incomplete-migration",
            format!("{} has no {missing} beside it", self.shown(&self.path.join(&present))),
        )
        .hint("a migration is a script and its snapshot: restore the missing file from version control")
        .hint(format!("or, if the migration was never used, remove {present} as well")))
    }

    fn text(&self, path: &Path) -> Result<String, CommandError> {
        read_to_string(path).map_err(|error| CommandError::io("read", path, &error))
    }

    fn unreadable(&self, error: &std::io::Error) -> CommandError {
        CommandError::io("read", &self.path, error)
    }

    fn bad_snapshot(&self, path: &Path, error: &snapshot::SnapshotError) -> CommandError {
        CommandError::new(
            ErrorKind::Usage,
            "bad-snapshot",
            format!("Could not read the snapshot {}: {error}", self.shown(path)),
        )
        .hint(error.hint())
    }

    fn broken_history(&self, error: &HistoryError) -> CommandError {
        let hint = match error {
            HistoryError::Forked { .. } => {
                "this happens when two branches each add a migration: run `mizzle generate --rebase`, which puts the migrations of one behind those of the other"
            }
            HistoryError::OutOfOrder { .. } => history::RENUMBER,
            HistoryError::MissingParent { .. } => {
                "restore the missing pair of files (script and snapshot) from version control"
            }
        };
        CommandError::new(
            ErrorKind::Usage,
            "invalid-history",
            format!("The migration history in {} has branched: {error}", self.shown(&self.path)),
        )
        .hint(hint)
    }

    fn uncountable(&self, path: &Path) -> CommandError {
        CommandError::new(
            ErrorKind::Usage,
            "bad-migration-number",
            format!("The number of {} is too large to count on from", self.shown(path)),
        )
        .hint("give it (and its snapshot) a smaller number, or move it out of the folder")
    }

    fn unprintable(&self, path: &Path) -> CommandError {
        let message =
            format!("The name of {} has characters that cannot be shown", self.shown(path));
        CommandError::new(ErrorKind::Usage, "bad-migration-name", message)
            .hint("rename it (and its snapshot), or move it out of the folder")
    }

    fn shown(&self, path: &Path) -> String {
        shown(path, &self.directory)
    }
}

#[cfg(test)]
mod tests;
