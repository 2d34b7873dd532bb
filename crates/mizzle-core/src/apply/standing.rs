//! How a table stands to what a call wants of it: whether the effect is there to be seen.

use crate::{
    diff,
    model::{
        Extras, OnDemandThroughput, ProvisionedThroughput, ResourcePolicy, Status, TableDefinition,
        TableDescription, WarmThroughput,
    },
    plan::{
        Call, CreateIndex, GlobalSecondaryIndexUpdate, UpdateContinuousBackups, UpdateIndex,
        UpdateTable,
    },
};

/// How a table stands to what a call wants of it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It is as wanted, or on the way there.
    InEffect,
    /// It is not yet as wanted.
    ToDo,
    /// It is something else, which the call cannot change.
    Conflict(Vec<String>),
}

/// What has to be asked for to see a call's effect, and what it changes.
pub fn extras(call: &Call) -> Extras {
    match call {
        Call::CreateTable(_) | Call::UpdateTable(_) | Call::DeleteTable(_) => Extras::NONE,
        Call::UpdateTimeToLive(_) => Extras { time_to_live: true, ..Extras::NONE },
        Call::UpdateContinuousBackups(_) => Extras { point_in_time_recovery: true, ..Extras::NONE },
        Call::TagResource(_) | Call::UntagResource(_) => Extras { tags: true, ..Extras::NONE },
        Call::PutResourcePolicy(_) | Call::DeleteResourcePolicy(_) => {
            Extras { resource_policy: true, ..Extras::NONE }
        }
    }
}

/// How a table, described with the call's [extras], stands to what the call wants.
pub(crate) fn standing(call: &Call, table: Option<&TableDescription>) -> Standing {
    let Some(table) = table else {
        return match call {
            Call::DeleteTable(_) => Standing::InEffect,
            Call::CreateTable(_)
            | Call::UpdateTable(_)
            | Call::UpdateTimeToLive(_)
            | Call::UpdateContinuousBackups(_)
            | Call::TagResource(_)
            | Call::UntagResource(_)
            | Call::PutResourcePolicy(_)
            | Call::DeleteResourcePolicy(_) => Standing::ToDo,
        };
    };
    let definition = &table.definition;
    let in_effect = match call {
        Call::CreateTable(_) if table.status == Status::Deleting => false,
        Call::CreateTable(wanted) => {
            // That a table which is there already has other settings is for the next comparison to
            // find; its keys and indexes are what nothing can change later.
            let wanted = TableDefinition::from(wanted.clone()).structure();
            let difference = diff::diff([definition], [&wanted]);
            return match difference.tables.first() {
                None => Standing::InEffect,
                Some(difference) => Standing::Conflict(difference.details()),
            };
        }
        Call::UpdateTable(update) => is_updated(table, update),
        Call::DeleteTable(_) => table.status == Status::Deleting,
        Call::UpdateTimeToLive(request) => {
            let wanted = &request.time_to_live_specification;
            let present = definition.time_to_live_specification.as_ref();
            present.is_some_and(|present| match wanted.enabled {
                true => present == wanted,
                false => !present.enabled,
            })
        }
        Call::UpdateContinuousBackups(request) => is_backed_up(definition, request),
        Call::TagResource(request) => {
            let present = definition.tags.as_deref();
            present.is_some_and(|present| request.tags.iter().all(|tag| present.contains(tag)))
        }
        Call::UntagResource(request) => {
            let present = definition.tags.as_deref();
            let is_gone =
                |key: &String| present.is_some_and(|tags| tags.iter().all(|tag| tag.key != *key));
            request.tag_keys.iter().all(is_gone)
        }
        Call::PutResourcePolicy(request) => {
            definition.resource_policy.as_ref() == Some(&request.policy)
        }
        Call::DeleteResourcePolicy(_) => {
            definition.resource_policy.as_ref().is_some_and(ResourcePolicy::is_none)
        }
    };
    if in_effect { Standing::InEffect } else { Standing::ToDo }
}

/// Whether warm throughput that a call asks for is still on its way, for which a table stays
/// `ACTIVE`. It takes minutes on AWS.
pub(super) fn is_warming(call: &Call, table: &TableDescription) -> bool {
    let index_is_warming =
        |name: &str| table.indexes.get(name).is_some_and(|index| index.is_warming);
    match call {
        Call::CreateTable(request) => {
            let mut indexes = request.global_secondary_indexes.iter();
            request.warm_throughput.is_some() && table.is_warming
                || indexes.any(|index| {
                    index.warm_throughput.is_some() && index_is_warming(&index.index_name)
                })
        }
        Call::UpdateTable(request) => {
            let mut updates = request.global_secondary_index_updates.iter();
            request.warm_throughput.is_some() && table.is_warming
                || updates.any(|update| match update {
                    GlobalSecondaryIndexUpdate::Create(index) => {
                        index.warm_throughput.is_some() && index_is_warming(&index.index_name)
                    }
                    GlobalSecondaryIndexUpdate::Update(index) => {
                        index.warm_throughput.is_some() && index_is_warming(&index.index_name)
                    }
                    GlobalSecondaryIndexUpdate::Delete(_) => false,
                })
        }
        Call::DeleteTable(_)
        | Call::UpdateTimeToLive(_)
        | Call::UpdateContinuousBackups(_)
        | Call::TagResource(_)
        | Call::UntagResource(_)
        | Call::PutResourcePolicy(_)
        | Call::DeleteResourcePolicy(_) => false,
    }
}

