//! The remains of a process that was killed within a call.

use crate::http::ok;
use mizzle_local::Store;
use rusqlite::Connection;
use serde_json::{Value, json};
use std::{fs, path::Path};
use tokio::task::spawn_blocking;

fn table(name: &str) -> Value {
    let attribute = |name: &str| json!({ "AttributeName": name, "AttributeType": "S" });
    let key = |hash: &str, range: &str| {
        json!([
            { "AttributeName": hash, "KeyType": "HASH" },
            { "AttributeName": range, "KeyType": "RANGE" },
        ])
    };
    let all = json!({ "ProjectionType": "ALL" });
    json!({
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "DeletionProtectionEnabled": true,
        "AttributeDefinitions": (["pk", "sk", "a", "b"].map(attribute)),
        "KeySchema": key("pk", "sk"),
        "GlobalSecondaryIndexes":
            [{ "IndexName": "global", "KeySchema": key("a", "b"), "Projection": all }],
        "LocalSecondaryIndexes":
            [{ "IndexName": "local", "KeySchema": key("pk", "b"), "Projection": all }],
    })
}

async fn with_store<T: Send + 'static>(
    path: &Path,
    work: impl FnOnce(&str) -> T + Send + 'static,
) -> T {
    let embedded = Store::open(path, "mizzle push").unwrap().spawn().await.unwrap();
    let endpoint = embedded.endpoint().to_owned();
    let result = spawn_blocking(move || work(&endpoint)).await.unwrap();
    embedded.shutdown().await;
    result
}

/// Returns the SQLite tables of the table `Half` and of its indexes.
fn parts(database: &Connection) -> Vec<String> {
    let mut names = database
        .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE '%Half%'")
        .unwrap();
    let names = names.query_map([], |row| row.get(0)).unwrap();
    names.map(Result::unwrap).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_lacks_a_part_is_taken_away_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("local.db");
    with_store(&path, |endpoint| {
        for name in ["Half", "Whole"] {
            ok(endpoint, "CreateTable", &table(name));
            let item = json!({ "pk": { "S": "1" }, "sk": { "S": "2" }, "a": { "S": "3" }, "b": { "S": "4" } });
            ok(endpoint, "PutItem", &json!({ "TableName": name, "Item": item }));
        }
    })
    .await;

    let parts = parts(&Connection::open(&path).unwrap());
    assert_eq!(parts.len(), 3, "a table and two indexes: {parts:?}");
    for part in parts {
        // While the connection is open, its changes are in the log, as after a kill.
        let copy = tempfile::tempdir().unwrap();
        let copied = copy.path().join("local.db");
        fs::copy(&path, &copied).unwrap();
        let database = Connection::open(&copied).unwrap();
        database.pragma_update(None, "journal_mode", "WAL").unwrap();
        database.execute(&format!("DROP TABLE {part:?}"), []).unwrap();
        let killed = tempfile::tempdir().unwrap();
        for file in ["local.db", "local.db-wal"] {
            fs::copy(copy.path().join(file), killed.path().join(file)).unwrap();
        }
        drop(database);

        let left = with_store(&killed.path().join("local.db"), |endpoint| {
            let count = json!({ "TableName": "Whole", "IndexName": "global", "Select": "COUNT" });
            assert_eq!(ok(endpoint, "Scan", &count)["Count"], 1);
            ok(endpoint, "ListTables", &json!({}))["TableNames"].clone()
        })
        .await;
        assert_eq!(left, json!(["Whole"]), "without {part}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_was_closed_is_not_looked_through() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("local.db");
    with_store(&path, |endpoint| ok(endpoint, "CreateTable", &table("Half"))).await;
    let database = Connection::open(&path).unwrap();
    let part = parts(&database).remove(0);
    database.execute(&format!("DROP TABLE {part:?}"), []).unwrap();
    drop(database);
    let left = with_store(&path, |endpoint| ok(endpoint, "ListTables", &json!({}))).await;
    assert_eq!(left["TableNames"], json!(["Half"]), "nothing was interrupted");
}
