//! An implementation of the core's clock on tokio and the system's clocks, and the time of day.

use mizzle_core::apply::Clock;
use mizzle_engine::ports::TimeOfDay;
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant, SystemTime},
};

/// Real time. Clones share one clock.
#[derive(Debug, Clone)]
pub(crate) struct SystemClock {
    start: Instant,
    latest: Arc<Mutex<Latest>>,
}

impl SystemClock {
    /// Starts a clock.
    pub(crate) fn start() -> Self {
        let latest = Arc::new(Mutex::new(Latest::start(SystemTime::now())));
        Self { start: Instant::now(), latest }
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Duration {
        self.start.elapsed()
    }

    fn latest(&self) -> Duration {
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        latest.advance(self.start.elapsed(), SystemTime::now())
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

impl TimeOfDay for SystemClock {
    fn time_of_day(&self) -> SystemTime {
        now()
    }
}

/// An upper bound of the elapsed time, from two clocks that each have a weakness: the monotonic one
/// stops while the machine is asleep (on Linux and macOS), the wall clock can be set.
///
/// Between two readings the larger difference counts. So setting the wall clock back does not
/// shorten that interval, nor hide a sleep in another one; setting it forward lengthens the
/// interval, which is harmless.
#[derive(Debug)]
struct Latest {
    passed: Duration,
    monotonic: Duration,
    wall: SystemTime,
}

impl Latest {
    fn start(wall: SystemTime) -> Self {
        Self { passed: Duration::ZERO, monotonic: Duration::ZERO, wall }
    }

    /// Returns the elapsed time, given the present readings of both clocks.
    fn advance(&mut self, monotonic: Duration, wall: SystemTime) -> Duration {
        let by_monotonic = monotonic.saturating_sub(self.monotonic);
        let by_wall = wall.duration_since(self.wall).unwrap_or_default();
        (self.monotonic, self.wall) = (monotonic, wall);
        self.passed = self.passed.saturating_add(by_monotonic.max(by_wall));
        self.passed
    }
}

/// Returns the time of day, by this machine's clock.
pub(crate) fn now() -> SystemTime {
    SystemTime::now()
}

#[cfg(test)]
mod tests {
    use super::{Latest, SystemClock};
    use mizzle_core::apply::Clock;
    use std::time::{Duration, UNIX_EPOCH};

    /// Returns the elapsed time after each reading of the two clocks, in seconds; the wall clock
    /// begins at 10,000.
    fn passed(looks: &[(u64, u64)]) -> Vec<u64> {
        let wall = |seconds| UNIX_EPOCH + Duration::from_secs(seconds);
        let mut latest = Latest::start(wall(10_000));
        let looks = looks.iter();
        looks
            .map(|(monotonic, seconds)| {
                latest.advance(Duration::from_secs(*monotonic), wall(*seconds)).as_secs()
            })
            .collect()
    }

    #[test]
    fn of_two_clocks_the_one_that_moved_further_counts() {
        for (what, looks, expected) in [
            ("both run", &[(1, 10_001), (5, 10_005)], [1, 5]),
            ("asleep", &[(1, 10_001), (2, 10_302)], [1, 302]),
            ("put back", &[(1, 6_000), (5, 6_004)], [1, 5]),
            ("put back, then asleep", &[(1, 6_000), (2, 6_301)], [1, 302]),
            ("put back while asleep", &[(1, 10_001), (2, 9_000)], [1, 2]),
            ("put before 1970", &[(1, 0), (2, 1)], [1, 2]),
            ("put forward", &[(1, 13_600), (2, 13_601)], [3_600, 3_601]),
            ("stands still", &[(1, 10_000), (9, 10_000)], [1, 9]),
        ] {
            assert_eq!(passed(looks), expected, "{what}");
        }
    }

    #[test]
    fn the_clocks_of_the_system_both_run() {
        let clock = SystemClock::start();
        let (now, latest) = (clock.now(), clock.latest());
        std::thread::sleep(Duration::from_millis(20));
        assert!(clock.now() - now >= Duration::from_millis(20));
        assert!(clock.latest() - latest >= Duration::from_millis(20));
        let now = clock.now();
        assert!(clock.clone().latest() >= now);
    }
}
