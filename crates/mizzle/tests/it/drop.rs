//! `mizzle drop`: deletes tables by name. boto3 checks the remaining tables.

mod backup;
mod faults;
mod terminal;

use crate::support::{BINARY, CONFIG, shop};
use mizzle_test::{
    Boto3, Database, DynamoDbLocal, FaultProxy, Ministack, Moto, Serving, TempProject,
};
use serde_json::{Value, json};

/// Python that creates tables: `create("Orders", "DeletionProtectionEnabled=True")`.
const CREATE: &str = r#"
def create(name, **more):
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        **more,
    )
    while client.describe_table(TableName=name)["Table"]["TableStatus"] != "ACTIVE":
        pass

def fill(name, count):
    for n in range(count):
        client.put_item(TableName=name, Item={"pk": {"S": f"item {n}"}})

result = None
"#;

fn python(database: &Database, snippet: &str) -> Value {
    Boto3::from_env().run(database, &format!("{CREATE}\n{snippet}"))
}

/// Creates tables of these names, each with two items.
fn create(database: &Database, names: &[&str]) {
    let lines = names.iter().map(|name| format!("create({name:?})\nfill({name:?}, 2)\n"));
    python(database, &lines.collect::<String>());
}

fn protect(database: &Database, table: &str) {
    let update =
        format!("client.update_table(TableName={table:?}, DeletionProtectionEnabled=True)");
    python(database, &update);
}

/// Returns the existing tables, each with the number of its items.
fn left(database: &Database) -> Value {
    python(
        database,
        r#"
result = {}
for name in client.list_tables()["TableNames"]:
    result[name] = client.scan(TableName=name, Select="COUNT", ConsistentRead=True)["Count"]
"#,
    )
}

/// A database, a proxy in front of it, and a project with only a config: `drop` needs no schema.
struct Stage {
    project: TempProject,
    database: Database,
    proxy: FaultProxy,
    _server: Option<(TempProject, Serving)>,
}

impl Stage {
    fn at(database: Database) -> Self {
        Self::with_config(database, "")
    }

    /// Starts the embedded DynamoDB in its own process.
    fn embedded() -> Self {
        let host = TempProject::new(BINARY);
        let serving = host.mizzle(["local", "--port", "0", "--in-memory"]).serve();
        let stage = Self::at(serving.database());
        Self { _server: Some((host, serving)), ..stage }
    }

    fn with_config(database: Database, fields: &str) -> Self {
        let proxy = FaultProxy::start(&database.endpoint);
        let project = TempProject::new(BINARY);
        project
            .write("mizzle.config.ts", &CONFIG.replace("  out:", &format!("  {fields}\n  out:")));
        project.connect(&database.through(&proxy));
        Self { project, database, proxy, _server: None }
    }

    /// Runs `mizzle drop` with `--json` to its end.
    #[track_caller]
    fn drop(&self, args: &[&str], code: i32) -> Value {
        let args = ["drop", "--accept-data-loss", "--json"].iter().chain(args);
        let report = self.project.mizzle(args).run().assert_code(code).json();
        assert_eq!(report["command"], "drop");
        report
    }
}

/// Returns the names in a part of a report.
fn names<'a>(report: &'a Value, part: &str) -> Vec<&'a str> {
    let entries = report[part].as_array().unwrap().iter();
    let name =
        |entry: &'a Value| entry.as_str().or(entry["name"].as_str()).or(entry["table"].as_str());
    entries.map(|entry| name(entry).unwrap()).collect()
}

fn error_kind(report: &Value) -> &str {
    report["error"]["kind"].as_str().unwrap_or_else(|| panic!("{report:#}"))
}

#[test]
fn what_is_named_is_gone_and_nothing_else() {
    let embedded = Stage::embedded();
    let servers = [DynamoDbLocal::from_env(), Ministack::from_env(), Moto::from_env()];
    let servers = servers.map(|server| Stage::at(server.isolated()));
    for stage in servers.iter().chain([&embedded]) {
        create(&stage.database, &["Carts", "Orders", "Users"]);
        let report = stage.drop(&["Orders", "Carts", "Orders", "--yes"], 0);
        assert_eq!(report["dropped"], json!(["Carts", "Orders"]));
        for part in ["skipped", "failed", "backups"] {
            assert_eq!(report[part], json!([]), "{part}");
        }
        assert_eq!(report["target"]["region"], "us-east-1");
        assert_eq!(left(&stage.database), json!({ "Users": 2 }));
        // A table that does not exist counts as deleted.
        let report = stage.drop(&["Orders", "Carts", "--yes"], 0);
        assert_eq!(report["dropped"], json!([]));
        assert_eq!(
            report["skipped"][0],
            json!({ "name": "Orders", "reason": "There is no table Orders" })
        );
        assert_eq!(left(&stage.database), json!({ "Users": 2 }));
    }
}

