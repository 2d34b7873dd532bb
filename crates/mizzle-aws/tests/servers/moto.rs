//! moto, with pages of ten tags and with warm throughput. Every test has an account of its own.

use crate::{
    connect,
    settings::{KEY, point_in_time_recovery, policies},
    support::{
        counters, create, orders,
        settings::{Step, deletion_protection, stream, tags, time_to_live, walk},
        with_defaults,
    },
};
use mizzle_core::{
    apply::ControlPlane,
    model::{AuxiliarySettings, SseSpecification, TableDefinition, Tag, WarmThroughput},
    plan::{Call, GlobalSecondaryIndexUpdate, TagResource, UpdateIndex, UpdateTable},
};
use mizzle_test::Moto;

fn warm(read_units_per_second: i64, write_units_per_second: i64) -> Option<WarmThroughput> {
    Some(WarmThroughput { read_units_per_second, write_units_per_second })
}

/// Returns an on-demand table with the warm throughput that moto gives every table.
fn definition() -> TableDefinition {
    let mut definition = orders();
    definition.warm_throughput = warm(12_000, 4_000);
    for index in &mut definition.global_secondary_indexes {
        index.warm_throughput = warm(12_000, 4_000);
    }
    definition
}

#[tokio::test]
async fn settings_are_kept_and_undone() {
    let server = connect(Moto::from_env().isolated()).await;
    let mut steps = Vec::new();
    steps.extend(time_to_live("Orders", "expires"));
    steps.extend(point_in_time_recovery("Orders", Some(7)));
    steps.extend(tags("Orders"));
    steps.extend(stream("Orders"));
    steps.extend(deletion_protection("Orders"));
    let update = UpdateTable { warm_throughput: warm(13_000, 5_000), ..UpdateTable::default() };
    steps.push(Step::update("Orders", update, |table| {
        table.warm_throughput = warm(13_000, 5_000);
    }));
    let update = UpdateTable {
        global_secondary_index_updates: vec![GlobalSecondaryIndexUpdate::Update(UpdateIndex {
            index_name: "byStatus".to_owned(),
            warm_throughput: warm(14_000, 6_000),
            ..UpdateIndex::default()
        })],
        ..UpdateTable::default()
    };
    steps.push(Step::update("Orders", update, |table| {
        table.global_secondary_indexes[1].warm_throughput = warm(14_000, 6_000);
    }));
    // moto has no operation for attachments.
    walk(
        &server,
        definition(),
        AuxiliarySettings { attachments: false, ..AuxiliarySettings::ALL },
        steps,
    )
    .await;
}

#[tokio::test]
async fn a_key_is_kept_from_the_creation_of_the_table() {
    let server = connect(Moto::from_env().isolated()).await;
    let definition =
        TableDefinition { sse_specification: Some(SseSpecification::key(KEY)), ..definition() };
    server.call(&create(&definition)).await.unwrap();
    let table = server.describe_table("Orders", AuxiliarySettings::NONE).await.unwrap().unwrap();
    assert_eq!(table.definition, with_defaults(definition));
}

#[tokio::test]
async fn every_page_of_tags_is_listed() {
    let server = connect(Moto::from_env().isolated()).await;
    let tag = |number: i32| Tag { key: format!("key-{number:02}"), value: number.to_string() };
    let tags: Vec<Tag> = (0..25).map(tag).collect();
    server.call(&create(&counters())).await.unwrap();
    let request = TagResource { table_name: "Counters".to_owned(), tags: tags.clone() };
    server.call(&Call::TagResource(request)).await.unwrap();
    let extras = AuxiliarySettings { tags: true, ..AuxiliarySettings::NONE };
    let table = server.describe_table("Counters", extras).await.unwrap().unwrap();
    assert_eq!(table.definition.tags, Some(tags));
}

#[tokio::test]
async fn a_policy_is_changed_only_from_the_revision_that_was_seen() {
    policies(&connect(Moto::from_env().isolated()).await, orders()).await;
}
