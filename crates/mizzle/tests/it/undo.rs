//! `mizzle migrate --down`: rolls back the last migrations, without unannounced losses.

use crate::support::{SCHEMA, shop_with_history, with_schema};
use mizzle_test::{Boto3, Database, DynamoDbLocal, Screen, TempProject};
use serde_json::{Value, json};

fn status(project: &TempProject) -> Value {
    let mut status = project.mizzle(["status", "--json"]).run().assert_code(0).json();
    let fields = ["applied", "pending", "unfinished", "failed"];
    fields.map(|field| status[field].take()).into_iter().collect()
}

fn indexes(database: &Database) -> Vec<String> {
    let tables = Boto3::from_env().describe(database);
    let indexes = tables["Shop"]["GlobalSecondaryIndexes"].as_object().unwrap();
    indexes.keys().cloned().collect()
}

#[test]
fn the_last_migration_is_undone_and_can_be_run_again() {
    let database = DynamoDbLocal::from_env().isolated();
    let project = shop_with_history();
    project.connect(&database);
    project.mizzle(["migrate", "--yes"]).run().assert_code(0);
    assert_eq!(indexes(&database), ["byAge", "byStatus", "byTotal"]);
    let down = |arguments: &[&str]| {
        let arguments = [&["migrate", "--json", "--down"], arguments].concat();
        project.mizzle(arguments).run().assert_code(0).json()
    };
    assert_eq!(down(&["1", "--dry-run"])["outcome"], "pending");
    assert_eq!(indexes(&database), ["byAge", "byStatus", "byTotal"]);
    let report = down(&["1", "--yes"]);
    assert_eq!(report["outcome"], "undone");
    assert_eq!(report["migrations"][0]["name"], "0002_edit");
    assert_eq!(report["migrations"][0]["state"], "pending");
    assert_eq!(indexes(&database), ["byEmail", "byStatus"]);
    assert_eq!(status(&project), json!([["0001_init"], ["0002_edit"], [], []]));
    project.mizzle(["migrate", "--yes"]).run().assert_code(0);
    assert_eq!(indexes(&database), ["byAge", "byStatus", "byTotal"]);
    // More than exist: all of them.
    assert_eq!(down(&["9", "--yes"])["migrations"].as_array().unwrap().len(), 2);
    assert_eq!(status(&project), json!([[], ["0001_init", "0002_edit"], [], []]));
    assert_eq!(down(&["1", "--yes"])["outcome"], "in_sync");
    let tables = Boto3::from_env().describe(&database);
    assert_eq!(tables.as_object().unwrap().keys().collect::<Vec<_>>(), ["mizzle_migrations"]);
}

#[test]
fn what_is_lost_is_named_and_has_to_be_agreed_to() {
    let project = shop_with_history();
    project.mizzle(["migrate", "--yes"]).run().assert_code(0);
    {
        let serving = project.mizzle(["local", "--port", "0"]).serve();
        Boto3::from_env().run(
            &serving.database(),
            r#"
            for n in range(3):
                client.put_item(TableName="Shop", Item={"pk": {"S": str(n)}, "sk": {"S": "x"}})
            result = None
            "#,
        );
    }
    let show = |name: &str, arguments: &[&str], code| {
        let output = project.mizzle(arguments).run().assert_code(code);
        insta::assert_snapshot!(name, output.snapshot());
    };
    show("dry_run", &["migrate", "--down", "2", "--dry-run"], 0);
    show("not_agreed", &["migrate", "--down", "2"], 4);
    show("undone", &["migrate", "--down", "2", "--yes", "--accept-data-loss"], 0);
    show("nothing_left", &["migrate", "--down"], 0);
    for arguments in
        [["--down", "0"].as_slice(), &["--down", "1", "--to", "1"], &["--down", "--baseline"]]
    {
        let arguments = [&["migrate", "--yes"], arguments].concat();
        project.mizzle(arguments).run().assert_code(2);
    }
}

