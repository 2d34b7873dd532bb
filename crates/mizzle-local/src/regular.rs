//! Regular files: nothing else is opened. Opening a pipe waits for its writer, perhaps forever.

use crate::LocalError;
use std::{io, path::Path};

/// Refuses everything but a regular file and a free name. A link that leads nowhere is refused, too:
/// its target may be on a disk that is not mounted.
pub(crate) fn expect(path: &Path) -> Result<(), LocalError> {
    let refused = || LocalError::NotAFile { path: path.into() };
    match path.metadata() {
        Ok(metadata) if metadata.is_file() => Ok(()),
        Ok(_) => Err(refused()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            if path.is_symlink() {
                Err(refused())
            } else {
                Ok(())
            }
        }
        Err(source) => Err(LocalError::Io { action: "read", path: path.into(), source }),
    }
}
