//! Changing one table in place, step by step, keeping its state after each step.
//!
//! Backups come first and go last: they are turned on before anything else is done, and off after
//! everything else. Then come [throughput](super::throughput), which new indexes need, the
//! [indexes](super::indexes), and the rest. Deletion protection is at the end, because Amazon's
//! DynamoDB Local forgets it with every other update of the table.

use super::{
    Call, DeleteResourcePolicy, Facts, Hazard, NO_POLICY, PutResourcePolicy, Step, StepId,
    TagResource, UntagResource, UpdateContinuousBackups, UpdateTable, UpdateTimeToLive, Wait,
    beyond, hazard,
};
use crate::{
    diff::{Change, Owner, SettingChange, Shift},
    model::{
        BillingMode, OnDemandThroughput, PointInTimeRecoverySpecification, ProvisionedThroughput,
        ResourcePolicy, SseSpecification, StreamSpecification, TableClass, TableDefinition, Tag,
        TimeToLiveSpecification, WarmThroughput,
    },
};

/// Works through the changes of one table.
pub(super) struct TablePlanner<'a> {
    /// The table as it is after the steps so far.
    pub(super) state: TableDefinition,
    /// The table as desired.
    pub(super) desired: &'a TableDefinition,
    pub(super) facts: Option<&'a Facts>,
    pub(super) steps: Vec<Step>,
}

/// The settings that differ, each at most once but for those that an index has, too.
#[derive(Default)]
struct Wishes {
    billing_mode: Option<BillingMode>,
    capacity: Vec<(Owner, Shift<ProvisionedThroughput>)>,
    on_demand: Vec<(Owner, Shift<OnDemandThroughput>)>,
    warm: Vec<(Owner, Shift<WarmThroughput>)>,
    stream: Option<Shift<StreamSpecification>>,
    encryption: Option<SseSpecification>,
    table_class: Option<TableClass>,
    deletion_protection: Option<bool>,
    time_to_live: Option<Shift<TimeToLiveSpecification>>,
    recovery: Option<Shift<PointInTimeRecoverySpecification>>,
    tags: Option<(Vec<Tag>, Vec<String>)>,
    policy: Option<Shift<ResourcePolicy>>,
}

impl Wishes {
    fn of(changes: &[Change]) -> Self {
        let mut wishes = Self::default();
        for setting in changes.iter().filter_map(Change::setting).cloned() {
            match setting {
                SettingChange::BillingMode(shift) => wishes.billing_mode = Some(shift.after),
                SettingChange::Capacity(owner, shift) => wishes.capacity.push((owner, shift)),
                SettingChange::OnDemandThroughput(owner, shift) => {
                    wishes.on_demand.push((owner, shift));
                }
                SettingChange::WarmThroughput(owner, shift) => wishes.warm.push((owner, shift)),
                SettingChange::Stream(shift) => wishes.stream = Some(shift),
                SettingChange::Encryption(shift) => wishes.encryption = Some(shift.after),
                SettingChange::TableClass(shift) => wishes.table_class = Some(shift.after),
                SettingChange::DeletionProtection(shift) => {
                    wishes.deletion_protection = Some(shift.after);
                }
                SettingChange::TimeToLive(shift) => wishes.time_to_live = Some(shift),
                SettingChange::PointInTimeRecovery(shift) => wishes.recovery = Some(shift),
                SettingChange::Tags { set, removed } => wishes.tags = Some((set, removed)),
                SettingChange::ResourcePolicy(shift) => wishes.policy = Some(shift),
            }
        }
        wishes
    }
}

impl<'a> TablePlanner<'a> {
    pub(super) fn new(
        state: TableDefinition,
        desired: &'a TableDefinition,
        facts: Option<&'a Facts>,
    ) -> Self {
        Self { state, desired, facts, steps: Vec::new() }
    }

