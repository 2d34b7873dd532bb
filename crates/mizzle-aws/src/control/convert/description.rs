//! Converts the response of `DescribeTable` from the SDK to the core.

use crate::errors::Unreadable;
use aws_sdk_dynamodb::types as sdk;
use mizzle_core::model::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, IndexSize, IndexState,
    KeySchemaElement, KeyType, LocalSecondaryIndex, OnDemandThroughput, Projection, ProjectionType,
    ProvisionedThroughput, ScalarType, SseSpecification, Status, StreamSpecification,
    StreamViewType, TableClass, TableDefinition, TableDescription, Unmanaged, VectorIndex,
    WarmThroughput,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::SystemTime,
};

/// Converts the response of `DescribeTable`, without the extras.
///
/// Settings that are absent there because they have their default get that default. Noise is
/// removed: capacity of on-demand tables, attributes that no key uses, any order without meaning.
pub(crate) fn description(table: sdk::TableDescription) -> Result<TableDescription, Unreadable> {
    let status = table.table_status.ok_or(Unreadable::missing("TableStatus"))?;
    let status = Status::from(status.as_str().to_owned());

    let units = capacity(table.provisioned_throughput.as_ref());
    let billing_mode = match table.billing_mode_summary.and_then(|summary| summary.billing_mode) {
        Some(sdk::BillingMode::PayPerRequest) => Some(BillingMode::PayPerRequest),
        Some(sdk::BillingMode::Provisioned) => Some(BillingMode::Provisioned),
        // An unknown mode of AWS is not managed.
        Some(_) => None,
        // A table that has never been on demand has no summary, but capacity.
        None => units.map(|_| BillingMode::Provisioned),
    };

    let (mut indexes, mut index_sizes) = (BTreeMap::new(), BTreeMap::new());
    let mut global_secondary_indexes = Vec::new();
    for index in table.global_secondary_indexes.unwrap_or_default() {
        let size = size(index.item_count, index.index_size_bytes);
        let (index, state) = global_index(index, billing_mode, &status)?;
        indexes.insert(index.index_name.clone(), state);
        index_sizes.insert(index.index_name.clone(), size);
        global_secondary_indexes.push(index);
    }

    let mut local_secondary_indexes = Vec::new();
    for index in table.local_secondary_indexes.unwrap_or_default() {
        let index_name = index.index_name.ok_or(Unreadable::missing("IndexName"))?;
        index_sizes.insert(index_name.clone(), size(index.item_count, index.index_size_bytes));
        local_secondary_indexes.push(LocalSecondaryIndex {
            index_name,
            key_schema: key(index.key_schema)?,
            projection: projection(index.projection)?,
        });
    }

    let mut vector_indexes = table
        .vector_indexes
        .unwrap_or_default()
        .into_iter()
        .map(|index| vector_index(index, &status))
        .collect::<Result<Vec<VectorIndex>, Unreadable>>()?;
    vector_indexes.sort_by(|a, b| a.index_name.cmp(&b.index_name));
    let is_strongly_consistent =
        table.multi_region_consistency == Some(sdk::MultiRegionConsistency::Strong);
    let is_warming = table
        .warm_throughput
        .as_ref()
        .is_some_and(|warm| warm.status == Some(sdk::TableStatus::Updating));

    let mut definition = TableDefinition {
        table_name: table.table_name.ok_or(Unreadable::missing("TableName"))?,
        attribute_definitions: Vec::new(),
        key_schema: key(table.key_schema)?,
        global_secondary_indexes,
        local_secondary_indexes,
        billing_mode,
        provisioned_throughput: units.filter(|_| !is_on_demand(billing_mode)),
        autoscaled: false,
        on_demand_throughput: on_demand(table.on_demand_throughput.as_ref(), billing_mode),
        warm_throughput: table
            .warm_throughput
            .and_then(|warm| warm_units(warm.read_units_per_second, warm.write_units_per_second)),
        stream_specification: Some(stream(table.stream_specification)?),
        sse_specification: Some(encryption(table.sse_description)?),
        table_class: Some(class(table.table_class_summary)?),
        deletion_protection_enabled: Some(table.deletion_protection_enabled.unwrap_or_default()),
        // Settings with requests of their own.
        ..TableDefinition::default()
    };
    for attribute in table.attribute_definitions.unwrap_or_default() {
        if definition.key_attributes().any(|name| name == attribute.attribute_name) {
            definition.attribute_definitions.push(read_attribute(attribute)?);
        }
    }
    let IndexSize { item_count, size_bytes } = size(table.item_count, table.table_size_bytes);
    Ok(TableDescription {
        definition: definition.normalised(),
        status,
        indexes,
        item_count,
        size_bytes,
        index_sizes,
        // A time that this machine cannot represent is invalid.
        created: table.creation_date_time.and_then(|time| SystemTime::try_from(time).ok()),
        table_id: table.table_id.or(table.creation_date_time.map(|time| time.to_string())),
        replicas: replicas(table.replicas),
        region: None,
        is_warming,
        unmanaged: Unmanaged { is_strongly_consistent, vector_indexes, ..Unmanaged::default() },
        policy_revision: None,
        unsupported: BTreeSet::new(),
        transitions: Vec::new(),
    })
}

