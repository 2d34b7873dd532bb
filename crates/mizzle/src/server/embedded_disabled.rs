//! A stub for builds without the embedded DynamoDB (cargo feature `local`).

use super::Serving;
use crate::errors::{CommandError, ErrorKind};
use std::{convert::Infallible, path::Path};

/// True if this build contains the embedded DynamoDB.
pub(crate) const HAS_EMBEDDED: bool = false;

/// The hint to use the embedded DynamoDB; `None` in this build.
pub(crate) const INSTEAD: Option<&str> = None;

/// An uninhabited type: this build has no such server.
#[derive(Debug)]
pub(crate) struct Server(Infallible);

impl Server {
    /// Fails with an error.
    pub(crate) async fn open(_file: &Path, _command: &str) -> Result<Self, CommandError> {
        Err(not_built_in(None))
    }

    /// Returns the endpoint.
    pub(crate) fn endpoint(&self) -> &str {
        match self.0 {}
    }

    /// Returns the endpoint of the `mizzle local` that serves the database.
    pub(crate) fn served_at(&self) -> Option<&str> {
        match self.0 {}
    }

    /// Stops serving.
    pub(crate) async fn close(self) {
        match self.0 {}
    }
}

/// Fails with an error.
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

/// Returns the error, with a hint that names a port for another server.
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
