//! One script, from its first call to its last, recorded step by step.

use super::Migrate;
use crate::{
    clock::seconds_since_1970,
    commands::{PARALLEL, record},
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
    plan::{Plan, Step, fingerprint},
};
use mizzle_eval::{Call, CallError, Direction, ScriptEvent, ScriptFacts};
use serde_json::Value;
use std::pin::pin;

/// What to do about a script that fails.
const MEND: &str =
    "mend the script and run the command again: steps that are done are not repeated";

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
            steps: unfinished.map(|record| record.steps).unwrap_or_default(),
            tool: env!("CARGO_PKG_VERSION").to_owned(),
            by: format!("{}@{}", self.settings.owner.user, self.settings.owner.host),
            started_at: seconds_since_1970(),
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

    /// Carries out a data operation. `gone` are tables that a later step of the same script has
    /// deleted in an earlier run: what comes before that step was done then.
    async fn data(&self, operation: DataOperation, call: Call, gone: Vec<String>) {
        let tables = operation.tables(call.input());
        if !tables.is_empty() && tables.iter().all(|table| gone.iter().any(|gone| gone == table)) {
            return call.reply(Ok(record::nothing(operation)));
        }
        let answer = self.target.control.data(operation, call.input()).await;
        call.reply(answer.map_err(|error| CallError {
            fields: error.fields,
            ..CallError::new(error.name, error.message)
        }));
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
        let migrate = self.migrate;
        let limits = migrate.settings.limits;
        let mut running = migrate.evaluator.script(&script.path, Direction::Up, facts, limits);
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
                            operations.push(migrate.data(operation, call, self.tables_gone()));
                        }
                        None => self.step(call).await?,
                    }
                }
            }
        }
        drop(operations);
        match running.finish() {
            Ok(()) => self.record.state = RecordState::Applied,
            Err(error) => {
                self.record.state = RecordState::Failed;
                self.record.error = Some(error.message().to_owned());
                self.record.finished_at = Some(seconds_since_1970());
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
        self.record.finished_at = Some(seconds_since_1970());
        self.write().await
    }

    /// The tables that a step deletes which was done before, and comes after where the script is now.
    fn tables_gone(&self) -> Vec<String> {
        let later = self.record.steps.iter().skip(self.steps.len());
        later.filter_map(|step| fingerprint::deleted_table(step)).map(str::to_owned).collect()
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
            let name = match &failure.error {
                apply::StepError::Service(error) => error.code.clone(),
                _ => None,
            };
            let name = name.unwrap_or_else(|| "Error".to_owned());
            call.reply(Err(CallError::new(name, failure.error.to_string())));
            return Ok(());
        }
        self.record.steps.push(fingerprint);
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
