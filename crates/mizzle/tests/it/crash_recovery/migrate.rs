//! Runs of migrations whose scripts change tables and move items.

use super::{Content, Ordeal, Stage, kill};
use crate::support::{shop, with_schema};
use mizzle_test::{
    Boto3, Database, DynamoDbLocal, Fault, FaultProxy, MizzleCommand, Moto, On, TempProject,
};
use serde_json::{Value, json};
use std::{collections::BTreeSet, time::Duration};

/// The number of items.
const ITEMS: usize = 40;

/// The lease of a killed runner's lock, in seconds.
const LEASE: &str = "1";

const SCHEMA: &str = r#"import { dynamoEntity, dynamoTable, gsi, number, string } from "mizzle";

export const shop = dynamoTable("Shop", {
  pk: string("pk"),
  sk: string("sk"),
  indexes: { byEmail: gsi("email"), byStatus: gsi("status") },
});

export const order = dynamoEntity(shop, "Order", { email: string(), status: string(), total: number(), day: number() });
"#;

/// Counts the changes of each item, which may already be done.
const REWRITE: &str = r#"  for await (const { Items } of db.scanPages({ TableName: "Shop", Limit: 8 })) {
    await Promise.all(
      Items!.filter((item) => !item.moves).map(({ pk, sk }) =>
        db.update({
          TableName: "Shop",
          Key: { pk, sk },
          UpdateExpression: "ADD moves :one",
          ExpressionAttributeValues: { ":one": 1 },
        }),
      ),
    );
  }
"#;

/// Moves items from table to table, each in a transaction.
const MOVE: &str = r##"  for await (const { Items } of db.scanPages({ TableName: "Shop", Limit: 8 })) {
    await Promise.all(
      Items!.map(({ pk, sk, status, total, moves }) =>
        db.transactWrite({
          TransactItems: [
            { Delete: { TableName: "Shop", Key: { pk, sk }, ConditionExpression: "attribute_exists(pk)" } },
            {
              Update: {
                TableName: "Store",
                Key: { pk, sk },
                UpdateExpression: "SET #status = :status, #total = :total ADD moves :moves",
                ExpressionAttributeNames: { "#status": "status", "#total": "total" },
                ExpressionAttributeValues: { ":status": status, ":total": total, ":moves": moves + 1 },
              },
            },
          ],
        }),
      ),
    );
  }
"##;

/// Runs after the old table is deleted.
const SETTLE: &str = r#"  for await (const { pk, sk } of db.scanItems({ TableName: "Store", FilterExpression: "attribute_not_exists(settled)" })) {
    await db.update({
      TableName: "Store",
      Key: { pk, sk },
      UpdateExpression: "SET settled = :true",
      ExpressionAttributeValues: { ":true": true },
    });
  }
"#;

/// Returns the items of all tables, and the ledger's records of each migration.
const ALL_ITEMS: &str = r#"
def items(table):
    return [item for page in client.get_paginator("scan").paginate(TableName=table) for item in page["Items"]]

result = {"ledger": {}}
for table in client.list_tables()["TableNames"]:
    if table == "mizzle_migrations":
        for record in items(table):
            if "state" in record:
                steps = [step["S"] for step in record["steps"]["L"]]
                result["ledger"][record["name"]["S"]] = [record["state"]["S"], steps]
    else:
        result[table] = sorted(
            [item["pk"]["S"], item["status"]["S"], item["total"]["N"], item["moves"]["N"], item["settled"]["BOOL"]]
            for item in items(table)
        )
"#;

