//! Holding the lock: taken, kept by signs of life, lost, or taken over from the dead.
//!
//! No two clocks are compared. Who waits for the lock measures, by his own clock, for how long the
//! holder gives no sign of life; who holds it measures how long ago he sent his last one. The holder
//! stops before anybody else may begin. So the one uses a clock that never runs ahead, and the other
//! one that never lags behind, not even when his machine was asleep.

use super::{Ledger, Lock, Owner};
use crate::apply::{Clock, ServiceError};
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio_util::sync::CancellationToken;

/// The pause between two looks at a lock that somebody else holds.
const LOOK: Duration = Duration::from_millis(500);

/// How long to wait for a lock that somebody else holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// How long at most.
    pub limit: Duration,
    /// How long a holder may be silent, once the lock is ours.
    pub lease: Duration,
}

/// Why there is no lock, or no longer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LockError {
    /// The ledger could not be read or written.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// Somebody else holds it for longer than we wait.
    #[error("another runner holds the lock: {0}")]
    Held(Owner),
    /// Somebody asked to stop while we waited.
    #[error("stopped while waiting for {0}")]
    Stopped(Owner),
    /// It was ours, and is not any more.
    #[error("the lock was lost{0}")]
    Lost(Loss),
}

/// How a lock was lost.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Loss {
    /// Somebody has taken it over, because we gave no sign of life for longer than the lease, or has
    /// unlocked.
    #[error(" to {0}")]
    To(Owner),
    /// The same; he does not have it any more.
    #[error(": it was taken over or unlocked, and is free by now")]
    Gone,
    /// No sign of life has reached the ledger for longer than the lease.
    #[error(": the ledger could not be reached for longer than the lease")]
    Unreached,
}

/// A lock that we hold. Clones are the same holding of it.
#[derive(Debug, Clone)]
pub struct Lease {
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Clone)]
struct State {
    lock: Lock,
    /// When the last sign of life was sent, by the clock that never lags behind.
    sent: Duration,
    lost: Option<Loss>,
}

impl Lease {
    /// Takes the lock, `token` being one that nobody has had before. Waits while somebody else gives
    /// signs of life, and takes it over from who gives none for as long as his lease was, or has ended
    /// for certain, which `has_ended` tells. `waiting` hears once of each holder.
    ///
    /// # Errors
    ///
    /// When somebody else keeps it, or the ledger cannot be used.
    pub async fn acquire(
        ledger: &impl Ledger,
        clock: &impl Clock,
        (token, owner): (String, Owner),
        patience: Patience,
        stop: &CancellationToken,
        has_ended: impl Fn(&Owner) -> bool,
        waiting: impl Fn(&Owner),
    ) -> Result<Self, LockError> {
        let start = clock.now();
        let lease_ms = u64::try_from(patience.lease.as_millis()).unwrap_or(u64::MAX);
        let ours = Lock { token, beat: 0, lease_ms, owner };
        // The last sign of life that we have seen, and since when there was no other.
        let mut seen: Option<(Lock, Duration)> = None;
        loop {
            let looked = clock.now();
            let lock = ledger.lock().await?;
            let is_free = match (&lock, &seen) {
                (None, _) => true,
                (Some(lock), _) if has_ended(&lock.owner) => true,
                (Some(lock), Some((same, since))) if lock == same => {
                    looked.saturating_sub(*since) > lock.lease()
                }
                (Some(lock), before) => {
                    if before.as_ref().is_none_or(|(before, _)| before.token != lock.token) {
                        waiting(&lock.owner);
                    }
                    // From now on, and not from when it was asked: the answer may be that old.
                    seen = Some((lock.clone(), clock.now()));
                    false
                }
            };
            if is_free {
                let sent = clock.latest();
                if ledger.take(&ours, lock.as_ref()).await? {
                    let state = State { lock: ours, sent, lost: None };
                    return Ok(Self { state: Arc::new(Mutex::new(state)) });
                }
                continue;
            }
            let Some(Lock { owner, .. }) = lock else { continue };
            if stop.is_cancelled() {
                return Err(LockError::Stopped(owner));
            }
            if clock.now().saturating_sub(start) >= patience.limit {
                return Err(LockError::Held(owner));
            }
            stop.run_until_cancelled(clock.sleep(LOOK)).await;
        }
    }

