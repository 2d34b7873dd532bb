//! Fixes for a ledger that does not match: `resolve`, `migrate --repair`, and messages that name
//! them.

use crate::support::{shop, shop_with_history, with_schema};
use mizzle_test::{Boto3, Database, DynamoDbLocal, Fault, FaultProxy, On, Request, TempProject};
use serde_json::{Value, json};

/// Creates a project whose second migration imports a name from the application, all of it applied.
fn with_import() -> TempProject {
    let project = shop();
    project.write(
        "src/names.ts",
        "export const TABLES = { shop: \"Shop\" };\nexport const PAGE = 25;\n",
    );
    project.mizzle(["generate", "--name", "init"]).run().assert_code(0);
    project.mizzle(["generate", "--custom", "--name", "fill"]).run().assert_code(0);
    let script = project.read("migrations/0002_fill.ts");
    let script = script
        .replacen(
            "import type { Database } from \"mizzle-cli\";\n",
            "import type { Database } from \"mizzle-cli\";\nimport { PAGE, TABLES } from \"../src/names\";\n",
            1,
        )
        .replacen(
            "export async function up(db: Database): Promise<void> {\n",
            "export async function up(db: Database): Promise<void> {\n  await db.put({ TableName: TABLES.shop, Item: { pk: \"a\", sk: `${PAGE}` } });\n",
            1,
        );
    project.write("migrations/0002_fill.ts", &script);
    project.mizzle(["migrate"]).run().assert_code(0);
    project
}

fn status(project: &TempProject) -> Value {
    project.mizzle(["status", "--json"]).run().assert_code(0).json()
}

