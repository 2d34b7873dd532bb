//! The control plane against Amazon's DynamoDB Local, the referee.
//!
//! The server is somebody else's to start: `cargo xtask test` does, and names its endpoint in
//! `MIZZLE_TEST_DYNAMODB_LOCAL`. Started without `-sharedDb` it keeps a database for each access
//! key, so every test has a key of its own.

mod support;

use mizzle_aws::{Connection, DynamoDb, StaticCredentials};
use mizzle_core::{
    apply::{ControlPlane, ServiceErrorKind},
    model::{
        BillingMode, GlobalSecondaryIndex, KeySchemaElement, Projection, ProvisionedThroughput,
        ScalarType,
    },
    plan::Call,
};
use std::time::{SystemTime, UNIX_EPOCH};
use support::{
    a_refused_request, attribute, counters, expect, gsi, life_of_a_table, more_tables_than_a_page,
    orders,
};

/// An empty database on the server.
async fn start(test: &str) -> DynamoDb {
    let endpoint = std::env::var("MIZZLE_TEST_DYNAMODB_LOCAL").expect(
        "MIZZLE_TEST_DYNAMODB_LOCAL has to name the endpoint of Amazon's DynamoDB Local: \
         run `cargo xtask test`, which starts one",
    );
    // The server may have seen this test before; letters and digits are all that it takes.
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is after 1970");
    let access_key_id = format!("{test}{}x{}", std::process::id(), since_epoch.as_nanos());
    let connection = Connection {
        endpoint: Some(endpoint),
        region: Some("us-east-1".to_owned()),
        credentials: Some(StaticCredentials {
            access_key_id,
            secret_access_key: "secret".into(),
            session_token: None,
        }),
        ..Connection::default()
    };
    DynamoDb::connect(connection).await.expect("the endpoint is a URL")
}

#[tokio::test]
async fn a_table_lives() {
    let server = start("life").await;
    life_of_a_table(
        &server,
        orders(),
        gsi(
            "byCustomer",
            vec![KeySchemaElement::hash("customer"), KeySchemaElement::range("at")],
            Projection::all(),
        ),
        vec![attribute("customer", ScalarType::S)],
    )
    .await;
}

#[tokio::test]
async fn capacity_of_table_and_indexes_is_kept() {
    let server = start("capacity").await;
    let units = |read_capacity_units, write_capacity_units| {
        Some(ProvisionedThroughput { read_capacity_units, write_capacity_units })
    };
    let index = |name: &str, provisioned_throughput| GlobalSecondaryIndex {
        provisioned_throughput,
        ..gsi(name, vec![KeySchemaElement::hash("id")], Projection::keys_only())
    };
    let mut definition = counters();
    definition.global_secondary_indexes = vec![index("first", units(1, 2))];
    life_of_a_table(&server, definition, index("second", units(5, 6)), Vec::new()).await;
}

#[tokio::test]
async fn a_table_without_a_billing_mode_is_provisioned() {
    let server = start("billing").await;
    let mut definition = counters();
    definition.billing_mode = None;
    server.call(&Call::CreateTable(definition.clone())).await.expect("CreateTable works");
    definition.billing_mode = Some(BillingMode::Provisioned);
    expect(&server, &definition).await;
}

#[tokio::test]
async fn every_page_of_tables_is_listed() {
    more_tables_than_a_page(&start("paging").await).await;
}

#[tokio::test]
async fn a_refusal_is_told_apart() {
    a_refused_request(&start("refusal").await).await;
}

#[tokio::test]
async fn a_key_that_is_not_alphanumeric_is_a_matter_of_credentials() {
    let server = start("not-alphanumeric-").await;
    let error = server.list_tables().await.expect_err("the key has dashes");
    assert_eq!(error.kind, ServiceErrorKind::Credentials, "{error:?}");
}
