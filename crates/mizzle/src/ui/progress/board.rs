//! The progress of each table of a plan.

use mizzle_core::{
    apply::{Event, ServiceError, StepError, WaitError},
    plan::{Plan, Step},
};
use std::{collections::HashMap, time::Duration};

/// The progress of each table of a plan. Times are relative to the start of the display.
#[derive(Debug)]
pub(super) struct Board {
    /// The tables, in the plan's order.
    pub(super) rows: Vec<Row>,
    /// True if the user has interrupted the run.
    pub(super) is_stopping: bool,
    positions: HashMap<String, usize>,
}

/// The progress of a table.
#[derive(Debug)]
pub(super) struct Row {
    /// The table.
    pub(super) table: String,
    /// The number of its steps in the plan.
    pub(super) steps: usize,
    /// The number of applied steps.
    pub(super) done: usize,
    /// The number of steps that the server has no operation for.
    pub(super) left_out: usize,
    /// The state.
    pub(super) state: State,
    /// The start of the first step.
    began: Option<Duration>,
}

/// The state of a table.
#[derive(Debug)]
pub(super) enum State {
    /// No step is running: before the first step or between two.
    Idle,
    /// A step is running.
    Working(Work, Stage),
    /// All steps are done, after this time.
    Done(Work, Duration),
    /// A step failed, after this time.
    Failed(Work, Duration, String),
    /// The run was interrupted during a step, after this time.
    Interrupted(Work, Duration),
}

/// A step of a table.
#[derive(Debug, Clone)]
pub(super) struct Work {
    /// The step's position in its table, counted from 1.
    pub(super) number: usize,
    /// The title of the step.
    pub(super) title: String,
    /// The start of the step.
    pub(super) began: Duration,
}

/// The stage of a running step.
#[derive(Debug)]
pub(super) enum Stage {
    /// The request is in flight.
    Calling,
    /// The request failed; it is sent again at that time.
    Pausing { cause: String, until: Duration },
    /// The request was accepted, and the table is in this status.
    Settling(String),
}

impl Board {
    /// Creates the board of a plan that has not started.
    pub(super) fn new(plan: &Plan) -> Self {
        let mut board = Self { rows: Vec::new(), is_stopping: false, positions: HashMap::new() };
        for steps in plan.by_table() {
            let Some(first) = steps.first() else { continue };
            let table = first.table().to_owned();
            board.positions.insert(table.clone(), board.rows.len());
            let (done, left_out, state, began) = (0, 0, State::Idle, None);
            board.rows.push(Row { table, steps: steps.len(), done, left_out, state, began });
        }
        board
    }

    /// Records an event.
    pub(super) fn note(&mut self, event: &Event<'_>, now: Duration) {
        let step = event.step();
        let row = self.positions.get(step.table()).and_then(|at| self.rows.get_mut(*at));
        if let Some(row) = row {
            row.note(event, step, now);
        }
    }

    /// Returns the number of steps of all tables.
    pub(super) fn steps(&self) -> usize {
        self.rows.iter().map(|row| row.steps).sum()
    }

    /// True if every step was done or left out.
    pub(super) fn is_done(&self) -> bool {
        self.rows.iter().all(|row| matches!(row.state, State::Done(..)))
    }
}

impl Row {
    fn note(&mut self, event: &Event<'_>, step: &Step, now: Duration) {
        let work = self.work(step, now);
        self.state = match event {
            Event::Started(_) => {
                self.began.get_or_insert(now);
                State::Working(work, Stage::Calling)
            }
            Event::Retrying { error, pause, .. } => {
                State::Working(work, Stage::Pausing { cause: cause(error), until: now + *pause })
            }
            Event::Waiting { status, .. } => {
                State::Working(work, Stage::Settling((*status).to_owned()))
            }
            Event::Done { .. } => {
                self.done += 1;
                self.after(work, now)
            }
            Event::Unsupported { .. } => {
                self.left_out += 1;
                self.after(work, now)
            }
            Event::Failed { error, .. } => {
                let elapsed = now.saturating_sub(work.began);
                match error {
                    StepError::Wait(WaitError::Stopped { .. }) => State::Interrupted(work, elapsed),
                    StepError::Service(error)
                    | StepError::Stuck { error, .. }
                    | StepError::Wait(WaitError::Service(error)) => {
                        State::Failed(work, elapsed, cause(error))
                    }
                    StepError::Wait(WaitError::Deadline { .. })
                    | StepError::Vanished { .. }
                    | StepError::NotEmpty { .. }
                    | StepError::Exchanged { .. }
                    | StepError::Conflict { .. } => State::Failed(work, elapsed, error.to_string()),
                }
            }
        };
    }

    /// Returns the running step, or `step` if none is running.
    fn work(&self, step: &Step, now: Duration) -> Work {
        match &self.state {
            State::Working(work, _) => work.clone(),
            State::Idle | State::Done(..) | State::Failed(..) | State::Interrupted(..) => Work {
                number: self.done + self.left_out + 1,
                title: step.title.clone(),
                began: now,
            },
        }
    }

    /// Returns the state after a step.
    fn after(&self, work: Work, now: Duration) -> State {
        if self.done + self.left_out < self.steps {
            return State::Idle;
        }
        State::Done(work, now.saturating_sub(self.began.unwrap_or(now)))
    }
}

/// Returns a short reason for a failed request.
fn cause(error: &ServiceError) -> String {
    error.code.as_ref().unwrap_or(&error.message).clone()
}
