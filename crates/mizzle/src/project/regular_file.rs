//! Reads regular files, and nothing else where a file is expected.
//!
//! Opening a pipe waits for its writer, and reading a device may never end. So the file type is
//! checked before anything is opened.

use crate::errors::io_reason;
use std::{
    fs::{self, FileType},
    io,
    path::Path,
};

/// The kind of a path.
#[derive(Debug)]
pub(crate) enum PathKind {
    /// The path does not exist.
    Missing,
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// Another kind, by its name: "a pipe", "a link that leads nowhere".
    Other(&'static str),
    /// The system refuses the information.
    Unreadable(io::Error),
}

impl PathKind {
    /// Determines the kind of a path. Follows links.
    pub(crate) fn of(path: &Path) -> Self {
        match path.metadata() {
            Ok(metadata) if metadata.is_file() => Self::File,
            Ok(metadata) if metadata.is_dir() => Self::Folder,
            Ok(metadata) => Self::Other(special(metadata.file_type())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => match path.is_symlink() {
                true => Self::Other("a link that leads nowhere"),
                false => Self::Missing,
            },
            Err(error) => Self::Unreadable(error),
        }
    }

    /// Returns the kind as a predicate for messages: "is a pipe".
    pub(crate) fn predicate(&self) -> String {
        match self {
            Self::Missing => "does not exist".to_owned(),
            Self::File => "is a file".to_owned(),
            Self::Folder => "is a folder".to_owned(),
            Self::Other(kind) => format!("is {kind}"),
            Self::Unreadable(error) => format!("cannot be read: {}", io_reason(error)),
        }
    }
}

/// Names a kind that is neither a regular file nor a folder.
#[cfg(unix)]
fn special(file_type: FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt;
    if file_type.is_fifo() {
        "a pipe"
    } else if file_type.is_socket() {
        "a socket"
    } else {
        "a device"
    }
}

#[cfg(not(unix))]
fn special(_: FileType) -> &'static str {
    "no regular file"
}

/// Reads a regular file.
///
/// # Errors
///
/// When the path does not exist, is not a regular file ([`io::ErrorKind::InvalidInput`]), or cannot
/// be read.
pub(crate) fn read(path: &Path) -> io::Result<Vec<u8>> {
    expect(path)?;
    fs::read(path)
}

/// Reads a regular file of text.
///
/// # Errors
///
/// As [`read`], and when the content is not UTF-8.
pub(crate) fn read_to_string(path: &Path) -> io::Result<String> {
    expect(path)?;
    fs::read_to_string(path)
}

/// Refuses existing paths that are not regular files. A path that does not exist is accepted:
/// opening the file reports the rest.
///
/// # Errors
///
/// When the path is not a regular file ([`io::ErrorKind::InvalidInput`]), or the system refuses the
/// information.
pub(crate) fn expect(path: &Path) -> io::Result<()> {
    match PathKind::of(path) {
        PathKind::Missing | PathKind::File => Ok(()),
        kind @ (PathKind::Folder | PathKind::Other(_)) => {
            let reason = format!("it {}", kind.predicate());
            Err(io::Error::new(io::ErrorKind::InvalidInput, reason))
        }
        PathKind::Unreadable(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "text").unwrap();
        assert_eq!(read_to_string(&file).unwrap(), "text");
        assert_eq!(read(&file).unwrap(), b"text");
        assert_eq!(PathKind::of(&file).predicate(), "is a file");

        let missing = folder.path().join("missing");
        assert_eq!(read(&missing).unwrap_err().kind(), io::ErrorKind::NotFound);
        assert!(matches!(PathKind::of(&missing), PathKind::Missing));

        let error = read(folder.path()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        assert_eq!(error.to_string(), "it is a folder");

        fs::write(&file, b"\xff").unwrap();
        assert_eq!(read_to_string(&file).unwrap_err().kind(), io::ErrorKind::InvalidData);
    }

    #[cfg(unix)]
    #[test]
    fn every_other_kind_is_named_and_none_is_waited_for() {
        use std::os::unix::{fs::symlink, net::UnixListener};
        let folder = tempfile::tempdir().unwrap();
        let [pipe, socket, link, circle, long] =
            ["pipe", "socket", "link", "circle", &"x".repeat(300)]
                .map(|name| folder.path().join(name));
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let _listener = UnixListener::bind(&socket).unwrap();
        symlink("nowhere", &link).unwrap();
        symlink("circle", &circle).unwrap();
        for (path, expected) in [
            (pipe.as_path(), "is a pipe"),
            (&socket, "is a socket"),
            (Path::new("/dev/zero"), "is a device"),
            (&link, "is a link that leads nowhere"),
            (&circle, "cannot be read: Too many levels of symbolic links"),
            (&long, "cannot be read: File name too long"),
        ] {
            assert_eq!(PathKind::of(path).predicate(), expected);
            assert!(read(path).is_err(), "{}", path.display());
            assert!(read_to_string(path).is_err(), "{}", path.display());
        }
    }
}
