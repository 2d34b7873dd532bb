//! The type declarations of `npm/mizzle-cli`, and the runtimes that run migration scripts.

use indoc::indoc;
use mizzle_test::{Direction, Runtime, TempProject, TypeScript};
use serde_json::json;

const SCRIPT: &str = indoc! {r#"
    import type { Database } from "mizzle-cli";

    export async function up(db: Database): Promise<void> {
      await db.createTable({
        TableName: "Users",
        AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
        KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
        BillingMode: "PAY_PER_REQUEST",
      });
      await db.updateTable({
        TableName: "Users",
        AttributeDefinitions: [
          { AttributeName: "email", AttributeType: "S" },
          { AttributeName: "pk", AttributeType: "S" },
        ],
        GlobalSecondaryIndexUpdates: [
          {
            Create: {
              IndexName: "byEmail",
              KeySchema: [{ AttributeName: "email", KeyType: "HASH" }],
              Projection: { ProjectionType: "INCLUDE", NonKeyAttributes: ["name"] },
            },
          },
        ],
      });
    }

    export async function down(db: Database): Promise<void> {
      await db.deleteTable({ TableName: "Users" });
    }
"#};

fn project(file: &str, text: &str) -> TempProject {
    let project = TempProject::new("no binary is needed");
    project.write(file, text);
    project
}

#[test]
fn a_migration_script_is_strict_typescript() {
    let project = project("0000_init.ts", SCRIPT);
    TypeScript::from_env().tsc_strict(&[project.path().join("0000_init.ts")]).assert_code(0);
}

#[test]
fn a_wrong_request_is_a_type_error() {
    for (right, wrong, complaint) in [
        ("\"HASH\" }],\n    B", "\"HASHED\" }],\n    B", "Type '\"HASHED\"' is not assignable"),
        ("BillingMode:", "Billing:", "'Billing' does not exist in type 'CreateTableInput'"),
        ("deleteTable", "dropTable", "Property 'dropTable' does not exist on type 'Database'"),
        ("{ TableName: \"Users\" }", "{}", "Property 'TableName' is missing"),
    ] {
        assert!(SCRIPT.contains(right), "{right}");
        let project = project("0000_init.ts", &SCRIPT.replace(right, wrong));
        let checked = TypeScript::from_env().tsc_strict(&[project.path().join("0000_init.ts")]);
        assert_ne!(checked.code, Some(0));
        assert!(checked.stdout.contains(complaint), "{}", checked.stdout);
    }
}

#[test]
fn every_runtime_runs_a_script_to_the_same_calls() {
    let project = project("0000_init.ts", SCRIPT);
    let script = project.path().join("0000_init.ts");
    let typescript = TypeScript::from_env();
    for runtime in [Runtime::Node, Runtime::Bun] {
        let up = typescript.record(runtime, &script, Direction::Up);
        assert_eq!(up.len(), 2, "{up:?}");
        assert_eq!(up[0]["call"], "createTable");
        assert_eq!(up[1]["call"], "updateTable");
        assert_eq!(
            up[1]["input"]["GlobalSecondaryIndexUpdates"][0]["Create"]["IndexName"],
            "byEmail"
        );
        let down = typescript.record(runtime, &script, Direction::Down);
        assert_eq!(down, [json!({ "call": "deleteTable", "input": { "TableName": "Users" } })]);
    }
}

#[test]
fn every_request_of_a_script_has_a_type() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/typescript/every_request.ts");
    TypeScript::from_env().tsc_strict(&[file]).assert_code(0);
    let calls = TypeScript::from_env().record(Runtime::Node, file, Direction::Up);
    let mut methods: Vec<&str> = calls.iter().filter_map(|call| call["call"].as_str()).collect();
    methods.dedup();
    let expected = [
        "createTable",
        "updateTable",
        "updateTimeToLive",
        "updateContinuousBackups",
        "tagResource",
        "untagResource",
        "putResourcePolicy",
        "deleteResourcePolicy",
        "deleteTable",
    ];
    assert_eq!(methods, expected);
}

