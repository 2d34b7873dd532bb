//! One script, from its first call to its last, recorded step by step.

use super::{Migrate, held::Held};
use crate::{
    clock::seconds_since_1970,
    commands::{PARALLEL, record},
    error::{CommandError, ErrorKind, GO_ON},
    project::Script,
    report::MigrationState,
};
use futures_util::{
    StreamExt,
    future::{Either, select},
    stream::FuturesUnordered,
};
use mizzle_core::{
    apply::{self, DataError, DataOperation, DataPlane, ServiceError, ServiceErrorKind, StepError},
    ledger::{Ledger, Record, RecordState},
    plan::{Plan, Step, fingerprint},
    text,
};
use mizzle_eval::{Call, CallError, Direction, ScriptEvent, ScriptFacts};
use serde_json::Value;
use std::pin::pin;

/// What to do about a script that fails.
const MEND: &str =
    "mend the script and run the command again: steps that are done are not repeated";

/// What DynamoDB calls it when a table does not exist.
const NO_TABLE: &str = "ResourceNotFoundException";

/// How DynamoDB says, in a `ValidationException`, that an index does not exist.
const NO_INDEX: &str = "does not have the specified index";

/// What became of a script: how it stands, its steps, and why it did not come to its end.
type Ran = (MigrationState, Vec<Step>, Result<(), CommandError>);

impl Migrate<'_> {
    /// Runs a function of a script, or what is left of it. `before` is what the ledger has of it.
    pub(super) async fn run_script(
        &self,
        script: &Script,
        direction: Direction,
        before: Option<Record>,
        held: &Held,
    ) -> Ran {
        let name = script.name.to_string();
        // The way back begins anew, wherever the way there has ended.
        let unfinished = before.filter(|record| match direction {
            Direction::Up => true,
            Direction::Down => record.state == RecordState::Undoing,
        });
        let (steps, deleting) =
            unfinished.map(|record| (record.steps, record.deleting)).unwrap_or_default();
        let deed = match direction {
            Direction::Up => name.clone(),
            Direction::Down => format!("Undoing {name}"),
        };
        self.ui.step(match steps.len() {
            0 => deed,
            done => format!("{deed}: going on after {}", text::count(done, "step", "steps")),
        });
        let mut record = Record {
            name,
            checksum: script.checksum.clone(),
            state: match direction {
                Direction::Up => RecordState::Running,
                Direction::Down => RecordState::Undoing,
            },
            steps,
            deleting,
            tool: env!("CARGO_PKG_VERSION").to_owned(),
            by: self.settings.by(),
            started_at: seconds_since_1970(),
            finished_at: None,
            error: None,
        };
        let mut run = Run { migrate: self, held, record: &mut record, steps: Vec::new() };
        let result = run.script(script, direction).await;
        let steps = run.steps;
        let state = match (&result, direction, &record.error) {
            (Ok(()), Direction::Up, _) => MigrationState::Applied,
            (Err(_), _, Some(_)) => MigrationState::Failed,
            // Undone, it can be run again.
            (Ok(()), Direction::Down, _) | (Err(_), _, None) => MigrationState::Pending,
        };
        (state, steps, result)
    }

    /// Carries out a data operation. What goes wrong with it the script is told, unless it may not be
    /// sent any more.
    async fn data(
        &self,
        operation: DataOperation,
        call: Call,
        ahead: Ahead,
        held: &Held,
    ) -> Result<(), CommandError> {
        let tables = operation.tables(call.input());
        let is_among = |tables: &[String], table: &str| tables.iter().any(|one| one == table);
        if !tables.is_empty() && tables.iter().all(|table| is_among(&ahead.deleted, table)) {
            call.reply(Ok(record::nothing(operation)));
            return Ok(());
        }
        // First come, first served; nobody closes it.
        let _place = held.places.acquire().await;
        let may_be_gone = tables.iter().any(|table| is_among(&ahead.touched, table));
        let naming = &self.settings.environment.naming;
        let answer = if naming.is_plain() {
            held.items.data(operation, call.input()).await
        } else {
            let there = |name: &str| naming.physical(name).into_owned();
            let back = |name: &str| naming.logical(name).unwrap_or(name).to_owned();
            let input = operation.with_tables(call.input().clone(), &there);
            let answer = held.items.data(operation, &input).await;
            answer.map(|answer| operation.answer_with_tables(answer, &back))
        };
        if answer.as_ref().is_err_and(|error| error.kind == ServiceErrorKind::Fenced) {
            return Err(self.explain_fenced(held));
        }
        call.reply(match answer {
            Err(error) if may_be_gone && is_gone(&error) => Ok(record::nothing(operation)),
            answer => answer.map_err(|error| CallError {
                fields: error.fields,
                ..CallError::new(error.name, error.message)
            }),
        });
        Ok(())
    }
}

