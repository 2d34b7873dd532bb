//! Applies a plan: tables in parallel, the steps of one table in order.
//!
//! Every step converges. When a call is refused or its response is lost, the executor reads the
//! table. If the effect is already there (because an earlier run was killed, or another process
//! applied it), the step is done.

use super::{
    Clock, ControlPlane, ServiceError, ServiceErrorKind,
    effect_status::{EffectStatus, effect_status, extras, is_warming, transition},
    pace::Pace,
    wait::{PATIENCE, WaitError, Watch, patience, retry_pauses},
};
use crate::{
    model::{AuxiliarySettings, TableDescription, TransitionState},
    plan::{Call, Guard, Plan, Step, StepId, Wait},
};
use futures_util::{StreamExt, stream};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// The limits of a run.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// The number of tables that are worked on at the same time.
    pub parallel: usize,
    /// The time limit for the effect of one step.
    pub step_limit: Duration,
    /// The time for which a server may still describe a table as it was before an accepted change.
    /// Descriptions are eventually consistent, but a server that drops a change describes the old
    /// state forever.
    /// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeTable.html>.
    pub grace: Duration,
    /// The time for which a server may report a table as in use while it describes it as settled.
    /// DynamoDB does so for reasons that a description does not show; some emulators do so forever
    /// for operations that they do not support.
    pub in_use: Duration,
    /// The time between two calls that change tags, across all tables.
    pub tag_interval: Duration,
}

impl Default for Options {
    /// Returns the default limits. Sixteen tables, well below the 500 table operations (250 with
    /// indexes) that an account may have in progress. One day for each step, because building an
    /// index on a large table takes hours. Five tag calls a second, the DynamoDB quota of an
    /// account.
    fn default() -> Self {
        Self {
            parallel: 16,
            step_limit: Duration::from_secs(24 * 60 * 60),
            grace: Duration::from_secs(30),
            in_use: PATIENCE,
            tag_interval: Duration::from_millis(200),
        }
    }
}

/// An event of a run.
#[derive(Debug)]
pub enum Event<'a> {
    /// A step's call is about to be sent.
    Started(&'a Step),
    /// The call was refused for a temporary reason, and will be sent again after the pause.
    Retrying {
        /// The step.
        step: &'a Step,
        /// The reason.
        error: &'a ServiceError,
        /// The pause.
        pause: Duration,
    },
    /// The call was accepted, and its effect is not visible yet.
    Waiting {
        /// The step.
        step: &'a Step,
        /// The operation in progress: `UPDATING; byEmail CREATING, backfilling`.
        status: &'a str,
    },
    /// The step's effect is visible.
    Done {
        /// The step.
        step: &'a Step,
        /// The duration of the step.
        elapsed: Duration,
        /// True if the effect was already there, and not because of this run.
        adopted: bool,
    },
    /// The server does not support the operation; the rest of the table continues without it.
    Unsupported {
        /// The step.
        step: &'a Step,
        /// The server's error.
        error: &'a ServiceError,
    },
    /// The step failed, and the rest of its table is skipped.
    Failed {
        /// The step.
        step: &'a Step,
        /// The reason.
        error: &'a StepError,
    },
}

impl<'a> Event<'a> {
    /// Returns the step of the event.
    pub fn step(&self) -> &'a Step {
        match self {
            Self::Started(step)
            | Self::Retrying { step, .. }
            | Self::Waiting { step, .. }
            | Self::Done { step, .. }
            | Self::Unsupported { step, .. }
            | Self::Failed { step, .. } => step,
        }
    }
}

