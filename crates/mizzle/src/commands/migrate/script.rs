//! One script, from its first call to its last, recorded step by step.

use super::{
    Migrate,
    approval::{Approved, There},
    back::{self, Back},
    held::Held,
    memory::Memory,
};
use crate::{
    clock::seconds_since_1970,
    commands::{PARALLEL, push::explain_step, record},
    error::{CommandError, ErrorKind, GO_ON},
    project::Script,
    report::{MigrationReport, MigrationState, Remaining, Skipped},
    target::is_passing,
};
use futures_util::{
    StreamExt,
    future::{Either, select},
    stream::FuturesUnordered,
};
use mizzle_core::{
    apply::{
        self, Clock as _, DataError, DataOperation, DataPlane, ServiceError, ServiceErrorKind,
        StepError,
    },
    history::Tables,
    ledger::{Forward, Ledger, Record, RecordState},
    plan::{Fitter, Plan, Step, StepId, fingerprint},
    redaction, text,
};
use mizzle_eval::{Call, CallError, Direction, EvalError, ScriptEvent, ScriptFacts};
use serde_json::Value;
use std::{collections::BTreeSet, pin::pin, sync::Arc, time::Duration};

/// What to do about a script that fails.
const FIX: &str = "fix the script and run the command again: steps that are done are not repeated";

/// What to do when the script is right and something else is not.
const REPEAT: &str = "the script need not change: steps that are done are not repeated";

/// The time that data operations have to end after an interrupt.
const LAST_MOMENT: Duration = Duration::from_secs(2);

/// What DynamoDB calls it when a table does not exist.
const NO_TABLE: &str = "ResourceNotFoundException";

/// How DynamoDB says, in a `ValidationException`, that an index does not exist.
const NO_INDEX: &str = "does not have the specified index";

/// What became of a script, and why it did not come to its end.
type Ran = (MigrationReport, Result<(), CommandError>);

/// Which function of a script is run, as it was shown.
pub(super) enum Way<'a> {
    /// Its `up`.
    There(&'a mut There),
    /// Its `down`.
    Back(&'a mut Back),
}

impl Way<'_> {
    fn direction(&self) -> Direction {
        match self {
            Self::There(_) => Direction::Up,
            Self::Back(_) => Direction::Down,
        }
    }

    /// What was shown.
    pub(super) fn approved(&self) -> &Approved {
        match self {
            Self::There(there) => &there.approved,
            Self::Back(back) => &back.approved,
        }
    }

    /// The tables that this run has created, as scripts name them.
    pub(super) fn made(&self) -> &BTreeSet<String> {
        match self {
            Self::There(there) => &there.made,
            Self::Back(back) => back.way.made(),
        }
    }
}

