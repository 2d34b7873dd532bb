//! The lock of the ledger between processes: kept by the living, waited for, taken away.

use crate::support::shop;
use mizzle_test::{Boto3, Database, DynamoDbLocal, Fault, FaultProxy, On, Request, TempProject};
use serde_json::{Value, json};
use std::time::Duration;

/// A project with one migration that was not run yet, and a proxy before its database.
struct Stage {
    database: Database,
    proxy: FaultProxy,
    project: TempProject,
}

impl Stage {
    fn set() -> Self {
        let database = DynamoDbLocal::from_env().isolated();
        let proxy = FaultProxy::start(&database.endpoint);
        let project = shop();
        project.connect(&database.through(&proxy));
        project.mizzle(["generate", "--name", "init"]).run().assert_code(0);
        Self { database, proxy, project }
    }

    /// The same with a second migration, which writes an item after the other for many seconds.
    fn with_many_items() -> Self {
        let stage = Self::set();
        stage.project.mizzle(["generate", "--custom", "--name", "items"]).run().assert_code(0);
        stage.project.replace(
            "migrations/0002_items.ts",
            "export async function up(db: Database): Promise<void> {\n",
            r#"export async function up(db: Database): Promise<void> {
  for (let n = 0; n < Number(process.env.ITEMS); n++) {
    await db.put({ TableName: "Shop", Item: { pk: process.env.RUNNER, sk: `item ${n}` } });
  }
"#,
        );
        stage.project.mizzle(["migrate", "--to", "1"]).run().assert_code(0);
        let slow = Fault::Delay(Duration::from_millis(10));
        stage.proxy.inject(On::operation("PutItem").table("Shop").every(), slow);
        stage
    }

    /// How many items a runner has written.
    fn items_of(&self, runner: &str) -> Value {
        let count = format!(
            r#"
            pages = client.get_paginator("query").paginate(
                TableName="Shop", Select="COUNT", ConsistentRead=True, KeyConditionExpression="pk = :pk",
                ExpressionAttributeValues={{":pk": {{"S": "{runner}"}}}})
            result = sum(page["Count"] for page in pages)
            "#
        );
        Boto3::from_env().run(&self.database, &count)
    }
}

fn count(requests: &[Request], operation: &str) -> usize {
    let is_one =
        |one: &&Request| one.operation == operation && one.table.as_deref() == Some("Shop");
    requests.iter().filter(is_one).count()
}

#[test]
fn who_is_unlocked_is_not_at_work_when_the_lock_is_free() {
    let stage = Stage::with_many_items();
    let runner = stage
        .project
        .mizzle(["migrate", "--json"])
        .env("MIZZLE_LOCK_LEASE", "4")
        .env("RUNNER", "runner")
        .env("ITEMS", "100000")
        .start();
    stage.proxy.wait_until(|requests| count(requests, "PutItem") >= 20);
    let output = stage.project.mizzle(["unlock", "--yes"]).run().assert_code(0);
    for said in ["Taken from mizzle migrate of ", "; waiting 4.0s until it must have noticed\n"] {
        assert!(output.stderr.contains(said), "{}", output.stderr);
    }
    // Not one more from now on.
    let before = stage.items_of("runner");
    let report = stage
        .project
        .mizzle(["migrate", "--json"])
        .env("RUNNER", "heir")
        .env("ITEMS", "50")
        .run()
        .assert_code(0)
        .json();
    assert_eq!(report["outcome"], "applied", "{report:#}");
    let lost = runner.finish().assert_code(1).json();
    assert_eq!(lost["error"]["kind"], "lock-lost", "{lost:#}");
    let message = lost["error"]["message"].as_str().unwrap();
    assert!(message.starts_with("The lock was lost to mizzle unlock of "), "{message}");
    assert_eq!((stage.items_of("runner"), stage.items_of("heir")), (before, json!(50)));
}
