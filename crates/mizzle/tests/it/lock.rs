//! The ledger's lock between processes: kept by heartbeats, waited for, released by others.

use crate::support::{shop, shop_with_history};
use mizzle_test::{Boto3, Database, DynamoDbLocal, Fault, FaultProxy, On, Request, TempProject};
use serde_json::{Value, json};
use std::time::Duration;

/// A project with one pending migration, and a proxy in front of its database.
struct Stage {
    database: Database,
    proxy: FaultProxy,
    project: TempProject,
}

impl Stage {
    fn set() -> Self {
        let project = shop();
        project.mizzle(["generate", "--name", "init"]).run().assert_code(0);
        Self::of(project)
    }

    fn of(project: TempProject) -> Self {
        let database = DynamoDbLocal::from_env().isolated();
        let proxy = FaultProxy::start(&database.endpoint);
        project.connect(&database.through(&proxy));
        Self { database, proxy, project }
    }

    /// Adds a second migration, which writes item after item for many seconds.
    fn with_many_items() -> Self {
        let stage = Self::set();
        stage.project.mizzle(["generate", "--custom", "--name", "items"]).run().assert_code(0);
        stage.project.replace(
            "migrations/0002_items.ts",
            "export async function up(db: Database): Promise<void> {\n",
            r#"export async function up(db: Database): Promise<void> {
  const items = db.dryRun ? 1 : Number(process.env.ITEMS);
  for (let n = 0; n < items; n++) {
    await db.put({ TableName: "Shop", Item: { pk: process.env.RUNNER, sk: `item ${n}` } });
  }
"#,
        );
        stage.project.mizzle(["migrate", "--to", "1"]).run().assert_code(0);
        let slow = Fault::Delay(Duration::from_millis(10));
        stage.proxy.inject(On::operation("PutItem").table("Shop").every(), slow);
        stage
    }

    /// Returns the holder of the lock in the format of messages.
    fn owner(&self) -> String {
        let owner = Boto3::from_env().run(
            &self.database,
            r#"
            lock = client.get_item(TableName="mizzle_migrations", Key={"id": {"S": "lock"}}, ConsistentRead=True)
            owner = lock["Item"]["owner"]["M"]
            result = f"{owner['command']['S']} of {owner['user']['S']} on {owner['host']['S']} (process {owner['pid']['N']})"
            "#,
        );
        owner.as_str().unwrap().to_owned()
    }

    /// Counts the items that a runner has written.
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
        .mizzle(["migrate", "--json", "--yes"])
        .env("MIZZLE_LOCK_LEASE", "4")
        .env("RUNNER", "runner")
        .env("ITEMS", "100000")
        .start();
    stage.proxy.wait_until(|requests| count(requests, "PutItem") >= 20);
    let output = stage.project.mizzle(["unlock", "--yes"]).run().assert_code(0);
    for said in ["Taken from mizzle migrate of ", "; waiting 4.0s until it has noticed\n"] {
        assert!(output.stderr.contains(said), "{}", output.stderr);
    }
    // No further item from now on.
    let before = stage.items_of("runner");
    let report = stage
        .project
        .mizzle(["migrate", "--json", "--yes"])
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

#[test]
fn signs_of_life_keep_the_lock_through_a_step_that_is_longer_than_the_lease() {
    let stage = Stage::of(shop_with_history());
    stage.project.mizzle(["migrate", "--to", "1"]).run().assert_code(0);
    stage.proxy.forget_requests();
    // This many reads, with growing pauses, take eight seconds.
    stage.proxy.inject(On::operation("UpdateTable"), Fault::Hold { looks: 13 });
    let runner =
        stage.project.mizzle(["migrate", "--json", "--yes"]).env("MIZZLE_LOCK_LEASE", "1").start();
    stage.proxy.wait_until(|requests| count(requests, "UpdateTable") == 1);
    let owner = stage.owner();
    let waiting = stage.project.mizzle(["migrate", "--yes"]).start();
    let impatient = stage.project.mizzle(["migrate", "--yes"]).env("MIZZLE_LOCK_WAIT", "1").start();

    let impatient = impatient.finish().assert_code(1).stderr;
    assert!(impatient.contains(&format!("\nWaiting for {owner}\n")), "{impatient}");
    let held = format!("Another runner holds the lock: {owner}\n");
    assert!(impatient.contains(&held), "{impatient}");

    let report = runner.finish().assert_code(0).json();
    assert_eq!(report["migrations"][0]["state"], "applied", "{report:#}");
    let waiting = waiting.finish().assert_code(0).stderr;
    assert!(waiting.contains(&format!("\nWaiting for {owner}\n")), "{waiting}");
    assert!(waiting.contains("Every migration is applied"), "{waiting}");
    assert_eq!(count(&stage.proxy.writes(), "UpdateTable"), 3, "each step once");
}

#[test]
fn a_dry_run_leaves_no_trace() {
    let stage = Stage::of(shop_with_history());
    stage.project.replace(
        "mizzle.config.ts",
        "};\n",
        "  environments: { staging: { tables: { Shop: { timeToLive: \"at\" } } } },\n};\n",
    );
    stage.project.mizzle(["push", "--yes"]).run().assert_code(0);
    stage.proxy.forget_requests();
    let dry_run = |arguments: &[&str], code: i32, outcome: &str| {
        let arguments = [&["migrate", "--dry-run", "--json"], arguments].concat();
        let report = stage.project.mizzle(arguments).run().assert_code(code).json();
        assert_eq!(report["outcome"], outcome, "{report:#}");
        assert_eq!(stage.proxy.writes(), []);
    };
    // The table exists, and differs from the one that the first migration creates.
    for arguments in [[].as_slice(), &["--to", "1"], &["--env", "staging"]] {
        dry_run(arguments, 4, "refused");
    }
    dry_run(&["--baseline"], 0, "pending");
    let tables = r#"result = client.list_tables()["TableNames"]"#;
    assert_eq!(Boto3::from_env().run(&stage.database, tables), json!(["Shop"]), "no ledger");
    stage.project.mizzle(["migrate", "--baseline"]).run().assert_code(0);
    stage.proxy.forget_requests();
    for arguments in [["--down", "1"], ["--down", "2"]] {
        dry_run(&arguments, 0, "pending");
    }
}
