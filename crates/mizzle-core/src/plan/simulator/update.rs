//! `UpdateTable`: one kind of change per call.
//!
//! Source, unless another is given:
//! <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTable.html>.

use super::{
    create::index_of,
    refusal::{Refusal, require},
    rules::{check_attributes, check_shape, check_throughputs},
    table::settle_throughputs,
};
use crate::{
    model::{
        BillingMode, OnDemandThroughput, ProvisionedThroughput, TableDefinition, WarmThroughput,
    },
    plan::{CreateIndex, GlobalSecondaryIndexUpdate, UpdateIndex, UpdateTable},
    settings::{InRequests, Setting, SettingKind, for_each_setting, for_each_update_setting},
};
use std::collections::BTreeSet;

/// The kind of an update. The reference states that capacity and indexes exclude each other, and
/// leaves the other combinations open. The simulator allows none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Capacity,
    OnDemandThroughput,
    WarmThroughput,
    IndexSet,
    Setting(SettingKind),
}

/// Returns the definition of an `ACTIVE` table after an update.
pub(super) fn updated(
    present: &TableDefinition,
    request: &UpdateTable,
) -> Result<TableDefinition, Refusal> {
    let mut table = present.clone();
    let kind = kind(request)?;
    check_index_updates(present, &request.global_secondary_index_updates)?;
    match kind {
        Kind::Capacity => change_capacity(&mut table, request)?,
        Kind::OnDemandThroughput => change_limits(&mut table, request)?,
        Kind::WarmThroughput => change_warmth(&mut table, request)?,
        Kind::IndexSet => change_indexes(&mut table, request)?,
        Kind::Setting(_) => for_each_update_setting!(S => change::<S>(&mut table, request)?),
    }
    settle_attributes(&mut table, present, request)?;
    check_shape(&table)?;
    settle_throughputs(&mut table);
    for_each_setting!(S => S::follow_indexes(&mut table, true));
    Ok(table.normalised())
}

/// Checks the attribute definitions. With a new index they must be exactly those in use; otherwise
/// they may be omitted.
fn settle_attributes(
    table: &mut TableDefinition,
    present: &TableDefinition,
    request: &UpdateTable,
) -> Result<(), Refusal> {
    let definitions = &request.attribute_definitions;
    if !definitions.is_empty() || creates_index(request) {
        check_attributes(definitions, table)?;
        let are_same = definitions.iter().all(|wanted| {
            let present = present.attribute_type(&wanted.attribute_name);
            present.is_none_or(|present| present == wanted.attribute_type)
        });
        require(are_same, || {
            "an attribute that a key uses cannot be given another type".to_owned()
        })?;
        table.attribute_definitions.clone_from(definitions);
    }
    let used: BTreeSet<String> = table.key_attributes().map(str::to_owned).collect();
    table.attribute_definitions.retain(|attribute| used.contains(&attribute.attribute_name));
    Ok(())
}

/// Changes a setting, if its rules allow the new value.
fn change<S: InRequests>(
    table: &mut TableDefinition,
    request: &UpdateTable,
) -> Result<(), Refusal> {
    let present = S::of_mut(table);
    if let (Some(before), Some(wanted)) = (&present, S::of_update(request)) {
        *present = Some(S::updated(before, wanted)?);
    }
    Ok(())
}

