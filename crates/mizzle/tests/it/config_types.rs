//! The fields of a config are defined in three places: in the code that reads them, in the types of
//! the npm package, and in its JSON schema. All three agree.

use mizzle_core::config;
use mizzle_test::{Compiler, Modules, TempProject, TypeScript};
use serde_json::{Map, Value, json};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// The name of a field that does not exist.
const NOWHERE: &str = "qqqqqqqq";

/// The structure of a field, as far as it has fields itself.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Node {
    /// A value without fields.
    Leaf,
    /// An object with these fields.
    Fields(BTreeMap<String, Node>),
    /// An object of free names, each with these fields.
    Entries(BTreeMap<String, Node>),
}

/// Gets the known fields from the reader of configs: its error for an unknown field lists them.
/// `path` leads to an object; `wrap` puts one there.
fn known_fields(path: &str, wrap: &dyn Fn(Value) -> Value) -> Option<BTreeMap<String, Node>> {
    let problems = config::read(&wrap(json!({ NOWHERE: 1 }))).err()?;
    let field = join(path, NOWHERE);
    let problem = problems.into_iter().find(|problem| problem.field == field)?;
    (problem.message == "is not a known field").then_some(())?;
    let help = problem.help.unwrap();
    let list = help.strip_prefix("the known fields are ");
    let list = list.or_else(|| help.strip_prefix("the only field is ")).unwrap();
    let names = list.split(", ").flat_map(|part| part.split(" and ")).map(str::to_owned);
    Some(names.map(|name| (name.clone(), node(&join(path, &name), &name, wrap))).collect())
}

fn node(path: &str, name: &str, wrap: &dyn Fn(Value) -> Value) -> Node {
    let inside = |value: Value| wrap(json!({ name: value }));
    if let Some(fields) = known_fields(path, &inside) {
        return Node::Fields(fields);
    }
    let entry = |value: Value| inside(json!({ NOWHERE: value }));
    known_fields(&join(path, NOWHERE), &entry).map_or(Node::Leaf, Node::Entries)
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

fn fields_of_the_reader() -> BTreeMap<String, Node> {
    known_fields("", &|value| value).unwrap()
}

fn json_schema_file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../npm/mizzle-cli/mizzle.config.schema.json")
}

fn json_schema() -> Value {
    serde_json::from_str(&fs::read_to_string(json_schema_file()).unwrap()).unwrap()
}

/// Converts a part of the JSON schema to the same structure.
fn node_of_schema(root: &Value, part: &Value) -> Node {
    if let Some(reference) = part["$ref"].as_str() {
        return node_of_schema(root, root.pointer(&reference[1..]).unwrap());
    }
    for several in ["allOf", "anyOf"] {
        let parts = part[several].as_array().into_iter().flatten();
        let nodes = parts.map(|part| node_of_schema(root, part));
        if let Some(node) = nodes.into_iter().find(|node| *node != Node::Leaf) {
            return node;
        }
    }
    // Objects with additional fields are defined elsewhere: a policy by AWS.
    let is_ours = part["additionalProperties"] == false;
    if let Some(properties) = part["properties"].as_object().filter(|_| is_ours) {
        let fields = properties.iter();
        return Node::Fields(
            fields.map(|(name, part)| (name.clone(), node_of_schema(root, part))).collect(),
        );
    }
    match part.get("additionalProperties").map(|part| node_of_schema(root, part)) {
        Some(Node::Fields(fields)) => Node::Entries(fields),
        _ => Node::Leaf,
    }
}

#[test]
fn the_json_schema_has_every_field_and_no_other() {
    let schema = json_schema();
    assert_eq!(node_of_schema(&schema, &schema), Node::Fields(fields_of_the_reader()));
}

/// Every field has a description for editors.
#[test]
fn every_field_of_the_json_schema_has_a_description() {
    fn check(root: &Value, part: &Value, path: &str) {
        for (name, field) in part["properties"].as_object().unwrap_or(&Map::new()) {
            let path = join(path, name);
            let target = field["$ref"].as_str().map(|to| root.pointer(&to[1..]).unwrap());
            let described = target.unwrap_or(field)["description"].as_str();
            assert!(described.is_some_and(|text| text.ends_with('.')), "{path}: {described:?}");
            check(root, field, &path);
        }
        for inner in ["anyOf", "allOf"] {
            part[inner].as_array().into_iter().flatten().for_each(|part| check(root, part, path));
        }
    }
    let schema = json_schema();
    check(&schema, &schema, "");
    for (name, part) in schema["definitions"].as_object().unwrap() {
        check(&schema, part, name);
    }
}

/// Writes assertions that hold while a type has exactly these fields.
fn assertions(fields: &BTreeMap<String, Node>, what: &str, lines: &mut Vec<String>) {
    let names: Vec<String> = fields.keys().map(|name| format!("{name:?}")).collect();
    let number = lines.len();
    lines.push(format!("type At{number} = {what};"));
    lines.push(format!("true satisfies Same<Keys<At{number}>, {}>;", names.join(" | ")));
    for (name, node) in fields {
        let object = format!("Extract<At{number}[{name:?}], object>");
        match node {
            Node::Leaf => {}
            Node::Fields(fields) => assertions(fields, &object, lines),
            Node::Entries(fields) => {
                assertions(fields, &format!("NonNullable<{object}[string]>"), lines);
            }
        }
    }
}

