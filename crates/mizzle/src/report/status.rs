//! Where an environment stands.

use super::Report;
use crate::{
    error::{CommandError, ErrorKind},
    target::TargetName,
    ui::Ui,
};
use mizzle_core::{
    ledger::{LedgerProblem, Record, Standing},
    snapshot::MigrationName,
    text,
};
use serde::Serialize;
use serde_json::{Value, json};

/// Something that a table has, and its migrations do not say.
#[derive(Debug, Serialize)]
pub(crate) struct Drift {
    /// The table.
    pub(crate) table: String,
    /// What would have to change for it to be as the migrations say.
    pub(crate) change: String,
}

/// How a migration stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    /// Why it failed.
    error: Option<String>,
}

/// Where an environment stands.
#[derive(Debug)]
pub(crate) struct StatusReport {
    target: TargetName,
    migrations: Vec<Line>,
    problems: Vec<String>,
    /// What differs from the newest applied snapshot.
    pub(crate) drift: Vec<Drift>,
    exit_code: bool,
    failure: CommandError,
}

impl StatusReport {
    /// Nothing known yet.
    pub(crate) fn new(target: TargetName, exit_code: bool) -> Self {
        let message = "There is something to do (--exit-code)";
        Self {
            target,
            migrations: Vec::new(),
            problems: Vec::new(),
            drift: Vec::new(),
            exit_code,
            failure: CommandError::new(ErrorKind::Pending, "pending", message).hint(
                "`mizzle migrate` runs what is pending; without --exit-code this is no error",
            ),
        }
    }

    /// One migration more, and what the ledger has of it.
    pub(crate) fn add(
        &mut self,
        name: &MigrationName,
        standing: Standing,
        record: Option<&Record>,
        problems: &[LedgerProblem],
    ) {
        let is_changed = problems.contains(&LedgerProblem::Changed(name.clone()));
        let state = match standing {
            Standing::Applied if is_changed => State::Changed,
            Standing::Applied => State::Applied,
            Standing::Pending => State::Pending,
            Standing::Unfinished => State::Unfinished,
            Standing::Failed => State::Failed,
            Standing::Undoing => State::Undoing,
        };
        let error = record.and_then(|record| record.error.clone());
        self.migrations.push(Line { name: name.clone(), state, error });
    }

    /// What does not fit.
    pub(crate) fn add_problems(&mut self, problems: &[LedgerProblem]) {
        self.problems.extend(problems.iter().map(ToString::to_string));
    }

    fn count(&self, is_so: impl Fn(State) -> bool) -> usize {
        self.migrations.iter().filter(|migration| is_so(migration.state)).count()
    }

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
}

impl Report for StatusReport {
    fn human(&self, ui: &Ui) {
        let line = |Line { name, state, error }: &Line| {
            let error = error.as_ref().map(|error| format!(": {error}")).unwrap_or_default();
            format!("{:<10} {name}{error}", state.word())
        };
        let migrations: Vec<String> = self.migrations.iter().map(line).collect();
        if !migrations.is_empty() {
            ui.result(migrations.join("\n"));
        }
        for problem in &self.problems {
            ui.warning(problem);
        }
        if !self.drift.is_empty() {
            let drift =
                self.drift.iter().map(|Drift { table, change }| format!("  {table}: {change}"));
            let drift: Vec<String> = drift.collect();
            ui.result(format!("To be as the migrations say:\n{}", drift.join("\n")));
        }
        if self.is_in_order() {
            ui.outro("Every migration is applied, and the tables are as they say");
            return;
        }
        let is_applied = |state| matches!(state, State::Applied | State::Changed);
        let to_run = self.count(|state| !is_applied(state));
        let to_run = text::count(to_run, "migration", "migrations");
        let drift = text::count(self.drift.len(), "difference", "differences");
        ui.outro(format!("{to_run} to run, {drift} from the newest applied one"));
    }

    fn json(&self) -> Value {
        let failed = self.migrations.iter().filter(|migration| migration.state == State::Failed);
        let failed: Vec<Value> = failed
            .map(|Line { name, error, .. }| json!({ "name": name.to_string(), "error": error }))
            .collect();
        json!({
            "target": self.target,
            "applied": self.names(|state| matches!(state, State::Applied | State::Changed)),
            "pending": self.names(|state| state == State::Pending),
            "unfinished": self.names(|state| matches!(state, State::Unfinished | State::Undoing)),
            "failed": failed,
            "changed": self.names(|state| state == State::Changed),
            "problems": self.problems,
            "drift": self.drift,
        })
    }

    fn failure(&self) -> Option<&CommandError> {
        (self.exit_code && !self.is_in_order()).then_some(&self.failure)
    }
}
