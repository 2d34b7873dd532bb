//! Errors in a schema are shown at their location.

use crate::support::with_schema;
use mizzle_test::TempProject;

fn problem(schema: &str) -> (TempProject, String) {
    let project = with_schema(schema);
    let shown = project.mizzle(["push", "--yes"]).run().assert_code(2).snapshot();
    assert!(!project.exists(".mizzle"), "no server is opened for a schema that cannot be");
    (project, shown)
}

const IMPORTS: &str = "import { boolean, dynamoEntity, dynamoTable, gsi, lsi, number, prefixKey, string, stringSet, uuid } from \"mizzle\";\n\n";

#[test]
fn problems_are_shown_with_their_place() {
    for (case, body) in [
        (
            "unresolved_key",
            "export const shop = dynamoTable(\"Shop\", {\n  pk: string(\"pk\"),\n  indexes: { byStatus: gsi(\"status\", \"createdAt\") },\n});\n",
        ),
        (
            "wrong_key_type",
            "export const shop = dynamoTable(\"Shop\", {\n  pk: boolean(\"pk\"),\n  sk: string(\"sk\"),\n  indexes: { byTags: gsi(\"tags\") },\n});\n\nexport const post = dynamoEntity(shop, \"Post\", { tags: stringSet() });\n",
        ),
        (
            "conflict",
            "export const shop = dynamoTable(\"Shop\", {\n  pk: string(\"pk\"),\n  indexes: { byScore: gsi(\"score\") },\n});\n\nexport const user = dynamoEntity(shop, \"User\", { score: string() });\n\nexport const game = dynamoEntity(shop, \"Game\", {\n  score: number(),\n});\n",
        ),
        (
            "bad_names",
            "export const a = dynamoTable(\"A\", { pk: string(\"pk\") });\nexport const b = dynamoTable(\"with space\", {\n  pk: string(\"pk\"),\n  indexes: { \"by pk!\": gsi(\"pk\") },\n});\n",
        ),
        (
            "lsi_without_sort_key",
            "export const shop = dynamoTable(\"Shop\", {\n  pk: string(\"pk\"),\n  indexes: { byPk: lsi(\"pk\") },\n});\n",
        ),
        (
            "name_with_a_missing_value",
            "const stage = process.env.NO_SUCH_STAGE;\n\nexport const all = [\n  dynamoTable(`${stage}-orders`, {\n    pk: string(\"pk\"),\n    indexes: { \"by-null\": gsi(\"pk\") },\n  }),\n];\n",
        ),
        ("not_a_column", "export const shop = dynamoTable(\"Shop\", {\n  pk: \"pk\",\n});\n"),
        (
            "same_name_in_one_file",
            "export const one = dynamoTable(\"Shop\", { pk: string(\"pk\") });\nexport const two = dynamoTable(\"Shop\", { pk: string(\"id\") });\n",
        ),
    ] {
        let (_project, shown) = problem(&format!("{IMPORTS}{body}"));
        insta::assert_snapshot!(case, shown);
    }
}