fn is_updated(table: &TableDescription, update: &UpdateTable) -> bool {
    let UpdateTable {
        table_name: _,
        attribute_definitions: _,
        billing_mode,
        provisioned_throughput,
        global_secondary_index_updates,
        on_demand_throughput,
        warm_throughput,
        stream_specification,
        sse_specification,
        table_class,
        deletion_protection_enabled,
    } = update;
    let present = &table.definition;
    let encryption = sse_specification.as_ref().is_none_or(|wanted| {
        let desired = TableDefinition {
            sse_specification: Some(wanted.clone()),
            ..TableDefinition::default()
        };
        table.compared_with(&desired).sse_specification.as_ref() == Some(wanted)
    });
    billing_mode.is_none_or(|wanted| present.billing_mode == Some(wanted))
        && has_throughput(
            (present.provisioned_throughput, *provisioned_throughput),
            (present.on_demand_throughput, *on_demand_throughput),
            (present.warm_throughput, *warm_throughput),
        )
        && stream_specification.is_none_or(|wanted| present.stream_specification == Some(wanted))
        && encryption
        && table_class.is_none_or(|wanted| present.table_class == Some(wanted))
        && deletion_protection_enabled
            .is_none_or(|wanted| present.deletion_protection_enabled == Some(wanted))
        && global_secondary_index_updates.iter().all(|change| match change {
            GlobalSecondaryIndexUpdate::Create(index) => is_there(table, index, update),
            GlobalSecondaryIndexUpdate::Update(index) => is_adjusted(table, index),
            GlobalSecondaryIndexUpdate::Delete(index) => is_going(table, &index.index_name),
        })
}

/// Whether the throughputs (present, wanted) are as wanted. Warm throughput is a minimum.
fn has_throughput(
    provisioned: (Option<ProvisionedThroughput>, Option<ProvisionedThroughput>),
    on_demand: (Option<OnDemandThroughput>, Option<OnDemandThroughput>),
    warm: (Option<WarmThroughput>, Option<WarmThroughput>),
) -> bool {
    (provisioned.1.is_none() || provisioned.0 == provisioned.1)
        && (on_demand.1.is_none() || on_demand.0 == on_demand.1)
        && warm.1.is_none_or(|wanted| warm.0.is_some_and(|present| !present.is_below(&wanted)))
}

/// Whether an index has the throughput that an update gives it.
fn is_adjusted(table: &TableDescription, wanted: &UpdateIndex) -> bool {
    table.definition.global_index(&wanted.index_name).is_some_and(|present| {
        has_throughput(
            (present.provisioned_throughput, wanted.provisioned_throughput),
            (present.on_demand_throughput, wanted.on_demand_throughput),
            (present.warm_throughput, wanted.warm_throughput),
        )
    })
}

/// Whether an index is gone, or being deleted.
fn is_going(table: &TableDescription, index: &str) -> bool {
    table.definition.global_index(index).is_none()
        || table.indexes.get(index).is_some_and(|index| index.status == Status::Deleting)
}

/// Whether the index that an update creates is there, with the same key, types and projection.
fn is_there(table: &TableDescription, wanted: &CreateIndex, update: &UpdateTable) -> bool {
    let same_types = wanted.key_schema.iter().all(|element| {
        let name = &element.attribute_name;
        let mut definitions = update.attribute_definitions.iter();
        let wanted = definitions.find(|attribute| &attribute.attribute_name == name);
        table.definition.attribute_type(name) == wanted.map(|attribute| attribute.attribute_type)
    });
    !is_going(table, &wanted.index_name)
        && same_types
        && table.definition.global_index(&wanted.index_name).is_some_and(|present| {
            present.key_schema == wanted.key_schema && present.projection == wanted.projection
        })
}

fn is_backed_up(present: &TableDefinition, request: &UpdateContinuousBackups) -> bool {
    let wanted = TableDefinition {
        point_in_time_recovery_specification: Some(request.point_in_time_recovery_specification),
        ..TableDefinition::default()
    };
    let present = TableDefinition {
        point_in_time_recovery_specification: present.point_in_time_recovery_specification,
        ..TableDefinition::default()
    };
    diff::diff([&present], [&wanted]).is_empty()
}
