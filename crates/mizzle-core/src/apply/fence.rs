//! The fence, which blocks writes that are no longer allowed.

use futures_util::future::BoxFuture;
use std::fmt;

/// A check whether this process may change anything at this moment. The permission may end during a
/// run: the process holds a lock, sleeps past its lease, and wakes up in the middle of its work.
///
/// Clients check it before every attempt of every request that changes something. That includes the
/// parts of a batch, and requests that are repeated because they were throttled or their response
/// was lost.
pub trait Fence: fmt::Debug + Send + Sync {
    /// True if a request may be sent now. Checked last, when the request is signed and ready, so it
    /// must not block.
    fn is_open(&self) -> bool;

    /// Opens the fence if that is possible. Called when a request was blocked, before it is sent
    /// again.
    ///
    /// # Errors
    ///
    /// When the fence stays closed. The request was not sent.
    fn open(&self) -> BoxFuture<'_, Result<(), Fenced>>;
}

/// A request that was not sent, because this process may not change anything any more.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not sent: {reason}")]
pub struct Fenced {
    /// The reason.
    pub reason: String,
}
