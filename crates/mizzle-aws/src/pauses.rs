//! Pauses between attempts.

use backon::{BackoffBuilder, ExponentialBuilder};
use std::time::Duration;

/// No pause gets longer than this, or somebody waits for nothing.
const LONGEST: Duration = Duration::from_secs(5);

/// Growing pauses, of random length so that those who failed together do not meet again. They end
/// when they would be longer than `limit` altogether.
pub(crate) fn pauses(first: Duration, limit: Duration) -> impl Iterator<Item = Duration> + Send {
    ExponentialBuilder::new()
        .with_min_delay(first)
        .with_max_delay(LONGEST.max(first))
        .with_total_delay(Some(limit))
        .without_max_times()
        .with_jitter()
        .build()
}
