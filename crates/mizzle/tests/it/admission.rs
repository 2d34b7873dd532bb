//! The servers that may be changed: `accountId` and `allowRemote` of the config.
//!
//! moto replaces AWS. Its address is this machine, so host names elsewhere are reached through a
//! proxy that forwards all of them to moto.

use crate::support::shop;
use mizzle_test::{Boto3, Database, FaultProxy, MizzleCommand, Moto, TempProject};
use serde_json::json;

/// A host name that does not exist.
const ELSEWHERE: &str = "http://dynamodb.example.test";

fn project(database: &Database, config: &str) -> TempProject {
    let project = shop();
    let elsewhere = Database { endpoint: ELSEWHERE.to_owned(), ..database.clone() };
    project.connect(&elsewhere);
    project.replace("mizzle.config.ts", "out:", &format!("{config}\n  out:"));
    project
}

fn push(project: &TempProject, proxy: &FaultProxy) -> MizzleCommand {
    project
        .mizzle(["push", "--yes", "--json"])
        .env("HTTP_PROXY", proxy.endpoint())
        .env("AWS_ENDPOINT_URL_STS", "http://sts.example.test")
}

fn asked_nothing_of_dynamodb(proxy: &FaultProxy) -> bool {
    proxy.requests().iter().all(|request| !request.operation.contains("Table"))
}

#[test]
fn only_the_account_of_the_config_is_changed() {
    let database = Moto::from_env().isolated();
    let proxy = FaultProxy::start(&database.endpoint);
    let wrong = project(&database, "accountId: \"999999999999\",");
    let report = push(&wrong, &proxy).run().assert_code(4).json();
    assert_eq!(report["error"]["kind"], "wrong-account", "{report:#}");
    assert!(report["error"]["message"].as_str().unwrap().contains("999999999999"));
    assert!(asked_nothing_of_dynamodb(&proxy));

    let account = report["error"]["message"].as_str().unwrap();
    let account = account.split(|c: char| !c.is_ascii_digit()).find(|word| word.len() == 12);
    let right = project(&database, &format!("accountId: {:?},", account.unwrap()));
    let report = push(&right, &proxy).run().assert_code(0).json();
    assert_eq!(report["target"]["accountId"], account.unwrap());
    assert_eq!(report["applied"], json!(["Shop:create-table"]));
}

#[test]
fn where_no_server_elsewhere_is_allowed_none_is_even_asked() {
    let database = Moto::from_env().isolated();
    let proxy = FaultProxy::start(&database.endpoint);
    let project = project(&database, "allowRemote: false,");
    let output = push(&project, &proxy).run().assert_code(4);
    let report = output.json();
    assert_eq!(report["error"]["kind"], "remote-not-allowed");
    assert_eq!(
        report["error"]["message"],
        "http://dynamodb.example.test is not on this machine, and the config says `allowRemote: false`"
    );
    assert!(proxy.requests().is_empty());

    // This machine is always allowed, and has no account.
    project.replace(
        "mizzle.config.ts",
        "allowRemote: false,",
        "allowRemote: false, accountId: \"999999999999\",",
    );
    let report = project
        .mizzle(["push", "--yes", "--json", "--endpoint", "local"])
        .run()
        .assert_code(0)
        .json();
    assert_eq!(report["outcome"], "applied");
}

#[test]
fn an_account_that_cannot_be_told_is_a_wrong_one() {
    let database = Moto::from_env().isolated();
    let proxy = FaultProxy::start(&database.endpoint);
    let project = project(&database, "accountId: \"999999999999\",");
    let report = project
        .mizzle(["push", "--yes", "--json"])
        .env("HTTP_PROXY", proxy.endpoint())
        .env("NO_PROXY", "127.0.0.1")
        .env("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:9")
        .run()
        .assert_code(1)
        .json();
    assert!(
        report["error"]["message"].as_str().unwrap().contains("GetCallerIdentity"),
        "{report:#}"
    );
    assert!(asked_nothing_of_dynamodb(&proxy));
}

/// Tables may be pulled from a server that must not be changed; the ledger is not created there.
#[test]
fn a_pull_makes_no_ledger_where_it_may_not() {
    let database = Moto::from_env().isolated();
    Boto3::from_env().run(
        &database,
        r#"
        client.create_table(TableName="Shop", BillingMode="PAY_PER_REQUEST",
                            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
                            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}])
        result = None
        "#,
    );
    let proxy = FaultProxy::start(&database.endpoint);
    let project = project(&database, "allowRemote: false,");
    project.remove("schema.ts");
    let output = project
        .mizzle(["pull", "--yes", "--json"])
        .env("HTTP_PROXY", proxy.endpoint())
        .run()
        .assert_code(0);
    let report = output.json();
    assert_eq!((&report["migration"], &report["baseline"]), (&json!("0001_init"), &json!("left")));
    assert_eq!(report["next"], "mizzle migrate --baseline");
    assert!(output.stderr.contains("Not marked as applied: http://dynamodb.example.test"));
    assert_eq!(proxy.writes(), []);
}
