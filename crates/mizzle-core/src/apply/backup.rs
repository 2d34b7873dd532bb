//! Backups on demand: one is begun, and waited for, before its table is deleted.

use super::{
    Clock, ServiceError,
    wait::{WaitError, patience, polling_pauses, retry_pauses},
};
use std::{future::Future, time::Duration};
use tokio_util::sync::CancellationToken;

/// How long a backup that was begun may be unknown to whoever looks, and how rarely to look at most.
const GRACE: Duration = Duration::from_secs(30);
const RARELY: Duration = Duration::from_secs(5);

/// What is waited for, in the words of [`WaitError`].
const UNDER_WAY: &str = "being backed up";

/// A server's backups on demand. Every method is one logical request.
pub trait BackupPlane: Send + Sync {
    /// Whether the server has such backups at all. Some emulators have not.
    fn knows_backups(&self) -> impl Future<Output = Result<bool, ServiceError>> + Send;

    /// Begins a backup of a table, and returns its ARN. Names need not be unique.
    fn create_backup(
        &self,
        table: &str,
        name: &str,
    ) -> impl Future<Output = Result<String, ServiceError>> + Send;

    /// The ARN of a backup of a table by its name; `None` when there is none.
    fn find_backup(
        &self,
        table: &str,
        name: &str,
    ) -> impl Future<Output = Result<Option<String>, ServiceError>> + Send;

    /// How far the backup of a table has come; `None` when there is none of this ARN.
    fn backup_status(
        &self,
        table: &str,
        arn: &str,
    ) -> impl Future<Output = Result<Option<BackupStatus>, ServiceError>> + Send;
}

/// How far a backup has come.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BackupDetails.html>.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BackupStatus {
    /// It is being made.
    Creating,
    /// It can be restored.
    Available,
    /// It is no more.
    Deleted,
}

/// Why there is no backup to rely on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BackupError {
    /// The service refused it.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// It was not waited for to its end.
    #[error(transparent)]
    Wait(#[from] WaitError),
    /// It was there, and is not any more.
    #[error("the backup of {table} is gone: somebody has deleted it")]
    Vanished {
        /// The table.
        table: String,
    },
}

/// Begins a backup, and returns its ARN.
///
/// A table that is being created or changed is waited for, and so is a server that is too busy. When
/// an answer gets lost, the backup is looked for by its name before another one is begun.
///
/// # Errors
///
/// When the service refuses it, or somebody asks to stop before it is begun.
pub async fn begin_backup(
    plane: &impl BackupPlane,
    clock: &impl Clock,
    (table, name): (&str, &str),
    stop: &CancellationToken,
) -> Result<String, BackupError> {
    let start = clock.now();
    let mut pauses = retry_pauses();
    let mut may_be_begun = false;
    loop {
        if stop.is_cancelled() {
            let (table, status) = (table.to_owned(), "not backed up yet".to_owned());
            return Err(WaitError::Stopped { table, status }.into());
        }
        if may_be_begun && let Ok(Some(arn)) = plane.find_backup(table, name).await {
            return Ok(arn);
        }
        let error = match plane.create_backup(table, name).await {
            Ok(arn) => return Ok(arn),
            Err(error) => error,
        };
        may_be_begun |= error.kind.leaves_outcome_open();
        let elapsed = clock.now().saturating_sub(start);
        if patience(&error, true).is_none_or(|patience| elapsed >= patience) {
            return Err(error.into());
        }
        stop.run_until_cancelled(clock.sleep(pauses.next().unwrap_or(RARELY))).await;
    }
}

/// Waits until the backup of a table can be restored, for at most `limit`.
///
/// # Errors
///
/// When it cannot be looked at, is deleted, takes too long, or somebody asks to stop. The backup goes
/// on by itself.
pub async fn await_backup(
    plane: &impl BackupPlane,
    clock: &impl Clock,
    (table, arn): (&str, &str),
    limit: Duration,
    stop: &CancellationToken,
) -> Result<(), BackupError> {
    let start = clock.now();
    let mut failing_since = None;
    let mut pauses = polling_pauses();
    loop {
        let now = || clock.now().saturating_sub(start);
        match plane.backup_status(table, arn).await {
            Ok(Some(BackupStatus::Available)) => return Ok(()),
            Ok(Some(BackupStatus::Creating)) => failing_since = None,
            Ok(None) if now() < GRACE => failing_since = None,
            Ok(Some(BackupStatus::Deleted) | None) => {
                return Err(BackupError::Vanished { table: table.to_owned() });
            }
            Err(error) => {
                let failing = now().saturating_sub(*failing_since.get_or_insert(now()));
                if patience(&error, true).is_none_or(|patience| failing >= patience) {
                    return Err(error.into());
                }
            }
        }
        let (table, status) = (table.to_owned(), UNDER_WAY.to_owned());
        if now() >= limit {
            return Err(WaitError::Deadline { table, status, waited: now() }.into());
        }
        stop.run_until_cancelled(clock.sleep(pauses.next().unwrap_or(RARELY))).await;
        if stop.is_cancelled() {
            return Err(WaitError::Stopped { table, status }.into());
        }
    }
}
