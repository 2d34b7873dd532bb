//! Adopting a table that already exists when a script creates it.
//!
//! A creation contains more than the managed settings: a billing mode and initial capacity. Of an
//! existing table, only the settings that the script's snapshot manages are compared and changed.
//! Settings that the environment overrides are excluded; its settings are applied later.

use super::{
    Call, Context, CreateTable, Facts, Managed, Plan, Step, UpdateTable, hazard::changes_billing,
    plan,
};
use crate::{
    diff::{Change, Diff, TableDiff, TableUpdate, diff},
    model::{AuxiliarySettings, OnDemandThroughput, TableDefinition, TableDescription},
    settings::{Registered, Setting, for_each_setting, tags},
};
use std::collections::{BTreeMap, BTreeSet};

/// The treatment of a table that already exists when a script creates it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Adoption {
    /// The table is kept unchanged.
    AsItIs {
        /// The differences from the creation, when no information about managed settings is
        /// available.
        unlike: Vec<String>,
    },
    /// The table gets the managed settings that it lacks.
    Changed(AdoptionPlan),
    /// The table cannot become what the script creates: its key or an index differs, or DynamoDB
    /// does not support the change.
    Impossible {
        /// The differences.
        differences: Vec<String>,
        /// The reasons why they cannot be changed.
        reasons: Vec<String>,
    },
}

/// The steps that give a table the managed settings that it lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdoptionPlan {
    /// The steps.
    pub plan: Plan,
    /// Descriptions of the changes.
    pub changes: Vec<String>,
}

impl AdoptionPlan {
    /// Returns the destructive steps for a table that mizzle did not create: they remove data or
    /// settings, throttle it, or change its billing mode. They need confirmation.
    pub fn objectionable(&self) -> impl Iterator<Item = &Step> {
        self.plan.steps.iter().filter(|step| step.is_destructive())
    }

    /// Returns the reasons why those steps need confirmation.
    pub fn objections(&self) -> Vec<String> {
        let hazards = self.objectionable().flat_map(|step| &step.hazards);
        let hazards = hazards.filter(|hazard| hazard.kind.is_destructive());
        hazards.map(|hazard| hazard.message.clone()).collect()
    }
}

/// Returns the extra settings to read of a table before it is [adopted](adoption).
pub fn adoption_extras(request: &CreateTable, managed: Option<&Managed>) -> AuxiliarySettings {
    AuxiliarySettings::managed_by(&desired(request, managed))
}

/// Decides how to adopt a table that exists, and is not being deleted, when it is to be created.
/// `managed` is the table as the script leaves it; without it no setting of the table is managed.
/// `is_futile` returns true for changes that the server is known to drop.
pub fn adoption(
    request: &CreateTable,
    managed: Option<&Managed>,
    present: &TableDescription,
    mut is_futile: impl FnMut(&TableUpdate, &Change) -> bool,
) -> Adoption {
    let asked = TableDefinition::from(request.clone());
    let structure = details(&diff([&present.definition], [&asked.structure()]));
    if !structure.is_empty() {
        return Adoption::Impossible { differences: structure, reasons: Vec::new() };
    }
    let Some(managed) = managed else {
        let unlike = details(&diff([&present.compared_with(&asked)], [&without_tags(asked)]));
        return Adoption::AsItIs { unlike };
    };
    let mut desired = desired(request, Some(managed));
    tags::keep_others(&mut desired, &present.definition);
    let own = subjects(&diff([&managed.everywhere], [&managed.here]));
    let mut difference = diff([&present.compared_with(&desired)], [&desired]);
    for table in &mut difference.tables {
        if let TableDiff::Update(update) = table {
            let mut changes = std::mem::take(&mut update.changes);
            changes.retain(|change| !own.contains(&change.subject()) && !is_futile(update, change));
            update.changes = changes;
        }
    }
    let changes = details(&difference);
    if changes.is_empty() {
        return Adoption::AsItIs { unlike: Vec::new() };
    }
    let facts = BTreeMap::from([(desired.table_name.clone(), Facts::of(present))]);
    let mut plan = plan(&difference, &Context { facts, ..Context::default() });
    for step in &mut plan.steps {
        if let Call::UpdateTable(UpdateTable { billing_mode: Some(mode), .. }) = step.call {
            step.hazards.insert(0, changes_billing(mode));
        }
    }
    if plan.blocked.is_empty() {
        return Adoption::Changed(AdoptionPlan { plan, changes });
    }
    let reasons = plan.blocked.into_iter().map(|blocked| blocked.reason).collect();
    Adoption::Impossible { differences: changes, reasons }
}

