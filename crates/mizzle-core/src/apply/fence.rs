//! What stands between a request that changes something and the server.

use futures_util::future::BoxFuture;
use std::fmt;

/// Says whether this process may change anything at this moment, which may end while it runs: it
/// holds a lock, sleeps past its lease, and wakes up in the middle of whatever it did.
///
/// Whoever sends requests asks before every attempt of every request that changes something: of a
/// part of a batch, and of one that is repeated because it was throttled or its answer got lost.
pub trait Fence: fmt::Debug + Send + Sync {
    /// Whether a request may leave now. Asked last of all, when it is signed and ready: so it neither
    /// waits nor asks anybody.
    fn is_open(&self) -> bool;

    /// Makes sure that it is open, as far as that can be done. Asked when a request has found it
    /// closed, which is then sent again.
    ///
    /// # Errors
    ///
    /// When it stays closed. The request was not sent.
    fn open(&self) -> BoxFuture<'_, Result<(), Fenced>>;
}

/// A request that was not sent, because this process may not change anything any more.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not sent: {reason}")]
pub struct Fenced {
    /// Why.
    pub reason: String,
}
