//! Programs that run to their end, within a time limit.

use crate::redact::Redactions;
use serde_json::Value;
use std::{
    fmt::Write,
    io::Read,
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
    time::Duration,
};
use wait_timeout::ChildExt;

/// The exit status and the output of a program.
#[derive(Debug, Clone)]
pub struct Output {
    /// The command line, as it is shown.
    pub command: String,
    /// The exit code; `None` if a signal ended the program.
    pub code: Option<i32>,
    /// The number of the signal that ended the program.
    pub signal: Option<i32>,
    /// The standard output.
    pub stdout: String,
    /// The standard error.
    pub stderr: String,
    pub(crate) redactions: Redactions,
}

impl Output {
    /// Fails the test, with the full output, unless the program ended with this code.
    #[track_caller]
    pub fn assert_code(self, code: i32) -> Self {
        assert!(self.code == Some(code), "expected exit code {code}:\n{}", self.unredacted());
        self
    }

    /// Parses standard output as one JSON document.
    #[track_caller]
    pub fn json(&self) -> Value {
        match serde_json::from_str(&self.stdout) {
            Ok(document) => document,
            Err(error) => {
                panic!("standard output is not one JSON document: {error}\n{}", self.unredacted())
            }
        }
    }

    /// Returns the command line, exit code and both streams for a snapshot, with everything
    /// replaced that differs between runs: folders, ports, times, ids.
    pub fn snapshot(&self) -> String {
        self.redactions.apply(&self.unredacted())
    }

    fn unredacted(&self) -> String {
        let Self { command, code, stdout, stderr, .. } = self;
        let code = code.map_or_else(|| "none, ended by a signal".to_owned(), |c| c.to_string());
        let mut text = format!("$ {command}\n[exit code: {code}]\n");
        for (name, content) in [("stdout", stdout), ("stderr", stderr)] {
            if !content.is_empty() {
                // Writing to a string cannot fail.
                let _ = write!(text, "[{name}]\n{content}");
                if !content.ends_with('\n') {
                    text.push_str("[no newline at the end]\n");
                }
            }
        }
        text
    }
}

/// The result of a SIGKILL.
#[derive(Debug, Clone)]
pub struct Killed {
    /// True if the program was still running. If it had ended by itself, the kill had no effect,
    /// and `output.code` is its own exit code.
    pub was_alive: bool,
    /// The output until then.
    pub output: Output,
}

/// A running program, with an empty standard input; killed when the value is dropped.
#[derive(Debug)]
pub struct Running {
    child: Child,
    stdout: Reader,
    stderr: Reader,
    shown: String,
    deadline: Duration,
    redactions: Redactions,
}

impl Running {
    #[track_caller]
    pub(crate) fn start(
        command: Command,
        shown: String,
        deadline: Duration,
        redactions: Redactions,
    ) -> Self {
        let mut child = spawn(command);
        let stdout = Reader::start(child.stdout.take());
        let stderr = Reader::start(child.stderr.take());
        Self { child, stdout, stderr, shown, deadline, redactions }
    }

    /// Waits until standard error contains a text.
    #[track_caller]
    pub fn wait_for_stderr(&self, text: &str) {
        let found = self.stderr.wait_until(self.deadline, |said| said.contains(text));
        assert!(found, "`{}` never says {text:?}", self.shown);
    }

    /// Sends SIGINT, like Ctrl-C.
    #[cfg(unix)]
    #[track_caller]
    pub fn interrupt(&self) {
        self.signal(nix::sys::signal::Signal::SIGINT);
    }

    /// Sends a signal by its name without `SIG`.
    #[cfg(unix)]
    #[track_caller]
    pub fn send(&self, name: &str) {
        self.signal(format!("SIG{name}").parse().expect("a signal has this name"));
    }

    /// Stops the program, like a laptop that goes to sleep.
    #[cfg(unix)]
    #[track_caller]
    pub fn pause(&self) {
        self.signal(nix::sys::signal::Signal::SIGSTOP);
    }

    /// Continues a paused program.
    #[cfg(unix)]
    #[track_caller]
    pub fn resume(&self) {
        self.signal(nix::sys::signal::Signal::SIGCONT);
    }

    #[cfg(unix)]
    #[track_caller]
    fn signal(&self, signal: nix::sys::signal::Signal) {
        let pid = i32::try_from(self.child.id()).expect("a process id");
        let pid = nix::unistd::Pid::from_raw(pid);
        nix::sys::signal::kill(pid, signal).expect("the program still runs");
    }

