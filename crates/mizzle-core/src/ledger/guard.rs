//! The lock as a fence: its holder changes tables and items only while it holds the lock.

use super::{Lease, Ledger, LockError};
use crate::apply::{Clock, Fence, Fenced, ServiceErrorKind};
use futures_util::{FutureExt, future::BoxFuture};
use std::{
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio_util::sync::CancellationToken;

/// The pause before another request to a ledger that does not respond.
const PAUSE: Duration = Duration::from_millis(200);

/// The fence of a lease. It is closed while the last heartbeat is too old, and stays closed once
/// the lock is lost.
///
/// A heartbeat is trusted for two thirds of a lease. A request that is sent then has the last third
/// to arrive before another runner can start.
#[derive(Debug)]
pub struct Guard<L, K> {
    lease: Lease,
    ledger: L,
    clock: K,
    stop: CancellationToken,
    refusal: Mutex<Option<LockError>>,
}

impl<L, K> Guard<L, K> {
    /// Creates the fence of a lease.
    pub fn new(lease: Lease, ledger: L, clock: K) -> Self {
        Self { lease, ledger, clock, stop: CancellationToken::new(), refusal: Mutex::default() }
    }

    /// Closes the fence once `stop` is cancelled, too.
    #[must_use]
    pub fn until(self, stop: CancellationToken) -> Self {
        Self { stop, ..self }
    }

    /// Returns the reason why the fence could not be opened; `None` if it could, or if `stop` was
    /// cancelled.
    pub fn refusal(&self) -> Option<LockError> {
        self.noted().clone()
    }

    fn noted(&self) -> MutexGuard<'_, Option<LockError>> {
        self.refusal.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<L: Ledger, K: Clock> Guard<L, K> {
    async fn make_sure(&self) -> Result<(), Fenced> {
        loop {
            if self.stop.is_cancelled() {
                return Err(Fenced { reason: "interrupted".to_owned() });
            }
            match self.lease.check(&self.ledger, &self.clock).await {
                Ok(()) => return Ok(()),
                // The loop ends, because an expired lease is lost.
                Err(LockError::Service(error)) if passes(error.kind) => {
                    self.clock.sleep(PAUSE).await;
                }
                Err(error) => {
                    let reason = error.to_string();
                    *self.noted() = Some(error);
                    return Err(Fenced { reason });
                }
            }
        }
    }
}

impl<L, K> Fence for Guard<L, K>
where
    L: Ledger + fmt::Debug,
    K: Clock + fmt::Debug,
{
    fn is_open(&self) -> bool {
        !self.stop.is_cancelled() && self.lease.is_sure(&self.clock)
    }

    fn open(&self) -> BoxFuture<'_, Result<(), Fenced>> {
        self.make_sure().boxed()
    }
}

/// True if a request to the ledger that failed like this should be retried.
fn passes(kind: ServiceErrorKind) -> bool {
    kind.leaves_outcome_open()
        || matches!(kind, ServiceErrorKind::Throttled | ServiceErrorKind::Unreachable)
}
