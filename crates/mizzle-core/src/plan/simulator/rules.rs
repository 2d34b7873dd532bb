//! Rules for all tables, new or updated.

use super::refusal::{Refusal, require};
use crate::model::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, OnDemandThroughput, Projection,
    ProjectionType, ProvisionedThroughput, TableDefinition, WarmThroughput, declaration::Subject,
    rules,
};
use std::collections::BTreeSet;

/// Checks keys and indexes: names, numbers, roles, projections.
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

/// Counts the `HASH` and `RANGE` elements of a key.
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

/// Checks that exactly the attributes of keys are defined: "Some AttributeDefinitions are not
/// used".
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

/// Checks that there is capacity if and only if the table is provisioned, and limits only if it is
/// on demand. `owner` is the table or an index.
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
