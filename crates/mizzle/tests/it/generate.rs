//! `mizzle generate`: pairs of files, their chain, and scripts that people and tools can read.

use crate::{
    scripts::assert_run_elsewhere,
    support::{BINARY, CONFIG, SCHEMA, edit, shop, with_schema},
};
use mizzle_test::{Boto3, TempProject};
use serde_json::{Value, json};

fn snapshot_of(project: &TempProject, migration: &str) -> Value {
    serde_json::from_str(&project.read(&format!("migrations/{migration}.snapshot.json"))).unwrap()
}

#[test]
fn a_schema_its_edit_and_no_change() {
    let project = shop();
    let first = project.mizzle(["generate"]).run().assert_code(0);
    insta::assert_snapshot!("first_run", first.snapshot());
    edit(&project);
    let second = project.mizzle(["generate"]).run().assert_code(0);
    insta::assert_snapshot!("second_run", second.snapshot());
    assert_eq!(
        project.files_below("migrations"),
        [
            "migrations/0001_create_shop.snapshot.json",
            "migrations/0001_create_shop.ts",
            "migrations/0002_add_shop_by_age_and_2_more.snapshot.json",
            "migrations/0002_add_shop_by_age_and_2_more.ts",
        ]
    );
    insta::assert_snapshot!("first_script", project.read("migrations/0001_create_shop.ts"));
    insta::assert_snapshot!(
        "first_snapshot",
        project.read("migrations/0001_create_shop.snapshot.json")
    );
    insta::assert_snapshot!(
        "second_script",
        project.read("migrations/0002_add_shop_by_age_and_2_more.ts")
    );

    let (one, two) = (
        snapshot_of(&project, "0001_create_shop"),
        snapshot_of(&project, "0002_add_shop_by_age_and_2_more"),
    );
    assert_eq!((&one["version"], &one["parentId"]), (&json!("2"), &Value::Null));
    assert_eq!(two["parentId"], one["id"]);

    let before = project.files_below("migrations");
    let third = project.mizzle(["generate"]).run().assert_code(0);
    insta::assert_snapshot!("third_run", third.snapshot());
    assert_eq!(project.files_below("migrations"), before);
}

#[test]
fn the_same_schema_gives_the_same_bytes() {
    let (one, two) = (shop(), shop());
    for project in [&one, &two] {
        project.mizzle(["generate"]).run().assert_code(0);
    }
    for file in one.files_below("migrations") {
        assert_eq!(one.read(&file), two.read(&file), "{file}");
    }
}

#[test]
fn json_names_the_migration_its_files_and_its_changes() {
    let project = shop();
    let output = project.mizzle(["generate", "--json"]).run().assert_code(0);
    assert_eq!(output.stderr, "");
    assert_eq!(
        output.json(),
        json!({
            "schemaVersion": 1,
            "command": "generate",
            "migration": "0001_create_shop",
            "files": ["migrations/0001_create_shop.ts", "migrations/0001_create_shop.snapshot.json"],
            "changes": [{
                "kind": "create",
                "table": "Shop",
                "details": [
                    "key (pk S, sk S)",
                    "LSI byDate (pk S, createdAt N) ALL",
                    "GSI byEmail (email S) ALL",
                    "GSI byStatus (status S, createdAt N) ALL",
                ],
                "hazards": [],
            }],
            "next": "mizzle migrate",
        })
    );
    let again = project.mizzle(["generate", "--json"]).run().assert_code(0).json();
    assert_eq!(
        (&again["migration"], &again["files"], &again["changes"], &again["next"]),
        (&Value::Null, &json!([]), &json!([]), &Value::Null)
    );
    edit(&project);
    let edited = project.mizzle(["generate", "--json"]).run().assert_code(0).json();
    assert_eq!(
        edited["changes"][0]["hazards"],
        json!([{
            "kind": "drops-index",
            "message": "Queries on byEmail fail from now on. The items of the table are not touched.",
        }])
    );
}

/// A table with items, of this name and key.
fn app(name: &str, key: &str) -> String {
    format!(
        "import {{ dynamoTable, string }} from \"mizzle\";\n\
         export const app = dynamoTable(\"{name}\", {{ {key} }});\n"
    )
}

const PK_AND_SK: &str = "pk: string(\"pk\"), sk: string(\"sk\")";

