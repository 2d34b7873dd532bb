//! The config reader: every field, and every way to get one wrong.

use mizzle_core::config::{FieldProblem, read};
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
    })));
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
fn secrets_do_not_show() {
    let config = json!({ "credentials": { "accessKeyId": "AKIDSECRET", "secretAccessKey": "hush", "sessionToken": "quiet" } });
    let shown = format!("{:?}", read(&config).unwrap());
    let wrong = json!({ "credentials": { "accessKeyId": "AKIDSECRET", "secretAccessKey": ["hush"] }, "region": ["quiet"] });
    let shown = shown + &problems(&wrong);
    for secret in ["AKIDSECRET", "hush", "quiet"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}
