//! The result of `drop` for each table.

use crate::{errors::CommandError, server::TargetName};
use mizzle_engine::backup::TableBackup;
use serde::Serialize;
use std::time::Duration;

/// The reason for skipping a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Skip {
    /// The table does not exist, which is the desired state.
    Gone,
    /// The table does not exist, but one with a similar name does.
    Misspelt,
    /// The table belongs to another environment.
    OtherEnvironment,
    /// The table has deletion protection.
    Protected,
    /// DynamoDB refuses the deletion, or replicas would remain.
    NotPossible,
    /// A backup was requested, and the server has no backups.
    NoBackups,
    /// The run was interrupted before the deletion was started.
    NotBegun,
}

/// A skipped table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct SkippedTable {
    /// The table, as it was named.
    pub(crate) name: String,
    /// The reason, as a sentence.
    pub(crate) reason: String,
    /// The hint.
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
    /// The skipped tables, as they were named.
    pub(crate) skipped: Vec<SkippedTable>,
    /// The tables that could not be deleted, by name.
    pub(crate) failed: Vec<FailedTable>,
    /// The started backups, by table.
    pub(crate) backups: Vec<TableBackup>,
    /// The duration of the deletions; `None` if none was started.
    pub(crate) elapsed: Option<Duration>,
    /// The reason why the run did not complete.
    pub(crate) failure: Option<CommandError>,
}

impl DropReport {
    /// Creates the report of a run on `wanted` tables that has done nothing yet.
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