/// Returns the one kind of change in the request.
fn kind(request: &UpdateTable) -> Result<Kind, Refusal> {
    let UpdateTable {
        table_name: _,
        attribute_definitions: _,
        billing_mode,
        provisioned_throughput,
        global_secondary_index_updates,
        on_demand_throughput,
        warm_throughput,
        ..
    } = request;
    let mut kinds: BTreeSet<Kind> = [
        billing_mode.map(|_| Kind::Capacity),
        provisioned_throughput.map(|_| Kind::Capacity),
        on_demand_throughput.map(|_| Kind::OnDemandThroughput),
        warm_throughput.map(|_| Kind::WarmThroughput),
    ]
    .into_iter()
    .flatten()
    .collect();
    for_each_update_setting!(S => {
        kinds.extend(S::of_update(request).as_ref().map(|_| Kind::Setting(S::KIND)));
    });
    for update in global_secondary_index_updates {
        match update {
            GlobalSecondaryIndexUpdate::Create(_) | GlobalSecondaryIndexUpdate::Delete(_) => {
                kinds.insert(Kind::IndexSet);
            }
            GlobalSecondaryIndexUpdate::Update(UpdateIndex {
                index_name: _,
                provisioned_throughput,
                on_demand_throughput,
                warm_throughput,
            }) => kinds.extend(
                [
                    provisioned_throughput.map(|_| Kind::Capacity),
                    on_demand_throughput.map(|_| Kind::OnDemandThroughput),
                    warm_throughput.map(|_| Kind::WarmThroughput),
                ]
                .into_iter()
                .flatten(),
            ),
        }
    }
    let mut kinds = kinds.into_iter();
    match (kinds.next(), kinds.next()) {
        (Some(kind), None) => Ok(kind),
        (Some(_), Some(_)) => {
            Err(Refusal::validation("an UpdateTable makes one kind of change at a time"))
        }
        (None, _) => Err(Refusal::validation("an UpdateTable has to change something")),
    }
}

/// Checks the index updates of a request.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_GlobalSecondaryIndexUpdate.html>.
fn check_index_updates(
    present: &TableDefinition,
    updates: &[GlobalSecondaryIndexUpdate],
) -> Result<(), Refusal> {
    let mut names = BTreeSet::new();
    let mut created_or_deleted = 0;
    for update in updates {
        let name = match update {
            GlobalSecondaryIndexUpdate::Create(CreateIndex { index_name, .. }) => {
                created_or_deleted += 1;
                index_name
            }
            GlobalSecondaryIndexUpdate::Update(UpdateIndex { index_name, .. }) => {
                must_have(present, index_name)?;
                index_name
            }
            GlobalSecondaryIndexUpdate::Delete(index) => {
                created_or_deleted += 1;
                must_have(present, &index.index_name)?;
                &index.index_name
            }
        };
        require(names.insert(name), || format!("{name} is updated twice in one call"))?;
    }
    if created_or_deleted > 1 {
        return Err(Refusal::limit(
            "Only 1 online index can be created or deleted simultaneously per table",
        ));
    }
    Ok(())
}

fn must_have(table: &TableDefinition, index: &str) -> Result<(), Refusal> {
    match table.global_index(index) {
        Some(_) => Ok(()),
        None => Err(Refusal::not_found(format!("the table has no GSI {index}"))),
    }
}

/// Creates or deletes one index.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.OnlineOps.html>.
fn change_indexes(table: &mut TableDefinition, request: &UpdateTable) -> Result<(), Refusal> {
    for update in &request.global_secondary_index_updates {
        match update {
            GlobalSecondaryIndexUpdate::Create(index) => {
                let index = index_of(index.clone(), mode(table))?;
                table.global_secondary_indexes.push(index);
            }
            GlobalSecondaryIndexUpdate::Delete(index) => {
                table.global_secondary_indexes.retain(|kept| kept.index_name != index.index_name);
            }
            GlobalSecondaryIndexUpdate::Update(_) => {}
        }
    }
    Ok(())
}

fn creates_index(request: &UpdateTable) -> bool {
    request
        .global_secondary_index_updates
        .iter()
        .any(|update| matches!(update, GlobalSecondaryIndexUpdate::Create(_)))
}

fn mode(table: &TableDefinition) -> BillingMode {
    table.billing_mode.unwrap_or(BillingMode::PayPerRequest)
}

/// Returns the `Update` of an index, if the request has one.
fn update_of<'a>(request: &'a UpdateTable, index: &str) -> Option<&'a UpdateIndex> {
    request.global_secondary_index_updates.iter().find_map(|update| match update {
        GlobalSecondaryIndexUpdate::Update(update) if update.index_name == index => Some(update),
        GlobalSecondaryIndexUpdate::Update(_)
        | GlobalSecondaryIndexUpdate::Create(_)
        | GlobalSecondaryIndexUpdate::Delete(_) => None,
    })
}

