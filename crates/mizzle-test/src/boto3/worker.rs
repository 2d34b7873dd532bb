//! Python processes that have boto3 loaded, each for one script at a time. Loading takes longer
//! than most scripts, and tests inspect databases thousands of times.

use crate::{environment, process::Output, redact::Redactions};
use serde::Deserialize;
use serde_json::json;
use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, Command, Stdio},
    sync::{
        Mutex, PoisonError,
        mpsc::{self, Receiver},
    },
    thread,
    time::Duration,
};

/// The idle workers. They end with this process, whose end closes their input.
static IDLE: Mutex<Vec<Worker>> = Mutex::new(Vec::new());

/// A worker.
#[derive(Debug)]
struct Worker {
    child: Child,
    input: ChildStdin,
    answers: Receiver<String>,
}

/// The result of a script.
#[derive(Deserialize)]
struct Answer {
    code: i32,
    stdout: String,
    stderr: String,
}

/// Runs a script of the folder `scripts` with only this environment. `shown` is its name in
/// messages.
#[track_caller]
pub(super) fn run(
    (python, scripts): (&str, &str),
    (script, arguments): (&str, &[&str]),
    environment: &BTreeMap<&str, &str>,
    shown: String,
    deadline: Duration,
) -> Output {
    let idle = IDLE.lock().unwrap_or_else(PoisonError::into_inner).pop();
    let mut worker = idle.unwrap_or_else(|| Worker::start(python, scripts));
    let request = json!({ "script": script, "arguments": arguments, "environment": environment });
    writeln!(worker.input, "{request}").expect("the worker reads");
    let Ok(answer) = worker.answers.recv_timeout(deadline) else {
        worker.end();
        panic!("`{shown}` does not end within {deadline:?}");
    };
    let Answer { code, stdout, stderr } = serde_json::from_str(&answer).expect("a line of JSON");
    IDLE.lock().unwrap_or_else(PoisonError::into_inner).push(worker);
    let (code, signal) = if code < 0 { (None, Some(-code)) } else { (Some(code), None) };
    Output { command: shown, code, signal, stdout, stderr, redactions: Redactions::standard() }
}

impl Worker {
    #[track_caller]
    fn start(python: &str, scripts: &str) -> Self {
        let mut command = Command::new(python);
        environment::clear(&mut command)
            .arg(format!("{scripts}/worker.py"))
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut child = command.spawn().expect("python starts");
        let (input, output) = (child.stdin.take(), child.stdout.take());
        let (said, answers) = mpsc::channel();
        let output = BufReader::new(output.expect("it is piped"));
        thread::spawn(move || {
            // Ends with the worker, or when the receiver is dropped.
            output.lines().map_while(Result::ok).try_for_each(|line| said.send(line))
        });
        Self { child, input: input.expect("it is piped"), answers }
    }

    /// Ends a worker whose script does not end.
    fn end(mut self) {
        // The process may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
