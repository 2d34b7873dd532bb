//! Large numbers: two hundred tables with three GSIs each, ten thousand items of a script.

use crate::support::{shop, with_schema};
use mizzle_test::{Boto3, Database, DynamoDbLocal, Fault, FaultProxy, On, TempProject};
use serde_json::{Value, json};
use std::time::Duration;

const TABLES: usize = 200;

/// The time limit: normally seconds, more on a busy machine.
const DEADLINE: Duration = Duration::from_secs(120);

const SCHEMA: &str = r#"import { dynamoEntity, dynamoTable, gsi, string } from "mizzle";

export const tables = Array.from({ length: 200 }, (_, n) =>
  dynamoTable(`Crowd${n}`, {
    pk: string("pk"),
    sk: string("sk"),
    indexes: { byEmail: gsi("email"), byStatus: gsi("status", "sk"), byDay: gsi("day", "status") },
  }),
);
export const entities = tables.map((table) =>
  dynamoEntity(table, "Member", { email: string(), status: string(), day: string() }),
);
"#;

/// Counts the tables by their state, their indexes and the indexes' states.
const COUNT: &str = r#"
result = {}
names = [name for page in client.get_paginator("list_tables").paginate() for name in page["TableNames"]]
for name in names:
    table = client.describe_table(TableName=name)["Table"]
    indexes = sorted(f"{one['IndexName']} {one['IndexStatus']}" for one in table["GlobalSecondaryIndexes"])
    state = ", ".join([table["TableStatus"], *indexes])
    result[state] = result.get(state, 0) + 1
"#;

fn push(project: &TempProject) -> Value {
    project.mizzle(["push", "--yes", "--json"]).deadline(DEADLINE).run().assert_code(0).json()
}

fn push_all(project: &TempProject) {
    let report = push(project);
    assert_eq!(report["outcome"], "applied");
    assert_eq!(report["applied"].as_array().unwrap().len(), TABLES);
    assert_eq!(report["remaining"], json!([]));
    let report = push(project);
    assert_eq!(report["outcome"], "in_sync", "{report:#}");
}

fn assert_all_are_there(database: &Database) {
    let states = json!({ "ACTIVE, byDay ACTIVE, byEmail ACTIVE, byStatus ACTIVE": TABLES });
    assert_eq!(Boto3::from_env().run(database, COUNT), states);
}

#[test]
fn two_hundred_tables_are_created_in_the_embedded_server() {
    let project = with_schema(SCHEMA);
    push_all(&project);
    let serving = project.mizzle(["local", "--port", "0"]).serve();
    assert_all_are_there(&serving.database());
}

#[test]
fn two_hundred_tables_are_created_in_dynamodb_local() {
    let database = DynamoDbLocal::from_env().isolated();
    let project = with_schema(SCHEMA);
    project.connect(&database);
    push_all(&project);
    assert_all_are_there(&database);
}

#[test]
fn tables_that_are_too_many_at_once_come_later() {
    let database = DynamoDbLocal::from_env().isolated();
    let proxy = FaultProxy::start(&database.endpoint);
    // Two for each table in progress, and a few more.
    let refusals = 40;
    let refused =
        proxy.inject(On::operation("CreateTable").times(refusals), Fault::limit_exceeded());
    let project = with_schema(SCHEMA);
    project.connect(&database.through(&proxy));
    push_all(&project);
    assert_eq!(refused.met(), refusals);
    assert_all_are_there(&database);
}

/// Puts items, all of them in parallel, like typical scripts from Node.
#[cfg(unix)]
const ITEMS: &str = r#"import type { Database } from "mizzle-cli";

export async function up(db: Database): Promise<void> {
  const items = Array.from({ length: 2_000 }, (_, n) => ({ pk: `item ${n}`, sk: "x" }));
  await Promise.all(items.map((Item) => db.put({ TableName: "Shop", Item })));
}

export async function down(): Promise<void> {}
"#;

/// Migrates with few sockets, and counts the items.
#[cfg(unix)]
fn put_all(project: &TempProject) {
    project.mizzle(["generate", "--name", "init"]).run().assert_code(0);
    project.mizzle(["generate", "--custom", "--name", "items"]).run().assert_code(0);
    project.write("migrations/0002_items.ts", ITEMS);
    let migrate = project.mizzle(["migrate", "--json"]).open_files(256).deadline(3 * DEADLINE);
    let report = migrate.run().assert_code(0).json();
    assert_eq!(report["migrations"][1]["state"], "applied", "{report:#}");
}

#[cfg(unix)]
fn assert_all_items_are_there(database: &Database) {
    let count = r#"
    pages = client.get_paginator("scan").paginate(TableName="Shop", Select="COUNT")
    result = sum(page["Count"] for page in pages)
    "#;
    assert_eq!(Boto3::from_env().run(database, count), 2_000);
}

#[test]
#[cfg(unix)]
fn thousands_of_items_at_once_need_few_sockets_at_the_embedded_server() {
    let project = shop();
    put_all(&project);
    let serving = project.mizzle(["local", "--port", "0"]).serve();
    assert_all_items_are_there(&serving.database());
}

#[test]
#[cfg(unix)]
fn thousands_of_items_at_once_need_few_sockets_at_dynamodb_local() {
    let database = DynamoDbLocal::from_env().isolated();
    let project = shop();
    project.connect(&database);
    put_all(&project);
    assert_all_items_are_there(&database);
}
