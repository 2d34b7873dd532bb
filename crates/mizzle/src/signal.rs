//! Handles interrupts: Ctrl-C, SIGTERM, SIGHUP, a closed console.

use crate::exit::Exit;
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// The reaction to the next interrupt.
type Answer = Box<dyn FnOnce() + Send>;

/// Signals within this interval count as one: a shell sends Ctrl-C to the whole process group, and
/// wrappers such as `npx` and `timeout` forward it again.
const ONE_AND_THE_SAME: Duration = Duration::from_millis(500);

/// The handling of interrupts while a command runs: an interrupt ends the process immediately,
/// unless the command has set another reaction. A second interrupt always ends the process.
#[derive(Clone, Default)]
pub(crate) struct Interrupts(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    answer: Option<Answer>,
    answered: Option<Instant>,
}

impl Interrupts {
    /// Replaces the default action, which would leave the cursor hidden and print no report.
    /// `on_interrupt` is called before the process ends.
    pub(crate) fn install(on_interrupt: impl Fn() + Send + 'static) -> Self {
        let interrupts = Self::default();
        let shared = interrupts.clone();
        // If the installation fails, the default action remains, which also ends the process.
        let _ = ctrlc::set_handler(move || {
            if shared.ends() {
                on_interrupt();
                leave();
            }
        });
        interrupts
    }

    /// Sets the reaction to the next interrupt, instead of ending the process.
    pub(crate) fn answer_next(&self, answer: impl FnOnce() + Send + 'static) {
        self.state().answer = Some(Box::new(answer));
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reacts to an interrupt; returns true if the process has to end.
    fn ends(&self) -> bool {
        let mut state = self.state();
        match state.answer.take() {
            Some(answer) => {
                state.answered = Some(Instant::now());
                drop(state);
                answer();
                false
            }
            None => state.answered.is_none_or(|answered| answered.elapsed() > ONE_AND_THE_SAME),
        }
    }
}

#[expect(clippy::exit, reason = "an interrupt ends the process wherever it is")]
fn leave() {
    std::process::exit(i32::from(Exit::Interrupted.code()));
}
