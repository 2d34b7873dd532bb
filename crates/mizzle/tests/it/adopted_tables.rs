//! Existing tables that a script is to create, and features that servers do not have.

use crate::support::with_schema;
use mizzle_test::{Boto3, Database, DynamoDbLocal, Moto, TempProject};
use serde_json::json;

const SCHEMA: &str = r#"import { dynamoTable, string } from "mizzle";

export const users = dynamoTable("Users", { pk: string("pk") });
"#;

/// Creates a project whose first migration creates a table with these settings.
pub(crate) fn project(database: &Database, settings: &str) -> TempProject {
    let project = with_schema(SCHEMA);
    project.connect(database);
    let settings = format!("  tables: {{ Users: {{ {settings} }} }},\n}};\n");
    project.replace("mizzle.config.ts", "};\n", &settings);
    project.mizzle(["generate", "--name", "init"]).run().assert_code(0);
    project
}

/// Creates the table outside of mizzle, with other settings.
fn make(database: &Database, more: &str) {
    Boto3::from_env().run(
        database,
        &format!(
            r#"
            client.create_table(TableName="Users",
                                KeySchema=[{{"AttributeName": "pk", "KeyType": "HASH"}}],
                                AttributeDefinitions=[{{"AttributeName": "pk", "AttributeType": "S"}}], {more})
            client.get_waiter("table_exists").wait(TableName="Users", WaiterConfig={{"Delay": 1}})
            result = None
            "#
        ),
    );
}

pub(crate) const STREAM: &str = "stream: \"NEW_IMAGE\", tags: { team: \"shop\" }";

#[test]
fn a_table_that_is_taken_over_gets_the_settings_that_its_creation_asks_for() {
    let database = Moto::from_env().isolated();
    let project = project(&database, STREAM);
    make(
        &database,
        r#"ProvisionedThroughput={"ReadCapacityUnits": 2, "WriteCapacityUnits": 2}, Tags=[{"Key": "cost", "Value": "7"}]"#,
    );
    let report = project.mizzle(["migrate", "--json", "--yes"]).run().assert_code(0).json();
    assert_eq!(report["remaining"], json!([]), "{report:#}");
    let table = Boto3::from_env().describe(&database)["Users"].clone();
    assert_eq!(table["ProvisionedThroughput"]["WriteCapacityUnits"], 2, "{table:#}");
    assert_eq!(table["StreamSpecification"]["StreamViewType"], "NEW_IMAGE", "{table:#}");
    assert_eq!(table["Tags"], json!({ "cost": "7", "team": "shop" }), "{table:#}");
}

#[test]
fn settings_that_cannot_be_changed_without_a_loss_are_named() {
    let database = DynamoDbLocal::from_env().isolated();
    let project = project(&database, "stream: \"NEW_IMAGE\"");
    make(
        &database,
        r#"BillingMode="PAY_PER_REQUEST", StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}"#,
    );
    let before = Boto3::from_env().describe(&database)["Users"].clone();
    let output = project.mizzle(["migrate"]).run().assert_code(4);
    insta::assert_snapshot!(output.snapshot(), @"
    $ mizzle migrate
    [exit code: 4]
    [stderr]
    Target: http://127.0.0.1:[port] (us-east-1)
    0001_init
      Users: Create table: exists already, is changed
      Users: Turn off the stream
        ▲ The stream ends and another begins, under another ARN: what reads it (Lambda triggers, pipes) has to be attached to the new one. Changes in between are in neither; records that are there can be read for 24 hours.
      Users: Turn on the stream (NEW_IMAGE)
    error: No terminal to ask on: Apply 0001_init to http://127.0.0.1:[port] (us-east-1)?
      help: answer with --yes
      help: to keep what a table that exists has, state it in the config or leave it out there, and mark the migration as applied: mizzle migrate --baseline
    Nothing was changed
    ");
    assert_eq!(Boto3::from_env().describe(&database)["Users"], before);
    let status = project.mizzle(["status", "--json"]).run().assert_code(0).json();
    assert_eq!(status["pending"], json!(["0001_init"]));
    // Confirmed, it is changed.
    project.mizzle(["migrate", "--yes"]).run().assert_code(0);
    let after = Boto3::from_env().describe(&database)["Users"].clone();
    assert_eq!(after["StreamSpecification"]["StreamViewType"], "NEW_IMAGE");
    // A rollback leaves a table that existed before.
    project.mizzle(["migrate", "--down", "1", "--yes"]).run().assert_code(0);
    assert_eq!(Boto3::from_env().describe(&database)["Users"], after);
}

#[test]
fn an_environment_that_wants_something_else_is_no_difference() {
    let database = Moto::from_env().isolated();
    let project = project(&database, "deletionProtection: false");
    project.replace(
        "mizzle.config.ts",
        "  tables",
        "  environments: { live: { tables: { Users: { deletionProtection: true } } } },\n  tables",
    );
    make(&database, r#"BillingMode="PAY_PER_REQUEST", DeletionProtectionEnabled=True"#);
    project.mizzle(["migrate", "--env", "live"]).run().assert_code(0);
    let table = &Boto3::from_env().describe(&database)["Users"];
    assert_eq!(table["DeletionProtectionEnabled"], true);
}

#[test]
fn what_a_server_has_no_operation_for_is_said() {
    let database = DynamoDbLocal::from_env().isolated();
    let template = project(&database, "pointInTimeRecovery: true");
    let report = template.copy().mizzle(["migrate", "--json", "--yes"]).run().assert_code(0).json();
    let migration = &report["migrations"][0];
    assert_eq!(migration["unsupported"], json!(["step-2"]), "{report:#}");
    assert_eq!(report["remaining"][0]["table"], "Users", "{report:#}");
    let project = template.copy();
    let other = DynamoDbLocal::from_env().isolated();
    project.replace("mizzle.config.ts", &database.config_fields(), &other.config_fields());
    let output = project.mizzle(["migrate", "--yes"]).run().assert_code(0);
    insta::assert_snapshot!(output.snapshot(), @"
    $ mizzle migrate --yes
    [exit code: 0]
    [stderr]
    Target: http://127.0.0.1:[port] (us-east-1)
    0001_init
      Users: Create table
      Users: Turn on point-in-time recovery
    0001_init
    Users: Create table
    Users: Create table: done in [time]
    Users: Turn on point-in-time recovery
    Users: Turn on point-in-time recovery: this server has no such operation, left out
    Not done on Users: Turn on point-in-time recovery; http://127.0.0.1:[port] (us-east-1) has no operation for it
    Applied 1 migration; 1 step left out: the server has no such operation
    ");
}
