//! A server that does not outlive xtask, no matter how xtask ends.
//!
//! The server is a child of a second xtask process, the guard, whose standard input is a pipe from
//! the first. When the first process ends, normally, by an error, by Ctrl-C or by SIGKILL, the
//! system closes the pipe; the guard detects that and stops the server.

use anyhow::Context;
use std::{
    env,
    ffi::OsString,
    fs::File,
    io,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::Duration,
};

/// The hidden chore that runs the guard.
pub(crate) const CHORE: &str = "guard";

/// The interval at which the guard checks whether the server has ended by itself.
const POLL: Duration = Duration::from_millis(100);

/// The command that starts a server.
pub(crate) struct Launch {
    program: OsString,
    folder: PathBuf,
    args: Vec<OsString>,
    env: Vec<(&'static str, OsString)>,
}

impl Launch {
    /// Creates a command that runs a program in `folder`.
    pub(crate) fn new(program: impl Into<OsString>, folder: &Path) -> Self {
        Self { program: program.into(), folder: folder.to_owned(), args: vec![], env: vec![] }
    }

    /// Adds arguments.
    pub(crate) fn args<const N: usize>(mut self, args: [&str; N]) -> Self {
        self.args.extend(args.map(OsString::from));
        self
    }

    /// Sets an environment variable, beside those that the server inherits.
    pub(crate) fn env(mut self, name: &'static str, value: impl Into<OsString>) -> Self {
        self.env.push((name, value.into()));
        self
    }
}

/// A server with its guard. Dropping it stops both and waits until they have ended.
pub(crate) struct Guarded {
    guard: Child,
}

impl Guarded {
    /// Starts a server, with its output in `log`.
    pub(crate) fn start(launch: &Launch, log: &Path) -> anyhow::Result<Self> {
        let out = File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
        let guard = Command::new(env::current_exe()?)
            .arg(CHORE)
            .arg(&launch.program)
            .args(&launch.args)
            .envs(launch.env.iter().map(|(name, value)| (name, value)))
            .current_dir(&launch.folder)
            .stdin(Stdio::piped())
            .stdout(out.try_clone()?)
            .stderr(out)
            .spawn()
            .with_context(|| format!("cannot start {}", launch.program.to_string_lossy()))?;
        Ok(Self { guard })
    }

    /// Returns the server's exit status, if it has ended.
    pub(crate) fn ended(&mut self) -> io::Result<Option<ExitStatus>> {
        self.guard.try_wait()
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        drop(self.guard.stdin.take());
        // A failed wait for the guard cannot be handled.
        let _ = self.guard.wait();
    }
}

/// Runs the guard: starts the server and stops it when standard input is closed.
pub(crate) fn run(program: &OsString, args: &[OsString]) -> anyhow::Result<()> {
    let mut server = Command::new(program)
        .args(args)
        .stdin(Stdio::null())
        .spawn()
        .with_context(|| format!("cannot start {}", program.to_string_lossy()))?;
    let (closed, stdin) = mpsc::channel();
    thread::spawn(move || {
        let _ = io::copy(&mut io::stdin(), &mut io::sink());
        let _ = closed.send(());
    });
    loop {
        match stdin.recv_timeout(POLL) {
            Ok(()) | Err(RecvTimeoutError::Disconnected) => {
                server.kill()?;
                server.wait()?;
                return Ok(());
            }
            Err(RecvTimeoutError::Timeout) => {
                if let Some(status) = server.try_wait()? {
                    anyhow::bail!("{} ended: {status}", program.to_string_lossy());
                }
            }
        }
    }
}
