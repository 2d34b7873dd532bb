//! The config file: every name and form of it, and everything that can be wrong with it.

use crate::support::{BINARY, SCHEMA, shop};
use mizzle_test::TempProject;

fn with_config(name: &str, text: &str) -> TempProject {
    let project = TempProject::new(BINARY);
    project.write(name, text);
    project.write("schema.ts", SCHEMA);
    project
}

#[test]
fn every_form_of_a_config_is_understood() {
    let body = "{ schema: \"./schema.ts\", endpoint: \"local\" }";
    let json = r#"{ "schema": "./schema.ts", "endpoint": "local" }"#;
    let define = |package: &str| {
        format!(
            "import {{ defineConfig }} from \"{package}\";\nexport default defineConfig({body});\n"
        )
    };
    for (name, text) in [
        ("mizzle.config.ts", format!("export default {body};\n")),
        ("mizzle.config.ts", format!("export default {body} satisfies object as unknown;\n")),
        ("mizzle.config.mts", format!("const config: object = {body};\nexport default config;\n")),
        ("mizzle.config.js", format!("module.exports = {body};\n")),
        ("mizzle.config.mjs", format!("export default {body};\n")),
        ("mizzle.config.json", json.to_owned()),
        ("mizzle.config.ts", format!("export default () => ({body});\n")),
        ("mizzle.config.ts", format!("export default async () => ({body});\n")),
        ("mizzle.config.ts", format!("export default Promise.resolve({body});\n")),
        ("mizzle.config.ts", "export const schema = \"./schema.ts\";\nexport const endpoint = \"local\";\n".to_owned()),
        ("mizzle.config.ts", define("mizzle")),
        ("mizzle.config.ts", define("@aurios/mizzle")),
        ("mizzle.config.ts", define("mizzling")),
        ("mizzle.config.ts", define("@aurios/mizzling")),
        ("mizzle.config.ts", define("mizzle-cli")),
        ("mizzle.config.ts", "export default { schema: [\"./schema.ts\"], dbCredentials: { endpoint: process.env.WHERE } };\n".to_owned()),
    ] {
        let project = with_config(name, &text);
        let output = project.mizzle(["push", "--yes"]).env("WHERE", "local").run();
        assert_eq!(output.code, Some(0), "{name}\n{text}\n{}", output.stderr);
        assert!(output.stderr.contains("embedded DynamoDB"), "{text}\n{}", output.stderr);
    }
}

#[test]
fn names_are_looked_for_in_their_order_and_can_be_given() {
    let project = shop();
    project.write("mizzle.config.json", "{}");
    project.write(
        "conf/other.ts",
        "export default { schema: \"../schema.ts\", out: \"./here\", endpoint: \"local\" };\n",
    );
    project.mizzle(["generate"]).run().assert_code(0);
    assert!(project.exists("migrations"));
    project.mizzle(["generate", "-c", "conf/other.ts"]).run().assert_code(0);
    assert!(project.exists("conf/here"), "paths are relative to the config file");
    std::fs::remove_dir_all(project.path().join("conf/here")).unwrap();
    project.mizzle(["generate"]).env("MIZZLE_CONFIG", "conf/other.ts").run().assert_code(0);
    assert!(project.exists("conf/here"));
    project.mizzle(["push", "--yes", "-c", "conf/other.ts"]).run().assert_code(0);
    assert!(project.exists("conf/.mizzle/local.db"), "the database is beside the config");
}

