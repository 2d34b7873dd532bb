//! The guard stops its server when the process that started it has ended.

#![cfg(unix)]

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

/// Starts a guard over a server that prints its process id and then runs for a minute.
fn guarded_server() -> (Child, String) {
    let mut guard = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["guard", "sh", "-c", "echo $$; exec sleep 60"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the guard starts");
    let mut server = String::new();
    let stdout = guard.stdout.as_mut().expect("its output is a pipe");
    BufReader::new(stdout).read_line(&mut server).expect("the server says its id");
    (guard, server.trim().to_owned())
}

fn is_alive(pid: &str) -> bool {
    let ask = ["-c", "kill -0 \"$1\" 2>&-", "sh", pid];
    Command::new("sh").args(ask).status().expect("sh starts").success()
}

#[test]
fn the_server_ends_with_the_pipe() {
    let (mut guard, server) = guarded_server();
    assert!(is_alive(&server));
    // The system does this when the process at the other end of the pipe ends.
    drop(guard.stdin.take());
    assert!(guard.wait().unwrap().success());
    assert!(!is_alive(&server));
}

#[test]
fn a_server_that_ends_by_itself_is_an_error() {
    let mut guard = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["guard", "sh", "-c", "exit 3"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let stdin = guard.stdin.take();
    let output = guard.wait_with_output().unwrap();
    drop(stdin);
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("sh ended: exit status: 3"), "{said}");
}
