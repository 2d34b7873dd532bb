//! The directory that holds the database.

use crate::LocalError;
use std::{
    io::{self, Write},
    path::Path,
};

/// Creates the directory of `database` where there is none. A directory that is made here holds
/// nothing but local data, so it also gets a `.gitignore` that keeps all of it out of git.
pub(crate) fn prepare(database: &Path) -> Result<(), LocalError> {
    let Some(directory) = database.parent().filter(|parent| !parent.as_os_str().is_empty()) else {
        return Ok(());
    };
    if directory.is_dir() {
        return Ok(());
    }
    std::fs::create_dir_all(directory).map_err(|source| LocalError::Io {
        action: "create the directory",
        path: directory.into(),
        source,
    })?;
    let ignore = directory.join(".gitignore");
    write_whole(&ignore, b"*\n").map_err(|source| LocalError::Io {
        action: "write",
        path: ignore,
        source,
    })
}

/// Writes a file so that a reader sees all of it or the file as it was.
pub(crate) fn write_whole(path: &Path, content: &[u8]) -> io::Result<()> {
    let directory = path.parent().unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    // Temporary files are private by default; what stays is as open as any other file.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644));
    let mut file = builder.tempfile_in(directory)?;
    file.write_all(content)?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}
