//! The time that an evaluation may take, and how far it has come.

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// How long the reading of an exception may take: it may run code of the user's (`get message()`).
const GRACE: Duration = Duration::from_secs(1);

/// A limit beyond what the clock can express is no limit that anybody waits for.
const FOREVER: Duration = Duration::from_secs(60 * 60 * 24 * 365);

/// A deadline, shared with the engine's interrupt handler.
#[derive(Clone)]
pub(super) struct Budget(Rc<Inner>);

struct Inner {
    deadline: Cell<Instant>,
    spent: Cell<bool>,
    /// How often the engine has asked whether to go on: a measure of how far the code has come
    /// that is the same in every run.
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

    /// Begins an evaluation.
    pub(super) fn start(&self, time: Duration) {
        self.renew(time);
        self.0.spent.set(false);
        self.0.ticks.set(0);
    }

    /// Begins the time again: for code that has waited for somebody else's work, and goes on.
    pub(super) fn renew(&self, time: Duration) {
        self.0.deadline.set(Instant::now() + time.min(FOREVER));
    }

    /// Does something whose time does not count.
    pub(super) fn pause<R>(&self, wait: impl FnOnce() -> R) -> R {
        let start = Instant::now();
        let result = wait();
        self.0.deadline.set(self.0.deadline.get() + start.elapsed());
        result
    }

    /// Ends the next evaluation at that tick, whatever the time.
    pub(super) fn end_at(&self, tick: u64) {
        self.0.last_tick.set(tick);
    }

    /// The ticks of the evaluation so far.
    pub(super) fn ticks(&self) -> u64 {
        self.0.ticks.get()
    }

    /// Counts, and says whether the evaluation has to end.
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

    /// Allows for a little more, to find out what went wrong.
    pub(super) fn grace(&self) {
        self.0.deadline.set(Instant::now() + GRACE);
    }

    /// Whether the time is over. Remembered: an interrupted evaluation stays one.
    pub(super) fn is_over(&self) -> bool {
        let over = Instant::now() > self.0.deadline.get();
        if over {
            self.0.spent.set(true);
        }
        over
    }

    /// Whether the evaluation has been interrupted.
    pub(super) fn was_spent(&self) -> bool {
        self.0.spent.get()
    }

    /// What is left.
    pub(super) fn left(&self) -> Duration {
        self.0.deadline.get().saturating_duration_since(Instant::now())
    }
}
