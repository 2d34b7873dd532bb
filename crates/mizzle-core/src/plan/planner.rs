//! Translates a diff to calls, in an order that DynamoDB accepts, with the fewest interruptions.
//!
//! This module decides what happens to a table as a whole: it is created, changed in place,
//! replaced, deleted, or left unchanged because it cannot be brought to the desired state.
//! [`TablePlanner`](super::table_planner::TablePlanner) plans changes in place.

use super::{
    Aim, Blocked, BlockedKind, Call, Context, CreateIndex, CreateTable, DeleteTable, Facts, Guard,
    Hazard, HazardKind, Origins, Plan, Step, StepId, UpdateTable, Wait, beyond,
    hazard::{self, Successor},
    table_planner::TablePlanner,
    throughput::{default_capacity, floor, inherited},
};
use crate::{
    diff::{Change, Diff, SettingChange, TableDiff, TableUpdate},
    model::{
        BillingMode, GlobalSecondaryIndex, OnDemandThroughput, TableDefinition, WarmThroughput,
    },
    settings::{
        InRequests, Registered, Setting, encryption, for_each_setting, for_each_update_setting,
    },
    text,
};

/// Orders the calls of a diff: tables by name, and deletions last, so that items can still be moved
/// out of a table before it is deleted.
pub fn plan(diff: &Diff, context: &Context) -> Plan {
    let mut plan = Plan::default();
    let mut deletions = Vec::new();
    for table in &diff.tables {
        let facts = context.facts.get(table.table());
        match table {
            TableDiff::Create(definition) => plan.steps.append(&mut create_table(definition)),
            TableDiff::Delete(definition) => match kept_from_deletion(definition, facts) {
                Some(blocked) => plan.blocked.push(blocked),
                None => {
                    let successor = match context.aim {
                        Aim::Schema => successor(definition, diff, &context.origins),
                        // No table was renamed: drift is reverted.
                        Aim::Migrations => Successor::None,
                    };
                    let hazards = hazard::deletion(&definition.table_name, facts, &successor);
                    deletions.append(&mut deletion(definition, facts, hazards));
                }
            },
            TableDiff::Update(update) => match update_table(update, facts, context) {
                Ok(mut steps) => plan.steps.append(&mut steps),
                Err(mut blocked) => plan.blocked.append(&mut blocked),
            },
        }
    }
    let before: Vec<StepId> =
        plan.by_table().filter_map(<[Step]>::last).map(|step| step.id.clone()).collect();
    for deletion in &mut deletions {
        if deletion.after.is_empty() {
            deletion.after.clone_from(&before);
        }
    }
    plan.steps.append(&mut deletions);
    plan
}

fn create_table(definition: &TableDefinition) -> Vec<Step> {
    // Settings that `CreateTable` does not accept have steps of their own, and are not listed
    // twice.
    let mut requested = definition.clone();
    for_each_setting!(S => {
        if !S::IN_CREATION {
            *S::of_mut(&mut requested) = None;
        }
    });
    let call = Call::CreateTable(create_request(definition));
    let create = Step {
        id: StepId::new(&definition.table_name, "create-table"),
        title: call.title(),
        details: TableDiff::Create(requested).details(),
        call,
        after: Vec::new(),
        guard: None,
        wait: Wait::Settled,
        hazards: Vec::new(),
    };
    let mut rest = TablePlanner::new(definition.clone(), definition, None);
    rest.steps.push(create);
    rest.settings_after_creation();
    rest.steps
}

