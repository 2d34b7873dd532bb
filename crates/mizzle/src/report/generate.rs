//! What `generate` found and wrote.

use super::{Report, push::hazard_line};
use crate::{errors::CommandError, ui::Ui};
use mizzle_core::{
    diff::{Diff, Released, TableDiff},
    plan::{Hazard, Plan},
    text,
};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What `generate` found and wrote.
#[derive(Debug, Default)]
pub(crate) struct GenerateReport {
    /// The migration's name; `None` when there was nothing to write.
    pub(crate) migration: Option<String>,
    /// The files that were written, as the user would write them.
    pub(crate) files: Vec<String>,
    /// What the migration changes.
    pub(crate) changes: Vec<Change>,
    /// The command that comes next: with what is still to be done by hand before it.
    pub(crate) next: Option<Next>,
    /// The migrations that were moved; `None` when that was not asked for.
    pub(crate) rebased: Option<Vec<Rebased>>,
    /// The migration that was removed; its files are in `files`.
    pub(crate) removed: Option<String>,
    /// Why nothing was written although there was something to write.
    pub(crate) failure: Option<CommandError>,
}

/// What comes after a migration was written.
#[derive(Debug)]
pub(crate) struct Next {
    /// The command line, as it is typed in this project.
    pub(crate) command: String,
    /// The script, as the user would write it, when it is still to be completed.
    pub(crate) incomplete: Option<String>,
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
    hazards: Vec<Hazard>,
}

#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
enum ChangeKind {
    Create,
    Update,
    Replace,
    Delete,
}

impl GenerateReport {
    /// The changes of a diff with the hazards of their plan, and what is no longer managed.
    pub(crate) fn changes(diff: &Diff, released: &[Released], plan: &Plan) -> Vec<Change> {
        let blocked: BTreeSet<&str> =
            plan.blocked.iter().map(|blocked| blocked.table.as_str()).collect();
        let mut hazards: BTreeMap<&str, Vec<Hazard>> = BTreeMap::new();
        for step in &plan.steps {
            hazards.entry(step.table()).or_default().extend(step.hazards.iter().cloned());
        }
        let changes = diff.tables.iter().map(|table| {
            let name = table.table();
            let is_blocked = blocked.contains(name);
            Change {
                kind: match table {
                    TableDiff::Create(_) => ChangeKind::Create,
                    TableDiff::Update(update) if update.needs_replacement() && !is_blocked => {
                        ChangeKind::Replace
                    }
                    TableDiff::Update(_) => ChangeKind::Update,
                    TableDiff::Delete(_) => ChangeKind::Delete,
                },
                table: name.to_owned(),
                details: table.details(),
                hazards: hazards.remove(name).unwrap_or_default(),
            }
        });
        let mut changes: Vec<Change> = changes.collect();
        let positions = changes.iter().enumerate();
        let positions: BTreeMap<String, usize> =
            positions.map(|(position, change)| (change.table.clone(), position)).collect();
        for released in released {
            let table = &released.table;
            let position = positions.get(table);
            match position.and_then(|position| changes.get_mut(*position)) {
                Some(change) => change.details.extend(released.details()),
                None => changes.push(Change {
                    kind: ChangeKind::Update,
                    table: table.clone(),
                    details: released.details(),
                    hazards: Vec::new(),
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

impl Next {
    fn text(&self) -> String {
        let Self { command, incomplete } = self;
        match incomplete {
            None => format!("Next: {command}"),
            Some(script) => format!("Next: complete {script}, then {command}"),
        }
    }
}

impl Change {
    fn text(&self) -> String {
        let verb = match self.kind {
            ChangeKind::Create => "create table",
            ChangeKind::Update => "update table",
            ChangeKind::Replace => "replace table",
            ChangeKind::Delete => "delete table",
        };
        let details = self.details.iter().cloned();
        let lines = details.chain(self.hazards.iter().map(hazard_line));
        let lines = lines.map(|line| format!("\n  {line}"));
        format!("{verb} {}{}", self.table, lines.collect::<String>())
    }
}

impl Report for GenerateReport {
    fn human(&self, ui: &Ui) {
        if !self.files.is_empty() && self.removed.is_none() {
            ui.result(self.files.join("\n"));
        }
        if let Some(removed) = &self.removed {
            ui.outro(format!("Removed {removed}"));
            return;
        }
        match (&self.migration, &self.rebased) {
            _ if self.failure.is_some() => ui.outro_cancel("Nothing was written"),
            (Some(migration), _) => {
                let wrote = format!("Wrote migration {migration}");
                match &self.next {
                    None => ui.outro(wrote),
                    Some(next) => {
                        ui.info(wrote);
                        ui.outro(next.text());
                    }
                }
            }
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
        let mut json = json!({
            "migration": self.migration,
            "files": self.files,
            "changes": self.changes,
            "next": self.next.as_ref().map(|next| &next.command),
        });
        if let Some(rebased) = &self.rebased {
            json["rebased"] = json!(rebased);
        }
        if let Some(removed) = &self.removed {
            json["removed"] = json!(removed);
        }
        json
    }

    fn failure(&self) -> Option<&CommandError> {
        self.failure.as_ref()
    }
}
