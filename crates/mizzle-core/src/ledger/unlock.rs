//! Releasing the lock of a holder that may still be running.
//!
//! The holder trusts its last heartbeat for a while. If the lock were deleted, another runner could
//! start while the holder is still at work. Therefore the lock is taken over at once, so that the
//! next heartbeat of the holder is refused, and released after a lease, when the holder has
//! certainly stopped. If the process that unlocks is killed meanwhile, its lock expires as any
//! other does.

use super::{Displaced, Ledger, Lock, Owner};
use crate::apply::{Clock, ServiceError};
use std::time::Duration;

/// The outcome of an attempt to release a lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unlocked {
    /// The lock was taken from its holder and released.
    Done,
    /// The holder released the lock meanwhile.
    GivenBack,
    /// Another runner has acquired the lock meanwhile, and keeps it.
    Changed(Owner),
}

/// Takes the lock from this holder, and returns when the holder has certainly stopped. `token` must
/// be unique. Calls `waiting` with the duration once the lock is taken.
///
/// # Errors
///
/// When the ledger cannot be read or written. The lock may be taken then, and expires by itself.
pub async fn unlock(
    ledger: &impl Ledger,
    clock: &impl Clock,
    (token, owner): (String, Owner),
    holder: &Lock,
    waiting: impl FnOnce(Duration),
) -> Result<Unlocked, ServiceError> {
    let ours = Lock { token, heartbeat: 0, lease_ms: holder.lease_ms, owner };
    let mut seen = holder.clone();
    // Try again if the holder sent a heartbeat meanwhile.
    while !ledger.take(&ours, Some(&seen)).await? {
        seen = match ledger.lock().await? {
            None => return Ok(Unlocked::GivenBack),
            Some(lock) if lock.token != holder.token => return Ok(Unlocked::Changed(lock.owner)),
            Some(lock) => lock,
        };
    }
    waiting(ours.lease());
    give_back(ledger, clock, &ours).await
}

/// Releases a lock that cannot be read, by replacing it with our own first. If a newer version may
/// hold it, returns when our lease is over, because that holder has stopped by then; calls
/// `waiting` with the duration.
///
/// # Errors
///
/// When the ledger cannot be read or written. The lock may be taken then, and expires by itself.
pub async fn unlock_damaged(
    ledger: &impl Ledger,
    clock: &impl Clock,
    ours: &Lock,
    waiting: impl FnOnce(Duration),
) -> Result<Unlocked, ServiceError> {
    match ledger.displace(ours).await? {
        Displaced::Rubbish => {
            ledger.release(&ours.token).await?;
            return Ok(Unlocked::Done);
        }
        Displaced::Lock => {}
        Displaced::Nothing => match ledger.lock().await? {
            None => return Ok(Unlocked::GivenBack),
            // The lock was replaced, but the response was lost.
            Some(lock) if lock.token == ours.token => {}
            Some(lock) => return Ok(Unlocked::Changed(lock.owner)),
        },
    }
    waiting(ours.lease());
    give_back(ledger, clock, ours).await
}

/// Releases our lock once its lease is over, when the previous holder has stopped.
async fn give_back(
    ledger: &impl Ledger,
    clock: &impl Clock,
    ours: &Lock,
) -> Result<Unlocked, ServiceError> {
    clock.sleep(ours.lease()).await;
    // Another waiting runner may have taken it already.
    ledger.release(&ours.token).await?;
    Ok(Unlocked::Done)
}