/// Returns the request without values that are DynamoDB's defaults, because some servers do not
/// support them.
pub(crate) fn create_request(definition: &TableDefinition) -> CreateTable {
    // DynamoDB's own default is PROVISIONED, which needs capacity that the definition does not
    // have.
    let mode = definition.billing_mode.unwrap_or(BillingMode::PayPerRequest);
    let is_provisioned = mode == BillingMode::Provisioned;
    let capacity = is_provisioned.then(|| default_capacity(definition));
    let limit = |limit: Option<OnDemandThroughput>| {
        limit.filter(|limit| !is_provisioned && *limit != OnDemandThroughput::UNLIMITED)
    };
    let index = |index: &GlobalSecondaryIndex| CreateIndex {
        provisioned_throughput: capacity.map(|table| index.provisioned_throughput.unwrap_or(table)),
        on_demand_throughput: limit(index.on_demand_throughput),
        warm_throughput: index.warm_throughput.map(|warm| {
            warm.max(floor(capacity.map(|table| index.provisioned_throughput.unwrap_or(table))))
        }),
        ..CreateIndex::from(index.clone())
    };
    let mut request = CreateTable {
        table_name: definition.table_name.clone(),
        attribute_definitions: definition.attribute_definitions.clone(),
        key_schema: definition.key_schema.clone(),
        global_secondary_indexes: definition.global_secondary_indexes.iter().map(index).collect(),
        local_secondary_indexes: definition.local_secondary_indexes.clone(),
        billing_mode: Some(mode),
        provisioned_throughput: capacity,
        on_demand_throughput: limit(definition.on_demand_throughput),
        warm_throughput: definition.warm_throughput.map(|warm| warm.max(floor(capacity))),
        tags: definition.tags.clone().unwrap_or_default(),
        ..CreateTable::default()
    };
    for_each_update_setting!(S => {
        let value = S::copied(definition).filter(|value| !S::is_default(value));
        *S::of_creation_mut(&mut request) = value;
    });
    request
}

/// Returns the created table that replaces a deleted one, or may be meant to. If created tables
/// have the same shape as the deleted one, only those are candidates.
fn successor<'a>(
    definition: &TableDefinition,
    diff: &'a Diff,
    origins: &'a Origins,
) -> Successor<'a> {
    let name = &definition.table_name;
    let copied = origins.iter().find(|(_, origin)| origin.as_ref() == Some(name));
    if let Some((successor, _)) = copied {
        return Successor::Copied(successor);
    }
    let candidates: Vec<&TableDefinition> =
        diff.created().filter(|created| !origins.contains_key(&created.table_name)).collect();
    let twins: Vec<&TableDefinition> =
        candidates.iter().copied().filter(|created| same_shape(created, definition)).collect();
    let candidates = if twins.is_empty() { candidates } else { twins };
    match candidates.len() {
        0 => Successor::None,
        _ => Successor::Perhaps(
            candidates.iter().map(|created| created.table_name.as_str()).collect(),
        ),
    }
}

/// Returns the steps that delete a table. Each has a guard that the table is still the planned one.
fn deletion(
    definition: &TableDefinition,
    facts: Option<&Facts>,
    hazards: Vec<Hazard>,
) -> Vec<Step> {
    let mut steps: Vec<Step> = lift_protection(definition).into_iter().collect();
    steps.push(Step { after: after(&steps), ..delete_step(definition, hazards) });
    for step in &mut steps {
        step.guard = facts.and_then(Guard::of);
    }
    steps
}

/// Returns the reason not to delete a table, for good or to replace it.
pub(super) fn kept_from_deletion(
    definition: &TableDefinition,
    facts: Option<&Facts>,
) -> Option<Blocked> {
    let table = &definition.table_name;
    let facts = facts?;
    if let Some(blocked) = unusable(table, facts) {
        return Some(blocked);
    }
    (!facts.replicas.is_empty()).then(|| {
        let reason = format!(
            "{table} is a global table, with replicas in {}. Deleting it here would leave those behind",
            text::list(&facts.replicas)
        );
        let hint = "remove the replicas first, with the console or the CLI of AWS";
        Blocked::not_possible(table, reason, hint)
    })
}

/// Returns the reason if DynamoDB refuses all changes in the table's status.
fn unusable(table: &str, facts: &Facts) -> Option<Blocked> {
    let status = facts.unusable.as_ref()?;
    let reason = format!("{table} is {status}, in which DynamoDB does not change a table");
    Some(Blocked::not_possible(table, reason, "see the table in the console of AWS"))
}

fn delete_step(definition: &TableDefinition, hazards: Vec<Hazard>) -> Step {
    let table = &definition.table_name;
    let call = Call::DeleteTable(DeleteTable { table_name: table.clone() });
    Step {
        id: StepId::new(table, "delete-table"),
        title: call.title(),
        details: Vec::new(),
        call,
        after: Vec::new(),
        guard: None,
        wait: Wait::Gone,
        hazards,
    }
}

