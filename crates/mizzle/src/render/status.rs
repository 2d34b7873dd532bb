//! The report of `status`.

use super::Render;
use crate::{
    report::{ListedMigration, Mismatch, State, StatusReport, UnappliedChange},
    ui::Ui,
};
use mizzle_core::{ledger::AppliedBy, text};
use mizzle_engine::drift::Drift;
use serde_json::{Value, json};

impl Render for StatusReport {
    fn human(&self, ui: &Ui) {
        let names = self.migrations.iter().map(|migration| migration.name.to_string());
        let width = names.map(|name| name.chars().count()).max().unwrap_or_default();
        let migrations = self.migrations.iter().map(|migration| line(migration, width));
        let migrations: Vec<String> = migrations.collect();
        if !migrations.is_empty() {
            ui.result(migrations.join("\n"));
        }
        for Mismatch { message, hints, is_in_the_way: _ } in &self.problems {
            let hints = hints.iter().map(|hint| format!("\n  help: {hint}"));
            ui.warning(format!("{message}{}", hints.collect::<String>()));
        }
        if !self.drift.is_empty() {
            ui.result(drift_lines("Drift, to be as the migrations say:", &self.drift));
        }
        if !self.ignored.is_empty() {
            let lines = self.ignored.iter().map(|UnappliedChange { table, setting, reason }| {
                format!("  {table}: {setting} ({reason})")
            });
            let lines: Vec<String> = lines.collect();
            ui.info(format!("Ignored by this server, so no drift:\n{}", lines.join("\n")));
        }
        if !self.schema.is_empty() {
            ui.result(drift_lines("The schema has changes without a migration:", &self.schema));
        }
        ui.outro(summary(self));
    }

    fn json(&self) -> Value {
        let failed = self.migrations.iter().filter(|migration| migration.state == State::Failed);
        let failed = failed.map(|ListedMigration { name, error, .. }| {
            json!({ "name": name.to_string(), "error": error })
        });
        let migrations = self.migrations.iter().map(|migration| {
            let ListedMigration { name, state, by, error: _ } = migration;
            json!({
                "name": name.to_string(),
                "state": state,
                "at": by.as_ref().map(AppliedBy::time),
                "by": by.as_ref().map(|by| &by.by),
            })
        });
        let problems: Vec<&String> = self.problems.iter().map(|problem| &problem.message).collect();
        let resolutions = self.resolutions.iter().map(|resolution| {
            json!({
                "migration": resolution.migration,
                "kind": resolution.kind,
                "at": AppliedBy { at: resolution.at, by: String::new() }.time(),
                "by": resolution.by,
            })
        });
        json!({
            "target": self.target,
            "migrations": migrations.collect::<Vec<Value>>(),
            "applied": names(self, is_applied),
            "pending": names(self, |state| state == State::Pending),
            "unfinished": names(self, |state| matches!(state, State::Unfinished | State::Undoing)),
            "failed": failed.collect::<Vec<Value>>(),
            "changed": names(self, |state| state == State::Changed),
            "problems": problems,
            "drift": self.drift,
            "ignored": self.ignored,
            "schema": self.schema,
            "resolutions": resolutions.collect::<Vec<Value>>(),
            "next": self.next(),
        })
    }
}

/// Returns `applied    0001_init  2026-11-28T10:11:12Z by ada@build-7`, with the name padded to
/// `width`.
fn line(migration: &ListedMigration, width: usize) -> String {
    let ListedMigration { name, state, by, error } = migration;
    let state = match state {
        State::Applied => "applied",
        State::Changed => "changed",
        State::Failed => "failed",
        State::Unfinished => "unfinished",
        State::Undoing => "undoing",
        State::Pending => "pending",
    };
    let name = name.to_string();
    let by = by.as_ref().map(|by| format!("  {by}")).unwrap_or_default();
    let error = error.as_ref().map(|error| format!(": {error}")).unwrap_or_default();
    let width = if by.is_empty() { 0 } else { width };
    format!("{state:<10} {name:<width$}{by}{error}")
}

/// Returns a title and the differences, one per line: `Shop: add GSI byStatus`.
fn drift_lines(title: &str, drift: &[Drift]) -> String {
    let lines = drift.iter().map(|Drift { table, change }| format!("  {table}: {change}"));
    std::iter::once(title.to_owned()).chain(lines).collect::<Vec<String>>().join("\n")
}

/// Returns the last lines.
fn summary(report: &StatusReport) -> String {
    let mut summary = if report.is_in_order() {
        "Every migration is applied, and the tables are as they say".to_owned()
    } else {
        let to_undo = report.count(|state| state == State::Undoing);
        let to_run = report.count(|state| !is_applied(state)) - to_undo;
        let to_run = text::count(to_run, "migration", "migrations");
        let drift = text::count(report.drift.len(), "difference", "differences");
        let to_undo = match to_undo {
            0 => String::new(),
            count => format!(", {count} to undo"),
        };
        format!("{to_run} to run{to_undo}, {drift} from the newest applied one")
    };
    if let Some(next) = report.next() {
        summary += &format!("\nNext: {next}");
        if report.is_at_schema {
            summary += "\n  (the tables are as the schema describes them already; then mark the migration as applied: mizzle migrate --baseline)";
        }
    }
    summary
}

fn is_applied(state: State) -> bool {
    matches!(state, State::Applied | State::Changed)
}

/// Returns the names of the migrations in a state.
fn names(report: &StatusReport, is_so: impl Fn(State) -> bool) -> Vec<String> {
    let migrations = report.migrations.iter().filter(|migration| is_so(migration.state));
    migrations.map(|migration| migration.name.to_string()).collect()
}