impl Migrate<'_> {
    /// Runs a function of a script, or what is left of it. `before` is what the ledger has of it.
    pub(super) async fn run_script(
        &self,
        script: &Script,
        way: Way<'_>,
        before: Option<Record>,
        held: &Held,
    ) -> Ran {
        let (name, direction) = (script.name.to_string(), way.direction());
        let forward = match direction {
            Direction::Up => None,
            Direction::Down => before.as_ref().map(Forward::of),
        };
        // The way back begins anew, wherever the way there has ended.
        let unfinished = before.filter(|record| match direction {
            Direction::Up => true,
            Direction::Down => record.state == RecordState::Undoing,
        });
        let (steps, deleting, in_memory, creating, adopted) = unfinished
            .map(|Record { steps, deleting, held, creating, adopted, .. }| {
                (steps, deleting, held, creating, adopted)
            })
            .unwrap_or_default();
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
            files: script.files.clone(),
            state: match direction {
                Direction::Up => RecordState::Running,
                Direction::Down => RecordState::Undoing,
            },
            steps,
            deleting,
            held: in_memory,
            creating,
            adopted,
            forward,
            project: self.settings.project.clone(),
            tool: env!("CARGO_PKG_VERSION").to_owned(),
            by: self.settings.by(),
            started_at: seconds_since_1970(),
            finished_at: None,
            error: None,
        };
        let mut run = Run {
            migrate: self,
            held,
            record: &mut record,
            steps: Vec::new(),
            skipped: Vec::new(),
            way,
            memory: Arc::new(Memory::default()),
            unsupported: Vec::new(),
            remaining: Vec::new(),
            refused: None,
            tables: self.tables_left_by(&script.name, direction),
            fitter: Fitter::default(),
        };
        let result = run.script(script, direction).await;
        let result = result.map_err(|error| match error.kind {
            ErrorKind::Interrupted => run.cut_short(error),
            // It had begun: what it did to items stays done.
            ErrorKind::Refused => run.repeated().into_iter().fold(error, CommandError::hint),
            _ => error,
        });
        let items = run.memory.counts();
        let Run { mut steps, skipped, unsupported, remaining, .. } = run;
        steps.retain(|step| skipped.iter().all(|(id, _)| step.id != *id));
        let state = match (&result, direction, &record.error) {
            (Ok(()), Direction::Up, _) => MigrationState::Applied,
            (Err(_), _, Some(_)) => MigrationState::Failed,
            // Undone, it can be run again.
            (Ok(()), Direction::Down, _) | (Err(_), _, None) => MigrationState::Pending,
        };
        let skipped = skipped.into_iter().map(|(_, skipped)| skipped).collect();
        let report = MigrationReport::new(script.name.to_string(), state, steps);
        let adopted = match direction {
            Direction::Up => record.adopted.clone(),
            Direction::Down => Vec::new(),
        };
        (MigrationReport { skipped, adopted, unsupported, items, remaining, ..report }, result)
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
        if let Some(table) = tables.iter().find(|table| is_among(&ahead.foreign, table)) {
            let is_all = tables.iter().all(|table| is_among(&ahead.foreign, table));
            let answer = match operation.is_write() || !is_all {
                true => Err(back::not_yours(table)),
                false => Ok(record::nothing(operation)),
            };
            call.reply(answer);
            return Ok(());
        }
        if !tables.is_empty() && tables.iter().all(|table| is_among(&ahead.deleted, table)) {
            ahead.memory.miss(operation, &tables, &ahead.held);
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
        match &answer {
            Ok(answer) => ahead.memory.note(operation, call.input(), answer),
            Err(error) if may_be_gone && is_gone(error) => {
                ahead.memory.miss(operation, &tables, &ahead.held);
            }
            Err(_) => {}
        }
        let reply = match answer {
            Err(error) if may_be_gone && is_gone(&error) => Ok(record::nothing(operation)),
            answer => answer.map_err(|error| refused(error, &tables)),
        };
        call.reply(reply);
        Ok(())
    }
}

/// A data operation that failed, as the script sees it.
fn refused(error: DataError, tables: &[&str]) -> CallError {
    let mut refused = CallError::new(error.name, error.message);
    if error.kind == ServiceErrorKind::Throttled {
        refused.hints.push(format!(
            "raise the capacity of {} while the migration runs, or let the script send fewer \
             requests at once",
            text::list(tables)
        ));
    }
    CallError { fields: error.fields, ..refused }
}

/// What an earlier run of a script did, or at least began, beyond where the script is now. What comes
/// before that was done then, to the items as well: it may ask for what is not there any more.
pub(super) struct Ahead {
    /// Tables that are somebody else's: for a migration that is undone before it has made them,
    /// they are not there.
    foreign: Vec<String>,
    /// Tables whose deletion is recorded. There may be new ones of their names by now.
    deleted: Vec<String>,
    /// Tables that were deleted or changed: they, or an index of theirs, may be gone.
    touched: Vec<String>,
    /// Deleted tables whose items an earlier run had in its memory alone.
    held: Vec<String>,
    memory: Arc<Memory>,
}

/// Whether an operation failed because there is no such table or index.
fn is_gone(error: &DataError) -> bool {
    error.name == NO_TABLE || error.message.contains(NO_INDEX)
}

/// A step that failed, as the script sees it: as a client of AWS would give it.
pub(super) fn call_error(error: StepError) -> CallError {
    match error {
        StepError::Service(ServiceError { code: Some(code), message, .. })
        | StepError::Stuck { error: ServiceError { code: Some(code), message, .. }, .. } => {
            CallError::new(code, message)
        }
        other => CallError::new("Error", other.to_string()),
    }
}

/// Whether a step that failed may succeed without a change of the script.
fn is_passing_step(error: &StepError) -> bool {
    match error {
        StepError::Service(error) => is_passing(error),
        StepError::Wait(_) | StepError::Stuck { .. } => true,
        StepError::Vanished { .. }
        | StepError::Exchanged { .. }
        | StepError::NotEmpty { .. }
        | StepError::Conflict { .. } => false,
    }
}

