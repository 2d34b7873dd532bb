//! What was applied where: the ledger of an environment, and the lock that lets one runner at a time
//! write to it.
//!
//! The ledger is a DynamoDB table beside the project's own. It holds a [`Record`] a migration and at
//! most one [`Lock`]. Every write of a record names the lock's token, and is refused when the lock
//! belongs to somebody else by then: a runner that was paused and wakes up can do no harm.

mod guard;
mod lease;
mod record;
mod resolve;
mod standing;
mod unlock;
mod way_back;

pub use guard::Guard;
pub use lease::{Lease, LockError, Loss, Patience};
pub use record::{Forward, Lock, Owner, Record, RecordState};
pub use resolve::{Change, Effects, Resolution, ResolutionKind, Unresolvable, resolve};
pub use standing::{
    AppliedBy, ChangedFile, FileChange, LedgerProblem, Migration, Standing, standings,
};
pub use unlock::{Unlocked, unlock, unlock_damaged};
pub use way_back::{NotOurs, WayBack};

use crate::apply::ServiceError;
use std::future::Future;

/// The outcome of replacing an unreadable lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Displaced {
    /// There is no unreadable lock, or not any more.
    Nothing,
    /// The item lacks the fields that a heartbeat names, so nobody can hold it.
    Rubbish,
    /// The item may be the lock of a newer version, and be held.
    Lock,
}

/// The table of a ledger. Every method is one logical request; reads are strongly consistent.
pub trait Ledger: Send + Sync {
    /// Makes the table where there is none, and waits until it is ready.
    fn prepare(&self) -> impl Future<Output = Result<(), ServiceError>> + Send;

    /// All records, in the order of their names; `None` when there is no ledger yet.
    fn records(&self) -> impl Future<Output = Result<Option<Vec<Record>>, ServiceError>> + Send;

    /// The lock, when somebody holds it, or held it and died. `None` also when there is no ledger.
    fn lock(&self) -> impl Future<Output = Result<Option<Lock>, ServiceError>> + Send;

    /// Writes a lock where `seen` is what is there, `None` for none. Returns whether it was.
    fn take(
        &self,
        lock: &Lock,
        seen: Option<&Lock>,
    ) -> impl Future<Output = Result<bool, ServiceError>> + Send;

    /// Replaces a lock that [cannot be read](crate::apply::ServiceErrorKind::Damaged) with this one.
    fn displace(&self, lock: &Lock)
    -> impl Future<Output = Result<Displaced, ServiceError>> + Send;

    /// Removes the lock with this token. Returns whether it was there.
    fn release(&self, token: &str) -> impl Future<Output = Result<bool, ServiceError>> + Send;

    /// Writes a record, provided that the lock has this token. Returns whether it had.
    fn write(
        &self,
        record: &Record,
        token: &str,
    ) -> impl Future<Output = Result<bool, ServiceError>> + Send;

    /// Changes a record and keeps the resolution, both or neither, provided that the lock has this
    /// token. Returns whether it had.
    fn resolve(
        &self,
        change: &Change,
        resolution: &Resolution,
        token: &str,
    ) -> impl Future<Output = Result<bool, ServiceError>> + Send;

    /// The resolutions so far, the oldest first.
    fn resolutions(&self) -> impl Future<Output = Result<Vec<Resolution>, ServiceError>> + Send;

    /// Removes a record, provided that the lock has this token. Returns whether it had.
    fn remove(
        &self,
        migration: &str,
        token: &str,
    ) -> impl Future<Output = Result<bool, ServiceError>> + Send;
}
