//! What holds for every table, however it came to be.

use super::refusal::{Refusal, require};
use crate::model::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, OnDemandThroughput, Projection,
    ProjectionType, ProvisionedThroughput, ResourcePolicy, SseSpecification, StreamSpecification,
    TableDefinition, Tag, WarmThroughput, declaration::Subject, rules,
};
use std::collections::BTreeSet;

/// Tags of a table, those of AWS aside.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Tagging.html>.
const MAX_TAGS: usize = 50;
/// Bytes of a resource policy, white space included.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/rbac-considerations.html>.
const MAX_POLICY_SIZE: usize = 20 * 1024;

/// Keys and indexes: names, numbers, roles, projections.
pub(super) fn check_shape(table: &TableDefinition) -> Result<(), Refusal> {
    if let Some(problem) = rules::check(table, &Subject::default()).first() {
        return Err(Refusal::validation(problem.message.clone()));
    }
    let (hashes, ranges) = roles(&table.key_schema)?;
    require(hashes == 1 && ranges <= 1, || {
        "a table has one HASH key and at most one RANGE key".to_owned()
    })?;
    for index in &table.global_secondary_indexes {
        roles(&index.key_schema)?;
        check_projection(&index.index_name, &index.projection)?;
    }
    let partition_key = table.key_schema.first();
    for index in &table.local_secondary_indexes {
        let name = &index.index_name;
        let (hashes, _) = roles(&index.key_schema)?;
        require(hashes == 1 && index.key_schema.first() == partition_key, || {
            format!("LSI {name} has another partition key than its table")
        })?;
        check_projection(name, &index.projection)?;
    }
    check_attributes(&table.attribute_definitions, table)
}

/// How many `HASH` and `RANGE` elements a key has.
fn roles(key: &[KeySchemaElement]) -> Result<(usize, usize), Refusal> {
    require(key.is_sorted_by_key(|element| element.key_type), || {
        "HASH elements come before RANGE ones".to_owned()
    })?;
    let ranges = key.iter().filter(|element| element.key_type == KeyType::Range).count();
    Ok((key.len() - ranges, ranges))
}

fn check_projection(index: &str, projection: &Projection) -> Result<(), Refusal> {
    let names_attributes = !projection.non_key_attributes.is_empty();
    require(names_attributes == (projection.projection_type == ProjectionType::Include), || {
        format!("the projection of {index} names attributes if it is INCLUDE, and only then")
    })
}

/// "Some AttributeDefinitions are not used", and the other way round.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html>.
pub(super) fn check_attributes(
    definitions: &[AttributeDefinition],
    table: &TableDefinition,
) -> Result<(), Refusal> {
    let defined: BTreeSet<&str> =
        definitions.iter().map(|attribute| attribute.attribute_name.as_str()).collect();
    require(defined.len() == definitions.len(), || "an attribute is defined twice".to_owned())?;
    let used: BTreeSet<&str> = table.key_attributes().collect();
    require(defined.is_superset(&used), || {
        "Some index key attributes are not defined in AttributeDefinitions".to_owned()
    })?;
    require(defined.is_subset(&used), || "Some AttributeDefinitions are not used".to_owned())
}

/// Capacity where the table is provisioned, and only there; limits where it is on demand, and only
/// there. `owner` is the table or an index.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html>.
pub(super) fn check_throughputs(
    owner: &str,
    mode: BillingMode,
    capacity: Option<ProvisionedThroughput>,
    limit: Option<OnDemandThroughput>,
    warm: Option<WarmThroughput>,
) -> Result<(), Refusal> {
    match mode {
        BillingMode::Provisioned => {
            require(capacity.is_some(), || {
                format!("ProvisionedThroughput is not specified for {owner}")
            })?;
            require(limit.is_none(), || {
                format!("OnDemandThroughput of {owner} needs PAY_PER_REQUEST")
            })?;
        }
        BillingMode::PayPerRequest => require(capacity.is_none(), || {
            format!(
                "ProvisionedThroughput should not be specified for {owner} when BillingMode is PAY_PER_REQUEST"
            )
        })?,
    }
    let positive = |units: &[i64]| units.iter().all(|units| *units >= 1);
    require(
        capacity.is_none_or(|c| positive(&[c.read_capacity_units, c.write_capacity_units])),
        || format!("capacity of {owner} is at least 1"),
    )?;
    require(
        limit.is_none_or(|limit| {
            [limit.max_read_request_units, limit.max_write_request_units]
                .iter()
                .all(|units| *units == -1 || *units >= 1)
        }),
        || format!("the on-demand maximum of {owner} is at least 1, or -1"),
    )?;
    require(
        warm.is_none_or(|w| positive(&[w.read_units_per_second, w.write_units_per_second])),
        || format!("warm throughput of {owner} is at least 1"),
    )
}

/// A view type if it is enabled, and only then.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_StreamSpecification.html>.
pub(super) fn check_stream(stream: StreamSpecification) -> Result<(), Refusal> {
    require(stream.stream_enabled == stream.stream_view_type.is_some(), || {
        "a stream has a view type if it is enabled, and only then".to_owned()
    })
}

/// A key only where it is used.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_SSESpecification.html>.
pub(super) fn check_encryption(encryption: &SseSpecification) -> Result<(), Refusal> {
    require(encryption.enabled || encryption.kms_master_key_id.is_none(), || {
        "KMSMasterKeyId needs SSE to be enabled".to_owned()
    })
}

/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Tagging.html>.
pub(super) fn check_tags(tags: &[Tag]) -> Result<(), Refusal> {
    let keys: BTreeSet<&str> = tags.iter().map(|tag| tag.key.as_str()).collect();
    require(keys.len() == tags.len(), || "a tag is there twice".to_owned())?;
    require(tags.len() <= MAX_TAGS, || format!("a table has at most {MAX_TAGS} tags"))?;
    tags.iter().try_for_each(|tag| {
        let key = &tag.key;
        require(!key.to_ascii_lowercase().starts_with("aws:"), || {
            format!("tag {key}: the prefix aws: is reserved")
        })?;
        require((1..=128).contains(&key.chars().count()), || {
            format!("tag {key}: a key has 1 to 128 characters")
        })?;
        require(tag.value.chars().count() <= 256, || {
            format!("tag {key}: a value has up to 256 characters")
        })
    })
}

/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutResourcePolicy.html>.
pub(super) fn check_policy(policy: &ResourcePolicy) -> Result<(), Refusal> {
    require(!policy.is_none(), || "a policy is not empty".to_owned())?;
    require(String::from(policy.clone()).len() <= MAX_POLICY_SIZE, || {
        format!("a policy has at most {MAX_POLICY_SIZE} bytes")
    })
}
