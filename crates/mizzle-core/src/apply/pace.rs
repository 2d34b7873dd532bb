//! Requests of which an account may send only so many a second.

use super::Clock;
use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio_util::sync::CancellationToken;

/// Lets requests through one after another, with a pause between.
#[derive(Debug)]
pub(super) struct Pace {
    interval: Duration,
    /// The earliest moment for the next one.
    next: Mutex<Duration>,
}

impl Pace {
    pub(super) fn new(interval: Duration) -> Self {
        Self { interval, next: Mutex::default() }
    }

    /// Waits for its turn, or until somebody asks to stop.
    pub(super) async fn turn(&self, clock: &impl Clock, stop: &CancellationToken) {
        let now = clock.now();
        let turn = {
            let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
            let turn = now.max(*next);
            *next = turn + self.interval;
            turn
        };
        stop.run_until_cancelled(clock.sleep(turn.saturating_sub(now))).await;
    }
}
