//! Carries out a plan: tables side by side, the steps of one table in order.
//!
//! Every step converges. When a call is refused, or its answer gets lost, the executor looks at the
//! table: if what the step wants is there already (an earlier run was killed, somebody else was
//! faster), the step is done.

use super::{
    Clock, ControlPlane, ServiceError,
    wait::{WaitError, Watch, patience, retry_pauses, sleep},
};
use crate::{
    diff,
    model::{Status, TableDescription},
    plan::{Call, CreateIndex, GlobalSecondaryIndexUpdate, Plan, Step, StepId, UpdateTable, Wait},
};
use futures_util::{StreamExt, stream};
use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

/// How a plan is carried out.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Tables that are worked on at the same time.
    pub parallel: usize,
    /// How long the effect of one step may take.
    pub step_limit: Duration,
    /// How long a server may go on describing a table as it was before a change that it has
    /// accepted. Descriptions are eventually consistent; a server that drops a change says the same
    /// for ever.
    /// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeTable.html>.
    pub grace: Duration,
}

impl Default for Options {
    /// Sixteen tables: well below the 500 (250 with indexes) table operations that an account may
    /// have under way. A day a step: building an index on a large table takes hours.
    fn default() -> Self {
        Self {
            parallel: 16,
            step_limit: Duration::from_secs(24 * 60 * 60),
            grace: Duration::from_secs(30),
        }
    }
}

/// Asks to stop: calls that run are finished, nothing else is started or waited for.
#[derive(Debug, Default)]
pub struct Stop(AtomicBool);

impl Stop {
    /// Asks.
    pub fn request(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Whether somebody asked.
    pub fn is_requested(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

/// What the executor does, as it does it.
#[derive(Debug)]
pub enum Event<'a> {
    /// A step's call is about to be sent.
    Started(&'a Step),
    /// The call was turned away for a passing reason, and will be sent again after the pause.
    Retrying {
        /// The step.
        step: &'a Step,
        /// Why.
        error: &'a ServiceError,
        /// The pause.
        pause: Duration,
    },
    /// The call was accepted, and its effect is not there yet.
    Waiting {
        /// The step.
        step: &'a Step,
        /// What the table is busy with: `UPDATING; byEmail CREATING, backfilling`.
        status: &'a str,
    },
    /// The step's effect is there.
    Done {
        /// The step.
        step: &'a Step,
        /// How long it took.
        elapsed: Duration,
        /// Whether the effect was there already, and not by this run.
        adopted: bool,
    },
    /// The step failed, and with it the rest of its table.
    Failed {
        /// The step.
        step: &'a Step,
        /// Why.
        error: &'a StepError,
    },
}

impl<'a> Event<'a> {
    /// The step that the event is about.
    pub fn step(&self) -> &'a Step {
        match self {
            Self::Started(step)
            | Self::Retrying { step, .. }
            | Self::Waiting { step, .. }
            | Self::Done { step, .. }
            | Self::Failed { step, .. } => step,
        }
    }
}

/// Hears of the executor's events.
pub trait Observer: Send + Sync {
    /// Something happened.
    fn event(&self, event: &Event<'_>);
}

/// Why a step failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StepError {
    /// The service refused it.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// Its effect did not come in time.
    #[error(transparent)]
    Wait(#[from] WaitError),
    /// The table was there, and is not any more.
    #[error("{table} is not there any more: somebody has deleted it")]
    Vanished {
        /// The table.
        table: String,
    },
    /// Something of that name is there, and is not what the step wants.
    #[error("{table} exists already and differs: {}", .differences.join("; "))]
    Conflict {
        /// The table.
        table: String,
        /// How it differs from what the step wants.
        differences: Vec<String>,
    },
}

/// A step that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The step.
    pub step: StepId,
    /// Its table.
    pub table: String,
    /// Why.
    pub error: StepError,
}

/// What became of a plan.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// The steps whose effect is there, in the order in which they were finished.
    pub applied: Vec<StepId>,
    /// The steps that failed: at most one a table.
    pub failures: Vec<Failure>,
    /// The steps that were not started, because one before them failed or the run was stopped.
    pub not_started: Vec<StepId>,
}

/// Carries out the plan's steps: tables side by side. A failure stops its own table, and the tables
/// whose steps wait for it.
pub async fn apply(
    plan: &Plan,
    control: &impl ControlPlane,
    clock: &impl Clock,
    observer: &impl Observer,
    stop: &Stop,
    options: Options,
) -> Report {
    let run = Run { control, clock, observer, stop, options };
    // Only deletions wait for other tables, and nothing waits for a deletion.
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
        let Self { applied, failures, not_started } = other;
        self.applied.extend(applied);
        self.failures.extend(failures);
        self.not_started.extend(not_started);
    }
}

