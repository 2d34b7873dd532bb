//! The settings of a table that differ.
//!
//! A setting that the desired state leaves out is unmanaged, whatever it is. One that the present
//! state leaves out is not known: it counts as different from everything.

use crate::model::{
    BillingMode, Extra, GlobalSecondaryIndex, OnDemandThroughput, PointInTimeRecoverySpecification,
    ProvisionedThroughput, ResourcePolicy, SseSpecification, StreamSpecification, TableClass,
    TableDefinition, Tag, TimeToLiveSpecification, WarmThroughput,
};
use serde::Serialize;
use std::fmt;

/// One setting that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum SettingChange {
    /// How the table is paid for.
    BillingMode(Shift<BillingMode>),
    /// Provisioned capacity.
    Capacity(Owner, Shift<ProvisionedThroughput>),
    /// What is served at most on demand.
    OnDemandThroughput(Owner, Shift<OnDemandThroughput>),
    /// What is ready at once.
    WarmThroughput(Owner, Shift<WarmThroughput>),
    /// The stream of changes.
    Stream(Shift<StreamSpecification>),
    /// The key of the encryption.
    Encryption(Shift<SseSpecification>),
    /// The storage class.
    TableClass(Shift<TableClass>),
    /// Whether the table can be deleted.
    DeletionProtection(Shift<bool>),
    /// When items expire.
    TimeToLive(Shift<TimeToLiveSpecification>),
    /// Continuous backups.
    PointInTimeRecovery(Shift<PointInTimeRecoverySpecification>),
    /// Tags; at least one of the lists is not empty.
    Tags {
        /// Tags to add or to change.
        set: Vec<Tag>,
        /// The keys of tags to remove.
        removed: Vec<String>,
    },
    /// The resource policy.
    ResourcePolicy(Shift<ResourcePolicy>),
}

/// From one value to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Shift<T> {
    /// The present value; `None` when it is not known.
    pub before: Option<T>,
    /// The desired value.
    pub after: T,
}

/// What a throughput belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Owner {
    /// The table itself.
    Table,
    /// The GSI of that name.
    Index(String),
}

/// The settings of `before` that are not as `after` wants them. Both are normalised; `after` has
/// a GSI for each that `rebuilt` leaves alone.
pub(super) fn changes(
    before: &TableDefinition,
    after: &TableDefinition,
    is_rebuilt: impl Fn(&str) -> bool,
) -> Vec<SettingChange> {
    let mut changes = Vec::new();
    changes.extend(shift(before.billing_mode, after.billing_mode).map(SettingChange::BillingMode));

    let kept = after.global_secondary_indexes.iter().filter_map(|index| {
        let present = before.global_index(&index.index_name)?;
        (!is_rebuilt(&index.index_name)).then_some((present, index))
    });
    let kept: Vec<(&GlobalSecondaryIndex, &GlobalSecondaryIndex)> = kept.collect();
    let owner = |index: &GlobalSecondaryIndex| Owner::Index(index.index_name.clone());

    // What was autoscaled may be anything by now.
    let wanted = after.provisioned_throughput.filter(|_| !after.autoscaled);
    let capacity = shift(before.provisioned_throughput.filter(|_| !before.autoscaled), wanted);
    changes.extend(capacity.map(|shift| SettingChange::Capacity(Owner::Table, shift)));
    changes.extend(kept.iter().filter_map(|(present, index)| {
        let wanted = index.provisioned_throughput.filter(|_| !index.autoscaled);
        let present = present.provisioned_throughput.filter(|_| !present.autoscaled);
        let shift = shift(present, wanted)?;
        Some(SettingChange::Capacity(owner(index), shift))
    }));

    let limit = shift(before.on_demand_throughput, after.on_demand_throughput);
    changes.extend(limit.map(|shift| SettingChange::OnDemandThroughput(Owner::Table, shift)));
    changes.extend(kept.iter().filter_map(|(present, index)| {
        let shift = shift(present.on_demand_throughput, index.on_demand_throughput)?;
        Some(SettingChange::OnDemandThroughput(owner(index), shift))
    }));

    let warm = shift(before.warm_throughput, after.warm_throughput);
    changes.extend(warm.map(|shift| SettingChange::WarmThroughput(Owner::Table, shift)));
    changes.extend(kept.iter().filter_map(|(present, index)| {
        let shift = shift(present.warm_throughput, index.warm_throughput)?;
        Some(SettingChange::WarmThroughput(owner(index), shift))
    }));

    let stream = shift(before.stream_specification, after.stream_specification);
    changes.extend(stream.map(SettingChange::Stream));
    let encryption = shift(before.sse_specification.clone(), after.sse_specification.clone());
    changes.extend(encryption.map(SettingChange::Encryption));
    changes.extend(shift(before.table_class, after.table_class).map(SettingChange::TableClass));
    let protection = shift(before.deletion_protection_enabled, after.deletion_protection_enabled);
    changes.extend(protection.map(SettingChange::DeletionProtection));
    changes.extend(time_to_live(before, after).map(SettingChange::TimeToLive));
    changes.extend(point_in_time_recovery(before, after).map(SettingChange::PointInTimeRecovery));
    changes.extend(tags(before, after));
    let policy = shift(before.resource_policy.clone(), after.resource_policy.clone());
    changes.extend(policy.map(SettingChange::ResourcePolicy));
    changes
}

