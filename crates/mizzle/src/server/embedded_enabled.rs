//! The embedded DynamoDB, in builds that contain it.

use super::Serving;
use crate::errors::{CommandError, ErrorKind};
use mizzle_core::text;
use mizzle_local::{Access, Embedded, LocalError, Purpose, Store, bind};
use std::{path::Path, time::Duration};

/// True if this build contains the embedded DynamoDB.
pub(crate) const HAS_EMBEDDED: bool = true;

/// The hint to use the embedded DynamoDB instead of a server.
pub(crate) const INSTEAD: Option<&str> = Some(
    "the embedded DynamoDB needs no server: `endpoint: \"local\"` in the config, or --endpoint local",
);

/// The hint for unexpected errors.
const OTHERWISE: &str = "run the command again; if that does not help, move .mizzle away: it is created again, without tables";

/// The timeout of waiting for another command that has the database open. Most commands take less
/// time.
const PATIENCE: Duration = Duration::from_secs(3);

/// The embedded DynamoDB during a command.
#[derive(Debug)]
pub(crate) enum Server {
    /// Open in this process.
    Opened(Embedded),
    /// Open in the `mizzle local` at this endpoint.
    Served(String),
}

impl Server {
    /// Opens the database and serves it within this process, or connects to the `mizzle local` that
    /// serves it.
    pub(crate) async fn open(file: &Path, command: &str) -> Result<Self, CommandError> {
        let access = Access::to(file, &Purpose::new(command), PATIENCE);
        match access.map_err(|error| explain(&error))? {
            Access::Opened(store) => {
                store.spawn().await.map(Self::Opened).map_err(|error| explain(&error))
            }
            Access::Served { endpoint, .. } => Ok(Self::Served(endpoint)),
        }
    }

    /// Returns the endpoint, which is on this machine.
    pub(crate) fn endpoint(&self) -> &str {
        match self {
            Self::Opened(embedded) => embedded.endpoint(),
            Self::Served(endpoint) => endpoint,
        }
    }

    /// Returns the endpoint of the `mizzle local` that serves the database.
    pub(crate) fn served_at(&self) -> Option<&str> {
        match self {
            Self::Opened(_) => None,
            Self::Served(endpoint) => Some(endpoint),
        }
    }

    /// Stops serving and closes the database, if this process opened it.
    pub(crate) async fn close(self) {
        match self {
            Self::Opened(embedded) => embedded.shutdown().await,
            Self::Served(_) => {}
        }
    }
}

/// Serves the embedded DynamoDB for other programs until `shutdown` completes. Calls `ready` with
/// the endpoint once it accepts connections.
///
/// # Errors
///
/// When the port is in use, or the database cannot be opened.
pub(crate) async fn serve(
    serving: &Serving,
    ready: impl FnOnce(&str),
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), CommandError> {
    let listener = bind(serving.port).map_err(|error| explain(&error))?;
    let address = listener.local_addr().map_err(|error| {
        CommandError::new(ErrorKind::Failed, "local-server-failed", error.to_string())
            .hint(OTHERWISE)
    })?;
    let endpoint = format!("http://{address}");
    let store = match &serving.database {
        Some(file) => Store::open(file, Purpose::serving("mizzle local", endpoint.as_str())),
        None => Store::in_memory(),
    };
    let store = store.map_err(|error| explain(&error))?;
    let server = store.serve(listener).map_err(|error| explain(&error))?;
    ready(&endpoint);
    server.run(shutdown).await;
    Ok(())
}

fn explain(error: &LocalError) -> CommandError {
    let mut message = error.to_string();
    if let Some(source) = std::error::Error::source(error) {
        message = format!("{message}: {source}");
    }
    let (kind, code) = match error {
        LocalError::NotAFile { .. }
        | LocalError::NotADirectory { .. }
        | LocalError::Linked { .. } => (ErrorKind::Failed, "invalid-database"),
        LocalError::InUse { .. } => (ErrorKind::Failed, "database-in-use"),
        LocalError::PortTaken { .. } => (ErrorKind::Failed, "port-taken"),
        LocalError::NotADatabase { .. }
        | LocalError::NotUnicode { .. }
        | LocalError::Open { .. }
        | LocalError::Io { .. }
        | LocalError::Listen { .. }
        | LocalError::NotLoopback { .. }
        | LocalError::Thread { .. }
        | LocalError::Stopped { .. } => (ErrorKind::Failed, "local-server-failed"),
    };
    let message = text::capitalised(&message);
    let hint = error.hint().unwrap_or_else(|| OTHERWISE.to_owned());
    CommandError::new(kind, code, message).hint(hint)
}
