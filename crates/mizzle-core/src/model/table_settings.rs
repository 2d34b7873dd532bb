//! The table settings of a config, and their precedence.
//!
//! A table's entry overrides the defaults field by field, with three exceptions: tags and indexes
//! are merged by name, and the settings of billing belong together, so that an on-demand table does
//! not inherit capacity, nor a provisioned table limits.

mod application;
mod overlay;

use super::{BillingMode, OnDemandThroughput, Projection, ProvisionedThroughput, WarmThroughput};
use crate::settings::SettingValues;
use std::collections::BTreeMap;

/// The name of the entry with the defaults.
const DEFAULTS: &str = "*";

/// Settings by name, with defaults for all names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ByName<T> {
    /// The entry `"*"`.
    pub defaults: T,
    /// The named entries.
    pub named: BTreeMap<String, T>,
}

/// The settings of all tables of a config.
pub type AllTableSettings = ByName<TableSettings>;

/// A value with the config field that contains it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WithOrigin<T> {
    /// The value.
    pub value: T,
    /// The field's path: `tables.Shop.readCapacity`.
    pub field: String,
}

/// One entry of `tables`. An absent setting is unmanaged.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TableSettings {
    /// `billingMode`.
    pub billing_mode: Option<WithOrigin<BillingMode>>,
    /// The throughput of the table.
    pub throughput: ThroughputSettings,
    /// All other settings.
    pub values: SettingValues,
    /// `indexes`.
    pub indexes: ByName<IndexSettings>,
}

/// One entry of a table's `indexes`. An absent setting is unmanaged, or inherited from the table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IndexSettings {
    /// The throughput of the index.
    pub throughput: ThroughputSettings,
    /// `projection`.
    pub projection: Option<WithOrigin<Projection>>,
    /// All other settings that GSIs have, too.
    pub values: SettingValues,
}

/// The throughput settings that tables and indexes share.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ThroughputSettings {
    /// `readCapacity`, `writeCapacity` and `capacity`.
    pub capacity: Option<WithOrigin<Capacity>>,
    /// `onDemandMaximum`.
    pub on_demand_maximum: Option<WithOrigin<OnDemandThroughput>>,
    /// `warmThroughput`.
    pub warm: Option<WithOrigin<WarmThroughput>>,
}

/// The source of provisioned capacity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Capacity {
    /// The config.
    Fixed(ProvisionedThroughput),
    /// An external scaler; the numbers, if any, are the initial ones.
    Autoscaled(Option<ProvisionedThroughput>),
}

impl Capacity {
    /// Returns the numbers to create a table or an index with.
    fn start(self) -> Option<ProvisionedThroughput> {
        match self {
            Self::Fixed(numbers) => Some(numbers),
            Self::Autoscaled(start) => start,
        }
    }

    fn is_autoscaled(self) -> bool {
        matches!(self, Self::Autoscaled(_))
    }
}

impl<T> ByName<T> {
    /// Adds the defaults or a named entry.
    pub fn insert(&mut self, name: &str, entry: T) {
        if name == DEFAULTS {
            self.defaults = entry;
        } else {
            self.named.insert(name.to_owned(), entry);
        }
    }
}

impl AllTableSettings {
    /// Returns a table's settings: its own entry merged with the defaults.
    pub fn of(&self, table: &str) -> TableSettings {
        match self.named.get(table) {
            Some(own) => own.clone().over(&self.defaults),
            None => self.defaults.clone(),
        }
    }
}

impl TableSettings {
    /// Returns these settings, with missing ones taken from `defaults`.
    #[must_use]
    pub fn over(self, defaults: &Self) -> Self {
        let defaults = defaults.fit_for(self.decided_mode());
        Self {
            billing_mode: self.billing_mode.or(defaults.billing_mode),
            throughput: self.throughput.over(defaults.throughput),
            values: self.values.over(defaults.values),
            indexes: self.indexes.over(defaults.indexes),
        }
    }

    /// Returns the billing mode of this entry, either explicit or implied by its capacity.
    fn decided_mode(&self) -> Option<BillingMode> {
        let stated = self.billing_mode.as_ref().map(|mode| mode.value);
        stated.or(self.throughput.capacity.as_ref().map(|_| BillingMode::Provisioned))
    }

    /// Returns the settings without those that have no meaning in that mode.
    fn fit_for(&self, mode: Option<BillingMode>) -> Self {
        let mut fitting = self.clone();
        let Some(mode) = mode else { return fitting };
        fitting.billing_mode = None;
        fitting.throughput.retain_for(mode);
        fitting.indexes.defaults.throughput.retain_for(mode);
        for index in fitting.indexes.named.values_mut() {
            index.throughput.retain_for(mode);
        }
        fitting
    }
}

impl ByName<IndexSettings> {
    /// Returns an index's settings: its own entry merged with the defaults.
    fn of(&self, index: &str) -> IndexSettings {
        match self.named.get(index) {
            Some(own) => own.clone().over(self.defaults.clone()),
            None => self.defaults.clone(),
        }
    }

    fn over(mut self, defaults: Self) -> Self {
        self.defaults = self.defaults.over(defaults.defaults);
        for (name, default) in defaults.named {
            let own = self.named.remove(&name).unwrap_or_default();
            self.named.insert(name, own.over(default));
        }
        self
    }
}

impl IndexSettings {
    /// Returns the settings without those that have no meaning in that mode.
    fn fit_for(mut self, mode: Option<BillingMode>) -> Self {
        if let Some(mode) = mode {
            self.throughput.retain_for(mode);
        }
        self
    }

    fn over(self, defaults: Self) -> Self {
        Self {
            throughput: self.throughput.over(defaults.throughput),
            projection: self.projection.or(defaults.projection),
            values: self.values.over(defaults.values),
        }
    }
}

impl ThroughputSettings {
    fn over(self, defaults: Self) -> Self {
        let mut capacity = self.capacity.or_else(|| defaults.capacity.clone());
        if let (Some(own), Some(default)) = (&mut capacity, &defaults.capacity)
            && own.value == Capacity::Autoscaled(None)
        {
            own.value = Capacity::Autoscaled(default.value.start());
        }
        Self {
            capacity,
            on_demand_maximum: self.on_demand_maximum.or(defaults.on_demand_maximum),
            warm: self.warm.or(defaults.warm),
        }
    }

    fn retain_for(&mut self, mode: BillingMode) {
        match mode {
            BillingMode::PayPerRequest => self.capacity = None,
            BillingMode::Provisioned => self.on_demand_maximum = None,
        }
    }
}
