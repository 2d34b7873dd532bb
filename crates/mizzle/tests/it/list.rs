//! `mizzle list`.

use crate::support::{BINARY, shop, with_schema};
use mizzle_test::{DynamoDbLocal, Fault, FaultProxy, On, Screen, TempProject};
use serde_json::json;
use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
    time::Duration,
};

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
    insta::assert_snapshot!(output.snapshot(), @"
    $ mizzle list --endpoint local
    [exit code: 0]
    [stderr]
    0 tables at embedded DynamoDB (.mizzle/local.db)
    ");
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

/// A thousand tables, a tenth of which have indexes.
const THOUSAND: &str = r#"import { dynamoEntity, dynamoTable, gsi, string } from "mizzle";

const name = (n) => `Table${String(n).padStart(3, "0")}`;
const many = Array.from({ length: 900 }, (_, n) => dynamoTable(name(n), { pk: string("pk") }));
const indexed = Array.from({ length: 100 }, (_, n) =>
  dynamoTable(name(900 + n), {
    pk: string("pk"),
    sk: string("sk"),
    indexes: { byDay: gsi("day", "email"), byEmail: gsi("email") },
  }),
);
export const tables = [...many, ...indexed];
export const entities = indexed.map((table) =>
  dynamoEntity(table, "Member", { email: string(), day: string() }),
);
"#;

#[test]
fn a_thousand_tables_on_the_embedded_server() {
    let project = with_schema(THOUSAND);
    let host = TempProject::new(BINARY);
    let serving = host.mizzle(["local", "--port", "0", "--in-memory"]).serve();
    project.connect(&serving.database());
    // This is slow on a busy machine.
    let patient = |args: &[&str]| project.mizzle(args).deadline(Duration::from_secs(240));
    patient(&["push", "--yes"]).run().assert_code(0);

    let json = patient(&["list", "--json"]).run().assert_code(0).json();
    let tables = json["tables"].as_array().unwrap();
    let expected: Vec<String> = (0..1_000).map(|n| format!("Table{n:03}")).collect();
    assert!(tables.iter().map(|table| table["TableName"].as_str().unwrap()).eq(&expected));
    let indexes = tables.iter().filter_map(|table| table["GlobalSecondaryIndexes"].as_array());
    assert_eq!(indexes.flatten().count(), 200);

    // One delayed answer keeps the progress on the screen.
    let proxy = FaultProxy::start(serving.endpoint());
    project.replace("mizzle.config.ts", serving.endpoint(), proxy.endpoint());
    let late = On::operation("DescribeTable").table("Table500");
    proxy.inject(late, Fault::Delay(Duration::from_secs(1)));
    let mut terminal = patient(&["list"]).in_terminal(100, 24);
    terminal.wait_for("Describing tables: ").wait_for(" of 1,000  ");
    let Screen { code, text } = terminal.finish();
    let (rows, end) = text.rsplit_once('\n').unwrap();
    assert_eq!(end, "└  1,000 tables at http://127.0.0.1:[port] (us-east-1)");
    assert_eq!(rows.lines().filter(|row| row.contains(" GSI ")).count(), 15, "{text}");
    assert_eq!(code, 0);

    // A reader that stops early, like `head`, does not make the command fail. The list is longer
    // than a pipe's buffer.
    let mut list = Command::new(BINARY);
    list.arg("list").current_dir(project.path()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut list = list.spawn().unwrap();
    let mut first = String::new();
    BufReader::new(list.stdout.take().unwrap()).read_line(&mut first).unwrap();
    assert!(first.starts_with("TABLE\tINDEX\tKIND\t"), "{first}");
    let output = list.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), said.contains("error")), (Some(0), false), "{said}");
}

#[test]
fn a_table_that_goes_meanwhile_is_left_out() {
    let database = DynamoDbLocal::from_env().isolated();
    let proxy = FaultProxy::start(&database.endpoint);
    let project = shop();
    project.connect(&database.through(&proxy));
    project.mizzle(["push", "--yes"]).run().assert_code(0);
    let gone = Fault::refuse(400, "ResourceNotFoundException", "Cannot do operations on it");
    proxy.inject(On::operation("DescribeTable").table("Shop"), gone);
    let output = project.mizzle(["list"]).run().assert_code(0);
    assert_eq!((output.stdout.as_str(), output.stderr.starts_with("0 tables at")), ("", true));
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