/// A table that was empty when its deletion was shown.
fn holds_items(table: &str) -> CommandError {
    let message = format!(
        "{table} was empty when its deletion was shown, and holds items now; it was not deleted"
    );
    CommandError::new(ErrorKind::Refused, "data-loss", message)
        .hint("run the command again to see what would be lost, or pass --accept-data-loss")
}

/// A script that is running.
pub(super) struct Run<'a> {
    pub(super) migrate: &'a Migrate<'a>,
    pub(super) held: &'a Held,
    pub(super) record: &'a mut Record,
    steps: Vec<Step>,
    /// Those of the steps that were left out.
    pub(super) skipped: Vec<(StepId, Skipped)>,
    /// What was agreed to, and how far the run has come of it.
    pub(super) way: Way<'a>,
    /// What has become of the items that it has read.
    pub(super) memory: Arc<Memory>,
    /// The steps that the server has no operation for.
    pub(super) unsupported: Vec<StepId>,
    /// What the server does not keep of what it was asked for.
    pub(super) remaining: Vec<Remaining>,
    /// Why the server has refused the last step, where that is not the script's fault.
    refused: Option<CommandError>,
    /// The tables as the script is to leave them, where a snapshot says so.
    pub(super) tables: Option<&'a Tables>,
    /// Fits its calls to the tables that they meet.
    pub(super) fitter: Fitter,
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
        // A script may compute or wait for a timer for hours without an event.
        let mut stopped = pin!(migrate.stopped());
        loop {
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
                        // What was sent is finished, if that takes no longer than a moment.
                        let rest = pin!(operations.collect::<Vec<_>>());
                        select(rest, pin!(migrate.clock.sleep(LAST_MOMENT))).await;
                        return Err(CommandError::interrupted());
                    }
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
                        let environment = &migrate.settings.environment;
                        if let Some(refusal) = record::ledger_write(operation, &call, environment) {
                            call.reply(Err(refusal));
                            continue;
                        }
                        if operation.is_write() {
                            self.check_memory().await?;
                        }
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
                (self.record.deleting, self.record.creating) = (None, None);
                self.record.held.clear();
            }
            Err(error) => {
                if direction == Direction::Up {
                    self.record.state = RecordState::Failed;
                }
                // An item of the ledger has its limit, and keeps no secret.
                self.record.error = Some(text::excerpt(&redaction::redact(error.message())));
                self.record.finished_at = Some(seconds_since_1970());
                self.write().await?;
                return Err(self.failed(error));
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

    /// Why a script failed, how far it came, and what to do.
    fn failed(&mut self, error: EvalError) -> CommandError {
        // It ran: what helps with files that cannot be evaluated does not help here.
        let own: Vec<String> = error.hints().to_vec();
        let mut error = CommandError::from(error);
        error.kind = ErrorKind::Failed;
        let refused =
            self.refused.take().filter(|refused| error.message.contains(&refused.message));
        let mut hints = own;
        hints.extend(self.stopped());
        hints.extend(self.repeated());
        match refused {
            Some(refused) => {
                hints.extend(refused.hints);
                hints.push(REPEAT.to_owned());
            }
            None => hints.push(FIX.to_owned()),
        }
        // Where there is a place, what to do is shown with it.
        for diagnostic in &mut error.diagnostics {
            diagnostic.help.clone_from(&hints);
        }
        error.hints = hints;
        error
    }

    /// An interrupt, with what the next run does again.
    fn cut_short(&self, mut error: CommandError) -> CommandError {
        if let Some(repeated) = self.repeated() {
            error.hints = vec![
                repeated,
                "run the command again: steps that are done are not repeated".to_owned(),
            ];
        }
        error
    }

    /// How far a script came that has failed; `None` for one that changes no tables.
    fn stopped(&self) -> Option<String> {
        let (name, count) = (&self.record.name, self.steps.len());
        let Some(step) = self.steps.last() else {
            let is_of_items = !self.memory.counts().is_empty();
            return (!is_of_items).then(|| format!("{name} stopped before its first step"));
        };
        let word = if count > self.record.steps.len() { "at" } else { "after" };
        Some(format!("{name} stopped {word} step {count}: {} ({})", step.title, step.table()))
    }

    /// What a script did to items, which nothing records; `None` when it did nothing.
    fn repeated(&self) -> Option<String> {
        let counts = self.memory.counts();
        let name = &self.record.name;
        (!counts.is_empty()).then(|| {
            format!("{name} stopped after {}: the next run does all of that again", counts.words())
        })
    }

    fn ahead(&self) -> Ahead {
        let later = || self.record.steps.iter().skip(self.steps.len());
        // It is the one after those that are recorded.
        let begun = self.record.deleting.as_ref();
        let begun = begun.filter(|_| self.steps.len() <= self.record.steps.len());
        let owned = |table: &str| table.to_owned();
        Ahead {
            foreign: match &self.way {
                Way::There(_) => Vec::new(),
                Way::Back(back) => back.way.foreign(),
            },
            deleted: later()
                .filter_map(|step| fingerprint::deleted_table(step))
                .map(owned)
                .collect(),
            touched: later()
                .chain(begun)
                .filter_map(|step| fingerprint::table(step))
                .map(owned)
                .collect(),
            held: self.record.held.clone(),
            memory: Arc::clone(&self.memory),
        }
    }

    /// Whether the script has yet to come to the deletion of a table that an earlier run has begun or
    /// done.
    pub(super) fn is_deletion_ahead(&self, table: &str) -> bool {
        let is_it = |step: &String| fingerprint::deleted_table(step) == Some(table);
        let begun = self.record.deleting.iter();
        let mut begun = begun.filter(|_| self.steps.len() <= self.record.steps.len());
        self.record.steps.iter().skip(self.steps.len()).any(is_it) || begun.any(is_it)
    }

    async fn step(&mut self, call: Call) -> Result<(), CommandError> {
        let migrate = self.migrate;
        let position = self.steps.len();
        let environment = &migrate.settings.environment;
        let (step, fingerprint) = match record::step(&call, position, environment) {
            Ok(step) => step,
            Err(error) => {
                call.reply(Err(error));
                return Ok(());
            }
        };
        self.steps.push(step.clone());
        self.step_with_items(&step).await?;
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
            self.done_before(&step, &fingerprint);
            call.reply(Ok(Value::Null));
            return Ok(());
        }
        if self.leaves_out(&step, &fingerprint) {
            self.record.steps.push(fingerprint);
            self.write().await?;
            call.reply(Ok(Value::Null));
            return Ok(());
        }
        let step = match self.fitted(step, &fingerprint, position).await? {
            Ok(Some(step)) => step,
            Ok(None) => {
                self.done(&fingerprint, false);
                self.record.steps.push(fingerprint);
                self.write().await?;
                call.reply(Ok(Value::Null));
                return Ok(());
            }
            Err(error) => {
                call.reply(Err(error));
                return Ok(());
            }
        };
        self.steps[position] = step.clone();
        let step = self.as_agreed(step, &fingerprint).await?;
        let is_begun = self.begin_creation(&step, &fingerprint).await?;
        if step.call.is_deletion() {
            self.note_held(&fingerprint);
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
            self.not_done(&failure.error);
            if let StepError::NotEmpty { table } = &failure.error {
                return Err(holds_items(table));
            }
            self.refused = is_passing_step(&failure.error).then(|| {
                let reason = call_error(failure.error.clone()).message;
                let explained = explain_step(&failure.error, &migrate.target.name);
                CommandError { message: reason, ..explained }
            });
            call.reply(Err(call_error(failure.error)));
            return Ok(());
        }
        // The interrupt came after the last look for one: nothing was sent.
        if !report.not_started.is_empty() {
            return Err(CommandError::interrupted());
        }
        self.left_out(&plan, &report.unsupported);
        let adopted = self.adopted(&plan, &report.adopted, &fingerprint, is_begun);
        if let Err(error) = adopted.await? {
            call.reply(Err(error));
            return Ok(());
        }
        self.done(&fingerprint, !report.adopted.is_empty() && !is_begun);
        self.record.steps.push(fingerprint);
        self.record.deleting = None;
        self.write().await?;
        call.reply(Ok(Value::Null));
        Ok(())
    }

    /// Writes the record, unless the lock belongs to somebody else by now.
    pub(super) async fn write(&self) -> Result<(), CommandError> {
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
