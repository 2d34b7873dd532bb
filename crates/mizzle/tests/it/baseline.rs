//! `mizzle migrate --baseline`: existing tables get a history.

use crate::support::{SCHEMA, edit, shop, shop_with_history, with_schema};
use mizzle_test::{Boto3, Database, DynamoDbLocal, Fault, FaultProxy, Moto, On, TempProject};
use serde_json::json;

#[test]
fn tables_that_are_there_are_taken_over_and_not_touched() {
    for database in [DynamoDbLocal::from_env().isolated(), Moto::from_env().isolated()] {
        let proxy = FaultProxy::start(&database.endpoint);
        let project = shop_with_history();
        project.connect(&database.through(&proxy));
        project.mizzle(["push", "--yes"]).run().assert_code(0);
        let before = Boto3::from_env().describe(&database)["Shop"].clone();
        proxy.forget_requests();
        let report =
            project.mizzle(["migrate", "--baseline", "--json"]).run().assert_code(0).json();
        assert_eq!(report["outcome"], "applied");
        let names: Vec<_> =
            report["migrations"].as_array().unwrap().iter().map(|one| &one["name"]).collect();
        assert_eq!(names, ["0001_init", "0002_edit"]);
        assert!(proxy.writes().iter().all(|write| write.table.as_deref() != Some("Shop")));
        assert_eq!(Boto3::from_env().describe(&database)["Shop"], before);
        project.mizzle(["status", "--exit-code"]).run().assert_code(0);
        let report = project.mizzle(["migrate", "--json", "--yes"]).run().assert_code(0).json();
        assert_eq!(report["outcome"], "in_sync");
        // A marked migration can be rolled back like an executed one.
        project
            .mizzle(["migrate", "--down", "1", "--yes", "--accept-data-loss"])
            .run()
            .assert_code(0);
        let report = project.mizzle(["migrate", "--json", "--yes"]).run().assert_code(0).json();
        assert_eq!(report["migrations"][0]["name"], "0002_edit");
        project.mizzle(["status", "--exit-code"]).run().assert_code(0);
    }
}

#[test]
fn what_a_person_sees() {
    let project = shop_with_history();
    let show = |name: &str, arguments: &[&str], code| {
        let output = project.mizzle(arguments).run().assert_code(code);
        insta::assert_snapshot!(name, output.snapshot());
    };
    show("missing_table", &["migrate", "--baseline"], 1);
    project.mizzle(["migrate", "--to", "1", "--yes"]).run().assert_code(0);
    show("missing_index", &["migrate", "--baseline"], 1);
    project.mizzle(["push", "--yes"]).run().assert_code(0);
    project.replace(
        "migrations/0002_edit.ts",
        "db: Database): Promise<void> {\n",
        "db: Database): Promise<void> {\n  await db.delete({ TableName: \"Shop\", Key: { pk: \"a\", sk: \"b\" } });\n",
    );
    show("dry_run", &["migrate", "--baseline", "--dry-run"], 0);
    show("marked", &["migrate", "--baseline"], 0);
    show("nothing_to_mark", &["migrate", "--baseline"], 0);
}

#[test]
fn the_first_of_them_can_be_marked_and_the_rest_be_run() {
    let project = shop_with_history();
    project.mizzle(["migrate", "--to", "1", "--yes"]).run().assert_code(0);
    project.mizzle(["migrate", "--down", "1", "--yes", "--accept-data-loss"]).run().assert_code(0);
    project.mizzle(["migrate", "--baseline", "--to", "1"]).run().assert_code(1);
    // Like another tool.
    let other = shop();
    other.mizzle(["push", "--yes"]).run().assert_code(0);
    let database = other.path().join(".mizzle/local.db");
    std::fs::copy(database, project.path().join(".mizzle/local.db")).unwrap();
    project.mizzle(["migrate", "--baseline", "--to", "0001_init"]).run().assert_code(0);
    let report = project.mizzle(["migrate", "--json", "--yes"]).run().assert_code(0).json();
    assert_eq!(report["migrations"].as_array().unwrap().len(), 1);
    assert_eq!(report["migrations"][0]["name"], "0002_edit");
    let status = project.mizzle(["status", "--json"]).run().assert_code(0).json();
    assert_eq!(status["applied"], json!(["0001_init", "0002_edit"]));
}