#[test]
fn a_config_that_is_missing_or_wrong_is_explained() {
    let empty = TempProject::new(BINARY);
    insta::assert_snapshot!("missing", empty.mizzle(["generate"]).run().assert_code(2).snapshot());
    insta::assert_snapshot!(
        "named_but_missing",
        empty.mizzle(["generate", "-c", "nope.ts"]).run().assert_code(2).snapshot()
    );
    for (case, name, text) in [
        ("no_schema", "mizzle.config.ts", "export default { endpoint: \"local\" };\n"),
        (
            "missing_file",
            "mizzle.config.ts",
            "export default { schema: \"./shema.ts\", endpoint: \"local\" };\n",
        ),
        ("empty_glob", "mizzle.config.ts", "export default { schema: \"./tables/**/*.ts\" };\n"),
        ("bad_glob", "mizzle.config.ts", "export default { schema: \"./tables/{a\" };\n"),
        (
            "one_field",
            "mizzle.config.ts",
            "export default { schema: \"./schema.ts\", endpont: \"local\" };\n",
        ),
        (
            "many_fields",
            "mizzle.config.ts",
            "export default { schema: 1, out: [], region: () => \"x\", maxAttempts: 0, credentials: { accessKeyId: \"AKIDSECRET\" } };\n",
        ),
        ("not_an_object", "mizzle.config.ts", "export default \"local\";\n"),
        (
            "syntax",
            "mizzle.config.ts",
            "export default {\n  schema: \"./schema.ts\"\n  out: \"./x\",\n};\n",
        ),
        (
            "throws",
            "mizzle.config.ts",
            "const need = (name: string): string => {\n  throw new Error(`${name} is not set`);\n};\n\nexport default { schema: need(\"SCHEMA\") };\n",
        ),
        ("json_syntax", "mizzle.config.json", "{\n  \"schema\": \"./schema.ts\",\n}\n"),
    ] {
        let project = with_config(name, text);
        let output = project.mizzle(["generate"]).run().assert_code(2);
        insta::assert_snapshot!(case, output.snapshot());
        let json = project.mizzle(["generate", "--json"]).run().assert_code(2).json();
        assert!(json["error"]["message"].is_string(), "{case}");
    }
}

#[test]
fn table_settings_reach_plan_and_script() {
    let project = with_config(
        "mizzle.config.ts",
        "export default {\n  schema: \"./schema.ts\",\n  endpoint: \"local\",\n  tables: {\n    \"*\": { deletionProtection: true },\n    Shop: { stream: \"NEW_IMAGE\", tags: { team: \"shop\" } },\n  },\n};\n",
    );
    let plan = project.mizzle(["push", "--dry-run", "--json"]).run().assert_code(0).json();
    let input = &plan["plan"]["steps"][0]["input"];
    assert_eq!(input["DeletionProtectionEnabled"], true);
    assert_eq!(input["StreamSpecification"]["StreamViewType"], "NEW_IMAGE");
    assert_eq!(input["Tags"][0]["Key"], "team");
    project.mizzle(["generate", "--name", "init"]).run().assert_code(0);
    assert!(project.read("migrations/0001_init.ts").contains("DeletionProtectionEnabled: true"));
    assert!(project.read("migrations/0001_init.snapshot.json").contains("\"NEW_IMAGE\""));
    project.mizzle(["generate"]).run().assert_code(0);
    let files = project.files();
    assert!(!files.iter().any(|file| file.contains("0002")), "nothing changed: {files:?}");

    project.write(
        "mizzle.config.ts",
        "export default {\n  schema: \"./schema.ts\",\n  endpoint: \"local\",\n  tables: {\n    \"*\": { readCapacity: 5, writeCapacity: 5 },\n    Shpo: { deletionProtection: true },\n    Shop: { onDemandMaximum: { reads: 9 }, indexes: { byDate: { capacity: \"autoscaled\" } } },\n  },\n};\n",
    );
    let output = project.mizzle(["generate"]).run().assert_code(2);
    insta::assert_snapshot!("wrong_settings", output.snapshot());
    let json = project.mizzle(["push", "--json"]).run().assert_code(2).json();
    assert_eq!(json["error"]["kind"], "invalid-config");
    assert_eq!(json["error"]["problems"][0]["rule"], "unknown-table");
}

