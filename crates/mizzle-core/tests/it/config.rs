//! The config reader: every field, and every way to make a mistake in it.

use mizzle_core::{
    config::{FieldProblem, read},
    model::AllTableSettings,
};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use std::time::Duration;

fn problems(config: &Value) -> String {
    let lines = read(config).err().unwrap_or_default().into_iter().map(|problem| {
        let FieldProblem { ref help, .. } = problem;
        match help {
            Some(help) => format!("{problem} ({help})"),
            None => problem.to_string(),
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn every_field_is_read() {
    let config = read(&json!({
        "schema": ["./a.ts", "./b/**/*.ts"],
        "out": "./migrations",
        "region": "eu-central-1",
        "endpoint": "local",
        "profile": "dev",
        "credentials": { "accessKeyId": "id", "secretAccessKey": "secret", "sessionToken": "token" },
        "maxAttempts": 4,
        "verbose": true,
        "strict": false,
        "driver": "anything",
        "evaluation": { "timeLimit": 2.5, "memoryLimit": 64 },
        "accountId": "012345678901",
        "allowRemote": false,
        "concurrency": 8,
    }))
    .unwrap();
    assert_eq!(config.schema, ["./a.ts", "./b/**/*.ts"]);
    assert_eq!(config.out.as_deref(), Some("./migrations"));
    assert_eq!(config.connection.region.as_deref(), Some("eu-central-1"));
    assert_eq!(config.connection.endpoint.as_deref(), Some("local"));
    assert_eq!(config.connection.profile.as_deref(), Some("dev"));
    let credentials = config.connection.credentials.unwrap();
    assert_eq!(credentials.access_key_id.expose_secret(), "id");
    assert_eq!(credentials.secret_access_key.expose_secret(), "secret");
    assert_eq!(credentials.session_token.unwrap().expose_secret(), "token");
    assert_eq!(config.max_attempts, Some(4));
    assert_eq!((config.verbose, config.strict), (Some(true), Some(false)));
    assert_eq!(config.evaluation.time_limit, Some(Duration::from_millis(2500)));
    assert_eq!(config.evaluation.memory_limit, Some(64 << 20));
    assert_eq!(config.account_id.as_deref(), Some("012345678901"));
    assert_eq!((config.allow_remote, config.concurrency), (Some(false), Some(8)));
    assert_eq!(config.tables, AllTableSettings::default());
}

#[test]
fn a_single_schema_path_is_enough_and_null_is_absent() {
    let config =
        read(&json!({ "schema": "./schema.ts", "out": null, "credentials": null })).unwrap();
    assert_eq!(config.schema, ["./schema.ts"]);
    assert!(config.out.is_none() && config.connection.credentials.is_none());
}

#[test]
fn the_top_level_wins_over_db_credentials() {
    let config = read(&json!({
        "region": "eu-central-1",
        "dbCredentials": { "region": "us-west-2", "endpoint": "http://127.0.0.1:8000", "profile": "p" },
    }))
    .unwrap();
    assert_eq!(config.connection.region.as_deref(), Some("eu-central-1"));
    assert_eq!(config.connection.endpoint.as_deref(), Some("http://127.0.0.1:8000"));
    assert_eq!(config.connection.profile.as_deref(), Some("p"));
}

#[test]
fn every_wrong_field_is_named_with_what_it_should_be() {
    insta::assert_snapshot!(problems(&json!({
        "schema": [1],
        "out": "",
        "region": 7,
        "endpoint": { "$unsupported": "function" },
        "profile": [],
        "credentials": { "accessKeyId": true, "sessionToken": {}, "sercet": "x" },
        "maxAttempts": 2.5,
        "verbose": "yes",
        "strict": 1,
        "dbCredentials": "local",
        "evaluation": { "timeLimit": -1, "memoryLimit": 1 },
        "endpont": "local",
        "tablesFilter": [],
        "accountId": 12345678901_u64,
        "allowRemote": "no",
        "concurrency": 251,
        "tables": [],
    })));
    for number in ["12345", "12345678901x"] {
        assert_eq!(
            problems(&json!({ "accountId": number })),
            "`accountId` must be a string of 12 digits, but is another string"
        );
    }
}

#[test]
fn what_is_no_object_is_no_config() {
    for (value, kind) in [
        (json!(null), "null"),
        (json!("text"), "a string"),
        (json!([]), "an empty array"),
        (json!({ "$unsupported": "function" }), "a function"),
    ] {
        assert_eq!(problems(&value), format!("the config must be an object, but is {kind}"));
    }
}

#[test]
fn credentials_cannot_be_a_function_that_gets_them() {
    for (what, shown) in [
        ("function", "a function"),
        (
            "credential provider of the AWS SDK (fromIni)",
            "a credential provider of the AWS SDK (fromIni)",
        ),
        ("Promise", "a Promise"),
    ] {
        let wrong = problems(&json!({ "credentials": { "$unsupported": what } }));
        let expected = format!(
            "`credentials` must be an object, but is {shown} (mizzle looks credentials up itself: \
             name the profile instead (`profile`), or leave both out for those of the environment)"
        );
        assert_eq!(wrong, expected);
    }
}

#[test]
fn secrets_do_not_show() {
    let config = json!({ "credentials": { "accessKeyId": "AKIDSECRET", "secretAccessKey": "hush", "sessionToken": "quiet" } });
    let shown = format!("{:?}", read(&config).unwrap());
    let wrong = json!({ "credentials": { "accessKeyId": "AKIDSECRET", "secretAccessKey": ["hush"] }, "region": ["quiet"] });
    let shown = shown + &problems(&wrong);
    for secret in ["AKIDSECRET", "hush", "quiet"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

/// Returns the problems with one setting of the table `Shop`.
fn wrong_setting(settings: &Value) -> String {
    problems(&json!({ "tables": { "Shop": settings } }))
}

#[test]
fn every_setting_says_what_it_should_be() {
    let long = |length| "x".repeat(length);
    let settings = [
        json!({ "billingMode": "ON_DEMAND" }),
        json!({ "billingMode": "PROVISIONNED" }),
        json!({ "billingMode": 1 }),
        json!({ "readCapacity": 5 }),
        json!({ "writeCapacity": 5, "readCapacity": null }),
        json!({ "readCapacity": 0, "writeCapacity": 1.5 }),
        json!({ "readCapacity": "5", "writeCapacity": 1e300 }),
        json!({ "capacity": "autoscale" }),
        json!({ "capacity": 5 }),
        json!({ "onDemandMaximum": true }),
        json!({ "onDemandMaximum": { "reads": -1, "writes": "unlimitted", "read": 5 } }),
        json!({ "onDemandMaximum": { "reads": "", "writes": [] } }),
        json!({ "warmThroughput": 15000 }),
        json!({ "warmThroughput": { "reads": 15000 } }),
        json!({ "warmThroughput": { "reads": "many", "writes": 0 } }),
        json!({ "timeToLive": true }),
        json!({ "timeToLive": "" }),
        json!({ "timeToLive": long(256) }),
        json!({ "stream": true }),
        json!({ "stream": "NEW_AND_OLD_IMAGE" }),
        json!({ "pointInTimeRecovery": 7 }),
        json!({ "pointInTimeRecovery": {} }),
        json!({ "pointInTimeRecovery": { "days": 36 } }),
        json!({ "tableClass": "INFREQUENT" }),
        json!({ "encryption": true }),
        json!({ "encryption": "manged" }),
        json!({ "encryption": {} }),
        json!({ "encryption": { "kmsKey": "alias/shop" } }),
        json!({ "encryption": { "kmsKey": "arn:aws:kms:eu-west-1:123456789012:alias/shop" } }),
        json!({ "encryption": { "kmsKey": 1, "key": "x" } }),
        json!({ "deletionProtection": "yes" }),
        json!({ "tags": ["team"] }),
        json!({ "tags": { "team": 1, "": "x", "AWS:x": "x", "long": long(257), &long(129): "x" } }),
        json!({ "resourcePolicy": true }),
        json!({ "resourcePolicy": "" }),
        json!({ "resourcePolicy": "{ \"Statement\": [" }),
        json!({ "resourcePolicy": "[]" }),
        json!({ "resourcePolicy": { "statement": [] } }),
        json!({ "resourcePolicy": { "Statement": [{ "Sid": { "$unsupported": "function" } }] } }),
        json!({ "resourcePolicy": { "Statement": [{ "Sid": long(20 << 10) }] } }),
        json!({ "indexes": { "byEmail": { "projection": "INCLUDE", "billingMode": "PROVISIONED" } } }),
        json!({ "indexes": { "by-email": { "projection": [1] }, "*": { "projection": [] } } }),
        json!({ "indexes": { "byEmail": "ALL" } }),
        json!({ "indexs": {}, "ttl": "x" }),
    ];
    let mut shown = String::new();
    for setting in &settings {
        let problems = wrong_setting(setting);
        assert!(!problems.is_empty(), "{setting}");
        shown += &format!("{problems}\n");
    }
    insta::assert_snapshot!(shown);
}

#[test]
fn entries_are_named_as_javascript_would() {
    for (name, path) in [
        ("Shop", "tables.Shop"),
        ("*", "tables[\"*\"]"),
        ("my.shop-1", "tables[\"my.shop-1\"]"),
        ("2nd", "tables[\"2nd\"]"),
    ] {
        let config = json!({ "tables": { name: { "deletionProtection": 1 }, "Other": null } });
        assert_eq!(
            problems(&config),
            format!("`{path}.deletionProtection` must be true or false, but is a number")
        );
    }
}

#[test]
fn a_ledger_that_cannot_be_a_table_is_explained() {
    for (name, help) in [
        ("m8", "a table name has 3 to 255 characters, and this one has 2"),
        (
            "undefined_migrations",
            "it has the text \"undefined\", which stands for a missing value: is a variable that it is made of not set?",
        ),
        ("shop/migrations", "a table name has letters from a to z, digits, `_`, `-` and `.` only"),
    ] {
        let problems = read(&json!({ "migrations": { "table": name } })).unwrap_err();
        let [problem] = problems.as_slice() else { panic!("{problems:?}") };
        assert_eq!(problem.help.as_deref(), Some(help));
    }
}

#[test]
fn names_of_an_environment_are_not_made_of_missing_values() {
    for (field, value) in [("prefix", "undefined-"), ("suffix", "-null"), ("prefix", "app-NaN-")] {
        let config = json!({ "environments": { "prod": { "tableName": { field: value } } } });
        let problems = read(&config).unwrap_err();
        let [problem] = problems.as_slice() else { panic!("{problems:?}") };
        let help = problem.help.as_deref().unwrap_or_default();
        assert!(help.contains("stands for a missing value"), "{problem}: {help}");
    }
    let fine = json!({ "environments": { "prod": { "tableName": { "prefix": "nullable-" } } } });
    assert!(read(&fine).is_ok());
}
