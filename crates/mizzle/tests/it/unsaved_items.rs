//! Scripts that keep items in memory while their table is deleted, and are killed at that point.

use crate::support::with_schema;
use mizzle_test::{
    Boto3, Database, DynamoDbLocal, Fault, FaultProxy, MizzleCommand, On, TempProject,
};
use serde_json::{Value, json};
use std::time::Duration;

const SCHEMA: &str = r#"import { dynamoTable, string } from "mizzle";

export const users = dynamoTable("Users", { pk: string("pk") });
"#;

/// Creates the table again with its items.
pub(crate) const IN_MEMORY: &str = r#"  const items: Record<string, unknown>[] = [];
  for await (const item of db.scanItems({ TableName: "Users" })) items.push(item);
  await db.deleteTable({ TableName: "Users" });
  await db.createTable(users("Users"));
  for (const item of items) await db.put({ TableName: "Users", Item: item });
"#;

/// Does the same with another table in between.
pub(crate) const COPIED: &str = r#"  await db.createTable(users("Copy"));
  for await (const Item of db.scanItems({ TableName: "Users" })) await db.put({ TableName: "Copy", Item });
  await db.deleteTable({ TableName: "Users" });
  await db.createTable(users("Users"));
  for await (const Item of db.scanItems({ TableName: "Copy" })) await db.put({ TableName: "Users", Item });
  await db.deleteTable({ TableName: "Copy" });
"#;

/// Creates a project whose second migration replaces its table, and a server with three items.
pub(crate) fn project(replace: &str) -> (TempProject, FaultProxy, Database) {
    let database = DynamoDbLocal::from_env().isolated();
    let proxy = FaultProxy::start(&database.endpoint);
    let project = with_schema(SCHEMA);
    project.connect(&database.through(&proxy));
    project.mizzle(["generate", "--name", "init"]).run().assert_code(0);
    project.mizzle(["migrate", "--yes", "--accept-data-loss"]).run().assert_code(0);
    project.mizzle(["generate", "--custom", "--name", "replace"]).run().assert_code(0);
    project.write(
        "migrations/0002_replace.ts",
        &format!(
            r#"import type {{ Database }} from "mizzle-cli";

const users = (TableName: string) => ({{
  TableName,
  AttributeDefinitions: [{{ AttributeName: "pk", AttributeType: "S" as const }}],
  KeySchema: [{{ AttributeName: "pk", KeyType: "HASH" as const }}],
  BillingMode: "PAY_PER_REQUEST" as const,
}});

export async function up(db: Database): Promise<void> {{
{replace}}}

export async function down(_: Database): Promise<void> {{}}
"#
        ),
    );
    Boto3::from_env().run(
        &database,
        r#"
        for n in range(3):
            client.put_item(TableName="Users", Item={"pk": {"S": str(n)}})
        result = None
        "#,
    );
    proxy.forget_requests();
    (project, proxy, database)
}

fn migrate(project: &TempProject) -> MizzleCommand {
    project.mizzle(["migrate", "--yes", "--accept-data-loss"]).env("MIZZLE_LOCK_LEASE", "1")
}

/// Kills a run during an operation on the table.
fn kill_at(project: &TempProject, proxy: &FaultProxy, operation: &str) {
    proxy.inject(On::operation(operation).table("Users"), Fault::Hold { looks: 400 });
    let run = migrate(project).start();
    proxy.wait_until(|requests| {
        let mut of_table = requests
            .iter()
            .filter(|one| one.table.as_deref() == Some("Users"))
            .skip_while(|one| one.operation != operation);
        of_table.any(|one| one.operation == "DescribeTable")
    });
    run.kill_after(Duration::ZERO);
    proxy.heal();
}

fn items(database: &Database, table: &str) -> Value {
    let look = format!("result = client.scan(TableName=\"{table}\", Select=\"COUNT\")[\"Count\"]");
    Boto3::from_env().run(database, &look)
}