/// A project whose table App holds three items, in the embedded DynamoDB.
fn with_items() -> TempProject {
    let project = with_schema(&app("App", PK_AND_SK));
    project.mizzle(["generate"]).run().assert_code(0);
    project.mizzle(["generate", "--custom", "--name", "fill"]).run().assert_code(0);
    project.replace(
        "migrations/0002_fill.ts",
        "  // Change items here",
        "  for (const sk of [\"a\", \"b\", \"c\"]) {\n    await db.put({ TableName: \"App\", Item: { pk: \"p\", sk } });\n  }\n  // Change items here",
    );
    project.mizzle(["migrate", "--yes"]).run().assert_code(0);
    project
}

/// The tables of the embedded DynamoDB, with how many items they hold.
fn items(project: &TempProject) -> Vec<(String, u64)> {
    let json = project.mizzle(["list", "--json"]).run().assert_code(0).json();
    let tables = json["tables"].as_array().unwrap().iter().map(|table| {
        let name = table["TableName"].as_str().unwrap().to_owned();
        (name, table["ItemCount"].as_u64().unwrap())
    });
    tables.filter(|(name, _)| name != "mizzle_migrations").collect()
}

#[test]
fn a_probable_rename_is_pointed_out_where_nobody_can_be_asked() {
    let project = with_schema(&app("App", PK_AND_SK));
    project.mizzle(["generate"]).run().assert_code(0);
    project.write("schema.ts", &app("Shop", "pk: string(\"id\")"));
    let output = project.mizzle(["generate"]).run().assert_code(0);
    insta::assert_snapshot!("probable_rename", output.snapshot());
    let script = project.read("migrations/0002_create_shop_and_delete_app.ts");
    assert!(script.contains("the items do not"), "{script}");
    project.mizzle(["check"]).run().assert_code(0);
}

#[test]
fn a_table_that_is_renamed_keeps_its_items() {
    let project = with_items();
    project.write("schema.ts", &app("Shop", PK_AND_SK));
    let mut terminal = project.mizzle(["generate"]).in_terminal(100, 40);
    terminal.wait_for("Is Shop a new table, or was it App?").press("j\r");
    terminal.wait_for("What does this migration do?").press("\r");
    let screen = terminal.finish();
    insta::assert_snapshot!("renamed", screen.text);
    assert_eq!(screen.code, 0);
    assert!(project.exists("migrations/0003_rename_app_to_shop.ts"));
    project.mizzle(["check"]).run().assert_code(0);
    project.mizzle(["migrate", "--yes", "--accept-data-loss"]).run().assert_code(0);
    assert_eq!(items(&project), [("Shop".to_owned(), 3)]);
    project.mizzle(["migrate", "--down", "--yes", "--accept-data-loss"]).run().assert_code(0);
    assert_eq!(items(&project), [("App".to_owned(), 3)]);
}

#[test]
fn a_renamed_table_with_another_key_loses_nothing_silently() {
    let project = with_items();
    project.write("schema.ts", &app("Shop", "pk: string(\"pk\")"));
    let mut terminal = project.mizzle(["generate", "--name", "rename"]).in_terminal(100, 40);
    terminal.wait_for("Is Shop a new table, or was it App?").press("j\r");
    assert_eq!(terminal.finish().code, 0);
    // All three items have the same partition key.
    let migrate = ["migrate", "--yes", "--accept-data-loss"];
    let output = project.mizzle(migrate).run().assert_code(1);
    assert!(output.stderr.contains("ConditionalCheckFailedException"), "{}", output.stderr);
    assert_eq!(items(&project), [("App".to_owned(), 3), ("Shop".to_owned(), 1)]);
    let script = "migrations/0003_rename.ts";
    project.replace(script, "Item: { pk, sk, ...rest }", "Item: { ...rest, pk: `${pk}#${sk}` }");
    project.mizzle(migrate).run().assert_code(0);
    // With the one that was written under the old key.
    assert_eq!(items(&project), [("Shop".to_owned(), 4)]);
}

#[test]
fn a_table_is_replaced_when_that_is_said() {
    let project = with_items();
    project.write("schema.ts", &app("App", "pk: string(\"id\")"));
    let checked = project.mizzle(["check"]).run().assert_code(3);
    assert!(checked.stdout.contains("mizzle generate --replace App"), "{}", checked.stdout);
    let refused = project.mizzle(["generate"]).run().assert_code(4);
    assert!(refused.stderr.contains("mizzle generate --replace App"), "{}", refused.stderr);

    let output = project.mizzle(["generate", "--replace", "App"]).run().assert_code(0);
    insta::assert_snapshot!("replaced", output.snapshot());
    insta::assert_snapshot!("replaced_script", project.read("migrations/0003_replace_app.ts"));
    project.mizzle(["check"]).run().assert_code(0);
    let again = project.mizzle(["generate", "--json"]).run().assert_code(0).json();
    assert_eq!(again["migration"], Value::Null);

    project.mizzle(["migrate", "--yes"]).run().assert_code(4);
    assert_eq!(items(&project), [("App".to_owned(), 3)]);
    project.mizzle(["migrate", "--yes", "--accept-data-loss"]).run().assert_code(0);
    assert_eq!(items(&project), [("App".to_owned(), 0)]);
}

