//! Amazon's DynamoDB Local, the reference server. Every test has a database of its own.

use crate::{
    connect,
    settings::capacity,
    support::{
        a_refused_request, attribute, counters, create, emptiness, expect, gsi, life_of_a_table,
        more_tables_than_a_page, orders,
        settings::{on_demand, provisioned, stream, time_to_live, walk},
        with_defaults,
    },
};
use mizzle_aws::DynamoDb;
use mizzle_core::{
    apply::{ControlPlane, ServiceErrorKind},
    model::{
        AuxiliarySetting, AuxiliarySettings, BillingMode, GlobalSecondaryIndex, KeySchemaElement,
        PointInTimeRecoverySpecification, Projection, ProvisionedThroughput, ScalarType,
        TableClass,
    },
    plan::{Call, DeleteResourcePolicy, TagResource, UpdateContinuousBackups, UpdateTable},
};
use mizzle_test::{Database, DynamoDbLocal};
use std::collections::BTreeSet;

async fn start() -> DynamoDb {
    connect(DynamoDbLocal::from_env().isolated()).await
}

#[tokio::test]
async fn a_table_lives() {
    life_of_a_table(
        &start().await,
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
    let units = |read_capacity_units, write_capacity_units| {
        Some(ProvisionedThroughput { read_capacity_units, write_capacity_units })
    };
    let index = |name: &str, provisioned_throughput| GlobalSecondaryIndex {
        provisioned_throughput,
        ..gsi(name, vec![KeySchemaElement::hash("id")], Projection::keys_only())
    };
    let mut definition = counters();
    definition.global_secondary_indexes = vec![index("first", units(1, 2))];
    life_of_a_table(&start().await, definition, index("second", units(5, 6)), Vec::new()).await;
}

#[tokio::test]
async fn a_table_without_a_billing_mode_is_provisioned() {
    let server = start().await;
    let mut definition = counters();
    definition.billing_mode = None;
    server.call(&create(&definition)).await.unwrap();
    definition.billing_mode = Some(BillingMode::Provisioned);
    expect(&server, &definition).await;
}

#[tokio::test]
async fn settings_are_kept_and_undone() {
    let server = start().await;
    let mut steps = Vec::new();
    steps.extend(time_to_live("Orders", "expires"));
    steps.extend(stream("Orders"));
    steps.push(provisioned("Orders", &["byDigest", "byStatus"]));
    steps.push(capacity("Orders", "byStatus"));
    steps.push(on_demand("Orders"));
    walk(
        &server,
        orders(),
        AuxiliarySettings { time_to_live: true, ..AuxiliarySettings::NONE },
        steps,
    )
    .await;
}

#[tokio::test]
async fn what_it_lacks_is_told_apart() {
    let server = start().await;
    server.call(&create(&orders())).await.unwrap();
    let table = server.describe_table("Orders", AuxiliarySettings::ALL).await.unwrap().unwrap();
    let lacking = [
        AuxiliarySetting::PointInTimeRecovery,
        AuxiliarySetting::Tags,
        AuxiliarySetting::ResourcePolicy,
        AuxiliarySetting::ContributorInsights,
        AuxiliarySetting::KinesisDestination,
    ];
    assert_eq!(table.unsupported, BTreeSet::from(lacking));
    assert_eq!(table.policy_revision, None);
    let mut expected = with_defaults(orders());
    expected.time_to_live_specification = table.definition.time_to_live_specification.clone();
    assert!(expected.time_to_live_specification.is_some());
    assert_eq!(table.definition, expected);

    let table_name = || "Orders".to_owned();
    for call in [
        Call::TagResource(TagResource { table_name: table_name(), tags: Vec::new() }),
        Call::UpdateContinuousBackups(UpdateContinuousBackups {
            table_name: table_name(),
            point_in_time_recovery_specification: PointInTimeRecoverySpecification::DISABLED,
        }),
        Call::DeleteResourcePolicy(DeleteResourcePolicy {
            table_name: table_name(),
            expected_revision_id: None,
        }),
        Call::UpdateTable(UpdateTable {
            table_name: table_name(),
            table_class: Some(TableClass::StandardInfrequentAccess),
            ..UpdateTable::default()
        }),
    ] {
        let error = server.call(&call).await.unwrap_err();
        assert_eq!(error.kind, ServiceErrorKind::Unsupported, "{error:?}");
        assert_eq!(error.operation, call.operation());
    }
    // A provisioned table needs capacity for its indexes.
    let mut definition = orders();
    definition.billing_mode = Some(BillingMode::Provisioned);
    definition.provisioned_throughput = counters().provisioned_throughput;
    definition.table_name = "Stock".to_owned();
    let error = server.call(&create(&definition)).await.unwrap_err();
    assert_eq!(error.kind, ServiceErrorKind::Validation, "{error:?}");
}

#[tokio::test]
async fn emptiness_is_seen_at_once() {
    let database = DynamoDbLocal::from_env().isolated();
    emptiness(&connect(database.clone()).await, &database.access_key).await;
}

#[tokio::test]
async fn every_page_of_tables_is_listed() {
    more_tables_than_a_page(&start().await).await;
}

#[tokio::test]
async fn a_refusal_is_told_apart() {
    a_refused_request(&start().await).await;
}

#[tokio::test]
async fn a_key_that_is_not_alphanumeric_is_a_matter_of_credentials() {
    let database = DynamoDbLocal::from_env().isolated();
    let access_key = format!("{}-with-dashes", database.access_key);
    let server = connect(Database { access_key, ..database }).await;
    let error = server.list_tables().await.unwrap_err();
    assert_eq!(error.kind, ServiceErrorKind::Credentials, "{error:?}");
}
