//! Atomic changes of several files: all or none.
//!
//! The files of a migration are written into a staging folder, which is then renamed to [`COMMIT`]:
//! from then on the migration exists. After a crash, the next run moves the files of a commit
//! folder to their destinations, and deletes a staging folder. All of this happens under the
//! folder's lock, so that no such folder belongs to a running process.
//!
//! Files to delete have copies in [`REMOVED`] within the commit folder until they are deleted, so
//! that a change in the meantime is detected. They are deleted first, because a new file may have
//! the name of an old one.

use super::lock::FolderLock;
use crate::project::read;
use std::{
    ffi::{OsStr, OsString},
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

const STAGING_PREFIX: &str = ".mizzle-staging-";
/// A folder with a committed migration whose files have not all been moved yet.
pub(super) const COMMIT: &str = ".mizzle-commit";
/// The folder within a commit folder with copies of the files to delete. No migration has such a
/// name.
const REMOVED: &str = "removed";

/// The changes of files in the folder, made all at once.
#[derive(Debug, Clone, Copy)]
pub(super) struct Changes<'a> {
    /// New files, by name and text.
    pub(super) added: &'a [(&'a str, &'a str)],
    /// Deleted files. A name may be in both lists: that file is replaced.
    pub(super) removed: &'a [&'a str],
}

