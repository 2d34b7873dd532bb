//! Exclusive write access: an operating-system lock on a hidden file in the migrations folder.
//!
//! The file is in this folder because its users may have no other folder in common: two containers
//! or two users need not share one for temporary files. The file exists only while the lock is
//! held, or after the holder was killed; the system releases the lock in any case.

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
/// The delay between two attempts. A holder needs a few milliseconds.
const PAUSE: Duration = Duration::from_millis(10);

/// The lock on a migrations folder, released on drop or when the process ends.
#[derive(Debug)]
pub(super) struct FolderLock {
    folder: PathBuf,
    path: PathBuf,
    /// Closing this file releases the lock.
    _file: Handle,
}

/// The reason why a folder could not be locked.
#[derive(Debug, thiserror::Error)]
pub(super) enum LockError {
    /// Another process held the lock until the timeout.
    #[error("it is locked")]
    Busy,
    /// The lock file cannot be created or locked.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl FolderLock {
    /// Locks an existing folder. If it is already locked, tries again until `patience` has elapsed.
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

    /// Returns the locked folder.
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
        // The last holder may have deleted the file after it was opened here. Such a lock is
        // ineffective: the next holder creates a new file.
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
        // Deleted before the lock is released, so that no other holder's file is deleted. If this
        // fails, the next run uses the file.
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
