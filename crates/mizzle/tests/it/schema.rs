//! What is wrong with a schema is shown where it is written.

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
    insta::assert_snapshot!(output.snapshot());
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
    insta::assert_snapshot!(
        "warning",
        project.mizzle(["generate"]).run().assert_code(0).snapshot()
    );
    let output =
        project.mizzle(["push", "--dry-run"]).env("MIZZLE_STRICT", "1").run().assert_code(2);
    insta::assert_snapshot!("strict", output.snapshot());
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
