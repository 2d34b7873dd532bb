//! Deletions of many tables.

use super::{Ordeal, Stage, kill};
use crate::support::{BINARY, CONFIG};
use mizzle_test::{Boto3, Database, MizzleCommand, TempProject};
use serde_json::json;

/// Creates tables with two items each: six to be deleted, two of which are protected, and two with
/// almost the same names.
const CREATE: &str = r#"
for name in ["Carts", "Logs-1", "Logs-2", "Orders", "Stock", "Users", "Logs-3", "Users-eu"]:
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        DeletionProtectionEnabled=name in ["Stock", "Users", "Users-eu"],
    )
    while client.describe_table(TableName=name)["Table"]["TableStatus"] != "ACTIVE":
        pass
    for n in range(2):
        client.put_item(TableName=name, Item={"pk": {"S": f"item {n}"}})
result = None
"#;

/// Counts the items in every table.
const COUNT_ITEMS: &str = r#"
names = client.list_tables()["TableNames"]
result = {name: client.scan(TableName=name, Select="COUNT")["Count"] for name in names}
"#;

struct Drop;

impl Ordeal for Drop {
    fn command(&self, project: &TempProject) -> MizzleCommand {
        let tables = ["Carts", "Logs-1", "Logs-2", "Orders", "Stock", "Users"];
        let flags = ["--unprotect", "--yes", "--json"];
        project.mizzle(["drop", "--accept-data-loss"].iter().chain(&tables).chain(&flags))
    }

    fn items(&self) -> &'static str {
        COUNT_ITEMS
    }

    fn assert_done(&self, project: &TempProject) {
        let report = self.command(project).run().assert_code(0).json();
        assert_eq!(report["dropped"], json!([]), "{report:#}");
    }
}

fn project() -> TempProject {
    let project = TempProject::new(BINARY);
    // Few in parallel, to interrupt more steps.
    project.write("mizzle.config.ts", &CONFIG.replace("  out:", "  concurrency: 2,\n  out:"));
    project
}

#[test]
fn a_drop_at_the_embedded_server_can_be_killed_at_any_moment() {
    let template = project();
    let serving = template.mizzle(["local", "--port", "0"]).serve();
    Boto3::from_env().run(&serving.database(), CREATE);
    serving.kill();
    let content = kill(&Drop, || Stage::embedded(&template));
    assert_eq!(content.items, json!({ "Logs-3": 2, "Users-eu": 2 }));
}

#[test]
fn a_drop_at_dynamodb_local_can_be_killed_at_any_moment() {
    let prepare = |database: &Database, through: &Database| {
        Boto3::from_env().run(database, CREATE);
        let project = project();
        project.connect(through);
        project
    };
    let content = kill(&Drop, || Stage::slow(prepare));
    assert_eq!(content.items, json!({ "Logs-3": 2, "Users-eu": 2 }));
}