/// Returns the size of a table or an index, if the server reports it.
fn size(items: Option<i64>, bytes: Option<i64>) -> IndexSize {
    let count = |number: Option<i64>| number.and_then(|number| u64::try_from(number).ok());
    IndexSize { item_count: count(items), size_bytes: count(bytes) }
}

/// Returns the other regions of a global table. A replica that is being deleted still counts.
fn replicas(replicas: Option<Vec<sdk::ReplicaDescription>>) -> Vec<String> {
    let mut regions: Vec<String> = replicas
        .unwrap_or_default()
        .into_iter()
        .filter_map(|replica| replica.region_name)
        .collect();
    regions.sort();
    regions
}

fn global_index(
    index: sdk::GlobalSecondaryIndexDescription,
    billing_mode: Option<BillingMode>,
    table_status: &Status,
) -> Result<(GlobalSecondaryIndex, IndexState), Unreadable> {
    let state = IndexState {
        // Without a status of its own, an index follows the status of the table.
        status: index
            .index_status
            .map_or_else(|| table_status.clone(), |own| Status::from(own.as_str().to_owned())),
        backfilling: index.backfilling.unwrap_or_default(),
        is_warming: index
            .warm_throughput
            .as_ref()
            .is_some_and(|warm| warm.status == Some(sdk::IndexStatus::Updating)),
    };
    let index = GlobalSecondaryIndex {
        index_name: index.index_name.ok_or(Unreadable::missing("IndexName"))?,
        key_schema: key(index.key_schema)?,
        projection: projection(index.projection)?,
        provisioned_throughput: capacity(index.provisioned_throughput.as_ref())
            .filter(|_| !is_on_demand(billing_mode)),
        on_demand_throughput: on_demand(index.on_demand_throughput.as_ref(), billing_mode),
        warm_throughput: index
            .warm_throughput
            .and_then(|warm| warm_units(warm.read_units_per_second, warm.write_units_per_second)),
        autoscaled: false,
    };
    Ok((index, state))
}

fn vector_index(
    index: sdk::VectorIndexDescription,
    table_status: &Status,
) -> Result<VectorIndex, Unreadable> {
    Ok(VectorIndex {
        index_name: index.index_name.ok_or(Unreadable::missing("IndexName"))?,
        attribute: index.vector_attribute.map(|attribute| attribute.attribute_name),
        dimensions: index.dimensions,
        distance_function: index.distance_function.map(|function| function.as_str().to_owned()),
        state: IndexState {
            status: index
                .index_status
                .map_or_else(|| table_status.clone(), |own| Status::from(own.as_str().to_owned())),
            backfilling: index.backfilling.unwrap_or_default(),
            is_warming: false,
        },
        size: size(index.item_count, index.index_size_bytes),
    })
}

fn is_on_demand(billing_mode: Option<BillingMode>) -> bool {
    billing_mode == Some(BillingMode::PayPerRequest)
}

/// Returns the capacity, unless it is zero, which means none.
fn capacity(
    description: Option<&sdk::ProvisionedThroughputDescription>,
) -> Option<ProvisionedThroughput> {
    let description = description?;
    let units = ProvisionedThroughput {
        read_capacity_units: description.read_capacity_units?,
        write_capacity_units: description.write_capacity_units?,
    };
    (units.read_capacity_units > 0 || units.write_capacity_units > 0).then_some(units)
}

/// Returns the maximum throughput. It applies to on-demand tables only, and an absent limit means
/// unlimited there.
fn on_demand(
    units: Option<&sdk::OnDemandThroughput>,
    billing_mode: Option<BillingMode>,
) -> Option<OnDemandThroughput> {
    let OnDemandThroughput { max_read_request_units, max_write_request_units } =
        OnDemandThroughput::UNLIMITED;
    is_on_demand(billing_mode).then(|| OnDemandThroughput {
        max_read_request_units: units
            .and_then(|units| units.max_read_request_units)
            .unwrap_or(max_read_request_units),
        max_write_request_units: units
            .and_then(|units| units.max_write_request_units)
            .unwrap_or(max_write_request_units),
    })
}

