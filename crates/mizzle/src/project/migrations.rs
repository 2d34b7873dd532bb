//! The migrations folder: scripts with their snapshots beside them.
//!
//! A migration is two files that have to appear together. They are written into a staging folder,
//! which is then renamed to [`COMMIT`]: from that moment on the migration exists. Whoever finds a
//! commit folder, after a crash say, moves its files to their places; whoever finds a staging folder
//! throws it away.

use super::shown;
use crate::error::{CommandError, ErrorKind};
use mizzle_core::snapshot::{self, Head, MigrationName, Snapshot};
use std::{
    fs, io,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

const STAGING_PREFIX: &str = ".mizzle-staging-";
const COMMIT: &str = ".mizzle-commit";
const FIRST_FORMAT: &str = "snapshot.json";
/// A staging folder this old belongs to nobody any more.
const ABANDONED: Duration = Duration::from_secs(10 * 60);

/// The migrations of a project.
#[derive(Debug)]
pub(crate) struct Migrations {
    folder: PathBuf,
    directory: PathBuf,
    /// The highest number of any script or snapshot; 0 when there is none.
    last_number: u32,
    head: Head,
}

impl Migrations {
    /// Reads the folder, after finishing what an interrupted run left half done. The folder need
    /// not exist. `directory` is what paths in messages are relative to.
    ///
    /// # Errors
    ///
    /// When a snapshot cannot be read, or the snapshots are not one chain.
    pub(crate) fn open(folder: &Path, directory: &Path) -> Result<Self, CommandError> {
        let mut migrations = Self {
            folder: folder.to_owned(),
            directory: directory.to_owned(),
            last_number: 0,
            head: Head::default(),
        };
        if folder.exists() {
            recover(folder).map_err(|error| CommandError::io("tidy up", folder, &error))?;
            migrations.read()?;
        }
        Ok(migrations)
    }

    /// The state that the migrations end in.
    pub(crate) fn head(&self) -> &Head {
        &self.head
    }

    fn read(&mut self) -> Result<(), CommandError> {
        let unreadable = |error| CommandError::io("read", &self.folder, &error);
        let mut snapshots = Vec::new();
        let mut baseline = std::collections::BTreeMap::new();
        for entry in fs::read_dir(&self.folder).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let Ok(file_name) = entry.file_name().into_string() else { continue };
            if file_name == FIRST_FORMAT {
                let text = self.text(&entry.path())?;
                baseline = snapshot::read_first_format(&text)
                    .map_err(|error| self.bad_snapshot(&entry.path(), &error))?;
                continue;
            }
            let stem = |suffix| file_name.strip_suffix(suffix).and_then(MigrationName::parse);
            if let Some(name) = stem(".snapshot.json") {
                let text = self.text(&entry.path())?;
                let snapshot = Snapshot::from_text(&text)
                    .map_err(|error| self.bad_snapshot(&entry.path(), &error))?;
                self.last_number = self.last_number.max(name.number);
                snapshots.push((name, snapshot));
            } else if let Some(name) = stem(".ts") {
                self.last_number = self.last_number.max(name.number);
            }
        }
        self.head = snapshot::head(baseline, &snapshots).map_err(|error| {
            CommandError::new(
                ErrorKind::Usage,
                "broken-history",
                format!("The migrations in {} are not one line: {error}", self.shown(&self.folder)),
            )
            .hint("this happens when two branches each add a migration: delete the newer one (script and snapshot) and generate it again")
        })?;
        Ok(())
    }

    fn text(&self, path: &Path) -> Result<String, CommandError> {
        fs::read_to_string(path).map_err(|error| CommandError::io("read", path, &error))
    }

    fn bad_snapshot(&self, path: &Path, error: &snapshot::SnapshotError) -> CommandError {
        CommandError::new(
            ErrorKind::Usage,
            "bad-snapshot",
            format!("Could not read the snapshot {}: {error}", self.shown(path)),
        )
        .hint("snapshots are written by mizzle alone: restore the file from version control")
    }

    fn shown(&self, path: &Path) -> String {
        shown(path, &self.directory)
    }

    /// The name that the next migration gets.
    pub(crate) fn next(&self, name: &str) -> MigrationName {
        MigrationName { number: self.last_number + 1, name: name.to_owned() }
    }

    /// Adds a migration: both files, or neither. Returns their paths, the script first.
    ///
    /// # Errors
    ///
    /// When the files cannot be written, or one of that name is there already.
    pub(crate) fn add(
        &self,
        name: &MigrationName,
        script: &str,
        snapshot: &Snapshot,
    ) -> Result<[PathBuf; 2], CommandError> {
        let files = [self.folder.join(name.script_file()), self.folder.join(name.snapshot_file())];
        if let Some(taken) = files.iter().find(|file| file.exists()) {
            return Err(CommandError::new(
                ErrorKind::Failed,
                "migration-exists",
                format!("{} exists already", self.shown(taken)),
            )
            .hint("another mizzle may have written it just now: run the command again"));
        }
        self.write(name, script, &snapshot.to_text())
            .map_err(|error| CommandError::io("write a migration to", &self.folder, &error))?;
        Ok(files)
    }

    fn write(&self, name: &MigrationName, script: &str, snapshot: &str) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        let staging = tempfile::Builder::new().prefix(STAGING_PREFIX).tempdir_in(&self.folder)?;
        write_durably(&staging.path().join(name.script_file()), script)?;
        write_durably(&staging.path().join(name.snapshot_file()), snapshot)?;
        // The point of no return: before it there is no migration, after it there is one.
        fs::rename(staging.keep(), self.folder.join(COMMIT))?;
        finish_commit(&self.folder)
    }
}

