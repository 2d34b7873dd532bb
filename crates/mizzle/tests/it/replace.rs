//! Changes that lose items: a table that has to be replaced, tables that are no longer needed.
//! Executed only if no items are lost, or the loss was accepted.

use crate::support::{edit, shop};
use mizzle_test::{Boto3, Database, DynamoDbLocal, FaultProxy, Ministack, Moto, TempProject};
use serde_json::{Value, json};

/// Creates a project whose table exists, on MiniStack or DynamoDB Local.
fn pushed(database: &Database) -> TempProject {
    let project = shop();
    project.connect(database);
    project.mizzle(["push", "--yes"]).run().assert_code(0);
    project
}

fn databases() -> [Database; 3] {
    [
        DynamoDbLocal::from_env().isolated(),
        Ministack::from_env().isolated(),
        Moto::from_env().isolated(),
    ]
}

fn put_item(database: &Database) {
    Boto3::from_env().run(
        database,
        r#"
        client.put_item(TableName="Shop", Item={"pk": {"S": "a"}, "sk": {"S": "b"}})
        result = None
        "#,
    );
}

fn items(database: &Database) -> Value {
    Boto3::from_env()
        .run(database, r#"result = client.scan(TableName="Shop", Select="COUNT")["Count"]"#)
}

fn change_key(project: &TempProject) {
    project.replace("schema.ts", "sk: string(\"sk\")", "sk: number(\"at\")");
    project.replace("schema.ts", "sk: prefixKey(\"AT#\", c.createdAt)", "sk: c.createdAt");
}

#[test]
fn an_empty_table_is_replaced_and_keeps_what_nobody_manages() {
    for database in databases() {
        let project = pushed(&database);
        Boto3::from_env().run(
            &database,
            r#"
            client.update_table(TableName="Shop", StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"})
            client.update_time_to_live(TableName="Shop", TimeToLiveSpecification={"Enabled": True, "AttributeName": "until"})
            client.update_table(TableName="Shop", DeletionProtectionEnabled=True)
            result = None
            "#,
        );
        change_key(&project);
        let report = project.mizzle(["push", "--yes", "--json"]).run().assert_code(0).json();
        assert_eq!(
            report["applied"],
            json!([
                "Shop:disable-deletion-protection",
                "Shop:delete-table",
                "Shop:create-table",
                "Shop:enable-time-to-live"
            ])
        );
        assert_eq!(report["plan"]["steps"][1]["hazards"][0]["kind"], "replaces-table");
        let table = &Boto3::from_env().describe(&database)["Shop"];
        assert_eq!(table["KeySchema"], json!(["pk HASH", "at RANGE"]));
        assert_eq!(table["StreamSpecification"]["StreamViewType"], "KEYS_ONLY");
        assert_eq!(table["TimeToLiveDescription"]["AttributeName"], "until");
        assert_eq!(table["DeletionProtectionEnabled"], true);
    }
}

#[test]
fn a_table_with_items_is_replaced_only_when_that_was_agreed_to() {
    for database in databases() {
        let project = pushed(&database);
        put_item(&database);
        change_key(&project);
        let report = project.mizzle(["push", "--yes", "--json"]).run().assert_code(4).json();
        assert_eq!(report["outcome"], "refused");
        assert_eq!(report["plan"]["blocked"][0]["table"], "Shop");
        assert_eq!(items(&database), 1);
        let report = project
            .mizzle(["push", "--yes", "--json", "--accept-data-loss"])
            .run()
            .assert_code(0)
            .json();
        assert_eq!(report["applied"], json!(["Shop:delete-table", "Shop:create-table"]));
        assert_eq!(items(&database), 0);
    }
}

#[test]
fn what_a_person_is_told_of_a_replacement() {
    let database = DynamoDbLocal::from_env().isolated();
    let project = pushed(&database);
    put_item(&database);
    change_key(&project);
    let output = project.mizzle(["push", "--yes"]).run().assert_code(4);
    insta::assert_snapshot!(output.snapshot(), @"
    $ mizzle push --yes
    [exit code: 4]
    [stderr]
    Target: http://127.0.0.1:[port] (us-east-1)
    ■ Shop: cannot be changed
        Shop would have to be replaced: its key cannot change from (pk S, sk S) to (pk S, at N). DynamoDB fixes keys and LSIs when a table is created. Replacing it loses its items: 1 item (6 B)
    error: DynamoDB cannot bring Shop to what the schema describes, so nothing is done
      help: describe a table of another name, copy the items, and switch over; or undo the change in the schema; or pass --accept-data-loss to replace the table
    Nothing was changed
    ");
    let output = project.mizzle(["push", "--dry-run", "--accept-data-loss"]).run().assert_code(0);
    insta::assert_snapshot!(output.snapshot(), @"
    $ mizzle push --dry-run --accept-data-loss
    [exit code: 0]
    [stdout]
    ± Shop: replace
      - Delete table
        ▲ Deletes table Shop and creates it again, because its key cannot change from (pk S, sk S) to (pk S, at N). Every item is lost: 1 item (6 B). Its backups for point-in-time recovery, its stream and its auto scaling go with it; requests fail until it is ACTIVE again.
      + Create table
          key (pk S, at N)
          LSI byDate (pk S, createdAt N) ALL
          GSI byEmail (email S) ALL
          GSI byStatus (status S, createdAt N) ALL
    [stderr]
    Target: http://127.0.0.1:[port] (us-east-1)
    2 steps on 1 table to apply; nothing was changed (--dry-run)
    ");
}

#[test]
fn an_item_that_comes_at_the_last_moment_is_not_lost() {
    let database = DynamoDbLocal::from_env().isolated();
    let project = pushed(&database);
    change_key(&project);
    let proxy = FaultProxy::start(&database.endpoint);
    project.replace("mizzle.config.ts", &database.endpoint, proxy.endpoint());
    let mut push = project.mizzle(["push"]).in_terminal(100, 40);
    push.wait_for("Apply 2 steps");
    put_item(&database);
    push.press("y");
    let screen = push.finish();
    assert!(screen.text.contains("holds items by now"), "{}", screen.text);
    assert_eq!(items(&database), 1);
    assert!(proxy.writes().is_empty());
}

#[test]
fn pruning_deletes_what_once_was_the_projects_and_nothing_else() {
    for database in databases() {
        let project = pushed(&database);
        project.mizzle(["generate", "--name", "init"]).run().assert_code(0);
        Boto3::from_env().run(
            &database,
            r#"
            for name in ["Elsewhere", "mizzle_migrations"]:
                client.create_table(TableName=name, BillingMode="PAY_PER_REQUEST",
                    AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
                    KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}])
            result = None
            "#,
        );
        project.replace("schema.ts", "\"Shop\"", "\"Store\"");
        let report = project.mizzle(["push", "--yes", "--json"]).run().assert_code(0).json();
        assert_eq!(report["applied"], json!(["Store:create-table"]));
        assert_eq!(report["plan"]["untracked"], json!(["Elsewhere", "Shop"]));

        let report = project.mizzle(["push", "--prune", "--json"]).run().assert_code(4).json();
        assert_eq!(report["error"]["kind"], "needs-confirmation");
        let report =
            project.mizzle(["push", "--prune", "--yes", "--json"]).run().assert_code(0).json();
        assert_eq!(report["applied"], json!(["Shop:delete-table"]));
        assert_eq!(report["plan"]["steps"][0]["hazards"][0]["kind"], "deletes-table");
        assert_eq!(report["plan"]["untracked"], json!(["Elsewhere"]));
        let tables = Boto3::from_env().describe(&database);
        let names: Vec<&String> = tables.as_object().unwrap().keys().collect();
        assert_eq!(names, ["Elsewhere", "Store", "mizzle_migrations"]);
    }
}

#[test]
fn a_table_of_the_same_name_with_another_key_is_somebody_elses() {
    let database = DynamoDbLocal::from_env().isolated();
    let project = shop();
    project.connect(&database);
    project.mizzle(["generate", "--name", "init"]).run().assert_code(0);
    Boto3::from_env().run(
        &database,
        r#"
        client.create_table(TableName="Shop", BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "N"}],
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}])
        result = None
        "#,
    );
    project.replace("schema.ts", "\"Shop\"", "\"Store\"");
    let report = project.mizzle(["push", "--prune", "--yes", "--json"]).run().assert_code(0).json();
    assert_eq!(report["plan"]["untracked"], json!(["Shop"]));
    assert_eq!(report["applied"], json!(["Store:create-table"]));
}

