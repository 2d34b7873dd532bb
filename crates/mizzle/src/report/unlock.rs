//! The lock that `unlock` removed.

use crate::server::TargetName;
use mizzle_core::ledger::Owner;

/// The result of `unlock`.
#[derive(Debug)]
pub(crate) struct UnlockReport {
    /// The server.
    pub(crate) target: TargetName,
    /// The former holder of the lock; `None` if the lock was free.
    pub(crate) owner: Option<Owner>,
    /// The reason why the removed lock could not be read; `None` if it could.
    pub(crate) damage: Option<String>,
}
