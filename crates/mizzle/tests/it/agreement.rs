//! No loss without consent: destructive changes have to be confirmed, and the loss of items has to
//! be accepted explicitly, in every command.

use crate::support::with_schema;
use mizzle_test::{Boto3, Database, DynamoDbLocal, Ministack, TempProject};
use serde_json::json;

const APP: &str = r#"import { dynamoTable, string } from "mizzle";
export const app = dynamoTable("App", { pk: string("pk") });
"#;
const SHOP: &str = r#"import { dynamoTable, string } from "mizzle";
export const shop = dynamoTable("Shop", { pk: string("pk") });
"#;

/// Creates a project whose first migration is applied and whose second one deletes App.
fn about_to_delete(database: &Database) -> TempProject {
    let project = with_schema(APP);
    project.connect(database);
    project.mizzle(["generate", "--name", "app"]).run().assert_code(0);
    project.mizzle(["migrate"]).run().assert_code(0);
    project.write("schema.ts", SHOP);
    project.mizzle(["generate", "--name", "shop"]).run().assert_code(0);
    project
}

fn put_items(database: &Database) {
    Boto3::from_env().run(
        database,
        r#"
        for n in range(3):
            client.put_item(TableName="App", Item={"pk": {"S": str(n)}})
        result = None
        "#,
    );
}

/// Returns the tables except the ledger.
fn tables(database: &Database) -> Vec<String> {
    let tables = Boto3::from_env().describe(database);
    let names = tables.as_object().unwrap().keys().cloned();
    names.filter(|name| name != "mizzle_migrations").collect()
}

fn is_refused(project: &TempProject, args: &[&str], kind: &str, flag: &str) {
    let report = project.mizzle([args, &["--json"]].concat()).run().assert_code(4).json();
    assert_eq!(report["outcome"], "refused", "{report:#}");
    assert_eq!(report["error"]["kind"], kind, "{report:#}");
    assert!(report["error"]["hints"].to_string().contains(flag), "{report:#}");
    assert_eq!(report["migrations"][0]["state"], "pending");
}

#[test]
fn a_table_with_items_is_deleted_by_migrate_only_when_that_is_accepted() {
    let database = DynamoDbLocal::from_env().isolated();
    let project = about_to_delete(&database);
    put_items(&database);
    is_refused(&project, &["migrate"], "data-loss", "--accept-data-loss");
    is_refused(&project, &["migrate", "--yes"], "data-loss", "--accept-data-loss");
    is_refused(&project, &["migrate", "--accept-data-loss"], "needs-confirmation", "--yes");
    let output = project.mizzle(["migrate", "--yes"]).run().assert_code(4);
    insta::assert_snapshot!(output.snapshot(), @"
    $ mizzle migrate --yes
    [exit code: 4]
    [stderr]
    Target: http://127.0.0.1:[port] (us-east-1)
    0002_shop
      Shop: Create table
      App: Delete table
        ▲ Deletes table App and every item in it: 3 items (9 B).
    error: Items would be lost, so nothing was changed:
      Deletes table App and every item in it: 3 items (9 B).
      help: pass --accept-data-loss to lose them, without a terminal with --yes; and --backup, where the server has backups, to back the tables up first
      help: or copy the items to another table before
    Nothing was changed
    ");
    assert_eq!(tables(&database), ["App"], "nothing of it was begun");
    project.mizzle(["migrate", "--yes", "--accept-data-loss"]).run().assert_code(0);
    assert_eq!(tables(&database), ["Shop"]);
    // The rollback creates App again, and deletes Shop, which is empty.
    is_refused(&project, &["migrate", "--down", "1"], "needs-confirmation", "--yes");
    project.mizzle(["migrate", "--down", "1", "--yes"]).run().assert_code(0);
    assert_eq!(tables(&database), ["App"]);
    put_items(&database);
    is_refused(&project, &["migrate", "--down", "1", "--yes"], "data-loss", "--accept-data-loss");
    project.mizzle(["migrate", "--down", "1", "--yes", "--accept-data-loss"]).run().assert_code(0);
    assert_eq!(tables(&database), [] as [&str; 0]);
    // Without items, the same scripts lose nothing.
    project.mizzle(["migrate"]).run().assert_code(0);
    assert_eq!(tables(&database), ["Shop"]);
}

#[test]
fn pruning_a_table_with_items_has_to_be_accepted_and_the_embedded_server_knows_no_backups() {
    let project = about_to_delete_embedded();
    let report = project.mizzle(["push", "--prune", "--yes", "--json"]).run().assert_code(4).json();
    assert_eq!(
        (&report["outcome"], &report["error"]["kind"]),
        (&json!("refused"), &json!("data-loss"))
    );
    let accepted = ["push", "--prune", "--yes", "--accept-data-loss", "--json"];
    let report = project.mizzle([accepted.as_slice(), &["--backup"]].concat()).run();
    assert_eq!(report.assert_code(4).json()["error"]["kind"], "no-backups");
    let report = project.mizzle(["drop", "App", "--yes", "--json"]).run().assert_code(4).json();
    assert_eq!(report["error"]["kind"], "data-loss");
    let report = project.mizzle(accepted).run().assert_code(0).json();
    assert_eq!(report["applied"], json!(["Shop:create-table", "App:delete-table"]));
}

fn about_to_delete_embedded() -> TempProject {
    let project = with_schema(APP);
    project.mizzle(["generate", "--name", "app"]).run().assert_code(0);
    project.mizzle(["push", "--yes"]).run().assert_code(0);
    let serving = project.mizzle(["local", "--port", "0"]).serve();
    put_items(&serving.database());
    drop(serving);
    project.write("schema.ts", SHOP);
    project
}

#[test]
fn backups_are_taken_before_a_migration_deletes_a_table() {
    let database = Ministack::from_env().isolated();
    let project = about_to_delete(&database);
    put_items(&database);
    let args = ["migrate", "--yes", "--accept-data-loss", "--backup", "--json"];
    let report = project.mizzle(args).run().assert_code(0).json();
    assert_eq!(report["backups"][0]["table"], "App", "{report:#}");
    let backups = Boto3::from_env().run(
        &database,
        r#"result = [backup["TableName"] for backup in client.list_backups()["BackupSummaries"]]"#,
    );
    assert_eq!(backups, json!(["App"]));
    assert_eq!(tables(&database), ["Shop"]);
}

#[test]
fn a_deletion_that_was_not_shown_is_not_carried_out() {
    let database = DynamoDbLocal::from_env().isolated();
    let project = with_schema(APP);
    project.connect(&database);
    project.mizzle(["generate", "--name", "app"]).run().assert_code(0);
    project.mizzle(["migrate"]).run().assert_code(0);
    put_items(&database);
    project.mizzle(["generate", "--custom", "--name", "sly"]).run().assert_code(0);
    project.write(
        "migrations/0002_sly.ts",
        r#"import type { Database } from "mizzle-cli";
export async function up(db: Database): Promise<void> {
  for await (const _ of db.scanItems({ TableName: "App" })) {
    await db.deleteTable({ TableName: "App" });
  }
}
export async function down(): Promise<void> {}
"#,
    );
    let args = ["migrate", "--yes", "--accept-data-loss", "--json"];
    let report = project.mizzle(args).run().assert_code(4).json();
    assert_eq!(report["error"]["kind"], "not-confirmed", "{report:#}");
    assert_eq!(tables(&database), ["App"]);
}
