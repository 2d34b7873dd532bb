//! The embedded server in memory, one a test.

use crate::support::{
    a_refused_request, attribute, counters, expect, gsi, life_of_a_table, more_tables_than_a_page,
    orders,
};
use mizzle_aws::{Connection, DynamoDb};
use mizzle_core::{
    apply::ControlPlane,
    model::{KeySchemaElement, Projection, ScalarType},
    plan::Call,
};
use mizzle_local::{Embedded, Store};

async fn start() -> (Embedded, DynamoDb) {
    let embedded = Store::in_memory().unwrap().spawn().await.unwrap();
    let connection = Connection {
        endpoint: Some(embedded.endpoint().to_owned()),
        region: Some("eu-central-1".to_owned()),
        ..Connection::default()
    };
    let server = DynamoDb::connect(connection).await.unwrap();
    assert_eq!(server.target().endpoint, embedded.endpoint());
    assert_eq!(server.target().region, "eu-central-1");
    assert!(server.target().is_local);
    (embedded, server)
}

#[tokio::test]
async fn a_table_lives() {
    let (embedded, server) = start().await;
    life_of_a_table(
        &server,
        orders(),
        gsi(
            "byCustomer",
            vec![
                KeySchemaElement::hash("country"),
                KeySchemaElement::hash("customer"),
                KeySchemaElement::range("at"),
                KeySchemaElement::range("sk"),
            ],
            Projection::all(),
        ),
        vec![attribute("country", ScalarType::S), attribute("customer", ScalarType::S)],
    )
    .await;
    embedded.shutdown().await;
}

#[tokio::test]
async fn capacity_is_kept() {
    let (embedded, server) = start().await;
    server.call(&Call::CreateTable(counters())).await.unwrap();
    expect(&server, &counters()).await;
    embedded.shutdown().await;
}

#[tokio::test]
async fn every_page_of_tables_is_listed() {
    let (embedded, server) = start().await;
    assert_eq!(server.list_tables().await.unwrap(), Vec::<String>::new());
    more_tables_than_a_page(&server).await;
    embedded.shutdown().await;
}

#[tokio::test]
async fn a_refusal_is_told_apart() {
    let (embedded, server) = start().await;
    a_refused_request(&server).await;
    embedded.shutdown().await;
}
