//! `mizzle local` and its lock.

use crate::support::{BINARY, shop};
use mizzle_test::{Boto3, TempProject};
use serde_json::json;

#[test]
fn a_database_that_is_served_belongs_to_its_server() {
    let project = shop();
    let serving = project.mizzle(["local", "--port", "0"]).serve();
    let output = project.mizzle(["push", "--yes"]).run().assert_code(1);
    insta::assert_snapshot!("in_use", output.snapshot());

    let endpoint = serving.endpoint().to_owned();
    project.mizzle(["push", "--yes", "--endpoint", &endpoint]).run().assert_code(0);
    let tables = Boto3::from_env().describe(&serving.database());
    assert!(tables["Shop"].is_object(), "{tables}");

    // A crash frees the lock, and nothing is lost.
    serving.kill();
    let json = project.mizzle(["push", "--yes", "--json"]).run().assert_code(0).json();
    assert_eq!(json["outcome"], "in_sync");
}

#[test]
fn a_database_in_memory_leaves_nothing_behind() {
    let project = TempProject::new(BINARY);
    let serving = project.mizzle(["local", "--port", "0", "--in-memory"]).serve();
    assert_eq!(Boto3::from_env().describe(&serving.database()), json!({}));
    serving.kill();
    assert_eq!(project.files(), [""; 0]);
}

#[test]
fn a_taken_port_is_named() {
    let project = TempProject::new(BINARY);
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let output = project.mizzle(["local", "--port", &port, "--in-memory"]).run().assert_code(1);
    let expected = format!("error: Port {port} on this machine is already in use\n");
    assert!(output.stderr.starts_with(&expected), "{}", output.stderr);
}