/// What an earlier run of a script did, or at least began, beyond where the script is now. What comes
/// before that was done then, to the items as well: it may ask for what is not there any more.
struct Ahead {
    /// Tables whose deletion is recorded. There may be new ones of their names by now.
    deleted: Vec<String>,
    /// Tables that were deleted or changed: they, or an index of theirs, may be gone.
    touched: Vec<String>,
}

/// Whether an operation failed because there is no such table or index.
fn is_gone(error: &DataError) -> bool {
    error.name == NO_TABLE || error.message.contains(NO_INDEX)
}

/// A script that is running.
struct Run<'a> {
    migrate: &'a Migrate<'a>,
    held: &'a Held,
    record: &'a mut Record,
    steps: Vec<Step>,
}

impl Run<'_> {
    async fn script(&mut self, script: &Script, direction: Direction) -> Result<(), CommandError> {
        self.write().await?;
        let migrate = self.migrate;
        let environment = migrate.settings.environment.name.clone();
        let facts = ScriptFacts { environment, dry_run: false };
        let limits = migrate.settings.limits;
        let mut running = migrate.evaluator.script(&script.path, direction, facts, limits);
        // Data operations go side by side, as the script asks for them, if not too many; steps one
        // after another.
        let mut operations = FuturesUnordered::new();
        loop {
            let next = pin!(running.next());
            let event = if operations.is_empty() {
                next.await
            } else {
                match select(next, operations.next()).await {
                    Either::Left((event, _)) => event,
                    Either::Right((Some(Err(error)), _)) => return Err(error),
                    Either::Right(_) => continue,
                }
            };
            if migrate.stop.is_requested() {
                return Err(CommandError::interrupted());
            }
            match event {
                None => break,
                Some(ScriptEvent::Log(line)) => migrate.ui.info(line),
                Some(ScriptEvent::Call(call)) => match DataOperation::parse(call.method()) {
                    Some(operation) => {
                        operations.push(migrate.data(operation, call, self.ahead(), self.held));
                    }
                    None => self.step(call).await?,
                },
            }
        }
        drop(operations);
        match running.finish() {
            Ok(()) => {
                self.record.state = RecordState::Applied;
                self.record.deleting = None;
            }
            Err(error) => {
                if direction == Direction::Up {
                    self.record.state = RecordState::Failed;
                }
                self.record.error = Some(error.message().to_owned());
                self.record.finished_at = Some(seconds_since_1970());
                self.write().await?;
                let mut error = CommandError::from(error);
                error.kind = ErrorKind::Failed;
                let hints = [self.stopped(), MEND.to_owned()];
                // Where there is a place, what to do is shown with it.
                for diagnostic in &mut error.diagnostics {
                    diagnostic.help.extend(hints.clone());
                }
                error.hints.extend(hints);
                return Err(error);
            }
        }
        match direction {
            Direction::Up => {
                self.record.finished_at = Some(seconds_since_1970());
                self.write().await
            }
            Direction::Down => self.remove().await,
        }
    }

    /// How far a script came that has failed.
    fn stopped(&self) -> String {
        let (name, count) = (&self.record.name, self.steps.len());
        let Some(step) = self.steps.last() else {
            return format!("{name} stopped before its first step");
        };
        let word = if count > self.record.steps.len() { "at" } else { "after" };
        format!("{name} stopped {word} step {count}: {} ({})", step.title, step.table())
    }

    fn ahead(&self) -> Ahead {
        let later = || self.record.steps.iter().skip(self.steps.len());
        // It is the one after those that are recorded.
        let begun = self.record.deleting.as_ref();
        let begun = begun.filter(|_| self.steps.len() <= self.record.steps.len());
        let owned = |table: &str| table.to_owned();
        Ahead {
            deleted: later()
                .filter_map(|step| fingerprint::deleted_table(step))
                .map(owned)
                .collect(),
            touched: later()
                .chain(begun)
                .filter_map(|step| fingerprint::table(step))
                .map(owned)
                .collect(),
        }
    }

    async fn step(&mut self, call: Call) -> Result<(), CommandError> {
        let migrate = self.migrate;
        let position = self.steps.len();
        let naming = &migrate.settings.environment.naming;
        let (step, fingerprint) = match record::step(&call, position, naming) {
            Ok(step) => step,
            Err(error) => {
                call.reply(Err(error));
                return Ok(());
            }
        };
        self.steps.push(step.clone());
        if let Some(done) = self.record.steps.get(position) {
            if *done != fingerprint {
                let message = format!(
                    "{}: step {} is another than the one that was done before ({done})",
                    self.record.name,
                    position + 1
                );
                return Err(CommandError::new(ErrorKind::Failed, "another-way", message)
                    .hint("keep the steps that are done as they were, and change only what comes after them"));
            }
            migrate.ui.verbose(format!("{}: {} was done before", step.table(), step.title));
            call.reply(Ok(Value::Null));
            return Ok(());
        }
        if step.call.is_deletion() {
            self.record.deleting = Some(fingerprint.clone());
            self.write().await?;
        }
        let plan = Plan { steps: vec![step], blocked: Vec::new() };
        let progress = migrate.ui.push_progress(&plan);
        let (control, options) = (&self.held.control, migrate.target.apply_options(PARALLEL));
        let report =
            apply::apply(&plan, control, &migrate.clock, &progress, &migrate.stop, options).await;
        progress.finish();
        if let Some(failure) = report.failures.into_iter().next() {
            if failure.error.is_fenced() {
                return Err(migrate.explain_fenced(self.held));
            }
            if migrate.stop.is_requested() {
                return Err(CommandError::interrupted());
            }
            // The script gets what a client of AWS would give it.
            let error = match failure.error {
                StepError::Service(ServiceError { code: Some(code), message, .. }) => {
                    CallError::new(code, message)
                }
                other => CallError::new("Error", other.to_string()),
            };
            call.reply(Err(error));
            return Ok(());
        }
        // The interrupt came after the last look for one: nothing was sent.
        if !report.not_started.is_empty() {
            return Err(CommandError::interrupted());
        }
        self.record.steps.push(fingerprint);
        self.record.deleting = None;
        self.write().await?;
        call.reply(Ok(Value::Null));
        Ok(())
    }

    /// Writes the record, unless the lock belongs to somebody else by now.
    async fn write(&self) -> Result<(), CommandError> {
        self.fenced(self.migrate.ledger.write(self.record, &self.held.lease.token()).await).await
    }

    /// Removes the record, on the same condition.
    async fn remove(&self) -> Result<(), CommandError> {
        let removed = self.migrate.ledger.remove(&self.record.name, &self.held.lease.token()).await;
        self.fenced(removed).await
    }

    async fn fenced(&self, written: Result<bool, ServiceError>) -> Result<(), CommandError> {
        match written {
            Ok(true) => Ok(()),
            Ok(false) => {
                let lost = self.held.lease.lose(&self.migrate.ledger).await;
                Err(self.migrate.explain_lock(&lost))
            }
            Err(error) => Err(self.migrate.explain(&error).hint(GO_ON)),
        }
    }
}
