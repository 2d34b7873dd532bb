//! Tests two processes: when the holder is killed, the database is released and loses nothing.
//!
//! The other process is this test program again; [`DATABASE`] makes it the holder.

use crate::http::{call, eventually, ok};
use mizzle_local::{LocalError, Purpose, Store, bind};
use serde_json::json;
use std::{
    path::Path,
    process::{Child, Command, Stdio},
};

/// The variable with the database that the child process serves.
const DATABASE: &str = "MIZZLE_TEST_HOLD_DATABASE";

/// Not a test of its own: the body of the child process.
#[test]
#[ignore = "run by the other tests, in a process of its own"]
fn holder() {
    let Some(database) = std::env::var_os(DATABASE) else { return };
    let listener = bind(None).unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let store =
        Store::open(Path::new(&database), Purpose::serving("mizzle local", endpoint)).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        store.serve(listener).unwrap().run(std::future::pending()).await;
    });
}

struct Holder(Child);

impl Holder {
    fn start(database: &Path) -> Self {
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "process::holder", "--ignored", "--nocapture"])
            .env(DATABASE, database)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        Self(child)
    }

    fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_killed_holder_frees_the_database_and_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let database = dir.path().join(".mizzle/local.db");
    let mut holder = Holder::start(&database);

    // Not by trying the lock: that would block the child.
    eventually("the child holds the database", || {
        database.with_file_name("local.db.owner").exists().then_some(())
    });

    // The second process gets the endpoint of the first one.
    let error = Store::open(&database, "mizzle push").unwrap_err();
    let LocalError::InUse { owner: Some(owner), .. } = error else { panic!("{error:?}") };
    assert_eq!(owner.pid, holder.0.id());
    assert_eq!(owner.command, "mizzle local");
    let endpoint = owner.endpoint.expect("the child serves");

    ok(
        &endpoint,
        "CreateTable",
        &json!({
            "TableName": "Events",
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{ "AttributeName": "id", "AttributeType": "N" }],
            "KeySchema": [{ "AttributeName": "id", "KeyType": "HASH" }],
        }),
    );
    for id in 0..200 {
        let item = json!({ "id": { "N": id.to_string() }, "text": { "S": "x".repeat(1000) } });
        ok(&endpoint, "PutItem", &json!({ "TableName": "Events", "Item": item }));
    }
    holder.kill();

    // No leftover to remove by hand, and every answered write is there.
    let store = Store::open(&database, "mizzle push").unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let embedded = runtime.block_on(store.spawn()).unwrap();
    let count =
        ok(embedded.endpoint(), "Scan", &json!({ "TableName": "Events", "Select": "COUNT" }));
    assert_eq!(count["Count"], 200);
    runtime.block_on(embedded.shutdown());
}

/// Not a test of its own: the body of a process that may only write small files.
#[test]
#[ignore = "run by another test, in a process of its own"]
fn writer() {
    let Some(database) = std::env::var_os(DATABASE) else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let store = Store::open(Path::new(&database), "mizzle push").unwrap();
    let embedded = runtime.block_on(store.spawn()).unwrap();
    let refused = (0..1000).find_map(|number| {
        let table = json!({
            "TableName": format!("Table{number}"),
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{ "AttributeName": "id", "AttributeType": "N" }],
            "KeySchema": [{ "AttributeName": "id", "KeyType": "HASH" }],
        });
        let (status, answer) = call(embedded.endpoint(), "CreateTable", &table).unwrap();
        (status != 200).then_some((status, answer, number))
    });
    let (status, answer, number) = refused.expect("the file cannot grow forever");
    // No client retries it: see the statuses that the SDKs retry.
    assert_eq!(status, 400, "{answer}");
    assert_eq!(answer["__type"], "com.mizzle.local#StorageFailure", "{answer}");
    let message = answer["message"].as_str().unwrap();
    assert!(message.starts_with("The embedded database failed: "), "{message}");
    let table = json!({ "TableName": format!("Table{number}") });
    let (_, left) = call(embedded.endpoint(), "DescribeTable", &table).unwrap();
    println!("of the refused table: {left}");
    runtime.block_on(embedded.shutdown());
}

#[cfg(unix)]
#[test]
fn a_full_disk_is_said_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let database = dir.path().join("local.db");
    drop(Store::open(&database, "mizzle push").unwrap());
    let limited = Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 400; exec \"$0\" \"$@\""])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "process::writer", "--ignored", "--nocapture"])
        .env(DATABASE, &database)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&limited.stdout);
    let failed = String::from_utf8_lossy(&limited.stderr);
    assert!(limited.status.success(), "{told}{failed}");

    // Once there is space again, every table is complete.
    let store = Store::open(&database, "mizzle push").unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let embedded = runtime.block_on(store.spawn()).unwrap();
    let tables = ok(embedded.endpoint(), "ListTables", &json!({}));
    let tables = tables["TableNames"].as_array().unwrap();
    assert!(!tables.is_empty(), "{told}");
    for table in tables {
        ok(embedded.endpoint(), "Scan", &json!({ "TableName": table }));
    }
    runtime.block_on(embedded.shutdown());
}