#[test]
fn items_that_were_lost_are_not_passed_over() {
    for operation in ["DeleteTable", "CreateTable"] {
        let (project, proxy, database) = project(IN_MEMORY);
        kill_at(&project, &proxy, operation);
        let status = project.mizzle(["status", "--json", "--exit-code"]).run().assert_code(3);
        let status = status.json();
        assert_eq!(status["unfinished"], json!(["0002_replace"]), "{status:#}");
        assert_eq!(status["applied"], json!(["0001_init"]), "{status:#}");
        if operation == "CreateTable" {
            let output = project.mizzle(["status"]).run().assert_code(0);
            insta::assert_snapshot!(output.snapshot(), @"
            $ mizzle status
            [exit code: 0]
            [stdout]
            applied    0001_init     [timestamp] by [user]
            unfinished 0002_replace  [timestamp] by [user]
            [stderr]
            Target: http://127.0.0.1:[port] (us-east-1)
            1 migration to run, 0 differences from the newest applied one
            Next: mizzle migrate
            ");
        }
        proxy.forget_requests();
        let output = migrate(&project).run().assert_code(1);
        if operation == "DeleteTable" {
            insta::assert_snapshot!(output.snapshot(), @"
            $ mizzle migrate --yes --accept-data-loss
            [exit code: 1]
            [stderr]
            Target: http://127.0.0.1:[port] (us-east-1)
            0002_replace
              Users: Delete table
              Users: Create table
              ▲ It reads items of Users, deletes the table and creates it again: the items that it holds in memory are lost if the run is killed. Copy the items to another table first.
              ▲ It reads or changes items, and what it does to them cannot be foreseen.
            0002_replace
            Users: Delete table
            Users: Delete table: was done already
            error: 0002_replace had read items of Users, and written none to another table, when an earlier run deleted Users. That run did not come to its end, and the items were in its memory: going on would leave nothing in their place
              help: restore Users under another name, from a backup or by point-in-time recovery, and have the script read that table instead
              help: if the script can do without them, take the reading out of it; items can also come back by a migration of their own (mizzle generate --custom)
              help: then run the command again: it goes on after the steps that are done
            Applied 0 migrations
            ");
        }
        let status = project.mizzle(["status", "--json"]).run().assert_code(0).json();
        assert_eq!(status["applied"], json!(["0001_init"]), "{operation}");
        assert_eq!(status["failed"][0]["name"], "0002_replace", "{operation}");
        assert!(proxy.writes().iter().all(|write| write.operation != "CreateTable"));
        // The second attempt fails, too.
        migrate(&project).run().assert_code(1);
        // The items are restored from a backup.
        Boto3::from_env().run(
            &database,
            r#"
            client.create_table(TableName="Restored", BillingMode="PAY_PER_REQUEST",
                                KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
                                AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}])
            for n in range(3):
                client.put_item(TableName="Restored", Item={"pk": {"S": str(n)}})
            result = None
            "#,
        );
        let script = "migrations/0002_replace.ts";
        project.replace(
            script,
            "scanItems({ TableName: \"Users\"",
            "scanItems({ TableName: \"Restored\"",
        );
        migrate(&project).run().assert_code(0);
        assert_eq!(items(&database, "Users"), 3, "{operation}");
    }
}

#[test]
fn what_may_be_lost_is_said_before() {
    let (project, _proxy, database) = project(IN_MEMORY);
    let output = project.mizzle(["migrate", "--dry-run"]).run().assert_code(0);
    insta::assert_snapshot!(output.snapshot(), @"
    $ mizzle migrate --dry-run
    [exit code: 0]
    [stdout]
    0002_replace
      Users: Delete table
        ▲ Deletes table Users and every item in it: 3 items (9 B).
      Users: Create table
      ▲ It reads items of Users, deletes the table and creates it again: the items that it holds in memory are lost if the run is killed. Copy the items to another table first.
      ▲ It reads or changes items, and what it does to them cannot be foreseen.
    [stderr]
    Target: http://127.0.0.1:[port] (us-east-1)
    1 migration to run; nothing was changed (--dry-run)
    ");
    let output = project.mizzle(["migrate", "--yes", "--accept-data-loss"]).run().assert_code(0);
    insta::assert_snapshot!(output.snapshot(), @"
    $ mizzle migrate --yes --accept-data-loss
    [exit code: 0]
    [stderr]
    Target: http://127.0.0.1:[port] (us-east-1)
    0002_replace
      Users: Delete table
        ▲ Deletes table Users and every item in it: 3 items (9 B).
      Users: Create table
      ▲ It reads items of Users, deletes the table and creates it again: the items that it holds in memory are lost if the run is killed. Copy the items to another table first.
      ▲ It reads or changes items, and what it does to them cannot be foreseen.
    0002_replace
    Users: Delete table
    Users: Delete table: done in [time]
    Users: Create table
    Users: Create table: done in [time]
    Applied 1 migration
    ");
    assert_eq!(items(&database, "Users"), 3);
}
