//! Rate limits for requests with a quota per account and second.

use super::Clock;
use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio_util::sync::CancellationToken;

/// A rate limiter that lets requests through one after another, with a pause in between.
#[derive(Debug)]
pub(super) struct Pace {
    interval: Duration,
    /// The earliest time for the next request.
    next: Mutex<Duration>,
}

impl Pace {
    pub(super) fn new(interval: Duration) -> Self {
        Self { interval, next: Mutex::default() }
    }

    /// Waits until the next request may be sent, or until `stop` is cancelled.
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