#[test]
fn the_embedded_tables_of_a_project_are_dropped_with_and_without_its_config() {
    let project = shop();
    project.replace(
        "mizzle.config.ts",
        "out:",
        "tables: { Shop: { stream: \"NEW_IMAGE\" } },\n  out:",
    );
    let push = || drop(project.mizzle(["push", "--yes"]).run().assert_code(0));
    push();
    let output =
        project.mizzle(["drop", "--accept-data-loss", "Shop", "--yes"]).run().assert_code(0);
    insta::assert_snapshot!(output.snapshot(), @"
    $ mizzle drop --accept-data-loss Shop --yes
    [exit code: 0]
    [stderr]
    Target: embedded DynamoDB (.mizzle/local.db)
    - Shop: delete
      - Delete table
          GSIs byEmail and byStatus
          LSI byDate
        ▲ Deletes table Shop, which holds no item.
        ▲ The stream ends: what reads it gets nothing new. Records that are there can be read for 24 hours.
    Shop: Delete table
    Shop: Delete table: done in [time]
    Dropped 1 table in [time]
    ");
    push();
    project.remove("mizzle.config.ts");
    let args = ["drop", "--accept-data-loss", "Shop", "--yes", "--quiet", "--endpoint", "local"];
    let output = project.mizzle(args).run().assert_code(0);
    assert_eq!((output.stdout.as_str(), output.stderr.as_str()), ("", ""));
    let tables = project.mizzle(["list", "--json", "--endpoint", "local"]).run().json();
    assert_eq!(tables["tables"], json!([]));
}

#[test]
fn names_that_are_none() {
    let stage = Stage::embedded();
    create(&stage.database, &["Orders", "Stock"]);
    let run = |args: &[&str], code| {
        let args = ["drop", "--accept-data-loss"].iter().chain(args);
        stage.project.mizzle(args).run().assert_code(code).snapshot()
    };
    let outputs = [
        run(&["Order*"], 2),
        run(&["my table"], 2),
        run(&["Ordres", "Stock", "--yes"], 1),
        run(&["Stocks", "Nowhere", "--yes"], 0),
    ];
    insta::assert_snapshot!("names_that_are_none", outputs.join("\n"));
    assert_eq!(left(&stage.database), json!({ "Orders": 2 }));
}

/// A rerun after an interrupt: the other names of the command line are not taken for typing errors.
#[test]
fn a_table_that_is_named_beside_another_is_no_slip_of_it() {
    let stage = Stage::embedded();
    create(&stage.database, &["Orders", "Logs-2025"]);
    let report = stage.drop(&["Order", "Orders", "Logs-2024", "--yes"], 0);
    assert_eq!(names(&report, "dropped"), ["Orders"]);
    assert_eq!(names(&report, "skipped"), ["Order", "Logs-2024"]);
    assert_eq!(left(&stage.database), json!({ "Logs-2025": 2 }));
}

#[test]
fn where_nobody_is_there_everything_has_to_be_said() {
    let stage = Stage::embedded();
    create(&stage.database, &["Carts", "Orders"]);
    let refused =
        stage.project.mizzle(["drop", "--accept-data-loss", "Orders"]).run().assert_code(4);
    let nameless =
        stage.project.mizzle(["drop", "--accept-data-loss", "--yes"]).run().assert_code(2);
    insta::assert_snapshot!([refused.snapshot(), nameless.snapshot()].join("\n"), @"
    $ mizzle drop --accept-data-loss Orders
    [exit code: 4]
    [stderr]
    Target: http://127.0.0.1:[port] (us-east-1)
    - Orders: delete
      - Delete table
        ▲ Deletes table Orders and every item in it: 2 items (16 B).
    error: No terminal to ask on: Drop Orders from http://127.0.0.1:[port] (us-east-1)?
      help: answer with --yes
    Nothing was changed

    $ mizzle drop --accept-data-loss --yes
    [exit code: 2]
    [stderr]
    error: No table is named, and there is no terminal to select from
      help: name them: mizzle drop <TABLE>…
      help: see what there is: mizzle list
    ");
    let report = stage.drop(&["Orders"], 4);
    assert_eq!(error_kind(&report), "needs-confirmation");
    assert_eq!(report["dropped"], json!([]));
    assert_eq!(error_kind(&stage.drop(&[], 2)), "no-tables");
    assert!(stage.proxy.writes().is_empty(), "{:?}", stage.proxy.writes());
    assert_eq!(left(&stage.database), json!({ "Carts": 2, "Orders": 2 }));
}

#[test]
fn a_protected_table_is_dropped_only_when_that_is_said() {
    for stage in [Stage::embedded(), Stage::at(Ministack::from_env().isolated())] {
        create(&stage.database, &["Carts", "Orders", "Users"]);
        protect(&stage.database, "Users");
        protect(&stage.database, "Carts");
        let report = stage.drop(&["Users", "--yes"], 4);
        assert_eq!(error_kind(&report), "protected");
        assert_eq!(
            report["skipped"],
            json!([{ "name": "Users", "reason": "Users is protected against being deleted" }])
        );
        // One table is deleted, another one is not.
        let report = stage.drop(&["Users", "Orders", "--yes"], 1);
        assert_eq!(error_kind(&report), "protected");
        assert_eq!(names(&report, "dropped"), ["Orders"]);
        assert_eq!(left(&stage.database), json!({ "Carts": 2, "Users": 2 }));

        create(&stage.database, &["Orders"]);
        stage.proxy.forget_requests();
        let report = stage.drop(&["Users", "Orders", "--unprotect", "--yes"], 0);
        assert_eq!(names(&report, "dropped"), ["Orders", "Users"]);
        let writes: Vec<String> = stage.proxy.writes().iter().map(ToString::to_string).collect();
        let unprotecting = writes.iter().filter(|write| write.starts_with("UpdateTable"));
        assert_eq!(unprotecting.collect::<Vec<_>>(), ["UpdateTable Users"], "{writes:?}");
        assert_eq!(left(&stage.database), json!({ "Carts": 2 }));
    }
}

#[test]
fn a_global_table_is_left_alone() {
    let stage = Stage::at(Ministack::from_env().isolated());
    create(&stage.database, &["Orders", "World"]);
    python(
        &stage.database,
        r#"client.update_table(
    TableName="World",
    StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
)
client.update_table(TableName="World", ReplicaUpdates=[{"Create": {"RegionName": "eu-west-1"}}])"#,
    );
    let report = stage.drop(&["World", "--yes"], 4);
    assert_eq!(error_kind(&report), "not-possible");
    let reason = report["skipped"][0]["reason"].as_str().unwrap();
    assert!(reason.contains("eu-west-1"), "{reason}");
    assert_eq!(left(&stage.database), json!({ "Orders": 2, "World": 2 }));
}

/// The fields of a config with two environments and a custom name of the ledger.
const ENVIRONMENTS: &str = r#"migrations: { table: "history" },
  environments: {
    staging: { tableName: { prefix: "staging-" } },
    production: { tableName: { suffix: ".prod" } },
  },"#;

#[test]
fn an_environment_drops_its_own_tables() {
    let stage = Stage::with_config(DynamoDbLocal::from_env().isolated(), ENVIRONMENTS);
    create(&stage.database, &["Shop", "staging-Shop", "staging-Users"]);
    let report = stage.drop(&["Shop", "--env", "staging", "--yes"], 4);
    assert_eq!(error_kind(&report), "other-environment");
    assert_eq!(report["error"]["hints"], json!(["did you mean \"staging-Shop\"?"]));
    assert_eq!(report["target"]["environment"], "staging");
    let report = stage.drop(&["staging-Shop", "--env", "staging", "--yes"], 0);
    assert_eq!(names(&report, "dropped"), ["staging-Shop"]);
    assert_eq!(left(&stage.database), json!({ "Shop": 2, "staging-Users": 2 }));
}

#[test]
fn a_ledger_goes_only_when_it_is_named_and_then_it_is_said_what_that_means() {
    let stage = Stage::with_config(DynamoDbLocal::from_env().isolated(), ENVIRONMENTS);
    create(&stage.database, &["staging-history"]);
    let output = stage
        .project
        .mizzle(["drop", "--accept-data-loss", "staging-history", "--yes"])
        .run()
        .assert_code(0);
    insta::assert_snapshot!(output.snapshot(), @"
    $ mizzle drop --accept-data-loss staging-history --yes
    [exit code: 0]
    [stderr]
    Target: http://127.0.0.1:[port] (us-east-1)
    - staging-history: delete
      - Delete table
        ▲ Deletes table staging-history and every item in it: 2 items (16 B).
        ▲ It holds the record of the migrations: mizzle forgets which of them were applied, and would run them again.
    staging-history: Delete table
    staging-history: Delete table: done in [time]
    Dropped 1 table in [time]
    ");
    assert_eq!(left(&stage.database), json!({}));
}

#[test]
fn a_server_that_the_config_does_not_admit_is_asked_nothing() {
    let stage = Stage::with_config(DynamoDbLocal::from_env().isolated(), "allowRemote: false,");
    let elsewhere = ["Orders", "--yes", "--endpoint", "http://dynamodb.example.test"];
    let args = ["drop", "--accept-data-loss", "--json"].iter().chain(&elsewhere);
    let command = stage.project.mizzle(args).env("HTTP_PROXY", stage.proxy.endpoint());
    let report = command.run().assert_code(4).json();
    assert_eq!(error_kind(&report), "remote-not-allowed");
    assert!(stage.proxy.requests().is_empty());
}
