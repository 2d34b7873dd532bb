//! Expectations of a plan and of its steps.

use mizzle_core::{
    diff::Key,
    model::{
        BillingMode, ContributorInsights, GlobalSecondaryIndex, OnDemandThroughput,
        ProvisionedThroughput, ResourcePolicy, TableDefinition, WarmThroughput,
    },
    plan::{Call, GlobalSecondaryIndexUpdate, HazardKind},
};
use proptest::prelude::*;

/// The throughputs of a table or an index.
type Throughputs =
    (Option<ProvisionedThroughput>, Option<OnDemandThroughput>, Option<WarmThroughput>);

/// Asserts that unmanaged throughputs are kept, as far as another billing mode allows.
fn unmanaged_throughputs_are_kept(
    (before, after): (Throughputs, Throughputs),
    managed: Throughputs,
    switched: bool,
    autoscaled: bool,
) -> Result<(), TestCaseError> {
    if !switched && (managed.0.is_none() || autoscaled) {
        prop_assert_eq!(before.0, after.0, "capacity");
    }
    if !switched && managed.1.is_none() {
        prop_assert_eq!(before.1, after.1, "on-demand maximum");
    }
    let cooled = after.2.zip(before.2).is_some_and(|(after, before)| after.is_below(&before));
    prop_assert!(!cooled, "{:?} is colder than {:?}", after.2, before.2);
    Ok(())
}

/// Asserts that all settings that `desired` does not manage are kept. Both states are full.
pub(crate) fn unmanaged_is_kept(
    before: &TableDefinition,
    after: &TableDefinition,
    desired: &TableDefinition,
) -> Result<(), TestCaseError> {
    let switched = before.billing_mode != after.billing_mode;
    let table = |table: &TableDefinition| {
        (table.provisioned_throughput, table.on_demand_throughput, table.warm_throughput)
    };
    let index = |index: &GlobalSecondaryIndex| {
        (index.provisioned_throughput, index.on_demand_throughput, index.warm_throughput)
    };
    unmanaged_throughputs_are_kept(
        (table(before), table(after)),
        table(desired),
        switched,
        desired.autoscaled,
    )?;
    for wanted in &desired.global_secondary_indexes {
        let (Some(old), Some(new)) =
            (before.global_index(&wanted.index_name), after.global_index(&wanted.index_name))
        else {
            continue;
        };
        let is_same = old.key_schema == new.key_schema && old.projection == new.projection;
        let same_types = old.key_schema.iter().all(|element| {
            let name = &element.attribute_name;
            before.attribute_type(name) == after.attribute_type(name)
        });
        if is_same && same_types {
            unmanaged_throughputs_are_kept(
                (index(old), index(new)),
                index(wanted),
                switched,
                wanted.autoscaled,
            )?;
        }
    }
    // A rebuilt index starts without insights.
    let is_kept = |name: &String| {
        let of = |table: &TableDefinition| {
            let index = table.global_index(name)?;
            Some((Key::of(table, &index.key_schema), index.projection.clone()))
        };
        of(before).is_some() && of(before) == of(after)
    };
    let managed = desired.contributor_insights.clone().unwrap_or_default();
    let kept_insights = |mut insights: ContributorInsights| {
        insights.table = insights.table.filter(|_| managed.table.is_none());
        insights.indexes.retain(|name, _| is_kept(name) && !managed.indexes.contains_key(name));
        insights
    };
    // All other fields, one by one, unless they are managed.
    let rest = |table: &TableDefinition| {
        let TableDefinition {
            table_name,
            key_schema,
            local_secondary_indexes,
            billing_mode,
            stream_specification,
            sse_specification,
            table_class,
            deletion_protection_enabled,
            time_to_live_specification,
            point_in_time_recovery_specification,
            tags,
            resource_policy,
            contributor_insights,
            kinesis_destinations,
            // Always managed, or compared above.
            attribute_definitions: _,
            global_secondary_indexes: _,
            provisioned_throughput: _,
            autoscaled: _,
            on_demand_throughput: _,
            warm_throughput: _,
        } = table.clone();
        fn kept<T, M>(value: Option<T>, managed: Option<&M>) -> Option<T> {
            value.filter(|_| managed.is_none())
        }
        TableDefinition {
            table_name,
            key_schema,
            local_secondary_indexes,
            billing_mode: kept(billing_mode, desired.billing_mode.as_ref()),
            stream_specification: kept(stream_specification, desired.stream_specification.as_ref()),
            sse_specification: kept(sse_specification, desired.sse_specification.as_ref()),
            table_class: kept(table_class, desired.table_class.as_ref()),
            deletion_protection_enabled: kept(
                deletion_protection_enabled,
                desired.deletion_protection_enabled.as_ref(),
            ),
            time_to_live_specification: kept(
                time_to_live_specification,
                desired.time_to_live_specification.as_ref(),
            ),
            point_in_time_recovery_specification: kept(
                point_in_time_recovery_specification,
                desired.point_in_time_recovery_specification.as_ref(),
            ),
            tags: kept(tags, desired.tags.as_ref()),
            resource_policy: kept(resource_policy, desired.resource_policy.as_ref()),
            contributor_insights: contributor_insights.map(kept_insights),
            kinesis_destinations: kept(kinesis_destinations, desired.kinesis_destinations.as_ref()),
            ..TableDefinition::default()
        }
    };
    prop_assert_eq!(rest(before), rest(after));
    Ok(())
}

