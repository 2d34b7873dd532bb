//! A server that is the binary under test.

use crate::{Database, process};
use regex_lite::Regex;
use std::{
    io::{BufRead, BufReader, Read},
    process::{Child, Command},
    sync::mpsc::{self, RecvTimeoutError, Sender},
    thread,
    time::{Duration, Instant},
};

/// A running server, killed when the value is dropped.
#[derive(Debug)]
pub struct Serving {
    child: Child,
    endpoint: String,
}

impl Serving {
    /// Starts a program and waits for a line, on either stream, with a URL of this machine.
    #[track_caller]
    pub(crate) fn start(command: Command, shown: &str, deadline: Duration) -> Self {
        let until = Instant::now() + deadline;
        let mut child = process::spawn(command);
        let (sender, lines) = mpsc::channel();
        forward_lines(child.stdout.take(), sender.clone());
        forward_lines(child.stderr.take(), sender);

        let url = Regex::new(r"http://(127\.0\.0\.1|localhost|\[::1\]):\d+").expect("it is valid");
        let mut said = String::new();
        let failure = loop {
            match lines.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(line) => {
                    if let Some(endpoint) = url.find(&line) {
                        return Self { child, endpoint: endpoint.as_str().to_owned() };
                    }
                    said.push_str(&line);
                    said.push('\n');
                }
                Err(RecvTimeoutError::Timeout) => break format!("not ready after {deadline:?}"),
                Err(RecvTimeoutError::Disconnected) => break "ended instead of serving".to_owned(),
            }
        };
        process::kill(&mut child);
        panic!("`{shown}` {failure}; it said:\n{said}");
    }

    /// Returns the URL of the server.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Returns the served database. The embedded server has the same one for any access key.
    pub fn database(&self) -> Database {
        Database::new(&self.endpoint, "local", "us-east-1")
    }

    /// Kills the server immediately, like a power failure, and waits for its end.
    pub fn kill(self) {
        drop(self);
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        process::kill(&mut self.child);
    }
}

/// Continues to read after the endpoint is known: a server with unread output would block some day.
fn forward_lines(stream: Option<impl Read + Send + 'static>, lines: Sender<String>) {
    thread::spawn(move || {
        let Some(stream) = stream else { return };
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            // The receiver is dropped once the server serves.
            let _ = lines.send(line);
        }
    });
}
