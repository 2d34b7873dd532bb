//! Tables that get another name or another key, and the effects on their items.

use crate::support::{shop, with_schema};
use mizzle_test::TempProject;
use serde_json::{Value, json};

/// Returns a schema with a table of this name and key.
fn app(name: &str, key: &str) -> String {
    format!(
        "import {{ dynamoTable, string }} from \"mizzle\";\n\
         export const app = dynamoTable(\"{name}\", {{ {key} }});\n"
    )
}

const PK_AND_SK: &str = "pk: string(\"pk\"), sk: string(\"sk\")";

/// Creates a project whose table App has three items, in the embedded DynamoDB.
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

/// Returns the tables of the embedded DynamoDB, with the number of their items.
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
    // Including the one that was written under the old key.
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
