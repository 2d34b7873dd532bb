//! Compares a table with a call, to tell whether the call's effect is already visible.

use crate::{
    diff,
    model::{
        AuxiliarySettings, OnDemandThroughput, ProvisionedThroughput, Status, TableDefinition,
        TableDescription, TransitionState, WarmThroughput,
    },
    plan::{Call, CreateIndex, GlobalSecondaryIndexUpdate, UpdateIndex, UpdateTable},
    settings::{
        InRequests, Registered, SettingKind, UpdateTableSetting, View, for_each_update_setting,
    },
};

/// The status of a call's effect in a table.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum EffectStatus {
    /// The effect is visible, or in progress.
    InEffect,
    /// The effect is not visible yet.
    ToDo,
    /// The table differs in ways that the call cannot change.
    Conflict(Vec<String>),
}

/// Returns the extra settings that have to be read to see a call's effect and its progress.
pub fn extras(call: &Call) -> AuxiliarySettings {
    call.setting()
        .and_then(SettingKind::extra)
        .map_or(AuxiliarySettings::NONE, AuxiliarySettings::from)
}

/// Compares a table, described with the call's [extras], with the call.
pub(crate) fn effect_status(call: &Call, table: Option<&TableDescription>) -> EffectStatus {
    let Some(table) = table else {
        return match call.view() {
            View::DeleteTable(_) => EffectStatus::InEffect,
            View::CreateTable(_) | View::UpdateTable(_) | View::Setting(_) => EffectStatus::ToDo,
        };
    };
    let definition = &table.definition;
    let in_effect = match call.view() {
        View::CreateTable(_) if table.status == Status::Deleting => false,
        View::CreateTable(wanted) => {
            // Compare the keys and indexes only, because nothing can change them later. The next
            // comparison finds differences in the other settings.
            let wanted = TableDefinition::from(wanted.clone()).structure();
            let difference = diff::diff([definition], [&wanted]);
            return match difference.tables.first() {
                None => EffectStatus::InEffect,
                Some(difference) => EffectStatus::Conflict(difference.details()),
            };
        }
        View::UpdateTable(update) => is_updated(table, update),
        View::DeleteTable(_) => table.status == Status::Deleting,
        View::Setting(request) => request.is_in_effect(definition),
    };
    if in_effect { EffectStatus::InEffect } else { EffectStatus::ToDo }
}

/// Returns the progress of a call's change that the server has accepted but not finished.
pub(super) fn transition<'a>(
    call: &Call,
    table: &'a TableDescription,
) -> Option<&'a TransitionState> {
    let extra = call.setting().and_then(SettingKind::extra)?;
    table.transition(extra, call.part())
}

/// True if the warm throughput of a call is still being applied. The table stays `ACTIVE`
/// meanwhile, which takes minutes on AWS.
pub(super) fn is_warming(call: &Call, table: &TableDescription) -> bool {
    let index_is_warming =
        |name: &str| table.indexes.get(name).is_some_and(|index| index.is_warming);
    match call.view() {
        View::CreateTable(request) => {
            let mut indexes = request.global_secondary_indexes.iter();
            request.warm_throughput.is_some() && table.is_warming
                || indexes.any(|index| {
                    index.warm_throughput.is_some() && index_is_warming(&index.index_name)
                })
        }
        View::UpdateTable(request) => {
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
        View::DeleteTable(_) | View::Setting(_) => false,
    }
}

fn is_updated(table: &TableDescription, update: &UpdateTable) -> bool {
    let UpdateTable {
        billing_mode,
        provisioned_throughput,
        global_secondary_index_updates,
        on_demand_throughput,
        warm_throughput,
        ..
    } = update;
    let present = &table.definition;
    let mut has_settings = true;
    for_each_update_setting!(S => {
        has_settings &= S::of_update(update).as_ref().is_none_or(|wanted| {
            S::of(present).as_ref().is_some_and(|present| S::is_in_effect(present, wanted))
        });
    });
    billing_mode.is_none_or(|wanted| present.billing_mode == Some(wanted))
        && has_throughput(
            (present.provisioned_throughput, *provisioned_throughput),
            (present.on_demand_throughput, *on_demand_throughput),
            (present.warm_throughput, *warm_throughput),
        )
        && has_settings
        && global_secondary_index_updates.iter().all(|change| match change {
            GlobalSecondaryIndexUpdate::Create(index) => is_there(table, index, update),
            GlobalSecondaryIndexUpdate::Update(index) => is_adjusted(table, index),
            GlobalSecondaryIndexUpdate::Delete(index) => is_going(table, &index.index_name),
        })
}

/// True if the throughputs, in pairs (present, wanted), are as wanted. Warm throughput is a
/// minimum.
fn has_throughput(
    provisioned: (Option<ProvisionedThroughput>, Option<ProvisionedThroughput>),
    on_demand: (Option<OnDemandThroughput>, Option<OnDemandThroughput>),
    warm: (Option<WarmThroughput>, Option<WarmThroughput>),
) -> bool {
    (provisioned.1.is_none() || provisioned.0 == provisioned.1)
        && (on_demand.1.is_none() || on_demand.0 == on_demand.1)
        && warm.1.is_none_or(|wanted| warm.0.is_some_and(|present| !present.is_below(&wanted)))
}

/// True if an index already has the throughput that an update gives it.
fn is_adjusted(table: &TableDescription, wanted: &UpdateIndex) -> bool {
    table.definition.global_index(&wanted.index_name).is_some_and(|present| {
        has_throughput(
            (present.provisioned_throughput, wanted.provisioned_throughput),
            (present.on_demand_throughput, wanted.on_demand_throughput),
            (present.warm_throughput, wanted.warm_throughput),
        )
    })
}

/// True if an index does not exist, or is being deleted.
fn is_going(table: &TableDescription, index: &str) -> bool {
    table.definition.global_index(index).is_none()
        || table.indexes.get(index).is_some_and(|index| index.status == Status::Deleting)
}

/// True if the index that an update creates exists, with the same key, types and projection.
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
