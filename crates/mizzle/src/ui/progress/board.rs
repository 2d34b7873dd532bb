//! How far each table of a plan has come.

use mizzle_core::{
    apply::{Event, ServiceError, StepError, WaitError},
    plan::{Plan, Step},
};
use std::{collections::HashMap, time::Duration};

/// How far each table of a plan has come. Moments are times since the display began.
#[derive(Debug)]
pub(super) struct Board {
    /// The tables, in the plan's order.
    pub(super) rows: Vec<Row>,
    /// Whether somebody asked to stop.
    pub(super) is_stopping: bool,
    positions: HashMap<String, usize>,
}

/// How far one table has come.
#[derive(Debug)]
pub(super) struct Row {
    /// The table.
    pub(super) table: String,
    /// The steps that the plan has for it.
    pub(super) steps: usize,
    /// Those whose effect is there.
    pub(super) done: usize,
    /// Those that the server has no operation for.
    pub(super) left_out: usize,
    /// What is going on.
    pub(super) state: State,
    /// When the first step began.
    began: Option<Duration>,
}

/// What is going on with a table.
#[derive(Debug)]
pub(super) enum State {
    /// Nothing, before its first step or between two.
    Idle,
    /// A step is being carried out.
    Working(Work, Stage),
    /// All is done, after this time.
    Done(Work, Duration),
    /// A step failed, after this time.
    Failed(Work, Duration, String),
    /// Somebody asked to stop while a step was being carried out for this time.
    Interrupted(Work, Duration),
}

/// A step of a table.
#[derive(Debug, Clone)]
pub(super) struct Work {
    /// The step's position in its table, counted from 1.
    pub(super) number: usize,
    /// What it does.
    pub(super) title: String,
    /// When it began.
    pub(super) began: Duration,
}

/// How far a step has come.
#[derive(Debug)]
pub(super) enum Stage {
    /// The call is on its way.
    Calling,
    /// The call was turned away; it is sent again at that moment.
    Pausing { cause: String, until: Duration },
    /// The call was accepted, and this is what the table is busy with.
    Settling(String),
}

impl Board {
    /// A plan that is about to be carried out.
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

    /// Takes note of what has just happened.
    pub(super) fn note(&mut self, event: &Event<'_>, now: Duration) {
        let step = event.step();
        let row = self.positions.get(step.table()).and_then(|at| self.rows.get_mut(*at));
        if let Some(row) = row {
            row.note(event, step, now);
        }
    }

    /// The steps of all tables.
    pub(super) fn steps(&self) -> usize {
        self.rows.iter().map(|row| row.steps).sum()
    }

    /// Whether every step was done or left out.
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

    /// The step that is under way, or `step` when none is.
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

    /// The state after a step.
    fn after(&self, work: Work, now: Duration) -> State {
        if self.done + self.left_out < self.steps {
            return State::Idle;
        }
        State::Done(work, now.saturating_sub(self.began.unwrap_or(now)))
    }
}

/// Why a call was turned away, in as few words as there are.
fn cause(error: &ServiceError) -> String {
    error.code.as_ref().unwrap_or(&error.message).clone()
}
