//! `mizzle generate`: pairs of files, their chain, and scripts that users and tools can read.

mod folder;
mod replace;

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
fn a_deleted_table_carries_its_hazard() {
    let project = shop();
    project.mizzle(["generate"]).run().assert_code(0);
    project.replace("schema.ts", "dynamoTable(\"Shop\"", "dynamoTable(\"Store\"");
    project.mizzle(["generate", "--name", "rename"]).run().assert_code(0);
    insta::assert_snapshot!(project.read("migrations/0002_rename.ts"));
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
    // Another tool manages it now, so it is not drift.
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
