//! Errors of the embedded database.

use crate::owner::Owner;
use std::{io, path::PathBuf};

/// An embedded database that could not be opened or served.
#[derive(Debug, thiserror::Error)]
pub enum LocalError {
    /// Another process (or another part of this one) has the database open.
    #[error("{} is in use by {}", path.display(), OwnerName(owner.as_ref()))]
    InUse {
        /// The database file.
        path: PathBuf,
        /// The holder of the lock; `None` without a readable note.
        owner: Option<Owner>,
    },
    /// The file exists, but is not a database.
    #[error("{} is not a database of the embedded DynamoDB", path.display())]
    NotADatabase {
        /// The file.
        path: PathBuf,
    },
    /// The path is not a regular file.
    #[error("{} is {kind}, where a file belongs", path.display())]
    NotAFile {
        /// The path.
        path: PathBuf,
        /// The kind of the entry at the path, with an article: `a pipe`, `a directory`.
        kind: &'static str,
    },
    /// The path is not a directory.
    #[error("{} is {kind}, where a directory belongs", path.display())]
    NotADirectory {
        /// The path.
        path: PathBuf,
        /// The kind of the entry at the path, with an article.
        kind: &'static str,
    },
    /// The file has two names (hard links): a second process would not see the lock of the first.
    #[error(
        "{} has another name in the file system (a hard link), and a database must have one",
        path.display()
    )]
    Linked {
        /// The requested name.
        path: PathBuf,
    },
    /// The path cannot be passed to the database engine.
    #[error("the path {} is not valid Unicode", path.display())]
    NotUnicode {
        /// The path.
        path: PathBuf,
    },
    /// The database engine rejected the file, or failed.
    #[error("could not open the database {}: {message}", path.display())]
    Open {
        /// The database file; `:memory:` for a database in memory.
        path: PathBuf,
        /// The engine's message.
        message: String,
    },
    /// A file or directory beside the database could not be created, written or locked.
    #[error("could not {action} {}", path.display())]
    Io {
        /// The failed action: `create the directory`, `lock`, ….
        action: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
    /// The port is already in use.
    #[error("port {port} on this machine is already in use")]
    PortTaken {
        /// The requested port.
        port: u16,
    },
    /// The port could not be bound, for another reason than a port in use.
    #[error("could not listen on 127.0.0.1:{port}")]
    Listen {
        /// The requested port; 0 for any free one.
        port: u16,
        /// The reason.
        source: io::Error,
    },
    /// The listener could be reached from other machines.
    #[error(
        "{address} can be reached from other machines; the embedded DynamoDB has no access control and listens on 127.0.0.1 only"
    )]
    NotLoopback {
        /// The address that the listener is bound to.
        address: std::net::SocketAddr,
    },
    /// The system does not allow this user to start more threads.
    #[error("could not start a thread for the embedded DynamoDB")]
    Thread {
        /// The reason.
        source: io::Error,
    },
    /// The server stopped by itself.
    #[error("the embedded DynamoDB stopped: {message}")]
    Stopped {
        /// The server's message.
        message: String,
    },
}

impl LocalError {
    /// Returns a fix, if there is one.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::InUse { owner: Some(Owner { pid, endpoint: Some(endpoint), .. }), .. } => Some(
                format!("stop it (process {pid}), or use its endpoint: --endpoint {endpoint}"),
            ),
            Self::InUse { owner: Some(Owner { pid, .. }), .. } => {
                Some(format!("wait until it is done, or stop it (process {pid})"))
            }
            Self::InUse { owner: None, .. } => {
                Some("wait until it is done, or stop it".to_owned())
            }
            Self::NotADatabase { .. } => {
                Some("move the file away, or choose another path for the database".to_owned())
            }
            Self::Linked { path } => {
                let path = path.display();
                Some(format!("use a copy of it: cp {path} {path}.copy && mv {path}.copy {path}"))
            }
            Self::NotAFile { .. } | Self::NotADirectory { .. } => {
                Some("move it away, or choose another path for the database".to_owned())
            }
            Self::NotUnicode { .. } => Some("choose another path for the database".to_owned()),
            Self::Open { .. } | Self::Stopped { .. } => None,
            Self::Io { source, .. } => match source.kind() {
                io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Some(
                    "the database needs a directory that this user may write to; choose another path"
                        .to_owned(),
                ),
                io::ErrorKind::StorageFull => Some("free some space on the disk".to_owned()),
                _ => None,
            },
            Self::PortTaken { .. } => {
                Some("stop what listens there, or choose another port with --port".to_owned())
            }
            Self::Listen { source, .. } => match source.kind() {
                io::ErrorKind::PermissionDenied => {
                    Some("choose a port above 1023 with --port".to_owned())
                }
                _ => None,
            },
            Self::Thread { .. } => {
                Some("end other programs, or raise the limits of this user".to_owned())
            }
            Self::NotLoopback { .. } => Some("bind the listener to 127.0.0.1".to_owned()),
        }
    }
}

/// The holder of a lock, formatted for an error.
struct OwnerName<'a>(Option<&'a Owner>);

impl std::fmt::Display for OwnerName<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            Some(owner) => write!(f, "{owner}"),
            None => f.write_str("another process"),
        }
    }
}