fn shift<T: PartialEq>(before: Option<T>, after: Option<T>) -> Option<Shift<T>> {
    let after = after?;
    (before.as_ref() != Some(&after)).then_some(Shift { before, after })
}

/// A request that ends it names the attribute, so where that is not known there is none to plan.
fn time_to_live(
    before: &TableDefinition,
    after: &TableDefinition,
) -> Option<Shift<TimeToLiveSpecification>> {
    let before = before.time_to_live_specification.clone();
    let shift = shift(before, after.time_to_live_specification.clone())?;
    (shift.before.is_some() || shift.after.enabled).then_some(shift)
}

/// Where the desired state names no days, any number will do.
fn point_in_time_recovery(
    before: &TableDefinition,
    after: &TableDefinition,
) -> Option<Shift<PointInTimeRecoverySpecification>> {
    let after = after.point_in_time_recovery_specification?;
    let before = before.point_in_time_recovery_specification;
    let is_same = before.is_some_and(|before| match after.recovery_period_in_days {
        _ if before.point_in_time_recovery_enabled != after.point_in_time_recovery_enabled => false,
        Some(days) if after.point_in_time_recovery_enabled => {
            before.recovery_period_in_days == Some(days)
        }
        Some(_) | None => true,
    });
    (!is_same).then_some(Shift { before, after })
}

fn tags(before: &TableDefinition, after: &TableDefinition) -> Option<SettingChange> {
    let wanted = after.tags.as_ref()?;
    let present = before.tags.as_deref().unwrap_or_default();
    let set: Vec<Tag> = wanted.iter().filter(|tag| !present.contains(tag)).cloned().collect();
    let is_gone = |tag: &&Tag| wanted.iter().all(|kept| kept.key != tag.key);
    let removed: Vec<String> = present.iter().filter(is_gone).map(|tag| tag.key.clone()).collect();
    (!set.is_empty() || !removed.is_empty()).then_some(SettingChange::Tags { set, removed })
}

impl fmt::Display for Owner {
    /// Nothing for the table, ` of byEmail` for an index.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Table => Ok(()),
            Self::Index(name) => write!(f, " of {name}"),
        }
    }
}

impl SettingChange {
    /// The request that reads the setting, when it is not `DescribeTable`.
    pub fn extra(&self) -> Option<Extra> {
        match self {
            Self::TimeToLive(_) => Some(Extra::TimeToLive),
            Self::PointInTimeRecovery(_) => Some(Extra::PointInTimeRecovery),
            Self::Tags { .. } => Some(Extra::Tags),
            Self::ResourcePolicy(_) => Some(Extra::ResourcePolicy),
            Self::BillingMode(_)
            | Self::Capacity(..)
            | Self::OnDemandThroughput(..)
            | Self::WarmThroughput(..)
            | Self::Stream(_)
            | Self::Encryption(_)
            | Self::TableClass(_)
            | Self::DeletionProtection(_) => None,
        }
    }

    /// The GSI that the setting belongs to, when it is one of an index.
    pub fn index(&self) -> Option<&str> {
        match self {
            Self::Capacity(owner, _)
            | Self::OnDemandThroughput(owner, _)
            | Self::WarmThroughput(owner, _) => match owner {
                Owner::Table => None,
                Owner::Index(name) => Some(name),
            },
            Self::BillingMode(_)
            | Self::Stream(_)
            | Self::Encryption(_)
            | Self::TableClass(_)
            | Self::DeletionProtection(_)
            | Self::TimeToLive(_)
            | Self::PointInTimeRecovery(_)
            | Self::Tags { .. }
            | Self::ResourcePolicy(_) => None,
        }
    }

