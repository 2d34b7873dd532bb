//! The state of the migrations in an environment, and its drift.

use super::{Remaining, Report};
use crate::{
    errors::{CommandError, ErrorKind},
    server::TargetName,
    ui::Ui,
};
use mizzle_core::{
    ledger::{AppliedBy, LedgerProblem, Record, RecordState, Resolution, Standing},
    snapshot::MigrationName,
    text,
};
use mizzle_engine::drift::Drift;
use serde::Serialize;
use serde_json::{Value, json};

/// The state of a migration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Applied,
    Changed,
    Failed,
    Unfinished,
    Undoing,
    Pending,
}

impl State {
    fn word(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Changed => "changed",
            Self::Failed => "failed",
            Self::Unfinished => "unfinished",
            Self::Undoing => "undoing",
            Self::Pending => "pending",
        }
    }
}

/// One migration.
#[derive(Debug)]
struct Line {
    name: MigrationName,
    state: State,
    /// When it was applied, failed or begun, and by whom; `None` for a pending one.
    by: Option<AppliedBy>,
    /// The error that it failed with.
    error: Option<String>,
}

impl Line {
    /// `applied    0001_init  2026-11-28T10:11:12Z by ada@build-7`, the names in a column of `width`.
    fn text(&self, width: usize) -> String {
        let Self { name, state, by, error } = self;
        let state = state.word();
        let name = name.to_string();
        let by = by.as_ref().map(|by| format!("  {by}")).unwrap_or_default();
        let error = error.as_ref().map(|error| format!(": {error}")).unwrap_or_default();
        let width = if by.is_empty() { 0 } else { width };
        format!("{state:<10} {name:<width$}{by}{error}")
    }
}

/// A mismatch between the scripts and the ledger, and the ways out.
#[derive(Debug)]
struct Mismatch {
    message: String,
    is_in_the_way: bool,
    hints: Vec<String>,
}

/// The state of the migrations in an environment, and its drift.
#[derive(Debug)]
pub(crate) struct StatusReport {
    target: TargetName,
    /// The name of the environment.
    environment: Option<String>,
    migrations: Vec<Line>,
    problems: Vec<Mismatch>,
    /// The differences from the newest applied snapshot.
    pub(crate) drift: Vec<Drift>,
    /// The differences that the server is known to ignore.
    pub(crate) ignored: Vec<Remaining>,
    /// The changes of the schema that no migration has.
    pub(crate) schema: Vec<Drift>,
    /// The tables that those changes would replace.
    pub(crate) replaced: Vec<String>,
    /// Whether the tables already are as the schema describes them.
    pub(crate) is_at_schema: bool,
    /// The resolutions by hand, the oldest first.
    pub(crate) resolutions: Vec<Resolution>,
    exit_code: bool,
    failure: CommandError,
}

impl StatusReport {
    /// An empty report.
    pub(crate) fn new(target: TargetName, environment: Option<&str>, exit_code: bool) -> Self {
        let message = "There is something to do (--exit-code)";
        Self {
            target,
            environment: environment.map(str::to_owned),
            migrations: Vec::new(),
            problems: Vec::new(),
            drift: Vec::new(),
            ignored: Vec::new(),
            schema: Vec::new(),
            replaced: Vec::new(),
            is_at_schema: false,
            resolutions: Vec::new(),
            exit_code,
            failure: CommandError::new(ErrorKind::Pending, "pending", message),
        }
    }

    /// Adds a migration, and what the ledger has of it.
    pub(crate) fn add(
        &mut self,
        name: &MigrationName,
        standing: Standing,
        record: Option<&Record>,
        problems: &[LedgerProblem],
    ) {
        let is_changed = problems.iter().any(
            |problem| matches!(problem, LedgerProblem::Changed { name: changed, .. } if changed == name),
        );
        let state = match standing {
            Standing::Applied if is_changed => State::Changed,
            Standing::Applied => State::Applied,
            Standing::Pending => State::Pending,
            Standing::Unfinished => State::Unfinished,
            Standing::Failed => State::Failed,
            Standing::Undoing => State::Undoing,
        };
        // The ledger holds what a script threw, which may be long and have many lines.
        let error = record.and_then(|record| record.error.as_deref()).map(text::excerpt);
        let by = record.map(|record| match record.state {
            // Its end is not known.
            RecordState::Running | RecordState::Undoing => {
                AppliedBy { at: record.started_at, by: record.by.clone() }
            }
            RecordState::Applied | RecordState::Failed => AppliedBy::of(record),
        });
        self.migrations.push(Line { name: name.clone(), state, by, error });
    }

    /// Adds a mismatch, and the ways out.
    pub(crate) fn add_problem(&mut self, problem: &LedgerProblem, hints: Vec<String>) {
        self.problems.push(Mismatch {
            message: text::capitalised(&problem.to_string()),
            is_in_the_way: problem.is_in_the_way(),
            hints,
        });
    }

    fn count(&self, is_so: impl Fn(State) -> bool) -> usize {
        self.migrations.iter().filter(|migration| is_so(migration.state)).count()
    }