#[test]
fn secrets_never_show() {
    let project = with_config(
        "mizzle.config.ts",
        "export default {\n  schema: \"./schema.ts\",\n  endpoint: \"http://127.0.0.1:9\",\n  credentials: { accessKeyId: \"AKIDHIDDEN\", secretAccessKey: \"hush/hush\", sessionToken: \"quietly\" },\n};\n",
    );
    for args in [
        &["push", "--yes"][..],
        &["push", "--yes", "--json"],
        &["push", "--yes", "--verbose"],
        &["list"],
        &["generate"],
    ] {
        let output = project.mizzle(args).run();
        for secret in ["AKIDHIDDEN", "hush", "quietly"] {
            assert!(
                !output.stdout.contains(secret) && !output.stderr.contains(secret),
                "{args:?}: {}",
                output.stderr
            );
        }
    }
    // Not even in the frame of a mistake beside them.
    let config = project.read("mizzle.config.ts");
    for (from, to) in [("\"hush/hush\",", "\"hush/hush\""), ("\"quietly\"", "quietly(\"quietly\")")]
    {
        project.write("mizzle.config.ts", &config.replace(from, to));
        let output = project.mizzle(["generate"]).run().assert_code(2);
        assert!(output.stderr.contains("mizzle.config.ts:"), "{}", output.stderr);
        assert!(!output.stderr.contains("hush"), "{}", output.stderr);
        assert!(!output.stderr.contains("\"quietly"), "{}", output.stderr);
    }
    project.write("mizzle.config.ts", &config);
    for file in project.files() {
        let text = project.read(&file);
        assert!(file == "mizzle.config.ts" || !text.contains("hush"), "{file}");
    }
}

#[test]
fn the_environment_wins_over_the_file_and_flags_over_both() {
    let project = shop();
    let target = |command: mizzle_test::MizzleCommand| command.run().json()["target"].clone();
    let json = target(project.mizzle(["list", "--json"]).env("MIZZLE_REGION", "eu-central-1"));
    assert_eq!((&json["endpoint"], &json["region"]), (&"local".into(), &"eu-central-1".into()));
    let json = target(
        project
            .mizzle(["list", "--json", "--region", "us-west-2"])
            .env("MIZZLE_REGION", "eu-central-1"),
    );
    assert_eq!(json["region"], "us-west-2");
    let output =
        project.mizzle(["list"]).env("MIZZLE_ENDPOINT", "http://127.0.0.1:9").run().assert_code(1);
    assert!(output.stderr.contains("http://127.0.0.1:9"), "{}", output.stderr);
    let output = project.mizzle(["generate"]).env("MIZZLE_STRICT", "perhaps").run().assert_code(2);
    assert!(output.stderr.contains("MIZZLE_STRICT must be true or false"), "{}", output.stderr);
}

#[test]
fn dotenv_files_are_the_projects_own_business() {
    let project = with_config(
        "mizzle.config.ts",
        "import { readFileSync } from \"node:fs\";\nfor (const line of readFileSync(\".env\", \"utf8\").split(\"\\n\")) {\n  const [name, value] = line.split(\"=\");\n  if (name) process.env[name] ??= value;\n}\nexport default { schema: \"./schema.ts\", out: process.env.OUT, endpoint: \"local\" };\n",
    );
    project.write(".env", "OUT=./from-dotenv\n");
    project.mizzle(["generate"]).run().assert_code(0);
    assert!(project.exists("from-dotenv"));
}

#[test]
fn usage_errors_are_json_too() {
    let project = TempProject::new(BINARY);
    let output = project.mizzle(["pusj", "--json"]).run().assert_code(2);
    insta::assert_snapshot!("unknown_command_json", output.snapshot());
    let output = project.mizzle(["--json", "--endpoint", "x", "push", "--nope"]).run();
    assert_eq!(output.assert_code(2).json()["command"], "push");
    let output = project.mizzle(["pusj"]).run().assert_code(2);
    insta::assert_snapshot!("unknown_command", output.snapshot());
}
