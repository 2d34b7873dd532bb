//! Ctrl-C and its relatives (SIGTERM, SIGHUP, a closed console).

use crate::exit::Exit;
use std::sync::{Arc, Mutex, PoisonError};

/// What the next interrupt does.
type Answer = Box<dyn FnOnce() + Send>;

/// What an interrupt does while a command runs: it ends the process at once, unless the command has
/// something gentler to do first. A second interrupt always ends the process.
#[derive(Clone, Default)]
pub(crate) struct Interrupts(Arc<Mutex<Option<Answer>>>);

impl Interrupts {
    /// Takes over from the default action, which would leave the cursor hidden.
    pub(crate) fn install() -> Self {
        let interrupts = Self::default();
        let shared = interrupts.clone();
        // Where it cannot be installed, the default action remains, which also ends the process.
        let _ = ctrlc::set_handler(move || match shared.take() {
            Some(answer) => answer(),
            None => leave(),
        });
        interrupts
    }

    /// What the next interrupt does instead of ending the process.
    pub(crate) fn answer_next(&self, answer: impl FnOnce() + Send + 'static) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(answer));
    }

    fn take(&self) -> Option<Answer> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

#[expect(clippy::exit, reason = "an interrupt ends the process wherever it is")]
fn leave() {
    // A terminal that cannot be written to has no cursor to show.
    let _ = console::Term::stderr().show_cursor();
    std::process::exit(i32::from(Exit::Interrupted.code()));
}
