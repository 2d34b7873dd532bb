//! The type declarations of `npm/mizzle-cli`, and the runtimes that run migration scripts.

use indoc::indoc;
use mizzle_test::{Direction, Runtime, TempProject, TypeScript};
use serde_json::{Value, json};
use std::{fs, path::PathBuf};

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
        let both = [&script, &script];
        let [up, again] = &typescript.record(runtime, &both, Direction::Up)[..] else {
            panic!("two scripts have two lists")
        };
        assert_eq!(up, again);
        assert_eq!(up.len(), 2, "{up:?}");
        assert_eq!(up[0]["call"], "createTable");
        assert_eq!(up[1]["call"], "updateTable");
        assert_eq!(
            up[1]["input"]["GlobalSecondaryIndexUpdates"][0]["Create"]["IndexName"],
            "byEmail"
        );
        let down = typescript.record(runtime, &[&script], Direction::Down);
        assert_eq!(down, [[json!({ "call": "deleteTable", "input": { "TableName": "Users" } })]]);
    }
}

#[test]
fn every_request_of_a_script_has_a_type() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/typescript/every_request.ts");
    TypeScript::from_env().tsc_strict(&[file]).assert_code(0);
    let calls = TypeScript::from_env().record(Runtime::Node, &[file], Direction::Up);
    let mut methods: Vec<&str> = calls[0].iter().filter_map(|call| call["call"].as_str()).collect();
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
fn every_request_about_items_has_a_type() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/typescript/every_item_request.ts");
    TypeScript::from_env().tsc_strict(&[file]).assert_code(0);
}

#[test]
fn wrong_uses_of_items_are_type_errors() {
    let typescript = TypeScript::from_env();
    let cases = [
        ("db.get({ TableName: 'T' })", "Property 'Key' is missing"),
        ("db.get({ Key: { pk: 'a' } })", "Property 'TableName' is missing"),
        ("db.get({ TableName: 'T', Key: 'a' })", "Type 'string' is not assignable"),
        ("db.get({ TableName: 'T', Key: {}, Consistent: true })", "'Consistent' does not exist"),
        (
            "db.get<{ pk: string }>({ TableName: 'T', Key: {} }).then(({ Item }) => Item.pk)",
            "'Item' is possibly 'undefined'",
        ),
        (
            "db.get<{ pk: string }>({ TableName: 'T', Key: {} }).then(({ Item }) => Item?.sk)",
            "Property 'sk' does not exist",
        ),
        ("db.get<string>({ TableName: 'T', Key: {} })", "does not satisfy the constraint"),
        ("db.put({ TableName: 'T', item: {} })", "'item' does not exist"),
        ("db.put({ TableName: 'T', Item: 1n })", "Type 'bigint' is not assignable"),
        (
            "db.put({ TableName: 'T', Item: {}, ReturnValues: 'ALL_NEW' })",
            "Type '\"ALL_NEW\"' is not assignable",
        ),
        ("db.update({ TableName: 'T', Key: {}, Update: 'SET a = b' })", "'Update' does not exist"),
        (
            "db.update({ TableName: 'T', Key: {}, ExpressionAttributeNames: { '#a': 1 } })",
            "Type 'number' is not assignable to type 'string'",
        ),
        ("db.delete('T', {})", "Expected 1 arguments, but got 2"),
        ("db.query({ TableName: 'T', Limit: '5' })", "Type 'string' is not assignable"),
        ("db.query({ TableName: 'T', Segment: 1 })", "'Segment' does not exist"),
        (
            "db.scan({ TableName: 'T', ScanIndexForward: true })",
            "'ScanIndexForward' does not exist",
        ),
        ("db.scan({ TableName: 'T' }).then(({ Items }) => Items.length)", "possibly 'undefined'"),
        ("db.batchGet({ RequestItems: { T: [{ pk: 'a' }] } })", "Property 'Keys' is missing"),
        ("db.batchWrite({ RequestItems: { T: [{ Put: {} }] } })", "'Put' does not exist"),
        (
            "db.batchWrite({ RequestItems: { T: [{ PutRequest: { Key: {} } }] } })",
            "'Key' does not exist in type 'PutRequest'",
        ),
        (
            "db.transactWrite({ TransactItems: [{ Update: { TableName: 'T', Key: {} } }] })",
            "Property 'UpdateExpression' is missing",
        ),
        ("db.transactWrite({ TransactItems: [{ Get: {} }] })", "'Get' does not exist"),
        (
            "(async () => { for await (const _ of db.scan({ TableName: 'T' })); })()",
            "asyncIterator",
        ),
        (
            "(async () => { for (const _ of db.scanItems({ TableName: 'T' })); })()",
            "Symbol.iterator",
        ),
        ("db.putItem({})", "Property 'putItem' does not exist on type 'Database'"),
        ("db.env.length", "possibly 'undefined'"),
        ("(db.dryRun = false)", "read-only property"),
    ];
    // One line per case: the compiler reports line numbers, and is started once.
    let head = "import type { Database } from \"mizzle-cli\";\ndeclare const db: Database;\n";
    let lines: Vec<_> = cases.iter().map(|(wrong, _)| format!("void {wrong};\n")).collect();
    let project = project("0000_wrong.ts", &format!("{head}{}", lines.concat()));
    let checked = typescript.tsc_strict(&[project.path().join("0000_wrong.ts")]);
    for (index, (wrong, complaint)) in cases.iter().enumerate() {
        let place = format!("0000_wrong.ts({},", index + head.lines().count() + 1);
        let said = checked.stdout.split_once(&place).map_or("", |(_, rest)| rest);
        // A complaint may continue in indented lines.
        let end = said.match_indices('\n').find(|(at, _)| !said[at + 1..].starts_with(' '));
        let said = end.map_or(said, |(at, _)| &said[..at]);
        assert!(said.contains(complaint), "{wrong}: {}", checked.stdout);
    }
}