/// Returns the managed part of the table.
///
/// A setting has the snapshot's value where the creation has the same one: otherwise a later call
/// of the script sets it. Calls that disable a setting never occur in a script that creates a
/// table.
fn desired(request: &CreateTable, managed: Option<&Managed>) -> TableDefinition {
    let asked = TableDefinition::from(request.clone());
    let mut desired = asked.structure();
    let Some(Managed { everywhere, here }) = managed else { return desired };
    for_each_setting!(S => {
        let managed = S::copied(everywhere);
        let asked = S::copied(&asked);
        *S::of_mut(&mut desired) = managed.and_then(|managed| S::adopted(managed, asked));
    });
    let TableDefinition {
        billing_mode,
        provisioned_throughput,
        autoscaled,
        on_demand_throughput,
        warm_throughput,
        ..
    } = everywhere.clone();
    desired.warm_throughput = warm_throughput.filter(|_| asked.warm_throughput.is_some());
    // Where the environment overrides the billing mode, it also owns all numbers.
    let is_paid_alike = here.billing_mode == billing_mode;
    if is_paid_alike {
        desired.on_demand_throughput =
            agreed(on_demand_throughput, asked.on_demand_throughput, OnDemandThroughput::UNLIMITED);
    }
    let is_capacity_managed = is_paid_alike
        && billing_mode.is_some()
        && asked.billing_mode == billing_mode
        && (autoscaled
            || [provisioned_throughput, here.provisioned_throughput]
                .contains(&asked.provisioned_throughput));
    if is_capacity_managed {
        desired.billing_mode = billing_mode;
        // A provisioned table needs capacity: use the environment's at once.
        desired.provisioned_throughput = here.provisioned_throughput;
        desired.autoscaled = here.autoscaled;
    }
    for index in &mut desired.global_secondary_indexes {
        let name = &index.index_name;
        let (Some(managed), Some(asked)) =
            (everywhere.global_index(name), asked.global_index(name))
        else {
            continue;
        };
        index.warm_throughput = managed.warm_throughput.filter(|_| asked.warm_throughput.is_some());
        if is_paid_alike {
            index.on_demand_throughput = agreed(
                managed.on_demand_throughput,
                asked.on_demand_throughput,
                OnDemandThroughput::UNLIMITED,
            );
        }
        if is_capacity_managed && let Some(here) = here.global_index(name) {
            let units = here.provisioned_throughput;
            index.provisioned_throughput = units.filter(|_| {
                managed.autoscaled
                    || [managed.provisioned_throughput, units]
                        .contains(&asked.provisioned_throughput)
            });
            index.autoscaled = here.autoscaled;
        }
    }
    desired
}

/// Returns the managed value if the creation requests it, explicitly or by default.
fn agreed<T: PartialEq>(managed: Option<T>, asked: Option<T>, default: T) -> Option<T> {
    managed.filter(|managed| *managed == asked.unwrap_or(default))
}

/// Ignores tags, because `DescribeTable` does not return them.
fn without_tags(table: TableDefinition) -> TableDefinition {
    TableDefinition { tags: None, ..table }
}

fn details(difference: &Diff) -> Vec<String> {
    difference.tables.iter().flat_map(TableDiff::details).collect()
}

fn subjects(difference: &Diff) -> BTreeSet<String> {
    let changes = difference.tables.iter().flat_map(|table| match table {
        TableDiff::Update(update) => update.changes.as_slice(),
        TableDiff::Create(_) | TableDiff::Delete(_) => &[],
    });
    changes.map(Change::subject).collect()
}
