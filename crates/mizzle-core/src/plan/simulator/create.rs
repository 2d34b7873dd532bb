//! `CreateTable`.

use super::{
    refusal::{Refusal, require},
    rules::{check_shape, check_throughputs},
    table::{ON_DEMAND_WARMTH, warmth_of},
};
use crate::{
    model::{
        BillingMode, GlobalSecondaryIndex, ProvisionedThroughput, TableDefinition, WarmThroughput,
    },
    plan::{CreateIndex, CreateTable},
    settings::{Registered, UpdateTableSetting, for_each_update_setting, tags},
};

/// Returns the table that a request creates.
pub(super) fn definition_of(request: &CreateTable) -> Result<TableDefinition, Refusal> {
    // Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html
    let mode = request.billing_mode.unwrap_or(BillingMode::Provisioned);
    let (capacity, warm) = (request.provisioned_throughput, request.warm_throughput);
    check_throughputs("the table", mode, capacity, request.on_demand_throughput, warm)?;
    check_warmth("the table", capacity, warm)?;
    request.global_secondary_indexes.iter().try_for_each(|index| check_index(index, mode))?;
    let definition = TableDefinition::from(request.clone());
    for_each_update_setting!(S => S::of(&definition).as_ref().map_or(Ok(()), S::check)?);
    tags::check(&request.tags)?;
    check_shape(&definition)?;
    Ok(definition)
}

/// Returns the index that a request creates, in a table with that mode.
pub(super) fn index_of(
    index: CreateIndex,
    mode: BillingMode,
) -> Result<GlobalSecondaryIndex, Refusal> {
    check_index(&index, mode)?;
    Ok(index.into())
}

fn check_index(index: &CreateIndex, mode: BillingMode) -> Result<(), Refusal> {
    let owner = format!("index: {}", index.index_name);
    let (capacity, warm) = (index.provisioned_throughput, index.warm_throughput);
    check_throughputs(&owner, mode, capacity, index.on_demand_throughput, warm)?;
    check_warmth(&owner, capacity, warm)
}

/// Checks that initial warm throughput is at least the minimum: the capacity, or the on-demand
/// minimum.
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
