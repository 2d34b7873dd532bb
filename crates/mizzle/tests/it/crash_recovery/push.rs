//! Pushes of many tables.

use super::{Ordeal, Stage, kill};
use crate::transition::{self, Connection};
use mizzle_test::{Boto3, MizzleCommand, TempProject};
use serde_json::{Value, json};
use std::time::Duration;

/// Puts five items into every table.
const PUT_ITEMS: &str = r#"
for table in client.list_tables()["TableNames"]:
    for n in range(5):
        item = {"pk": {"S": f"item {n}"}, "status": {"S": "open"}, "customer": {"S": "Ada"}, "day": {"N": str(n)}}
        client.put_item(TableName=table, Item=item)
result = None
"#;

/// Counts the items in every table, and in every GSI.
const COUNT_ITEMS: &str = r#"
def count(**where):
    return sum(page["Count"] for page in client.get_paginator("scan").paginate(Select="COUNT", **where))

result = {}
for table in client.list_tables()["TableNames"]:
    result[table] = count(TableName=table)
    described = client.describe_table(TableName=table)["Table"]
    for index in described.get("GlobalSecondaryIndexes", []):
        name = index["IndexName"]
        result[f"{table}.{name}"] = count(TableName=table, IndexName=name)
"#;

/// A push from the state before to the state after.
struct Push;

impl Ordeal for Push {
    fn command(&self, project: &TempProject) -> MizzleCommand {
        transition::push(project, &["--accept-data-loss"]).deadline(Duration::from_secs(120))
    }

    fn items(&self) -> &'static str {
        COUNT_ITEMS
    }

    fn assert_done(&self, project: &TempProject) {
        let report = self.command(project).run().assert_code(0).json();
        assert_eq!(report["outcome"], "in_sync", "{report:#}");
    }
}

/// Only replaced and new tables are empty, and all other items are in their indexes.
fn all_items() -> Value {
    json!({
        "Capped": 5, "Capped.byStatus": 5,
        "Created": 0, "Created.byCustomer": 0, "Created.byStatus": 0,
        "Governed": 5,
        "Indexed": 5, "Indexed.byCustomer": 5, "Indexed.byDay": 5,
        "Opened": 5,
        "Paid": 5, "Paid.byStatus": 5,
        "Replaced": 0, "Replaced.byStatus": 0,
        "Scaled": 5, "Scaled.byStatus": 5,
        "Streamed": 5,
    })
}

#[test]
fn a_push_to_the_embedded_server_can_be_killed_at_any_moment() {
    let template = transition::before(&Connection::embedded());
    let serving = template.mizzle(["local", "--port", "0"]).serve();
    Boto3::from_env().run(&serving.database(), PUT_ITEMS);
    serving.kill();
    transition::edit(&template, &Connection::embedded());
    let content = kill(&Push, || Stage::embedded(&template));
    assert_eq!(content.items, all_items());
}

#[test]
fn a_push_to_dynamodb_local_can_be_killed_at_any_moment() {
    let content = kill(&Push, || {
        Stage::slow(|database, through| {
            let project = transition::before(&Connection::to(database));
            Boto3::from_env().run(database, PUT_ITEMS);
            transition::edit(&project, &Connection::to(through));
            project
        })
    });
    assert_eq!(content.items, all_items());
}
