//! `mizzle list`.

use crate::support::{BINARY, shop, with_schema};
use mizzle_test::{DynamoDbLocal, TempProject};
use serde_json::json;

#[test]
fn tables_with_their_keys_and_indexes() {
    let project = shop();
    project.mizzle(["push", "--yes"]).run().assert_code(0);
    insta::assert_snapshot!("table", project.mizzle(["list"]).run().assert_code(0).snapshot());
    let json = project.mizzle(["list", "--json"]).run().assert_code(0).json();
    insta::assert_json_snapshot!("json", json);
}

#[test]
fn nothing_is_there() {
    let project = TempProject::new(BINARY);
    let output = project.mizzle(["list", "--endpoint", "local"]).run().assert_code(0);
    insta::assert_snapshot!(output.snapshot());
}

#[test]
fn more_than_a_page_of_tables_is_complete_and_sorted() {
    let database = DynamoDbLocal::from_env().isolated();
    let project = with_schema(
        "import { dynamoTable, string } from \"mizzle\";\nexport const tables = Array.from({ length: 120 }, (_, n) => dynamoTable(`Table${String(n).padStart(3, \"0\")}`, { pk: string(\"pk\") }));\n",
    );
    project.connect(&database);
    project.mizzle(["push", "--yes"]).run().assert_code(0);
    let expected: Vec<String> = (0..120).map(|n| format!("Table{n:03}")).collect();
    let names = |args: &[&str]| -> Vec<String> {
        let json = project.mizzle(args).run().assert_code(0).json();
        let tables = json["tables"].as_array().unwrap();
        tables.iter().map(|table| table["TableName"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&["list", "--json"]), expected);
    assert_eq!(names(&["list", "--json", "Table01?"]), expected[10..20]);
    assert_eq!(names(&["list", "--json", "table*"]), [""; 0]);
}

#[test]
fn a_server_of_ones_own_is_described_like_any_other() {
    let project = shop();
    project.mizzle(["push", "--yes"]).run().assert_code(0);
    let serving = project.mizzle(["local", "--port", "0"]).serve();
    let endpoint = serving.endpoint().to_owned();
    let json =
        project.mizzle(["list", "--json", "--endpoint", &endpoint]).run().assert_code(0).json();
    assert_eq!(json["target"], json!({ "endpoint": endpoint, "region": "us-east-1" }));
    assert_eq!(json["tables"][0]["TableName"], "Shop");
}

#[cfg(target_os = "linux")]
#[test]
fn a_result_that_cannot_be_written_is_a_failure() {
    use std::process::{Command, Stdio};
    let project = shop();
    for args in [&["list"][..], &["list", "--json"], &["push", "--dry-run"]] {
        project.mizzle(["push", "--yes"]).run().assert_code(0);
        project.replace("schema.ts", "dynamoTable(\"Shop", "dynamoTable(\"Shop1");
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = Command::new(BINARY)
            .args(args)
            .current_dir(project.path())
            .stdout(Stdio::from(full))
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1), "{args:?}");
    }
}

#[test]
fn a_server_that_never_answers_is_given_up() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", silent.local_addr().unwrap());
    let project = shop();
    let deadline = std::time::Duration::from_secs(100);
    let output =
        project.mizzle(["list", "--endpoint", &endpoint]).deadline(deadline).run().assert_code(1);
    assert!(output.stderr.starts_with("error: ListTables failed: "), "{}", output.stderr);
}