/// Returns the hazards of which a call must have at least one.
pub(crate) fn hazards_of(call: &Call, before: &TableDefinition) -> &'static [HazardKind] {
    match call {
        Call::DeleteTable(_) => &[HazardKind::DeletesTable, HazardKind::ReplacesTable],
        Call::UpdateTable(update) => {
            if dropped(call).is_some() {
                &[HazardKind::DropsIndex, HazardKind::RebuildsIndex]
            } else if update.stream_specification.is_some_and(|stream| !stream.stream_enabled) {
                &[HazardKind::DisablesStream]
            } else if update.deletion_protection_enabled == Some(false) {
                &[HazardKind::LiftsProtection]
            } else if update.billing_mode == Some(BillingMode::Provisioned) {
                &[HazardKind::Throttles]
            } else {
                &[]
            }
        }
        Call::UpdateTimeToLive(update) if update.time_to_live_specification.enabled => {
            &[HazardKind::ExpiresItems]
        }
        Call::UpdateContinuousBackups(update) => {
            let wanted = update.point_in_time_recovery_specification;
            let present = before.point_in_time_recovery_specification;
            let is_shorter = present
                .and_then(|present| present.recovery_period_in_days)
                .zip(wanted.recovery_period_in_days)
                .is_some_and(|(present, wanted)| wanted < present);
            if !wanted.point_in_time_recovery_enabled || is_shorter {
                &[HazardKind::DeletesBackups]
            } else {
                &[]
            }
        }
        Call::DisableKinesisStreamingDestination(_) => &[HazardKind::DisablesStream],
        Call::UntagResource(_) => &[HazardKind::RemovesTags],
        Call::PutResourcePolicy(_) | Call::DeleteResourcePolicy(_)
            if before.resource_policy != Some(ResourcePolicy::NONE) =>
        {
            &[HazardKind::ChangesAccess]
        }
        Call::CreateTable(_)
        | Call::UpdateTimeToLive(_)
        | Call::UpdateContributorInsights(_)
        | Call::EnableKinesisStreamingDestination(_)
        | Call::UpdateKinesisStreamingDestination(_)
        | Call::TagResource(_)
        | Call::PutResourcePolicy(_)
        | Call::DeleteResourcePolicy(_) => &[],
    }
}

/// Returns the index that a call adds.
pub(crate) fn created(call: &Call) -> Option<&str> {
    index_updates(call).iter().find_map(|update| match update {
        GlobalSecondaryIndexUpdate::Create(index) => Some(index.index_name.as_str()),
        GlobalSecondaryIndexUpdate::Update(_) | GlobalSecondaryIndexUpdate::Delete(_) => None,
    })
}

/// Returns the index that a call deletes.
pub(crate) fn dropped(call: &Call) -> Option<&str> {
    index_updates(call).iter().find_map(|update| match update {
        GlobalSecondaryIndexUpdate::Delete(index) => Some(index.index_name.as_str()),
        GlobalSecondaryIndexUpdate::Update(_) | GlobalSecondaryIndexUpdate::Create(_) => None,
    })
}

fn index_updates(call: &Call) -> &[GlobalSecondaryIndexUpdate] {
    match call {
        Call::UpdateTable(update) => &update.global_secondary_index_updates,
        _ => &[],
    }
}

/// Returns the number of attributes that the indexes project, as DynamoDB counts them.
pub(crate) fn projected(table: &TableDefinition) -> usize {
    let global = table.global_secondary_indexes.iter().map(|index| &index.projection);
    let local = table.local_secondary_indexes.iter().map(|index| &index.projection);
    global.chain(local).map(|projection| projection.non_key_attributes.len()).sum()
}

/// True if the second state has less warm throughput than the first, which no call can set.
pub(crate) fn cools(before: &TableDefinition, after: &TableDefinition) -> bool {
    let is_less = |before: Option<WarmThroughput>, after: Option<WarmThroughput>| {
        let is_less = |(before, after): (WarmThroughput, WarmThroughput)| {
            after.is_below(&before) && !before.is_below(&after)
        };
        before.zip(after).is_some_and(is_less)
    };
    let kept = after.global_secondary_indexes.iter().filter_map(|index| {
        let old = before.global_index(&index.index_name)?;
        let key = |table, index: &GlobalSecondaryIndex| Key::of(table, &index.key_schema);
        let is_kept = old.projection == index.projection && key(before, old) == key(after, index);
        is_kept.then_some((old.warm_throughput, index.warm_throughput))
    });
    let table = (before.warm_throughput, after.warm_throughput);
    kept.chain([table]).any(|(before, after)| is_less(before, after))
}

/// Returns the parts that are fixed when the table is created.
pub(crate) fn fixed(table: &TableDefinition) -> TableDefinition {
    TableDefinition {
        table_name: table.table_name.clone(),
        attribute_definitions: table.attribute_definitions.clone(),
        key_schema: table.key_schema.clone(),
        local_secondary_indexes: table.local_secondary_indexes.clone(),
        ..TableDefinition::default()
    }
}
