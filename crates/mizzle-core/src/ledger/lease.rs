//! The migration lock: a lease that is acquired, renewed by heartbeats, and taken over once its
//! heartbeats stop.
//!
//! Clocks of different machines are never compared. A waiter measures, on its own clock, how long
//! the heartbeat has not changed; the holder measures how long ago it sent the last one. The holder
//! stops before a waiter may start. Therefore the waiter uses a clock that never runs ahead, and
//! the holder one that never lags behind, not even while its machine is asleep.

use super::{Ledger, Lock, Owner};
use crate::apply::{Clock, ServiceError};
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio_util::sync::CancellationToken;

/// The pause between two polls of a lock that another runner holds.
const LOOK: Duration = Duration::from_millis(500);

/// The timeouts of the lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LockTimeouts {
    /// The longest wait for a lock that another runner holds.
    pub limit: Duration,
    /// The longest time without a heartbeat, once this runner holds the lock.
    pub lease: Duration,
}

/// A reason why the lock was not acquired, or was lost.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LockError {
    /// The ledger could not be read or written.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// Another runner held it for longer than the time limit.
    #[error("another runner holds the lock: {0}")]
    Held(Owner),
    /// `stop` was cancelled during the wait.
    #[error("stopped while waiting for {0}")]
    Stopped(Owner),
    /// The lock was acquired, and then lost.
    #[error("the lock was lost{0}")]
    Lost(Loss),
}

/// The way in which a lock was lost.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Loss {
    /// Another runner took it over because the heartbeats had stopped for longer than the lease, or
    /// released it with `unlock`.
    #[error(" to {0}")]
    To(Owner),
    /// As above, and the lock is free again.
    #[error(": it was taken over or unlocked, and is free by now")]
    Gone,
    /// No heartbeat has reached the ledger for longer than the lease.
    #[error(": the ledger could not be reached for longer than the lease")]
    Unreached,
}

/// A lock that this runner holds. Clones share the same lease.
#[derive(Debug, Clone)]
pub struct Lease {
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Clone)]
struct State {
    lock: Lock,
    /// The time when the last heartbeat was sent, on the clock that never lags behind.
    sent: Duration,
    lost: Option<Loss>,
}

impl Lease {
    /// Acquires the lock with `token`, which must be unique. Waits while the present holder sends
    /// heartbeats. Takes the lock over when it has sent none for the length of its lease, or when
    /// `has_ended` returns true for it. Calls `waiting` once for each holder.
    ///
    /// # Errors
    ///
    /// When another runner keeps the lock, or the ledger cannot be used.
    pub async fn acquire(
        ledger: &impl Ledger,
        clock: &impl Clock,
        (token, owner): (String, Owner),
        patience: LockTimeouts,
        stop: &CancellationToken,
        has_ended: impl Fn(&Owner) -> bool,
        waiting: impl Fn(&Owner),
    ) -> Result<Self, LockError> {
        let start = clock.now();
        let lease_ms = u64::try_from(patience.lease.as_millis()).unwrap_or(u64::MAX);
        let ours = Lock { token, heartbeat: 0, lease_ms, owner };
        // The last heartbeat seen, and the time since when it has not changed.
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
                    // Count from now, not from the time of the request: the response may be that
                    // old.
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

    /// Returns the token that writes to the ledger must name.
    pub fn token(&self) -> String {
        self.state().lock.token.clone()
    }

    /// Sends heartbeats, three in a lease, until the lock is lost. To be run concurrently with the
    /// work.
    pub async fn keep(&self, ledger: &impl Ledger, clock: &impl Clock) -> LockError {
        loop {
            clock.sleep(self.state().lock.lease() / 3).await;
            if let Err(error @ LockError::Lost(_)) = self.heartbeat(ledger, clock).await {
                return error;
            }
        }
    }

    /// Verifies that this runner still holds the lock; to be called before every change. Sends no
    /// request while the last heartbeat is recent.
    ///
    /// # Errors
    ///
    /// When the lock was lost, or its state cannot be determined.
    pub async fn check(&self, ledger: &impl Ledger, clock: &impl Clock) -> Result<(), LockError> {
        if self.is_sure(clock) {
            return Ok(());
        }
        self.heartbeat(ledger, clock).await
    }

    /// True if this runner certainly holds the lock, and will for at least a third of the lease.
    pub fn is_sure(&self, clock: &impl Clock) -> bool {
        let State { lock, sent, lost } = self.state();
        // Otherwise two heartbeats are missing: this process was stopped, or the network is down.
        lost.is_none() && clock.latest().saturating_sub(sent) <= lock.lease() * 2 / 3
    }

    /// Releases the lock.
    ///
    /// # Errors
    ///
    /// When the ledger cannot be written.
    pub async fn release(&self, ledger: &impl Ledger) -> Result<(), ServiceError> {
        ledger.release(&self.token()).await.map(drop)
    }

    /// Records that the lock is lost, because a write with its token was refused. Returns the error
    /// with the new holder.
    pub async fn lose(&self, ledger: &impl Ledger) -> LockError {
        // The owner is only for display.
        let present = ledger.lock().await.unwrap_or_default();
        self.lost(present.map_or(Loss::Gone, |lock| Loss::To(lock.owner)))
    }

    /// Keeps the first loss that is recorded.
    fn lost(&self, loss: Loss) -> LockError {
        LockError::Lost(self.locked().lost.get_or_insert(loss).clone())
    }

    async fn heartbeat(&self, ledger: &impl Ledger, clock: &impl Clock) -> Result<(), LockError> {
        let State { lock, sent: before, lost } = self.state();
        if let Some(loss) = lost {
            return Err(LockError::Lost(loss));
        }
        let (next, sent) = (lock.beaten(), clock.latest());
        match ledger.take(&next, Some(&lock)).await {
            Ok(true) => {
                let mut state = self.locked();
                // The work may have sent a heartbeat meanwhile, or lost the lock.
                if state.lock == lock {
                    (state.lock, state.sent) = (next, sent);
                }
                Ok(())
            }
            Ok(false) if self.state().lock != lock => Ok(()),
            Ok(false) => {
                // A response may have been lost: then our heartbeat is there.
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
