//! Compares the settings of tables.
//!
//! A setting that the desired state leaves out is unmanaged. One that the present state leaves out
//! is unknown: it counts as different from every value.

use crate::{
    model::{
        AuxiliarySetting, BillingMode, GlobalSecondaryIndex, OnDemandThroughput, TableDefinition,
    },
    settings::{Registered, Setting, for_each_setting, match_change},
};
use serde::Serialize;
use std::fmt;

pub use crate::settings::SettingChange;

/// A change from one value to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ValueChange<T> {
    /// The present value; `None` if it is unknown.
    pub before: Option<T>,
    /// The desired value.
    pub after: T,
}

/// The owner of a throughput setting: a table or an index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Owner {
    /// The table itself.
    Table,
    /// The GSI of that name.
    Index(String),
}

/// Returns the changes from the settings of `before` to those of `after`. Both tables are
/// normalised. Settings of GSIs that are new or rebuilt are not compared.
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

    // Autoscaling may have changed the value since.
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

    let is_new = |index: &str| before.global_index(index).is_none() || is_rebuilt(index);
    for_each_setting!(S => {
        changes.extend(S::difference_of_tables(before, after, &is_new).map(S::changed));
    });
    changes
}

fn shift<T: Copy + PartialEq>(before: Option<T>, after: Option<T>) -> Option<ValueChange<T>> {
    ValueChange::between(before.as_ref(), &after?)
}

impl fmt::Display for Owner {
    /// Writes nothing for the table, ` of byEmail` for an index.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Table => Ok(()),
            Self::Index(name) => write!(f, " of {name}"),
        }
    }
}

impl SettingChange {
    /// Returns the request that reads the setting, unless `DescribeTable` does.
    pub fn extra(&self) -> Option<AuxiliarySetting> {
        self.kind()?.extra()
    }

    /// Returns the GSI of the setting, if it is a setting of an index.
    pub fn index(&self) -> Option<&str> {
        match self.owner()? {
            Owner::Table => None,
            Owner::Index(name) => Some(name),
        }
    }

    /// Returns the setting's name for messages: `capacity of byEmail`.
    pub fn name(&self) -> String {
        match_change!(self, {
            Self::BillingMode(_) => "billing mode".to_owned(),
            Self::Capacity(owner, _) => format!("capacity{owner}"),
            Self::OnDemandThroughput(owner, _) => format!("on-demand maximum{owner}"),
            Self::WarmThroughput(owner, _) => format!("warm throughput{owner}"),
        }, S(_change) => S::NAME.to_owned())
    }

    /// Describes the change: `change billing mode: PAY_PER_REQUEST → PROVISIONED`,
    /// `set table class: STANDARD`.
    pub fn words(&self) -> String {
        match_change!(self, {
            Self::BillingMode(shift) => shift.words(&self.name()),
            Self::Capacity(_, shift) => shift.words(&self.name()),
            Self::OnDemandThroughput(_, shift) => shift.words(&self.name()),
            Self::WarmThroughput(_, shift) => shift.words(&self.name()),
        }, S(change) => S::words(change))
    }
}

impl<T: Clone + PartialEq> ValueChange<T> {
    /// Returns the change between two values; `None` if they are equal.
    pub(crate) fn between(before: Option<&T>, after: &T) -> Option<Self> {
        (before != Some(after)).then(|| Self { before: before.cloned(), after: after.clone() })
    }
}

impl<T: fmt::Display> ValueChange<T> {
    /// Describes the change: `change table class: STANDARD → STANDARD_INFREQUENT_ACCESS`,
    /// `set table class: STANDARD`.
    pub(crate) fn words(&self, name: &str) -> String {
        match &self.before {
            Some(before) => format!("change {name}: {before} → {}", self.after),
            None => format!("set {name}: {}", self.after),
        }
    }
}

/// Returns the settings of a new table, one line each, without those at DynamoDB's default.
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
    for_each_setting!(S => {
        let value = S::of(table).as_ref().filter(|value| !S::is_default(value));
        line(S::NAME, value.map(S::shown));
    });
    lines
}
