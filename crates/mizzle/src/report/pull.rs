//! The tables that `pull` found, and the files that it wrote.

use crate::{errors::CommandError, server::TargetName};
use mizzle_engine::drift::Drift;
use serde::Serialize;

/// The result of `pull`.
#[derive(Debug)]
pub(crate) struct PullReport {
    /// The server.
    pub(crate) target: TargetName,
    /// The tables, sorted by name.
    pub(crate) tables: Vec<PulledTableReport>,
    /// The skipped tables.
    pub(crate) skipped: Vec<SkippedPull>,
    /// The written files, as the user would write them.
    pub(crate) files: Vec<String>,
    /// The text that the user has to add to the config.
    pub(crate) paste: Option<ManualEdit>,
    /// The first migration; `None` if there is a history, or nothing was written.
    pub(crate) migration: Option<String>,
    /// True if the migrations lack changes of the schema; `None` if there were no migrations.
    pub(crate) news: Option<bool>,
    /// The state of the baseline.
    pub(crate) baseline: Option<BaselineState>,
    /// The differences between the tables and the project.
    pub(crate) differences: Vec<Drift>,
    /// The command that marks the migration as applied, if it is still pending.
    pub(crate) next: Option<String>,
    /// The command that would change the tables to the project's state.
    pub(crate) push: String,
    /// With `--dry-run`: the files that would be written.
    pub(crate) texts: Vec<SchemaText>,
    /// True with `--dry-run`.
    pub(crate) dry_run: bool,
    /// True if everything but the last line was already shown, before a question.
    pub(crate) is_shown: bool,
    /// The reason why the run did not complete.
    pub(crate) failure: Option<CommandError>,
}

/// A table that was pulled.
#[derive(Debug, Serialize)]
pub(crate) struct PulledTableReport {
    /// Its name in the schema.
    pub(crate) name: String,
    /// Its name on the server.
    pub(crate) table: String,
    /// The name of its export.
    pub(crate) export: String,
    /// The file that describes it.
    pub(crate) file: String,
    /// The proposed entities.
    pub(crate) entities: Vec<String>,
    /// The number of items that they were inferred from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sampled: Option<usize>,
    /// The settings that neither the schema nor the config can express.
    pub(crate) notes: Vec<String>,
}

/// A skipped table.
#[derive(Debug, Serialize)]
pub(crate) struct SkippedPull {
    /// Its name.
    pub(crate) name: String,
    /// The reason.
    pub(crate) reason: String,
}

/// A text that the user has to add to the config.
#[derive(Debug, Serialize)]
pub(crate) struct ManualEdit {
    /// The config.
    pub(crate) file: String,
    /// The reason, as a sentence that leads to the text.
    pub(crate) reason: String,
    /// The text.
    pub(crate) text: String,
}

/// A file that would be written.
#[derive(Debug, Serialize)]
pub(crate) struct SchemaText {
    /// Its path.
    pub(crate) file: String,
    /// Its text.
    pub(crate) text: String,
}

/// The state of the baseline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum BaselineState {
    /// The migration is marked as applied.
    Applied,
    /// The migration still has to be marked as applied.
    Left,
}

impl PullReport {
    /// Creates an empty report.
    pub(crate) fn new(target: TargetName, dry_run: bool) -> Self {
        Self {
            target,
            tables: Vec::new(),
            skipped: Vec::new(),
            files: Vec::new(),
            paste: None,
            migration: None,
            news: None,
            baseline: None,
            differences: Vec::new(),
            next: None,
            push: String::new(),
            texts: Vec::new(),
            dry_run,
            is_shown: false,
            failure: None,
        }
    }
}
