//! The state of the migrations in an environment, and its drift.

use super::UnappliedChange;
use crate::{
    errors::{CommandError, ErrorKind},
    server::TargetName,
};
use mizzle_core::{
    ledger::{AppliedBy, LedgerProblem, MigrationStatus, Record, RecordState, Resolution},
    snapshot::MigrationName,
    text,
};
use mizzle_engine::drift::Drift;
use serde::Serialize;

/// The state of a migration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum State {
    /// The migration is applied.
    Applied,
    /// The migration is applied, and its script has changed since.
    Changed,
    /// The migration failed.
    Failed,
    /// The run was interrupted.
    Unfinished,
    /// The rollback was interrupted.
    Undoing,
    /// The migration is not applied.
    Pending,
}

/// A migration and its state.
#[derive(Debug)]
pub(crate) struct ListedMigration {
    /// The migration.
    pub(crate) name: MigrationName,
    /// Its state.
    pub(crate) state: State,
    /// The time and the user of the run; `None` for a pending migration.
    pub(crate) by: Option<AppliedBy>,
    /// The error that it failed with.
    pub(crate) error: Option<String>,
}

/// A mismatch between the scripts and the ledger.
#[derive(Debug)]
pub(crate) struct Mismatch {
    /// The message.
    pub(crate) message: String,
    /// True if no migration can be run before it is fixed.
    pub(crate) is_in_the_way: bool,
    /// The ways to fix it.
    pub(crate) hints: Vec<String>,
}

/// The result of `status`.
#[derive(Debug)]
pub(crate) struct StatusReport {
    /// The server.
    pub(crate) target: TargetName,
    /// The name of the environment.
    environment: Option<String>,
    /// The migrations.
    pub(crate) migrations: Vec<ListedMigration>,
    /// The mismatches between the scripts and the ledger.
    pub(crate) problems: Vec<Mismatch>,
    /// The differences from the newest applied snapshot.
    pub(crate) drift: Vec<Drift>,
    /// The differences that the server is known to ignore.
    pub(crate) ignored: Vec<UnappliedChange>,
    /// The changes of the schema that no migration contains.
    pub(crate) schema: Vec<Drift>,
    /// The tables that those changes would replace.
    pub(crate) replaced: Vec<String>,
    /// True if the tables are already as the schema describes them.
    pub(crate) is_at_schema: bool,
    /// The resolutions by hand, the oldest first.
    pub(crate) resolutions: Vec<Resolution>,
    /// The error of `--exit-code`, if there is something to do.
    pub(crate) failure: Option<CommandError>,
}

impl StatusReport {
    /// Creates an empty report.
    pub(crate) fn new(target: TargetName, environment: Option<&str>) -> Self {
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
            failure: None,
        }
    }

    /// Adds a migration with its record in the ledger.
    pub(crate) fn add(
        &mut self,
        name: &MigrationName,
        standing: MigrationStatus,
        record: Option<&Record>,
        problems: &[LedgerProblem],
    ) {
        let is_changed = problems.iter().any(
            |problem| matches!(problem, LedgerProblem::Changed { name: changed, .. } if changed == name),
        );
        let state = match standing {
            MigrationStatus::Applied if is_changed => State::Changed,
            MigrationStatus::Applied => State::Applied,
            MigrationStatus::Pending => State::Pending,
            MigrationStatus::Unfinished => State::Unfinished,
            MigrationStatus::Failed => State::Failed,
            MigrationStatus::Undoing => State::Undoing,
        };
        // The error in the ledger may be long and have many lines.
        let error = record.and_then(|record| record.error.as_deref()).map(text::excerpt);
        let by = record.map(|record| match record.state {
            // The time of its end is unknown.
            RecordState::Running | RecordState::Undoing => {
                AppliedBy { at: record.started_at, by: record.by.clone() }
            }
            RecordState::Applied | RecordState::Failed => AppliedBy::of(record),
        });
        self.migrations.push(ListedMigration { name: name.clone(), state, by, error });
    }

    /// Adds a mismatch with the ways to fix it.
    pub(crate) fn add_problem(&mut self, problem: &LedgerProblem, hints: Vec<String>) {
        self.problems.push(Mismatch {
            message: text::capitalised(&problem.to_string()),
            is_in_the_way: problem.is_in_the_way(),
            hints,
        });
    }

    /// Returns the number of migrations in a state.
    pub(crate) fn count(&self, is_so: impl Fn(State) -> bool) -> usize {
        self.migrations.iter().filter(|migration| is_so(migration.state)).count()
    }

    /// True if the environment matches the migrations. The schema does not count.
    pub(crate) fn is_in_order(&self) -> bool {
        self.count(|state| state != State::Applied) == 0
            && self.problems.is_empty()
            && self.drift.is_empty()
    }

    /// Returns the next command; `None` if there is nothing to do, or if the mismatches come first.
    pub(crate) fn next(&self) -> Option<String> {
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

    /// Completes the report for `--exit-code`: pending work is an error, whose hint is the next
    /// command.
    pub(crate) fn with_exit_code(mut self) -> Self {
        if self.is_in_order() {
            return self;
        }
        let message = "There is something to do (--exit-code)";
        let mut failure = CommandError::new(ErrorKind::Pending, "pending", message);
        if let Some(next) = self.next() {
            failure = failure.hint(format!("run `{next}`; without --exit-code this is no error"));
        }
        for hint in self.problems.iter().flat_map(|problem| &problem.hints) {
            failure.hint_once(hint);
        }
        self.failure = Some(failure);
        self
    }
}
