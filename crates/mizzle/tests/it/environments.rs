//! `--env`: one history of scripts, in several environments.

use crate::support::{SCHEMA, shop, with_schema};
use mizzle_test::{Boto3, Database, DynamoDbLocal, FaultProxy, Moto, TempProject};
use serde_json::{Value, json};

/// The fields of a config with two environments on the same server.
const ENVIRONMENTS: &str = r#"  environments: {
    staging: {
      tableName: { prefix: "staging-" },
      variables: { STAGE: "staging" },
      tables: { "*": { deletionProtection: true }, Shop: { timeToLive: "expires" } },
    },
    production: { tableName: { suffix: ".prod" }, variables: { STAGE: "production" } },
  },
};
"#;

fn add_environments(project: &TempProject) {
    project.replace("mizzle.config.ts", "};\n", ENVIRONMENTS);
}

/// Creates a project whose second migration moves items and names tables in every possible way.
pub(crate) fn project(database: &Database) -> TempProject {
    let project = shop();
    project.connect(database);
    add_environments(&project);
    project.mizzle(["generate", "--name", "init"]).run().assert_code(0);
    project.mizzle(["generate", "--custom", "--name", "items"]).run().assert_code(0);
    project.write(
        "migrations/0002_items.ts",
        r#"import type { Database } from "mizzle-cli";

declare const process: { env: Record<string, string | undefined> };

export async function up(db: Database): Promise<void> {
  const TableName = "Shop";
  await db.put({ TableName, Item: { pk: "put", sk: db.env ?? "none" } });
  await db.batchWrite({ RequestItems: { Shop: [{ PutRequest: { Item: { pk: "batch", sk: "x" } } }] } });
  await db.transactWrite({
    TransactItems: [{ Put: { TableName, Item: { pk: "transaction", sk: process.env.STAGE ?? "none" } } }],
  });
  const { Responses } = await db.batchGet({ RequestItems: { Shop: { Keys: [{ pk: "batch", sk: "x" }] } } });
  if (Responses?.Shop?.length !== 1 && !db.dryRun) throw new Error("not found");
  for await (const item of db.queryItems({
    TableName,
    KeyConditionExpression: "pk = :pk",
    ExpressionAttributeValues: { ":pk": "put" },
  })) {
    await db.update({
      TableName,
      Key: { pk: item.pk, sk: item.sk },
      UpdateExpression: "SET seen = :yes",
      ExpressionAttributeValues: { ":yes": true },
    });
  }
}

export async function down(db: Database): Promise<void> {
  await db.delete({ TableName: "Shop", Key: { pk: "batch", sk: "x" } });
}
"#,
    );
    project
}

fn names(tables: &Value) -> Vec<&str> {
    tables.as_object().unwrap().keys().map(String::as_str).collect()
}

fn items(database: &Database, table: &str) -> Value {
    Boto3::from_env().run(
        database,
        &format!(
            r#"
            items = client.scan(TableName="{table}")["Items"]
            result = sorted([item["pk"]["S"], item["sk"]["S"], item.get("seen", {{}}).get("BOOL", False)] for item in items)
            "#
        ),
    )
}

#[test]
fn one_history_makes_the_tables_of_each_environment() {
    for database in [DynamoDbLocal::from_env().isolated(), Moto::from_env().isolated()] {
        let project = project(&database);
        let migrate = |environment: &str| {
            project.mizzle(["migrate", "--env", environment, "--json"]).run().assert_code(0).json()
        };
        let report = migrate("staging");
        assert_eq!(report["target"]["environment"], "staging");
        assert_eq!(report["migrations"][0]["steps"][0]["input"]["TableName"], "staging-Shop");
        assert_eq!(
            names(&Boto3::from_env().describe(&database)),
            ["staging-Shop", "staging-mizzle_migrations"]
        );
        assert_eq!(migrate("staging")["outcome"], "in_sync");
        let status = |environment: &str| {
            let output = project.mizzle(["status", "--env", environment, "--json"]).run();
            output.assert_code(0).json()
        };
        assert_eq!(status("staging")["applied"], json!(["0001_init", "0002_items"]));
        assert_eq!(status("staging")["drift"], json!([]));
        assert_eq!(status("production")["pending"], json!(["0001_init", "0002_items"]));

        migrate("production");
        let tables = Boto3::from_env().describe(&database);
        assert_eq!(
            names(&tables),
            ["Shop.prod", "mizzle_migrations.prod", "staging-Shop", "staging-mizzle_migrations"]
        );
        assert_eq!(tables["Shop.prod"]["DeletionProtectionEnabled"], Value::Null);
        assert_eq!(tables["Shop.prod"]["TimeToLiveDescription"], Value::Null);
        let expiry = &tables["staging-Shop"]["TimeToLiveDescription"]["AttributeName"];
        assert_eq!(expiry, "expires", "the environment's own setting");
        for (table, environment) in [("staging-Shop", "staging"), ("Shop.prod", "production")] {
            assert_eq!(
                items(&database, table),
                json!([
                    ["batch", "x", false],
                    ["put", environment, true],
                    ["transaction", environment, false]
                ])
            );
        }
        // The history itself is the same in all environments.
        project.mizzle(["check", "--env", "staging"]).run().assert_code(0);
        let report = project.mizzle(["generate", "--env", "staging", "--json"]).run();
        assert_eq!(report.assert_code(0).json()["migration"], Value::Null);
    }
}

