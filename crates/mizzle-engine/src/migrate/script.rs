//! The run of one script, recorded step by step.

use super::{
    Fallible, Migrate, MigrationOutcome, MigrationState, Script, dry_run, effects,
    items::ItemTracker,
    run::{Run, Way},
    session::LockedSession,
};
use crate::{
    Error,
    error::{ScriptFailure, StoppedAt, Unapproved},
    ports::{
        Call, CallError, Direction, Event, RunningScript, Screen, ScriptEvent, ScriptFacts,
        ScriptHost, TimeOfDay, World,
    },
};
use futures_util::{
    StreamExt,
    future::{Either, select},
    stream::FuturesUnordered,
};
use mizzle_core::{
    apply::{Clock, DataOperation, StepError},
    ledger::{ForwardProgress, Ledger, Record, RecordState},
    plan::{Fitter, Plan, Step},
    redaction, text,
};
use serde_json::Value;
use std::{collections::VecDeque, pin::pin, sync::Arc, time::Duration};

/// The time for data operations to complete after an interrupt.
const LAST_MOMENT: Duration = Duration::from_secs(2);

/// The maximum number of concurrent data operations; others wait. The AWS SDK for JavaScript opens
/// as many sockets, and scripts that send all requests at once rely on it.
/// Source: <https://docs.aws.amazon.com/sdk-for-javascript/v3/developer-guide/node-configuring-maxsockets.html>.
const SIDE_BY_SIDE: usize = 50;

/// The outcome of a script, and the reason why it did not complete.
type Ran<W> = (MigrationOutcome, Fallible<(), W>);

impl<W: World> Migrate<'_, W> {
    /// Runs a function of a script, or the rest of it after `before`, its record in the ledger.
    pub(super) async fn run_script(
        &self,
        script: &Script<W::Error>,
        way: Way<'_>,
        before: Option<Record>,
        session: &LockedSession<W>,
    ) -> Ran<W> {
        let direction = way.direction();
        let mut record = self.record_of(script, direction, before);
        let (migration, done) = (&record.name, record.steps.len());
        self.context.screen.event(Event::ScriptStarted { migration, direction, done });
        let mut run = Run {
            migrate: self,
            session,
            record: &mut record,
            steps: Vec::new(),
            skipped: Vec::new(),
            way,
            items: Arc::new(ItemTracker::default()),
            unsupported: Vec::new(),
            unapplied: Vec::new(),
            refusal: None,
            tables: self.tables_left_by(script.name(), direction),
            fitter: Fitter::default(),
        };
        let result = run.script(script).await.map_err(|error| run.with_items(error));
        let items = run.items.counts();
        let Run { mut steps, skipped, unsupported, unapplied, .. } = run;
        steps.retain(|step| skipped.iter().all(|(id, _)| step.id != *id));
        let state = match (&result, direction, &record.error) {
            (Ok(()), Direction::Up, _) => MigrationState::Applied,
            (Err(_), _, Some(_)) => MigrationState::Failed,
            // After a rollback, it can be run again.
            (Ok(()), Direction::Down, _) | (Err(_), _, None) => MigrationState::Pending,
        };
        let skipped = skipped.into_iter().map(|(_, skipped)| skipped).collect();
        let outcome = MigrationOutcome::new(script.name().to_string(), state, steps);
        let adopted = match direction {
            Direction::Up => record.adopted.clone(),
            Direction::Down => Vec::new(),
        };
        let outcome =
            MigrationOutcome { skipped, adopted, unsupported, items, unapplied, ..outcome };
        (outcome, result)
    }

    /// Returns the record of a run that continues after `before`.
    fn record_of(
        &self,
        script: &Script<W::Error>,
        direction: Direction,
        before: Option<Record>,
    ) -> Record {
        let forward = match direction {
            Direction::Up => None,
            Direction::Down => before.as_ref().map(ForwardProgress::of),
        };
        // A rollback starts with its first step, regardless of the migration's progress.
        let unfinished = before.filter(|record| match direction {
            Direction::Up => true,
            Direction::Down => record.state == RecordState::Undoing,
        });
        let (steps, deleting, held, creating, adopted) = unfinished
            .map(|Record { steps, deleting, held, creating, adopted, .. }| {
                (steps, deleting, held, creating, adopted)
            })
            .unwrap_or_default();
        Record {
            name: script.name().to_string(),
            checksum: script.migration.checksum.clone(),
            files: script.migration.files.clone(),
            state: match direction {
                Direction::Up => RecordState::Running,
                Direction::Down => RecordState::Undoing,
            },
            steps,
            deleting,
            held,
            creating,
            adopted,
            forward,
            project: self.runner.project.clone(),
            tool: self.runner.tool.clone(),
            by: self.runner.by(),
            started_at: self.context.clock.seconds_since_1970(),
            finished_at: None,
            error: None,
        }
    }
}

