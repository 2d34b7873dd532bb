//! Questions that AWS answers only so often a second, for a whole account.

use crate::Target;
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Ten a second. Source: the API reference of `ListTagsOfResource` and of
/// `DescribeContinuousBackups`.
const INTERVAL: Duration = Duration::from_millis(100);

/// Whose turn it is to ask. Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Turns {
    /// `ListTagsOfResource`.
    pub(crate) tags: Turn,
    /// `DescribeContinuousBackups`.
    pub(crate) backups: Turn,
}

impl Turns {
    /// Only AWS counts.
    pub(crate) fn at(target: &Target) -> Self {
        let interval = if target.is_aws() { INTERVAL } else { Duration::ZERO };
        Self { tags: Turn::every(interval), backups: Turn::every(interval) }
    }
}

/// Lets one after another ask, with a pause between.
#[derive(Debug, Clone)]
pub(crate) struct Turn {
    interval: Duration,
    /// The earliest moment for the next one.
    next: Arc<Mutex<Option<Instant>>>,
}

impl Turn {
    fn every(interval: Duration) -> Self {
        Self { interval, next: Arc::default() }
    }

    /// Waits for its turn.
    pub(crate) async fn wait(&self) {
        if self.interval.is_zero() {
            return;
        }
        let now = Instant::now();
        let turn = {
            let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
            let turn = next.unwrap_or(now).max(now);
            *next = Some(turn + self.interval);
            turn
        };
        tokio::time::sleep_until(turn.into()).await;
    }
}

#[cfg(test)]
mod tests {
    use super::Turn;
    use futures_util::future::join_all;
    use std::time::{Duration, Instant};

    #[tokio::test]
    async fn ten_that_come_together_are_let_through_one_after_another() {
        let turn = Turn::every(Duration::from_millis(10));
        let began = Instant::now();
        join_all((0..10).map(|_| turn.wait())).await;
        assert!(began.elapsed() >= Duration::from_millis(90));
    }
}