#[test]
fn the_types_have_every_field_and_no_other() {
    let mut fields = fields_of_the_reader();
    // For JSON only: an editor has no other reference.
    fields.remove("$schema").unwrap();
    let mut lines = vec![
        "import type { Config } from \"mizzle-cli\";".to_owned(),
        "type Keys<Type> = Type extends unknown ? keyof Type : never;".to_owned(),
        "type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never;".to_owned(),
    ];
    assertions(&fields, "Config", &mut lines);
    assert!(lines.len() > 30, "{lines:#?}");

    let project = TempProject::new("no binary is needed");
    project.unpack_package();
    let check = |lines: &[String]| {
        project.write("fields.ts", &lines.join("\n"));
        TypeScript::from_env().tsc_project(Compiler::Newest, Modules::Bundler, &project)
    };
    let checked = check(&lines);
    assert_eq!(checked.stdout, "", "{lines:#?}");
    // One more field, or one less, would have failed.
    for (from, to) in
        [("\"accountId\" | ", ""), ("\"accountId\"", "\"accountIds\" | \"accountId\"")]
    {
        let changed: Vec<String> = lines.iter().map(|line| line.replacen(from, to, 1)).collect();
        assert_ne!(check(&changed).code, Some(0), "{from} {to}");
    }
}

