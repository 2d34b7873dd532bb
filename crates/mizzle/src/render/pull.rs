//! The report of `pull`.

use super::Render;
use crate::{
    report::{BaselineState, ManualEdit, PullReport, SchemaText, SkippedPull},
    ui::Ui,
};
use mizzle_core::text;
use mizzle_engine::drift::Drift;
use serde_json::{Value, json};

/// The number of differences that are shown; the others are counted.
const SHOWN: usize = 10;

/// Shows the tables and the written files: everything but the last line.
pub(crate) fn show_pulled(report: &PullReport, ui: &Ui) {
    show_remarks(report, ui);
    for SchemaText { file, text } in &report.texts {
        ui.result(format!("// {file}\n{}\n", text.trim_end()));
    }
    if !report.files.is_empty() {
        ui.result(report.files.join("\n"));
    }
    show_rest(report, ui);
}

impl Render for PullReport {
    fn human(&self, ui: &Ui) {
        if !self.is_shown {
            show_pulled(self, ui);
        }
        match &self.failure {
            None => ui.outro(conclusion(self)),
            // The question itself has already reported the cancellation.
            Some(failure) if failure.is_cancelled() => {}
            Some(_) if self.files.is_empty() => ui.outro_cancel("Nothing was written"),
            Some(_) => ui.outro_cancel(format!("Pulled {} only in part", count(self))),
        }
    }

    fn json(&self) -> Value {
        let mut json = json!({
            "target": self.target,
            "tables": self.tables,
            "skipped": self.skipped,
            "files": self.files,
            "paste": self.paste,
            "migration": self.migration,
            "baseline": self.baseline,
            "differences": self.differences,
            "next": self.next,
        });
        if self.dry_run {
            json["texts"] = json!(self.texts);
        }
        json
    }
}

/// Shows the tables that were left out, the notes, and the proposed entities.
fn show_remarks(report: &PullReport, ui: &Ui) {
    for SkippedPull { name, reason } in &report.skipped {
        ui.warning(format!("{name} was left out: {reason}"));
    }
    for table in &report.tables {
        for note in &table.notes {
            ui.info(format!("{}: {note}", table.table));
        }
    }
    let sampled = report.tables.iter().filter(|table| !table.entities.is_empty());
    let lines = sampled.map(|table| {
        let items = text::count(table.sampled.unwrap_or_default(), "item", "items");
        format!("\n  {}: {} (of {items})", table.table, table.entities.join(", "))
    });
    let lines: String = lines.collect();
    if !lines.is_empty() {
        ui.step(format!("Proposed entities, to be looked through{lines}"));
    }
}

/// Shows the work that is left to the user, and the differences from the project.
fn show_rest(report: &PullReport, ui: &Ui) {
    if let Some(ManualEdit { reason, text, .. }) = &report.paste {
        ui.warning(format!("{reason}:\n{text}"));
    }
    if report.differences.is_empty() {
        return;
    }
    let shown = report.differences.iter().take(SHOWN);
    let lines = shown.map(|Drift { table, change }| format!("\n  {table}: {change}"));
    let mut lines: String = lines.collect();
    if let Some(more) = report.differences.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        lines.push_str(&format!("\n  and {more} more"));
    }
    ui.warning(format!(
        "The tables differ from what config and schema say of them now; `{}` would change:{lines}",
        report.push
    ));
}

/// Returns the last line.
fn conclusion(report: &PullReport) -> String {
    let count = count(report);
    match (&report.migration, report.baseline, &report.next, report.news) {
        _ if report.tables.is_empty() => "There is no table to pull".to_owned(),
        _ if report.dry_run => format!("{count} to pull; nothing was written (--dry-run)"),
        (Some(migration), Some(BaselineState::Applied), _, _) => {
            format!("Pulled {count}, and {migration} is marked as applied")
        }
        (Some(_), _, Some(next), _) if report.differences.is_empty() => {
            format!("Pulled {count}. Next: {next}")
        }
        (Some(_), _, Some(next), _) => {
            format!("Pulled {count}. Next: correct the config, or {}; then {next}", report.push)
        }
        (None, _, _, Some(true)) => {
            format!("Pulled {count}. Next: mizzle generate, which records what has changed")
        }
        (None, _, _, Some(false)) => {
            format!("Pulled {count}; the migrations say all of it already")
        }
        (None, _, _, None) if let Some(ManualEdit { file, .. }) = &report.paste => format!(
            "Pulled {count}, without a migration yet. Next: put the text into {file}, and run the command again"
        ),
        _ => format!("Pulled {count}"),
    }
}

fn count(report: &PullReport) -> String {
    text::count(report.tables.len(), "table", "tables")
}
