//! Ctrl-C and its relatives.

use crate::exit::Exit;
use mizzle_core::apply::Stop;
use std::sync::{Arc, Mutex, PoisonError};

/// What an interrupt does while a command runs: ends the process at once, or, while a plan is being
/// carried out, asks the executor to stop. A second one always ends the process.
#[derive(Debug, Clone, Default)]
pub(crate) struct Interrupts(Arc<Mutex<Option<Arc<Stop>>>>);

impl Interrupts {
    /// Takes over from the default action, which would leave the cursor hidden.
    pub(crate) fn install() -> Self {
        let interrupts = Self::default();
        let shared = interrupts.clone();
        // Where it cannot be installed, the default action remains, which also ends the process.
        let _ = ctrlc::set_handler(move || shared.interrupted());
        interrupts
    }

    /// From now on an interrupt asks to stop.
    pub(crate) fn stop_gently(&self, stop: Arc<Stop>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(stop);
    }

    fn interrupted(&self) {
        let stop = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        match stop {
            Some(stop) if !stop.is_requested() => stop.request(),
            Some(_) | None => leave(),
        }
    }
}

#[expect(clippy::exit, reason = "an interrupt ends the process wherever it is")]
fn leave() {
    let _ = console::Term::stderr().show_cursor();
    std::process::exit(i32::from(Exit::Interrupted.code()));
}

/// Completes when the user presses Ctrl-C, or the process is asked to terminate. For a command that
/// only serves.
pub(crate) async fn end() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    // Without a handler there is nothing to wait for; the default action ends the process.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