/// A listener for the executor's events.
pub trait Observer: Send + Sync {
    /// Handles an event.
    fn event(&self, event: &Event<'_>);
}

/// A reason why a step failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StepError {
    /// The service refused it.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// Its effect did not become visible in time.
    #[error(transparent)]
    Wait(#[from] WaitError),
    /// The server keeps reporting that the table is in use, but describes it as settled.
    #[error("{error}, and so for {}s, although nothing is changing the table", .waited.as_secs())]
    Stuck {
        /// The server's error.
        error: ServiceError,
        /// The time for which it was reported.
        waited: Duration,
    },
    /// The table no longer exists.
    #[error("{table} is not there: it was deleted meanwhile, or is in another region or account")]
    Vanished {
        /// The table.
        table: String,
    },
    /// The table was replaced by another one with the same name.
    #[error("{table} was deleted and created again during the run")]
    Exchanged {
        /// The table.
        table: String,
    },
    /// The table was expected to be empty, but holds items.
    #[error("{table} holds items by now: it was empty when the plan was made")]
    NotEmpty {
        /// The table.
        table: String,
    },
    /// The table already exists, and differs from what the step creates.
    #[error("{table} exists already and differs: {}", .differences.join("; "))]
    Conflict {
        /// The table.
        table: String,
        /// The differences.
        differences: Vec<String>,
    },
}

impl StepError {
    /// True if the step was not sent because this process may not change anything any more.
    pub fn is_fenced(&self) -> bool {
        matches!(self, Self::Service(error) if error.kind == ServiceErrorKind::Fenced)
    }
}

/// A step that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The step.
    pub step: StepId,
    /// Its table.
    pub table: String,
    /// The reason.
    pub error: StepError,
}

/// The outcome of a plan.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// The steps whose effect is visible, in the order in which they finished.
    pub applied: Vec<StepId>,
    /// The tables that already existed in the wanted form when they were to be created. Their other
    /// settings are left to the next comparison.
    pub adopted: Vec<String>,
    /// The steps whose operation the server does not support, as some emulators do not.
    pub unsupported: Vec<StepId>,
    /// The steps that failed: at most one per table.
    pub failures: Vec<Failure>,
    /// The steps that were not started, because an earlier one failed or the run was stopped.
    pub not_started: Vec<StepId>,
}

/// Applies the steps of a plan, with tables in parallel. A failure stops its own table, and the
/// tables whose steps depend on it. Once `stop` is cancelled, calls in progress are finished, and
/// nothing else is started or waited for.
pub async fn apply(
    plan: &Plan,
    control: &impl ControlPlane,
    clock: &impl Clock,
    observer: &impl Observer,
    stop: &CancellationToken,
    options: Options,
) -> Report {
    let tags = Pace::new(options.tag_interval);
    let never = CancellationToken::new();
    let run = Run { control, clock, observer, stop, never, options, tags };
    // Only deletions depend on other tables, and nothing depends on a deletion.
    let waits_for_others = |steps: &&[Step]| {
        let own: Vec<&StepId> = steps.iter().map(|step| &step.id).collect();
        steps.iter().flat_map(|step| &step.after).any(|id| !own.contains(&id))
    };
    let (last, first): (Vec<&[Step]>, Vec<&[Step]>) = plan.by_table().partition(waits_for_others);
    let mut report = run.tables(first).await;
    if report.failures.is_empty() {
        report.extend(run.tables(last).await);
    } else {
        report.not_started.extend(last.into_iter().flatten().map(|step| step.id.clone()));
    }
    report
}

impl Report {
    fn extend(&mut self, other: Self) {
        let Self { applied, adopted, unsupported, failures, not_started } = other;
        self.applied.extend(applied);
        self.adopted.extend(adopted);
        self.unsupported.extend(unsupported);
        self.failures.extend(failures);
        self.not_started.extend(not_started);
    }
}

struct Run<'a, C, K, O> {
    control: &'a C,
    clock: &'a K,
    observer: &'a O,
    stop: &'a CancellationToken,
    /// For steps that must not be stopped.
    never: CancellationToken,
    options: Options,
    tags: Pace,
}

