//! Limits of the system, checked in advance: libraries would panic at some of them.

use crate::errors::{CommandError, ErrorKind, io_reason};
use std::{io, sync::Mutex, thread};

/// The stack size of the thread that runs a command, in bytes, regardless of `ulimit -s` and
/// `RUST_MIN_STACK`.
pub const STACK: usize = 8 << 20;

/// The stack size of network threads, in bytes.
pub(crate) const NETWORK_STACK: usize = 2 << 20;

/// The number of files that a command has open at once: a database with its log and its lock, some
/// connections, and the runtime's wakers.
#[cfg(unix)]
const FILES: u64 = 32;

/// The number of threads that the runtime and the engine start.
const THREADS: usize = 4;

/// Returns the error of a runtime that the system refuses to start.
pub(crate) fn refused(message: &str, error: &io::Error) -> CommandError {
    CommandError::new(ErrorKind::Failed, "system-limit", format!("{message}: {error}"))
        .hint("end other programs, or raise the limits of this user, then run it again")
}

/// Prepares the process for the system's limits.
///
/// # Errors
///
/// When the limits on open files or threads are lower than any command needs.
pub(crate) fn prepare() -> Result<(), CommandError> {
    outlive_large_files();
    allow_files()?;
    try_threads()
}

/// Turns the signal for a file beyond `ulimit -f`, which ends the process, into an error of the
/// write.
#[cfg(unix)]
fn outlive_large_files() {
    // With any handler installed, the write returns EFBIG. If that fails, the default remains.
    let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, std::sync::Arc::default());
}

#[cfg(not(unix))]
fn outlive_large_files() {}

/// Raises the limit on open files as far as the system allows: a push of many tables opens many
/// connections.
#[cfg(unix)]
fn allow_files() -> Result<(), CommandError> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let Some(current) = current.filter(|current| *current < 4096) else { return Ok(()) };
    let wanted = maximum.unwrap_or(4096).min(4096);
    let raised = Rlimit { current: Some(wanted), maximum };
    let allowed = match setrlimit(Resource::Nofile, raised) {
        Ok(()) => wanted,
        Err(_) => current,
    };
    if allowed >= FILES {
        return Ok(());
    }
    let message = format!("Only {allowed} files may be open at once, and mizzle needs {FILES}");
    Err(CommandError::new(ErrorKind::Failed, "system-limit", message)
        .hint("raise the limit (ulimit -n), then run it again"))
}

#[cfg(not(unix))]
fn allow_files() -> Result<(), CommandError> {
    Ok(())
}

/// Starts as many threads at once as a command needs, and ends them: the runtime panics if it
/// cannot start them.
fn try_threads() -> Result<(), CommandError> {
    let gate = Mutex::new(());
    let all = gate.lock();
    let started = thread::scope(|scope| {
        let start = |_| {
            let wait = || drop(gate.lock());
            thread::Builder::new().stack_size(NETWORK_STACK).spawn_scoped(scope, wait).map(drop)
        };
        let started = (0..THREADS).try_for_each(start);
        drop(all);
        started
    });
    started.map_err(|error| {
        let message = format!("The system starts no more threads: {}", io_reason(&error));
        CommandError::new(ErrorKind::Failed, "system-limit", message).hint(
            "end other programs, or raise the limit of processes (ulimit -u) or of memory (ulimit -v), then run it again",
        )
    })
}
