//! `mizzle migrate --down`: the last migrations are undone, and nothing is lost that was not named.

use crate::support::{SCHEMA, give_back, lock, shop_with_history, with_schema};
use mizzle_test::{
    Boto3, Database, DynamoDbLocal, Fault, FaultProxy, Moto, On, Random, Screen, TempProject,
};
use serde_json::{Value, json};
use std::time::Duration;

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
    // All of them, and more than there are.
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
    // Now the way back fails, after its first step.
    let (up, down) = sound.split_once("export async function down").unwrap();
    let (first, rest) = down.split_once("});\n").unwrap();
    let broken =
        format!("{up}export async function down{first}}});\n  if (!db.dryRun) fail();\n{rest}");
    project.write(script, &broken);
    // What fails before anything is done is seen before anything is done.
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
    insta::assert_snapshot!("unfinished", output.snapshot());
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

#[test]
fn an_undoing_that_is_killed_is_finished_by_the_next() {
    let mut random = Random::new();
    let mut killed = 0;
    for _ in 0..6 {
        let database = DynamoDbLocal::from_env().isolated();
        let project = shop_with_history();
        project.connect(&database);
        project.mizzle(["migrate", "--yes"]).run().assert_code(0);
        let proxy = FaultProxy::start(&database.endpoint);
        proxy.inject(On::any().every(), Fault::Delay(Duration::from_millis(5)));
        project.replace("mizzle.config.ts", &database.endpoint, proxy.endpoint());
        let undo = || {
            project
                .mizzle(["migrate", "--down", "1", "--yes", "--accept-data-loss"])
                .env("MIZZLE_LOCK_LEASE", "1")
        };
        let pause = random.duration(Duration::from_millis(30)..Duration::from_millis(600));
        killed += u32::from(undo().kill_after(pause).was_alive);
        // When it was not killed before its end, there is one migration less to undo.
        if status(&project) != json!([["0001_init"], ["0002_edit"], [], []]) {
            undo().run().assert_code(0);
        }
        assert_eq!(indexes(&database), ["byEmail", "byStatus"]);
        assert_eq!(status(&project), json!([["0001_init"], ["0002_edit"], [], []]));
    }
    assert!(killed > 0, "some were alive");
}

const USERS: &str = "export const users = dynamoTable(\"Users\", { pk: string(\"pk\") });\n";

/// A project whose first migration is applied, and whose second makes a table of users.
pub(crate) fn with_users(database: &Database) -> TempProject {
    let project = with_schema(SCHEMA);
    project.connect(database);
    project.mizzle(["generate", "--name", "init"]).run().assert_code(0);
    project.mizzle(["migrate", "--yes"]).run().assert_code(0);
    project.write("schema.ts", &format!("{SCHEMA}{USERS}"));
    project.mizzle(["generate", "--name", "users"]).run().assert_code(0);
    project
}

/// Somebody makes a table with two items.
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
fn a_table_that_a_failed_migration_never_made_is_left_alone() {
    let database = DynamoDbLocal::from_env().isolated();
    let project = with_users(&database);
    // Its way back would also take items, and the protection.
    project.replace(
        "migrations/0002_users.ts",
        "  await db.deleteTable({ TableName: \"Users\" });\n",
        r#"  await db.updateTable({ TableName: "Users", DeletionProtectionEnabled: false });
  for await (const { id } of db.scanItems({ TableName: "Users" })) {
    await db.delete({ TableName: "Users", Key: { id } });
  }
  await db.deleteTable({ TableName: "Users" });
"#,
    );
    let beginning = "export async function up(db: Database): Promise<void> {\n";
    let fails = format!("{beginning}  if (!db.dryRun) throw new Error(\"no way\");\n");
    project.replace("migrations/0002_users.ts", beginning, &fails);
    project.mizzle(["migrate", "--yes"]).run().assert_code(1);
    // Another team's.
    make(&database, "Users", "id");
    let proxy = FaultProxy::start(&database.endpoint);
    project.replace("mizzle.config.ts", &database.endpoint, proxy.endpoint());
    let show = |name: &str, arguments: &[&str], code| {
        let output = project.mizzle(arguments).run().assert_code(code);
        insta::assert_snapshot!(name, output.snapshot());
    };
    show("never_made_dry_run", &["migrate", "--down", "1", "--dry-run"], 0);
    show("never_made_not_agreed", &["migrate", "--down", "1"], 4);
    show("never_made_undone", &["migrate", "--down", "1", "--yes", "--accept-data-loss"], 0);
    assert!(proxy.writes().iter().all(|write| write.table.as_deref() != Some("Users")));
    assert_eq!(items(&database, "Users"), 2);
    assert_eq!(status(&project), json!([["0001_init"], ["0002_users"], [], []]));
}

