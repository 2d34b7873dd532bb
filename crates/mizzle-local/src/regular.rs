//! Regular files: only these are opened. Opening a pipe waits for its writer, perhaps forever.

use crate::LocalError;
use std::{
    fs::FileType,
    io,
    path::{Path, PathBuf},
};

/// Rejects everything but a regular file and a free name. A dangling link is rejected, too: its
/// target may be on a disk that is not mounted.
pub(crate) fn expect(path: &Path) -> Result<(), LocalError> {
    match kind(path)? {
        None | Some("a file") => Ok(()),
        Some(kind) => Err(LocalError::NotAFile { path: path.into(), kind }),
    }
}

/// Rejects everything but a directory and a free name.
pub(crate) fn expect_directory(path: &Path) -> Result<(), LocalError> {
    match kind(path) {
        Ok(None | Some("a directory")) => Ok(()),
        Ok(Some(kind)) => Err(LocalError::NotADirectory { path: path.into(), kind }),
        // Creating it returns the error.
        Err(_) => Ok(()),
    }
}

/// Returns the kind of the entry at a path, with an article. `None` for a free name.
fn kind(path: &Path) -> Result<Option<&'static str>, LocalError> {
    match path.metadata() {
        Ok(metadata) if metadata.is_file() => Ok(Some("a file")),
        Ok(metadata) if metadata.is_dir() => Ok(Some("a directory")),
        Ok(metadata) => Ok(Some(special(metadata.file_type()))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Ok(path.is_symlink().then_some("a link that leads nowhere"))
        }
        Err(source) => Err(LocalError::Io { action: "read", path: path.into(), source }),
    }
}

#[cfg(unix)]
fn special(kind: FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt;
    if kind.is_fifo() {
        "a pipe"
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a device"
    }
}

#[cfg(not(unix))]
fn special(_: FileType) -> &'static str {
    "no file"
}

/// Returns the canonical path of a database, with all links resolved: processes that use different
/// names share one lock. `path` is absolute, and its directory exists.
///
/// # Errors
///
/// [`LocalError::Linked`] for a file that has two names in the file system itself. Neither the lock
/// nor SQLite's log, which are beside it, would be found by the other name.
/// Source: <https://www.sqlite.org/howtocorrupt.html#_multiple_links_to_the_same_file>.
pub(crate) fn identity(path: &Path) -> Result<PathBuf, LocalError> {
    let unreadable = |source| LocalError::Io { action: "read", path: path.into(), source };
    let (Some(directory), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(LocalError::NotAFile { path: path.into(), kind: "a directory" });
    };
    match path.metadata() {
        Ok(metadata) if has_other_names(&metadata) => Err(LocalError::Linked { path: path.into() }),
        Ok(_) => dunce::canonicalize(path).map_err(unreadable),
        Err(_) => Ok(dunce::canonicalize(directory).map_err(unreadable)?.join(name)),
    }
}

#[cfg(unix)]
fn has_other_names(metadata: &std::fs::Metadata) -> bool {
    std::os::unix::fs::MetadataExt::nlink(metadata) > 1
}

#[cfg(not(unix))]
fn has_other_names(_: &std::fs::Metadata) -> bool {
    false
}
