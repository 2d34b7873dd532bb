//! A clock that stands still until it is advanced to the end of a sleep.

use mizzle_core::apply::Clock;
use mizzle_engine::ports::TimeOfDay;
use std::{
    collections::BTreeSet,
    future::poll_fn,
    sync::{Arc, Mutex},
    task::{Poll, Waker},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// A manual clock. Clones are the same clock.
#[derive(Debug, Clone, Default)]
pub(crate) struct ManualClock(Arc<Mutex<Times>>);

#[derive(Debug, Default)]
struct Times {
    now: Duration,
    asleep: Duration,
    deadlines: BTreeSet<Duration>,
    sleepers: Vec<Waker>,
}

impl ManualClock {
    /// Advances to the end of the next sleep.
    pub(crate) fn advance(&self) {
        let mut times = self.0.lock().unwrap();
        let next = times.deadlines.pop_first().expect("something sleeps");
        times.now = times.now.max(next);
        times.sleepers.drain(..).for_each(Waker::wake);
    }

    /// Suspends the machine for a duration, during which the monotonic clock stands still.
    pub(crate) fn suspend(&self, duration: Duration) {
        self.0.lock().unwrap().asleep += duration;
    }

    /// Returns the time that has passed.
    pub(crate) fn passed(&self) -> Duration {
        self.0.lock().unwrap().now
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Duration {
        self.0.lock().unwrap().now
    }

    fn latest(&self) -> Duration {
        let times = self.0.lock().unwrap();
        times.now + times.asleep
    }

    async fn sleep(&self, duration: Duration) {
        let deadline = self.now() + duration;
        poll_fn(|context| {
            let mut times = self.0.lock().unwrap();
            if times.now >= deadline {
                return Poll::Ready(());
            }
            times.deadlines.insert(deadline);
            times.sleepers.push(context.waker().clone());
            Poll::Pending
        })
        .await;
    }
}

impl TimeOfDay for ManualClock {
    fn time_of_day(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(1_800_000_000) + self.passed()
    }
}
