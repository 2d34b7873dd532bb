//! What became of the tables that were to be dropped.

use super::Report;
use crate::{
    errors::CommandError,
    server::TargetName,
    ui::{Ui, duration},
};
use mizzle_core::text;
use mizzle_engine::backup::TableBackup;
use serde::Serialize;
use serde_json::{Value, json};
use std::time::Duration;

/// Why a table was left alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Skip {
    /// It is not there, which is what was wanted.
    Gone,
    /// It is not there, and another one is that was probably meant.
    Misspelt,
    /// It is not one of the environment.
    OtherEnvironment,
    /// It is protected against being deleted.
    Protected,
    /// DynamoDB does not delete it, or others would stay behind.
    NotPossible,
    /// It was to be backed up, and the server knows no backups.
    NoBackups,
    /// Somebody interrupted before it was its turn.
    NotBegun,
}

/// A table that was left alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct SkippedTable {
    /// The table, as it was named.
    pub(crate) name: String,
    /// Why, as a sentence.
    pub(crate) reason: String,
    /// What to do.
    #[serde(skip)]
    pub(crate) hint: Option<String>,
    /// Why.
    #[serde(skip)]
    pub(crate) skip: Skip,
}

/// A table that is still there, or may be, although it was to be deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct FailedTable {
    /// The table.
    pub(crate) name: String,
    /// Why, as a sentence.
    pub(crate) reason: String,
}

/// Backups that were begun.
pub(crate) struct TableBackups<'a>(pub(crate) &'a [TableBackup]);

impl TableBackups<'_> {
    /// Shows the backups, before anything is deleted.
    pub(crate) fn show(&self, ui: &Ui) {
        for TableBackup { table, arn } in self.0 {
            // Not wrapped: it is there to be copied.
            ui.wide_result(format!("Backup of {table}: {arn}"));
        }
    }
}

/// What became of the tables that were to be dropped.
#[derive(Debug)]
pub(crate) struct DropReport {
    /// The server.
    pub(crate) target: TargetName,
    /// How many tables were named or chosen.
    pub(crate) wanted: usize,
    /// Those that were there and are gone, by name.
    pub(crate) dropped: Vec<String>,
    /// Those that were left alone, as they were named.
    pub(crate) skipped: Vec<SkippedTable>,
    /// Those that could not be deleted, by name.
    pub(crate) failed: Vec<FailedTable>,
    /// The backups that were begun, by table.
    pub(crate) backups: Vec<TableBackup>,
    /// How long the deletions took; `None` when none was begun.
    pub(crate) elapsed: Option<Duration>,
    /// Why not all of them are gone.
    pub(crate) failure: Option<CommandError>,
}

impl DropReport {
    /// Nothing was done yet about so many tables.
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

    /// ` in 1.2s`
    fn time(&self) -> String {
        self.elapsed.map(|elapsed| format!(" in {}", duration(elapsed))).unwrap_or_default()
    }
}

impl Report for DropReport {
    fn human(&self, ui: &Ui) {
        let tables = |count| text::count(count, "table", "tables");
        match &self.failure {
            None if self.wanted == 0 => {
                ui.outro(format!("There is no table to drop at {}", self.target));
            }
            None if self.dropped.is_empty() => ui.outro("Nothing to drop"),
            None => ui.outro(format!("Dropped {}{}", tables(self.dropped.len()), self.time())),
            Some(error) if error.is_cancelled() => {}
            Some(_) if self.elapsed.is_none() && self.backups.is_empty() => {
                ui.outro_cancel("Nothing was changed");
            }
            Some(_) => {
                let (dropped, wanted) = (self.dropped.len(), tables(self.wanted));
                ui.outro_cancel(format!("Dropped {dropped} of {wanted}{}", self.time()));
            }
        }
    }

    fn json(&self) -> Value {
        json!({
            "target": self.target,
            "dropped": self.dropped,
            "skipped": self.skipped,
            "failed": self.failed,
            "backups": self.backups,
        })
    }

    fn failure(&self) -> Option<&CommandError> {
        self.failure.as_ref()
    }
}
