//! What a runner has while it holds the lock.

use super::Migrate;
use crate::{clock::SystemClock, error::CommandError};
use mizzle_aws::{DynamoDb, DynamoDbLedger};
use mizzle_core::ledger::{Guard, Lease, LockError};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Operations on items that are under way at the same time; others wait for their turn. So many sockets
/// the AWS SDK for JavaScript opens, for which scripts are written that ask for everything at once.
/// Source: <https://docs.aws.amazon.com/sdk-for-javascript/v3/developer-guide/node-configuring-maxsockets.html>.
const SIDE_BY_SIDE: usize = 50;

/// The lock, and the server behind fences that are open while the lock is ours.
///
/// There are two: an interrupt lets a change of a table come to where it can be left, which the executor
/// decides, and keeps everything else from being sent.
pub(super) struct Held {
    /// The lock.
    pub(super) lease: Lease,
    /// The server, to change tables at.
    pub(super) control: DynamoDb,
    /// The server, to read and write items at.
    pub(super) items: DynamoDb,
    /// The places for what is asked of it.
    pub(super) places: Semaphore,
    control_guard: Arc<Guard<DynamoDbLedger, SystemClock>>,
    items_guard: Arc<Guard<DynamoDbLedger, SystemClock>>,
}

impl Held {
    /// The error of a lock that was lost, if a request was not sent for it.
    pub(super) fn lost(&self) -> Option<LockError> {
        self.control_guard.refusal().or_else(|| self.items_guard.refusal())
    }
}

impl Migrate<'_> {
    /// What belongs to a lock that was taken.
    pub(super) fn held(&self, lease: Lease) -> Held {
        let guard = || Guard::new(lease.clone(), self.ledger.clone(), self.clock.clone());
        let control_guard = Arc::new(guard());
        let items_guard = Arc::new(guard().until(Arc::clone(&self.stop)));
        let server = &self.target.control;
        let control = server.fenced(Arc::<Guard<_, _>>::clone(&control_guard));
        let items = server.fenced(Arc::<Guard<_, _>>::clone(&items_guard));
        let places = Semaphore::new(SIDE_BY_SIDE);
        Held { lease, control, items, places, control_guard, items_guard }
    }

    /// Why a request was not sent: the lock was lost, or somebody has interrupted.
    pub(super) fn explain_fenced(&self, held: &Held) -> CommandError {
        held.lost().map_or_else(CommandError::interrupted, |error| self.explain_lock(&error))
    }
}