    /// The token that writes to the ledger have to name.
    pub fn token(&self) -> String {
        self.state().lock.token.clone()
    }

    /// Gives signs of life, three in a lease, until the lock is lost. To be run beside the work.
    pub async fn keep(&self, ledger: &impl Ledger, clock: &impl Clock) -> LockError {
        loop {
            clock.sleep(self.state().lock.lease() / 3).await;
            if let Err(error @ LockError::Lost(_)) = self.beat(ledger, clock).await {
                return error;
            }
        }
    }

    /// Makes sure that the lock is still ours; to be asked before anything is changed. Costs nothing
    /// while the last sign of life is recent.
    ///
    /// # Errors
    ///
    /// When it is not ours any more, or that cannot be told.
    pub async fn check(&self, ledger: &impl Ledger, clock: &impl Clock) -> Result<(), LockError> {
        if self.is_sure(clock) {
            return Ok(());
        }
        self.beat(ledger, clock).await
    }

    /// Whether the lock is ours for sure, and will be for a third of the lease at least.
    pub fn is_sure(&self, clock: &impl Clock) -> bool {
        let State { lock, sent, lost } = self.state();
        // Otherwise two signs of life are missing: this process was stopped, or the network is down.
        lost.is_none() && clock.latest().saturating_sub(sent) <= lock.lease() * 2 / 3
    }

    /// Gives the lock back.
    ///
    /// # Errors
    ///
    /// When the ledger cannot be written.
    pub async fn release(&self, ledger: &impl Ledger) -> Result<(), ServiceError> {
        ledger.release(&self.token()).await.map(drop)
    }

    /// Notes that the lock is lost, since a write that names it was refused, and says to whom.
    pub async fn lose(&self, ledger: &impl Ledger) -> LockError {
        // Who it is matters only to people.
        let present = ledger.lock().await.unwrap_or_default();
        self.lost(present.map_or(Loss::Gone, |lock| Loss::To(lock.owner)))
    }

    /// What was noted first counts.
    fn lost(&self, loss: Loss) -> LockError {
        LockError::Lost(self.locked().lost.get_or_insert(loss).clone())
    }

    async fn beat(&self, ledger: &impl Ledger, clock: &impl Clock) -> Result<(), LockError> {
        let State { lock, sent: before, lost } = self.state();
        if let Some(loss) = lost {
            return Err(LockError::Lost(loss));
        }
        let (next, sent) = (lock.beaten(), clock.latest());
        match ledger.take(&next, Some(&lock)).await {
            Ok(true) => {
                let mut state = self.locked();
                // The work may have given one meanwhile, or lost the lock.
                if state.lock == lock {
                    (state.lock, state.sent) = (next, sent);
                }
                Ok(())
            }
            Ok(false) if self.state().lock != lock => Ok(()),
            Ok(false) => {
                // An answer may have got lost: then the sign that we gave is there.
                match ledger.lock().await {
                    Ok(Some(present)) if present == next => {
                        let mut state = self.locked();
                        (state.lock, state.sent) = (next, sent);
                        Ok(())
                    }
                    Ok(Some(present)) => Err(self.lost(Loss::To(present.owner))),
                    Ok(None) => Err(self.lost(Loss::Gone)),
                    Err(error) => Err(error.into()),
                }
            }
            Err(error) => {
                if clock.latest().saturating_sub(before) > lock.lease() {
                    return Err(self.lost(Loss::Unreached));
                }
                Err(error.into())
            }
        }
    }

    fn state(&self) -> State {
        self.locked().clone()
    }

    fn locked(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