    /// The steps of changes that can all be made in place.
    pub(super) fn update(mut self, changes: &[Change]) -> Vec<Step> {
        let wishes = Wishes::of(changes);
        let (back_up, stop_backups) =
            on_off(wishes.recovery, |shift| shift.after.point_in_time_recovery_enabled);

        self.drop_unfinished(changes);
        if let Some(shift) = back_up {
            self.recovery(&shift);
        }
        if let Some(mode) = wishes.billing_mode {
            self.billing_mode(mode);
        }
        self.capacity(wishes.capacity);
        self.on_demand_maximum(wishes.on_demand);
        self.warm_throughput(wishes.warm);
        self.indexes(changes);
        if let Some(shift) = wishes.stream {
            self.stream(shift);
        }
        if let Some(encryption) = wishes.encryption {
            self.encryption(encryption);
        }
        if let Some(class) = wishes.table_class {
            self.table_class(class);
        }
        let enabled_later = wishes.time_to_live.and_then(|shift| self.time_to_live(shift));
        if let Some((set, removed)) = wishes.tags {
            self.tags(set, removed);
        }
        if let Some(shift) = wishes.policy {
            self.policy(shift);
        }
        if let Some(shift) = stop_backups {
            self.recovery(&shift);
        }
        match wishes.deletion_protection {
            Some(true) => self.protect(),
            Some(false) => self.unprotect(),
            None => {}
        }
        if let Some(expiry) = enabled_later {
            self.expire(expiry);
        }
        self.steps
    }

    /// Adds a step after those that are there.
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

    /// An `UpdateTable` that so far changes nothing.
    pub(super) fn request(&self) -> UpdateTable {
        UpdateTable { table_name: self.state.table_name.clone(), ..UpdateTable::default() }
    }

    fn protect(&mut self) {
        let call = UpdateTable { deletion_protection_enabled: Some(true), ..self.request() };
        self.push("enable-deletion-protection", Call::UpdateTable(call), Vec::new());
    }

    fn unprotect(&mut self) {
        let call = UpdateTable { deletion_protection_enabled: Some(false), ..self.request() };
        let hazard = hazard::lifts_protection(&self.state.table_name);
        self.push("disable-deletion-protection", Call::UpdateTable(call), vec![hazard]);
    }

    /// DynamoDB has no direct way from one view to another.
    /// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html>.
    fn stream(&mut self, Shift { before, after }: Shift<StreamSpecification>) {
        if before.is_some_and(|before| before.stream_enabled) || !after.stream_enabled {
            let hazard = if after.stream_enabled {
                hazard::exchanges_stream()
            } else {
                hazard::ends_stream()
            };
            let call = UpdateTable {
                stream_specification: Some(StreamSpecification::DISABLED),
                ..self.request()
            };
            self.push("disable-stream", Call::UpdateTable(call), vec![hazard]);
        }
        if after.stream_enabled {
            let call = UpdateTable { stream_specification: Some(after), ..self.request() };
            self.push("enable-stream", Call::UpdateTable(call), Vec::new());
        }
    }

    fn encryption(&mut self, encryption: SseSpecification) {
        let call = UpdateTable { sse_specification: Some(encryption), ..self.request() };
        self.push("set-encryption", Call::UpdateTable(call), Vec::new());
    }

    fn table_class(&mut self, class: TableClass) {
        let call = UpdateTable { table_class: Some(class), ..self.request() };
        self.push("set-table-class", Call::UpdateTable(call), Vec::new());
    }

    /// Another attribute takes two calls, and DynamoDB wants about an hour between them: the second
    /// one is given back, to come after everything that does not have to wait.
    fn time_to_live(
        &mut self,
        Shift { before, after }: Shift<TimeToLiveSpecification>,
    ) -> Option<TimeToLiveSpecification> {
        let was_on = before.filter(|before| before.enabled);
        let after = Some(after).filter(|after| after.enabled);
        match (was_on, after) {
            (Some(before), after) => {
                let off = TimeToLiveSpecification { enabled: false, ..before };
                self.update_time_to_live(off, Vec::new());
                after
            }
            (None, Some(after)) => {
                self.expire(after);
                None
            }
            (None, None) => None,
        }
    }

