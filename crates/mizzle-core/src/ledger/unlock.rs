//! Taking the lock away from a holder that may be alive.
//!
//! He trusts his last sign of life for a while. So the lock is not removed, or somebody else could
//! begin while he is still at work: it is taken over at once, by which his next sign of life is refused,
//! and given back after a lease, by when he has found out. Whoever unlocks may die meanwhile; his lock
//! then ends by itself, as any other does.

use super::{Displaced, Ledger, Lock, Owner};
use crate::apply::{Clock, ServiceError};
use std::time::Duration;

/// What became of an attempt to take the lock away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unlocked {
    /// It was taken away, and is free.
    Done,
    /// The holder has given it back himself meanwhile.
    GivenBack,
    /// Somebody else holds it by now, who keeps it.
    Changed(Owner),
}

/// Takes the lock away from this holder, and returns when he cannot be at work any more. `token` is one
/// that nobody has had before. `waiting` hears how long that takes, once the lock is taken.
///
/// # Errors
///
/// When the ledger cannot be read or written. The lock may be taken then, and ends by itself.
pub async fn unlock(
    ledger: &impl Ledger,
    clock: &impl Clock,
    (token, owner): (String, Owner),
    holder: &Lock,
    waiting: impl FnOnce(Duration),
) -> Result<Unlocked, ServiceError> {
    let ours = Lock { token, beat: 0, lease_ms: holder.lease_ms, owner };
    let mut seen = holder.clone();
    // Again when a sign of life of his came in between.
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

/// Removes a lock that cannot be read, by replacing it with our own first. If a newer version may hold it,
/// returns once our lease is over, by when that one has stopped; `waiting` is told the time.
///
/// # Errors
///
/// When the ledger cannot be read or written. The lock may be taken then, and ends by itself.
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
            // It was displaced, and the answer got lost.
            Some(lock) if lock.token == ours.token => {}
            Some(lock) => return Ok(Unlocked::Changed(lock.owner)),
        },
    }
    waiting(ours.lease());
    give_back(ledger, clock, ours).await
}

/// Releases our lock once its lease is over, by when whoever held it before has stopped.
async fn give_back(
    ledger: &impl Ledger,
    clock: &impl Clock,
    ours: &Lock,
) -> Result<Unlocked, ServiceError> {
    clock.sleep(ours.lease()).await;
    // Somebody who has waited as well may have it already.
    ledger.release(&ours.token).await?;
    Ok(Unlocked::Done)
}
