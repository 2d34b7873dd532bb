//! One script, from its first call to its last, recorded step by step.

use super::Migrate;
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
    apply::{self, DataOperation, DataPlane, ServiceError, StepError},
    ledger::{Lease, Ledger, LockError, Record, RecordState},
    plan::{self, Plan, Step, fingerprint::deleted_table},
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

/// What became of a script: how it stands, its steps, and why it did not come to its end.
type Ran = (MigrationState, Vec<Step>, Result<(), CommandError>);

impl Migrate<'_> {
    /// Runs a function of a script, or what is left of it. `before` is what the ledger has of it.
    pub(super) async fn run_script(
        &self,
        script: &Script,
        direction: Direction,
        before: Option<Record>,
        lease: &Lease,
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
        let mut run = Run { migrate: self, lease, record: &mut record, steps: Vec::new() };
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

    /// Carries out a data operation.
    async fn data(&self, operation: DataOperation, call: Call, lost: LostTables) {
        let tables = operation.tables(call.input());
        let are_all = |lost: &dyn Fn(&str) -> bool| {
            !tables.is_empty() && tables.iter().all(|table| lost(table))
        };
        if are_all(&|table| lost.gone.iter().any(|gone| gone == table)) {
            return call.reply(Ok(record::nothing(operation)));
        }
        let may_be_gone = are_all(&|table| lost.perhaps.as_deref() == Some(table));
        let naming = &self.settings.environment.naming;
        let answer = if naming.is_plain() {
            self.target.control.data(operation, call.input()).await
        } else {
            let there = |name: &str| naming.physical(name).into_owned();
            let back = |name: &str| naming.logical(name).unwrap_or(name).to_owned();
            let input = operation.with_tables(call.input().clone(), &there);
            let answer = self.target.control.data(operation, &input).await;
            answer.map(|answer| operation.answer_with_tables(answer, &back))
        };
        call.reply(match answer {
            Err(error) if may_be_gone && error.name == NO_TABLE => Ok(record::nothing(operation)),
            answer => answer.map_err(|error| CallError {
                fields: error.fields,
                ..CallError::new(error.name, error.message)
            }),
        });
    }
}

/// Tables that a script deletes later on, and may find deleted already. What it does to their items
/// before was done in the run that deleted them.
struct LostTables {
    /// Those whose deletion is recorded. There may be new ones of their names by now.
    gone: Vec<String>,
    /// The one whose deletion was begun.
    perhaps: Option<String>,
}

/// A script that is running.
struct Run<'a> {
    migrate: &'a Migrate<'a>,
    lease: &'a Lease,
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
        // Data operations go side by side, as the script asks for them; steps one after another.
        let mut operations = FuturesUnordered::new();
        loop {
            let next = pin!(running.next());
            let event = if operations.is_empty() {
                next.await
            } else {
                match select(next, operations.next()).await {
                    Either::Left((event, _)) => event,
                    Either::Right(_) => continue,
                }
            };
            if migrate.stop.is_requested() {
                return Err(CommandError::interrupted());
            }
            match event {
                None => break,
                Some(ScriptEvent::Log(line)) => migrate.ui.info(line),
                Some(ScriptEvent::Call(call)) => {
                    // Not before this process is sure that nobody else is at work.
                    let checked = self.lease.check(&migrate.ledger, &migrate.clock).await;
                    checked.map_err(|error| migrate.explain_lock(&error))?;
                    match DataOperation::parse(call.method()) {
                        Some(operation) => {
                            operations.push(migrate.data(operation, call, self.lost_tables()));
                        }
                        None => self.step(call).await?,
                    }
                }
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

    /// The tables that are deleted by steps which come after where the script is now, and which an
    /// earlier run did or at least began.
    fn lost_tables(&self) -> LostTables {
        let later = self.record.steps.iter().skip(self.steps.len());
        // It is the one after those that are recorded.
        let begun = self.record.deleting.as_ref();
        let begun = begun.filter(|_| self.steps.len() <= self.record.steps.len());
        let deleted = |step: &String| deleted_table(step).map(str::to_owned);
        LostTables { gone: later.filter_map(deleted).collect(), perhaps: begun.and_then(deleted) }
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
        if let plan::Call::DeleteTable(_) = &step.call {
            self.record.deleting = Some(fingerprint.clone());
            self.write().await?;
        }
        let plan = Plan { steps: vec![step], blocked: Vec::new() };
        let progress = migrate.ui.push_progress(&plan);
        let (control, options) = (&migrate.target.control, migrate.target.apply_options(PARALLEL));
        let report =
            apply::apply(&plan, control, &migrate.clock, &progress, &migrate.stop, options).await;
        progress.finish();
        if let Some(failure) = report.failures.into_iter().next() {
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
        self.record.steps.push(fingerprint);
        self.record.deleting = None;
        self.write().await?;
        call.reply(Ok(Value::Null));
        Ok(())
    }

    /// Writes the record, unless the lock belongs to somebody else by now.
    async fn write(&self) -> Result<(), CommandError> {
        self.fenced(self.migrate.ledger.write(self.record, &self.lease.token()).await)
    }

    /// Removes the record, on the same condition.
    async fn remove(&self) -> Result<(), CommandError> {
        self.fenced(self.migrate.ledger.remove(&self.record.name, &self.lease.token()).await)
    }

    fn fenced(&self, written: Result<bool, ServiceError>) -> Result<(), CommandError> {
        match written {
            Ok(true) => Ok(()),
            Ok(false) => {
                self.lease.lose();
                Err(self.migrate.explain_lock(&LockError::Lost))
            }
            Err(error) => Err(self.migrate.explain(&error).hint(GO_ON)),
        }
    }
}
