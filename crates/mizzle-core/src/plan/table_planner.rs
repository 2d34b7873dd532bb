//! Changing one table in place, step by step, keeping its state after each step.
//!
//! Backups come first and go last: they are turned on before anything else is done, and off after
//! everything else. Then come throughput, which new indexes need, the indexes
//! ([`indexes`](super::indexes)), and the rest. Deletion protection is at the end, because Amazon's
//! DynamoDB Local forgets it with every other update of the table.

use super::{
    Call, Facts, GlobalSecondaryIndexUpdate, Hazard, HazardKind, NO_POLICY, Step, StepId,
    TagResource, UntagResource, UpdateContinuousBackups, UpdateIndex, UpdateTable,
    UpdateTimeToLive, Wait,
    call::{DeleteResourcePolicy, PutResourcePolicy},
    planner::inherited,
};
use crate::{
    diff::{Change, Owner, SettingChange, Shift},
    model::{
        BillingMode, OnDemandThroughput, PointInTimeRecoverySpecification, ProvisionedThroughput,
        ResourcePolicy, SseSpecification, StreamSpecification, TableClass, TableDefinition, Tag,
        TimeToLiveSpecification, WarmThroughput,
    },
    text,
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

/// The capacity that a table begins with when nobody says: what the console of AWS suggests.
const STARTING_CAPACITY: ProvisionedThroughput =
    ProvisionedThroughput { read_capacity_units: 5, write_capacity_units: 5 };

/// The table's capacity, and that of its indexes without numbers of their own.
pub(super) fn default_capacity(table: &TableDefinition) -> ProvisionedThroughput {
    table.provisioned_throughput.unwrap_or(STARTING_CAPACITY)
}

/// The settings that differ, each at most once but for those that an index has, too.
#[derive(Default)]
struct Wishes {
    billing_mode: Option<BillingMode>,
    capacity: Vec<(Owner, Shift<ProvisionedThroughput>)>,
    on_demand: Vec<(Owner, Shift<OnDemandThroughput>)>,
    warm: Vec<(Owner, WarmThroughput)>,
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
        let settings = changes.iter().filter_map(|change| match change {
            Change::Setting(setting) => Some(setting.clone()),
            Change::Key { .. }
            | Change::AddLocalIndex(_)
            | Change::DropLocalIndex(_)
            | Change::ChangeLocalIndex { .. }
            | Change::AddGlobalIndex(_)
            | Change::DropGlobalIndex(_)
            | Change::ChangeGlobalIndex { .. } => None,
        });
        for setting in settings {
            match setting {
                SettingChange::BillingMode(shift) => wishes.billing_mode = Some(shift.after),
                SettingChange::Capacity(owner, shift) => wishes.capacity.push((owner, shift)),
                SettingChange::OnDemandThroughput(owner, shift) => {
                    wishes.on_demand.push((owner, shift));
                }
                SettingChange::WarmThroughput(owner, shift) => {
                    wishes.warm.push((owner, shift.after));
                }
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
        if let Some(shift) = wishes.time_to_live {
            self.time_to_live(shift);
        }
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
        self.steps
    }

    /// Adds a step after those that are there.
    pub(super) fn push(&mut self, action: &str, title: String, call: Call, hazards: Vec<Hazard>) {
        self.steps.push(Step {
            id: StepId::new(call.table(), action),
            title,
            details: Vec::new(),
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
        self.push(
            "enable-deletion-protection",
            "Turn on deletion protection".to_owned(),
            Call::UpdateTable(call),
            Vec::new(),
        );
    }

    fn unprotect(&mut self) {
        let call = UpdateTable { deletion_protection_enabled: Some(false), ..self.request() };
        let message = format!("{} can be deleted from now on.", self.state.table_name);
        self.push(
            "disable-deletion-protection",
            "Lift deletion protection".to_owned(),
            Call::UpdateTable(call),
            vec![Hazard::new(HazardKind::LiftsProtection, message)],
        );
    }

    /// PROVISIONED wants numbers for the table and for each index that is there, also for one that
    /// a later step drops.
    fn billing_mode(&mut self, mode: BillingMode) {
        let mut call = UpdateTable { billing_mode: Some(mode), ..self.request() };
        let before = self.state.billing_mode.replace(mode);
        if mode == BillingMode::PayPerRequest {
            self.state.provisioned_throughput = None;
            warm_up(&mut self.state.warm_throughput, ON_DEMAND_WARMTH);
            for index in &mut self.state.global_secondary_indexes {
                index.provisioned_throughput = None;
                warm_up(&mut index.warm_throughput, ON_DEMAND_WARMTH);
            }
            if before == Some(BillingMode::Provisioned) {
                self.state.on_demand_throughput = Some(OnDemandThroughput::UNLIMITED);
                for index in &mut self.state.global_secondary_indexes {
                    index.on_demand_throughput = Some(OnDemandThroughput::UNLIMITED);
                }
            }
            self.push(
                "set-billing-mode",
                "Switch to PAY_PER_REQUEST".to_owned(),
                Call::UpdateTable(call),
                Vec::new(),
            );
            return;
        }
        let table = inherited(
            self.state.provisioned_throughput,
            self.desired.provisioned_throughput,
            self.desired.autoscaled,
        );
        let table = table.unwrap_or(STARTING_CAPACITY);
        self.state.provisioned_throughput = Some(table);
        self.state.on_demand_throughput = None;
        warm_up(&mut self.state.warm_throughput, warmth_of(table));
        call.provisioned_throughput = Some(table);
        for index in &mut self.state.global_secondary_indexes {
            let desired = self.desired.global_index(&index.index_name);
            let units = inherited(
                index.provisioned_throughput,
                desired.and_then(|desired| desired.provisioned_throughput),
                desired.is_some_and(|desired| desired.autoscaled),
            );
            let units = units.unwrap_or(table);
            index.provisioned_throughput = Some(units);
            index.on_demand_throughput = None;
            warm_up(&mut index.warm_throughput, warmth_of(units));
            call.global_secondary_index_updates.push(GlobalSecondaryIndexUpdate::Update(
                UpdateIndex {
                    index_name: index.index_name.clone(),
                    provisioned_throughput: Some(units),
                    ..UpdateIndex::default()
                },
            ));
        }
        let message = format!("Requests beyond {table} a second are throttled from now on.");
        self.push(
            "set-billing-mode",
            format!("Switch to PROVISIONED ({table})"),
            Call::UpdateTable(call),
            vec![Hazard::new(HazardKind::Throttles, message)],
        );
    }

    fn capacity(&mut self, wishes: Vec<(Owner, Shift<ProvisionedThroughput>)>) {
        let mut call = self.request();
        let (mut words, mut hazards) = (Vec::new(), Vec::new());
        for (owner, Shift { before, after }) in wishes {
            // A new billing mode has brought the numbers along.
            let Some(present) = self.throughput_of(&owner) else { continue };
            if *present.provisioned == Some(after) {
                continue;
            }
            *present.provisioned = Some(after);
            warm_up(present.warm, warmth_of(after));
            words.push(format!("{}{after}", of(&owner)));
            let is_lower = before.is_some_and(|before| {
                after.read_capacity_units < before.read_capacity_units
                    || after.write_capacity_units < before.write_capacity_units
            });
            if is_lower {
                let message =
                    format!("Requests{owner} beyond {after} a second are throttled from now on.");
                hazards.push(Hazard::new(HazardKind::Throttles, message));
            }
            match owner {
                Owner::Table => call.provisioned_throughput = Some(after),
                Owner::Index(index_name) => call.global_secondary_index_updates.push(
                    GlobalSecondaryIndexUpdate::Update(UpdateIndex {
                        index_name,
                        provisioned_throughput: Some(after),
                        ..UpdateIndex::default()
                    }),
                ),
            }
        }
        if !words.is_empty() {
            let title = format!("Set capacity: {}", words.join("; "));
            self.push("set-capacity", title, Call::UpdateTable(call), hazards);
        }
    }

    fn throughput_of(&mut self, owner: &Owner) -> Option<Throughput<'_>> {
        match owner {
            Owner::Table => Some(Throughput {
                provisioned: &mut self.state.provisioned_throughput,
                on_demand: &mut self.state.on_demand_throughput,
                warm: &mut self.state.warm_throughput,
            }),
            Owner::Index(name) => {
                let mut indexes = self.state.global_secondary_indexes.iter_mut();
                let index = indexes.find(|index| &index.index_name == name)?;
                Some(Throughput {
                    provisioned: &mut index.provisioned_throughput,
                    on_demand: &mut index.on_demand_throughput,
                    warm: &mut index.warm_throughput,
                })
            }
        }
    }

    fn on_demand_maximum(&mut self, wishes: Vec<(Owner, Shift<OnDemandThroughput>)>) {
        let mut call = self.request();
        let (mut words, mut hazards) = (Vec::new(), Vec::new());
        for (owner, Shift { before, after }) in wishes {
            // A new billing mode begins without limits.
            let Some(present) = self.throughput_of(&owner) else { continue };
            if *present.on_demand == Some(after) {
                continue;
            }
            *present.on_demand = Some(after);
            words.push(format!("{}{after}", of(&owner)));
            let is_lower = |before: i64, after: i64| after >= 0 && (before < 0 || after < before);
            let is_lower = before.is_none_or(|before| {
                is_lower(before.max_read_request_units, after.max_read_request_units)
                    || is_lower(before.max_write_request_units, after.max_write_request_units)
            });
            if is_lower && after != OnDemandThroughput::UNLIMITED {
                let message =
                    format!("Requests{owner} beyond {after} a second are throttled from now on.");
                hazards.push(Hazard::new(HazardKind::Throttles, message));
            }
            match owner {
                Owner::Table => call.on_demand_throughput = Some(after),
                Owner::Index(index_name) => call.global_secondary_index_updates.push(
                    GlobalSecondaryIndexUpdate::Update(UpdateIndex {
                        index_name,
                        on_demand_throughput: Some(after),
                        ..UpdateIndex::default()
                    }),
                ),
            }
        }
        if !words.is_empty() {
            let title = format!("Set on-demand maximum: {}", words.join("; "));
            self.push("set-on-demand-maximum", title, Call::UpdateTable(call), hazards);
        }
    }

    fn warm_throughput(&mut self, wishes: Vec<(Owner, WarmThroughput)>) {
        let mut call = self.request();
        let mut words = Vec::new();
        for (owner, wanted) in wishes {
            let Some(present) = self.throughput_of(&owner) else { continue };
            // Billing mode and capacity may have raised it enough; and one of its numbers may be
            // higher already.
            if present.warm.is_some_and(|warm| !warm.is_below(&wanted)) {
                continue;
            }
            warm_up(present.warm, wanted);
            let after = present.warm.unwrap_or(wanted);
            words.push(format!("{}{after}", of(&owner)));
            match owner {
                Owner::Table => call.warm_throughput = Some(after),
                Owner::Index(index_name) => call.global_secondary_index_updates.push(
                    GlobalSecondaryIndexUpdate::Update(UpdateIndex {
                        index_name,
                        warm_throughput: Some(after),
                        ..UpdateIndex::default()
                    }),
                ),
            }
        }
        if !words.is_empty() {
            let title = format!("Set warm throughput: {}", words.join("; "));
            self.push("set-warm-throughput", title, Call::UpdateTable(call), Vec::new());
        }
    }

    /// DynamoDB has no direct way from one view to another.
    /// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html>.
    fn stream(&mut self, Shift { before, after }: Shift<StreamSpecification>) {
        if before.is_some_and(|before| before.stream_enabled) || !after.stream_enabled {
            let message = if after.stream_enabled {
                "The stream ends and another begins, under another ARN: what reads it (Lambda triggers, pipes) has to be attached to the new one. Changes in between are in neither; records that are there can be read for 24 hours."
            } else {
                "The stream ends: what reads it gets nothing new. Records that are there can be read for 24 hours."
            };
            let call = UpdateTable {
                stream_specification: Some(StreamSpecification::DISABLED),
                ..self.request()
            };
            self.push(
                "disable-stream",
                "Turn off the stream".to_owned(),
                Call::UpdateTable(call),
                vec![Hazard::new(HazardKind::EndsStream, message)],
            );
        }
        if after.stream_enabled {
            let call = UpdateTable { stream_specification: Some(after), ..self.request() };
            let title = format!("Turn on the stream ({after})");
            self.push("enable-stream", title, Call::UpdateTable(call), Vec::new());
        }
    }

    fn encryption(&mut self, encryption: SseSpecification) {
        let title = format!(
            "Encrypt with {}",
            match &encryption.kms_master_key_id {
                Some(key) if encryption.enabled => format!("the key {key}"),
                Some(_) | None => format!("the {encryption}"),
            }
        );
        let call = UpdateTable { sse_specification: Some(encryption), ..self.request() };
        self.push("set-encryption", title, Call::UpdateTable(call), Vec::new());
    }

    fn table_class(&mut self, class: TableClass) {
        let call = UpdateTable { table_class: Some(class), ..self.request() };
        let title = format!("Set table class: {class}");
        self.push("set-table-class", title, Call::UpdateTable(call), Vec::new());
    }

    /// Another attribute takes two calls, and DynamoDB wants about an hour between them.
    fn time_to_live(&mut self, Shift { before, after }: Shift<TimeToLiveSpecification>) {
        if let Some(before) = before.filter(|before| before.enabled) {
            let off = TimeToLiveSpecification { enabled: false, ..before };
            self.update_time_to_live(off, Vec::new());
        }
        if let Some(attribute) = after.attribute_name.clone().filter(|_| after.enabled) {
            let message = format!(
                "Items whose {attribute:?} is a time in the past are deleted, in the background and for good."
            );
            let hazard = Hazard::new(HazardKind::ExpiresItems, message);
            self.update_time_to_live(after, vec![hazard]);
        }
    }

    /// On by an attribute, or off.
    pub(super) fn update_time_to_live(
        &mut self,
        specification: TimeToLiveSpecification,
        hazards: Vec<Hazard>,
    ) {
        let attribute = specification.attribute_name.as_deref().unwrap_or_default();
        let (action, title) = if specification.enabled {
            ("enable-time-to-live", format!("Let items expire by {attribute:?}"))
        } else {
            ("disable-time-to-live", format!("Stop letting items expire by {attribute:?}"))
        };
        let call = Call::UpdateTimeToLive(UpdateTimeToLive {
            table_name: self.state.table_name.clone(),
            time_to_live_specification: specification,
        });
        self.push(action, title, call, hazards);
    }

    fn recovery(&mut self, Shift { before, after }: &Shift<PointInTimeRecoverySpecification>) {
        let days = |recovery: &PointInTimeRecoverySpecification| recovery.recovery_period_in_days;
        let present = before.filter(|before| before.point_in_time_recovery_enabled);
        let message = if after.point_in_time_recovery_enabled {
            let fewer = present.as_ref().and_then(days).zip(days(after));
            fewer.filter(|(present, wanted)| wanted < present).map(|(_, wanted)| {
                let days = text::count(usize::try_from(wanted).unwrap_or(0), "day", "days");
                format!("Backups older than {days} are deleted.")
            })
        } else {
            Some("The continuous backups are deleted: the table can no longer be restored to an earlier moment.".to_owned())
        };
        let hazard = message.map(|message| Hazard::new(HazardKind::LosesBackups, message));
        self.update_continuous_backups(*after, hazard.into_iter().collect());
    }

    /// On, for how long, or off.
    pub(super) fn update_continuous_backups(
        &mut self,
        specification: PointInTimeRecoverySpecification,
        hazards: Vec<Hazard>,
    ) {
        let (action, title) = match specification.recovery_period_in_days {
            _ if !specification.point_in_time_recovery_enabled => {
                ("disable-point-in-time-recovery", "Turn off point-in-time recovery".to_owned())
            }
            Some(_) => (
                "enable-point-in-time-recovery",
                format!("Turn on point-in-time recovery ({specification})"),
            ),
            None => ("enable-point-in-time-recovery", "Turn on point-in-time recovery".to_owned()),
        };
        let call = Call::UpdateContinuousBackups(UpdateContinuousBackups {
            table_name: self.state.table_name.clone(),
            point_in_time_recovery_specification: specification,
        });
        self.push(action, title, call, hazards);
    }

    /// Removed before added: a table takes 50.
    fn tags(&mut self, set: Vec<Tag>, removed: Vec<String>) {
        let table_name = self.state.table_name.clone();
        if !removed.is_empty() {
            let names = text::list(&removed);
            let message = format!("What goes by {names} (costs, permissions) no longer finds it.");
            let call = UntagResource { table_name: table_name.clone(), tag_keys: removed };
            self.push(
                "untag",
                format!("Remove tags: {names}"),
                Call::UntagResource(call),
                vec![Hazard::new(HazardKind::RemovesTags, message)],
            );
        }
        if !set.is_empty() {
            let words: Vec<String> =
                set.iter().map(|tag| format!("{}={}", tag.key, tag.value)).collect();
            let call = Call::TagResource(TagResource { table_name, tags: set });
            self.push("tag", format!("Set tags: {}", words.join(", ")), call, Vec::new());
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
        let hazard = before.is_none_or(|before| !before.is_none()).then(|| {
            let message =
                "Whoever has access by the present policy alone, and not by the new one, loses it.";
            Hazard::new(HazardKind::ChangesAccess, message)
        });
        let hazards = hazard.into_iter().collect();
        if after.is_none() {
            let call = DeleteResourcePolicy { table_name, expected_revision_id };
            let title = "Remove the resource policy".to_owned();
            self.push("delete-resource-policy", title, Call::DeleteResourcePolicy(call), hazards);
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
        let title = "Set the resource policy".to_owned();
        self.push("put-resource-policy", title, Call::PutResourcePolicy(call), hazards);
    }
}

/// What a table or an index can take.
struct Throughput<'a> {
    provisioned: &'a mut Option<ProvisionedThroughput>,
    on_demand: &'a mut Option<OnDemandThroughput>,
    warm: &'a mut Option<WarmThroughput>,
}

/// What whatever is on demand is ready for at once.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/warm-throughput.html>.
const ON_DEMAND_WARMTH: WarmThroughput =
    WarmThroughput { read_units_per_second: 12_000, write_units_per_second: 4_000 };

/// What whatever has this capacity is ready for at least.
fn warmth_of(capacity: ProvisionedThroughput) -> WarmThroughput {
    WarmThroughput {
        read_units_per_second: capacity.read_capacity_units,
        write_units_per_second: capacity.write_capacity_units,
    }
}

/// Warm throughput is only ever raised.
fn warm_up(present: &mut Option<WarmThroughput>, to: WarmThroughput) {
    *present = Some(present.map_or(to, |present| present.max(to)));
}

/// `byEmail ` before the numbers of an index; nothing before those of the table.
fn of(owner: &Owner) -> String {
    match owner {
        Owner::Table => String::new(),
        Owner::Index(name) => format!("{name} "),
    }
}

/// Splits a wish into one that turns something on and one that turns it off.
fn on_off<T>(wish: Option<T>, is_on: impl Fn(&T) -> bool) -> (Option<T>, Option<T>) {
    match wish {
        Some(wish) if is_on(&wish) => (Some(wish), None),
        off_or_none => (None, off_or_none),
    }
}