/// Returns the step that disables deletion protection before a deletion.
fn lift_protection(definition: &TableDefinition) -> Option<Step> {
    let is_protected = definition.deletion_protection_enabled == Some(true);
    is_protected.then(|| {
        let table = &definition.table_name;
        let call = Call::UpdateTable(UpdateTable {
            table_name: table.clone(),
            deletion_protection_enabled: Some(false),
            ..UpdateTable::default()
        });
        let message = format!(
            "{table} is protected against being deleted. The protection is lifted in order to delete it."
        );
        Step {
            id: StepId::new(table, "disable-deletion-protection"),
            title: call.title(),
            details: Vec::new(),
            call,
            after: Vec::new(),
            guard: None,
            wait: Wait::Settled,
            hazards: vec![Hazard::new(HazardKind::LiftsProtection, message)],
        }
    })
}

fn after(steps: &[Step]) -> Vec<StepId> {
    steps.last().map(|step| step.id.clone()).into_iter().collect()
}

fn same_shape(a: &TableDefinition, b: &TableDefinition) -> bool {
    let bare = |table: &TableDefinition| TableDefinition {
        table_name: String::new(),
        ..table.structure().normalised()
    };
    bare(a) == bare(b)
}

/// Returns the steps of a table that is in both states, or the reasons why there are none.
fn update_table(
    update: &TableUpdate,
    facts: Option<&Facts>,
    context: &Context,
) -> Result<Vec<Step>, Vec<Blocked>> {
    let reasons = replacement_reasons(update);
    let may_be_replaced = context.accept_data_loss
        || context.replace.contains(&update.after.table_name)
        || facts.is_some_and(|facts| facts.is_empty == Some(true));
    let mut blocked = Vec::new();
    if reasons.is_empty() {
        blocked.extend(facts.and_then(|facts| unusable(&update.after.table_name, facts)));
        blocked.extend(warm_throughput_lowered(update));
        blocked.extend(beyond::refused(update, facts));
    } else if may_be_replaced {
        blocked.extend(kept_from_deletion(&update.before, facts));
        blocked.extend(beyond::kept_from_replacement(&update.after.table_name, facts));
        blocked.extend(encryption::blocks_replacement(update));
    } else {
        blocked.push(replacement_refused(update, &reasons, facts, context.aim));
    }
    blocked.extend(limit_of_provisioned(update));
    if !blocked.is_empty() {
        return Err(blocked);
    }
    if reasons.is_empty() {
        Ok(TablePlanner::new(update.before.clone(), &update.after, facts).update(&update.changes))
    } else {
        Ok(replace_table(update, facts, &reasons))
    }
}

/// Returns the reasons why a table cannot be changed in place, if it cannot: its key and its LSIs
/// are fixed at creation.
fn replacement_reasons(update: &TableUpdate) -> Vec<String> {
    let reason = |change: &Change| match change {
        Change::Key { before, after } => {
            Some(format!("its key cannot change from ({before}) to ({after})"))
        }
        Change::AddLocalIndex(index) => Some(format!("LSI {} cannot be added", index.index_name)),
        Change::DropLocalIndex(index) => {
            Some(format!("LSI {} cannot be dropped", index.index_name))
        }
        Change::ChangeLocalIndex { after, aspects } => {
            Some(format!("LSI {} cannot change ({})", after.index_name, aspects.words()))
        }
        Change::AddGlobalIndex(_)
        | Change::DropGlobalIndex(_)
        | Change::ChangeGlobalIndex { .. }
        | Change::Setting(_) => None,
    };
    update.changes.iter().filter_map(reason).collect()
}

fn replacement_refused(
    update: &TableUpdate,
    reasons: &[String],
    facts: Option<&Facts>,
    aim: Aim,
) -> Blocked {
    let table = &update.after.table_name;
    let only_new_local_indexes = update.changes.iter().all(|change| match change {
        Change::AddLocalIndex(_) | Change::Setting(_) => true,
        Change::Key { .. }
        | Change::DropLocalIndex(_)
        | Change::ChangeLocalIndex { .. }
        | Change::AddGlobalIndex(_)
        | Change::DropGlobalIndex(_)
        | Change::ChangeGlobalIndex { .. } => false,
    });
    let instead = if only_new_local_indexes {
        "make the index global (gsi), which can be added at any time"
    } else {
        "describe a table of another name, copy the items, and switch over"
    };
    let loss = match facts.and_then(Facts::contents) {
        Some(contents) => format!("Replacing it loses its items: {contents}"),
        None => "Replacing it loses its items".to_owned(),
    };
    // Without facts there are no existing tables: the plan is for a migration script.
    let anyway = match facts {
        Some(_) => "pass --accept-data-loss to replace the table".to_owned(),
        None => format!(
            "run `mizzle generate --replace {table}`, which writes a migration that deletes the table and creates it again"
        ),
    };
    let hint = match aim {
        Aim::Schema => format!("{instead}; or undo the change in the schema; or {anyway}"),
        Aim::Migrations => format!(
            "if the table is right as it is, describe it so in the schema, run `mizzle generate --replace {table}`, and mark that migration as applied with `mizzle migrate --baseline`; or {anyway}"
        ),
    };
    Blocked {
        table: table.clone(),
        kind: BlockedKind::NeedsReplacement,
        reason: format!(
            "{table} would have to be replaced: {}. DynamoDB fixes keys and LSIs when a table is created. {loss}",
            text::list(reasons)
        ),
        hint,
    }
}

