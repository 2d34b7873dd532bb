//! Reproducible random numbers.

use crate::environment;
use std::{env, ops::Range, thread, time::Duration};

/// Random numbers for a test. A failing test prints the seed, which reproduces the failure.
///
/// ```no_run
/// # use std::time::Duration;
/// let mut random = mizzle_test::Random::new();
/// let moment = random.duration(Duration::ZERO..Duration::from_millis(300));
/// ```
#[derive(Debug)]
pub struct Random {
    seed: u64,
    numbers: fastrand::Rng,
}

impl Random {
    /// Creates a generator with the seed `MIZZLE_TEST_SEED` if it is set, else with a random one.
    #[track_caller]
    #[expect(clippy::new_without_default, reason = "a value by chance is no default")]
    pub fn new() -> Self {
        let seed = match env::var(environment::SEED) {
            Ok(seed) => seed.parse().unwrap_or_else(|error| {
                panic!("{} is no seed: {seed:?}: {error}", environment::SEED)
            }),
            Err(_) => fastrand::u64(..),
        };
        Self::with_seed(seed)
    }

    /// Creates a generator of the same numbers every time.
    pub fn with_seed(seed: u64) -> Self {
        Self { seed, numbers: fastrand::Rng::with_seed(seed) }
    }

    /// Returns the seed.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// Returns a duration in a range, to the microsecond.
    pub fn duration(&mut self, range: Range<Duration>) -> Duration {
        let micros = |duration: Duration| u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        Duration::from_micros(self.numbers.u64(micros(range.start)..micros(range.end)))
    }

    /// Returns a number in a range, which must not be empty.
    pub fn number(&mut self, range: Range<usize>) -> usize {
        self.numbers.usize(range)
    }
}

impl Drop for Random {
    #[expect(clippy::print_stderr, reason = "a failing test says how to repeat it")]
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("run the test again with {}={}", environment::SEED, self.seed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Random;
    use std::time::Duration;

    #[test]
    fn the_same_seed_gives_the_same_moments() {
        let moments = |seed| {
            let mut random = Random::with_seed(seed);
            let range = Duration::from_millis(10)..Duration::from_millis(300);
            (0..20).map(|_| random.duration(range.clone())).collect::<Vec<_>>()
        };
        assert_eq!(moments(7), moments(7));
        assert_ne!(moments(7), moments(8));
        assert!(moments(7).iter().all(|moment| (10..300).contains(&moment.as_millis())));
    }
}
