//! The directory of the database.

use crate::{LocalError, regular};
use std::{
    io::{self, Write},
    path::Path,
};

/// The name of the directory that contains local data only.
const OWN: &str = ".mizzle";

/// Creates the directory of `database` if it is missing. A directory named `.mizzle` contains local
/// data only: there, and nowhere else, a `.gitignore` keeps all of it out of git.
pub(crate) fn prepare(database: &Path) -> Result<(), LocalError> {
    let Some(directory) = database.parent().filter(|parent| !parent.as_os_str().is_empty()) else {
        return Ok(());
    };
    regular::expect_directory(directory)?;
    std::fs::create_dir_all(directory).map_err(|source| LocalError::Io {
        action: "create the directory",
        path: directory.into(),
        source,
    })?;
    if directory.file_name().is_none_or(|name| name != OWN) {
        return Ok(());
    }
    // The process that created the directory may have been stopped before it wrote the file.
    let ignore = directory.join(".gitignore");
    if ignore.symlink_metadata().is_ok() {
        return Ok(());
    }
    write_whole(&ignore, b"*\n").map_err(|source| LocalError::Io {
        action: "write",
        path: ignore,
        source,
    })
}

/// Writes a file atomically: a reader sees the old or the new content.
pub(crate) fn write_whole(path: &Path, content: &[u8]) -> io::Result<()> {
    let directory = path.parent().unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    // Temporary files are private by default; the final file is as readable as any other.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644));
    let mut file = builder.tempfile_in(directory)?;
    file.write_all(content)?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}
