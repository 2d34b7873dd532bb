//! One writer at a time: an operating-system lock on a hidden file in the migrations folder.
//!
//! The file lies in the folder because the folder is all that its users have in common: two
//! containers or two users need not share a folder for temporary files. It is there only while
//! somebody holds the lock, or after a holder was killed; the system frees the lock in any case.

use crate::project::regular_file;
use same_file::Handle;
use std::{
    fs::{self, OpenOptions, TryLockError},
    io,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

const LOCK_FILE: &str = ".mizzle-lock";
/// Between two attempts. A holder needs a few milliseconds.
const PAUSE: Duration = Duration::from_millis(10);

/// The right to change a migrations folder, until it is dropped or the process ends.
#[derive(Debug)]
pub(super) struct FolderLock {
    folder: PathBuf,
    path: PathBuf,
    /// The operating system frees the lock when this is closed.
    _file: Handle,
}

/// Why a folder could not be locked.
#[derive(Debug, thiserror::Error)]
pub(super) enum LockError {
    /// Somebody else held the lock all the time.
    #[error("it is locked")]
    Busy,
    /// The lock file cannot be made or locked.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl FolderLock {
    /// Locks a folder that exists. When it is locked already, tries again for as long as
    /// `patience`.
    pub(super) fn acquire(folder: &Path, patience: Duration) -> Result<Self, LockError> {
        let deadline = Instant::now() + patience;
        loop {
            if let Some(lock) = Self::attempt(folder)? {
                return Ok(lock);
            }
            if Instant::now() >= deadline {
                return Err(LockError::Busy);
            }
            thread::sleep(PAUSE);
        }
    }

    /// The folder that is locked.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    fn attempt(folder: &Path) -> io::Result<Option<Self>> {
        Self::lock(folder, open(folder)?)
    }

    fn lock(folder: &Path, file: Handle) -> io::Result<Option<Self>> {
        let path = folder.join(LOCK_FILE);
        match file.as_file().try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(error),
        }
        // The last holder may have removed the file after it was opened here. Such a lock excludes
        // nobody: the next one makes a new file.
        match Handle::from_path(&path) {
            Ok(current) if current == file => {
                Ok(Some(Self { folder: folder.to_owned(), path, _file: file }))
            }
            Ok(_) => Ok(None),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl Drop for FolderLock {
    fn drop(&mut self) {
        // Before the lock goes, so that it is our own file. If it stays, the next run uses it.
        let _ = fs::remove_file(&self.path);
    }
}

fn open(folder: &Path) -> io::Result<Handle> {
    let path = folder.join(LOCK_FILE);
    regular_file::expect(&path)?;
    Handle::from_file(OpenOptions::new().create(true).truncate(false).write(true).open(path)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicBool, Ordering};

    const PATIENCE: Duration = Duration::from_secs(60);

    #[test]
    fn a_locked_folder_cannot_be_locked_and_a_freed_one_shows_no_trace() {
        let folder = tempfile::tempdir().unwrap();
        let lock = FolderLock::acquire(folder.path(), Duration::ZERO).unwrap();
        let second = FolderLock::acquire(folder.path(), 3 * PAUSE);
        assert!(matches!(second, Err(LockError::Busy)), "{second:?}");
        drop(lock);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn the_file_of_a_killed_run_is_in_nobodys_way() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(LOCK_FILE), "").unwrap();
        drop(FolderLock::acquire(folder.path(), Duration::ZERO).unwrap());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn what_cannot_be_a_lock_is_an_error_and_not_a_wait() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join(LOCK_FILE)).unwrap();
        let lock = FolderLock::acquire(folder.path(), PATIENCE);
        assert!(matches!(lock, Err(LockError::Io(_))), "{lock:?}");
    }

    #[test]
    fn a_file_that_was_removed_after_it_was_opened_locks_nothing() {
        let folder = tempfile::tempdir().unwrap();
        for replaced in [false, true] {
            let opened = open(folder.path()).unwrap();
            drop(FolderLock::acquire(folder.path(), Duration::ZERO).unwrap());
            let _next =
                replaced.then(|| FolderLock::acquire(folder.path(), Duration::ZERO).unwrap());
            assert!(FolderLock::lock(folder.path(), opened).unwrap().is_none());
        }
    }

    #[test]
    fn two_never_hold_it_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let held = AtomicBool::new(false);
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        let lock = FolderLock::acquire(folder.path(), PATIENCE).unwrap();
                        assert!(!held.swap(true, Ordering::SeqCst), "two hold the lock");
                        thread::yield_now();
                        held.store(false, Ordering::SeqCst);
                        drop(lock);
                    }
                });
            }
        });
    }
}
