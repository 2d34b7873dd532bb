//! The state that exists only while the migration lock is held.

use super::{Fallible, Migrate, Outcome};
use crate::{
    Error,
    ports::{Event, Screen, Server, Wait, Waiting, World},
};
use futures_util::future::{Either, select};
use mizzle_core::{
    apply::ServiceError,
    ledger::{Guard, Lease, Ledger, LockError, Owner},
};
use std::{pin::pin, sync::Arc};
use tracing::{Instrument, info_span, warn};

type Fence<W> = Guard<<<W as World>::Server as Server>::Ledger, <W as World>::Clock>;

/// The lock, and the server behind fences that are open while the lock is held.
///
/// There are two fences. An interrupt closes the one for items at once. The executor decides when
/// to stop changing a table.
pub(super) struct LockedSession<W: World> {
    /// The lock.
    pub(super) lease: Lease,
    /// The server, to change tables.
    pub(super) control: W::Server,
    /// The server, to read and write items.
    pub(super) items: W::Server,
    control_fence: Arc<Fence<W>>,
    items_fence: Arc<Fence<W>>,
}

impl<W: World> LockedSession<W> {
    /// Returns the error of a lost lock, if a request was not sent because of it.
    pub(super) fn lost(&self) -> Option<LockError> {
        self.control_fence.refusal().or_else(|| self.items_fence.refusal())
    }

    /// Returns the reason why a request was not sent: the lock was lost, or the run was interrupted.
    pub(super) fn fenced(&self) -> Error<W::Error> {
        self.lost().map_or(Error::Interrupted, Error::Lock)
    }
}

impl<W: World> Migrate<'_, W> {
    fn session(&self, lease: Lease) -> LockedSession<W> {
        let guard = || Guard::new(lease.clone(), self.ledger.clone(), self.context.clock.clone());
        let control_fence = Arc::new(guard());
        let items_fence = Arc::new(guard().until(self.context.stop.clone()));
        let server = self.context.server;
        let control = server.fenced(Arc::<Fence<W>>::clone(&control_fence));
        let items = server.fenced(Arc::<Fence<W>>::clone(&items_fence));
        LockedSession { lease, control, items, control_fence, items_fence }
    }

    /// Runs `work` while the lock of the ledger is held; the ledger is created if there is none.
    /// The outcome contains the reason if the work did not complete.
    pub(super) async fn locked(
        &self,
        outcome: &mut Outcome<W::Error>,
        work: impl AsyncFnOnce(&LockedSession<W>, &mut Outcome<W::Error>) -> Fallible<(), W>,
    ) -> Fallible<(), W> {
        self.ledger.prepare().await.map_err(Error::Service)?;
        let session = self.session(self.lock().await.map_err(Error::Lock)?);
        let result = {
            // Until here an interrupt ends the process: no work has started.
            self.context.stop_on_interrupt();
            let keeping = pin!(session.lease.keep(&self.ledger, self.context.clock));
            let lease = info_span!("lease", owner = %self.runner.owner);
            let working = pin!(work(&session, outcome).instrument(lease));
            match select(keeping, working).await {
                Either::Left((error, _)) => {
                    warn!(%error, "the lease is lost");
                    Err(Error::Lock(error))
                }
                Either::Right((result, _)) => result,
            }
        };
        // A lost lock cannot be released; the lease expires.
        let released = session.lease.release(&self.ledger).await;
        if let (Ok(()), Err(error)) = (&result, &released) {
            self.context.screen.event(Event::LockNotReleased(error));
        }
        outcome.failure = result.err();
        Ok(())
    }

    /// Returns the result of a change of the ledger: an error if another runner holds the lock by
    /// now. `failed` converts the error of a request that failed.
    pub(super) async fn under(
        &self,
        lease: &Lease,
        changed: Result<bool, ServiceError>,
        failed: fn(ServiceError) -> Error<W::Error>,
    ) -> Fallible<(), W> {
        match changed {
            Ok(true) => Ok(()),
            Ok(false) => Err(Error::Lock(lease.lose(&self.ledger).await)),
            Err(error) => Err(failed(error)),
        }
    }

    async fn lock(&self) -> Result<Lease, LockError> {
        let wait = self.context.screen.wait(Waiting::Lock);
        let waiting = |owner: &Owner| wait.lock_held(owner);
        let identity = (self.runner.token.clone(), self.runner.owner.clone());
        let (clock, stop, timeouts) = (self.context.clock, self.context.stop, self.runner.timeouts);
        let has_ended = self.runner.has_ended;
        Lease::acquire(&self.ledger, clock, identity, timeouts, stop, has_ended, waiting).await
    }
}