impl<C: ControlPlane, K: Clock, O: Observer> Run<'_, C, K, O> {
    async fn tables(&self, tables: Vec<&[Step]>) -> Report {
        stream::iter(tables)
            .map(|steps| self.table(steps))
            .buffer_unordered(self.options.parallel.max(1))
            .fold(Report::default(), |mut report, table| async move {
                report.extend(table);
                report
            })
            .await
    }

    async fn table(&self, steps: &[Step]) -> Report {
        let mut report = Report::default();
        let mut steps = steps.iter().peekable();
        let mut is_gone = false;
        while let Some(step) = steps.next() {
            // Do not stop between the deletion and the creation of a table that is replaced.
            let is_replaced = step.wait == Wait::Gone && steps.peek().is_some();
            let stop = if is_gone || is_replaced { &self.never } else { self.stop };
            if self.stop.is_cancelled() && !is_gone {
                report.not_started.push(step.id.clone());
                continue;
            }
            let start = self.clock.now();
            self.observer.event(&Event::Started(step));
            match self.step(step, !report.applied.is_empty(), stop).await {
                Ok(adopted) => {
                    let elapsed = self.clock.now().saturating_sub(start);
                    self.observer.event(&Event::Done { step, elapsed, adopted });
                    report.applied.push(step.id.clone());
                    if adopted && matches!(step.call, Call::CreateTable(_)) {
                        // Another process created the table, and its settings have not been
                        // compared yet.
                        report.adopted.push(step.table().to_owned());
                        report.not_started.extend(steps.by_ref().map(|step| step.id.clone()));
                    }
                }
                Err(StepError::Service(error)) if error.kind == ServiceErrorKind::Unsupported => {
                    self.observer.event(&Event::Unsupported { step, error: &error });
                    report.unsupported.push(step.id.clone());
                }
                Err(error) => {
                    self.observer.event(&Event::Failed { step, error: &error });
                    let (step, table) = (step.id.clone(), step.table().to_owned());
                    report.failures.push(Failure { step, table, error });
                    report.not_started.extend(steps.by_ref().map(|step| step.id.clone()));
                }
            }
            is_gone = step.wait == Wait::Gone;
        }
        report
    }

    /// Sends the call until it is accepted or turns out to be unnecessary, then waits for its
    /// effect. Returns true if the effect was already there.
    async fn step(
        &self,
        step: &Step,
        reached: bool,
        stop: &CancellationToken,
    ) -> Result<bool, StepError> {
        let adopted = self.send(step, reached, stop).await?;
        let accepted = self.clock.now();
        let waiting = |status: &str| self.observer.event(&Event::Waiting { step, status });
        let is_graceful = || self.clock.now().saturating_sub(accepted) < self.options.grace;
        let done = |table: Option<&TableDescription>| match (step.wait, table) {
            (Wait::Gone, table) => table.is_none_or(|table| is_another(step, table)),
            (Wait::Settled, None) => !is_graceful(),
            (Wait::Settled, Some(table)) => {
                let is_seen = effect_status(&step.call, Some(table)) == EffectStatus::InEffect;
                let is_through = match transition(&step.call, table) {
                    Some(TransitionState::Pending(_)) => false,
                    Some(TransitionState::Failed(_)) => return true,
                    None => !is_warming(&step.call, table),
                };
                table.is_settled() && is_through && (is_seen || !is_graceful())
            }
        };
        let seen = self.watch(step, stop).until(done, waiting).await?;
        let failed = seen.as_ref().and_then(|table| transition(&step.call, table));
        if let Some(TransitionState::Failed(reason)) = failed {
            return Err(given_up(step, reason).into());
        }
        match (step.wait, seen) {
            (Wait::Settled, None) => Err(vanished(step)),
            (Wait::Settled, Some(_)) | (Wait::Gone, _) => Ok(adopted),
        }
    }

    /// Sends the call once, if its guard holds. Returns true if the call was necessary.
    async fn attempt(&self, step: &Step) -> Result<bool, StepError> {
        if let Some(Guard { table_id: _, is_empty }) = &step.guard {
            let table = step.table();
            let Some(present) = self.control.describe_table(table, AuxiliarySettings::NONE).await?
            else {
                return if step.wait == Wait::Gone { Ok(false) } else { Err(vanished(step)) };
            };
            if is_another(step, &present) {
                return Err(StepError::Exchanged { table: table.to_owned() });
            }
            if *is_empty && !self.control.is_empty(table).await? {
                return Err(StepError::NotEmpty { table: table.to_owned() });
            }
        }
        self.control.call(&step.call).await?;
        Ok(true)
    }

    /// Returns true if the effect of a call becomes visible within the grace period of
    /// descriptions.
    async fn shows_up(&self, step: &Step, stop: &CancellationToken) -> Result<bool, StepError> {
        let start = self.clock.now();
        let in_effect = |table: Option<&TableDescription>| {
            effect_status(&step.call, table) == EffectStatus::InEffect
        };
        let done = |table: Option<&TableDescription>| {
            in_effect(table) || self.clock.now().saturating_sub(start) >= self.options.grace
        };
        let seen = self.watch(step, stop).until(done, |_| {}).await?;
        Ok(in_effect(seen.as_ref()))
    }

    /// Returns a wait for the step's table.
    fn watch<'a>(&'a self, step: &'a Step, stop: &'a CancellationToken) -> Watch<'a, C, K> {
        Watch {
            control: self.control,
            clock: self.clock,
            table: step.table(),
            limit: self.options.step_limit,
            stop,
            extras: extras(&step.call),
            reached: true,
        }
    }

    /// Sends the call until it is accepted. Returns true if the effect was there without any
    /// request of this run.
    async fn send(
        &self,
        step: &Step,
        reached: bool,
        stop: &CancellationToken,
    ) -> Result<bool, StepError> {
        let start = self.clock.now();
        let mut pauses = retry_pauses();
        let mut may_be_ours = false;
        let mut idle_since = None;
        loop {
            if matches!(step.call, Call::TagResource(_) | Call::UntagResource(_)) {
                self.tags.turn(self.clock, stop).await;
                if stop.is_cancelled() {
                    let (table, status) = (step.table().to_owned(), "waiting for its turn".into());
                    return Err(WaitError::Stopped { table, status }.into());
                }
            }
            let error = match self.attempt(step).await {
                Ok(was_necessary) => return Ok(!was_necessary),
                // The table's state may be the work of another process by now.
                Err(error) if error.is_fenced() => return Err(error),
                Err(StepError::Service(error)) => error,
                Err(error) => return Err(error),
            };
            let is_of_the_call = error.operation == step.call.operation();
            may_be_ours |= is_of_the_call && error.kind.leaves_outcome_open();
            let mut is_idle = false;
            if let Ok(table) = self.control.describe_table(step.table(), extras(&step.call)).await {
                match effect_status(&step.call, table.as_ref()) {
                    EffectStatus::InEffect => return Ok(!may_be_ours),
                    EffectStatus::Conflict(differences) => {
                        let table = step.table().to_owned();
                        return Err(StepError::Conflict { table, differences });
                    }
                    EffectStatus::ToDo => {}
                }
                is_idle = error.kind == ServiceErrorKind::InUse
                    && table.as_ref().is_some_and(TableDescription::is_settled);
                let needs_table = !matches!(step.call, Call::CreateTable(_));
                if needs_table && table.is_none() && error.kind == ServiceErrorKind::NotFound {
                    return Err(vanished(step));
                }
            }
            let now = self.clock.now();
            idle_since = is_idle.then(|| idle_since.unwrap_or(now));
            let waited = idle_since.map_or(Duration::ZERO, |since| now.saturating_sub(since));
            if is_idle && waited >= self.options.in_use {
                return Err(StepError::Stuck { error, waited });
            }
            let elapsed = now.saturating_sub(start);
            if patience(&error, reached).is_none_or(|patience| elapsed >= patience) {
                // The refusal may be caused by an earlier attempt of this run, and the description
                // may be out of date.
                if may_be_ours && self.shows_up(step, stop).await? {
                    return Ok(false);
                }
                return Err(error.into());
            }
            let mut pause = pauses.next().unwrap_or(Duration::from_secs(10));
            if is_idle {
                pause = pause.min(self.options.in_use.saturating_sub(waited));
            }
            self.observer.event(&Event::Retrying { step, error: &error, pause });
            stop.run_until_cancelled(self.clock.sleep(pause)).await;
            if stop.is_cancelled() {
                return Err(error.into());
            }
        }
    }
}

/// True if a table is not the one that a step was planned for.
fn is_another(step: &Step, table: &TableDescription) -> bool {
    let planned = step.guard.as_ref().and_then(|guard| guard.table_id.as_ref());
    planned.zip(table.table_id.as_ref()).is_some_and(|(planned, present)| planned != present)
}

/// Returns the error for a call that the service accepted and then abandoned.
fn given_up(step: &Step, reason: &str) -> ServiceError {
    ServiceError {
        kind: ServiceErrorKind::Other,
        operation: step.call.operation(),
        table: Some(step.table().to_owned()),
        code: None,
        message: format!("DynamoDB accepted it and then gave up: {reason}"),
        background: Box::default(),
    }
}

fn vanished(step: &Step) -> StepError {
    StepError::Vanished { table: step.table().to_owned() }
}
