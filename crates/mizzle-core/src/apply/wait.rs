//! Waiting for DynamoDB, with growing pauses and a deadline.

use super::{Clock, ControlPlane, ServiceError, ServiceErrorKind};
use crate::model::{Extras, Status, TableDescription, Transition, TransitionState};
use backon::{BackoffBuilder, ExponentialBuilder};
use futures_util::{StreamExt, TryStreamExt, stream};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How long a server may turn requests away, or a network be down, before it is taken for an
/// answer. Concurrent table operations of others take minutes.
pub(super) const PATIENCE: Duration = Duration::from_secs(10 * 60);

/// How long a server may fail (5xx, broken connections) before that is taken for an answer.
const PATIENCE_WITH_FAILURE: Duration = Duration::from_secs(2 * 60);

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

/// How long a request that failed like this is worth repeating; `None` when it is not.
///
/// `reached` says whether the server has answered before: then nobody at the endpoint is an
/// outage, and not a mistake in the config.
pub(super) fn patience(error: &ServiceError, reached: bool) -> Option<Duration> {
    match error.kind {
        ServiceErrorKind::LimitExceeded if error.is_quota() => None,
        ServiceErrorKind::Throttled | ServiceErrorKind::LimitExceeded | ServiceErrorKind::InUse => {
            Some(PATIENCE)
        }
        ServiceErrorKind::Interrupted | ServiceErrorKind::Server => Some(PATIENCE_WITH_FAILURE),
        ServiceErrorKind::Unreachable if reached => Some(PATIENCE),
        ServiceErrorKind::Unreachable
        | ServiceErrorKind::NotFound
        | ServiceErrorKind::Unsupported
        | ServiceErrorKind::Fenced
        | ServiceErrorKind::Validation
        | ServiceErrorKind::AccessDenied
        | ServiceErrorKind::Credentials
        | ServiceErrorKind::ExpiredCredentials
        | ServiceErrorKind::ClockSkew
        | ServiceErrorKind::Damaged
        | ServiceErrorKind::Other => None,
    }
}

/// A wait for one table.
pub(super) struct Watch<'a, C, K> {
    pub(super) control: &'a C,
    pub(super) clock: &'a K,
    pub(super) table: &'a str,
    /// How long the wait may take.
    pub(super) limit: Duration,
    pub(super) stop: &'a CancellationToken,
    /// The settings to look at beside those of `DescribeTable`.
    pub(super) extras: Extras,
    /// Whether the server has answered before.
    pub(super) reached: bool,
}

impl<C: ControlPlane, K: Clock> Watch<'_, C, K> {
    /// Looks at the table until `done` holds for it, and returns what was seen last.
    ///
    /// `waiting` hears of every look that was not the last. A look that fails for a passing reason
    /// is repeated for as long as that is worth it.
    pub(super) async fn until(
        mut self,
        done: impl Fn(Option<&TableDescription>) -> bool,
        waiting: impl Fn(&str),
    ) -> Result<Option<TableDescription>, WaitError> {
        let start = self.clock.now();
        let mut failing_since = None;
        let mut pauses = polling_pauses();
        loop {
            let status = match self.control.describe_table(self.table, self.extras).await {
                Ok(description) if done(description.as_ref()) => return Ok(description),
                Ok(description) => {
                    (self.reached, failing_since) = (true, None);
                    description.as_ref().map_or("missing".to_owned(), status_words)
                }
                Err(error) => {
                    let now = self.clock.now();
                    let failing = now.saturating_sub(*failing_since.get_or_insert(now));
                    match patience(&error, self.reached) {
                        Some(patience) if failing < patience => error.message,
                        Some(_) | None => return Err(error.into()),
                    }
                }
            };
            waiting(&status);
            let table = self.table.to_owned();
            let waited = self.clock.now().saturating_sub(start);
            if waited >= self.limit {
                return Err(WaitError::Deadline { table, status, waited });
            }
            let pause = pauses.next().unwrap_or(Duration::from_secs(5));
            self.stop.run_until_cancelled(self.clock.sleep(pause)).await;
            if self.stop.is_cancelled() {
                return Err(WaitError::Stopped { table, status });
            }
        }
    }
}

/// What a table is busy with: `UPDATING; byEmail CREATING, backfilling`.
fn status_words(description: &TableDescription) -> String {
    let mut words = vec![description.status.to_string()];
    if description.is_warming {
        words.push("warm throughput UPDATING".to_owned());
    }
    for Transition { extra, part, state } in &description.transitions {
        if let TransitionState::Pending(status) = state {
            let of = part.as_ref().map_or(String::new(), |part| format!(" of {part}"));
            words.push(format!("{}{of} {status}", extra.kind().name()));
        }
    }
    let vectors = description.unmanaged.vector_indexes.iter();
    let vectors = vectors.map(|index| (&index.index_name, &index.state));
    for (name, index) in description.indexes.iter().chain(vectors) {
        if index.status != Status::Active {
            let backfilling = if index.backfilling { ", backfilling" } else { "" };
            words.push(format!("{name} {}{backfilling}", index.status));
        }
        if index.is_warming {
            words.push(format!("{name} warm throughput UPDATING"));
        }
    }
    words.join("; ")
}

/// Describes the tables side by side, at most `parallel` at a time, in their order, each with the
/// extras that go with it. Tables that do not exist (any more) are left out. `described` hears of each
/// that was looked at.
///
/// # Errors
///
/// The first that occurs.
pub async fn describe_all(
    control: &impl ControlPlane,
    tables: &[(String, Extras)],
    parallel: usize,
    described: impl Fn(),
) -> Result<Vec<TableDescription>, ServiceError> {
    let described = &described;
    let descriptions: Vec<Option<TableDescription>> = stream::iter(tables)
        .map(async |(table, extras)| {
            let description = control.describe_table(table, *extras).await?;
            described();
            Ok(description)
        })
        .buffered(parallel.max(1))
        .try_collect()
        .await?;
    Ok(descriptions.into_iter().flatten().collect())
}

/// Waits, side by side, until a change may start on each of the tables, and returns those that
/// exist. A table that is being deleted is waited for until it is gone. `is_ready` says when a change
/// may start, which is when [nothing changes it](TableDescription::is_settled) unless the caller
/// knows better. `waiting` hears of the table and its status at every look that was not the last.
///
/// # Errors
///
/// The first that occurs.
#[expect(clippy::too_many_arguments, reason = "each is a part of the world, or a rule")]
pub async fn settle_all(
    control: &impl ControlPlane,
    clock: &impl Clock,
    tables: &[(String, Extras)],
    parallel: usize,
    limit: Duration,
    stop: &CancellationToken,
    is_ready: impl Fn(&TableDescription) -> bool,
    waiting: impl Fn(&str, &str),
) -> Result<Vec<TableDescription>, WaitError> {
    let (waiting, is_ready) = (&waiting, &is_ready);
    let descriptions: Vec<Option<TableDescription>> = stream::iter(tables)
        .map(|(table, extras)| {
            let extras = *extras;
            let watch = Watch { control, clock, table, limit, stop, extras, reached: false };
            let ready = |description: Option<&TableDescription>| description.is_none_or(is_ready);
            watch.until(ready, move |status| waiting(table, status))
        })
        .buffered(parallel.max(1))
        .try_collect()
        .await?;
    Ok(descriptions.into_iter().flatten().collect())
}
