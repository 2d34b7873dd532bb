//! Plans the changes of one table in place, step by step, and tracks its state after each step.
//!
//! [Throughput](super::throughput), which new indexes need, comes before the
//! [indexes](super::indexes). The [`Phase`] of its steps determines the place of each other
//! setting.

use super::{
    Call, Facts, Hazard, Phase, SettingStep, Situation, Step, StepId, UpdateTable, Wait, beyond,
};
use crate::{
    diff::{Change, Owner, SettingChange, ValueChange},
    model::{
        BillingMode, OnDemandThroughput, ProvisionedThroughput, TableDefinition, WarmThroughput,
    },
    settings::{Registered, Setting, for_each_setting, match_change},
};

/// A planner for the changes of one table.
pub(super) struct TablePlanner<'a> {
    /// The table after the steps so far.
    pub(super) state: TableDefinition,
    /// The desired table.
    pub(super) desired: &'a TableDefinition,
    pub(super) facts: Option<&'a Facts>,
    pub(super) steps: Vec<Step>,
}

/// The throughput changes, each at most once per table or index.
#[derive(Default)]
struct ThroughputChanges {
    billing_mode: Option<BillingMode>,
    capacity: Vec<(Owner, ValueChange<ProvisionedThroughput>)>,
    on_demand: Vec<(Owner, ValueChange<OnDemandThroughput>)>,
    warm: Vec<(Owner, ValueChange<WarmThroughput>)>,
}

impl<'a> TablePlanner<'a> {
    pub(super) fn new(
        state: TableDefinition,
        desired: &'a TableDefinition,
        facts: Option<&'a Facts>,
    ) -> Self {
        Self { state, desired, facts, steps: Vec::new() }
    }

    /// Returns the steps of changes that can all be made in place.
    pub(super) fn update(mut self, changes: &[Change]) -> Vec<Step> {
        let (throughput, settings) = self.sort(changes);
        let (first, rest): (Vec<SettingStep>, Vec<SettingStep>) =
            settings.into_iter().partition(|step| step.phase == Phase::BackupsOn);
        self.drop_unfinished(changes);
        self.settings(first);
        if let Some(mode) = throughput.billing_mode {
            self.billing_mode(mode);
        }
        self.capacity(throughput.capacity);
        self.on_demand_maximum(throughput.on_demand);
        self.warm_throughput(throughput.warm);
        self.indexes(changes);
        self.settings(rest);
        self.steps
    }

    /// Separates throughput, which depends on the state of the table at that point, from the steps
    /// of other settings, sorted by phase.
    fn sort(&self, changes: &[Change]) -> (ThroughputChanges, Vec<SettingStep>) {
        let mut throughput = ThroughputChanges::default();
        let mut steps = Vec::new();
        for setting in changes.iter().filter_map(Change::setting).cloned() {
            match_change!(setting, {
                SettingChange::BillingMode(shift) => throughput.billing_mode = Some(shift.after),
                SettingChange::Capacity(owner, shift) => throughput.capacity.push((owner, shift)),
                SettingChange::OnDemandThroughput(owner, shift) => {
                    throughput.on_demand.push((owner, shift));
                },
                SettingChange::WarmThroughput(owner, shift) => throughput.warm.push((owner, shift)),
            }, S(change) => steps.append(&mut S::steps(change, self.situation())));
        }
        steps.sort_by_key(|step| step.phase);
        (throughput, steps)
    }

    fn situation(&self) -> Situation<'a> {
        Situation { table: &self.desired.table_name, facts: self.facts }
    }

    /// Adds the steps of a new table for settings that its creation does not accept.
    pub(super) fn settings_after_creation(&mut self) {
        let mut steps = Vec::new();
        for_each_setting!(S => {
            if let Some(value) = S::of(self.desired).as_ref().filter(|value| !S::is_default(value)) {
                steps.append(&mut S::steps_after_creation(value, self.situation()));
            }
        });
        self.settings(steps);
    }

    fn settings(&mut self, steps: Vec<SettingStep>) {
        for SettingStep { phase: _, action, call, hazards } in steps {
            self.push(&action, call, hazards);
        }
    }

    /// Adds a step after the present ones.
    pub(super) fn push(&mut self, action: &str, call: Call, hazards: Vec<Hazard>) {
        self.steps.push(Step {
            id: StepId::new(call.table(), action),
            title: call.title(),
            details: beyond::note(&call, self.facts).into_iter().collect(),
            after: self.steps.last().map(|step| step.id.clone()).into_iter().collect(),
            call,
            guard: None,
            wait: Wait::Settled,
            hazards,
        });
    }

    /// Returns an `UpdateTable` without changes.
    pub(super) fn request(&self) -> UpdateTable {
        UpdateTable { table_name: self.state.table_name.clone(), ..UpdateTable::default() }
    }
}