/// Creates a project with four migrations: a table, its edit with every item rewritten, another
/// table that receives its items and replaces it, and settings.
pub(crate) fn project() -> TempProject {
    let project = with_schema(SCHEMA);
    let generate = |name| project.mizzle(["generate", "--name", name]).run().assert_code(0);
    generate("init");
    project.replace("schema.ts", "byEmail: gsi(\"email\")", "byTotal: gsi(\"status\", \"total\")");
    generate("rewrite");
    let beginning = "export async function up(db: Database): Promise<void> {\n";
    project.replace("migrations/0002_rewrite.ts", beginning, &format!("{beginning}{REWRITE}"));
    project.replace("schema.ts", "dynamoTable(\"Shop\"", "dynamoTable(\"Store\"");
    generate("move");
    let deletion = "  await db.deleteTable({ TableName: \"Shop\" });\n";
    let between = format!("{MOVE}\n{deletion}{SETTLE}");
    project.replace("migrations/0003_move.ts", deletion, &between);
    project.replace("schema.ts", "  indexes: { ", "  indexes: { byDay: gsi(\"day\"), ");
    project.replace(
        "mizzle.config.ts",
        "  endpoint",
        "  tables: { Store: { timeToLive: \"expiresAt\", stream: \"NEW_IMAGE\" } },\n  endpoint",
    );
    generate("settings");
    project
}

fn put_items(database: &Database) {
    Boto3::from_env().run(
        database,
        &format!(
            r#"
            for n in range({ITEMS}):
                item = {{"pk": {{"S": f"item {{n:02}}"}}, "sk": {{"S": "x"}}, "status": {{"S": "open"}}, "total": {{"N": str(2**60 + n)}}}}
                client.put_item(TableName="Shop", Item=item)
            result = None
            "#
        ),
    );
}

/// The run of all pending migrations.
struct Migrate;

impl Ordeal for Migrate {
    fn command(&self, project: &TempProject) -> MizzleCommand {
        project
            .mizzle(["migrate", "--json", "--yes", "--accept-data-loss"])
            .env("MIZZLE_LOCK_LEASE", LEASE)
    }

    fn items(&self) -> &'static str {
        ALL_ITEMS
    }

    fn assert_done(&self, project: &TempProject) {
        // All are applied, and the tables match the newest migration.
        project.mizzle(["status", "--exit-code"]).run().assert_code(0);
        let report = self.command(project).run().assert_code(0).json();
        assert_eq!(report["outcome"], "in_sync", "{report:#}");
        assert_eq!(report["migrations"], json!([]), "{report:#}");
    }
}

/// Asserts that every item was changed once by either script, and that every step was recorded.
#[track_caller]
fn assert_whole(content: &Content) {
    let items: Vec<Value> = (0..ITEMS)
        .map(|n| {
            json!([
                format!("item {n:02}"),
                "open",
                ((1_u64 << 60) + n as u64).to_string(),
                "2",
                true
            ])
        })
        .collect();
    assert_eq!(content.items["Store"], json!(items));
    let tables: Vec<&String> = content.tables.as_object().unwrap().keys().collect();
    assert_eq!(tables, ["Store", "mizzle_migrations"]);
    let ledger = content.items["ledger"].as_object().unwrap().iter();
    let ledger: BTreeSet<String> = ledger
        .map(|(name, record)| {
            let steps: Vec<&str> = record[1].as_array().unwrap().iter().map(operation).collect();
            format!("{name} {}: {}", record[0].as_str().unwrap(), steps.join(", "))
        })
        .collect();
    assert_eq!(
        ledger.iter().collect::<Vec<_>>(),
        [
            "0001_init applied: CreateTable Shop",
            "0002_rewrite applied: UpdateTable Shop, UpdateTable Shop",
            "0003_move applied: CreateTable Store, DeleteTable Shop",
            "0004_settings applied: UpdateTable Store, UpdateTable Store, UpdateTimeToLive Store",
        ]
    );
}

/// Returns operation and table of a step in the ledger.
fn operation(step: &Value) -> &str {
    step.as_str().unwrap().rsplit_once(' ').unwrap().0
}

#[test]
fn migrations_on_the_embedded_server_can_be_killed_at_any_moment() {
    let template = project();
    template.mizzle(["migrate", "--to", "1", "--yes"]).run().assert_code(0);
    let serving = template.mizzle(["local", "--port", "0"]).serve();
    put_items(&serving.database());
    serving.kill();
    assert_whole(&kill(&Migrate, || Stage::embedded(&template)));
}

