//! What `pull` found and wrote.

use super::Report;
use crate::{errors::CommandError, server::TargetName, ui::Ui};
use mizzle_core::text;
use mizzle_engine::drift::Drift;
use serde::Serialize;
use serde_json::{Value, json};

/// Differences that are told of one by one; the others are counted.
const SHOWN: usize = 10;

/// What `pull` found and wrote.
#[derive(Debug)]
pub(crate) struct PullReport {
    /// The server.
    pub(crate) target: TargetName,
    /// The tables, sorted by name.
    pub(crate) tables: Vec<PulledTableReport>,
    /// The tables that were left out.
    pub(crate) skipped: Vec<SkippedPull>,
    /// The files that were written, as the user would write them.
    pub(crate) files: Vec<String>,
    /// What has to be put into the config by hand.
    pub(crate) paste: Option<Paste>,
    /// The first migration; `None` when there is a history, or nothing was written.
    pub(crate) migration: Option<String>,
    /// Where there were migrations already: whether the schema says anything that they do not.
    pub(crate) news: Option<bool>,
    /// What became of marking it as applied.
    pub(crate) baseline: Option<BaselineState>,
    /// How the tables differ from what the project says of them.
    pub(crate) differences: Vec<Drift>,
    /// The command that marks the migration as applied, where that is still to be done.
    pub(crate) next: Option<String>,
    /// The command that would bring the tables to what the project says.
    pub(crate) push: String,
    /// With `--dry-run`: what would be written.
    pub(crate) texts: Vec<SchemaText>,
    dry_run: bool,
    /// Whether what was written is on the screen already.
    is_shown: bool,
    /// What kept it from its end.
    pub(crate) failure: Option<CommandError>,
}

/// A table that was pulled.
#[derive(Debug, Serialize)]
pub(crate) struct PulledTableReport {
    /// Its name in the schema.
    pub(crate) name: String,
    /// Its name on the server.
    pub(crate) table: String,
    /// What the schema calls it.
    pub(crate) export: String,
    /// The file that describes it.
    pub(crate) file: String,
    /// The entities that are proposed.
    pub(crate) entities: Vec<String>,
    /// How many items that was made of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sampled: Option<usize>,
    /// What neither the schema nor the config says.
    pub(crate) notes: Vec<String>,
}

/// A table that was left out.
#[derive(Debug, Serialize)]
pub(crate) struct SkippedPull {
    /// Its name.
    pub(crate) name: String,
    /// Why.
    pub(crate) reason: String,
}

/// What has to be put into the config by hand.
#[derive(Debug, Serialize)]
pub(crate) struct Paste {
    /// The config.
    pub(crate) file: String,
    /// Why it was not done, as a sentence that leads to the text.
    pub(crate) reason: String,
    /// The text.
    pub(crate) text: String,
}

/// A file that would be written.
#[derive(Debug, Serialize)]
pub(crate) struct SchemaText {
    /// Where.
    pub(crate) file: String,
    /// What would be in it.
    pub(crate) text: String,
}

/// What became of marking the migration as applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum BaselineState {
    /// It is marked.
    Applied,
    /// It is still to be done.
    Left,
}

impl PullReport {
    /// Nothing yet.
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

    fn count(&self) -> String {
        text::count(self.tables.len(), "table", "tables")
    }

    /// What was looked at, and what nobody can write down.
    fn show_remarks(&self, ui: &Ui) {
        for SkippedPull { name, reason } in &self.skipped {
            ui.warning(format!("{name} was left out: {reason}"));
        }
        for table in &self.tables {
            for note in &table.notes {
                ui.info(format!("{}: {note}", table.table));
            }
        }
        let sampled = self.tables.iter().filter(|table| !table.entities.is_empty());
        let lines = sampled.map(|table| {
            let items = text::count(table.sampled.unwrap_or_default(), "item", "items");
            format!("\n  {}: {} (of {items})", table.table, table.entities.join(", "))
        });
        let lines: String = lines.collect();
        if !lines.is_empty() {
            ui.step(format!("Proposed entities, to be looked through{lines}"));
        }
    }

    /// What is left to do by hand, and what of the tables is otherwise than the project says.
    fn show_rest(&self, ui: &Ui) {
        if let Some(Paste { reason, text, .. }) = &self.paste {
            ui.warning(format!("{reason}:\n{text}"));
        }
        if self.differences.is_empty() {
            return;
        }
        let shown = self.differences.iter().take(SHOWN);
        let lines = shown.map(|Drift { table, change }| format!("\n  {table}: {change}"));
        let mut lines: String = lines.collect();
        if let Some(more) = self.differences.len().checked_sub(SHOWN).filter(|more| *more > 0) {
            lines.push_str(&format!("\n  and {more} more"));
        }
        ui.warning(format!(
            "The tables differ from what config and schema say of them now; `{}` would change:{lines}",
            self.push
        ));
    }
}

impl PullReport {
    /// Shows what was found and written, once: before a question that is about it, or at the end.
    pub(crate) fn show_written(&mut self, ui: &Ui) {
        self.show_all(ui);
        self.is_shown = true;
    }

    fn show_all(&self, ui: &Ui) {
        self.show_remarks(ui);
        for SchemaText { file, text } in &self.texts {
            ui.result(format!("// {file}\n{}\n", text.trim_end()));
        }
        if !self.files.is_empty() {
            ui.result(self.files.join("\n"));
        }
        self.show_rest(ui);
    }

    /// The last line.
    fn conclusion(&self) -> String {
        let count = self.count();
        match (&self.migration, self.baseline, &self.next, self.news) {
            _ if self.tables.is_empty() => "There is no table to pull".to_owned(),
            _ if self.dry_run => format!("{count} to pull; nothing was written (--dry-run)"),
            (Some(migration), Some(BaselineState::Applied), _, _) => {
                format!("Pulled {count}, and {migration} is marked as applied")
            }
            (Some(_), _, Some(next), _) if self.differences.is_empty() => {
                format!("Pulled {count}. Next: {next}")
            }
            (Some(_), _, Some(next), _) => {
                format!("Pulled {count}. Next: correct the config, or {}; then {next}", self.push)
            }
            (None, _, _, Some(true)) => {
                format!("Pulled {count}. Next: mizzle generate, which records what has changed")
            }
            (None, _, _, Some(false)) => {
                format!("Pulled {count}; the migrations say all of it already")
            }
            (None, _, _, None) if let Some(Paste { file, .. }) = &self.paste => format!(
                "Pulled {count}, without a migration yet. Next: put the text into {file}, and run the command again"
            ),
            _ => format!("Pulled {count}"),
        }
    }
}

impl Report for PullReport {
    fn human(&self, ui: &Ui) {
        if !self.is_shown {
            self.show_all(ui);
        }
        match &self.failure {
            None => ui.outro(self.conclusion()),
            // The question itself has said so.
            Some(failure) if failure.is_cancelled() => {}
            Some(_) if self.files.is_empty() => ui.outro_cancel("Nothing was written"),
            Some(_) => ui.outro_cancel(format!("Pulled {} only in part", self.count())),
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

    fn failure(&self) -> Option<&CommandError> {
        self.failure.as_ref()
    }
}