#[test]
fn push_knows_its_environment_and_leaves_the_others_alone() {
    let database = DynamoDbLocal::from_env().isolated();
    let project = project(&database);
    for environment in ["staging", "production"] {
        project.mizzle(["migrate", "--env", environment]).run().assert_code(0);
    }
    let push = |arguments: &[&str]| {
        let arguments = [&["push", "--json", "--yes"], arguments].concat();
        project.mizzle(arguments).run().assert_code(0).json()
    };
    for environment in ["staging", "production"] {
        let report = push(&["--env", environment]);
        assert_eq!(report["outcome"], "in_sync", "{environment}");
        assert_eq!(report["plan"]["untracked"], json!([]), "{environment}");
    }
    project.replace("schema.ts", "dynamoTable(\"Shop\"", "dynamoTable(\"Store\"");
    let report = push(&["--env", "production", "--prune", "--accept-data-loss"]);
    let steps = report["plan"]["steps"].as_array().unwrap().iter();
    let steps: Vec<String> =
        steps.map(|step| format!("{} {}", step["call"], step["table"]).replace('"', "")).collect();
    assert_eq!(steps, ["CreateTable Store.prod", "DeleteTable Shop.prod"]);
    assert_eq!(
        names(&Boto3::from_env().describe(&database)),
        ["Store.prod", "mizzle_migrations.prod", "staging-Shop", "staging-mizzle_migrations"]
    );
}

#[test]
fn settings_of_an_environment_are_kept_and_never_repeated() {
    let database = Moto::from_env().isolated();
    let proxy = FaultProxy::start(&database.endpoint);
    let project = project(&database.through(&proxy));
    let migrate = || {
        let output = project.mizzle(["migrate", "--env", "staging", "--json"]).run();
        output.assert_code(0).json()
    };
    migrate();
    let protection = || {
        let tables = Boto3::from_env().describe(&database);
        tables["staging-Shop"]["DeletionProtectionEnabled"].clone()
    };
    assert_eq!(protection(), true);
    // Another user disables it: it is drift, and the next run only reverts that.
    Boto3::from_env().run(
        &database,
        r#"
        client.update_table(TableName="staging-Shop", DeletionProtectionEnabled=False)
        result = None
        "#,
    );
    let drift = |code| {
        let arguments = ["status", "--env", "staging", "--exit-code", "--json"];
        project.mizzle(arguments).run().assert_code(code).json()["drift"].clone()
    };
    assert_eq!(drift(3).as_array().unwrap().len(), 1);
    let report = migrate();
    assert_eq!((&report["outcome"], &report["migrations"]), (&json!("applied"), &json!([])));
    assert_eq!(report["settings"]["steps"].as_array().unwrap().len(), 1);
    assert_eq!((protection(), drift(0)), (json!(true), json!([])));
    proxy.forget_requests();
    assert_eq!(migrate()["outcome"], "in_sync");
    assert_eq!(proxy.writes().len(), 0);
}

#[test]
fn what_a_server_does_not_keep_of_them_is_said_and_not_tried_again() {
    let project = with_schema(SCHEMA);
    project.mizzle(["generate", "--name", "init"]).run().assert_code(0);
    // If the environment creates the table, it immediately has its settings.
    project.mizzle(["migrate"]).run().assert_code(0);
    project.replace(
        "mizzle.config.ts",
        "};\n",
        "  environments: { busy: { tables: { Shop: { readCapacity: 7, writeCapacity: 7 } } } },\n};\n",
    );
    let show = |name: &str, arguments: &[&str]| {
        let output = project.mizzle(arguments).run().assert_code(0);
        insta::assert_snapshot!(name, output.snapshot());
    };
    show("settings_dry_run", &["migrate", "--env", "busy", "--dry-run"]);
    show("settings_applied", &["migrate", "--env", "busy", "--yes"]);
    show("settings_known", &["migrate", "--env", "busy", "--yes"]);
}

