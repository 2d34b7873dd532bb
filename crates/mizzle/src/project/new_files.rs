//! Files that are created as a whole, without overwriting another one.

use super::regular_file;
use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Write},
    path::Path,
};

/// The prefix of a file's name until the file is complete. Its writer holds a lock on it: an
/// unlocked file was left behind by a killed run.
const UNFINISHED: &str = ".mizzle-new-";

/// The reason why a file was not created.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NewFileError {
    /// A file of this name already exists, possibly since a moment ago.
    #[error("it already exists")]
    Taken,
    /// The folder cannot be written to.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Creates a file and its parent folders: with all of the text, or not at all.
///
/// # Errors
///
/// When a file of this name already exists, even if it was created just now, or the file cannot be
/// written.
pub(crate) fn create(path: &Path, text: &str) -> Result<(), NewFileError> {
    // Folders are not created for a file that already exists.
    if path.symlink_metadata().is_ok() {
        return Err(NewFileError::Taken);
    }
    unfinished(path, text)?.persist_noclobber(path).map_err(|error| {
        let error = error.error;
        match error.kind() {
            io::ErrorKind::AlreadyExists => NewFileError::Taken,
            _ => NewFileError::Io(error),
        }
    })?;
    Ok(())
}

/// Creates a file, or replaces an existing one atomically: readers see either the old or the new
/// content.
///
/// # Errors
///
/// When the file cannot be written.
pub(crate) fn replace(path: &Path, text: &str) -> io::Result<()> {
    unfinished(path, text)?.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// Appends a line to a file, or creates the file with it. Existing content is kept: the line is
/// written with a single append, after anything that others may have added in the meantime.
///
/// # Errors
///
/// When the file cannot be read or written.
pub(crate) fn append_line(path: &Path, line: &str) -> io::Result<()> {
    if path.symlink_metadata().is_err() {
        match create(path, &format!("{line}\n")) {
            Err(NewFileError::Taken) => {}
            Err(NewFileError::Io(error)) => return Err(error),
            Ok(()) => return Ok(()),
        }
    }
    let before = match regular_file::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        other => other?,
    };
    let end = if before.windows(2).any(|pair| pair == b"\r\n") { "\r\n" } else { "\n" };
    let gap = if before.is_empty() || before.ends_with(b"\n") { "" } else { end };
    let mut file = OpenOptions::new().append(true).create(true).open(path)?;
    file.write_all(format!("{gap}{line}{end}").as_bytes())
}

/// Removes the unfinished files that killed runs left in a folder. A file that cannot be removed is
/// harmless.
pub(crate) fn tidy(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let is_unfinished = entry.file_name().to_string_lossy().starts_with(UNFINISHED)
            && entry.file_type().is_ok_and(|kind| kind.is_file());
        if is_unfinished
            && let Ok(file) = File::open(entry.path())
            && file.try_lock().is_ok()
        {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Writes the text to a temporary file in the destination's folder, with the permissions of any new
/// file.
fn unfinished(path: &Path, text: &str) -> io::Result<tempfile::NamedTempFile<File>> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    tidy(folder);
    let mut builder = tempfile::Builder::new();
    let mut file = loop {
        let file = builder.prefix(UNFINISHED).make_in(folder, |path| File::create_new(path))?;
        // Another run may have removed the file before it was locked.
        let is_locked = !matches!(file.as_file().try_lock(), Err(TryLockError::WouldBlock));
        if is_locked && file.path().symlink_metadata().is_ok() {
            break file;
        }
    };
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_comes_to_be_and_is_not_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("src/deep/a.ts");
        create(&path, "one").unwrap();
        assert!(matches!(create(&path, "two"), Err(NewFileError::Taken)));
        assert_eq!(fs::read_to_string(&path).unwrap(), "one");
        assert_eq!(names(path.parent().unwrap()), ["a.ts"]);
        replace(&path, "three").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "three");
        assert_eq!(names(path.parent().unwrap()), ["a.ts"]);
    }

    #[test]
    fn of_many_that_come_at_once_one_wins_and_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.ts");
        let texts: Vec<String> = (0..16).map(|n| n.to_string().repeat(100_000)).collect();
        let won: Vec<bool> = std::thread::scope(|scope| {
            let mut threads = Vec::new();
            for text in &texts {
                threads.push(scope.spawn(|| create(&path, text).is_ok()));
            }
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(won.iter().filter(|won| **won).count(), 1);
        let winner = won.iter().position(|won| *won).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), texts[winner]);
        assert_eq!(names(folder.path()), ["a.ts"]);
    }

    #[test]
    fn what_was_left_is_removed_and_what_is_being_written_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let left = folder.path().join(".mizzle-new-left");
        fs::write(&left, "half").unwrap();
        let writing = unfinished(&folder.path().join("a.ts"), "one").unwrap();
        create(&folder.path().join("b.ts"), "two").unwrap();
        assert!(!left.exists());
        writing.persist_noclobber(folder.path().join("a.ts")).unwrap();
        assert_eq!(names(folder.path()), ["a.ts", "b.ts"]);
        tidy(&folder.path().join("nowhere"));
    }

    #[cfg(unix)]
    #[test]
    fn nothing_but_files_is_taken_for_what_was_left() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("precious"), "").unwrap();
        fs::create_dir(folder.path().join(".mizzle-new-folder")).unwrap();
        std::os::unix::fs::symlink("precious", folder.path().join(".mizzle-new-link")).unwrap();
        tidy(folder.path());
        assert_eq!(names(folder.path()), [".mizzle-new-folder", ".mizzle-new-link", "precious"]);
    }

    #[test]
    fn a_folder_is_no_place_for_a_file() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(create(folder.path(), ""), Err(NewFileError::Taken)));
        replace(folder.path(), "").unwrap_err();
        fs::write(folder.path().join("src"), "").unwrap();
        let error = create(&folder.path().join("src/a.ts"), "").unwrap_err();
        assert!(matches!(error, NewFileError::Io(_)), "{error:?}");
        assert_eq!(names(folder.path()), ["src"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_new_file_can_be_read_by_whoever_may_read_the_others() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let [ours, theirs] = ["a.ts", "b.ts"].map(|name| folder.path().join(name));
        create(&ours, "").unwrap();
        fs::write(&theirs, "").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(&ours), mode(&theirs));

        // A broken link counts as existing, too.
        symlink("nowhere", folder.path().join("c.ts")).unwrap();
        assert!(matches!(create(&folder.path().join("c.ts"), ""), Err(NewFileError::Taken)));
    }

    #[test]
    fn a_line_is_added_and_nothing_else_changes() {
        for (before, after) in [
            (None, ".mizzle/\n"),
            (Some(""), ".mizzle/\n"),
            (Some("a\n"), "a\n.mizzle/\n"),
            (Some("a"), "a\n.mizzle/\n"),
            (Some("a\r\nb"), "a\r\nb\r\n.mizzle/\r\n"),
            (Some("\u{feff}ä\n\n"), "\u{feff}ä\n\n.mizzle/\n"),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join(".gitignore");
            if let Some(before) = before {
                fs::write(&path, before).unwrap();
            }
            append_line(&path, ".mizzle/").unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), after, "{before:?}");
        }
    }
}
