//! On-demand backups with a server that fails as real ones do, and a clock that does not wait.

use crate::fake::ManualClock;
use mizzle_core::apply::{
    BackupError, BackupPlane, BackupStatus, Clock, ServiceError, ServiceErrorKind, WaitError,
    await_backup, begin_backup,
};
use pollster::block_on;
use std::{collections::VecDeque, sync::Mutex, time::Duration};
use tokio_util::sync::CancellationToken;

/// The result of a request.
#[derive(Debug, Clone, Copy)]
enum Meets {
    Refused(ServiceErrorKind),
    /// The request is executed, but its response is lost.
    AnswerLost,
}

#[derive(Default)]
struct Backups {
    /// The results of the next attempts to start a backup.
    beginnings: Mutex<VecDeque<Meets>>,
    /// The results of the next status requests.
    looks: Mutex<VecDeque<Result<Option<BackupStatus>, ServiceErrorKind>>>,
    /// The names of the backups that were started.
    begun: Mutex<Vec<String>>,
}

fn error(kind: ServiceErrorKind, operation: &'static str) -> ServiceError {
    let message = format!("{kind:?}");
    ServiceError { kind, operation, table: None, code: None, message, background: Box::default() }
}

impl BackupPlane for Backups {
    async fn knows_backups(&self) -> Result<bool, ServiceError> {
        Ok(true)
    }

    async fn create_backup(&self, _: &str, name: &str) -> Result<String, ServiceError> {
        let meets = self.beginnings.lock().unwrap().pop_front();
        if let Some(Meets::Refused(kind)) = meets {
            return Err(error(kind, "CreateBackup"));
        }
        let mut begun = self.begun.lock().unwrap();
        begun.push(name.to_owned());
        match meets {
            Some(_) => Err(error(ServiceErrorKind::Interrupted, "CreateBackup")),
            None => Ok(format!("arn:{}", begun.len())),
        }
    }

    async fn find_backup(&self, _: &str, name: &str) -> Result<Option<String>, ServiceError> {
        let begun = self.begun.lock().unwrap();
        let position = begun.iter().position(|known| known == name);
        Ok(position.map(|position| format!("arn:{}", position + 1)))
    }

    async fn backup_status(&self, _: &str, _: &str) -> Result<Option<BackupStatus>, ServiceError> {
        let look = self.looks.lock().unwrap().pop_front();
        let look = look.unwrap_or(Ok(Some(BackupStatus::Creating)));
        look.map_err(|kind| error(kind, "DescribeBackup"))
    }
}

fn begin(meets: &[Meets]) -> (Result<String, BackupError>, usize, Duration) {
    let backups = Backups::default();
    backups.beginnings.lock().unwrap().extend(meets);
    let (clock, stop) = (ManualClock::default(), CancellationToken::new());
    let begun = block_on(begin_backup(&backups, &clock, ("Shop", "Shop-1"), &stop));
    let count = backups.begun.lock().unwrap().len();
    (begun, count, clock.now())
}

#[test]
fn a_busy_table_is_waited_for() {
    let busy = Meets::Refused(ServiceErrorKind::InUse);
    let (begun, count, waited) = begin(&[busy, busy, Meets::Refused(ServiceErrorKind::Throttled)]);
    assert_eq!((begun, count), (Ok("arn:1".to_owned()), 1));
    assert!(waited > Duration::from_secs(1), "{waited:?}");
}

#[test]
fn a_backup_whose_answer_got_lost_is_not_taken_twice() {
    let (begun, count, _) = begin(&[Meets::AnswerLost]);
    assert_eq!((begun, count), (Ok("arn:1".to_owned()), 1));
    // A request that never arrived is sent again.
    let (begun, count, _) = begin(&[Meets::Refused(ServiceErrorKind::Server)]);
    assert_eq!((begun, count), (Ok("arn:1".to_owned()), 1));
}

#[test]
fn what_does_not_pass_is_not_waited_out() {
    for kind in [ServiceErrorKind::AccessDenied, ServiceErrorKind::Unsupported] {
        let (begun, count, waited) = begin(&[Meets::Refused(kind)]);
        assert_eq!(begun, Err(error(kind, "CreateBackup").into()));
        assert_eq!((count, waited), (0, Duration::ZERO));
    }
    let (begun, _, waited) = begin(&[Meets::Refused(ServiceErrorKind::InUse); 1000]);
    assert_eq!(begun, Err(error(ServiceErrorKind::InUse, "CreateBackup").into()));
    assert!(waited >= Duration::from_secs(600), "{waited:?}");
}

fn wait(
    looks: impl IntoIterator<Item = Result<Option<BackupStatus>, ServiceErrorKind>>,
    limit: Duration,
) -> (Result<(), BackupError>, Duration) {
    let backups = Backups::default();
    backups.looks.lock().unwrap().extend(looks);
    let (clock, stop) = (ManualClock::default(), CancellationToken::new());
    let result = block_on(await_backup(&backups, &clock, ("Shop", "arn:1"), limit, &stop));
    (result, clock.now())
}

#[test]
fn a_backup_is_waited_for_until_it_is_available() {
    const HOUR: Duration = Duration::from_secs(3600);
    let creating = Ok(Some(BackupStatus::Creating));
    let available = Ok(Some(BackupStatus::Available));
    // Not visible yet, being created, a failed request, ready.
    let looks = [Ok(None), creating, Err(ServiceErrorKind::Interrupted), creating, available];
    assert_eq!(wait(looks, HOUR).0, Ok(()));
    let gone = BackupError::Vanished { table: "Shop".to_owned() };
    let deleted = [creating, Ok(Some(BackupStatus::Deleted)), available];
    assert_eq!(wait(deleted, HOUR).0, Err(gone.clone()));
    let (result, waited) = wait([Ok(None); 1000], HOUR);
    assert_eq!(result, Err(gone));
    assert!(waited >= Duration::from_secs(30), "{waited:?}");
    let denied = ServiceErrorKind::AccessDenied;
    assert_eq!(wait([Err(denied)], HOUR).0, Err(error(denied, "DescribeBackup").into()));
}

#[test]
fn a_wait_ends_with_its_time_or_when_it_is_asked_to() {
    let (result, _) = wait([], Duration::from_secs(60));
    let Err(BackupError::Wait(error @ WaitError::Deadline { .. })) = result else {
        panic!("{result:?}")
    };
    assert!(error.to_string().starts_with("Shop is still being backed up after 6"), "{error}");

    let (backups, clock, stop) =
        (Backups::default(), ManualClock::default(), CancellationToken::new());
    stop.cancel();
    let limit = Duration::from_secs(60);
    let result = block_on(await_backup(&backups, &clock, ("Shop", "arn:1"), limit, &stop));
    assert_eq!(result.unwrap_err().to_string(), "stopped while Shop was being backed up");
    let result = block_on(begin_backup(&backups, &clock, ("Shop", "Shop-1"), &stop));
    assert_eq!(result.unwrap_err().to_string(), "stopped while Shop was not backed up yet");
    assert!(backups.begun.lock().unwrap().is_empty());
}
