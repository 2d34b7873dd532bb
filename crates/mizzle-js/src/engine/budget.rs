//! The time limit of an evaluation, and a measure of its progress.

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// The time limit for reading an exception: it may run the user's code (`get message()`).
const GRACE: Duration = Duration::from_secs(1);

/// The cap for limits that the clock cannot express.
const FOREVER: Duration = Duration::from_secs(60 * 60 * 24 * 365);

/// A deadline, shared with the engine's interrupt handler.
#[derive(Clone)]
pub(super) struct Budget(Rc<Inner>);

struct Inner {
    deadline: Cell<Instant>,
    spent: Cell<bool>,
    /// The number of calls of the interrupt handler: a measure of progress that is the same in
    /// every run.
    ticks: Cell<u64>,
    last_tick: Cell<u64>,
}

impl Budget {
    pub(super) fn new() -> Self {
        Self(Rc::new(Inner {
            deadline: Cell::new(Instant::now() + GRACE),
            spent: Cell::new(false),
            ticks: Cell::new(0),
            last_tick: Cell::new(u64::MAX),
        }))
    }

    /// Starts an evaluation.
    pub(super) fn start(&self, time: Duration) {
        self.renew(time);
        self.0.spent.set(false);
        self.0.ticks.set(0);
    }

    /// Restarts the time limit: for code that continues after it has waited for the host.
    pub(super) fn renew(&self, time: Duration) {
        self.0.deadline.set(Instant::now() + time.min(FOREVER));
    }

    /// Runs `wait` without counting its time.
    pub(super) fn pause<R>(&self, wait: impl FnOnce() -> R) -> R {
        let start = Instant::now();
        let result = wait();
        self.0.deadline.set(self.0.deadline.get() + start.elapsed());
        result
    }

    /// Ends the next evaluation at that tick, regardless of the time.
    pub(super) fn end_at(&self, tick: u64) {
        self.0.last_tick.set(tick);
    }

    /// Returns the ticks of the evaluation so far.
    pub(super) fn ticks(&self) -> u64 {
        self.0.ticks.get()
    }

    /// Counts a tick. Returns true if the evaluation has to end.
    pub(super) fn tick(&self) -> bool {
        self.0.ticks.set(self.0.ticks.get() + 1);
        if self.0.ticks.get() >= self.0.last_tick.get() {
            self.0.last_tick.set(u64::MAX);
            self.0.deadline.set(Instant::now());
            self.0.spent.set(true);
            return true;
        }
        self.is_over()
    }

    /// Extends the deadline a little, to diagnose a failure.
    pub(super) fn grace(&self) {
        self.0.deadline.set(Instant::now() + GRACE);
    }

    /// True if the time is over. Recorded: an evaluation that was interrupted stays so.
    pub(super) fn is_over(&self) -> bool {
        let over = Instant::now() > self.0.deadline.get();
        if over {
            self.0.spent.set(true);
        }
        over
    }

    /// True if the evaluation has been interrupted.
    pub(super) fn was_spent(&self) -> bool {
        self.0.spent.get()
    }

    /// Returns the remaining time.
    pub(super) fn left(&self) -> Duration {
        self.0.deadline.get().saturating_duration_since(Instant::now())
    }
}
