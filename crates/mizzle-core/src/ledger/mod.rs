//! The ledger of an environment, which records the applied migrations, and the lock that lets one
//! runner at a time write to it.
//!
//! The ledger is a DynamoDB table beside the project's own. It holds one [`Record`] per migration
//! and at most one [`Lock`]. Every write of a record names the lock's token, and is refused when
//! the lock belongs to another runner by then: a runner that was paused and wakes up can do no
//! harm.

mod guard;
mod lease;
mod migration_status;
mod record;
mod resolve;
mod rollback_scope;
mod unlock;

pub use guard::Guard;
pub use lease::{Lease, LockError, LockTimeouts, Loss};
pub use migration_status::{
    AppliedBy, ChangedFile, FileChange, LedgerProblem, Migration, MigrationStatus, standings,
};
pub use record::{ForwardProgress, Lock, Owner, Record, RecordState};
pub use resolve::{Change, Effects, Resolution, ResolutionKind, Unresolvable, resolve};
pub use rollback_scope::{NotOurs, RollbackScope};
pub use unlock::{Unlocked, unlock, unlock_damaged};

use crate::apply::ServiceError;
use std::future::Future;

/// The outcome of replacing an unreadable lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Displaced {
    /// There is no unreadable lock, or no longer.
    Nothing,
    /// The item lacks the fields that a heartbeat names, so no runner can hold it.
    Rubbish,
    /// The item may be the lock of a newer version, and held.
    Lock,
}

/// The table of a ledger. Every method is one logical request; reads are strongly consistent.
pub trait Ledger: Send + Sync {
    /// Creates the table if it does not exist, and waits until it is ready.
    fn prepare(&self) -> impl Future<Output = Result<(), ServiceError>> + Send;

    /// Returns all records, sorted by name; `None` if there is no ledger yet.
    fn records(&self) -> impl Future<Output = Result<Option<Vec<Record>>, ServiceError>> + Send;

    /// Returns the lock, if a runner holds it or was killed while it did. `None` also if there is
    /// no ledger.
    fn lock(&self) -> impl Future<Output = Result<Option<Lock>, ServiceError>> + Send;

    /// Writes a lock if the present lock is `seen`, `None` for no lock. Returns true if it was.
    fn take(
        &self,
        lock: &Lock,
        seen: Option<&Lock>,
    ) -> impl Future<Output = Result<bool, ServiceError>> + Send;

    /// Replaces a lock that [cannot be read](crate::apply::ServiceErrorKind::Damaged) with this one.
    fn displace(&self, lock: &Lock)
    -> impl Future<Output = Result<Displaced, ServiceError>> + Send;

    /// Deletes the lock with this token. Returns true if it existed.
    fn release(&self, token: &str) -> impl Future<Output = Result<bool, ServiceError>> + Send;

    /// Writes a record, if the lock has this token. Returns true if it has.
    fn write(
        &self,
        record: &Record,
        token: &str,
    ) -> impl Future<Output = Result<bool, ServiceError>> + Send;

    /// Changes a record and stores the resolution in one transaction, if the lock has this token.
    /// Returns true if it has.
    fn resolve(
        &self,
        change: &Change,
        resolution: &Resolution,
        token: &str,
    ) -> impl Future<Output = Result<bool, ServiceError>> + Send;

    /// Returns the resolutions, the oldest first.
    fn resolutions(&self) -> impl Future<Output = Result<Vec<Resolution>, ServiceError>> + Send;

    /// Deletes a record, if the lock has this token. Returns true if it has.
    fn remove(
        &self,
        migration: &str,
        token: &str,
    ) -> impl Future<Output = Result<bool, ServiceError>> + Send;
}
