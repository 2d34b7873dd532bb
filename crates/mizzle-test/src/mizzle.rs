//! The real binary, in a reproducible environment.

use crate::{Killed, Output, Running, Serving, Terminal, environment, process, redact::Redactions};
use std::{
    ffi::{OsStr, OsString},
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

/// The default time limit, longer than any command takes, even on a busy machine.
const DEADLINE: Duration = Duration::from_secs(60);

/// A command line of mizzle before its start.
///
/// The environment is cleared: the project's own home folder, no credentials, no terminal,
/// 100 columns. Standard input is closed.
#[derive(Debug)]
#[must_use = "a command does nothing before `run` or `serve`"]
pub struct MizzleCommand {
    command: Command,
    shown: String,
    project: PathBuf,
    deadline: Duration,
    redactions: Redactions,
}

impl MizzleCommand {
    /// Creates a command line in the folder of a project.
    pub(crate) fn new(
        binary: &Path,
        project: &Path,
        home: &Path,
        redactions: Redactions,
        args: impl IntoIterator<Item = impl AsRef<OsStr>>,
    ) -> Self {
        let args: Vec<OsString> = args.into_iter().map(|arg| arg.as_ref().to_owned()).collect();
        let mut command = Command::new(binary);
        environment::clear(&mut command)
            .args(&args)
            .current_dir(project)
            .env("HOME", home)
            .env("USERPROFILE", home)
            .env("TERM", "dumb")
            .env("COLUMNS", "100")
            // Otherwise the AWS chain connects to an unreachable address.
            .env("AWS_EC2_METADATA_DISABLED", "true");
        Self {
            command,
            shown: shown(&args),
            project: project.to_owned(),
            deadline: DEADLINE,
            redactions,
        }
    }

    /// Sets an environment variable.
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Runs the command in a folder of the project instead of the project's own.
    pub fn in_folder(mut self, folder: &str) -> Self {
        self.command.current_dir(self.project.join(folder));
        self
    }

    /// Limits the number of open files and sockets.
    #[cfg(unix)]
    pub fn open_files(self, limit: u32) -> Self {
        self.limited(&format!("ulimit -n {limit}"))
    }

    /// Applies limits of the shell: `ulimit -s 64`.
    #[cfg(unix)]
    pub fn limited(self, limits: &str) -> Self {
        self.started_by(&format!("{limits} && exec \"$0\" \"$@\""))
    }

    /// Runs the command as a separate user with a maximum number of processes and threads. If the
    /// tests are not run by the superuser, the limit is that of their user.
    #[cfg(unix)]
    pub fn limited_threads(self, threads: u32) -> Self {
        use std::sync::atomic::{AtomicU32, Ordering};
        // The operating system counts threads by user, but not those of the superuser.
        static USER: AtomicU32 = AtomicU32::new(0);
        let user =
            1_000_000 + std::process::id() % 100_000 * 100 + USER.fetch_add(1, Ordering::Relaxed);
        self.started_by(&format!(
            "if [ \"$(id -u)\" = 0 ]; then exec setpriv --reuid={user} --regid={user} --clear-groups \
             prlimit --nproc={threads} /bin/sh -c 'exec \"$0\" \"$@\"' \"$0\" \"$@\"; fi; \
             exec prlimit --nproc={threads} \"$0\" \"$@\""
        ))
    }

    /// Redirects standard output to a file, like a shell.
    #[cfg(unix)]
    pub fn writing_to(self, path: &str) -> Self {
        self.started_by(&format!("exec \"$0\" \"$@\" > {path}"))
    }

    /// Removes the superuser's right to read and write regardless of the permissions of files.
    #[cfg(unix)]
    pub fn obeying_permissions(self) -> Self {
        self.started_by(
            "if [ \"$(id -u)\" = 0 ]; then exec setpriv --bounding-set=-dac_override,-dac_read_search \"$0\" \"$@\"; fi; \
             exec \"$0\" \"$@\"",
        )
    }

    /// Starts the command by a line of shell, in which the command is `"$0" "$@"`.
    #[cfg(unix)]
    fn started_by(mut self, line: &str) -> Self {
        let Self { command, .. } = &self;
        let mut started = Command::new("/bin/sh");
        environment::clear(&mut started)
            .args(["-c", line])
            .arg(command.get_program())
            .args(command.get_args())
            .envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        if let Some(folder) = command.get_current_dir() {
            started.current_dir(folder);
        }
        self.command = started;
        self
    }

    /// Sets the time after which the command is killed and the test fails; a minute by default.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Runs the command to its end.
    #[track_caller]
    pub fn run(self) -> Output {
        process::run(self.command, self.shown, self.deadline, self.redactions)
    }

    /// Starts the command without waiting for it.
    #[track_caller]
    pub fn start(self) -> Running {
        Running::start(self.command, self.shown, self.deadline, self.redactions)
    }

    /// Starts the command and kills it after a time, like a power failure; see
    /// [`Running::kill_after`].
    #[track_caller]
    pub fn kill_after(self, time: Duration) -> Killed {
        self.start().kill_after(time)
    }

    /// Starts the command in a terminal of this size, with colors and cursor movements.
    #[track_caller]
    pub fn in_terminal(mut self, columns: u16, rows: u16) -> Terminal {
        self.command.env("TERM", "xterm-256color");
        self.in_dumb_terminal(columns, rows)
    }

    /// Starts the command in a terminal of this size that does not support cursor movements.
    #[track_caller]
    pub fn in_dumb_terminal(mut self, columns: u16, rows: u16) -> Terminal {
        self.command.env_remove("COLUMNS");
        Terminal::start(&self.command, self.shown, (columns, rows), self.deadline, self.redactions)
    }

    /// Starts a server and waits until it prints its endpoint.
    #[track_caller]
    pub fn serve(self) -> Serving {
        Serving::start(self.command, &self.shown, self.deadline)
    }
}

/// Formats the command line as a user would type it.
fn shown(args: &[OsString]) -> String {
    let mut line = "mizzle".to_owned();
    for arg in args {
        let arg = arg.to_string_lossy();
        line.push(' ');
        if arg.is_empty() || arg.contains(|c: char| c.is_whitespace() || "'\"*$&|;<>()".contains(c))
        {
            line.push_str(&format!("'{}'", arg.replace('\'', r"'\''")));
        } else {
            line.push_str(&arg);
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::shown;
    use std::ffi::OsString;

    #[test]
    fn shows_what_one_would_type() {
        for (args, line) in [
            (vec!["push", "--yes"], "mizzle push --yes"),
            (vec!["pull", "--tables", "shop*"], "mizzle pull --tables 'shop*'"),
            (vec!["generate", "-n", "it's new"], r"mizzle generate -n 'it'\''s new'"),
            (vec![""], "mizzle ''"),
        ] {
            let args: Vec<OsString> = args.into_iter().map(OsString::from).collect();
            assert_eq!(shown(&args), line);
        }
    }
}
