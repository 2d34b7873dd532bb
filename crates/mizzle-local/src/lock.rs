//! An operating-system lock beside the database for one process at a time, and a note of its
//! holder.

use crate::{LocalError, directory::write_whole, owner::Owner, regular, witness::Witness};
use std::{
    ffi::OsString,
    fs::{File, OpenOptions, TryLockError},
    path::{Path, PathBuf},
};

/// The command for which a process opens a database: `mizzle push`, `mizzle local`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purpose {
    command: String,
    endpoint: Option<String>,
}

impl Purpose {
    /// True if the command serves the database to other processes.
    pub(crate) fn is_serving(&self) -> bool {
        self.endpoint.is_some()
    }

    /// Creates a purpose that keeps the database to one process.
    pub fn new(command: impl Into<String>) -> Self {
        Self { command: command.into(), endpoint: None }
    }

    /// Creates a purpose that serves the database to other processes, at `endpoint`.
    pub fn serving(command: impl Into<String>, endpoint: impl Into<String>) -> Self {
        Self { command: command.into(), endpoint: Some(endpoint.into()) }
    }
}

impl From<&str> for Purpose {
    fn from(command: &str) -> Self {
        Self::new(command)
    }
}

/// The exclusive lock of a database, held until it is dropped or the process ends.
#[derive(Debug)]
pub(crate) struct Lock {
    /// The operating system releases the lock with the last handle.
    _file: File,
    note: PathBuf,
}

impl Lock {
    /// Acquires the lock of `database`, or returns its holder in an error. `witness` is stored in
    /// the note.
    pub(crate) fn acquire(
        database: &Path,
        purpose: &Purpose,
        witness: Option<Witness>,
    ) -> Result<Self, LocalError> {
        let path = beside(database, ".lock");
        regular::expect(&path)?;
        // The note has a file of its own because a locked file cannot be read on Windows.
        let note = beside(database, ".owner");
        // The lock file itself is never deleted: a lock on a file that has just been unlinked has
        // no effect.
        let file =
            OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(
                |source| LocalError::Io {
                    action: "create the lock file",
                    path: path.clone(),
                    source,
                },
            )?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(LocalError::InUse { path: database.into(), owner: read_note(&note) });
            }
            Err(TryLockError::Error(source)) => {
                return Err(LocalError::Io { action: "lock", path, source });
            }
        }

        let owner = Owner {
            pid: std::process::id(),
            command: purpose.command.clone(),
            endpoint: purpose.endpoint.clone(),
            witness,
        };
        let text = serde_json::to_vec(&owner).map_err(std::io::Error::from);
        if let Err(source) = text.and_then(|text| write_whole(&note, &text)) {
            return Err(LocalError::Io { action: "write", path: note, source });
        }
        Ok(Self { _file: file, note })
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Before the lock is released, so that the deleted note is our own. A remaining note does
        // no harm: it is only read while the lock is held.
        let _ = std::fs::remove_file(&self.note);
    }
}

/// Reads the holder of the lock. `None` without a note, as in the moment between lock and note.
fn read_note(note: &Path) -> Option<Owner> {
    regular::expect(note).ok()?;
    serde_json::from_slice(&std::fs::read(note).ok()?).ok()
}

/// Appends a suffix: `dir/local.db` → `dir/local.db.lock`.
pub(crate) fn beside(database: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(database);
    name.push(suffix);
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_taker_learns_who_is_first() {
        let dir = tempfile::tempdir().unwrap();
        let database = dir.path().join("local.db");
        let purpose = Purpose::serving("mizzle local", "http://127.0.0.1:8000");
        let first = Lock::acquire(&database, &purpose, None).unwrap();

        let error = Lock::acquire(&database, &"mizzle push".into(), None).unwrap_err();
        let pid = std::process::id();
        assert_eq!(
            error.to_string(),
            format!(
                "{} is in use by `mizzle local` on http://127.0.0.1:8000 (process {pid})",
                database.display()
            )
        );
        assert_eq!(
            error.hint().unwrap(),
            format!(
                "stop it (process {pid}), or use its endpoint: --endpoint http://127.0.0.1:8000"
            )
        );

        drop(first);
        let second = Lock::acquire(&database, &"mizzle push".into(), None).unwrap();
        let error = Lock::acquire(&database, &"mizzle list".into(), None).unwrap_err();
        assert!(error.to_string().contains("`mizzle push`"), "{error}");
        drop(second);
        assert!(!beside(&database, ".owner").exists());
    }

    #[test]
    fn a_missing_or_broken_note_is_another_process() {
        let dir = tempfile::tempdir().unwrap();
        let database = dir.path().join("local.db");
        let _first = Lock::acquire(&database, &"mizzle push".into(), None).unwrap();
        for broken in ["", "{", "[]", "{\"pid\":-1}"] {
            std::fs::write(beside(&database, ".owner"), broken).unwrap();
            let error = Lock::acquire(&database, &"mizzle push".into(), None).unwrap_err();
            assert!(error.to_string().ends_with("is in use by another process"), "{error}");
            assert_eq!(error.hint().as_deref(), Some("wait until it is done, or stop it"));
        }
    }
}