impl<W: World> Run<'_, W> {
    async fn script(&mut self, script: &Script<W::Error>) -> Fallible<(), W> {
        self.write().await?;
        let migrate = self.migrate;
        let environment = migrate.environment.name.clone();
        let facts = ScriptFacts { environment, dry_run: false };
        let mut running = migrate.host.start(&script.path, self.way.direction(), facts);
        // Data operations run concurrently, started in the order of the script; steps run one after
        // another.
        let mut operations = FuturesUnordered::new();
        let mut waiting = VecDeque::new();
        // A script may compute or wait for a timer for hours without an event.
        let mut stopped = pin!(migrate.context.stop.cancelled());
        loop {
            while operations.len() < SIDE_BY_SIDE
                && let Some(operation) = waiting.pop_front()
            {
                operations.push(operation);
            }
            let event = {
                let next = pin!(running.next());
                let next = async {
                    match operations.is_empty() {
                        true => Either::Left(next.await),
                        false => match select(next, operations.next()).await {
                            Either::Left((event, _)) => Either::Left(event),
                            Either::Right((done, _)) => Either::Right(done),
                        },
                    }
                };
                match select(pin!(next), &mut stopped).await {
                    Either::Left((Either::Left(event), _)) => event,
                    Either::Left((Either::Right(Some(Err(error))), _)) => return Err(error),
                    Either::Left((Either::Right(_), _)) => continue,
                    Either::Right(_) => {
                        // Requests in progress are completed, within a time limit.
                        let rest = pin!(operations.collect::<Vec<_>>());
                        select(rest, pin!(migrate.context.clock.sleep(LAST_MOMENT))).await;
                        return Err(Error::Interrupted);
                    }
                }
            };
            migrate.context.interrupted()?;
            match event {
                None => break,
                Some(ScriptEvent::Log(line)) => {
                    migrate.context.screen.event(Event::Log { line: &line, dry_run: false });
                }
                Some(ScriptEvent::Call(call)) => match DataOperation::parse(call.method()) {
                    Some(operation) => {
                        let environment = migrate.environment;
                        if let Some(refusal) = dry_run::ledger_write(operation, &call, environment)
                        {
                            call.reply(Err(refusal));
                            continue;
                        }
                        if operation.is_write() {
                            self.check_items().await?;
                        }
                        let window = self.replay_window();
                        waiting.push_back(migrate.operation(operation, call, window, self.session));
                    }
                    None => self.step(call).await?,
                },
            }
        }
        drop((operations, waiting));
        let finished = running.finish();
        self.end(finished).await
    }

    /// Records the end of a script.
    async fn end(&mut self, finished: Result<(), W::Error>) -> Fallible<(), W> {
        let now = self.migrate.context.clock.seconds_since_1970();
        match (finished, self.way.direction()) {
            (Ok(()), Direction::Up) => {
                self.record.state = RecordState::Applied;
                (self.record.deleting, self.record.creating) = (None, None);
                self.record.held.clear();
                self.record.finished_at = Some(now);
                self.write().await
            }
            (Ok(()), Direction::Down) => self.remove().await,
            (Err(error), direction) => {
                if direction == Direction::Up {
                    self.record.state = RecordState::Failed;
                }
                // The item of the ledger has a size limit, and must not contain secrets.
                let message = W::Host::message(&error);
                self.record.error = Some(text::excerpt(&redaction::redact(&message)));
                self.record.finished_at = Some(now);
                self.write().await?;
                Err(Error::Script(Box::new(self.failed(error))))
            }
        }
    }

    /// Returns the error of a script, with its progress.
    fn failed(&mut self, error: W::Error) -> ScriptFailure<W::Error> {
        let count = self.steps.len();
        let stopped = self.steps.last().map(|step| StoppedAt {
            number: count,
            title: step.title.clone(),
            table: step.table().to_owned(),
            is_done: count <= self.record.steps.len(),
        });
        ScriptFailure {
            error,
            migration: self.record.name.clone(),
            stopped,
            items: self.items.counts(),
            refusal: self.refusal.take(),
        }
    }

    /// Adds the items to an error that stops a script. The next run repeats their operations, which
    /// are not recorded.
    fn with_items(&self, error: Error<W::Error>) -> Error<W::Error> {
        let items = self.items.counts();
        let migration = || self.record.name.clone();
        match error {
            Error::Interrupted if !items.is_empty() => {
                Error::ScriptInterrupted { migration: migration(), items }
            }
            Error::Unapproved { reason, .. } if !items.is_empty() => {
                Error::Unapproved { reason, repeated: Some((migration(), items)) }
            }
            error => error,
        }
    }

    /// Does a step, unless an earlier run has done it.
    async fn step(&mut self, call: Call) -> Fallible<(), W> {
        let position = self.steps.len();
        let (step, fingerprint) = match dry_run::step(&call, position, self.migrate.environment) {
            Ok(step) => step,
            Err(error) => {
                call.reply(Err(error));
                return Ok(());
            }
        };
        self.steps.push(step.clone());
        self.check_items_before(&step).await?;
        if let Some(done) = self.record.steps.get(position) {
            if *done != fingerprint {
                return Err(Error::StepMismatch {
                    migration: self.record.name.clone(),
                    step: position + 1,
                    done: done.clone(),
                });
            }
            self.migrate.context.screen.event(Event::StepDoneBefore(&step));
            self.done_before(&step, &fingerprint);
            call.reply(Ok(Value::Null));
            return Ok(());
        }
        match self.take(step, &fingerprint, position).await? {
            Ok(()) => {
                self.record.steps.push(fingerprint);
                self.record.deleting = None;
                self.write().await?;
                call.reply(Ok(Value::Null));
            }
            Err(error) => call.reply(Err(error)),
        }
        Ok(())
    }

    /// Does a step. The inner error is the script's.
    async fn take(
        &mut self,
        step: Step,
        fingerprint: &str,
        position: usize,
    ) -> Fallible<Result<(), CallError>, W> {
        if self.leaves_out(&step, fingerprint) {
            return Ok(Ok(()));
        }
        let step = match self.fitted(step, fingerprint, position).await? {
            Ok(Some(step)) => step,
            Ok(None) => {
                self.done(fingerprint, false);
                return Ok(Ok(()));
            }
            Err(error) => return Ok(Err(error)),
        };
        self.steps[position] = step.clone();
        let step = self.as_approved(step, fingerprint).await?;
        let is_begun = self.begin_creation(&step, fingerprint).await?;
        if step.call.is_deletion() {
            self.note_held(fingerprint);
            self.record.deleting = Some(fingerprint.to_owned());
            self.write().await?;
        }
        let plan = Plan { steps: vec![step], blocked: Vec::new() };
        let context = &self.migrate.context;
        let (report, _) = context.apply(&plan, &self.session.control).await;
        if let Some(failure) = report.failures.into_iter().next() {
            if failure.error.is_fenced() {
                return Err(self.session.fenced());
            }
            context.interrupted()?;
            self.not_done(&failure.error);
            if let StepError::NotEmpty { table } = failure.error {
                let reason = Unapproved::NotEmpty(table);
                return Err(Error::Unapproved { reason, repeated: None });
            }
            self.refusal = Some(failure.error.clone());
            return Ok(Err(effects::script_error(failure.error)));
        }
        // The interrupt came after the last check: no request was sent.
        if !report.not_started.is_empty() {
            return Err(Error::Interrupted);
        }
        self.note_unsupported(&plan, &report.unsupported);
        if let Err(error) = self.adopt(&plan, &report.adopted, fingerprint, is_begun).await? {
            return Ok(Err(error));
        }
        self.done(fingerprint, !report.adopted.is_empty() && !is_begun);
        Ok(Ok(()))
    }

    /// Writes the record, unless another runner holds the lock by now.
    pub(super) async fn write(&self) -> Fallible<(), W> {
        let token = self.session.lease.token();
        let written = self.migrate.ledger.write(self.record, &token).await;
        self.migrate.under(&self.session.lease, written, Error::LedgerWrite).await
    }

    /// Deletes the record, unless another runner holds the lock by now.
    async fn remove(&self) -> Fallible<(), W> {
        let token = self.session.lease.token();
        let removed = self.migrate.ledger.remove(&self.record.name, &token).await;
        self.migrate.under(&self.session.lease, removed, Error::LedgerWrite).await
    }
}