#[test]
fn an_environment_is_chosen_by_flag_or_variable_and_has_to_be_there() {
    let project = shop();
    add_environments(&project);
    project.write(
        "schema.ts",
        &format!("console.log(process.env.STAGE, process.env.MIZZLE_ENV);\n{SCHEMA}"),
    );
    let output = project.mizzle(["check", "--env", "staging"]).env("STAGE", "shell").run();
    assert!(output.stderr.contains("staging staging"), "{}", output.stderr);
    let output = project.mizzle(["check"]).env("MIZZLE_ENV", "production").run();
    assert!(output.stderr.contains("production production"), "{}", output.stderr);
    let output = project.mizzle(["status", "--env", "stagin"]).run().assert_code(2);
    insta::assert_snapshot!(output.snapshot(), @r#"
    $ mizzle status --env stagin
    [exit code: 2]
    [stderr]
    error: There is no environment "stagin" in the config
      help: did you mean "staging"?
      help: --env names it
    "#);
    let long = "x".repeat(252);
    project.replace("mizzle.config.ts", "staging-", &long);
    let output = project.mizzle(["push", "--env", "staging", "--yes"]).run().assert_code(2);
    assert!(output.stderr.contains("a table name has 3 to 255 characters"), "{}", output.stderr);
    // Settings for tables that do not exist.
    project.replace("mizzle.config.ts", &long, "s-");
    project.replace("mizzle.config.ts", "Shop: { time", "Shup: { time");
    let output = project.mizzle(["push", "--env", "staging", "--yes"]).run().assert_code(2);
    insta::assert_snapshot!(output.snapshot(), @r#"
    $ mizzle push --env staging --yes
    [exit code: 2]
    [stderr]
    staging staging
    error: `environments.staging.tables.Shup` names a table that the schema does not have
      help: did you mean "Shop"?
    "#);
    project.mizzle(["generate", "--name", "init"]).run().assert_code(0);
    for command in ["migrate", "status"] {
        let output = project.mizzle([command, "--env", "staging"]).run().assert_code(2);
        assert!(output.stderr.contains("tables.Shup` names a table"), "{}", output.stderr);
    }
}

#[test]
fn the_ledger_can_have_another_name() {
    let database = DynamoDbLocal::from_env().isolated();
    let project = project(&database);
    project.replace(
        "mizzle.config.ts",
        "  environments",
        "  migrations: { table: \"history\" },\n  environments",
    );
    project.mizzle(["migrate", "--env", "staging"]).run().assert_code(0);
    project.mizzle(["migrate", "--yes"]).run().assert_code(0);
    assert_eq!(
        names(&Boto3::from_env().describe(&database)),
        ["Shop", "history", "staging-Shop", "staging-history"]
    );
    let report = project.mizzle(["push", "--json"]).run().assert_code(0).json();
    assert_eq!(report["plan"]["untracked"], json!(["staging-Shop", "staging-history"]));
}

#[test]
fn what_settings_of_an_environment_take_away_has_to_be_agreed_to() {
    let database = DynamoDbLocal::from_env().isolated();
    let project = with_schema(SCHEMA);
    project.connect(&database);
    let settings = |settings: &str| {
        format!("  environments: {{ live: {{ tables: {{ Shop: {{ {settings} }} }} }} }},\n}};\n")
    };
    project.replace("mizzle.config.ts", "};\n", &settings("stream: \"NEW_IMAGE\""));
    project.mizzle(["generate", "--name", "init"]).run().assert_code(0);
    let migrate = |arguments: &[&str]| {
        let arguments = [&["migrate", "--env", "live"], arguments].concat();
        project.mizzle(arguments)
    };
    // Additions lose nothing.
    migrate(&[]).run().assert_code(0);
    // Without items, none expire.
    project.replace("mizzle.config.ts", "\"NEW_IMAGE\"", "\"NEW_IMAGE\", timeToLive: \"expires\"");
    migrate(&[]).run().assert_code(0);
    project.replace("mizzle.config.ts", "\"expires\"", "false");
    migrate(&[]).run().assert_code(0);
    Boto3::from_env().run(
        &database,
        "client.put_item(TableName=\"Shop\", Item={\"pk\": {\"S\": \"a\"}, \"sk\": {\"S\": \"b\"}})\nresult = None",
    );
    let shop = || Boto3::from_env().describe(&database)["Shop"].clone();
    let before = shop();
    for (change, result) in [
        ("timeToLive: \"expires\"", "TimeToLiveDescription"),
        ("stream: false", "StreamSpecification"),
    ] {
        let text = project.read("mizzle.config.ts");
        let (start, rest) = text.split_once("Shop: { ").unwrap();
        let (_, end) = rest.split_once(" }").unwrap();
        project.write("mizzle.config.ts", &format!("{start}Shop: {{ {change} }}{end}"));
        let output = migrate(&[]).run().assert_code(4);
        if result == "StreamSpecification" {
            insta::assert_snapshot!(output.snapshot(), @"
            $ mizzle migrate --env live
            [exit code: 4]
            [stderr]
            Target: live, http://127.0.0.1:[port] (us-east-1)
            Settings of the environment
              Shop: Turn off the stream
                ▲ The stream ends: what reads it gets nothing new. Records that are there can be read for 24 hours.
            error: No terminal to ask on: Apply the settings of the environment to live, http://127.0.0.1:[port] (us-east-1)?
              help: answer with --yes
            Nothing was changed
            ");
        }
        assert_eq!(shop()[result], before[result]);
        migrate(&["--dry-run"]).run().assert_code(0);
        migrate(&["--yes"]).run().assert_code(0);
        assert_ne!(shop()[result], before[result]);
        migrate(&[]).run().assert_code(0);
    }
    let mut terminal = migrate(&[]).in_terminal(80, 40);
    terminal.wait_for("Every migration is applied");
    assert_eq!(terminal.finish().code, 0);
}
