//! One script, from its first call to its last, recorded step by step.

use super::Migrate;
use crate::{
    commands::record,
    error::{CommandError, ErrorKind, GO_ON},
    project::Script,
    report::MigrationState,
    target::explain,
};
use futures_util::{
    StreamExt,
    future::{Either, select},
    stream::FuturesUnordered,
};
use mizzle_core::{
    apply::{self, DataOperation, DataPlane},
    ledger::{Lease, Ledger, Record, RecordState},
    plan::{self, Plan, Step},
};
use mizzle_eval::{Call, CallError, Direction, ScriptEvent, ScriptFacts};
use serde_json::Value;
use std::{
    pin::pin,
    time::{SystemTime, UNIX_EPOCH},
};

/// What to do about a script that fails.
const MEND: &str =
    "mend the script and run the command again: steps that are done are not repeated";

/// What DynamoDB calls it when a table does not exist.
const NO_TABLE: &str = "ResourceNotFoundException";

/// What became of a script: how it stands, its steps, and why it did not come to its end.
type Ran = (MigrationState, Vec<Step>, Result<(), CommandError>);

impl Migrate<'_> {
    /// Runs a script, or what is left of it.
    pub(super) async fn run_script(
        &self,
        script: &Script,
        unfinished: Option<Record>,
        lease: &Lease,
    ) -> Ran {
        let name = script.name.to_string();
        self.ui.step(match &unfinished {
            Some(record) if !record.steps.is_empty() => {
                format!("{name}: going on after {} steps", record.steps.len())
            }
            Some(_) | None => name.clone(),
        });
        let mut record = Record {
            name,
            checksum: script.checksum.clone(),
            state: RecordState::Running,
            steps: unfinished.as_ref().map(|record| record.steps.clone()).unwrap_or_default(),
            deleting: unfinished.and_then(|record| record.deleting),
            tool: env!("CARGO_PKG_VERSION").to_owned(),
            by: format!("{}@{}", self.settings.owner.user, self.settings.owner.host),
            started_at: now(),
            finished_at: None,
            error: None,
        };
        let mut run = Run { migrate: self, lease, record: &mut record, steps: Vec::new() };
        let result = run.script(script).await;
        let steps = run.steps;
        let state = match (&result, record.state) {
            (Ok(()), _) => MigrationState::Applied,
            (Err(_), RecordState::Failed) => MigrationState::Failed,
            (Err(_), _) => MigrationState::Pending,
        };
        (state, steps, result)
    }
}

/// A script that is running.
struct Run<'a> {
    migrate: &'a Migrate<'a>,
    lease: &'a Lease,
    record: &'a mut Record,
    steps: Vec<Step>,
}

impl Run<'_> {
    async fn script(&mut self, script: &Script) -> Result<(), CommandError> {
        self.write().await?;
        let facts = ScriptFacts { environment: None, dry_run: false };
        let evaluator = self.migrate.evaluator;
        let limits = self.migrate.settings.limits;
        let mut running = evaluator.script(&script.path, Direction::Up, facts, limits);
        let migrate = self.migrate;
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
                self.record.state = RecordState::Failed;
                self.record.error = Some(error.message().to_owned());
                self.record.finished_at = Some(now());
                self.write().await?;
                let mut error = CommandError::from(error);
                error.kind = ErrorKind::Failed;
                // Where there is a place, what to do is shown with it.
                for diagnostic in &mut error.diagnostics {
                    diagnostic.help.push(MEND.to_owned());
                }
                return Err(error.hint(MEND));
            }
        }
        self.record.finished_at = Some(now());
        self.write().await
    }

    /// The tables that are deleted by steps which come after where the script is now, and which an
    /// earlier run did or at least began.
    fn lost_tables(&self) -> LostTables {
        let later = self.record.steps.iter().skip(self.steps.len());
        // It is the one after those that are recorded.
        let begun = self.record.deleting.as_ref();
        let begun = begun.filter(|_| self.steps.len() <= self.record.steps.len());
        LostTables {
            gone: later.filter_map(|step| deleted_table(step)).collect(),
            perhaps: begun.and_then(|step| deleted_table(step)),
        }
    }

    async fn step(&mut self, call: Call) -> Result<(), CommandError> {
        let migrate = self.migrate;
        let position = self.steps.len();
        let step = match record::step(&call, position) {
            Ok(step) => step,
            Err(error) => {
                call.reply(Err(error));
                return Ok(());
            }
        };
        let fingerprint = step.call.fingerprint();
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
        let (control, options) = (&migrate.target.control, migrate.options());
        let report =
            apply::apply(&plan, control, &migrate.clock, &progress, &migrate.stop, options).await;
        progress.finish();
        if let Some(failure) = report.failures.into_iter().next() {
            if migrate.stop.is_requested() {
                return Err(CommandError::interrupted());
            }
            let name = match &failure.error {
                apply::StepError::Service(error) => error.code.clone(),
                _ => None,
            };
            let name = name.unwrap_or_else(|| "Error".to_owned());
            call.reply(Err(CallError::new(name, failure.error.to_string())));
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
        let migrate = self.migrate;
        match migrate.ledger.write(self.record, &self.lease.token()).await {
            Ok(true) => Ok(()),
            Ok(false) => {
                self.lease.lose();
                Err(migrate.explain_lock(&mizzle_core::ledger::LockError::Lost))
            }
            Err(error) => Err(explain(&error, &migrate.target.name).hint(GO_ON)),
        }
    }
}

/// Seconds since 1970.
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// Tables that a script deletes later on, and may find deleted already. What it does to their items
/// before was done in the run that deleted them.
struct LostTables {
    /// Those whose deletion is recorded. There may be new ones of their names by now.
    gone: Vec<String>,
    /// The one whose deletion was begun.
    perhaps: Option<String>,
}

/// The table that a recorded step deletes, if that is what it does.
fn deleted_table(fingerprint: &str) -> Option<String> {
    Some(fingerprint.strip_prefix("DeleteTable ")?.split(' ').next()?.to_owned())
}

impl Migrate<'_> {
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
        let answer = self.target.control.data(operation, call.input()).await;
        call.reply(match answer {
            Err(error) if may_be_gone && error.name == NO_TABLE => Ok(record::nothing(operation)),
            answer => answer.map_err(|error| CallError {
                fields: error.fields.clone(),
                ..CallError::new(error.name.clone(), error.message.clone())
            }),
        });
    }
}
