//! `CreateTable`.

use super::{
    refusal::{Refusal, require},
    rules::{check_encryption, check_shape, check_stream, check_tags, check_throughputs},
    table::{ON_DEMAND_WARMTH, warmth_of},
};
use crate::{
    model::{
        BillingMode, GlobalSecondaryIndex, ProvisionedThroughput, TableDefinition, WarmThroughput,
    },
    plan::{CreateIndex, CreateTable},
};

/// The table that a request asks for.
pub(super) fn definition_of(request: &CreateTable) -> Result<TableDefinition, Refusal> {
    let CreateTable {
        table_name,
        attribute_definitions,
        key_schema,
        global_secondary_indexes,
        local_secondary_indexes,
        billing_mode,
        provisioned_throughput,
        on_demand_throughput,
        warm_throughput,
        stream_specification,
        sse_specification,
        table_class,
        deletion_protection_enabled,
        tags,
    } = request.clone();
    // Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html
    let mode = billing_mode.unwrap_or(BillingMode::Provisioned);
    check_throughputs(
        "the table",
        mode,
        provisioned_throughput,
        on_demand_throughput,
        warm_throughput,
    )?;
    check_warmth("the table", provisioned_throughput, warm_throughput)?;
    let indexes: Vec<GlobalSecondaryIndex> = global_secondary_indexes
        .into_iter()
        .map(|index| index_of(index, mode))
        .collect::<Result<_, _>>()?;
    stream_specification.map_or(Ok(()), check_stream)?;
    sse_specification.as_ref().map_or(Ok(()), check_encryption)?;
    check_tags(&tags)?;
    let definition = TableDefinition {
        table_name,
        attribute_definitions,
        key_schema,
        global_secondary_indexes: indexes,
        local_secondary_indexes,
        billing_mode: Some(mode),
        provisioned_throughput,
        autoscaled: false,
        on_demand_throughput,
        warm_throughput,
        stream_specification,
        sse_specification,
        table_class,
        deletion_protection_enabled,
        time_to_live_specification: None,
        point_in_time_recovery_specification: None,
        tags: Some(tags),
        resource_policy: None,
    };
    check_shape(&definition)?;
    Ok(definition)
}

/// The index that a request asks for, in a table of that mode.
pub(super) fn index_of(
    index: CreateIndex,
    mode: BillingMode,
) -> Result<GlobalSecondaryIndex, Refusal> {
    let CreateIndex {
        index_name,
        key_schema,
        projection,
        provisioned_throughput,
        on_demand_throughput,
        warm_throughput,
    } = index;
    let owner = format!("index: {index_name}");
    check_throughputs(&owner, mode, provisioned_throughput, on_demand_throughput, warm_throughput)?;
    check_warmth(&owner, provisioned_throughput, warm_throughput)?;
    Ok(GlobalSecondaryIndex {
        index_name,
        key_schema,
        projection,
        provisioned_throughput,
        on_demand_throughput,
        warm_throughput,
        autoscaled: false,
    })
}

/// Nothing starts with less than it has anyway: its capacity, or what is on demand at least.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/warm-throughput.html>.
fn check_warmth(
    owner: &str,
    capacity: Option<ProvisionedThroughput>,
    warm: Option<WarmThroughput>,
) -> Result<(), Refusal> {
    let floor = capacity.map_or(ON_DEMAND_WARMTH, warmth_of);
    require(warm.is_none_or(|warm| !warm.is_below(&floor)), || {
        format!("warm throughput of {owner} is less than the minimum")
    })
}
