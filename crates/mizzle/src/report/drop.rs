//! The outcome of `drop`, table by table.

use crate::{errors::CommandError, server::TargetName};
use mizzle_engine::backup::TableBackup;
use serde::Serialize;
use std::time::Duration;

/// A reason to leave a table alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Skip {
    /// It does not exist, which is the desired state.
    Gone,
    /// It does not exist, but a table with a similar name does.
    Misspelt,
    /// It belongs to another environment.
    OtherEnvironment,
    /// It has deletion protection.
    Protected,
    /// DynamoDB does not delete it, or others would stay behind.
    NotPossible,
    /// A backup was requested, and the server has no backups.
    NoBackups,
    /// The run was interrupted before its turn.
    NotBegun,
}

/// A table that was left alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct SkippedTable {
    /// The table, as it was named.
    pub(crate) name: String,
    /// The reason, as a sentence.
    pub(crate) reason: String,
    /// The advice.
    #[serde(skip)]
    pub(crate) hint: Option<String>,
    /// The reason.
    #[serde(skip)]
    pub(crate) skip: Skip,
}

/// A table whose deletion failed. It may still exist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct FailedTable {
    /// The table.
    pub(crate) name: String,
    /// The reason, as a sentence.
    pub(crate) reason: String,
}

/// The result of `drop`.
#[derive(Debug)]
pub(crate) struct DropReport {
    /// The server.
    pub(crate) target: TargetName,
    /// The number of tables that were named or chosen.
    pub(crate) wanted: usize,
    /// The deleted tables, by name.
    pub(crate) dropped: Vec<String>,
    /// The tables that were left alone, as they were named.
    pub(crate) skipped: Vec<SkippedTable>,
    /// The tables that could not be deleted, by name.
    pub(crate) failed: Vec<FailedTable>,
    /// The started backups, by table.
    pub(crate) backups: Vec<TableBackup>,
    /// The duration of the deletions; `None` if none was started.
    pub(crate) elapsed: Option<Duration>,
    /// The reason why it did not complete.
    pub(crate) failure: Option<CommandError>,
}

impl DropReport {
    /// Creates the report of a run that has done nothing yet about `wanted` tables.
    pub(crate) fn new(target: TargetName, wanted: usize) -> Self {
        Self {
            target,
            wanted,
            dropped: Vec::new(),
            skipped: Vec::new(),
            failed: Vec::new(),
            backups: Vec::new(),
            elapsed: None,
            failure: None,
        }
    }
}