#[test]
fn two_tables_of_one_name_show_both_files() {
    let project = with_schema(&format!(
        "{IMPORTS}export const shop = dynamoTable(\"Shop\", {{ pk: string(\"pk\") }});\n"
    ));
    project.write(
        "other.ts",
        &format!(
            "{IMPORTS}export const store = dynamoTable(\"Shop\", {{ pk: string(\"id\") }});\n"
        ),
    );
    project.replace("mizzle.config.ts", "\"./schema.ts\"", "[\"./schema.ts\", \"./other.ts\"]");
    let output = project.mizzle(["generate"]).run().assert_code(2);
    insta::assert_snapshot!(output.snapshot(), @r#"
    $ mizzle generate
    [exit code: 2]
    [stderr]
    error: 2 different tables are named "Shop"
       ╭─[other.ts:3:34]
     2 │ 
     3 │ export const store = dynamoTable("Shop", { pk: string("id") });
       ·                                  ──────
       ╰────
       ╭─[schema.ts:3:33]
     2 │ 
     3 │ export const shop = dynamoTable("Shop", { pk: string("pk") });
       ·                                 ──────
       ╰────
      help: rename one, or export one table object from one file and import it elsewhere
    "#);
}

#[test]
fn one_table_exported_twice_is_one_table() {
    let project = with_schema(&format!(
        "{IMPORTS}export const shop = dynamoTable(\"Shop\", {{ pk: string(\"pk\") }});\nexport const all = [shop, {{ nested: {{ shop }} }}];\nexport default shop;\n"
    ));
    project.write("again.ts", "export { shop as store } from \"./schema\";\n");
    project.replace("mizzle.config.ts", "\"./schema.ts\"", "\"./{schema,again}.ts\"");
    let json = project.mizzle(["generate", "--json"]).run().assert_code(0).json();
    assert_eq!(json["changes"].as_array().unwrap().len(), 1);
}

#[test]
fn warnings_are_errors_when_the_config_is_strict() {
    let schema = format!(
        "{IMPORTS}export const shop = dynamoTable(\"Shop\", {{ pk: string(\"pk\"), indexes: {{ byEmail: gsi(\"email\") }} }});\n\nexport const user = dynamoEntity(shop, \"User\", {{ email: string() }}, (c) => ({{\n  pk: prefixKey(\"USER#\", c.email),\n  byEmial: {{ pk: prefixKey(\"EMAIL#\", c.email) }},\n}}));\n"
    );
    let project = with_schema(&schema);
    insta::assert_snapshot!(project.mizzle(["generate"]).run().assert_code(0).snapshot(), @r#"
    $ mizzle generate
    [exit code: 0]
    [stdout]
    migrations/0001_create_shop.ts
    migrations/0001_create_shop.snapshot.json
    [stderr]
    warning: Entity "User" fills index "byEmial", which table "Shop" does not have
       ╭─[schema.ts:7:3]
     6 │   pk: prefixKey("USER#", c.email),
     7 │   byEmial: { pk: prefixKey("EMAIL#", c.email) },
       ·   ───────
     8 │ }));
       ╰────
      help: did you mean "byEmail"?
    create table Shop
      key (pk S)
      GSI byEmail (email S) ALL
    Wrote migration 0001_create_shop
    Next: mizzle migrate
    "#);
    let output =
        project.mizzle(["push", "--dry-run"]).env("MIZZLE_STRICT", "1").run().assert_code(2);
    insta::assert_snapshot!(output.snapshot(), @r#"
    $ mizzle push --dry-run
    [exit code: 2]
    [stderr]
    error: Entity "User" fills index "byEmial", which table "Shop" does not have
       ╭─[schema.ts:7:3]
     6 │   pk: prefixKey("USER#", c.email),
     7 │   byEmial: { pk: prefixKey("EMAIL#", c.email) },
       ·   ───────
     8 │ }));
       ╰────
      help: did you mean "byEmail"?
    "#);
}

/// Indexes of several tables may have the same name.
#[test]
fn an_index_is_found_at_its_own_table() {
    let project = with_schema(
        "import { dynamoTable, string } from \"mizzle\";\n\
         export const a = dynamoTable(\"AAA\", { pk: string(\"pk\") }).gsi(\"g\", { pk: string(\"x\") });\n\
         export const b = dynamoTable(\"BBB\", { pk: string(\"pk\") })\n  \
           .gsi(\"g\", { pk: string(\"x\") });\n",
    );
    let error = &project.mizzle(["check", "--json"]).run().assert_code(2).json()["error"];
    let lines = [0, 1].map(|problem| error["problems"][problem]["places"][0]["line"].clone());
    assert_eq!(lines, [2, 4], "{error:#}");
}

/// Returns a schema that creates two tables and exports both, or one of them.
fn alpha_and_beta(beta: &str) -> String {
    format!(
        "{IMPORTS}export const alpha = dynamoTable(\"Alpha\", {{ pk: string(\"pk\") }});\n{beta} = dynamoTable(\"Beta\", {{ pk: string(\"pk\") }});\n"
    )
}

#[test]
fn a_table_that_is_made_and_not_exported_is_named() {
    let project = with_schema(&alpha_and_beta("const beta"));
    for (case, args, code) in [
        ("unexported_generate", &["generate"][..], 0),
        ("unexported_check", &["check"], 0),
        ("unexported_push", &["push", "--yes"], 0),
    ] {
        insta::assert_snapshot!(case, project.mizzle(args).run().assert_code(code).snapshot());
    }
    let output = project.mizzle(["check", "--json"]).env("MIZZLE_STRICT", "1").run().assert_code(2);
    assert_eq!(output.json()["error"]["problems"][0]["rule"], "not-exported");
}