fn write_durably(path: &Path, text: &str) -> io::Result<()> {
    fs::write(path, text)?;
    fs::File::open(path)?.sync_all()
}

/// Finishes or undoes what an interrupted run left behind.
fn recover(folder: &Path) -> io::Result<()> {
    if folder.join(COMMIT).is_dir() {
        finish_commit(folder)?;
    }
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let staging =
            entry.file_name().to_str().is_some_and(|name| name.starts_with(STAGING_PREFIX));
        if staging && is_abandoned(&entry) {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

fn is_abandoned(entry: &fs::DirEntry) -> bool {
    let modified = entry.metadata().and_then(|metadata| metadata.modified());
    modified.is_ok_and(|modified| {
        SystemTime::now().duration_since(modified).is_ok_and(|age| age > ABANDONED)
    })
}

/// Moves the files of a commit folder to their places. Safe to repeat, and for two at a time.
fn finish_commit(folder: &Path) -> io::Result<()> {
    let commit = folder.join(COMMIT);
    for entry in fs::read_dir(&commit)? {
        let entry = entry?;
        match fs::rename(entry.path(), folder.join(entry.file_name())) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            other => other?,
        }
    }
    match fs::remove_dir(&commit) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name() -> MigrationName {
        MigrationName { number: 1, name: "create_users".to_owned() }
    }

    fn files(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_migration_is_two_files_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let migrations = Migrations::open(folder.path(), folder.path()).unwrap();
        migrations.add(&name(), "script", &Snapshot::new(None, [])).unwrap();
        let expected = ["0001_create_users.snapshot.json", "0001_create_users.ts"];
        assert_eq!(files(folder.path()), expected);
        let again = Migrations::open(folder.path(), folder.path()).unwrap();
        assert_eq!(again.next("x").to_string(), "0002_x");
        assert!(again.add(&name(), "other", &Snapshot::new(None, [])).is_err());
        assert_eq!(fs::read_to_string(folder.path().join(expected[1])).unwrap(), "script");
    }

    #[test]
    fn a_run_that_was_killed_after_its_commit_is_finished_by_the_next() {
        for moved in [false, true] {
            let folder = tempfile::tempdir().unwrap();
            let snapshot = Snapshot::new(None, []);
            let commit = folder.path().join(COMMIT);
            fs::create_dir(&commit).unwrap();
            let script = if moved { folder.path() } else { &commit };
            fs::write(script.join(name().script_file()), "script").unwrap();
            fs::write(commit.join(name().snapshot_file()), snapshot.to_text()).unwrap();
            let migrations = Migrations::open(folder.path(), folder.path()).unwrap();
            assert_eq!(migrations.head().id, Some(snapshot.id));
            let expected = ["0001_create_users.snapshot.json", "0001_create_users.ts"];
            assert_eq!(files(folder.path()), expected);
        }
    }

    #[test]
    fn a_run_that_was_killed_before_its_commit_leaves_no_migration() {
        let folder = tempfile::tempdir().unwrap();
        let staging = folder.path().join(format!("{STAGING_PREFIX}abc"));
        fs::create_dir(&staging).unwrap();
        fs::write(staging.join(name().script_file()), "half").unwrap();
        let migrations = Migrations::open(folder.path(), folder.path()).unwrap();
        assert_eq!((migrations.head().id, migrations.next("x").number), (None, 1));
        assert!(staging.exists(), "it may belong to a run that is still going on");

        let old = SystemTime::now() - 2 * ABANDONED;
        fs::File::open(&staging).unwrap().set_modified(old).unwrap();
        Migrations::open(folder.path(), folder.path()).unwrap();
        assert!(!staging.exists());
    }

    #[test]
    fn first_format_scripts_keep_their_numbers() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("0007_old.ts"), "does not parse").unwrap();
        fs::write(folder.path().join(FIRST_FORMAT), r#"{"version":"1","tables":{}}"#).unwrap();
        let migrations = Migrations::open(folder.path(), folder.path()).unwrap();
        assert_eq!(migrations.next("x").to_string(), "0008_x");
    }
}
