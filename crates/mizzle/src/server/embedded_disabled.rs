//! The embedded DynamoDB, when this build has none (cargo feature `local`).

use super::Serving;
use crate::errors::{CommandError, ErrorKind};
use std::{convert::Infallible, path::Path};

/// Whether there is one in this build.
pub(crate) const HAS_EMBEDDED: bool = false;

/// What to use where no server is: nothing of this build.
pub(crate) const INSTEAD: Option<&str> = None;

/// Never exists.
#[derive(Debug)]
pub(crate) struct Server(Infallible);

impl Server {
    /// Refuses.
    pub(crate) async fn open(_file: &Path, _command: &str) -> Result<Self, CommandError> {
        Err(not_built_in(None))
    }

    /// Where it listens.
    pub(crate) fn endpoint(&self) -> &str {
        match self.0 {}
    }

    /// Where `mizzle local` serves it.
    pub(crate) fn served_at(&self) -> Option<&str> {
        match self.0 {}
    }

    /// Stops serving.
    pub(crate) async fn close(self) {
        match self.0 {}
    }
}

/// Refuses.
///
/// # Errors
///
/// Always.
pub(crate) async fn serve(
    serving: &Serving,
    _ready: impl FnOnce(&str),
    _shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), CommandError> {
    Err(not_built_in(serving.port))
}

/// Also says which port another server could take.
fn not_built_in(port: Option<u16>) -> CommandError {
    let port = port.unwrap_or(8000);
    CommandError::new(
        ErrorKind::Usage,
        "no-embedded-database",
        "This mizzle was built without the embedded DynamoDB",
    )
    .hint("use a build with the cargo feature `local`, which is on by default")
    .hint(format!("or start a server and name it: --endpoint http://127.0.0.1:{port}"))
}
