//! On-demand backups. A backup is completed before its table is deleted.

use super::{
    Clock, ServiceError,
    wait::{WaitError, patience, polling_pauses, retry_pauses},
};
use std::{future::Future, time::Duration};
use tokio_util::sync::CancellationToken;

/// The time for which a new backup may still be invisible, and the longest pause between two polls.
const GRACE: Duration = Duration::from_secs(30);
const RARELY: Duration = Duration::from_secs(5);

/// The status in a [`WaitError`].
const UNDER_WAY: &str = "being backed up";

/// The on-demand backups of a server. Every method is one logical request.
pub trait BackupPlane: Send + Sync {
    /// True if the server supports on-demand backups. Some emulators do not.
    fn knows_backups(&self) -> impl Future<Output = Result<bool, ServiceError>> + Send;

    /// Starts a backup of a table, and returns its ARN. Names need not be unique.
    fn create_backup(
        &self,
        table: &str,
        name: &str,
    ) -> impl Future<Output = Result<String, ServiceError>> + Send;

    /// Returns the ARN of a table's backup by its name; `None` if there is none.
    fn find_backup(
        &self,
        table: &str,
        name: &str,
    ) -> impl Future<Output = Result<Option<String>, ServiceError>> + Send;

    /// Returns the status of a table's backup; `None` if there is none with this ARN.
    fn backup_status(
        &self,
        table: &str,
        arn: &str,
    ) -> impl Future<Output = Result<Option<BackupStatus>, ServiceError>> + Send;
}

/// The status of a backup.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BackupDetails.html>.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BackupStatus {
    /// Being created.
    Creating,
    /// Ready to be restored.
    Available,
    /// Deleted.
    Deleted,
}

/// A backup that could not be created or completed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BackupError {
    /// The service refused it.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// The wait for it ended early.
    #[error(transparent)]
    Wait(#[from] WaitError),
    /// Deleted after it had been started.
    #[error("the backup of {table} was deleted")]
    Vanished {
        /// The table.
        table: String,
    },
}

/// Starts a backup, and returns its ARN.
///
/// Waits while the table is being created or updated, and while the server is too busy. When a
/// response is lost, the backup is looked up by its name before another one is started.
///
/// # Errors
///
/// When the service refuses it, or `stop` is cancelled before it is started.
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
/// When its status cannot be read, it is deleted, it takes too long, or `stop` is cancelled. The
/// backup itself continues.
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
