//! Waiting for DynamoDB, with growing pauses and a deadline.

use super::{Clock, ControlPlane, ServiceError, ServiceErrorKind, Stop};
use crate::model::TableDescription;
use backon::{BackoffBuilder, ExponentialBuilder};
use futures_util::{StreamExt, TryStreamExt, stream};
use std::time::Duration;

/// Pauses between two looks at a table: soon at first, for servers on this machine; then rarely,
/// for an index that takes hours.
pub(super) fn polling_pauses() -> impl Iterator<Item = Duration> + Send {
    ExponentialBuilder::new()
        .with_min_delay(Duration::from_millis(20))
        .with_factor(1.5)
        .with_max_delay(Duration::from_secs(5))
        .without_max_times()
        .build()
}

/// Pauses before a request that was turned away is sent again. Jitter keeps tables that were turned
/// away together from coming back together.
pub(super) fn retry_pauses() -> impl Iterator<Item = Duration> + Send {
    ExponentialBuilder::new()
        .with_min_delay(Duration::from_millis(200))
        .with_factor(2.0)
        .with_max_delay(Duration::from_secs(10))
        .with_jitter()
        .without_max_times()
        .build()
}

/// Why a wait ended without what it waited for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WaitError {
    /// The table could not be looked at.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// Somebody asked to stop. DynamoDB goes on by itself with what it has accepted.
    #[error("stopped while {table} was {status}")]
    Stopped {
        /// The table.
        table: String,
        /// What it was doing.
        status: String,
    },
    /// The time was up.
    #[error("{table} is still {status} after {}s", .waited.as_secs())]
    Deadline {
        /// The table.
        table: String,
        /// What it is doing: `CREATING`, `byEmail CREATING, backfilling`, ….
        status: String,
        /// How long the wait was.
        waited: Duration,
    },
}

/// Looks at a table until `done` holds for it, and returns what was seen last.
///
/// `waiting` hears of every look that was not the last. A look that fails for a passing reason is
/// repeated until the deadline.
pub(super) async fn wait_until(
    control: &impl ControlPlane,
    clock: &impl Clock,
    table: &str,
    limit: Duration,
    stop: &Stop,
    done: impl Fn(Option<&TableDescription>) -> bool,
    waiting: impl Fn(&str),
) -> Result<Option<TableDescription>, WaitError> {
    let start = clock.now();
    let mut pauses = polling_pauses();
    loop {
        let status = match control.describe_table(table).await {
            Ok(description) if done(description.as_ref()) => return Ok(description),
            Ok(description) => description.as_ref().map_or("missing".to_owned(), status_words),
            Err(error) if is_passing(error.kind) => error.message,
            Err(error) => return Err(error.into()),
        };
        waiting(&status);
        let waited = clock.now().saturating_sub(start);
        if waited >= limit {
            return Err(WaitError::Deadline { table: table.to_owned(), status, waited });
        }
        sleep(clock, pauses.next().unwrap_or(Duration::from_secs(5)), stop).await;
        if stop.is_requested() {
            return Err(WaitError::Stopped { table: table.to_owned(), status });
        }
    }
}

/// Sleeps in slices, so that a request to stop is noticed soon.
pub(super) async fn sleep(clock: &impl Clock, pause: Duration, stop: &Stop) {
    const SLICE: Duration = Duration::from_millis(200);
    let mut left = pause;
    while !left.is_zero() && !stop.is_requested() {
        let slice = left.min(SLICE);
        clock.sleep(slice).await;
        left -= slice;
    }
}

/// Whether a request that failed like this may work in a while.
pub(super) fn is_passing(kind: ServiceErrorKind) -> bool {
    match kind {
        ServiceErrorKind::Throttled
        | ServiceErrorKind::LimitExceeded
        | ServiceErrorKind::InUse
        | ServiceErrorKind::Interrupted
        | ServiceErrorKind::Server => true,
        ServiceErrorKind::NotFound
        | ServiceErrorKind::Validation
        | ServiceErrorKind::AccessDenied
        | ServiceErrorKind::Credentials
        | ServiceErrorKind::ExpiredCredentials
        | ServiceErrorKind::ClockSkew
        | ServiceErrorKind::Unreachable
        | ServiceErrorKind::Other => false,
    }
}

/// What a table is busy with: `UPDATING; byEmail CREATING, backfilling`.
pub fn status_words(description: &TableDescription) -> String {
    let mut words = vec![description.status.to_string()];
    for (name, index) in &description.indexes {
        if index.status != crate::model::Status::Active {
            let backfilling = if index.backfilling { ", backfilling" } else { "" };
            words.push(format!("{name} {}{backfilling}", index.status));
        }
    }
    words.join("; ")
}

/// Describes the tables side by side, at most `parallel` at a time, in the order of the names.
/// Tables that do not exist (any more) are left out. `seen` is called after each.
///
/// # Errors
///
/// The first that occurs.
pub async fn describe_all(
    control: &impl ControlPlane,
    tables: &[String],
    parallel: usize,
    seen: impl Fn(),
) -> Result<Vec<TableDescription>, ServiceError> {
    let seen = &seen;
    let descriptions: Vec<Option<TableDescription>> = stream::iter(tables)
        .map(|table| async move {
            let description = control.describe_table(table).await;
            seen();
            description
        })
        .buffered(parallel.max(1))
        .try_collect()
        .await?;
    Ok(descriptions.into_iter().flatten().collect())
}

/// Waits, side by side, until none of the tables is being changed by anybody, and returns those
/// that exist. A table that is being deleted is waited for until it is gone.
///
/// # Errors
///
/// The first that occurs.
pub async fn settle_all(
    control: &impl ControlPlane,
    clock: &impl Clock,
    tables: &[String],
    parallel: usize,
    limit: Duration,
    stop: &Stop,
    waiting: impl Fn(&str, &str),
) -> Result<Vec<TableDescription>, WaitError> {
    let waiting = &waiting;
    let descriptions: Vec<Option<TableDescription>> = stream::iter(tables)
        .map(|table| {
            let settled = |description: Option<&TableDescription>| {
                description.is_none_or(TableDescription::is_settled)
            };
            wait_until(control, clock, table, limit, stop, settled, move |status| {
                waiting(table, status);
            })
        })
        .buffered(parallel.max(1))
        .try_collect()
        .await?;
    Ok(descriptions.into_iter().flatten().collect())
}