#[test]
fn an_import_that_grows_locks_nothing_and_one_that_changes_is_named() {
    let project = with_import();
    let check = project.mizzle(["check"]).run().assert_code(0);
    insta::assert_snapshot!(check.snapshot(), @"
    $ mizzle check
    [exit code: 0]
    [stderr]
    warning: 0002_fill.ts imports ../src/names.ts: what it uses of that must not change once the migration is applied
      help: copy the values into the script, or keep them in a file that only migrations use
    2 migrations, and everything is in order
    ");
    // The application changes: parts that the script does not use do not count.
    project.write(
        "src/names.ts",
        "export const TABLES = { shop: \"Shop\", invoices: \"Invoices\" };\nexport const PAGE = 25;\nexport const MORE = 1;\n",
    );
    project.mizzle(["migrate"]).run().assert_code(0);
    assert_eq!(status(&project)["problems"], json!([]));
    // The used parts count.
    project.replace("src/names.ts", "PAGE = 25", "PAGE = 50");
    let refused = project.mizzle(["migrate"]).run().assert_code(2);
    insta::assert_snapshot!(refused.snapshot(), @"
    $ mizzle migrate
    [exit code: 2]
    [stderr]
    Target: embedded DynamoDB (.mizzle/local.db)
    error: 0002_fill was changed after it was applied ([timestamp] by [user]): ../src/names.ts differs
      help: restore the files from version control, and put the change into a migration of its own
      help: or, if the change makes no difference to what was applied: mizzle resolve 0002_fill --accept-change
    ");

    let output = project.mizzle(["resolve", "2", "--accept-change"]).run().assert_code(4);
    insta::assert_snapshot!(output.snapshot(), @"
    $ mizzle resolve 2 --accept-change
    [exit code: 4]
    [stderr]
    Target: embedded DynamoDB (.mizzle/local.db)
    0002_fill was applied ([timestamp] by [user])
    error: No terminal to ask on: Accept the script of 0002_fill as it is now? The tables stay as they are.
      help: answer with --yes
    Nothing was changed
    ");
    assert_eq!(status(&project)["changed"], json!(["0002_fill"]));
    let output = project.mizzle(["resolve", "2", "--accept-change", "--yes"]).run().assert_code(0);
    insta::assert_snapshot!(output.snapshot(), @"
    $ mizzle resolve 2 --accept-change --yes
    [exit code: 0]
    [stderr]
    Target: embedded DynamoDB (.mizzle/local.db)
    0002_fill is accepted as it is now
    ");
    project.mizzle(["migrate"]).run().assert_code(0);
    let status = status(&project);
    assert_eq!((&status["changed"], &status["problems"]), (&json!([]), &json!([])));
    let resolution = &status["resolutions"][0];
    assert_eq!(resolution["migration"], "0002_fill");
    assert_eq!(resolution["kind"], "accept-change");
    assert!(resolution["by"].as_str().unwrap().contains('@'), "{resolution}");
    assert!(resolution["at"].as_str().unwrap().starts_with("20"), "{resolution}");
    let again = project.mizzle(["resolve", "2", "--accept-change", "--yes"]).run().assert_code(2);
    assert!(again.stderr.contains("0002_fill is not changed"), "{}", again.stderr);
    // Without an imported file it does not match any applied script.
    project.remove("src/names.ts");
    let refused = project.mizzle(["migrate"]).run().assert_code(2).stderr;
    assert!(refused.contains("../src/names.ts is gone or not imported any more"), "{refused}");
    let broken = project.mizzle(["resolve", "2", "--accept-change", "--yes", "--json"]).run();
    let broken = broken.assert_code(2).json();
    assert_eq!(broken["error"]["kind"], "missing-module", "{broken:#}");
}

#[test]
fn a_question_shows_what_the_ledger_holds() {
    let project = with_import();
    project.replace("src/names.ts", "PAGE = 25", "PAGE = 50");
    let mut terminal = project.mizzle(["resolve", "2", "--accept-change"]).in_terminal(80, 24);
    terminal.wait_for("0002_fill was applied (20");
    terminal.wait_for("Accept the script of 0002_fill").press("y");
    let screen = terminal.finish();
    assert!(screen.text.contains("0002_fill is accepted as it is now"), "{}", screen.text);
    assert_eq!(screen.code, 0);
}

#[test]
fn a_migration_that_was_done_or_undone_by_hand_is_marked() {
    let project = shop_with_history();
    project.mizzle(["migrate", "--to", "1", "--yes"]).run().assert_code(0);
    let script = project.read("migrations/0002_edit.ts");
    // It fails after its first step.
    let failing =
        script.replacen("  });\n", "  });\n  if (!db.dryRun) throw new Error(\"no way\");\n", 1);
    project.write("migrations/0002_edit.ts", &failing);
    project.mizzle(["migrate", "--yes"]).run().assert_code(1);
    let report = project
        .mizzle(["resolve", "0002_edit", "--applied", "--yes", "--json"])
        .run()
        .assert_code(0);
    let report = report.json();
    assert_eq!(report["outcome"], "resolved");
    assert_eq!(report["migrations"][0]["state"], "applied");
    let stands = status(&project);
    assert_eq!(stands["applied"], json!(["0001_init", "0002_edit"]));
    assert_eq!(stands["next"], "mizzle migrate --repair", "{stands:#}");

    project.mizzle(["resolve", "2", "--rolled-back", "--yes"]).run().assert_code(0);
    assert_eq!(status(&project)["pending"], json!(["0002_edit"]));
    let refused = project.mizzle(["resolve", "1", "--forget", "--yes"]).run().assert_code(2);
    insta::assert_snapshot!(refused.snapshot(), @"
    $ mizzle resolve 1 --forget --yes
    [exit code: 2]
    [stderr]
    Target: embedded DynamoDB (.mizzle/local.db)
    error: 0001_init is in the migrations folder
      help: to run it again: mizzle resolve 0001_init --rolled-back
    ");
    let unknown = project.mizzle(["resolve", "9", "--applied", "--yes"]).run().assert_code(2);
    insta::assert_snapshot!(unknown.snapshot(), @"
    $ mizzle resolve 9 --applied --yes
    [exit code: 2]
    [stderr]
    Target: embedded DynamoDB (.mizzle/local.db)
    error: There is no migration 9
      help: name one by its number or its whole name; the newest is 0002_edit
    ");
    let none = project.mizzle(["resolve", "1"]).run().assert_code(2);
    assert!(none.stderr.contains("--accept-change"), "{}", none.stderr);
}

#[test]
fn a_script_that_is_gone_or_renamed_is_resolved() {
    let project = shop_with_history();
    project.mizzle(["migrate", "--yes"]).run().assert_code(0);
    for suffix in ["ts", "snapshot.json"] {
        let text = project.read(&format!("migrations/0002_edit.{suffix}"));
        project.remove(&format!("migrations/0002_edit.{suffix}"));
        project.write(&format!("migrations/0002_indexes.{suffix}"), &text);
    }
    let refused = project.mizzle(["migrate"]).run().assert_code(2);
    insta::assert_snapshot!(refused.snapshot(), @"
    $ mizzle migrate
    [exit code: 2]
    [stderr]
    Target: embedded DynamoDB (.mizzle/local.db)
    error: 0002_indexes is the migration that was applied as 0002_edit ([timestamp] by [user])
      help: rename it back to 0002_edit, or let the ledger follow: mizzle resolve 0002_indexes --accept-change
    ");
    project.mizzle(["resolve", "0002_indexes", "--accept-change", "--yes"]).run().assert_code(0);
    project.mizzle(["migrate"]).run().assert_code(0);
    assert_eq!(status(&project)["applied"], json!(["0001_init", "0002_indexes"]));

    for suffix in ["ts", "snapshot.json"] {
        project.remove(&format!("migrations/0002_indexes.{suffix}"));
    }
    let refused = project.mizzle(["migrate"]).run().assert_code(2);
    insta::assert_snapshot!(refused.snapshot(), @"
    $ mizzle migrate
    [exit code: 2]
    [stderr]
    Target: embedded DynamoDB (.mizzle/local.db)
    error: 0002_indexes was applied, and is not in the migrations folder
      help: restore the script and its snapshot from version control
      help: or, if it is gone on purpose: mizzle resolve 0002_indexes --forget
    ");
    project.mizzle(["resolve", "0002_indexes", "--forget", "--yes"]).run().assert_code(0);
    assert_eq!(status(&project)["applied"], json!(["0001_init"]));
    project.mizzle(["migrate"]).run().assert_code(0);
}

/// Creates a project with a name, and a schema of one table.
fn named(name: &str, table: &str, database: &Database) -> TempProject {
    let project = with_schema(&format!(
        "import {{ dynamoTable, string }} from \"mizzle\";\nexport const t = dynamoTable(\"{table}\", {{ pk: string(\"pk\") }});\n"
    ));
    project.connect(database);
    project.write("package.json", &format!("{{ \"name\": \"{name}\" }}"));
    project.mizzle(["generate", "--name", "init"]).run().assert_code(0);
    project
}

#[test]
fn a_ledger_of_another_project_is_named_as_such() {
    let database = DynamoDbLocal::from_env().isolated();
    let (shop, billing) =
        (named("shop", "Shop", &database), named("@acme/billing", "Bills", &database));
    shop.mizzle(["migrate"]).run().assert_code(0);
    let refused = billing.mizzle(["migrate"]).run().assert_code(2);
    insta::assert_snapshot!(refused.snapshot(), @r#"
    $ mizzle migrate
    [exit code: 2]
    [stderr]
    Target: http://127.0.0.1:[port] (us-east-1)
    error: The ledger belongs to the project "shop": it holds 1 migration, none of this project
      help: give this project a ledger of its own in the config: migrations: { table: "acme-billing_migrations" }
    "#);
    let stands = billing.mizzle(["status"]).run().assert_code(0);
    insta::assert_snapshot!(stands.snapshot(), @r#"
    $ mizzle status
    [exit code: 0]
    [stdout]
    pending    0001_init
    [stderr]
    Target: http://127.0.0.1:[port] (us-east-1)
    warning: The ledger belongs to the project "shop": it holds 1 migration, none of this project
      help: give this project a ledger of its own in the config: migrations: { table: "acme-billing_migrations" }
    1 migration to run, 0 differences from the newest applied one
    "#);
    for kind in ["--applied", "--accept-change", "--rolled-back"] {
        billing.mizzle(["resolve", "1", kind, "--yes"]).run().assert_code(2);
    }
    // A project without a name has not written any of it either.
    let nameless = named("", "Logs", &database);
    nameless.remove("package.json");
    let refused = nameless.mizzle(["resolve", "1", "--accept-change", "--yes"]).run();
    let refused = refused.assert_code(2).stderr;
    assert!(refused.contains("belongs to the project \"shop\""), "{refused}");
    assert!(!refused.contains("--accept-change"), "{refused}");
    // Follow the hint.
    billing.replace(
        "mizzle.config.ts",
        "};\n",
        "  migrations: { table: \"acme-billing_migrations\" },\n};\n",
    );
    billing.mizzle(["migrate"]).run().assert_code(0);
    shop.mizzle(["migrate"]).run().assert_code(0);
    let tables = Boto3::from_env().describe(&database);
    let tables: Vec<&String> = tables.as_object().unwrap().keys().collect();
    assert_eq!(tables, ["Bills", "Shop", "acme-billing_migrations", "mizzle_migrations"]);
}

#[test]
fn tables_are_brought_back_to_what_was_applied() {
    let database = DynamoDbLocal::from_env().isolated();
    let project = shop_with_history();
    project.connect(&database);
    project.mizzle(["migrate", "--yes"]).run().assert_code(0);
    // The schema is ahead, which a repair ignores.
    project.replace(
        "schema.ts",
        "    byAge: gsi(\"createdAt\", { projection: \"KEYS_ONLY\" }),\n",
        "",
    );
    let nothing = project.mizzle(["migrate", "--repair"]).run().assert_code(0);
    assert!(nothing.stderr.contains("nothing to repair"), "{}", nothing.stderr);
    // Another user deletes an index and adds another one.
    Boto3::from_env().run(
        &database,
        r#"
        import time
        client.update_table(TableName="Shop", GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "byAge"}}])
        while len(client.describe_table(TableName="Shop")["Table"]["GlobalSecondaryIndexes"]) > 2:
            time.sleep(0.1)
        client.update_table(TableName="Shop",
            AttributeDefinitions=[{"AttributeName": "x", "AttributeType": "S"}],
            GlobalSecondaryIndexUpdates=[{"Create": {"IndexName": "byX", "KeySchema": [{"AttributeName": "x", "KeyType": "HASH"}], "Projection": {"ProjectionType": "ALL"}}}])
        while any(index["IndexStatus"] != "ACTIVE" for index in client.describe_table(TableName="Shop")["Table"]["GlobalSecondaryIndexes"]):
            time.sleep(0.1)
        result = None
        "#,
    );
    let stands = project.mizzle(["status"]).run().assert_code(0);
    insta::assert_snapshot!(stands.snapshot(), @"
    $ mizzle status
    [exit code: 0]
    [stdout]
    applied    0001_init  [timestamp] by [user]
    applied    0002_edit  [timestamp] by [user]
    Drift, to be as the migrations say:
      Shop: drop GSI byX (x S)
      Shop: add GSI byAge (createdAt N) KEYS_ONLY
    The schema has changes without a migration:
      Shop: drop GSI byAge (createdAt N)
    [stderr]
    Target: http://127.0.0.1:[port] (us-east-1)
    0 migrations to run, 2 differences from the newest applied one
    Next: mizzle migrate --repair
    ");
    let dry = project.mizzle(["migrate", "--repair", "--dry-run"]).run().assert_code(0);
    insta::assert_snapshot!(dry.snapshot(), @"
    $ mizzle migrate --repair --dry-run
    [exit code: 0]
    [stdout]
    ~ Shop: change
      + Add GSI byAge (createdAt N) KEYS_ONLY
      - Drop GSI byX
        ▲ Queries on byX fail from now on. The items of the table are not touched.
    [stderr]
    Target: http://127.0.0.1:[port] (us-east-1)
    2 steps on 1 table to apply; nothing was changed (--dry-run)
    ");
    let before = Boto3::from_env().describe(&database)["Shop"].clone();
    let refused = project.mizzle(["migrate", "--repair"]).run().assert_code(4);
    assert!(refused.stderr.contains("--yes"), "{}", refused.stderr);
    assert_eq!(Boto3::from_env().describe(&database)["Shop"], before);
    let report = project.mizzle(["migrate", "--repair", "--yes", "--json"]).run().assert_code(0);
    assert_eq!(report.json()["outcome"], "applied");
    let indexes = Boto3::from_env().describe(&database)["Shop"]["GlobalSecondaryIndexes"].clone();
    let indexes: Vec<&String> = indexes.as_object().unwrap().keys().collect();
    assert_eq!(indexes, ["byAge", "byStatus", "byTotal"]);
    assert_eq!(status(&project)["drift"], json!([]));
}

/// A replacement by a push is not reverted: its migration is written afterwards.
#[test]
fn a_push_that_went_ahead_is_followed_by_its_migration() {
    let project = shop();
    project.mizzle(["generate", "--name", "init"]).run().assert_code(0);
    project.mizzle(["migrate"]).run().assert_code(0);
    project.replace("schema.ts", "string(\"pk\")", "string(\"id\")");
    project.mizzle(["push", "--yes"]).run().assert_code(0);
    let stands = project.mizzle(["status"]).run().assert_code(0);
    insta::assert_snapshot!(stands.snapshot(), @"
    $ mizzle status
    [exit code: 0]
    [stdout]
    applied    0001_init  [timestamp] by [user]
    Drift, to be as the migrations say:
      Shop: change the key from (id S, sk S) to (pk S, sk S)
      Shop: change LSI byDate: key (id S, createdAt N) → (pk S, createdAt N)
    The schema has changes without a migration:
      Shop: change the key from (pk S, sk S) to (id S, sk S)
      Shop: change LSI byDate: key (pk S, createdAt N) → (id S, createdAt N)
    [stderr]
    Target: embedded DynamoDB (.mizzle/local.db)
    0 migrations to run, 2 differences from the newest applied one
    Next: mizzle generate --replace Shop
      (the tables are as the schema describes them already; then mark the migration as applied: mizzle migrate --baseline)
    ");
    // A repair would lose items, and lists the alternatives.
    let refused = project.mizzle(["migrate", "--repair", "--dry-run"]).run();
    insta::assert_snapshot!(refused.snapshot(), @"
    $ mizzle migrate --repair --dry-run
    [exit code: 0]
    [stdout]
    ± Shop: replace
      - Delete table
        ▲ Deletes table Shop and creates it again, because its key cannot change from (id S, sk S) to (pk S, sk S) and LSI byDate cannot change (key (id S, createdAt N) → (pk S, createdAt N)). It holds no item, which is checked once more before it goes. Its backups for point-in-time recovery, its stream and its auto scaling go with it; requests fail until it is ACTIVE again.
      + Create table
          key (pk S, sk S)
          LSI byDate (pk S, createdAt N) ALL
          GSI byEmail (email S) ALL
          GSI byStatus (status S, createdAt N) ALL
    [stderr]
    Target: embedded DynamoDB (.mizzle/local.db)
    2 steps on 1 table to apply; nothing was changed (--dry-run)
    ");
    let next = status(&project)["next"].as_str().unwrap().to_owned();
    let next: Vec<&str> = next.split(' ').skip(1).chain(["--name", "id"]).collect();
    project.mizzle(next).run().assert_code(0);
    project.mizzle(["migrate", "--baseline"]).run().assert_code(0);
    assert_eq!(status(&project)["drift"], json!([]));
}

#[test]
fn a_table_that_was_deleted_twice_over_is_repaired_only_when_agreed() {
    let database = DynamoDbLocal::from_env().isolated();
    let project = named("shop", "Shop", &database);
    project.replace("schema.ts", "\"Shop\"", "\"Store\"");
    project.mizzle(["generate", "--name", "store", "--yes"]).run().assert_code(0);
    project.mizzle(["migrate", "--yes"]).run().assert_code(0);
    // A table that the history deletes exists again, with an item.
    Boto3::from_env().run(
        &database,
        r#"
        client.create_table(TableName="Shop", BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}])
        client.get_waiter("table_exists").wait(TableName="Shop", WaiterConfig={"Delay": 1})
        client.put_item(TableName="Shop", Item={"pk": {"S": "a"}})
        result = None
        "#,
    );
    let refused = project.mizzle(["migrate", "--repair", "--yes"]).run().assert_code(4);
    assert!(refused.stderr.contains("--accept-data-loss"), "{}", refused.stderr);
    project.mizzle(["migrate", "--repair", "--yes", "--accept-data-loss"]).run().assert_code(0);
    let tables = Boto3::from_env().describe(&database);
    assert!(tables.get("Shop").is_none(), "{tables:#}");
    assert_eq!(status(&project)["drift"], json!([]));
}

/// A killed runner cannot release the lock: on the same machine it is known that it has ended.
#[cfg(target_os = "linux")]
#[test]
fn the_lock_of_a_process_that_ended_is_taken_at_once() {
    let database = DynamoDbLocal::from_env().isolated();
    let project = shop_with_history();
    let proxy = FaultProxy::start(&database.endpoint);
    project.connect(&database.through(&proxy));
    proxy.inject(On::operation("CreateTable").table("Shop"), Fault::Hold { looks: 1000 });
    let runner = project.mizzle(["migrate", "--yes"]).env("MIZZLE_LOCK_LEASE", "600").start();
    // It has created the table, and waits for it.
    let is_of_shop = |one: &Request, operation: &str| {
        one.operation == operation && one.table.as_deref() == Some("Shop")
    };
    proxy.wait_until(|requests| {
        let mut since = requests.iter().skip_while(|one| !is_of_shop(one, "CreateTable"));
        since.any(|one| is_of_shop(one, "DescribeTable"))
    });
    runner.kill();
    proxy.heal();
    // A waiter would time out here, with a lease of ten minutes.
    let output = project.mizzle(["migrate", "--yes"]).env("MIZZLE_LOCK_WAIT", "5").run();
    output.assert_code(0);
}

#[test]
fn the_newest_migration_is_removed_while_no_ledger_has_it() {
    let database = DynamoDbLocal::from_env().isolated();
    let project = shop_with_history();
    project.mizzle(["migrate", "--to", "1", "--yes"]).run().assert_code(0);
    let before = project.files();
    let output = project.mizzle(["generate", "--undo"]).run().assert_code(4);
    insta::assert_snapshot!(output.snapshot(), @"
    $ mizzle generate --undo
    [exit code: 4]
    [stderr]
    migrations/0002_edit.ts
    migrations/0002_edit.snapshot.json
    error: No terminal to ask on: Remove 0002_edit? Changes that were made to these files are lost.
      help: answer with --yes
    ");
    assert_eq!(project.files(), before);
    // An environment has applied it.
    project.replace(
        "mizzle.config.ts",
        "};\n",
        &format!(
            "  environments: {{\n    staging: {{ {}, tableName: {{ prefix: \"staging-\" }} }},\n    gone: {{ endpoint: \"http://127.0.0.1:1\", region: \"us-east-1\", credentials: {{ accessKeyId: \"a\", secretAccessKey: \"b\" }} }},\n  }},\n}};\n",
            database.config_fields().trim_end_matches(','),
        ),
    );
    let staging = |arguments: &[&str]| {
        project.mizzle([arguments, &["--env", "staging", "--yes"]].concat()).run().assert_code(0)
    };
    staging(&["migrate"]);
    let undo = || project.mizzle(["generate", "--undo", "--yes"]);
    let refused = undo().run().assert_code(4);
    insta::assert_snapshot!(refused.snapshot(), @"
    $ mizzle generate --undo --yes
    [exit code: 4]
    [stderr]
    warning: It is not known whether the environment gone has 0002_edit in its ledger: Scan of mizzle_migrations failed: nothing listens at http://127.0.0.1:[port]
    error: The environment staging has 0002_edit in its ledger, so nothing was removed
      help: undo it there first: mizzle migrate --down 1 --env staging
      help: or write another migration that goes on from it: mizzle generate
    ");
    assert_eq!(project.files(), before);
    // Rolled back there, it is in no known ledger; that of an unreachable server is unknown.
    staging(&["migrate", "--down", "1"]);
    let removed = undo().run().assert_code(0);
    insta::assert_snapshot!(removed.snapshot(), @"
    $ mizzle generate --undo --yes
    [exit code: 0]
    [stderr]
    warning: It is not known whether the environment gone has 0002_edit in its ledger: Scan of mizzle_migrations failed: nothing listens at http://127.0.0.1:[port]
    migrations/0002_edit.ts
    migrations/0002_edit.snapshot.json
    Removed 0002_edit
    ");
    assert_eq!(before.len() - project.files().len(), 2);
    let json = project.mizzle(["generate", "--undo", "--yes", "--json"]).run();
    let json = json.assert_code(4).json();
    assert_eq!(json["error"]["kind"], "migration-applied", "{json:#}");
}