/// Returns the warm throughput, unless it is zero, which means none.
fn warm_units(reads: Option<i64>, writes: Option<i64>) -> Option<WarmThroughput> {
    let warm = WarmThroughput { read_units_per_second: reads?, write_units_per_second: writes? };
    (warm.read_units_per_second > 0 || warm.write_units_per_second > 0).then_some(warm)
}

fn stream(stream: Option<sdk::StreamSpecification>) -> Result<StreamSpecification, Unreadable> {
    // Some servers still return the view type of a disabled stream.
    let Some(stream) = stream.filter(|stream| stream.stream_enabled) else {
        return Ok(StreamSpecification::DISABLED);
    };
    Ok(StreamSpecification::of(match stream.stream_view_type {
        Some(sdk::StreamViewType::KeysOnly) => StreamViewType::KeysOnly,
        Some(sdk::StreamViewType::NewImage) => StreamViewType::NewImage,
        Some(sdk::StreamViewType::OldImage) => StreamViewType::OldImage,
        Some(sdk::StreamViewType::NewAndOldImages) => StreamViewType::NewAndOldImages,
        Some(other) => return Err(Unreadable::unknown("StreamViewType", other.as_str())),
        None => return Err(Unreadable::missing("StreamViewType")),
    }))
}

fn encryption(description: Option<sdk::SseDescription>) -> Result<SseSpecification, Unreadable> {
    let Some(description) = description else { return Ok(SseSpecification::OWNED) };
    match description.status {
        Some(sdk::SseStatus::Enabled | sdk::SseStatus::Enabling | sdk::SseStatus::Updating) => {}
        Some(sdk::SseStatus::Disabled | sdk::SseStatus::Disabling) => {
            return Ok(SseSpecification::OWNED);
        }
        Some(other) => return Err(Unreadable::unknown("SSEDescription.Status", other.as_str())),
        None => return Err(Unreadable::missing("SSEDescription.Status")),
    }
    match description.sse_type {
        Some(sdk::SseType::Aes256) => Ok(SseSpecification::OWNED),
        Some(sdk::SseType::Kms) | None => Ok(SseSpecification {
            enabled: true,
            kms_master_key_id: description.kms_master_key_arn,
        }),
        Some(other) => Err(Unreadable::unknown("SSEType", other.as_str())),
    }
}

fn class(summary: Option<sdk::TableClassSummary>) -> Result<TableClass, Unreadable> {
    match summary.and_then(|summary| summary.table_class) {
        Some(sdk::TableClass::Standard) | None => Ok(TableClass::Standard),
        Some(sdk::TableClass::StandardInfrequentAccess) => Ok(TableClass::StandardInfrequentAccess),
        Some(other) => Err(Unreadable::unknown("TableClass", other.as_str())),
    }
}

fn read_attribute(attribute: sdk::AttributeDefinition) -> Result<AttributeDefinition, Unreadable> {
    let sdk::AttributeDefinition { attribute_name, attribute_type, .. } = attribute;
    let attribute_type = ScalarType::parse(attribute_type.as_str())
        .ok_or_else(|| Unreadable::unknown("AttributeType", attribute_type.as_str()))?;
    Ok(AttributeDefinition { attribute_name, attribute_type })
}

fn key(schema: Option<Vec<sdk::KeySchemaElement>>) -> Result<Vec<KeySchemaElement>, Unreadable> {
    let schema = schema.ok_or(Unreadable::missing("KeySchema"))?;
    let element = |element: sdk::KeySchemaElement| {
        let key_type = match element.key_type {
            sdk::KeyType::Hash => KeyType::Hash,
            sdk::KeyType::Range => KeyType::Range,
            other => return Err(Unreadable::unknown("KeyType", other.as_str())),
        };
        Ok(KeySchemaElement { attribute_name: element.attribute_name, key_type })
    };
    schema.into_iter().map(element).collect()
}

fn projection(projection: Option<sdk::Projection>) -> Result<Projection, Unreadable> {
    let projection = projection.ok_or(Unreadable::missing("Projection"))?;
    let projection_type = match projection.projection_type {
        Some(sdk::ProjectionType::All) => ProjectionType::All,
        Some(sdk::ProjectionType::KeysOnly) => ProjectionType::KeysOnly,
        Some(sdk::ProjectionType::Include) => ProjectionType::Include,
        Some(other) => return Err(Unreadable::unknown("ProjectionType", other.as_str())),
        None => return Err(Unreadable::missing("ProjectionType")),
    };
    let non_key_attributes = projection.non_key_attributes.unwrap_or_default();
    Ok(Projection { projection_type, non_key_attributes })
}