#[test]
fn migrations_on_dynamodb_local_can_be_killed_at_any_moment() {
    let template = project();
    let content = kill(&Migrate, || {
        Stage::slow(|database, through| {
            let project = template.copy();
            project.connect(database);
            project.mizzle(["migrate", "--to", "1", "--yes"]).run().assert_code(0);
            put_items(database);
            project.replace("mizzle.config.ts", &database.endpoint, &through.endpoint);
            project
        })
    });
    assert_whole(&content);
}

#[test]
fn a_deletion_may_be_all_that_was_done_and_not_recorded() {
    let database = DynamoDbLocal::from_env().isolated();
    let proxy = FaultProxy::start(&database.endpoint);
    let project = project();
    project.connect(&database.through(&proxy));
    project.mizzle(["migrate", "--to", "1", "--yes"]).run().assert_code(0);
    put_items(&database);
    // The table is deleted immediately; the runner never receives the answer.
    proxy.inject(On::operation("DeleteTable"), Fault::Delay(Duration::from_secs(60)));
    let runner = Migrate.command(&project).start();
    proxy.wait_until(|requests| requests.iter().any(|one| one.operation == "DeleteTable"));
    Boto3::from_env().run(
        &database,
        r#"
        client.get_waiter("table_not_exists").wait(TableName="Shop", WaiterConfig={"Delay": 1, "MaxAttempts": 30})
        result = None
        "#,
    );
    assert!(runner.kill().was_alive);
    Migrate.command(&project).run().assert_code(0);
    assert_whole(&Content::of(&database, &Migrate));
    Migrate.assert_done(&project);
}

#[test]
fn an_index_may_be_gone_that_the_script_asks_before() {
    for database in [DynamoDbLocal::from_env().isolated(), Moto::from_env().isolated()] {
        let proxy = FaultProxy::start(&database.endpoint);
        let project = shop();
        project.connect(&database.through(&proxy));
        project.mizzle(["generate", "--name", "init"]).run().assert_code(0);
        project.replace("schema.ts", "    byEmail: gsi(\"email\"),\n", "");
        project.mizzle(["generate", "--name", "drop"]).run().assert_code(0);
        let script = "migrations/0002_drop.ts";
        project.replace(
            script,
            "export async function up(db: Database): Promise<void> {\n",
            r#"export async function up(db: Database): Promise<void> {
  for await (const { pk, sk, runs } of db.scanItems({ TableName: "Shop", IndexName: "byEmail" })) {
    await db.update({
      TableName: "Shop",
      Key: { pk, sk },
      UpdateExpression: "SET runs = :runs",
      ExpressionAttributeValues: { ":runs": (runs ?? 0) + 1 },
    });
  }
"#,
        );
        project.mizzle(["migrate", "--to", "1", "--yes"]).run().assert_code(0);
        Boto3::from_env().run(
            &database,
            r#"
            client.put_item(TableName="Shop", Item={"pk": {"S": "a"}, "sk": {"S": "b"}, "email": {"S": "c"}})
            result = None
            "#,
        );
        // Deleted but not recorded; then deleted and recorded, with more steps to come.
        proxy.inject(On::operation("UpdateTable"), Fault::Delay(Duration::from_secs(60)));
        let runner = Migrate.command(&project).start();
        proxy.wait_until(|requests| requests.iter().any(|one| one.operation == "UpdateTable"));
        Boto3::from_env().run(
            &database,
            r#"
            import time
            deadline = time.monotonic() + 30
            while any(index["IndexName"] == "byEmail" for index in client.describe_table(TableName="Shop")["Table"].get("GlobalSecondaryIndexes", [])):
                assert time.monotonic() < deadline
                time.sleep(0.05)
            result = None
            "#,
        );
        assert!(runner.kill().was_alive);
        proxy.heal();
        let sound = project.read(script);
        project.write(
            script,
            &sound.replacen("\n}\n", "\n  if (!db.dryRun) throw new Error(\"later\");\n}\n", 1),
        );
        Migrate.command(&project).run().assert_code(1);
        project.write(script, &sound);
        Migrate.command(&project).run().assert_code(0);
        Migrate.assert_done(&project);
        let runs = Boto3::from_env()
            .run(&database, r#"result = client.scan(TableName="Shop")["Items"][0]["runs"]["N"]"#);
        assert_eq!(runs, "1");
    }
}
