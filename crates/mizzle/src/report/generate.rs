//! What `generate` found and wrote.

use super::Report;
use crate::{error::CommandError, ui::Ui};
use mizzle_core::{
    diff::{Diff, Released, TableDiff},
    text,
};
use serde::Serialize;
use serde_json::{Value, json};

/// What `generate` found and wrote.
#[derive(Debug, Default)]
pub(crate) struct GenerateReport {
    /// The migration's name; `None` when there was nothing to write.
    pub(crate) migration: Option<String>,
    /// The files that were written, as the user would write them.
    pub(crate) files: Vec<String>,
    /// What the migration changes.
    pub(crate) changes: Vec<Change>,
    /// The migrations that were moved; `None` when that was not asked for.
    pub(crate) rebased: Option<Vec<Rebased>>,
    /// Why nothing was written although there was something to write.
    pub(crate) failure: Option<CommandError>,
}

/// A migration that was moved.
#[derive(Debug, Serialize)]
pub(crate) struct Rebased {
    /// Its name before.
    pub(crate) from: String,
    /// Its name now.
    pub(crate) to: String,
}

/// A table that changes.
#[derive(Debug, Serialize)]
pub(crate) struct Change {
    kind: ChangeKind,
    table: String,
    details: Vec<String>,
}

#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
enum ChangeKind {
    Create,
    Update,
    Delete,
}

impl GenerateReport {
    /// The changes of a diff, and what is no longer managed.
    pub(crate) fn changes(diff: &Diff, released: &[Released]) -> Vec<Change> {
        let changes = diff.tables.iter().map(|table| Change {
            kind: match table {
                TableDiff::Create(_) => ChangeKind::Create,
                TableDiff::Update(_) => ChangeKind::Update,
                TableDiff::Delete(_) => ChangeKind::Delete,
            },
            table: table.table().to_owned(),
            details: table.details(),
        });
        let mut changes: Vec<Change> = changes.collect();
        for released in released {
            let table = &released.table;
            match changes.iter_mut().find(|change| change.table == *table) {
                Some(change) => change.details.extend(released.details()),
                None => changes.push(Change {
                    kind: ChangeKind::Update,
                    table: table.clone(),
                    details: released.details(),
                }),
            }
        }
        changes
    }

    /// Shows the changes, table by table.
    pub(crate) fn show_changes(changes: &[Change], ui: &Ui) {
        for change in changes {
            ui.step(change.text());
        }
    }
}

impl Change {
    fn text(&self) -> String {
        let verb = match self.kind {
            ChangeKind::Create => "create table",
            ChangeKind::Update => "update table",
            ChangeKind::Delete => "delete table",
        };
        let details = self.details.iter().map(|detail| format!("\n  {detail}"));
        format!("{verb} {}{}", self.table, details.collect::<String>())
    }
}

impl Report for GenerateReport {
    fn human(&self, ui: &Ui) {
        if !self.files.is_empty() {
            ui.result(self.files.join("\n"));
        }
        match (&self.migration, &self.rebased) {
            _ if self.failure.is_some() => ui.outro_cancel("Nothing was written"),
            (Some(migration), _) => ui.outro(format!("Wrote migration {migration}")),
            (None, None) => ui.outro("The schema has not changed: nothing to write"),
            (None, Some(rebased)) if rebased.is_empty() => {
                ui.outro("The migrations are one line: nothing to rebase");
            }
            (None, Some(rebased)) => {
                let count = text::count(rebased.len(), "migration", "migrations");
                ui.outro(format!("Moved {count}"));
            }
        }
    }

    fn json(&self) -> Value {
        let mut json =
            json!({ "migration": self.migration, "files": self.files, "changes": self.changes });
        if let Some(rebased) = &self.rebased {
            json["rebased"] = json!(rebased);
        }
        json
    }

    fn failure(&self) -> Option<&CommandError> {
        self.failure.as_ref()
    }
}
