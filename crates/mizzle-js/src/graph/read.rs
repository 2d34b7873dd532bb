//! Reads files: regular ones of a bounded size, never files that could block.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

/// The maximum size of a file, in bytes.
pub(crate) const MAX_FILE: u64 = 64 << 20;

/// The reason why a file was not read.
#[derive(Debug)]
pub enum ReadError {
    /// An error of the operating system.
    Io(io::Error),
    /// A directory.
    Directory,
    /// A pipe, a socket or a device: reading it might never end.
    NotRegular,
    /// Larger than this many bytes.
    TooLarge(u64),
    /// Not UTF-8.
    NotUtf8 {
        /// The text with replacement characters.
        text: String,
        /// The position of the first replacement character, in bytes.
        offset: usize,
    },
}

impl ReadError {
    /// Returns the reason, to follow "because" or a colon.
    pub fn reason(&self) -> String {
        match self {
            Self::Io(error) if error.kind() == io::ErrorKind::NotFound => "no such file".to_owned(),
            Self::Io(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                "permission denied".to_owned()
            }
            Self::Io(error) => error.to_string(),
            Self::Directory => "it is a directory".to_owned(),
            Self::NotRegular => "it is not a regular file".to_owned(),
            Self::TooLarge(longest) => format!("it is larger than {} MiB", longest >> 20),
            Self::NotUtf8 { .. } => "it is not UTF-8 text".to_owned(),
        }
    }
}

/// Reads a regular file.
pub(crate) fn bytes(path: &Path) -> Result<Vec<u8>, ReadError> {
    bytes_up_to(path, MAX_FILE)
}

/// Reads a regular file of at most `longest` bytes.
pub(crate) fn bytes_up_to(path: &Path, longest: u64) -> Result<Vec<u8>, ReadError> {
    // Checked before opening: opening a pipe blocks until it has a writer.
    let metadata = fs::metadata(path).map_err(ReadError::Io)?;
    if metadata.is_dir() {
        return Err(ReadError::Directory);
    }
    if !metadata.is_file() {
        return Err(ReadError::NotRegular);
    }
    if metadata.len() > longest {
        return Err(ReadError::TooLarge(longest));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or_default());
    // Some files (in /proc) are longer than their reported size.
    File::open(path)
        .and_then(|file| file.take(longest + 1).read_to_end(&mut bytes))
        .map_err(ReadError::Io)?;
    if bytes.len() as u64 > longest {
        return Err(ReadError::TooLarge(longest));
    }
    Ok(bytes)
}

/// Reads a text file, without a byte order mark.
pub fn text(path: &Path) -> Result<String, ReadError> {
    let mut bytes = bytes(path)?;
    if bytes.starts_with(b"\xEF\xBB\xBF") {
        bytes.drain(..3);
    }
    String::from_utf8(bytes).map_err(|error| ReadError::NotUtf8 {
        offset: error.utf8_error().valid_up_to(),
        text: String::from_utf8_lossy(error.as_bytes()).into_owned(),
    })
}