#[test]
fn a_protected_table_is_pruned_only_by_a_step_of_its_own() {
    let database = Ministack::from_env().isolated();
    let project = pushed(&database);
    project.mizzle(["generate", "--name", "init"]).run().assert_code(0);
    Boto3::from_env().run(
        &database,
        r#"
        client.update_table(TableName="Shop", DeletionProtectionEnabled=True)
        result = None
        "#,
    );
    project.replace("schema.ts", "\"Shop\"", "\"Store\"");
    let report = project.mizzle(["push", "--prune", "--yes", "--json"]).run().assert_code(0).json();
    assert_eq!(
        report["applied"],
        json!(["Store:create-table", "Shop:disable-deletion-protection", "Shop:delete-table"])
    );
}

#[test]
fn what_an_emulator_does_not_keep_is_said_once_tried_and_never_again() {
    let database = DynamoDbLocal::from_env().isolated();
    let proxy = FaultProxy::start(&database.endpoint);
    let project = shop();
    project.connect(&database.through(&proxy));
    project.replace(
        "mizzle.config.ts",
        "out: \"./migrations\",",
        "out: \"./migrations\",\n  tables: { \"*\": { pointInTimeRecovery: true, tableClass: \"STANDARD_INFREQUENT_ACCESS\" } },",
    );
    let first = project.mizzle(["push", "--yes"]).run().assert_code(0);
    insta::assert_snapshot!(first.snapshot(), @"
    $ mizzle push --yes
    [exit code: 0]
    [stderr]
    Target: http://127.0.0.1:[port] (us-east-1)
    + Shop: new table
      + Create table
          key (pk S, sk S)
          LSI byDate (pk S, createdAt N) ALL
          GSI byEmail (email S) ALL
          GSI byStatus (status S, createdAt N) ALL
          table class STANDARD_INFREQUENT_ACCESS
      + Turn on point-in-time recovery
    Shop: Create table
    Shop: Create table: done in [time]
    Shop: Turn on point-in-time recovery
    Shop: Turn on point-in-time recovery: this server has no such operation, left out
    warning: Not done on Shop: change table class: STANDARD → STANDARD_INFREQUENT_ACCESS; http://127.0.0.1:[port] (us-east-1) accepted it but did not keep it
    warning: Not done on Shop: set point-in-time recovery: on; http://127.0.0.1:[port] (us-east-1) has no operation for it
    Applied 1 step on 1 table in [time]; 1 step left out: the server has no such operation
    ");
    proxy.forget_requests();
    let second = project.mizzle(["push", "--yes"]).run().assert_code(0);
    insta::assert_snapshot!(second.snapshot(), @"
    $ mizzle push --yes
    [exit code: 0]
    [stderr]
    Target: http://127.0.0.1:[port] (us-east-1)
    Not done on Shop: change table class: STANDARD → STANDARD_INFREQUENT_ACCESS; http://127.0.0.1:[port] (us-east-1) accepted it earlier but did not keep it
    Not done on Shop: set point-in-time recovery: on; http://127.0.0.1:[port] (us-east-1) has no operation for it
    Everything else is in sync
    ");
    assert!(proxy.writes().is_empty());
    // The setting neither blocks other changes, nor do they remove it from the report.
    edit(&project);
    let report = project.mizzle(["push", "--yes", "--json"]).run().assert_code(0).json();
    assert_eq!(report["applied"].as_array().unwrap().len(), 3);
    proxy.forget_requests();
    let report = project.mizzle(["push", "--yes", "--json"]).run().assert_code(0).json();
    assert_eq!(report["outcome"], "in_sync");
    assert_eq!(report["remaining"].as_array().unwrap().len(), 2);
    assert!(proxy.writes().is_empty());
}
