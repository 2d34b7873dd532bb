//! Applies the settings of an environment on top of the general ones.
//!
//! The environment's settings win, by the rules by which a table's entry overrides the defaults.

use super::{
    AllTableSettings, ByName, Capacity, IndexSettings, TableSettings, ThroughputSettings,
    WithOrigin,
    application::{Application, unknown_tables},
};
use crate::{
    model::{
        GlobalSecondaryIndex, OnDemandThroughput, Problem, ProvisionedThroughput, Schema,
        TableDefinition, WarmThroughput,
    },
    settings::SettingValues,
};
use std::collections::BTreeMap;

impl Schema {
    /// Returns the schema of an environment. `root` is the config field that holds the settings.
    ///
    /// # Errors
    ///
    /// The errors of [`with_settings`](Self::with_settings).
    pub fn with_overlay(
        mut self,
        settings: &AllTableSettings,
        root: &str,
    ) -> Result<Self, Vec<Problem>> {
        let mut problems = unknown_tables(&self, settings, root);
        for table in &mut self.tables {
            let mut application = Application::new(table, None, root);
            application.unknown_indexes(table, settings);
            problems.extend(application.problems());
            match table.with_overlay(settings, root) {
                Ok(overlaid) => *table = overlaid,
                Err(more) => problems.extend(more),
            }
        }
        if problems.is_empty() { Ok(self) } else { Err(problems) }
    }
}

impl TableDefinition {
    /// Returns the table of an environment.
    ///
    /// # Errors
    ///
    /// Settings that contradict each other.
    pub fn with_overlay(
        &self,
        settings: &AllTableSettings,
        root: &str,
    ) -> Result<Self, Vec<Problem>> {
        let own = settings.of(&self.table_name);
        if own == TableSettings::default() {
            return Ok(self.clone());
        }
        let everywhere = TableSettings::stated_by(self);
        // The environment's entries for an index, by name and by "*", override the general ones.
        let named = self.global_secondary_indexes.iter().map(|index| {
            let name = &index.index_name;
            let settings = own.indexes.of(name);
            let before = everywhere.indexes.named.get(name).cloned().unwrap_or_default();
            (name.clone(), settings.over(before.fit_for(own.decided_mode())))
        });
        let named: BTreeMap<String, IndexSettings> = named.collect();
        let mut merged = own.over(&everywhere);
        merged.indexes = ByName { named, ..ByName::default() };
        let all = AllTableSettings {
            named: BTreeMap::from([(self.table_name.clone(), merged)]),
            ..AllTableSettings::default()
        };
        let mut application = Application::new(self, None, root);
        let overlaid = application.apply(self.structure(), &all);
        let problems = application.problems();
        if problems.is_empty() { Ok(overlaid) } else { Err(problems) }
    }
}

impl TableSettings {
    /// Returns the settings that result in a table like this one.
    fn stated_by(table: &TableDefinition) -> Self {
        let index = |index: &GlobalSecondaryIndex| {
            // An index without its own capacity inherits that of its table.
            let follows = index.provisioned_throughput == table.provisioned_throughput
                && index.autoscaled == table.autoscaled;
            let capacity = (!follows)
                .then(|| capacity(index.provisioned_throughput, index.autoscaled))
                .flatten();
            let settings = IndexSettings {
                throughput: throughput(capacity, index.on_demand_throughput, index.warm_throughput),
                projection: None,
                // The table's settings contain them.
                values: SettingValues::default(),
            };
            (index.index_name.clone(), settings)
        };
        Self {
            billing_mode: table.billing_mode.map(everywhere),
            throughput: throughput(
                capacity(table.provisioned_throughput, table.autoscaled),
                table.on_demand_throughput,
                table.warm_throughput,
            ),
            values: SettingValues::of(table),
            indexes: ByName {
                named: table.global_secondary_indexes.iter().map(index).collect(),
                ..ByName::default()
            },
        }
    }
}

fn capacity(numbers: Option<ProvisionedThroughput>, autoscaled: bool) -> Option<Capacity> {
    match (numbers, autoscaled) {
        (start, true) => Some(Capacity::Autoscaled(start)),
        (Some(numbers), false) => Some(Capacity::Fixed(numbers)),
        (None, false) => None,
    }
}

fn throughput(
    capacity: Option<Capacity>,
    on_demand_maximum: Option<OnDemandThroughput>,
    warm: Option<WarmThroughput>,
) -> ThroughputSettings {
    ThroughputSettings {
        capacity: capacity.map(everywhere),
        on_demand_maximum: on_demand_maximum.map(everywhere),
        warm: warm.map(everywhere),
    }
}

/// Wraps a general setting, whose field is in `tables`, or a snapshot that was made from it.
fn everywhere<T>(value: T) -> WithOrigin<T> {
    WithOrigin { value, field: "tables".to_owned() }
}