#[test]
fn a_table_that_lost_its_export_is_not_deleted() {
    let project = with_schema(&alpha_and_beta("export const beta"));
    project.mizzle(["generate"]).run().assert_code(0);
    project.mizzle(["push", "--yes"]).run().assert_code(0);
    let files = project.files_below("migrations");
    project.write("schema.ts", &alpha_and_beta("const beta"));
    let output = project.mizzle(["generate"]).run().assert_code(4);
    insta::assert_snapshot!(output.snapshot(), @r#"
    $ mizzle generate
    [exit code: 4]
    [stderr]
    delete table Beta
      key (pk S)
      ▲ Deletes table Beta and every item in it.
    error: Table "Beta" would be deleted: it is made here, but no schema file exports it
       ╭─[schema.ts:4:14]
     3 │ export const alpha = dynamoTable("Alpha", { pk: string("pk") });
     4 │ const beta = dynamoTable("Beta", { pk: string("pk") });
       ·              ───────────
       ╰────
      help: export it, if the table is to stay
      help: remove it, or pass --yes, if the table is to be deleted
    Nothing was written
    "#);
    assert_eq!(project.files_below("migrations"), files);
    let json = project.mizzle(["generate", "--json"]).run().assert_code(4).json();
    assert_eq!(json["error"]["kind"], "not-exported");
    assert_eq!(json["error"]["problems"][0]["places"][0]["line"], 4);

    project.mizzle(["check"]).run().assert_code(3);
    project.mizzle(["push"]).run().assert_code(0);
    project.mizzle(["push", "--prune", "--dry-run"]).run().assert_code(0);
    let output = project.mizzle(["push", "--prune"]).run().assert_code(4);
    insta::assert_snapshot!(output.snapshot(), @r#"
    $ mizzle push --prune
    [exit code: 4]
    [stderr]
    Target: embedded DynamoDB (.mizzle/local.db)
    - Beta: delete
      - Delete table
        ▲ Deletes table Beta, which holds no item.
    error: Table "Beta" would be deleted: it is made here, but no schema file exports it
       ╭─[schema.ts:4:14]
     3 │ export const alpha = dynamoTable("Alpha", { pk: string("pk") });
     4 │ const beta = dynamoTable("Beta", { pk: string("pk") });
       ·              ───────────
       ╰────
      help: export it, if the table is to stay
      help: remove it, or pass --yes, if the table is to be deleted
    Nothing was changed
    "#);
    let json = project.mizzle(["push", "--prune", "--json"]).run().assert_code(4).json();
    assert_eq!(json["error"]["kind"], "not-exported");

    let json = project.mizzle(["push", "--prune", "--yes", "--json"]).run().assert_code(0).json();
    assert_eq!(json["applied"], serde_json::json!(["Beta:delete-table"]));
    let json = project.mizzle(["generate", "--yes", "--json"]).run().assert_code(0).json();
    assert_eq!(json["migration"], "0002_delete_beta");
}

#[test]
fn a_table_that_is_there_may_have_a_name_that_no_schema_has() {
    let project = with_schema(&alpha_and_beta("export const beta"));
    project.mizzle(["generate", "--custom"]).run().assert_code(0);
    project.replace(
        "migrations/0001_custom.ts",
        "  // Change items here",
        "  await db.createTable({\n    TableName: \"app-undefined\",\n    AttributeDefinitions: [{ AttributeName: \"pk\", AttributeType: \"S\" }],\n    KeySchema: [{ AttributeName: \"pk\", KeyType: \"HASH\" }],\n    BillingMode: \"PAY_PER_REQUEST\",\n  });\n  // Change items here",
    );
    project.mizzle(["migrate"]).run().assert_code(0);
    let json = project.mizzle(["list", "--json"]).run().assert_code(0).json();
    assert_eq!(json["tables"][0]["TableName"], "app-undefined");
    let pull = ["pull", "--tables", "app-*", "--dry-run", "--json"];
    let json = project.mizzle(pull).run().json();
    let reason = "the name \"app-undefined\" contains \"undefined\", which a schema takes for a missing value";
    assert_eq!(
        json["skipped"],
        serde_json::json!([{ "name": "app-undefined", "reason": reason }]),
        "{json:#}"
    );
}