    /// What the setting is called in sentences: `capacity of byEmail`.
    pub fn name(&self) -> String {
        match self {
            Self::BillingMode(_) => "billing mode".to_owned(),
            Self::Capacity(owner, _) => format!("capacity{owner}"),
            Self::OnDemandThroughput(owner, _) => format!("on-demand maximum{owner}"),
            Self::WarmThroughput(owner, _) => format!("warm throughput{owner}"),
            Self::Stream(_) => "stream".to_owned(),
            Self::Encryption(_) => "encryption".to_owned(),
            Self::TableClass(_) => "table class".to_owned(),
            Self::DeletionProtection(_) => "deletion protection".to_owned(),
            Self::TimeToLive(_) => "time to live".to_owned(),
            Self::PointInTimeRecovery(_) => "point-in-time recovery".to_owned(),
            Self::Tags { .. } => "tags".to_owned(),
            Self::ResourcePolicy(_) => "resource policy".to_owned(),
        }
    }

    /// `change billing mode: PAY_PER_REQUEST → PROVISIONED`, `set table class: STANDARD`.
    pub fn words(&self) -> String {
        let name = self.name();
        match self {
            Self::BillingMode(shift) => shift.words(&name),
            Self::Capacity(_, shift) => shift.words(&name),
            Self::OnDemandThroughput(_, shift) => shift.words(&name),
            Self::WarmThroughput(_, shift) => shift.words(&name),
            Self::Stream(shift) => shift.words(&name),
            Self::Encryption(shift) => shift.words(&name),
            Self::TableClass(shift) => shift.words(&name),
            Self::DeletionProtection(Shift { before, after }) => {
                Shift { before: before.map(on_off), after: on_off(*after) }.words(&name)
            }
            Self::TimeToLive(shift) => shift.words(&name),
            Self::PointInTimeRecovery(shift) => shift.words(&name),
            Self::Tags { set, removed } => {
                let set = set.iter().map(|tag| format!("{}={}", tag.key, tag.value));
                let removed = removed.iter().map(|key| format!("no {key}"));
                format!("change tags: {}", set.chain(removed).collect::<Vec<_>>().join(", "))
            }
            Self::ResourcePolicy(Shift { before: _, after }) if after.is_none() => {
                "remove resource policy".to_owned()
            }
            Self::ResourcePolicy(Shift { before, after: _ }) => match before {
                Some(policy) if !policy.is_none() => "change resource policy".to_owned(),
                Some(_) | None => "set resource policy".to_owned(),
            },
        }
    }
}

impl<T: fmt::Display> Shift<T> {
    fn words(&self, name: &str) -> String {
        match &self.before {
            Some(before) => format!("change {name}: {before} → {}", self.after),
            None => format!("set {name}: {}", self.after),
        }
    }
}

fn on_off(is_on: bool) -> &'static str {
    if is_on { "on" } else { "off" }
}

/// The settings of a new table, a line each; those at DynamoDB's default are left out.
pub(super) fn composition(table: &TableDefinition) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = |name: &str, value: Option<String>| {
        lines.extend(value.map(|value| format!("{name} {value}")));
    };
    let autoscaled = if table.autoscaled { ", autoscaled" } else { "" };
    line(
        "billing mode",
        match (table.billing_mode, table.provisioned_throughput) {
            (Some(mode), Some(units)) => Some(format!("{mode} ({units}{autoscaled})")),
            (Some(BillingMode::Provisioned), None) => Some(format!("PROVISIONED{autoscaled}")),
            (Some(BillingMode::PayPerRequest), None) | (None, _) => None,
        },
    );
    let limit = table.on_demand_throughput.filter(|limit| *limit != OnDemandThroughput::UNLIMITED);
    line("on-demand maximum", limit.map(|limit| limit.to_string()));
    line("warm throughput", table.warm_throughput.map(|warm| warm.to_string()));
    let stream = table.stream_specification.filter(|stream| stream.stream_enabled);
    line("stream", stream.map(|stream| stream.to_string()));
    let encryption = table.sse_specification.as_ref().filter(|encryption| encryption.enabled);
    line("encryption", encryption.map(ToString::to_string));
    let class = table.table_class.filter(|class| *class != TableClass::Standard);
    line("table class", class.map(|class| class.to_string()));
    let protection = table.deletion_protection_enabled.filter(|is_on| *is_on);
    line("deletion protection", protection.map(|is_on| on_off(is_on).to_owned()));
    let expiry = table.time_to_live_specification.as_ref().filter(|expiry| expiry.enabled);
    line("time to live", expiry.map(ToString::to_string));
    let recovery = table.point_in_time_recovery_specification;
    let recovery = recovery.filter(|recovery| recovery.point_in_time_recovery_enabled);
    line("point-in-time recovery", recovery.map(|recovery| recovery.to_string()));
    let tags = table.tags.iter().flatten().map(|tag| format!("{}={}", tag.key, tag.value));
    let tags: Vec<String> = tags.collect();
    line("tags", (!tags.is_empty()).then(|| tags.join(", ")));
    let policy = table.resource_policy.as_ref().filter(|policy| !policy.is_none());
    line("resource policy", policy.map(|_| "of its own".to_owned()));
    lines
}
