//! The report of `generate`.

use super::{Render, plan::hazard_line};
use crate::{
    report::{Change, ChangeKind, GenerateReport, Next},
    ui::Ui,
};
use mizzle_core::text;
use serde_json::{Value, json};

/// Shows changes, table by table.
pub(crate) fn show_changes(changes: &[Change], ui: &Ui) {
    for Change { kind, table, details, hazards } in changes {
        let verb = match kind {
            ChangeKind::Create => "create table",
            ChangeKind::Update => "update table",
            ChangeKind::Replace => "replace table",
            ChangeKind::Delete => "delete table",
        };
        let lines = details.iter().cloned().chain(hazards.iter().map(hazard_line));
        let lines = lines.map(|line| format!("\n  {line}"));
        ui.step(format!("{verb} {table}{}", lines.collect::<String>()));
    }
}

impl Render for GenerateReport {
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
                    Some(Next { command, incomplete }) => {
                        ui.info(wrote);
                        ui.outro(match incomplete {
                            None => format!("Next: {command}"),
                            Some(script) => format!("Next: complete {script}, then {command}"),
                        });
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
}
