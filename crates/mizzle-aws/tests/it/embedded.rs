//! The embedded server in memory, one per test.

use crate::support::{
    a_refused_request, attribute, counters, create, emptiness, expect, gsi, life_of_a_table,
    more_tables_than_a_page, orders,
    settings::{
        deletion_protection, on_demand, on_demand_maximum, provisioned, stream, table_class, tags,
        time_to_live, walk,
    },
};
use mizzle_aws::{Connection, DynamoDb};
use mizzle_core::{
    apply::ControlPlane,
    model::{
        AuxiliarySetting, AuxiliarySettings, KeySchemaElement, Projection, ScalarType,
        SseSpecification, TableClass, TableDefinition, Tag,
    },
};
use mizzle_local::{Embedded, Store};
use std::collections::BTreeSet;

pub(crate) async fn start() -> (Embedded, DynamoDb) {
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
    server.call(&create(&counters())).await.unwrap();
    expect(&server, &counters()).await;
    embedded.shutdown().await;
}

#[tokio::test]
async fn settings_are_kept_and_undone() {
    let (embedded, server) = start().await;
    let tag = Tag { key: "made".to_owned(), value: "here".to_owned() };
    let definition = TableDefinition {
        table_class: Some(TableClass::StandardInfrequentAccess),
        sse_specification: Some(SseSpecification::key("arn:aws:kms:x:1:key/k")),
        tags: Some(vec![tag]),
        ..orders()
    };
    let extras = AuxiliarySettings { tags: true, ..AuxiliarySettings::NONE };
    walk(&server, definition, extras, Vec::new()).await;

    let mut steps = Vec::new();
    steps.extend(time_to_live("Counters", "expires"));
    steps.extend(tags("Counters"));
    steps.extend(stream("Counters"));
    steps.extend(table_class("Counters"));
    steps.extend(deletion_protection("Counters"));
    let extras = AuxiliarySettings { time_to_live: true, tags: true, ..AuxiliarySettings::NONE };
    walk(&server, counters(), extras, steps).await;
    embedded.shutdown().await;
}

#[tokio::test]
async fn the_billing_mode_is_changed_and_changed_back() {
    let (embedded, server) = start().await;
    let mut steps = vec![on_demand("Counters")];
    steps.extend(on_demand_maximum("Counters"));
    steps.push(provisioned("Counters", &[]));
    walk(&server, counters(), AuxiliarySettings::NONE, steps).await;
    embedded.shutdown().await;
}

#[tokio::test]
async fn what_it_lacks_is_told_apart() {
    let (embedded, server) = start().await;
    server.call(&create(&counters())).await.unwrap();
    let table = server.describe_table("Counters", AuxiliarySettings::ALL).await.unwrap().unwrap();
    let lacking = [
        AuxiliarySetting::PointInTimeRecovery,
        AuxiliarySetting::ResourcePolicy,
        AuxiliarySetting::ContributorInsights,
        AuxiliarySetting::KinesisDestination,
    ];
    assert_eq!(table.unsupported, BTreeSet::from(lacking));
    embedded.shutdown().await;
}

#[tokio::test]
async fn emptiness_is_seen_at_once() {
    let (embedded, server) = start().await;
    emptiness(&server, "local").await;
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
