//! The end of a run before its plan is carried out.

use std::sync::atomic::{AtomicBool, Ordering};

/// Asks to stop: calls that run are finished, nothing else is started or waited for.
#[derive(Debug, Default)]
pub struct Stop(AtomicBool);

impl Stop {
    /// Asks.
    pub fn request(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Whether somebody asked.
    pub fn is_requested(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}