#[test]
fn a_replacement_that_push_has_done_is_written_and_marked() {
    let project = with_schema(&app("App", PK_AND_SK));
    project.mizzle(["generate"]).run().assert_code(0);
    project.mizzle(["migrate"]).run().assert_code(0);
    project.write("schema.ts", &app("App", "pk: string(\"id\")"));
    project.mizzle(["push", "--yes"]).run().assert_code(0);
    project.mizzle(["check"]).run().assert_code(3);
    project.mizzle(["generate", "--replace", "App"]).run().assert_code(0);
    project.mizzle(["check"]).run().assert_code(0);
    project.mizzle(["migrate", "--baseline"]).run().assert_code(0);
    project.mizzle(["status", "--exit-code"]).run().assert_code(0);
}

#[test]
fn nothing_is_replaced_that_need_not_be() {
    let project = with_schema(&app("App", PK_AND_SK));
    project.mizzle(["generate"]).run().assert_code(0);
    for (table, kind) in [("App", "no-replacement-needed"), ("Ap", "unknown-table")] {
        let report = ["generate", "--json", "--replace", table];
        let json = project.mizzle(report).run().assert_code(2).json();
        assert_eq!(json["error"]["kind"], kind);
    }
    project.write("schema.ts", &app("App", "pk: string(\"id\")"));
    let both = ["generate", "--replace", "App", "--replace", "Other"];
    insta::assert_snapshot!(
        "replaces_too_much",
        project.mizzle(both).run().assert_code(2).snapshot()
    );
    let json =
        project.mizzle(["generate", "--json", "--replace", "App"]).run().assert_code(0).json();
    assert_eq!(
        (&json["changes"][0]["kind"], &json["changes"][0]["hazards"][0]["kind"]),
        (&json!("replace"), &json!("replaces-table"))
    );
}

#[test]
fn a_name_can_be_given_and_has_to_be_one() {
    let project = shop();
    let output = project.mizzle(["generate", "--name", "First tables!"]).run().assert_code(0);
    assert_eq!(
        output.stdout,
        "migrations/0001_first_tables.ts\nmigrations/0001_first_tables.snapshot.json\n"
    );
    let output = project.mizzle(["generate", "-n", "///"]).run().assert_code(2);
    insta::assert_snapshot!(output.snapshot());
}

#[test]
fn what_has_to_be_replaced_is_refused_and_nothing_is_written() {
    let project = shop();
    project.mizzle(["generate"]).run().assert_code(0);
    let files = project.files_below("migrations");
    project.replace("schema.ts", "byDate: lsi(\"createdAt\")", "byDate: lsi(\"total\")");
    let output = project.mizzle(["generate"]).run().assert_code(4);
    insta::assert_snapshot!("changed_lsi", output.snapshot());
    project.replace("schema.ts", "sk: string(\"sk\")", "sk: number(\"sk\")");
    let output = project.mizzle(["generate"]).run().assert_code(4);
    insta::assert_snapshot!("changed_key", output.snapshot());
    let json = project.mizzle(["generate", "--json"]).run().assert_code(4).json();
    assert_eq!(json["error"]["kind"], "needs-replacement");
    assert_eq!(json["migration"], Value::Null);
    assert_eq!(project.files_below("migrations"), files);
}

#[test]
fn a_snapshot_of_the_first_format_is_the_starting_state() {
    let project = shop();
    project.mizzle(["generate"]).run().assert_code(0);
    let ours = snapshot_of(&project, "0001_create_shop");
    let first_format = json!({ "version": "1", "tables": ours["tables"] });
    let project = shop();
    project.write("migrations/snapshot.json", &first_format.to_string());
    project.write("migrations/0004_old.ts", "// export async function up( {\n");
    let output = project.mizzle(["generate"]).run().assert_code(0);
    assert!(output.stderr.contains("nothing to write"), "{}", output.stderr);
    edit(&project);
    let json = project.mizzle(["generate", "--json"]).run().assert_code(0).json();
    assert_eq!(json["migration"], "0005_add_shop_by_age_and_2_more");
    assert_eq!(json["changes"][0]["kind"], "update");
}