/// The output of the first CLI: a snapshot without an id, and scripts that mostly do not parse.
#[test]
fn the_history_of_the_first_cli_is_taken_over() {
    let project = shop();
    project.mizzle(["push", "--yes"]).run().assert_code(0);
    let listed = project.mizzle(["list", "Shop", "--json"]).run().assert_code(0).json();
    let mut table = listed["tables"][0].clone();
    let fields = table.as_object_mut().unwrap();
    let kept = [
        "TableName",
        "AttributeDefinitions",
        "KeySchema",
        "GlobalSecondaryIndexes",
        "LocalSecondaryIndexes",
    ];
    fields.retain(|field, _| kept.contains(&field.as_str()));
    let snapshot = json!({ "version": "1", "tables": { "Shop": table } });
    project.write("migrations/snapshot.json", &snapshot.to_string());
    project.write(
        "migrations/0000_init.ts",
        "import { Mizzle } from \"@aurios/mizzle\";\n\nexport async function up(db: Mizzle) {\n  // Create table Shop await db.createTable(\"Shop\", {\n    \"TableName\": \"Shop\"\n  });\n}\n",
    );
    let status = project.mizzle(["status", "--json"]).run().assert_code(0).json();
    assert_eq!(status["pending"], json!(["0000_init"]));
    let output = project.mizzle(["migrate", "--yes"]).run().assert_code(2);
    insta::assert_snapshot!(output.snapshot(), @r#"
    $ mizzle migrate --yes
    [exit code: 2]
    [stderr]
    Target: embedded DynamoDB (.mizzle/local.db)
    error: Expected a semicolon or an implicit semicolon after a statement, but found none
       ╭─[migrations/0000_init.ts:5:16]
     4 │   // Create table Shop await db.createTable("Shop", {
     5 │     "TableName": "Shop"
       ·                ▲
     6 │   });
       ╰────
      help: Try inserting a semicolon here
      help: this looks like a script of the first mizzle CLI, which wrote some that do not parse and ran none: write the calls again, or, if its tables exist, mark the migration as applied (mizzle migrate --baseline)
    "#);
    let checked = project.mizzle(["check", "--json"]).run().assert_code(3).json();
    let problem = &checked["problems"][0];
    assert_eq!(problem["kind"], "unreadable-script", "{checked:#}");
    assert_eq!(problem["file"], "0000_init.ts");
    assert_eq!([&problem["line"], &problem["column"]], [5, 16], "{checked:#}");
    let output = project.mizzle(["check"]).run().assert_code(3);
    insta::assert_snapshot!(output.snapshot(), @r#"
    $ mizzle check
    [exit code: 3]
    [stdout]
    0000_init.ts: it does not run: Expected a semicolon or an implicit semicolon after a statement, but found none
       ╭─[migrations/0000_init.ts:5:16]
     4 │   // Create table Shop await db.createTable("Shop", {
     5 │     "TableName": "Shop"
       ·                ▲
     6 │   });
       ╰────
      help: Try inserting a semicolon here
    snapshot.json: The schema has changed since snapshot.json: change table Shop: leave on-demand maximum of byEmail to others; leave on-demand maximum of byStatus to others
      help: run `mizzle generate`, which writes a migration for it
    [stderr]
    error: The migrations have 2 problems
      help: each says what to do; run `mizzle check` again then
    Nothing was changed
    "#);
    project.mizzle(["migrate", "--baseline"]).run().assert_code(0);
    project.mizzle(["status", "--exit-code"]).run().assert_code(0);
    // New migrations continue from there.
    edit(&project);
    project.mizzle(["generate", "--name", "edit"]).run().assert_code(0);
    project.mizzle(["migrate", "--yes"]).run().assert_code(0);
    project.mizzle(["status", "--exit-code"]).run().assert_code(0);
    let report = project.mizzle(["push", "--json"]).run().assert_code(0).json();
    assert_eq!(report["outcome"], "in_sync");
}

