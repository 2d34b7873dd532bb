//! `tables`: the settings of tables and indexes.

use super::fields::Fields;
use crate::{
    model::{
        AllTableSettings, BillingMode, Capacity, IndexSettings, OnDemandThroughput, Projection,
        ProvisionedThroughput, TableSettings, ThroughputSettings, WarmThroughput, WithOrigin,
    },
    settings::SettingValues,
};
use serde_json::Value;

/// Reads `tables`.
pub(super) fn read(fields: &mut Fields<'_>) -> AllTableSettings {
    let mut tables = AllTableSettings::default();
    fields.entries("tables", |name, fields| tables.insert(name, table(fields)));
    tables
}

/// Reads `tables` of an environment, whose settings may differ from those of other environments.
/// Projections may not: they are part of the migrations, which all environments share.
pub(super) fn read_overlay(fields: &mut Fields<'_>) -> AllTableSettings {
    let mut tables = AllTableSettings::default();
    fields.entries("tables", |name, fields| {
        let settings = table(fields);
        let indexes = &settings.indexes;
        let projections = [&indexes.defaults].into_iter().chain(indexes.named.values());
        let fields_of_projections = projections.filter_map(|index| index.projection.as_ref());
        for WithOrigin { field, .. } in fields_of_projections {
            fields.complain_at(
                field,
                "cannot differ from one environment to another",
                "set it in the schema, or in `tables` of the whole config",
            );
        }
        tables.insert(name, settings);
    });
    tables
}

fn table(fields: &mut Fields<'_>) -> TableSettings {
    let modes = [BillingMode::PayPerRequest, BillingMode::Provisioned];
    let mut settings = TableSettings {
        billing_mode: fields
            .word("billingMode", &modes.map(|mode| (mode.as_str(), mode)), &[])
            .map(|value| WithOrigin { value, field: fields.path("billingMode") }),
        throughput: throughput(fields),
        values: SettingValues::read(fields),
        ..TableSettings::default()
    };
    fields.entries("indexes", |name, fields| settings.indexes.insert(name, index(fields)));
    settings
}

fn index(fields: &mut Fields<'_>) -> IndexSettings {
    IndexSettings {
        throughput: throughput(fields),
        projection: projection(fields),
        values: SettingValues::read_index(fields),
    }
}

fn throughput(fields: &mut Fields<'_>) -> ThroughputSettings {
    ThroughputSettings {
        capacity: capacity(fields),
        on_demand_maximum: on_demand_maximum(fields),
        warm: warm_throughput(fields),
    }
}

fn capacity(fields: &mut Fields<'_>) -> Option<WithOrigin<Capacity>> {
    const BOTH: [&str; 2] = ["readCapacity", "writeCapacity"];
    let numbers = match BOTH.map(|name| fields.positive(name)) {
        [Some(read_capacity_units), Some(write_capacity_units)] => {
            Some(ProvisionedThroughput { read_capacity_units, write_capacity_units })
        }
        _ => None,
    };
    if BOTH.iter().any(|name| fields.get(name).is_some()) {
        BOTH.into_iter().for_each(|name| fields.require(name));
    }
    let autoscaled = fields.word("capacity", &[("autoscaled", ())], &[]);
    let (value, name) = match (autoscaled, numbers) {
        (Some(()), start) => (Capacity::Autoscaled(start), "capacity"),
        (None, Some(numbers)) => (Capacity::Fixed(numbers), "readCapacity"),
        (None, None) => return None,
    };
    Some(WithOrigin { value, field: fields.path(name) })
}

fn on_demand_maximum(fields: &mut Fields<'_>) -> Option<WithOrigin<OnDemandThroughput>> {
    const NAME: &str = "onDemandMaximum";
    let mut value = OnDemandThroughput::UNLIMITED;
    if fields.get(NAME)? != &Value::Bool(false) {
        fields.object_or(NAME, "an object with reads and writes, or false", |fields| {
            value = OnDemandThroughput {
                max_read_request_units: limit(fields, "reads"),
                max_write_request_units: limit(fields, "writes"),
            };
        });
    }
    Some(WithOrigin { value, field: fields.path(NAME) })
}

/// Reads one side of an on-demand maximum; an absent side has no limit.
fn limit(fields: &mut Fields<'_>, name: &'static str) -> i64 {
    const UNLIMITED: i64 = -1;
    let limit = match fields.get(name) {
        Some(Value::Number(_)) => fields.positive(name),
        _ => fields.word(name, &[("unlimited", UNLIMITED)], &["a whole number above 0"]),
    };
    limit.unwrap_or(UNLIMITED)
}

fn warm_throughput(fields: &mut Fields<'_>) -> Option<WithOrigin<WarmThroughput>> {
    const NAME: &str = "warmThroughput";
    let mut warm = None;
    fields.object_or(NAME, "an object with reads and writes", |fields| {
        fields.require("reads");
        fields.require("writes");
        let numbers = fields.positive("reads").zip(fields.positive("writes"));
        warm = numbers.map(|(read_units_per_second, write_units_per_second)| WarmThroughput {
            read_units_per_second,
            write_units_per_second,
        });
    });
    warm.map(|value| WithOrigin { value, field: fields.path(NAME) })
}

fn projection(fields: &mut Fields<'_>) -> Option<WithOrigin<Projection>> {
    const NAME: &str = "projection";
    const LIST: &str = "a list of attributes";
    let value = match fields.get(NAME)? {
        Value::Array(items) if !items.is_empty() => {
            let attributes: Option<Vec<&str>> = items.iter().map(Value::as_str).collect();
            let Some(attributes) = attributes else {
                let message = format!("must be {LIST}, but not all of its elements are strings");
                fields.complain(NAME, message, None);
                return None;
            };
            Projection::include(attributes)
        }
        _ => {
            let kinds = [("ALL", true), ("KEYS_ONLY", false)];
            let is_all = fields.word(NAME, &kinds, &[LIST])?;
            if is_all { Projection::all() } else { Projection::keys_only() }
        }
    };
    Some(WithOrigin { value, field: fields.path(NAME) })
}