    fn expire(&mut self, specification: TimeToLiveSpecification) {
        let attribute = specification.attribute_name.as_deref().unwrap_or_default();
        // Where there is no item, none expires.
        let is_empty = self.facts.is_some_and(|facts| facts.is_empty == Some(true));
        let hazard = (!is_empty).then(|| hazard::expires_items(attribute));
        self.update_time_to_live(specification, hazard.into_iter().collect());
    }

    /// On by an attribute, or off.
    pub(super) fn update_time_to_live(
        &mut self,
        specification: TimeToLiveSpecification,
        hazards: Vec<Hazard>,
    ) {
        let action =
            if specification.enabled { "enable-time-to-live" } else { "disable-time-to-live" };
        let call = Call::UpdateTimeToLive(UpdateTimeToLive {
            table_name: self.state.table_name.clone(),
            time_to_live_specification: specification,
        });
        self.push(action, call, hazards);
    }

    fn recovery(&mut self, Shift { before, after }: &Shift<PointInTimeRecoverySpecification>) {
        let hazard = hazard::of_recovery(*before, *after);
        self.update_continuous_backups(*after, hazard.into_iter().collect());
    }

    /// On, for how long, or off.
    pub(super) fn update_continuous_backups(
        &mut self,
        specification: PointInTimeRecoverySpecification,
        hazards: Vec<Hazard>,
    ) {
        let action = if specification.point_in_time_recovery_enabled {
            "enable-point-in-time-recovery"
        } else {
            "disable-point-in-time-recovery"
        };
        let call = Call::UpdateContinuousBackups(UpdateContinuousBackups {
            table_name: self.state.table_name.clone(),
            point_in_time_recovery_specification: specification,
        });
        self.push(action, call, hazards);
    }

    /// Removed before added: a table takes 50.
    fn tags(&mut self, set: Vec<Tag>, removed: Vec<String>) {
        let table_name = self.state.table_name.clone();
        if !removed.is_empty() {
            let hazard = hazard::removes_tags(&removed);
            let call = UntagResource { table_name: table_name.clone(), tag_keys: removed };
            self.push("untag", Call::UntagResource(call), vec![hazard]);
        }
        if !set.is_empty() {
            let call = Call::TagResource(TagResource { table_name, tags: set });
            self.push("tag", call, Vec::new());
        }
    }

    /// Only the revision that the plan was made for is replaced.
    fn policy(&mut self, Shift { before, after }: Shift<ResourcePolicy>) {
        let table_name = self.state.table_name.clone();
        let expected_revision_id = before.as_ref().and_then(|before| {
            let facts = self.facts?;
            let none = || before.is_none().then(|| NO_POLICY.to_owned());
            facts.policy_revision.clone().or_else(none)
        });
        let may_replace = before.is_none_or(|before| !before.is_none());
        let hazard = may_replace.then(hazard::changes_access);
        let hazards = hazard.into_iter().collect();
        if after.is_none() {
            let call = DeleteResourcePolicy { table_name, expected_revision_id };
            self.push("delete-resource-policy", Call::DeleteResourcePolicy(call), hazards);
        } else {
            self.put_resource_policy(after, expected_revision_id, hazards);
        }
    }

    pub(super) fn put_resource_policy(
        &mut self,
        policy: ResourcePolicy,
        expected_revision_id: Option<String>,
        hazards: Vec<Hazard>,
    ) {
        let table_name = self.state.table_name.clone();
        let call = PutResourcePolicy { table_name, policy, expected_revision_id };
        self.push("put-resource-policy", Call::PutResourcePolicy(call), hazards);
    }
}

/// Splits a wish into one that turns something on and one that turns it off.
fn on_off<T>(wish: Option<T>, is_on: impl Fn(&T) -> bool) -> (Option<T>, Option<T>) {
    match wish {
        Some(wish) if is_on(&wish) => (Some(wish), None),
        off_or_none => (None, off_or_none),
    }
}