/// Changes billing mode and provisioned capacity. A table that becomes provisioned needs capacity
/// for itself and each GSI in the same call; a provisioned table needs numbers that differ.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-switching-capacity-modes.html>.
fn change_capacity(table: &mut TableDefinition, request: &UpdateTable) -> Result<(), Refusal> {
    let before = mode(table);
    let after = request.billing_mode.unwrap_or(before);
    let wanted = request.provisioned_throughput;
    if after == BillingMode::PayPerRequest {
        require(before == BillingMode::Provisioned || wanted.is_some(), || {
            "the billing mode is PAY_PER_REQUEST already".to_owned()
        })?;
        require(wanted.is_none() && request.global_secondary_index_updates.is_empty(), || {
            "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST"
                .to_owned()
        })?;
        table.billing_mode = Some(after);
        return Ok(());
    }
    let switches = before == BillingMode::PayPerRequest;
    table.billing_mode = Some(after);
    set_capacity("the table", &mut table.provisioned_throughput, wanted, switches)?;
    for index in &mut table.global_secondary_indexes {
        let wanted =
            update_of(request, &index.index_name).and_then(|update| update.provisioned_throughput);
        let owner = format!("index: {}", index.index_name);
        set_capacity(&owner, &mut index.provisioned_throughput, wanted, switches)?;
    }
    let nothing = wanted.is_none() && request.global_secondary_index_updates.is_empty();
    require(!nothing, || "the billing mode is PROVISIONED already".to_owned())
}

fn set_capacity(
    owner: &str,
    present: &mut Option<ProvisionedThroughput>,
    wanted: Option<ProvisionedThroughput>,
    is_mandatory: bool,
) -> Result<(), Refusal> {
    if !is_mandatory && wanted.is_none() {
        return Ok(());
    }
    check_throughputs(owner, BillingMode::Provisioned, wanted, None, None)?;
    // The literal message of a real response: `UpdateTable` is not idempotent.
    require(*present != wanted, || {
        format!("The provisioned throughput for {owner} will not change")
    })?;
    *present = wanted;
    Ok(())
}

/// Changes the limits of an on-demand table.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode-max-throughput.html>.
fn change_limits(table: &mut TableDefinition, request: &UpdateTable) -> Result<(), Refusal> {
    let mode = mode(table);
    let set = |owner: &str,
               present: &mut Option<OnDemandThroughput>,
               wanted: Option<OnDemandThroughput>| {
        let Some(wanted) = wanted else { return Ok(()) };
        require(mode == BillingMode::PayPerRequest, || {
            format!("OnDemandThroughput of {owner} needs PAY_PER_REQUEST")
        })?;
        check_throughputs(owner, mode, None, Some(wanted), None)?;
        require(*present != Some(wanted), || {
            format!("the on-demand maximum of {owner} will not change")
        })?;
        *present = Some(wanted);
        Ok(())
    };
    set("the table", &mut table.on_demand_throughput, request.on_demand_throughput)?;
    for index in &mut table.global_secondary_indexes {
        let wanted =
            update_of(request, &index.index_name).and_then(|update| update.on_demand_throughput);
        set(&format!("index: {}", index.index_name), &mut index.on_demand_throughput, wanted)?;
    }
    Ok(())
}

/// Changes warm throughput, which can only be raised.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/warm-throughput.html>.
fn change_warmth(table: &mut TableDefinition, request: &UpdateTable) -> Result<(), Refusal> {
    let set =
        |owner: &str, present: &mut Option<WarmThroughput>, wanted: Option<WarmThroughput>| {
            let Some(wanted) = wanted else { return Ok(()) };
            require(present.is_none_or(|present| !wanted.is_below(&present)), || {
                format!("warm throughput of {owner} cannot be lowered")
            })?;
            require(*present != Some(wanted), || {
                format!("warm throughput of {owner} will not change")
            })?;
            *present = Some(wanted);
            Ok(())
        };
    set("the table", &mut table.warm_throughput, request.warm_throughput)?;
    for index in &mut table.global_secondary_indexes {
        let wanted =
            update_of(request, &index.index_name).and_then(|update| update.warm_throughput);
        set(&format!("index: {}", index.index_name), &mut index.warm_throughput, wanted)?;
    }
    Ok(())
}
