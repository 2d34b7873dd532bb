//! The time that an evaluation may take.

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// How long the reading of an exception may take: it may run code of the user's (`get message()`).
const GRACE: Duration = Duration::from_secs(1);

/// A deadline, shared with the engine's interrupt handler.
#[derive(Clone)]
pub(super) struct Budget(Rc<Inner>);

struct Inner {
    deadline: Cell<Instant>,
    spent: Cell<bool>,
}

impl Budget {
    pub(super) fn new() -> Self {
        Self(Rc::new(Inner {
            deadline: Cell::new(Instant::now() + GRACE),
            spent: Cell::new(false),
        }))
    }

    /// Begins an evaluation.
    pub(super) fn start(&self, time: Duration) {
        // A limit beyond what the clock can express is no limit that anybody waits for.
        let far = Duration::from_secs(60 * 60 * 24 * 365);
        self.0.deadline.set(Instant::now() + time.min(far));
        self.0.spent.set(false);
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