/// The reason why files could not be changed.
#[derive(Debug, thiserror::Error)]
pub(super) enum CommitError {
    /// Another file already exists at a destination. Nothing was moved.
    #[error("{} is in the way", .0.display())]
    Taken(PathBuf),
    /// A file to delete has changed. Nothing was moved.
    #[error("{} was changed", .0.display())]
    Changed(PathBuf),
    /// The folder cannot be read or written.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Changes files: all or none.
pub(super) fn write(lock: &FolderLock, changes: Changes<'_>) -> Result<(), CommitError> {
    let folder = lock.folder();
    let Changes { added, removed } = changes;
    let is_taken = |name: &str| !removed.contains(&name) && exists(&folder.join(name));
    if let Some((name, _)) = added.iter().find(|(name, _)| is_taken(name)) {
        return Err(CommitError::Taken(folder.join(name)));
    }
    let staging = stage(folder, changes)?;
    // The commit point: before it nothing has changed, after it everything will.
    fs::rename(staging.path(), folder.join(COMMIT))?;
    // The folder was renamed: nothing is left to clean up.
    let _ = staging.keep();
    if !removed.is_empty() {
        // The new name must be on disk before any file is deleted. On systems that cannot open
        // folders (Windows), the file system guarantees the order itself.
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
    }
    finish(folder)
}

/// Writes the contents of a commit folder.
fn stage(folder: &Path, changes: Changes<'_>) -> io::Result<tempfile::TempDir> {
    let staging = tempfile::Builder::new().prefix(STAGING_PREFIX).tempdir_in(folder)?;
    for (name, text) in changes.added {
        write_durably(&staging.path().join(name), text.as_bytes())?;
    }
    if !changes.removed.is_empty() {
        let copies = staging.path().join(REMOVED);
        fs::create_dir(&copies)?;
        for name in changes.removed {
            write_durably(&copies.join(name), &read(&folder.join(name))?)?;
        }
    }
    Ok(staging)
}

/// True if an interrupted run left files behind, or another run is in progress.
pub(super) fn is_unfinished(folder: &Path) -> io::Result<bool> {
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        if name == COMMIT || is_staging(&name) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Completes or rolls back an interrupted run.
pub(super) fn recover(lock: &FolderLock) -> Result<(), CommitError> {
    finish(lock.folder())?;
    for entry in fs::read_dir(lock.folder())? {
        let entry = entry?;
        if is_staging(&entry.file_name()) {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

fn is_staging(name: &OsStr) -> bool {
    name.to_str().is_some_and(|name| name.starts_with(STAGING_PREFIX))
}

/// Applies a commit folder, if it exists. Safe to repeat.
fn finish(folder: &Path) -> Result<(), CommitError> {
    for operation in operations(folder)? {
        operation.run()?;
    }
    Ok(())
}

/// A file operation. After any of them, the remaining operations can be determined again.
#[derive(Debug)]
enum Operation {
    Remove(PathBuf),
    RemoveFolder(PathBuf),
    Move(PathBuf, PathBuf),
}

impl Operation {
    fn run(&self) -> io::Result<()> {
        match self {
            Self::Remove(path) => fs::remove_file(path),
            Self::RemoveFolder(path) => fs::remove_dir(path),
            Self::Move(from, to) => fs::rename(from, to),
        }
    }
}

/// Returns the remaining operations of a commit folder: old files are deleted, and new ones are
/// moved to their destinations.
fn operations(folder: &Path) -> Result<Vec<Operation>, CommitError> {
    let commit = folder.join(COMMIT);
    let copies = commit.join(REMOVED);
    let mut operations = Vec::new();
    let Some(added) = entries(&commit)? else { return Ok(operations) };
    let removed = entries(&copies)?;
    for name in removed.iter().flatten() {
        let (old, copy, new) = (folder.join(name), copies.join(name), commit.join(name));
        if exists(&old) {
            if same_text(&old, &copy)? {
                operations.push(Operation::Remove(old));
            } else if !exists(&new) || !same_text(&old, &new)? {
                return Err(CommitError::Changed(old));
            }
        }
        operations.push(Operation::Remove(copy));
    }
    if removed.is_some() {
        operations.push(Operation::RemoveFolder(copies.clone()));
    }
    for name in added.iter().filter(|name| *name != REMOVED) {
        let (from, to) = (commit.join(name), folder.join(name));
        let is_to_go = removed.as_ref().is_some_and(|removed| removed.contains(name));
        // The same file may have been added otherwise, for example by version control.
        if !is_to_go && exists(&to) && !same_text(&from, &to)? {
            return Err(CommitError::Taken(to));
        }
        operations.push(Operation::Move(from, to));
    }
    operations.push(Operation::RemoveFolder(commit));
    Ok(operations)
}

/// Returns the names in a folder; `None` if it does not exist. A link is refused: it would lead to
/// files of another folder, which must not be moved.
fn entries(folder: &Path) -> io::Result<Option<Vec<OsString>>> {
    if folder.is_symlink() {
        let reason = format!("{} is a link, which this program never makes", folder.display());
        return Err(io::Error::new(io::ErrorKind::InvalidInput, reason));
    }
    match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        other => {
            let names = other?.map(|entry| Ok(entry?.file_name()));
            names.collect::<io::Result<Vec<OsString>>>().map(Some)
        }
    }
}

fn same_text(one: &Path, other: &Path) -> io::Result<bool> {
    Ok(read(one)? == read(other)?)
}

/// True if the path exists, even as a broken link.
fn exists(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

fn write_durably(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = File::create_new(path)?;
    file.write_all(content)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const FILES: [(&str, &str); 2] = [("a.ts", "script"), ("a.snapshot.json", "snapshot")];

    fn add(lock: &FolderLock, files: &[(&str, &str)]) -> Result<(), CommitError> {
        write(lock, Changes { added: files, removed: &[] })
    }

    fn locked() -> (tempfile::TempDir, FolderLock) {
        let folder = tempfile::tempdir().unwrap();
        let lock = FolderLock::acquire(folder.path(), Duration::ZERO).unwrap();
        (folder, lock)
    }

    /// Returns the contents of the folder, except the lock.
    fn content(folder: &Path) -> Vec<String> {
        let names =
            fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.filter(|name| name != ".mizzle-lock").collect();
        names.sort();
        names
    }

    #[test]
    fn all_files_or_none() {
        let (folder, lock) = locked();
        add(&lock, &FILES).unwrap();
        assert_eq!(content(folder.path()), ["a.snapshot.json", "a.ts"]);
        assert!(!is_unfinished(folder.path()).unwrap());

        let mixed = [("b.ts", "new"), ("a.snapshot.json", "new")];
        let error = add(&lock, &mixed).unwrap_err();
        assert!(matches!(&error, CommitError::Taken(path) if path.ends_with("a.snapshot.json")));
        assert_eq!(content(folder.path()), ["a.snapshot.json", "a.ts"]);
        assert_eq!(fs::read_to_string(folder.path().join("a.snapshot.json")).unwrap(), "snapshot");
    }

    #[test]
    fn a_commit_that_fails_leaves_no_staging_folder() {
        let (folder, lock) = locked();
        // The commit folder's name is taken by a file, so the rename fails.
        fs::write(folder.path().join(COMMIT), "").unwrap();
        let error = add(&lock, &FILES).unwrap_err();
        assert!(matches!(error, CommitError::Io(_)), "{error:?}");
        assert_eq!(content(folder.path()), [COMMIT]);
    }

    /// A repository may contain such a link.
    #[cfg(unix)]
    #[test]
    fn no_file_of_another_folder_is_moved() {
        use std::os::unix::fs::symlink;
        for within in ["", REMOVED] {
            let (folder, lock) = locked();
            let victim = tempfile::tempdir().unwrap();
            fs::write(victim.path().join("id_rsa"), "secret").unwrap();
            let commit = folder.path().join(COMMIT);
            if within.is_empty() {
                symlink(victim.path(), &commit).unwrap();
            } else {
                fs::create_dir(&commit).unwrap();
                symlink(victim.path(), commit.join(within)).unwrap();
            }
            let error = recover(&lock).unwrap_err();
            assert!(error.to_string().contains("is a link"), "{error}");
            assert!(add(&lock, &FILES).is_err());
            assert_eq!(content(victim.path()), ["id_rsa"]);
            assert_eq!(content(folder.path()), [COMMIT]);
        }
    }

    #[test]
    fn a_commit_is_finished_and_staging_is_thrown_away() {
        for moved in 0..=2 {
            let (folder, lock) = locked();
            let (commit, staging) =
                (folder.path().join(COMMIT), folder.path().join(".mizzle-staging-x"));
            fs::create_dir(&commit).unwrap();
            fs::create_dir(&staging).unwrap();
            fs::write(staging.join("b.ts"), "half").unwrap();
            for (at, (name, text)) in FILES.iter().enumerate() {
                let place = if at < moved { folder.path() } else { &commit };
                fs::write(place.join(name), text).unwrap();
            }
            assert!(is_unfinished(folder.path()).unwrap());
            recover(&lock).unwrap();
            assert_eq!(content(folder.path()), ["a.snapshot.json", "a.ts"], "{moved} moved");
            recover(&lock).unwrap();
        }
    }

    #[test]
    fn finishing_overwrites_nothing() {
        let (folder, lock) = locked();
        let commit = folder.path().join(COMMIT);
        fs::create_dir(&commit).unwrap();
        for (name, text) in FILES {
            fs::write(commit.join(name), text).unwrap();
        }
        let taken = folder.path().join("a.ts");
        fs::write(&taken, "somebody else's").unwrap();
        let error = recover(&lock).unwrap_err();
        assert!(matches!(&error, CommitError::Taken(path) if *path == taken), "{error:?}");
        assert_eq!(fs::read_to_string(&taken).unwrap(), "somebody else's");
        assert_eq!(content(&commit), ["a.snapshot.json", "a.ts"]);

        // An identical file is no conflict.
        fs::write(&taken, "script").unwrap();
        recover(&lock).unwrap();
        assert_eq!(content(folder.path()), ["a.snapshot.json", "a.ts"]);
    }

    /// A file that is kept, one that is deleted, one that is replaced, and one that is added.
    const BEFORE: [(&str, &str); 3] = [("a.ts", "stays"), ("b.ts", "old b"), ("c.ts", "old c")];
    const CHANGES: Changes<'_> =
        Changes { added: &[("c.ts", "new c"), ("d.ts", "new d")], removed: &["b.ts", "c.ts"] };
    const AFTER: [(&str, &str); 3] = [("a.ts", "stays"), ("c.ts", "new c"), ("d.ts", "new d")];

    fn filled() -> (tempfile::TempDir, FolderLock) {
        let (folder, lock) = locked();
        for (name, text) in BEFORE {
            fs::write(folder.path().join(name), text).unwrap();
        }
        (folder, lock)
    }

    /// Simulates a run that was killed right after its commit.
    fn committed() -> (tempfile::TempDir, FolderLock) {
        let (folder, lock) = filled();
        let staging = stage(folder.path(), CHANGES).unwrap();
        fs::rename(staging.keep(), folder.path().join(COMMIT)).unwrap();
        (folder, lock)
    }

    #[track_caller]
    fn assert_holds(folder: &Path, files: &[(&str, &str)]) {
        let names: Vec<&str> = files.iter().map(|(name, _)| *name).collect();
        assert_eq!(content(folder), names);
        for (name, text) in files {
            assert_eq!(fs::read_to_string(folder.join(name)).unwrap(), *text, "{name}");
        }
    }

    #[test]
    fn files_go_and_come_at_once() {
        let (folder, lock) = filled();
        write(&lock, CHANGES).unwrap();
        assert_holds(folder.path(), &AFTER);
        assert!(!is_unfinished(folder.path()).unwrap());
        // A file to delete must exist.
        let error = write(&lock, CHANGES).unwrap_err();
        assert!(matches!(&error, CommitError::Taken(path) if path.ends_with("d.ts")), "{error:?}");
        let gone = Changes { added: &[], removed: &["b.ts"] };
        assert!(matches!(write(&lock, gone), Err(CommitError::Io(_))));
        assert_holds(folder.path(), &AFTER);
    }

    #[test]
    fn before_the_commit_nothing_has_changed() {
        let (folder, lock) = filled();
        let _ = stage(folder.path(), CHANGES).unwrap().keep();
        assert!(is_unfinished(folder.path()).unwrap());
        recover(&lock).unwrap();
        assert_holds(folder.path(), &BEFORE);
    }

    #[test]
    fn after_the_commit_a_run_may_be_killed_at_any_point() {
        let all = operations(committed().0.path()).unwrap().len();
        assert!(all > 6, "two files go with their copies, two come: {all}");
        for done in 0..=all {
            let (folder, lock) = committed();
            for operation in operations(folder.path()).unwrap().iter().take(done) {
                operation.run().unwrap();
            }
            assert_eq!(is_unfinished(folder.path()).unwrap(), done < all, "{done} done");
            recover(&lock).unwrap();
            assert_holds(folder.path(), &AFTER);
            recover(&lock).unwrap();
        }
    }

    /// Repeating the operations from the beginning leads to the same result.
    #[test]
    fn a_run_may_be_killed_after_every_single_step() {
        let (folder, _lock) = committed();
        while let Some(operation) = operations(folder.path()).unwrap().first() {
            operation.run().unwrap();
        }
        assert_holds(folder.path(), &AFTER);
    }

    #[test]
    fn what_was_changed_since_is_neither_removed_nor_overwritten() {
        for (name, text) in [("b.ts", "mended"), ("c.ts", "mended"), ("d.ts", "mine")] {
            let (folder, lock) = committed();
            let path = folder.path().join(name);
            fs::write(&path, text).unwrap();
            let before = content(folder.path());
            let error = recover(&lock).unwrap_err();
            match (name, &error) {
                ("d.ts", CommitError::Taken(found)) | (_, CommitError::Changed(found)) => {
                    assert_eq!(*found, path);
                }
                _ => panic!("{name}: {error:?}"),
            }
            assert_eq!(content(folder.path()), before);
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
            // Once moved away, the file is no conflict.
            fs::remove_file(&path).unwrap();
            recover(&lock).unwrap();
            assert_holds(folder.path(), &AFTER);
        }
    }

    #[test]
    fn what_came_by_another_way_is_no_obstacle() {
        let (folder, lock) = committed();
        fs::remove_file(folder.path().join("b.ts")).unwrap();
        for (name, text) in AFTER {
            fs::write(folder.path().join(name), text).unwrap();
        }
        recover(&lock).unwrap();
        assert_holds(folder.path(), &AFTER);
    }
}
