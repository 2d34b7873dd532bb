//! The file system for module resolution: opens regular files only.
//!
//! Opening a pipe blocks until it has a writer, and a device may have no end: such a `package.json`
//! or `tsconfig.json` counts as unreadable.

use super::read::{ReadError, bytes_up_to};
use oxc_resolver::{FileMetadata, FileSystem, FileSystemOs, ResolveError};
use std::{
    io,
    path::{Path, PathBuf},
};

/// The maximum size of a manifest, in bytes.
const LARGEST: u64 = 16 << 20;

/// The operating system's file system, limited to regular files.
pub(super) struct RegularFiles(FileSystemOs);

fn read(path: &Path) -> io::Result<Vec<u8>> {
    bytes_up_to(path, LARGEST).map_err(|error| match error {
        ReadError::Io(error) => error,
        other => io::Error::new(io::ErrorKind::InvalidInput, other.reason()),
    })
}

impl FileSystem for RegularFiles {
    fn new() -> Self {
        Self(FileSystemOs::new())
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        read(path)
    }

    fn read_to_string(&self, path: &Path) -> io::Result<String> {
        String::from_utf8(read(path)?)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
    }

    fn metadata(&self, path: &Path) -> io::Result<FileMetadata> {
        self.0.metadata(path)
    }

    fn symlink_metadata(&self, path: &Path) -> io::Result<FileMetadata> {
        self.0.symlink_metadata(path)
    }

    fn read_link(&self, path: &Path) -> Result<PathBuf, ResolveError> {
        self.0.read_link(path)
    }

    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        self.0.canonicalize(path)
    }
}