#[test]
fn requests_and_answers_are_those_of_the_aws_sdk() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/typescript/aws_sdk.ts");
    TypeScript::from_env().tsc_strict_with_aws_sdk(&[file]).assert_code(0);
}

/// A JSON file of the crate that evaluates scripts.
fn evaluator(file: &str) -> (PathBuf, Value) {
    let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../mizzle-eval")).join(file);
    let text = fs::read_to_string(&path).expect("a file of the crate can be read");
    (path, serde_json::from_str(&text).expect("it is JSON"))
}

#[test]
fn the_stand_in_knows_what_the_aws_sdk_exports() {
    let (path, known) = evaluator("src/js/sdk/packages.json");
    let found = TypeScript::from_env().aws_sdk_exports();
    assert_eq!(
        known,
        found,
        "write it again: node crates/mizzle-test/js/aws_sdk.mjs <node_modules> > {}",
        path.display()
    );
}

#[test]
fn attribute_values_are_those_of_the_aws_sdk() {
    let (path, expected) = evaluator("tests/fixtures/sdk/attributes.json");
    let found = TypeScript::from_env().attribute_values(&path.with_extension("mjs"));
    for (name, value) in found.as_object().unwrap() {
        assert_eq!(&expected[name], value, "{name}");
    }
    assert_eq!(expected, found);
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
        "{ migrations: { table: 'history', lockLease: 60, lockWait: 5 } }",
        "{ environments: { staging: { region: 'eu-west-1', profile: 's', tableName: { prefix: 's-' } }, \
           prod: { accountId: '012345678901', variables: { STAGE: 'prod' }, tables: { \
           '*': { deletionProtection: true }, Shop: { readCapacity: 5, writeCapacity: 5, \
           indexes: { byDay: { capacity: 'autoscaled' } } } } } } }",
    ] {
        assert_eq!(complaints(&typescript, config), "", "{config}");
    }
    for (config, complaint) in [
        ("{ credentials: { accessKeyId: 'a' } }", "Property 'secretAccessKey' is missing"),
        ("{ shema: 'a.ts' }", "'shema' does not exist"),
        ("{ region: 1 }", "Type 'number' is not assignable to type 'string'"),
        ("{ accountId: 12345678901 }", "Type 'number' is not assignable to type 'string'"),
        ("{ allowRemote: 'no' }", "Type 'string' is not assignable to type 'boolean"),
        ("{ migrations: { lease: 1 } }", "'lease' does not exist"),
        ("{ environments: { e: { schema: 'a.ts' } } }", "'schema' does not exist"),
        ("{ environments: { e: { tableName: 'e-' } } }", "Type 'string' has no properties"),
        ("{ environments: { e: { variables: { PORT: 1 } } } }", "Type 'number' is not assignable"),
        (
            "{ environments: { e: { tables: { T: { indexes: { i: { projection: 'ALL' } } } } } } }",
            "mizzle.config.ts(2,",
        ),
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

/// Returns the compiler's errors for a config.
fn complaints(typescript: &TypeScript, config: &str) -> String {
    let text = format!(
        "import {{ defineConfig }} from \"mizzle-cli\";\nexport default defineConfig({config});\n"
    );
    let project = project("mizzle.config.ts", &text);
    let checked = typescript.tsc_strict(&[project.path().join("mizzle.config.ts")]);
    assert_eq!(checked.code == Some(0), checked.stdout.is_empty(), "{}", checked.stdout);
    checked.stdout
}