#[test]
fn the_table_that_a_failed_migration_was_to_replace_keeps_its_items() {
    let database = DynamoDbLocal::from_env().isolated();
    let project = with_users(&database);
    project.mizzle(["migrate", "--yes"]).run().assert_code(0);
    Boto3::from_env().run(
        &database,
        "client.put_item(TableName=\"Users\", Item={\"pk\": {\"S\": \"ada\"}})\nresult = None",
    );
    project.mizzle(["generate", "--custom", "--name", "replace"]).run().assert_code(0);
    let replace = r#"  const items: Record<string, unknown>[] = [];
  for await (const item of db.scanItems({ TableName: "Users" })) items.push(item);
  await db.deleteTable({ TableName: "Users" });
  await db.createTable({
    TableName: "Users",
    AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
    KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
    BillingMode: "PAY_PER_REQUEST",
  });
  for (const item of items) await db.put({ TableName: "Users", Item: { ...item, back: true } });
"#;
    project.write(
        "migrations/0003_replace.ts",
        &format!(
            "import type {{ Database }} from \"mizzle-cli\";\n\nexport async function up(db: Database): Promise<void> {{\n  if (!db.dryRun) throw new Error(\"no way\");\n{replace}}}\n\nexport async function down(db: Database): Promise<void> {{\n{replace}}}\n"
        ),
    );
    project.mizzle(["migrate", "--yes", "--accept-data-loss"]).run().assert_code(1);
    let report =
        project.mizzle(["migrate", "--down", "1", "--yes", "--accept-data-loss", "--json"]).run();
    let report = report.assert_code(0).json();
    let skipped = &report["migrations"][0]["skipped"];
    assert_eq!(skipped.as_array().unwrap().len(), 1, "{report:#}");
    assert_eq!(skipped[0]["reason"], "0003_replace did not make it");
    let items =
        Boto3::from_env().run(&database, "result = client.scan(TableName=\"Users\")[\"Items\"]");
    assert_eq!(items, json!([{ "pk": { "S": "ada" } }]));
}

#[test]
fn an_index_that_a_failed_migration_never_made_is_left_alone() {
    let database = DynamoDbLocal::from_env().isolated();
    let project = shop_with_history();
    project.connect(&database);
    project.mizzle(["migrate", "--to", "1", "--yes"]).run().assert_code(0);
    let beginning = "export async function up(db: Database): Promise<void> {\n";
    let fails = format!("{beginning}  if (!db.dryRun) throw new Error(\"no way\");\n");
    project.replace("migrations/0002_edit.ts", beginning, &fails);
    project.mizzle(["migrate", "--yes"]).run().assert_code(1);
    // Somebody else has made it meanwhile.
    Boto3::from_env().run(
        &database,
        r#"
        import time
        attributes = client.describe_table(TableName="Shop")["Table"]["AttributeDefinitions"]
        client.update_table(TableName="Shop", AttributeDefinitions=attributes,
            GlobalSecondaryIndexUpdates=[{"Create": {"IndexName": "byAge", "KeySchema": [{"AttributeName": "createdAt", "KeyType": "HASH"}], "Projection": {"ProjectionType": "ALL"}}}])
        while any(index["IndexStatus"] != "ACTIVE" for index in client.describe_table(TableName="Shop")["Table"]["GlobalSecondaryIndexes"]):
            time.sleep(0.1)
        result = None
        "#,
    );
    project.mizzle(["migrate", "--down", "1", "--yes", "--accept-data-loss"]).run().assert_code(0);
    assert_eq!(indexes(&database), ["byAge", "byEmail", "byStatus"]);
}

#[test]
fn a_table_that_was_taken_over_is_left_alone() {
    for database in [DynamoDbLocal::from_env().isolated(), Moto::from_env().isolated()] {
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
        // Marked, it is as little ours.
        project.mizzle(["migrate", "--baseline"]).run().assert_code(0);
        project
            .mizzle(["migrate", "--down", "2", "--yes", "--accept-data-loss"])
            .run()
            .assert_code(0);
        assert_eq!(tables(&database), ["Users", "mizzle_migrations"]);
    }
}