#[test]
fn a_deleted_table_carries_its_hazard() {
    let project = shop();
    project.mizzle(["generate"]).run().assert_code(0);
    project.replace("schema.ts", "dynamoTable(\"Shop\"", "dynamoTable(\"Store\"");
    project.mizzle(["generate", "--name", "rename"]).run().assert_code(0);
    insta::assert_snapshot!(project.read("migrations/0002_rename.ts"));
}

#[test]
fn a_broken_folder_says_what_is_wrong_with_it() {
    let project = shop();
    project.mizzle(["generate"]).run().assert_code(0);
    let first = project.read("migrations/0001_create_shop.snapshot.json");

    project.write(
        "migrations/0001_create_shop.snapshot.json",
        &first.replace("\"email\"", "\"mail\""),
    );
    insta::assert_snapshot!(
        "edited_snapshot",
        project.mizzle(["generate"]).run().assert_code(2).snapshot()
    );

    project.write("migrations/0001_create_shop.snapshot.json", &first);
    project.write("migrations/0002_other_branch.snapshot.json", &first);
    project.write("migrations/0002_other_branch.ts", "");
    insta::assert_snapshot!(
        "forked_history",
        project.mizzle(["generate"]).run().assert_code(2).snapshot()
    );
}

#[test]
fn a_migration_that_lost_one_of_its_files_is_noticed() {
    let project = shop();
    project.mizzle(["generate"]).run().assert_code(0);
    edit(&project);
    project.mizzle(["generate", "--name", "second"]).run().assert_code(0);
    for lost in ["0002_second.snapshot.json", "0002_second.ts", "0001_create_shop.ts"] {
        let path = format!("migrations/{lost}");
        let text = project.read(&path);
        project.remove(&path);
        let output = project.mizzle(["generate"]).run().assert_code(2);
        assert!(output.stderr.contains(&format!("has no {lost} beside it")), "{}", output.stderr);
        project.write(&path, &text);
    }
    project.mizzle(["generate"]).run().assert_code(0);
}

#[test]
fn the_environment_moves_schema_and_folder() {
    let project = TempProject::new(BINARY);
    project.write("mizzle.config.ts", CONFIG);
    project.write("elsewhere/tables.ts", SCHEMA);
    let output = project
        .mizzle(["generate"])
        .env("MIZZLE_SCHEMA", "./elsewhere")
        .env("MIZZLE_OUT", "./db/history")
        .run()
        .assert_code(0);
    assert!(output.stdout.starts_with("db/history/0001_create_shop.ts\n"), "{}", output.stdout);
}

#[test]
fn an_empty_schema_is_worth_a_warning() {
    let project = with_schema("export const nothing = 1;\n");
    insta::assert_snapshot!(project.mizzle(["generate"]).run().assert_code(0).snapshot());
    assert!(!project.exists("migrations"));
}

#[test]
fn a_schema_that_lost_all_its_tables_is_not_believed_at_once() {
    let project = shop();
    project.mizzle(["generate"]).run().assert_code(0);
    project.write("schema.ts", "export {};\n");
    insta::assert_snapshot!(project.mizzle(["generate"]).run().assert_code(4).snapshot());
    assert_eq!(project.files_below("migrations").len(), 2);
    let json = project.mizzle(["generate", "--yes", "--json"]).run().assert_code(0).json();
    assert_eq!(json["migration"], "0002_delete_shop");
}

#[test]
fn the_examples_generate() {
    let mut projects = Vec::new();
    for (example, expected) in
        [("blog", "0001_create_blog"), ("shop", "0001_create_catalogue_and_2_more")]
    {
        let project = TempProject::from_example(BINARY, example);
        let json = project.mizzle(["generate", "--json"]).run().assert_code(0).json();
        assert_eq!(json["migration"], expected);
        projects.push(project);
    }
    assert_run_elsewhere(&projects);
}

#[test]
fn a_missing_parent_is_to_be_restored() {
    let project = shop();
    project.mizzle(["generate"]).run().assert_code(0);
    edit(&project);
    project.mizzle(["generate", "--name", "second"]).run().assert_code(0);
    project.remove("migrations/0001_create_shop.snapshot.json");
    project.remove("migrations/0001_create_shop.ts");
    insta::assert_snapshot!(project.mizzle(["generate"]).run().assert_code(2).snapshot());
}

