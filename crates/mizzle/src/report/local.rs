//! The embedded DynamoDB that `local` runs.

/// The server that `local` runs.
#[derive(Debug)]
pub(crate) struct LocalReport {
    /// The URL at which it listens.
    pub(crate) endpoint: String,
}