struct Run<'a, C, K, O> {
    control: &'a C,
    clock: &'a K,
    observer: &'a O,
    stop: &'a Stop,
    options: Options,
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
        let mut steps = steps.iter();
        while let Some(step) = steps.next() {
            if self.stop.is_requested() {
                report.not_started.push(step.id.clone());
                continue;
            }
            let start = self.clock.now();
            self.observer.event(&Event::Started(step));
            match self.step(step, !report.applied.is_empty()).await {
                Ok(adopted) => {
                    let elapsed = self.clock.now().saturating_sub(start);
                    self.observer.event(&Event::Done { step, elapsed, adopted });
                    report.applied.push(step.id.clone());
                }
                Err(error) => {
                    self.observer.event(&Event::Failed { step, error: &error });
                    let (step, table) = (step.id.clone(), step.table().to_owned());
                    report.failures.push(Failure { step, table, error });
                    report.not_started.extend(steps.by_ref().map(|step| step.id.clone()));
                }
            }
        }
        report
    }

    /// Sends the call until it is accepted or turns out to be unnecessary, then waits for its
    /// effect. Returns whether the effect was there already.
    async fn step(&self, step: &Step, reached: bool) -> Result<bool, StepError> {
        let adopted = self.send(step, reached).await?;
        let accepted = self.clock.now();
        let waiting = |status: &str| self.observer.event(&Event::Waiting { step, status });
        let is_graceful = || self.clock.now().saturating_sub(accepted) < self.options.grace;
        let done = |table: Option<&TableDescription>| match (step.wait, table) {
            (Wait::Gone, table) => table.is_none(),
            (Wait::Settled, None) => !is_graceful(),
            (Wait::Settled, Some(table)) => {
                let is_seen = standing(&step.call, Some(table)) == Standing::InEffect;
                table.is_settled() && (is_seen || !is_graceful())
            }
        };
        let watch = Watch {
            control: self.control,
            clock: self.clock,
            table: step.table(),
            limit: self.options.step_limit,
            stop: self.stop,
            reached: true,
        };
        let seen = watch.until(done, waiting).await?;
        match (step.wait, seen) {
            (Wait::Settled, None) => Err(StepError::Vanished { table: step.table().to_owned() }),
            (Wait::Settled, Some(_)) | (Wait::Gone, _) => Ok(adopted),
        }
    }

    /// Returns whether the effect was there without any request of this run.
    async fn send(&self, step: &Step, reached: bool) -> Result<bool, StepError> {
        let start = self.clock.now();
        let mut pauses = retry_pauses();
        let mut may_be_ours = false;
        loop {
            let Err(error) = self.control.call(&step.call).await else { return Ok(false) };
            may_be_ours |= error.kind.leaves_outcome_open();
            if let Ok(table) = self.control.describe_table(step.table()).await {
                match standing(&step.call, table.as_ref()) {
                    Standing::InEffect => return Ok(!may_be_ours),
                    Standing::Conflict(differences) => {
                        let table = step.table().to_owned();
                        return Err(StepError::Conflict { table, differences });
                    }
                    Standing::ToDo => {}
                }
            }
            let elapsed = self.clock.now().saturating_sub(start);
            if patience(&error, reached).is_none_or(|patience| elapsed >= patience) {
                return Err(error.into());
            }
            let pause = pauses.next().unwrap_or(Duration::from_secs(10));
            self.observer.event(&Event::Retrying { step, error: &error, pause });
            sleep(self.clock, pause, self.stop).await;
            if self.stop.is_requested() {
                return Err(error.into());
            }
        }
    }
}

/// How a table stands to what a call wants of it.
#[derive(Debug, PartialEq, Eq)]
enum Standing {
    /// It is as wanted, or on the way there.
    InEffect,
    /// It is not yet as wanted.
    ToDo,
    /// It is something else, which the call cannot change.
    Conflict(Vec<String>),
}

fn standing(call: &Call, table: Option<&TableDescription>) -> Standing {
    let in_effect = match (call, table) {
        (Call::CreateTable(wanted), Some(table)) if table.status != Status::Deleting => {
            let difference = diff::diff([&table.definition], [wanted]);
            return match difference.tables.first() {
                None => Standing::InEffect,
                Some(difference) => Standing::Conflict(difference.details()),
            };
        }
        (Call::CreateTable(_), _) => false,
        (Call::UpdateTable(_), None) => false,
        (Call::UpdateTable(update), Some(table)) => {
            update.global_secondary_index_updates.iter().all(|change| match change {
                GlobalSecondaryIndexUpdate::Create(index) => is_there(table, index, update),
                GlobalSecondaryIndexUpdate::Delete(index) => is_going(table, &index.index_name),
            })
        }
        (Call::DeleteTable(_), table) => table.is_none_or(|table| table.status == Status::Deleting),
    };
    if in_effect { Standing::InEffect } else { Standing::ToDo }
}

/// Whether an index is gone, or being deleted.
fn is_going(table: &TableDescription, index: &str) -> bool {
    table.definition.global_index(index).is_none()
        || table.indexes.get(index).is_some_and(|index| index.status == Status::Deleting)
}

/// Whether the index that an update creates is there, with the same key, types and projection.
fn is_there(table: &TableDescription, wanted: &CreateIndex, update: &UpdateTable) -> bool {
    let same_types = wanted.key_schema.iter().all(|element| {
        let name = &element.attribute_name;
        let mut definitions = update.attribute_definitions.iter();
        let wanted = definitions.find(|attribute| &attribute.attribute_name == name);
        table.definition.attribute_type(name) == wanted.map(|attribute| attribute.attribute_type)
    });
    !is_going(table, &wanted.index_name)
        && same_types
        && table.definition.global_index(&wanted.index_name).is_some_and(|present| {
            present.key_schema == wanted.key_schema && present.projection == wanted.projection
        })
}