#[test]
fn a_table_that_a_killed_run_has_made_is_its_own() {
    let database = DynamoDbLocal::from_env().isolated();
    let project = with_users(&database);
    let proxy = FaultProxy::start(&database.endpoint);
    project.replace("mizzle.config.ts", &database.endpoint, proxy.endpoint());
    for is_gone_on_with in [true, false] {
        proxy.forget_requests();
        proxy.inject(On::operation("CreateTable").table("Users"), Fault::Hold { looks: 400 });
        let run =
            project.mizzle(["migrate", "--json", "--yes"]).env("MIZZLE_LOCK_LEASE", "1").start();
        proxy.wait_until(|requests| {
            let mut requests = requests.iter().filter(|one| one.table.as_deref() == Some("Users"));
            requests.any(|one| one.operation == "CreateTable")
                && requests.any(|one| one.operation == "DescribeTable")
        });
        run.kill_after(Duration::ZERO);
        proxy.heal();
        if is_gone_on_with {
            project.mizzle(["migrate", "--yes"]).run().assert_code(0);
        }
        let report = project
            .mizzle(["migrate", "--down", "1", "--yes", "--accept-data-loss", "--json"])
            .run();
        let report = report.assert_code(0).json();
        assert_eq!(report["migrations"][0]["skipped"], json!([]), "{report:#}");
        assert_eq!(tables(&database), ["Shop", "mizzle_migrations"]);
    }
}

#[test]
fn what_was_not_shown_is_not_deleted() {
    let database = DynamoDbLocal::from_env().isolated();
    let project = with_users(&database);
    project.mizzle(["migrate", "--yes"]).run().assert_code(0);
    let deletion = "  await db.deleteTable({ TableName: \"Users\" });\n";
    let more = "  const { Items } = await db.scan({ TableName: \"Shop\" });\n  if (Items?.length || !db.dryRun) await db.deleteTable({ TableName: \"Shop\" });\n";
    project.replace("migrations/0002_users.ts", deletion, &format!("{deletion}{more}"));
    let output = project.mizzle(["migrate", "--down", "1"]).run().assert_code(4);
    assert!(output.stderr.contains("cannot be foreseen"), "{}", output.stderr);
    let output = project
        .mizzle(["migrate", "--down", "1", "--yes", "--accept-data-loss"])
        .run()
        .assert_code(4);
    insta::assert_snapshot!("not_shown", output.snapshot());
    assert_eq!(tables(&database), ["Shop", "mizzle_migrations"]);
    // Mended, it goes on.
    project.replace("migrations/0002_users.ts", more, "");
    project.mizzle(["migrate", "--down", "1", "--yes", "--accept-data-loss"]).run().assert_code(0);
    assert_eq!(status(&project), json!([["0001_init"], ["0002_users"], [], []]));
}

#[test]
fn a_table_that_was_exchanged_after_it_was_agreed_to_is_not_deleted() {
    let database = DynamoDbLocal::from_env().isolated();
    let project = with_users(&database);
    project.mizzle(["migrate", "--yes"]).run().assert_code(0);
    let proxy = FaultProxy::start(&database.endpoint);
    project.replace("mizzle.config.ts", &database.endpoint, proxy.endpoint());
    for was_there in [true, false] {
        lock(&database);
        proxy.forget_requests();
        let undo = project
            .mizzle(["migrate", "--down", "1", "--yes", "--accept-data-loss", "--json"])
            .start();
        proxy.wait_until(|requests| requests.iter().any(|one| one.operation == "GetItem"));
        if was_there {
            Boto3::from_env().run(
                &database,
                r#"
                client.delete_table(TableName="Users")
                client.get_waiter("table_not_exists").wait(TableName="Users", WaiterConfig={"Delay": 1})
                result = None
                "#,
            );
        }
        make(&database, "Users", "pk");
        give_back(&database);
        let report = undo.finish().assert_code(if was_there { 1 } else { 4 }).json();
        let message = report["error"]["message"].as_str().unwrap();
        let expected = match was_there {
            true => "Users is another table by now",
            false => "Users was not there when its deletion was agreed to",
        };
        assert!(message.contains(expected), "{report:#}");
        assert_eq!(items(&database, "Users"), 2);
        // For the next round: it is gone when the deletion is shown.
        Boto3::from_env().run(
            &database,
            r#"
            client.delete_table(TableName="Users")
            client.get_waiter("table_not_exists").wait(TableName="Users", WaiterConfig={"Delay": 1})
            result = None
            "#,
        );
    }
    project.mizzle(["migrate", "--down", "1", "--yes", "--accept-data-loss"]).run().assert_code(0);
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