/// Returns the reason if warm throughput is lowered, which DynamoDB does not support.
fn warm_throughput_lowered(update: &TableUpdate) -> Option<Blocked> {
    let settings = update.changes.iter().filter_map(Change::setting);
    let mut lowered = settings.filter_map(|setting| {
        let SettingChange::WarmThroughput(owner, shift) = setting else { return None };
        // If one number is raised, the other one is kept.
        let is_lower = |before: &WarmThroughput| {
            shift.after.is_below(before) && !before.is_below(&shift.after)
        };
        let before = shift.before.filter(is_lower)?;
        Some(format!("warm throughput{owner} cannot go down from {before} to {}", shift.after))
    });
    let lowered = lowered.next()?;
    let table = &update.after.table_name;
    let reason = format!("{table}: {lowered}. DynamoDB only ever raises it");
    let hint = "leave the number as it was; or remove warmThroughput from the config, which leaves it alone";
    Some(Blocked::not_possible(table, reason, hint))
}

/// Returns the reason if a provisioned table gets a maximum, which only on-demand tables have.
fn limit_of_provisioned(update: &TableUpdate) -> Option<Blocked> {
    let mode = update.after.billing_mode.or(update.before.billing_mode);
    let is_limit =
        |change: &Change| matches!(change, Change::Setting(SettingChange::OnDemandThroughput(..)));
    if mode != Some(BillingMode::Provisioned) || !update.changes.iter().any(is_limit) {
        return None;
    }
    let table = &update.after.table_name;
    let reason = format!("{table} is PROVISIONED, and only what is on demand has a maximum");
    let hint =
        "set billingMode: \"PAY_PER_REQUEST\" for it in the config, or leave onDemandMaximum out";
    Some(Blocked::not_possible(table, reason, hint))
}

/// Deletes the table and creates it as desired. Unmanaged settings are copied from the present
/// table.
fn replace_table(update: &TableUpdate, facts: Option<&Facts>, reasons: &[String]) -> Vec<Step> {
    let TableUpdate { before, after: desired, changes: _ } = update;
    let hazard = hazard::replaces_table(&before.table_name, facts, reasons);
    let mut steps = deletion(before, facts, vec![hazard]);
    let mut create = create_table(&with_inherited_settings(before, desired));
    if let Some(first) = create.first_mut() {
        first.after = after(&steps);
    }
    steps.append(&mut create);
    steps
}

/// Returns the desired table, with the settings of its predecessor where it has none of its own.
fn with_inherited_settings(before: &TableDefinition, desired: &TableDefinition) -> TableDefinition {
    let mut table = desired.clone();
    table.billing_mode = table.billing_mode.or(before.billing_mode);
    let is_provisioned = table.billing_mode == Some(BillingMode::Provisioned);
    if is_provisioned {
        table.provisioned_throughput = inherited(
            before.provisioned_throughput,
            desired.provisioned_throughput,
            desired.autoscaled,
        );
    }
    table.on_demand_throughput = table.on_demand_throughput.or(before.on_demand_throughput);
    for index in &mut table.global_secondary_indexes {
        let Some(present) = before.global_index(&index.index_name) else { continue };
        if is_provisioned {
            index.provisioned_throughput = inherited(
                present.provisioned_throughput,
                index.provisioned_throughput,
                index.autoscaled,
            );
        }
        index.on_demand_throughput = index.on_demand_throughput.or(present.on_demand_throughput);
    }
    for_each_setting!(S => {
        let own = S::of_mut(&mut table);
        *own = match (own.take(), S::copied(before)) {
            (Some(own), Some(before)) if S::IS_OF_INDEXES => Some(S::over(own, before)),
            (own, before) => own.or(before),
        };
        S::follow_indexes(&mut table, false);
    });
    table
}