/// Returns configs, with true for valid ones; all three places agree.
fn configs() -> Vec<(Value, bool)> {
    let good = [
        json!({}),
        json!({ "$schema": "./node_modules/mizzle-cli/mizzle.config.schema.json", "schema": "./a.ts" }),
        json!({ "schema": ["./a.ts", "!./b.ts"], "out": "./m", "endpoint": "local", "verbose": true }),
        json!({ "credentials": { "accessKeyId": "a", "secretAccessKey": "b" }, "region": "eu-west-1" }),
        json!({ "dbCredentials": { "profile": "dev", "credentials":
            { "accessKeyId": "a", "secretAccessKey": "b", "sessionToken": "c" } } }),
        json!({ "driver": 5, "maxAttempts": 100, "concurrency": 250, "strict": false }),
        json!({ "accountId": "012345678901", "allowRemote": false }),
        json!({ "evaluation": { "timeLimit": 0.5, "memoryLimit": 16 } }),
        json!({ "migrations": { "table": "history", "lockLease": 3600, "lockWait": 5 } }),
        json!({ "environments": { "e": { "tableName": { "prefix": "e-" }, "variables": { "A": "" },
            "tables": { "*": { "deletionProtection": true } }, "profile": "p" } } }),
    ];
    let bad = [
        json!([]),
        json!("./schema.ts"),
        json!({ "$schema": 5 }),
        json!({ "shema": "./a.ts" }),
        json!({ "schema": [] }),
        json!({ "schema": " " }),
        json!({ "schema": ["a.ts", 5] }),
        json!({ "out": "" }),
        json!({ "region": 1 }),
        json!({ "verbose": "yes" }),
        json!({ "maxAttempts": 0 }),
        json!({ "maxAttempts": 1.5 }),
        json!({ "concurrency": 251 }),
        json!({ "accountId": 12345678901_u64 }),
        json!({ "accountId": "1234" }),
        json!({ "credentials": { "accessKeyId": "a" } }),
        json!({ "credentials": { "accessKeyId": "a", "secretAccessKey": "b", "token": "c" } }),
        json!({ "evaluation": { "timeLimit": 0 } }),
        json!({ "evaluation": { "memoryLimit": 8 } }),
        json!({ "evaluation": { "time": 1 } }),
        json!({ "migrations": { "table": "no" } }),
        json!({ "migrations": { "table": "my history" } }),
        json!({ "migrations": { "lockWait": 3601 } }),
        json!({ "tables": [] }),
        json!({ "tables": { "Shop": true } }),
        json!({ "environments": { "e": { "schema": "a.ts" } } }),
        json!({ "environments": { "e": { "tableName": { "prefix": "" } } } }),
        json!({ "environments": { "e": { "tableName": { "suffix": "a b" } } } }),
        json!({ "environments": { "e": { "variables": { "A": 1 } } } }),
        json!({ "environments": { "e": { "variables": { "A=B": "1" } } } }),
        json!({ "environments": { "e": { "tables": { "T": { "indexes":
            { "i": { "projection": "ALL" } } } } } } }),
    ];
    let statement = json!([{ "Effect": "Allow" }]);
    let stream = "arn:aws:kinesis:eu-west-1:123456789012:stream/orders";
    let good_settings = [
        json!({ "billingMode": "PAY_PER_REQUEST", "onDemandMaximum": { "reads": 5, "writes": "unlimited" } }),
        json!({ "readCapacity": 5, "writeCapacity": 5.0, "capacity": "autoscaled" }),
        json!({ "capacity": "autoscaled", "onDemandMaximum": false }),
        json!({ "warmThroughput": { "reads": 12000, "writes": 4000 } }),
        json!({ "timeToLive": "expiresAt", "stream": "NEW_IMAGE", "pointInTimeRecovery": true }),
        json!({ "timeToLive": false, "stream": false, "pointInTimeRecovery": { "days": 35 } }),
        json!({ "tableClass": "STANDARD_INFREQUENT_ACCESS", "encryption": "owned" }),
        json!({ "encryption": { "kmsKey": "0000-1111" }, "tags": { "team": "shop", "cost": "" } }),
        json!({ "resourcePolicy": { "Statement": statement, "Version": "2012-10-17" } }),
        json!({ "resourcePolicy": false, "indexes": { "*": { "capacity": "autoscaled" } } }),
        json!({ "kinesisDestination": stream, "contributorInsights": true }),
        json!({ "kinesisDestination": { "streamArn": stream } }),
        json!({ "kinesisDestination": { "streamArn": stream, "timestampPrecision": "MICROSECOND" } }),
        json!({ "kinesisDestination": false, "contributorInsights": false }),
        json!({ "contributorInsights": { "mode": "THROTTLED_KEYS" } }),
        json!({ "indexes": { "byA": { "contributorInsights": { "mode": "ACCESSED_AND_THROTTLED_KEYS" } } } }),
        json!({ "indexes": { "byA": { "projection": ["a"], "readCapacity": 1, "writeCapacity": 1 } } }),
        json!({ "indexes": { "byA": { "projection": "KEYS_ONLY" } } }),
    ];
    let bad_settings = [
        json!({ "billingMode": "ON_DEMAND" }),
        json!({ "readCapacity": 5 }),
        json!({ "readCapacity": 0, "writeCapacity": 1 }),
        json!({ "readCapacity": 1.5, "writeCapacity": 1 }),
        json!({ "capacity": "autoscale" }),
        json!({ "onDemandMaximum": true }),
        json!({ "onDemandMaximum": { "reads": "none" } }),
        json!({ "warmThroughput": { "reads": 1 } }),
        json!({ "timeToLive": true }),
        json!({ "timeToLive": "" }),
        json!({ "timeToLive": "a".repeat(256) }),
        json!({ "stream": true }),
        json!({ "stream": "NEW_IMAGES" }),
        json!({ "pointInTimeRecovery": {} }),
        json!({ "pointInTimeRecovery": { "days": 36 } }),
        json!({ "tableClass": "INFREQUENT" }),
        json!({ "encryption": "kms" }),
        json!({ "encryption": {} }),
        json!({ "encryption": { "kmsKey": "alias/mine" } }),
        json!({ "encryption": { "kmsKey": "arn:aws:kms:eu-west-1:1:alias/mine" } }),
        json!({ "deletionProtection": "on" }),
        json!({ "tags": { "team": 1 } }),
        json!({ "tags": { "AWS:team": "shop" } }),
        json!({ "tags": { "": "shop" } }),
        json!({ "tags": { "team": "a".repeat(257) } }),
        json!({ "resourcePolicy": true }),
        json!({ "resourcePolicy": { "statement": [] } }),
        json!({ "kinesisDestination": true }),
        json!({ "kinesisDestination": "" }),
        json!({ "kinesisDestination": { "timestampPrecision": "MICROSECOND" } }),
        json!({ "kinesisDestination": { "streamArn": stream, "timestampPrecision": "SECOND" } }),
        json!({ "kinesisDestination": { "streamArn": stream, "precision": "MICROSECOND" } }),
        json!({ "contributorInsights": {} }),
        json!({ "contributorInsights": { "mode": "ALL" } }),
        json!({ "indexes": { "byA": { "projection": "INCLUDE" } } }),
        json!({ "indexes": { "byA": { "projection": [] } } }),
        json!({ "indexes": { "byA": { "writeCapacity": 5 } } }),
        json!({ "indexes": { "byA": { "billingMode": "PROVISIONED" } } }),
        json!({ "ttl": "expiresAt" }),
    ];
    let in_a_table = |settings: Value| json!({ "tables": { "Shop": settings } });
    let good = good.into_iter().chain(good_settings.map(in_a_table)).map(|config| (config, true));
    let bad = bad.into_iter().chain(bad_settings.map(in_a_table)).map(|config| (config, false));
    good.chain(bad).collect()
}

#[test]
fn the_json_schema_takes_what_mizzle_takes() {
    let (configs, good): (Vec<Value>, Vec<bool>) = configs().into_iter().unzip();
    let by_schema = TypeScript::from_env().validate(&json_schema_file(), &configs);
    for ((config, good), by_schema) in configs.iter().zip(good).zip(by_schema) {
        assert_eq!(config::read(config).is_ok(), good, "mizzle: {config}");
        assert_eq!(by_schema, good, "the JSON schema: {config}");
    }
}