#[test]
fn requests_are_those_of_the_aws_sdk() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/typescript/aws_sdk.ts");
    TypeScript::from_env().tsc_strict_with_aws_sdk(&[file]).assert_code(0);
}

#[test]
fn configs_have_types() {
    let examples = ["blog", "shop"].map(|example| {
        format!("{}/../../examples/{example}/mizzle.config.ts", env!("CARGO_MANIFEST_DIR"))
    });
    let typescript = TypeScript::from_env();
    typescript.tsc_strict(&examples).assert_code(0);

    for config in [
        "{ schema: ['a.ts', 'b.ts'], evaluation: { timeLimit: 30, memoryLimit: 256 } }",
        "async () => ({ dbCredentials: { region: 'eu-west-1', profile: 'dev' } })",
        "Promise.resolve({ endpoint: 'local', maxAttempts: 3, strict: true })",
        "{ accountId: '012345678901', allowRemote: false, concurrency: 8 }",
    ] {
        assert_eq!(complaints(&typescript, config), "", "{config}");
    }
    for (config, complaint) in [
        ("{ credentials: { accessKeyId: 'a' } }", "Property 'secretAccessKey' is missing"),
        ("{ shema: 'a.ts' }", "'shema' does not exist"),
        ("{ region: 1 }", "Type 'number' is not assignable to type 'string'"),
        ("{ accountId: 12345678901 }", "Type 'number' is not assignable to type 'string'"),
        ("{ allowRemote: 'no' }", "Type 'string' is not assignable to type 'boolean"),
    ] {
        let complaints = complaints(&typescript, config);
        assert!(complaints.contains(complaint), "{config}: {complaints}");
    }
}

#[test]
fn table_settings_have_types() {
    let typescript = TypeScript::from_env();
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/typescript/every_setting.ts");
    typescript.tsc_strict(&[file]).assert_code(0);

    for settings in [
        "billingMode: 'PAY_PER_REQUEST', readCapacity: 5, writeCapacity: 5",
        "billingMode: 'PAY_PER_REQUEST', capacity: 'autoscaled'",
        "billingMode: 'PROVISIONED', onDemandMaximum: { reads: 5 }",
        "billingMode: 'ON_DEMAND'",
        "readCapacity: 5",
        "readCapacity: 5, writeCapacity: 5, onDemandMaximum: false",
        "capacity: 'autoscale'",
        "onDemandMaximum: true",
        "onDemandMaximum: { reads: 'none' }",
        "warmThroughput: { reads: 15000 }",
        "timeToLive: true",
        "stream: true",
        "stream: 'NEW_IMAGES'",
        "pointInTimeRecovery: { day: 7 }",
        "tableClass: 'INFREQUENT'",
        "encryption: 'kms'",
        "encryption: { key: 'x' }",
        "deletionProtection: 'on'",
        "tags: { count: 1 }",
        "resourcePolicy: true",
        "resourcePolicy: { statement: [] }",
        "indexes: { byEmail: { readCapacity: 5 } }",
        "indexes: { byEmail: { readCapacity: 5, writeCapacity: 5, onDemandMaximum: false } }",
        "indexes: { byEmail: { projection: 'INCLUDE' } }",
        "indexes: { byEmail: { billingMode: 'PROVISIONED' } }",
        "ttl: 'expiresAt'",
    ] {
        let config = format!("{{ tables: {{ Shop: {{ {settings} }} }} }}");
        let complaints = complaints(&typescript, &config);
        assert!(complaints.contains("mizzle.config.ts(2,"), "{settings}: {complaints}");
    }
}

/// What the compiler says of a config.
fn complaints(typescript: &TypeScript, config: &str) -> String {
    let text = format!(
        "import {{ defineConfig }} from \"mizzle-cli\";\nexport default defineConfig({config});\n"
    );
    let project = project("mizzle.config.ts", &text);
    let checked = typescript.tsc_strict(&[project.path().join("mizzle.config.ts")]);
    assert_eq!(checked.code == Some(0), checked.stdout.is_empty(), "{}", checked.stdout);
    checked.stdout
}
