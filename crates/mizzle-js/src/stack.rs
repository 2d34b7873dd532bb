//! Threads with deep stacks, for deeply recursive code and syntax trees.

use crate::EvalError;
use std::thread;

/// The stack size of a thread that parses or runs code, in bytes: enough, with the limits of the
/// nesting scan.
pub const STACK: usize = 64 << 20;

/// Runs `work` on a thread with a deep stack, and waits for its result.
///
/// # Errors
///
/// When the system refuses the thread, or `work` panics.
pub fn on_own_stack<T: Send>(name: &str, work: impl FnOnce() -> T + Send) -> Result<T, EvalError> {
    thread::scope(|scope| {
        let thread = thread::Builder::new().name(name.to_owned()).stack_size(STACK);
        let thread = thread.spawn_scoped(scope, work);
        let thread = thread.map_err(|error| EvalError::no_thread(&error))?;
        thread.join().map_err(|_| EvalError::lost())
    })
}