/// Creates a project whose second migration deletes a table, and its server, which still has all of
/// them.
fn with_a_table_too_many() -> (TempProject, Database) {
    let database = DynamoDbLocal::from_env().isolated();
    let project = with_schema(&format!("{SCHEMA}{OLD}"));
    project.connect(&database);
    project.mizzle(["generate", "--name", "init"]).run().assert_code(0);
    project.mizzle(["push", "--yes"]).run().assert_code(0);
    project.replace("schema.ts", OLD, "");
    project.mizzle(["generate", "--name", "drop"]).run().assert_code(0);
    (project, database)
}

const OLD: &str = "export const old = dynamoTable(\"Old\", { pk: string(\"pk\") });\n";

#[test]
fn a_deletion_that_never_happened_is_not_marked() {
    let (project, database) = with_a_table_too_many();
    let output = project.mizzle(["migrate", "--baseline"]).run().assert_code(1);
    insta::assert_snapshot!(output.snapshot(), @"
    $ mizzle migrate --baseline
    [exit code: 1]
    [stderr]
    Target: http://127.0.0.1:[port] (us-east-1)
    error: The tables are not as 0002_drop leaves them (1 difference), so nothing was marked:
      Old: should be gone: 0002_drop deletes it
      help: name the last migration whose effects are there: --to
      help: or run the scripts: `mizzle migrate` adopts tables that exist, and leaves what is not managed
    ");
    project.mizzle(["migrate", "--baseline", "--to", "1"]).run().assert_code(0);
    let status = || {
        let status = project.mizzle(["status", "--json"]).run().assert_code(0).json();
        [status["applied"].clone(), status["drift"].clone()]
    };
    assert_eq!(status(), [json!(["0001_init"]), json!([])]);
    project.mizzle(["migrate", "--yes"]).run().assert_code(0);
    assert_eq!(status(), [json!(["0001_init", "0002_drop"]), json!([])]);

    // Another user creates it again, first with another key, which does not concern the project.
    let create = |key: &str| {
        Boto3::from_env().run(
            &database,
            &format!(
                r#"
                client.create_table(TableName="Old", BillingMode="PAY_PER_REQUEST",
                                    KeySchema=[{{"AttributeName": "{key}", "KeyType": "HASH"}}],
                                    AttributeDefinitions=[{{"AttributeName": "{key}", "AttributeType": "S"}}])
                client.get_waiter("table_exists").wait(TableName="Old", WaiterConfig={{"Delay": 1}})
                result = None
                "#
            ),
        );
    };
    create("id");
    assert_eq!(status()[1], json!([]));
    Boto3::from_env().run(
        &database,
        r#"
        client.delete_table(TableName="Old")
        client.get_waiter("table_not_exists").wait(TableName="Old", WaiterConfig={"Delay": 1})
        result = None
        "#,
    );
    create("pk");
    let drift = json!([{ "table": "Old", "change": "should be gone: 0002_drop deletes it" }]);
    assert_eq!(status()[1], drift);
    let output = project.mizzle(["status", "--exit-code"]).run().assert_code(3);
    assert!(output.stdout.contains("Old: should be gone"), "{}", output.stdout);
}

#[test]
fn tables_that_no_longer_exist_need_not_be_visible() {
    let (project, database) = with_a_table_too_many();
    project.mizzle(["migrate", "--yes"]).run().assert_code(0);
    let proxy = FaultProxy::start(&database.endpoint);
    project.replace("mizzle.config.ts", &database.endpoint, proxy.endpoint());
    let denied = Fault::refuse(400, "AccessDeniedException", "not authorized");
    proxy.inject(On::operation("DescribeTable").table("Old").every(), denied);
    let status = project.mizzle(["status", "--json", "--exit-code"]).run().assert_code(0);
    assert!(
        status.stderr.contains("Whether tables that migrations delete are gone cannot be seen"),
        "{}",
        status.stderr
    );
}