#[test]
fn in_a_terminal_the_question_names_the_place() {
    let project = shop_with_history();
    project.mizzle(["migrate", "--yes"]).run().assert_code(0);
    for (key, expected) in [("n", 4), ("y", 0)] {
        let mut terminal = project.mizzle(["migrate", "--down"]).in_terminal(80, 40);
        terminal.wait_for("Undo 0002_edit at embedded DynamoDB").press(key);
        let Screen { code, text } = terminal.finish();
        assert_eq!(code, expected, "{text}");
        insta::assert_snapshot!(format!("terminal_{key}"), text);
    }
    assert_eq!(status(&project), json!([["0001_init"], ["0002_edit"], [], []]));
}

#[test]
fn a_failed_migration_can_be_backed_out_and_a_failed_undoing_gone_on_with() {
    let project = shop_with_history();
    let script = "migrations/0002_edit.ts";
    project.replace(
        script,
        "export async function down",
        "function fail(): void {\n  throw new Error(\"no way back\");\n}\n\nexport async function down",
    );
    let sound = project.read(script);
    // Its last step fails.
    project.write(
        script,
        &sound.replacen("\n}\n", "\n  if (!db.dryRun) throw new Error(\"no way\");\n}\n", 1),
    );
    project.mizzle(["migrate", "--yes"]).run().assert_code(1);
    let failed = json!([{ "name": "0002_edit", "error": "Error: no way" }]);
    assert_eq!(status(&project), json!([["0001_init"], [], [], failed]));
    project.mizzle(["migrate", "--down", "1", "--yes", "--accept-data-loss"]).run().assert_code(0);
    assert_eq!(status(&project), json!([["0001_init"], ["0002_edit"], [], []]));

    project.write(script, &sound);
    project.mizzle(["migrate", "--yes"]).run().assert_code(0);
    // Now the rollback fails, after its first step.
    let (up, down) = sound.split_once("export async function down").unwrap();
    let (first, rest) = down.split_once("});\n").unwrap();
    let broken =
        format!("{up}export async function down{first}}});\n  if (!db.dryRun) fail();\n{rest}");
    project.write(script, &broken);
    // A failure before the first step is detected before any change.
    project.write(script, &broken.replace("if (!db.dryRun) ", ""));
    project.mizzle(["migrate", "--down", "1", "--yes", "--accept-data-loss"]).run().assert_code(2);
    assert_eq!(status(&project), json!([["0001_init", "0002_edit"], [], [], []]));
    project.write(script, &broken);
    let output = project
        .mizzle(["migrate", "--down", "1", "--yes", "--accept-data-loss"])
        .run()
        .assert_code(1);
    insta::assert_snapshot!("failed", output.snapshot());
    let output = project.mizzle(["migrate", "--yes"]).run().assert_code(2);
    insta::assert_snapshot!(output.snapshot(), @"
    $ mizzle migrate --yes
    [exit code: 2]
    [stderr]
    Target: embedded DynamoDB (.mizzle/local.db)
    error: 0002_edit is being undone, and that was not finished
      help: finish it: mizzle migrate --down 1, which goes on where it stopped
    ");
    project.write(script, &sound);
    let output = project
        .mizzle(["migrate", "--down", "1", "--yes", "--accept-data-loss"])
        .run()
        .assert_code(0);
    assert!(output.stderr.contains("going on after 1 step"), "{}", output.stderr);
    assert_eq!(status(&project), json!([["0001_init"], ["0002_edit"], [], []]));
    project.mizzle(["migrate", "--yes"]).run().assert_code(0);
    let report = project.mizzle(["push", "--json"]).run().assert_code(0).json();
    assert_eq!(report["outcome"], "in_sync");
}

const USERS: &str = "export const users = dynamoTable(\"Users\", { pk: string(\"pk\") });\n";

/// Creates a project whose first migration is applied, and whose second creates a table of users.
pub(crate) fn with_users(database: &Database) -> TempProject {
    let project = with_schema(SCHEMA);
    project.connect(database);
    project.mizzle(["generate", "--name", "init"]).run().assert_code(0);
    project.mizzle(["migrate", "--yes"]).run().assert_code(0);
    project.write("schema.ts", &format!("{SCHEMA}{USERS}"));
    project.mizzle(["generate", "--name", "users"]).run().assert_code(0);
    project
}

/// Creates a table with two items outside of mizzle.
fn make(database: &Database, table: &str, key: &str) {
    Boto3::from_env().run(
        database,
        &format!(
            r#"
            client.create_table(TableName="{table}", BillingMode="PAY_PER_REQUEST",
                                KeySchema=[{{"AttributeName": "{key}", "KeyType": "HASH"}}],
                                AttributeDefinitions=[{{"AttributeName": "{key}", "AttributeType": "S"}}])
            client.get_waiter("table_exists").wait(TableName="{table}", WaiterConfig={{"Delay": 1}})
            for n in range(2):
                client.put_item(TableName="{table}", Item={{"{key}": {{"S": str(n)}}}})
            result = None
            "#
        ),
    );
}

fn items(database: &Database, table: &str) -> Value {
    let look = format!("result = client.scan(TableName=\"{table}\", Select=\"COUNT\")[\"Count\"]");
    Boto3::from_env().run(database, &look)
}

fn tables(database: &Database) -> Vec<String> {
    let tables = Boto3::from_env().describe(database);
    tables.as_object().unwrap().keys().cloned().collect()
}

#[test]
fn a_table_that_was_taken_over_is_left_alone() {
    {
        let database = DynamoDbLocal::from_env().isolated();
        let project = with_users(&database);
        make(&database, "Users", "pk");
        let output = project.mizzle(["migrate", "--yes"]).run().assert_code(0);
        assert!(output.stderr.contains("Users was there already"), "{}", output.stderr);
        let output = project
            .mizzle(["migrate", "--down", "1", "--yes", "--accept-data-loss"])
            .run()
            .assert_code(0);
        assert!(
            output
                .stderr
                .contains("Users: Delete table is left out: it was there before 0002_users"),
            "{}",
            output.stderr
        );
        assert_eq!(items(&database, "Users"), 2);
        assert_eq!(status(&project), json!([["0001_init"], ["0002_users"], [], []]));
        // Marked as applied, it still does not belong to mizzle.
        project.mizzle(["migrate", "--baseline"]).run().assert_code(0);
        project
            .mizzle(["migrate", "--down", "2", "--yes", "--accept-data-loss"])
            .run()
            .assert_code(0);
        assert_eq!(tables(&database), ["Users", "mizzle_migrations"]);
    }
}

#[test]
fn the_plan_of_an_undoing_fits_the_tables_that_are_there() {
    let project = with_schema(SCHEMA);
    let config = |capacity: u8| {
        project.write(
            "mizzle.config.ts",
            &format!(
                "export default {{ schema: \"./schema.ts\", endpoint: \"local\", \
                 tables: {{ Shop: {{ readCapacity: {capacity}, writeCapacity: 5, indexes: {{ \"*\": {{ readCapacity: 5, writeCapacity: 5 }} }} }} }}, \
                 environments: {{ dev: {{ tables: {{ \"*\": {{ billingMode: \"PAY_PER_REQUEST\" }} }} }} }} }};\n"
            ),
        );
    };
    config(5);
    project.mizzle(["generate", "--name", "init"]).run().assert_code(0);
    config(9);
    project.mizzle(["generate", "--name", "more"]).run().assert_code(0);
    project.mizzle(["migrate", "--env", "dev", "--yes"]).run().assert_code(0);
    let migration = |arguments: &[&str]| {
        let arguments = [&["migrate", "--down", "1", "--env", "dev", "--json"], arguments].concat();
        project.mizzle(arguments).run().assert_code(0).json()["migrations"][0].take()
    };
    let planned = migration(&["--dry-run"]);
    let (steps, skipped) = (&planned["steps"], &planned["skipped"]);
    assert_eq!((steps, skipped.as_array().unwrap().len()), (&json!([]), 1), "{planned:#}");
    let undone = migration(&["--yes"]);
    assert_eq!((&undone["steps"], &undone["skipped"]), (steps, skipped), "{undone:#}");
}