    /// Whether the environment is as the migrations say. The schema has no part in that.
    fn is_in_order(&self) -> bool {
        self.count(|state| state != State::Applied) == 0
            && self.problems.is_empty()
            && self.drift.is_empty()
    }

    /// The names of the migrations that are so.
    fn names(&self, is_so: impl Fn(State) -> bool) -> Vec<String> {
        let migrations = self.migrations.iter().filter(|migration| is_so(migration.state));
        migrations.map(|migration| migration.name.to_string()).collect()
    }

    /// The command that helps next; `None` if there is nothing to do, or if the mismatches come first.
    fn next(&self) -> Option<String> {
        let has = |state: State| self.count(|other| other == state) > 0;
        let command = if self.problems.iter().any(|problem| problem.is_in_the_way) {
            return None;
        } else if has(State::Undoing) {
            "mizzle migrate --down 1"
        } else if [State::Pending, State::Failed, State::Unfinished].into_iter().any(has)
            || !self.problems.is_empty()
        {
            "mizzle migrate"
        } else if self.is_at_schema || self.drift.is_empty() && !self.schema.is_empty() {
            let replace = self.replaced.iter().map(|table| format!(" --replace {table}"));
            return Some(format!("mizzle generate{}", replace.collect::<String>()));
        } else if !self.drift.is_empty() {
            "mizzle migrate --repair"
        } else {
            return None;
        };
        Some(match &self.environment {
            Some(name) => format!("{command} --env {name}"),
            None => command.to_owned(),
        })
    }

    /// The error of `--exit-code`, with the command that helps.
    pub(crate) fn finish(mut self) -> Self {
        if let Some(next) = self.next() {
            self.failure =
                self.failure.hint(format!("run `{next}`; without --exit-code this is no error"));
        }
        let hints: Vec<String> =
            self.problems.iter().flat_map(|problem| problem.hints.clone()).collect();
        for hint in hints {
            self.failure.hint_once(&hint);
        }
        self
    }
}

/// `Shop: add GSI byStatus`, a line each.
fn drift_lines(title: &str, drift: &[Drift]) -> String {
    let lines = drift.iter().map(|Drift { table, change }| format!("  {table}: {change}"));
    std::iter::once(title.to_owned()).chain(lines).collect::<Vec<String>>().join("\n")
}

impl Report for StatusReport {
    fn human(&self, ui: &Ui) {
        let widths = self.migrations.iter().map(|line| line.name.to_string().chars().count());
        let width = widths.max().unwrap_or_default();
        let migrations: Vec<String> = self.migrations.iter().map(|line| line.text(width)).collect();
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
            let lines = self.ignored.iter().map(|Remaining { table, setting, reason }| {
                format!("  {table}: {setting} ({reason})")
            });
            let lines: Vec<String> = lines.collect();
            ui.info(format!("Ignored by this server, so no drift:\n{}", lines.join("\n")));
        }
        if !self.schema.is_empty() {
            ui.result(drift_lines("The schema has changes without a migration:", &self.schema));
        }
        if self.is_in_order() && self.schema.is_empty() {
            ui.outro("Every migration is applied, and the tables are as they say");
            return;
        }
        let is_applied = |state| matches!(state, State::Applied | State::Changed);
        let to_undo = self.count(|state| state == State::Undoing);
        let to_run = self.count(|state| !is_applied(state)) - to_undo;
        let mut summary = if self.is_in_order() {
            "Every migration is applied, and the tables are as they say".to_owned()
        } else {
            let to_run = text::count(to_run, "migration", "migrations");
            let drift = text::count(self.drift.len(), "difference", "differences");
            let to_undo = match to_undo {
                0 => String::new(),
                count => format!(", {count} to undo"),
            };
            format!("{to_run} to run{to_undo}, {drift} from the newest applied one")
        };
        if let Some(next) = self.next() {
            summary += &format!("\nNext: {next}");
            if self.is_at_schema {
                summary += "\n  (the tables are as the schema describes them already; then mark the migration as applied: mizzle migrate --baseline)";
            }
        }
        ui.outro(summary);
    }

    fn json(&self) -> Value {
        let failed = self.migrations.iter().filter(|migration| migration.state == State::Failed);
        let failed: Vec<Value> = failed
            .map(|Line { name, error, .. }| json!({ "name": name.to_string(), "error": error }))
            .collect();
        let migrations = self.migrations.iter().map(|Line { name, state, by, error: _ }| {
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
            "applied": self.names(|state| matches!(state, State::Applied | State::Changed)),
            "pending": self.names(|state| state == State::Pending),
            "unfinished": self.names(|state| matches!(state, State::Unfinished | State::Undoing)),
            "failed": failed,
            "changed": self.names(|state| state == State::Changed),
            "problems": problems,
            "drift": self.drift,
            "ignored": self.ignored,
            "schema": self.schema,
            "resolutions": resolutions.collect::<Vec<Value>>(),
            "next": self.next(),
        })
    }

    fn failure(&self) -> Option<&CommandError> {
        (self.exit_code && !self.is_in_order()).then_some(&self.failure)
    }
}