    /// Kills the program immediately, like a power failure, and waits for its end.
    #[track_caller]
    pub fn kill(mut self) -> Killed {
        let ended = self.child.try_wait().expect("a child process can be waited for");
        let status = ended.unwrap_or_else(|| {
            // The program may end between check and kill: the status shows it.
            let _ = self.child.kill();
            self.child.wait().expect("a child process can be waited for")
        });
        // On systems with signals, a program that was ended by one has no exit code.
        let was_alive = ended.is_none() && (cfg!(not(unix)) || status.code().is_none());
        Killed { was_alive, output: self.output(Some(status)) }
    }

    /// Runs the program for a time, then kills it like [`Running::kill`]. Returns immediately if
    /// the program ends by itself before.
    #[track_caller]
    pub fn kill_after(mut self, time: Duration) -> Killed {
        self.child.wait_timeout(time).expect("a child process can be waited for");
        self.kill()
    }

    /// Waits for the end; kills the program and fails when the time is over.
    #[track_caller]
    pub fn finish(mut self) -> Output {
        let status = self.child.wait_timeout(self.deadline);
        let status = status.expect("a child process can be waited for");
        if status.is_none() {
            kill(&mut self.child);
        }
        let output = self.output(status);
        assert!(
            status.is_some(),
            "killed because it was not done after {:?}:\n{}",
            self.deadline,
            output.unredacted()
        );
        output
    }

    /// Returns the output of the ended program.
    fn output(&mut self, status: Option<ExitStatus>) -> Output {
        Output {
            command: self.shown.clone(),
            code: status.and_then(|status| status.code()),
            signal: status.and_then(signal_of),
            stdout: self.stdout.text(),
            stderr: self.stderr.text(),
            redactions: self.redactions.clone(),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        kill(&mut self.child);
    }
}

/// Runs a program to its end.
#[track_caller]
pub(crate) fn run(
    command: Command,
    shown: String,
    deadline: Duration,
    redactions: Redactions,
) -> Output {
    Running::start(command, shown, deadline, redactions).finish()
}

/// Starts a program with an empty standard input, and pipes for its output.
#[track_caller]
pub(crate) fn spawn(mut command: Command) -> Child {
    let started =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    started.unwrap_or_else(|error| panic!("cannot start {:?}: {error}", command.get_program()))
}

/// Kills a child process and waits for its end.
pub(crate) fn kill(child: &mut Child) {
    // The process may have ended by itself: then the kill fails.
    let _ = child.kill();
    let _ = child.wait();
}

#[cfg(unix)]
fn signal_of(status: ExitStatus) -> Option<i32> {
    std::os::unix::process::ExitStatusExt::signal(&status)
}

#[cfg(not(unix))]
fn signal_of(_: ExitStatus) -> Option<i32> {
    None
}

/// Reads a stream while the program runs: a full pipe would block it.
#[derive(Debug)]
struct Reader {
    thread: Option<JoinHandle<()>>,
    said: Arc<(Mutex<Vec<u8>>, Condvar)>,
}

impl Reader {
    fn start(stream: Option<impl Read + Send + 'static>) -> Self {
        let said: Arc<(Mutex<Vec<u8>>, Condvar)> = Arc::default();
        let shared = Arc::clone(&said);
        let thread = thread::spawn(move || {
            let Some(mut stream) = stream else { return };
            let mut buffer = [0; 4096];
            loop {
                let count = stream.read(&mut buffer).expect("a pipe can be read");
                if count == 0 {
                    break;
                }
                lock(&shared.0).extend_from_slice(&buffer[..count]);
                shared.1.notify_all();
            }
        });
        Self { thread: Some(thread), said }
    }

    /// Returns the whole output, once the stream is closed.
    fn text(&mut self) -> String {
        if let Some(thread) = self.thread.take() {
            thread.join().expect("the reader does not panic");
        }
        String::from_utf8_lossy(&lock(&self.said.0)).into_owned()
    }

    fn wait_until(&self, deadline: Duration, condition: impl Fn(&str) -> bool) -> bool {
        let (said, changed) = &*self.said;
        let holds = |bytes: &mut Vec<u8>| !condition(&String::from_utf8_lossy(bytes));
        let waited = changed.wait_timeout_while(lock(said), deadline, holds);
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }
}

fn lock(bytes: &Mutex<Vec<u8>>) -> MutexGuard<'_, Vec<u8>> {
    bytes.lock().unwrap_or_else(PoisonError::into_inner)
}
