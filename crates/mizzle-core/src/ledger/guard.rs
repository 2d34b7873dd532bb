//! The lock as a fence: what its holder does to tables and items, it does only while it holds it.

use super::{Lease, Ledger, LockError};
use crate::apply::{Clock, Fence, Fenced, ServiceErrorKind};
use futures_util::{FutureExt, future::BoxFuture};
use std::{
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio_util::sync::CancellationToken;

/// The pause before the ledger is asked again when it does not answer.
const PAUSE: Duration = Duration::from_millis(200);

/// The fence of a lease: closed when the last sign of life is too long ago, and for good when the lock
/// is lost.
///
/// It trusts a sign of life for two thirds of a lease. A request that leaves then has the last third
/// to arrive before anybody else can have begun.
#[derive(Debug)]
pub struct Guard<L, K> {
    lease: Lease,
    ledger: L,
    clock: K,
    stop: CancellationToken,
    refusal: Mutex<Option<LockError>>,
}

impl<L, K> Guard<L, K> {
    /// The fence of a lease, which is kept in this ledger, by this clock.
    pub fn new(lease: Lease, ledger: L, clock: K) -> Self {
        Self { lease, ledger, clock, stop: CancellationToken::new(), refusal: Mutex::default() }
    }

    /// Also closed once somebody asks to stop.
    #[must_use]
    pub fn until(self, stop: CancellationToken) -> Self {
        Self { stop, ..self }
    }

    /// Why it could not be opened; `None` when it could, or when somebody asked to stop.
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
                // It ends: a lease that is over is lost.
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

/// Whether a request to the ledger that failed like this is worth another one.
fn passes(kind: ServiceErrorKind) -> bool {
    kind.leaves_outcome_open()
        || matches!(kind, ServiceErrorKind::Throttled | ServiceErrorKind::Unreachable)
}
