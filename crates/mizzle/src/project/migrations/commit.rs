//! Two files, or none.
//!
//! A migration's files are written into a staging folder, which is then renamed to [`COMMIT`]: from
//! that moment on the migration exists. Whoever finds a commit folder, after a crash say, moves its
//! files to their places; whoever finds a staging folder throws it away. All of it happens under
//! the folder's lock, so that what is found belongs to no run that is still going on.

use super::lock::FolderLock;
use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

const STAGING_PREFIX: &str = ".mizzle-staging-";
/// Holds a migration that exists and whose files are not all in their places yet.
pub(super) const COMMIT: &str = ".mizzle-commit";

/// Why files could not be brought to their places.
#[derive(Debug, thiserror::Error)]
pub(super) enum CommitError {
    /// There is another file in the place of one of them. Nothing was moved.
    #[error("{} is in the way", .0.display())]
    Taken(PathBuf),
    /// The folder cannot be read or written.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Writes files, given by name and text: all of them or none.
pub(super) fn write(lock: &FolderLock, files: &[(&str, &str)]) -> Result<(), CommitError> {
    let folder = lock.folder();
    if let Some((name, _)) = files.iter().find(|(name, _)| exists(&folder.join(name))) {
        return Err(CommitError::Taken(folder.join(name)));
    }
    let staging = tempfile::Builder::new().prefix(STAGING_PREFIX).tempdir_in(folder)?;
    for (name, text) in files {
        write_durably(&staging.path().join(name), text)?;
    }
    // The point of no return: before it there is no migration, after it there is one.
    fs::rename(staging.path(), folder.join(COMMIT))?;
    // The folder has another name now: there is nothing left to clean up.
    let _ = staging.keep();
    finish(folder)
}

/// Whether an interrupted run left something behind, or another one is just at work.
pub(super) fn is_unfinished(folder: &Path) -> io::Result<bool> {
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        if name == COMMIT || is_staging(&name) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Finishes or undoes what an interrupted run left behind.
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

fn is_staging(name: &std::ffi::OsStr) -> bool {
    name.to_str().is_some_and(|name| name.starts_with(STAGING_PREFIX))
}

/// Moves the files of a commit folder, if there is one, to their places. Safe to repeat.
fn finish(folder: &Path) -> Result<(), CommitError> {
    let commit = folder.join(COMMIT);
    let entries = match fs::read_dir(&commit) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        other => other?,
    };
    let mut moves = Vec::new();
    for entry in entries {
        let entry = entry?;
        moves.push((entry.path(), folder.join(entry.file_name())));
    }
    for (from, to) in &moves {
        // The same file may have come by another way, with version control say.
        if exists(to) && fs::read(from)? != fs::read(to)? {
            return Err(CommitError::Taken(to.clone()));
        }
    }
    for (from, to) in &moves {
        fs::rename(from, to)?;
    }
    match fs::remove_dir(&commit) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => Ok(other?),
    }
}

/// Whether there is anything of that name, be it a link that leads nowhere.
fn exists(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

fn write_durably(path: &Path, text: &str) -> io::Result<()> {
    let mut file = File::create_new(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const FILES: [(&str, &str); 2] = [("a.ts", "script"), ("a.snapshot.json", "snapshot")];

    fn locked() -> (tempfile::TempDir, FolderLock) {
        let folder = tempfile::tempdir().unwrap();
        let lock = FolderLock::acquire(folder.path(), Duration::ZERO).unwrap();
        (folder, lock)
    }

    /// What is in the folder, the lock apart.
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
        write(&lock, &FILES).unwrap();
        assert_eq!(content(folder.path()), ["a.snapshot.json", "a.ts"]);
        assert!(!is_unfinished(folder.path()).unwrap());

        let mixed = [("b.ts", "new"), ("a.snapshot.json", "new")];
        let error = write(&lock, &mixed).unwrap_err();
        assert!(matches!(&error, CommitError::Taken(path) if path.ends_with("a.snapshot.json")));
        assert_eq!(content(folder.path()), ["a.snapshot.json", "a.ts"]);
        assert_eq!(fs::read_to_string(folder.path().join("a.snapshot.json")).unwrap(), "snapshot");
    }

    #[test]
    fn a_commit_that_fails_leaves_no_staging_folder() {
        let (folder, lock) = locked();
        // A file with the commit folder's name: nothing can be renamed to it.
        fs::write(folder.path().join(COMMIT), "").unwrap();
        let error = write(&lock, &FILES).unwrap_err();
        assert!(matches!(error, CommitError::Io(_)), "{error:?}");
        assert_eq!(content(folder.path()), [COMMIT]);
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

        // The very same file is no obstacle.
        fs::write(&taken, "script").unwrap();
        recover(&lock).unwrap();
        assert_eq!(content(folder.path()), ["a.snapshot.json", "a.ts"]);
    }
}
