//! Ctrl-C while DynamoDB is busy: the run ends soon, prints how to continue, and writes its report.

mod migrate;

use crate::support::shop;
use mizzle_test::Running;
use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc, Condvar, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

/// A server with one table that is being updated forever (no test server can do this).
struct BusyServer {
    endpoint: String,
    looks: Arc<(Mutex<usize>, Condvar)>,
    /// True if the table exists; creating it sets this.
    exists: Arc<AtomicBool>,
}

impl BusyServer {
    fn start(exists: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let looks: Arc<(Mutex<usize>, Condvar)> = Arc::default();
        let exists = Arc::new(AtomicBool::new(exists));
        let server = Self { endpoint, looks, exists };
        let (looks, exists) = (Arc::clone(&server.looks), Arc::clone(&server.exists));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (looks, exists) = (Arc::clone(&looks), Arc::clone(&exists));
                thread::spawn(move || serve(stream, &looks, &exists));
            }
        });
        server
    }

    /// Waits until the table has been read this many times.
    fn wait_for_looks(&self, count: usize) {
        let (looks, changed) = &*self.looks;
        let looks = looks.lock().unwrap();
        let waited = changed.wait_timeout_while(looks, Duration::from_secs(30), |n| *n < count);
        assert!(!waited.unwrap().1.timed_out(), "nobody looks at the table");
    }
}

/// Answers the requests of one connection until it is closed.
fn serve(stream: TcpStream, looks: &(Mutex<usize>, Condvar), exists: &AtomicBool) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut stream = stream;
    loop {
        let (mut operation, mut length) = (String::new(), 0);
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).ok()? == 0 {
                return None;
            }
            let line = line.trim().to_ascii_lowercase();
            if let Some(target) = line.strip_prefix("x-amz-target: dynamodb_20120810.") {
                operation = target.to_owned();
            } else if let Some(text) = line.strip_prefix("content-length: ") {
                length = text.parse().ok()?;
            } else if line.is_empty() {
                break;
            }
        }
        reader.read_exact(&mut vec![0; length]).ok()?;
        let missing = json!({ "__type": "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException", "message": "no such table" });
        let table = json!({ "TableName": "Shop", "TableStatus": "UPDATING", "AttributeDefinitions": [], "KeySchema": [] });
        let (status, answer): (&str, Value) = match operation.as_str() {
            "listtables" => ("200 OK", json!({ "TableNames": [] })),
            "describetable" => {
                *looks.0.lock().unwrap() += 1;
                looks.1.notify_all();
                if exists.load(Ordering::SeqCst) {
                    ("200 OK", json!({ "Table": table }))
                } else {
                    ("400 Bad Request", missing)
                }
            }
            _ => {
                exists.store(true, Ordering::SeqCst);
                ("200 OK", json!({ "TableDescription": table }))
            }
        };
        let body = answer.to_string();
        let head = format!(
            "HTTP/1.1 {status}\r\ncontent-type: application/x-amz-json-1.0\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all((head + &body).as_bytes()).ok()?;
    }
}

fn assert_interrupted(running: Running) -> Value {
    let output = running.finish().assert_code(130);
    let json = output.json();
    assert_eq!(json["error"]["kind"], "interrupted", "{json:#}");
    json
}

#[test]
fn waiting_for_somebody_elses_change_ends_with_a_report() {
    let (server, project) = (BusyServer::start(true), shop());
    let running =
        project.mizzle(["push", "--yes", "--json", "--endpoint", &server.endpoint]).start();
    server.wait_for_looks(3);
    running.interrupt();
    assert_interrupted(running);
}

#[test]
fn waiting_for_a_step_ends_with_what_was_planned_and_how_to_go_on() {
    let (server, project) = (BusyServer::start(false), shop());
    let running =
        project.mizzle(["push", "--yes", "--json", "--endpoint", &server.endpoint]).start();
    server.wait_for_looks(4);
    running.interrupt();
    // Wrappers forward a signal that the process has already received: it is the same one.
    running.interrupt();
    let json = assert_interrupted(running);
    assert_eq!((&json["outcome"], &json["applied"]), (&json!("failed"), &json!([])));
    assert_eq!(json["plan"]["steps"][0]["id"], "Shop:create-table");
    assert_eq!(
        json["error"]["message"],
        "Interrupted: what DynamoDB has accepted goes on by itself"
    );
    assert_eq!(json["error"]["hints"][0], "run the command again: it goes on where it stopped");
}

#[test]
fn a_wait_is_announced() {
    let (server, project) = (BusyServer::start(true), shop());
    let running = project.mizzle(["push", "--yes", "--endpoint", &server.endpoint]).start();
    server.wait_for_looks(3);
    running.interrupt();
    let output = running.finish().assert_code(130);
    assert!(output.stderr.contains("\nWaiting for Shop: UPDATING\n"), "{}", output.stderr);
}

#[test]
fn an_evaluation_ends_with_a_document_too() {
    let project = shop();
    project.write("schema.ts", "console.log(\"started\");\nfor (;;) {}\n");
    let running = project.mizzle(["generate", "--json"]).start();
    running.wait_for_stderr("started");
    running.interrupt();
    assert_interrupted(running);
}
