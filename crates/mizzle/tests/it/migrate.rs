//! `mizzle migrate`: pending scripts run once, in order, by one runner, despite failures.

use crate::{cases::run_all, support::shop_with_history};
use mizzle_test::{Boto3, Database, DynamoDbLocal, FaultProxy, Moto, TempProject};
use serde_json::{Value, json};
use std::{fmt, thread};

/// Creates a project with two migrations: the shop, and its edit, with items moved in between.
fn project() -> TempProject {
    let project = shop_with_history();
    project.replace(
        "migrations/0002_edit.ts",
        "export async function up(db: Database): Promise<void> {\n",
        r#"export async function up(db: Database): Promise<void> {
  await db.update({
    TableName: "Shop",
    Key: { pk: "counter", sk: "counter" },
    UpdateExpression: "ADD runs :one",
    ExpressionAttributeValues: { ":one": 1 },
  });
  let moved = 0;
  for await (const item of db.scanItems({ TableName: "Shop" })) {
    if (item.pk === "counter" || item.moved) continue;
    await db.put({ TableName: "Shop", Item: { ...item, moved: true, total: item.total * 2n ** 60n } });
    moved++;
  }
  db.log("moved", moved, "items");
"#,
    );
    project
}

fn put_items(database: &Database, count: usize) {
    Boto3::from_env().run(
        database,
        &format!(
            r#"
            for first in range(0, {count}, 25):
                puts = [{{"PutRequest": {{"Item": {{"pk": {{"S": f"item{{n}}"}}, "sk": {{"S": "x"}}, "total": {{"N": str(2**60 + n)}}}}}}}}
                        for n in range(first, min(first + 25, {count}))]
                client.batch_write_item(RequestItems={{"Shop": puts}})
            result = None
            "#
        ),
    );
}

/// Counts the moved items with their exact numbers, and the runs of the second script.
fn moved(database: &Database) -> Value {
    Boto3::from_env().run(
        database,
        r#"
        items = [item for page in client.get_paginator("scan").paginate(TableName="Shop") for item in page["Items"]]
        right = [item for item in items if item["pk"]["S"].startswith("item")
                 and item.get("moved") == {"BOOL": True}
                 and int(item["total"]["N"]) == (2**60 + int(item["pk"]["S"][4:])) * 2**60]
        runs = [int(item["runs"]["N"]) for item in items if item["pk"]["S"] == "counter"]
        result = [len(right), runs]
        "#,
    )
}

fn migrate(project: &TempProject) -> Value {
    project.mizzle(["migrate", "--json", "--yes"]).run().assert_code(0).json()
}

fn states(report: &Value) -> Vec<String> {
    let migrations = report["migrations"].as_array().unwrap().iter();
    migrations.map(|one| format!("{} {}", one["name"], one["state"]).replace('"', "")).collect()
}

#[test]
fn scripts_run_once_and_in_order_and_items_move() {
    for database in [DynamoDbLocal::from_env().isolated(), Moto::from_env().isolated()] {
        let project = project();
        project.connect(&database);
        let report = project.mizzle(["migrate", "--to", "1", "--json"]).run().assert_code(0).json();
        assert_eq!(states(&report), ["0001_init applied"]);
        put_items(&database, 300);
        let report = migrate(&project);
        assert_eq!(states(&report), ["0002_edit applied"]);
        assert_eq!(moved(&database), json!([300, [1]]));
        let tables = Boto3::from_env().describe(&database);
        let indexes = tables["Shop"]["GlobalSecondaryIndexes"].as_object().unwrap();
        assert_eq!(indexes.keys().collect::<Vec<_>>(), ["byAge", "byStatus", "byTotal"]);
        let report = migrate(&project);
        assert_eq!((report["outcome"].as_str(), states(&report).len()), (Some("in_sync"), 0));
        // The tables already match for a push.
        let report = project.mizzle(["push", "--json"]).run().assert_code(0).json();
        assert_eq!(report["outcome"], "in_sync");
    }
}

#[test]
fn what_a_person_sees() {
    let project = project();
    let show = |name: &str, arguments: &[&str], code| {
        let output = project.mizzle(arguments).run().assert_code(code);
        insta::assert_snapshot!(name, output.snapshot());
    };
    show("dry_run", &["migrate", "--dry-run"], 0);
    show("applied", &["migrate", "--yes"], 0);
    show("nothing_to_do", &["migrate", "--yes"], 0);
    project.replace("migrations/0002_edit.ts", "let moved = 0;", "let moved = 1;");
    show("changed", &["migrate", "--yes"], 2);
    project.replace("migrations/0002_edit.ts", "let moved = 1;", "// Counts.\n  let moved = 0");
    show("reformatted", &["migrate", "--yes"], 0);
    show("unknown", &["migrate", "--to", "0002_edti"], 2);
}

#[test]
fn a_script_that_fails_is_shown_and_goes_on_once_it_is_mended() {
    let project = project();
    project.replace(
        "migrations/0002_edit.ts",
        "  db.log(\"moved\", moved, \"items\");\n",
        "  await db.put({ TableName: \"Shpo\", Item: { pk: \"a\", sk: \"b\" } });\n",
    );
    let output = project.mizzle(["migrate", "--yes"]).run().assert_code(1);
    insta::assert_snapshot!("failed", output.snapshot());
    project.replace("migrations/0002_edit.ts", "\"Shpo\"", "\"Shop\"");
    let report = migrate(&project);
    assert_eq!(states(&report), ["0002_edit applied"]);
}

/// One of many rounds in which runners start simultaneously.
struct Round(usize);

impl fmt::Display for Round {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "round {}", self.0)
    }
}

#[test]
fn of_eight_runners_each_script_has_one() {
    let template = project();
    let rounds: Vec<Round> = (1..=20).map(Round).collect();
    run_all(4, &rounds, |_| {
        let database = DynamoDbLocal::from_env().isolated();
        let proxy = FaultProxy::start(&database.endpoint);
        let project = template.copy();
        project.connect(&database.through(&proxy));
        let runs: Vec<Value> = thread::scope(|scope| {
            let runs: Vec<_> = (0..8).map(|_| scope.spawn(|| migrate(&project))).collect();
            runs.into_iter().map(|run| run.join().unwrap()).collect()
        });
        let mut applied: Vec<String> = runs.iter().flat_map(states).collect();
        applied.sort();
        assert_eq!(applied, ["0001_init applied", "0002_edit applied"]);
        assert_eq!(moved(&database), json!([0, [1]]));
        let writes = proxy.writes();
        let of_shop = writes.iter().filter(|write| write.table.as_deref() == Some("Shop"));
        let operations: Vec<&str> = of_shop.map(|write| write.operation.as_str()).collect();
        assert_eq!(
            operations,
            ["CreateTable", "UpdateItem", "UpdateTable", "UpdateTable", "UpdateTable"],
            "one table, one counter, two indexes more, one less"
        );
    });
}