#[test]
fn a_number_that_cannot_be_counted_on_is_an_error() {
    let project = shop();
    project.write("migrations/snapshot.json", r#"{ "version": "1", "tables": {} }"#);
    project.write("migrations/20240131235959_by_time.ts", "");
    let json = project.mizzle(["generate", "--json"]).run().assert_code(0).json();
    assert_eq!(json["migration"], "20240131235960_create_shop");
    project.write("migrations/18446744073709551616_x.ts", "");
    insta::assert_snapshot!(project.mizzle(["generate"]).run().assert_code(2).snapshot());
}

#[test]
fn runs_at_once_end_in_one_migration() {
    let project = shop();
    let outputs: Vec<_> = std::thread::scope(|scope| {
        let run = |number| {
            let name = format!("by_run_{number}");
            let command = project.mizzle(["generate", "--json", "--name", &name]);
            scope.spawn(move || command.run())
        };
        let runs: Vec<_> = (0..4).map(run).collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    });
    for output in outputs {
        // A run either adds the migration, or notices another's, or starts after it.
        let json = output.json();
        match output.code {
            Some(0) => assert_eq!(json["error"], Value::Null),
            _ => assert_eq!(json["error"]["kind"], "migrations-changed", "{json}"),
        }
    }
    let files = project.files_below("migrations");
    assert_eq!(files.len(), 2, "{files:?}");
    let again = project.mizzle(["generate", "--json"]).run().assert_code(0).json();
    assert_eq!(again["migration"], Value::Null);
}

#[test]
fn a_migration_that_comes_during_the_question_is_noticed() {
    let project = shop();
    let mut terminal = project.mizzle(["generate"]).in_terminal(100, 40);
    terminal.wait_for("What does this migration do?");
    project.mizzle(["generate", "--name", "other"]).run().assert_code(0);
    let files = project.files_below("migrations");
    terminal.press("\r");
    let screen = terminal.finish();
    insta::assert_snapshot!(screen.text);
    assert_eq!(screen.code, 1);
    assert_eq!(project.files_below("migrations"), files);
}

#[cfg(unix)]
#[test]
fn a_part_of_the_schema_that_cannot_be_read_is_not_passed_over() {
    let project = shop();
    project.write("schema/shop.ts", SCHEMA);
    project.replace("mizzle.config.ts", "\"./schema.ts\"", "\"./schema\"");
    project.mizzle(["generate"]).run().assert_code(0);
    std::os::unix::fs::symlink("../not-checked-out", project.path().join("schema/more")).unwrap();
    insta::assert_snapshot!(project.mizzle(["generate"]).run().assert_code(2).snapshot());
}

#[test]
fn what_is_no_longer_managed_leaves_the_snapshots() {
    let project = shop();
    let settings = |tables: &str| {
        project.write(
            "mizzle.config.ts",
            &CONFIG.replace("};", &format!("  tables: {{ Shop: {tables} }},\n}};")),
        );
    };
    settings("{ readCapacity: 5, writeCapacity: 5, deletionProtection: true }");
    project.mizzle(["generate", "--name", "init"]).run().assert_code(0);
    project.mizzle(["migrate"]).run().assert_code(0);
    settings("{ readCapacity: 5, writeCapacity: 5, capacity: \"autoscaled\" }");
    let output = project.mizzle(["check"]).run().assert_code(3);
    insta::assert_snapshot!("released_checked", output.snapshot());
    let output = project.mizzle(["generate"]).run().assert_code(0);
    insta::assert_snapshot!("released", output.snapshot());
    let script = project.files_below("migrations").into_iter().rfind(|file| file.ends_with(".ts"));
    let script = script.unwrap();
    insta::assert_snapshot!("released_script", project.read(&script));
    assert_run_elsewhere([&project]);
    project.mizzle(["check"]).run().assert_code(0);
    let report = project.mizzle(["generate", "--json"]).run().assert_code(0).json();
    assert_eq!(report["migration"], serde_json::Value::Null);
    project.mizzle(["migrate"]).run().assert_code(0);
    // Somebody else sets it now, and that is no drift.
    {
        let serving = project.mizzle(["local", "--port", "0"]).serve();
        Boto3::from_env().run(
            &serving.database(),
            r#"
            client.update_table(TableName="Shop", ProvisionedThroughput={"ReadCapacityUnits": 9, "WriteCapacityUnits": 9}, DeletionProtectionEnabled=False)
            result = None
            "#,
        );
    }
    project.mizzle(["status", "--exit-code"]).run().assert_code(0);
}
