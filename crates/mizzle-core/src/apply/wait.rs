//! Waiting for DynamoDB, with a backoff and a deadline.

use super::{Clock, ControlPlane, ServiceError, ServiceErrorKind};
use crate::model::{AuxiliarySettings, Status, TableDescription, Transition, TransitionState};
use backon::{BackoffBuilder, ExponentialBuilder};
use futures_util::{StreamExt, TryStreamExt, stream};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// The time for which a server may refuse requests, or a network be down, before that is an error.
/// Concurrent table operations of other clients take minutes.
pub(super) const PATIENCE: Duration = Duration::from_secs(10 * 60);

/// The time for which a server may fail (5xx, broken connections) before that is an error.
const PATIENCE_WITH_FAILURE: Duration = Duration::from_secs(2 * 60);

/// Returns the pauses between two polls of a table: short at first, for servers on this machine,
/// and longer later, for an index that takes hours.
pub(super) fn polling_pauses() -> impl Iterator<Item = Duration> + Send {
    ExponentialBuilder::new()
        .with_min_delay(Duration::from_millis(20))
        .with_factor(1.5)
        .with_max_delay(Duration::from_secs(5))
        .without_max_times()
        .build()
}

/// Returns the pauses before a refused request is sent again. Jitter keeps tables that were refused
/// together from retrying together.
pub(super) fn retry_pauses() -> impl Iterator<Item = Duration> + Send {
    ExponentialBuilder::new()
        .with_min_delay(Duration::from_millis(200))
        .with_factor(2.0)
        .with_max_delay(Duration::from_secs(10))
        .with_jitter()
        .without_max_times()
        .build()
}

/// A reason why a wait ended early.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WaitError {
    /// The table could not be read.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// `stop` was cancelled. DynamoDB continues with the changes that it has accepted.
    #[error("stopped while {table} was {status}")]
    Stopped {
        /// The table.
        table: String,
        /// The operation in progress.
        status: String,
    },
    /// The deadline passed.
    #[error("{table} is still {status} after {}s", .waited.as_secs())]
    Deadline {
        /// The table.
        table: String,
        /// The operation in progress: `CREATING`, `byEmail CREATING, backfilling`, ….
        status: String,
        /// The duration of the wait.
        waited: Duration,
    },
}

/// Returns the time for which a request that failed like this should be retried; `None` if it
/// should not.
///
/// `reached` is true if the server has responded before: then an unreachable endpoint is an outage,
/// and not a mistake in the config.
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
    /// The limit for the wait.
    pub(super) limit: Duration,
    pub(super) stop: &'a CancellationToken,
    /// The settings to read in addition to those of `DescribeTable`.
    pub(super) extras: AuxiliarySettings,
    /// True if the server has responded before.
    pub(super) reached: bool,
}

impl<C: ControlPlane, K: Clock> Watch<'_, C, K> {
    /// Polls the table until `done` holds for it, and returns the last description.
    ///
    /// Calls `waiting` after every poll but the last. A poll that fails for a temporary reason is
    /// repeated for as long as [`patience`] allows.
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

/// Returns the operation in progress: `UPDATING; byEmail CREATING, backfilling`.
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

/// Describes the tables in parallel, at most `parallel` at a time, and returns them in their order,
/// each with its extras. Omits tables that do not exist. Calls `described` after each.
///
/// # Errors
///
/// The first error that occurs.
pub async fn describe_all(
    control: &impl ControlPlane,
    tables: &[(String, AuxiliarySettings)],
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

/// Waits, in parallel, until a change may start on each of the tables, and returns those that
/// exist. For a table that is being deleted, waits until it is gone. `is_ready` decides when a
/// change may start: usually when the table is [settled](TableDescription::is_settled). Calls
/// `waiting` with the table and its status after every poll but the last.
///
/// # Errors
///
/// The first error that occurs.
#[expect(clippy::too_many_arguments, reason = "each is a part of the world, or a rule")]
pub async fn settle_all(
    control: &impl ControlPlane,
    clock: &impl Clock,
    tables: &[(String, AuxiliarySettings)],
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
