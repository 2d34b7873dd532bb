//! MiniStack, with the broadest control plane. Every test has an account of its own.

use crate::{
    connect,
    settings::{
        KEY, capacity, contributor_insights, kinesis_destination, point_in_time_recovery, policies,
    },
    support::{
        create, expect, orders,
        settings::{
            Step, deletion_protection, on_demand, on_demand_maximum, provisioned, stream,
            table_class, tags, time_to_live, walk,
        },
    },
};
use mizzle_core::{
    apply::{ControlPlane, ServiceErrorKind},
    model::{
        AuxiliarySettings, OnDemandThroughput, ResourcePolicy, SseSpecification, WarmThroughput,
    },
    plan::{Call, DeleteResourcePolicy, NO_POLICY, PutResourcePolicy, UpdateTable},
};
use mizzle_test::Ministack;

const MANAGED_KEY: &str = "alias/aws/dynamodb";

#[tokio::test]
async fn settings_are_kept_and_undone() {
    let server = connect(Ministack::from_env().isolated()).await;
    let mut steps = Vec::new();
    steps.extend(time_to_live("Orders", "expires"));
    // MiniStack accepts the days, and never returns them.
    steps.extend(point_in_time_recovery("Orders", None));
    steps.extend(tags("Orders"));
    steps.extend(stream("Orders"));
    steps.extend(table_class("Orders"));
    steps.extend(deletion_protection("Orders"));
    steps.extend(on_demand_maximum("Orders"));
    steps.push(provisioned("Orders", &["byDigest", "byStatus"]));
    steps.push(capacity("Orders", "byStatus"));
    steps.push(on_demand("Orders"));
    let [key, owned] = [SseSpecification::key(KEY), SseSpecification::OWNED].map(|wanted| {
        let sse_specification = Some(wanted);
        let update =
            UpdateTable { sse_specification: sse_specification.clone(), ..UpdateTable::default() };
        Step::update("Orders", update, move |table| {
            table.sse_specification.clone_from(&sse_specification);
        })
    });
    steps.extend([key, owned]);
    steps.extend(contributor_insights("Orders", None));
    steps.extend(contributor_insights("Orders", Some("byStatus")));
    steps.extend(kinesis_destination("Orders"));
    let extras = AuxiliarySettings {
        contributor_insights: true,
        kinesis_destination: true,
        ..AuxiliarySettings::ALL
    };
    walk(&server, orders(), extras, steps).await;
}

#[tokio::test]
async fn throughput_of_an_index_is_kept_from_its_creation() {
    let server = connect(Ministack::from_env().isolated()).await;
    let mut definition = orders();
    let index = &mut definition.global_secondary_indexes[0];
    index.on_demand_throughput =
        Some(OnDemandThroughput { max_read_request_units: 100, max_write_request_units: 50 });
    index.warm_throughput =
        Some(WarmThroughput { read_units_per_second: 13_000, write_units_per_second: 5_000 });
    server.call(&create(&definition)).await.unwrap();
    expect(&server, &definition).await;
}

#[tokio::test]
async fn a_managed_key_is_named_by_the_server() {
    let server = connect(Ministack::from_env().isolated()).await;
    let mut definition = orders();
    definition.sse_specification = Some(SseSpecification::MANAGED);
    server.call(&create(&definition)).await.unwrap();
    let table = server.describe_table("Orders", AuxiliarySettings::NONE).await.unwrap().unwrap();
    let encryption = table.definition.sse_specification.clone().unwrap();
    assert!(encryption.enabled);
    assert!(encryption.kms_master_key_id.unwrap().ends_with(MANAGED_KEY));
    let compared = table.compared_with(&definition);
    assert_eq!(compared.sse_specification, Some(SseSpecification::MANAGED));
}

#[tokio::test]
async fn a_policy_is_changed_only_from_the_revision_that_was_seen() {
    let server = connect(Ministack::from_env().isolated()).await;
    policies(&server, orders()).await;

    // A policy that was put meanwhile is not overwritten.
    let policy = ResourcePolicy::try_from(r#"{"Statement":[]}"#.to_owned()).unwrap();
    let put = |revision: &str| {
        Call::PutResourcePolicy(PutResourcePolicy {
            table_name: "Orders".to_owned(),
            policy: policy.clone(),
            expected_revision_id: Some(revision.to_owned()),
        })
    };
    let error = server.call(&put("another")).await.unwrap_err();
    assert_eq!(error.kind, ServiceErrorKind::Other, "there is none to put this over: {error}");
    server.call(&put(NO_POLICY)).await.unwrap();
    let delete = Call::DeleteResourcePolicy(DeleteResourcePolicy {
        table_name: "Orders".to_owned(),
        expected_revision_id: None,
    });
    server.call(&delete).await.unwrap();
    server.call(&delete).await.unwrap();
}
