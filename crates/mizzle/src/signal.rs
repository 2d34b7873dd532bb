//! Ctrl-C and its relatives (SIGTERM, SIGHUP, a closed console).

use crate::exit::Exit;
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// What the next interrupt does.
type Answer = Box<dyn FnOnce() + Send>;

/// Signals that come this close together are one: a shell sends Ctrl-C to the whole process group,
/// and wrappers such as `npx` and `timeout` pass it on once more.
const ONE_AND_THE_SAME: Duration = Duration::from_millis(500);

/// What an interrupt does while a command runs: it ends the process at once, unless the command has
/// something gentler to do first. A second interrupt always ends the process.
#[derive(Clone, Default)]
pub(crate) struct Interrupts(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    answer: Option<Answer>,
    answered: Option<Instant>,
}

impl Interrupts {
    /// Takes over from the default action, which would leave the cursor hidden and a report owed.
    /// `farewell` is called before the process ends.
    pub(crate) fn install(farewell: impl Fn() + Send + 'static) -> Self {
        let interrupts = Self::default();
        let shared = interrupts.clone();
        // Where it cannot be installed, the default action remains, which also ends the process.
        let _ = ctrlc::set_handler(move || {
            if shared.ends() {
                farewell();
                leave();
            }
        });
        interrupts
    }

    /// What the next interrupt does instead of ending the process.
    pub(crate) fn answer_next(&self, answer: impl FnOnce() + Send + 'static) {
        self.state().answer = Some(Box::new(answer));
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers an interrupt; returns whether the process has to end.
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
