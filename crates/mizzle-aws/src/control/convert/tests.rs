//! Both directions: a description returns the requested values.

mod description;
mod extras;
mod requests;

use mizzle_core::{
    model::{
        AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement,
        LocalSecondaryIndex, OnDemandThroughput, Projection, ProvisionedThroughput, ScalarType,
        SseSpecification, StreamSpecification, StreamViewType, TableClass, TableDefinition, Tag,
        WarmThroughput,
    },
    plan::CreateTable,
};

fn provisioned(reads: i64, writes: i64) -> ProvisionedThroughput {
    ProvisionedThroughput { read_capacity_units: reads, write_capacity_units: writes }
}

fn at_most(reads: i64, writes: i64) -> OnDemandThroughput {
    OnDemandThroughput { max_read_request_units: reads, max_write_request_units: writes }
}

fn warm(reads: i64, writes: i64) -> WarmThroughput {
    WarmThroughput { read_units_per_second: reads, write_units_per_second: writes }
}

fn tag(key: &str, value: &str) -> Tag {
    Tag { key: key.to_owned(), value: value.to_owned() }
}

/// Returns an on-demand table with every setting at its default, as in a description.
fn shop() -> TableDefinition {
    let attribute = |name: &str, attribute_type| AttributeDefinition {
        attribute_name: name.to_owned(),
        attribute_type,
    };
    TableDefinition {
        table_name: "Shop".to_owned(),
        attribute_definitions: vec![
            attribute("at", ScalarType::N),
            attribute("blob", ScalarType::B),
            attribute("pk", ScalarType::S),
            attribute("sk", ScalarType::S),
        ],
        key_schema: vec![KeySchemaElement::hash("pk"), KeySchemaElement::range("sk")],
        global_secondary_indexes: vec![
            GlobalSecondaryIndex {
                index_name: "byBlob".to_owned(),
                key_schema: vec![
                    KeySchemaElement::hash("blob"),
                    KeySchemaElement::hash("pk"),
                    KeySchemaElement::range("sk"),
                    KeySchemaElement::range("at"),
                ],
                projection: Projection::include(["a", "b"]),
                on_demand_throughput: Some(OnDemandThroughput::UNLIMITED),
                ..GlobalSecondaryIndex::default()
            },
            GlobalSecondaryIndex {
                index_name: "bySk".to_owned(),
                key_schema: vec![KeySchemaElement::hash("sk")],
                projection: Projection::keys_only(),
                on_demand_throughput: Some(OnDemandThroughput::UNLIMITED),
                ..GlobalSecondaryIndex::default()
            },
        ],
        local_secondary_indexes: vec![LocalSecondaryIndex {
            index_name: "byDate".to_owned(),
            key_schema: vec![KeySchemaElement::hash("pk"), KeySchemaElement::range("at")],
            projection: Projection::all(),
        }],
        billing_mode: Some(BillingMode::PayPerRequest),
        on_demand_throughput: Some(OnDemandThroughput::UNLIMITED),
        stream_specification: Some(StreamSpecification::DISABLED),
        sse_specification: Some(SseSpecification::OWNED),
        table_class: Some(TableClass::Standard),
        deletion_protection_enabled: Some(false),
        ..TableDefinition::default()
    }
}

/// Returns the same table with provisioned capacity.
fn shop_with_capacity() -> TableDefinition {
    let mut table = shop();
    table.billing_mode = Some(BillingMode::Provisioned);
    table.provisioned_throughput = Some(provisioned(5, 6));
    table.on_demand_throughput = None;
    for (index, reads) in table.global_secondary_indexes.iter_mut().zip(1..) {
        index.provisioned_throughput = Some(provisioned(reads, 2));
        index.on_demand_throughput = None;
    }
    table
}

/// Returns the same table with no setting at its default.
fn shop_with_settings() -> TableDefinition {
    let mut table = shop();
    table.on_demand_throughput = Some(at_most(100, -1));
    table.warm_throughput = Some(warm(13_000, 5_000));
    table.stream_specification = Some(StreamSpecification::of(StreamViewType::NewAndOldImages));
    table.sse_specification = Some(SseSpecification::key("arn:aws:kms:eu-central-1:1:key/k"));
    table.table_class = Some(TableClass::StandardInfrequentAccess);
    table.deletion_protection_enabled = Some(true);
    table.global_secondary_indexes[0].on_demand_throughput = Some(at_most(20, 10));
    table.global_secondary_indexes[0].warm_throughput = Some(warm(12_000, 4_000));
    table
}

fn creation(definition: TableDefinition) -> CreateTable {
    CreateTable {
        table_name: definition.table_name,
        attribute_definitions: definition.attribute_definitions,
        key_schema: definition.key_schema,
        global_secondary_indexes: definition
            .global_secondary_indexes
            .into_iter()
            .map(Into::into)
            .collect(),
        local_secondary_indexes: definition.local_secondary_indexes,
        billing_mode: definition.billing_mode,
        provisioned_throughput: definition.provisioned_throughput,
        on_demand_throughput: definition.on_demand_throughput,
        warm_throughput: definition.warm_throughput,
        stream_specification: definition.stream_specification,
        sse_specification: definition.sse_specification,
        table_class: definition.table_class,
        deletion_protection_enabled: definition.deletion_protection_enabled,
        tags: definition.tags.unwrap_or_default(),
    }
}
