//! `tables`: the settings of tables and indexes.

use super::fields::{Fields, unsupported_within};
use crate::model::{
    AllTableSettings, BillingMode, Capacity, IndexSettings, OnDemandThroughput,
    PointInTimeRecoverySpecification, Projection, ProvisionedThroughput, ResourcePolicy,
    SseSpecification, Stated, StreamSpecification, StreamViewType, TableClass, TableSettings,
    ThroughputSettings, TimeToLiveSpecification, WarmThroughput, rules,
};
use serde_json::Value;

/// Reads `tables`.
pub(super) fn read(fields: &mut Fields<'_>) -> AllTableSettings {
    let mut tables = AllTableSettings::default();
    fields.entries("tables", |name, fields| tables.insert(name, table(fields)));
    tables
}

/// Reads `tables` of an environment: settings that may differ from one to another. What an index
/// holds may not: it is a part of the migrations, which are the same everywhere.
pub(super) fn read_overlay(fields: &mut Fields<'_>) -> AllTableSettings {
    let mut tables = AllTableSettings::default();
    fields.entries("tables", |name, fields| {
        let settings = table(fields);
        let indexes = &settings.indexes;
        let projections = [&indexes.defaults].into_iter().chain(indexes.named.values());
        let fields_of_projections = projections.filter_map(|index| index.projection.as_ref());
        for Stated { field, .. } in fields_of_projections {
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
    let classes = [TableClass::Standard, TableClass::StandardInfrequentAccess];
    let mut settings = TableSettings {
        billing_mode: fields
            .word("billingMode", &modes.map(|mode| (mode.as_str(), mode)), &[])
            .map(|value| Stated { value, field: fields.path("billingMode") }),
        throughput: throughput(fields),
        time_to_live: time_to_live(fields),
        stream: stream(fields),
        point_in_time_recovery: point_in_time_recovery(fields),
        table_class: fields.word("tableClass", &classes.map(|class| (class.as_str(), class)), &[]),
        encryption: encryption(fields),
        deletion_protection: fields.boolean("deletionProtection"),
        tags: fields.texts("tags", wrong_tag),
        resource_policy: resource_policy(fields),
        ..TableSettings::default()
    };
    fields.entries("indexes", |name, fields| settings.indexes.insert(name, index(fields)));
    settings
}

fn index(fields: &mut Fields<'_>) -> IndexSettings {
    IndexSettings { throughput: throughput(fields), projection: projection(fields) }
}

fn throughput(fields: &mut Fields<'_>) -> ThroughputSettings {
    ThroughputSettings {
        capacity: capacity(fields),
        on_demand_maximum: on_demand_maximum(fields),
        warm: warm_throughput(fields),
    }
}

fn capacity(fields: &mut Fields<'_>) -> Option<Stated<Capacity>> {
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
    Some(Stated { value, field: fields.path(name) })
}

fn on_demand_maximum(fields: &mut Fields<'_>) -> Option<Stated<OnDemandThroughput>> {
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
    Some(Stated { value, field: fields.path(NAME) })
}

/// One side of an on-demand maximum; without a word there is no limit.
fn limit(fields: &mut Fields<'_>, name: &'static str) -> i64 {
    const UNLIMITED: i64 = -1;
    let limit = match fields.get(name) {
        Some(Value::Number(_)) => fields.positive(name),
        _ => fields.word(name, &[("unlimited", UNLIMITED)], &["a whole number above 0"]),
    };
    limit.unwrap_or(UNLIMITED)
}

fn warm_throughput(fields: &mut Fields<'_>) -> Option<Stated<WarmThroughput>> {
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
    warm.map(|value| Stated { value, field: fields.path(NAME) })
}

fn time_to_live(fields: &mut Fields<'_>) -> Option<TimeToLiveSpecification> {
    const NAME: &str = "timeToLive";
    const MAX_BYTES: usize = 255;
    match fields.get(NAME)? {
        Value::Bool(false) => Some(TimeToLiveSpecification::DISABLED),
        Value::String(attribute) if attribute.len() > MAX_BYTES => {
            let length = attribute.len();
            let message = format!("must have up to {MAX_BYTES} bytes, but has {length}");
            fields.complain(NAME, message, None);
            None
        }
        Value::String(attribute) if !attribute.is_empty() => {
            Some(TimeToLiveSpecification::by(attribute))
        }
        other => {
            fields.wrong(NAME, "the name of an attribute, or false", other);
            None
        }
    }
}

fn stream(fields: &mut Fields<'_>) -> Option<StreamSpecification> {
    const NAME: &str = "stream";
    if fields.get(NAME)? == &Value::Bool(false) {
        return Some(StreamSpecification::DISABLED);
    }
    fields.word(NAME, &StreamViewType::ALL, &["false"]).map(StreamSpecification::of)
}

fn point_in_time_recovery(fields: &mut Fields<'_>) -> Option<PointInTimeRecoverySpecification> {
    const NAME: &str = "pointInTimeRecovery";
    if let Value::Bool(is_on) = fields.get(NAME)? {
        return Some(PointInTimeRecoverySpecification {
            point_in_time_recovery_enabled: *is_on,
            recovery_period_in_days: None,
        });
    }
    let mut days = None;
    fields.object_or(NAME, "true, false or an object with days", |fields| {
        fields.require("days");
        days = fields.integer("days", rules::RECOVERY_DAYS);
    });
    Some(PointInTimeRecoverySpecification {
        point_in_time_recovery_enabled: true,
        recovery_period_in_days: days.and_then(|days| i32::try_from(days).ok()),
    })
}

fn encryption(fields: &mut Fields<'_>) -> Option<SseSpecification> {
    const NAME: &str = "encryption";
    if let Value::Object(_) = fields.get(NAME)? {
        let mut key = None;
        fields.object_or(NAME, "\"owned\", \"managed\" or an object with kmsKey", |fields| {
            key = fields.required_text("kmsKey");
            // In an ARN the alias comes after the account.
            if key.iter().any(|key| key.starts_with("alias/") || key.contains(":alias/")) {
                let help = "name the key itself, by its ARN or its id: DynamoDB never answers \
                            with an alias, so it could not be compared";
                fields.complain("kmsKey", "must not be an alias", Some(help));
            }
        });
        return key.map(SseSpecification::key);
    }
    let words = [("owned", false), ("managed", true)];
    let managed = fields.word(NAME, &words, &["an object with kmsKey"])?;
    Some(if managed { SseSpecification::MANAGED } else { SseSpecification::OWNED })
}

fn wrong_tag(key: &str, value: &str) -> Option<(String, &'static str)> {
    let (key_length, value_length) = (key.chars().count(), value.chars().count());
    if key.to_lowercase().starts_with("aws:") {
        return Some((
            "cannot be set".to_owned(),
            "tags that start with aws: belong to AWS, which keeps them: leave it out",
        ));
    }
    if !(1..=rules::MAX_TAG_KEY).contains(&key_length) {
        let most = rules::MAX_TAG_KEY;
        let message = format!("must have a key of 1 to {most} characters, but it has {key_length}");
        return Some((message, "give the tag another key"));
    }
    (value_length > rules::MAX_TAG_VALUE).then(|| {
        let most = rules::MAX_TAG_VALUE;
        let message = format!("must have up to {most} characters, but has {value_length}");
        (message, "shorten the tag's value")
    })
}

fn resource_policy(fields: &mut Fields<'_>) -> Option<ResourcePolicy> {
    const NAME: &str = "resourcePolicy";
    const WANTED: &str = "a policy document, as an object or as JSON, or false";
    let document = match fields.get(NAME)? {
        Value::Bool(false) => return Some(ResourcePolicy::NONE),
        Value::String(text) if !text.trim().is_empty() => match serde_json::from_str(text) {
            Ok(document) => document,
            Err(error) => {
                let (line, column) = (error.line(), error.column());
                let message = format!("is not valid JSON (line {line}, column {column})");
                fields.complain(NAME, message, None);
                return None;
            }
        },
        other => other.clone(),
    };
    if let Some(what) = unsupported_within(&document) {
        let message = format!("must be {WANTED}, but holds {what}");
        fields.complain(NAME, message, None);
        return None;
    }
    let Value::Object(object) = &document else {
        fields.wrong(NAME, WANTED, &document);
        return None;
    };
    if !object.contains_key("Statement") {
        let help = "it is in AWS's own form: { Version: \"2012-10-17\", Statement: [...] }";
        fields.complain(NAME, "has no Statement", Some(help));
        return None;
    }
    let policy = ResourcePolicy::new(document);
    let (size, most) = (String::from(policy.clone()).len(), rules::MAX_RESOURCE_POLICY);
    if size > most {
        let message = format!("has {size} bytes, but DynamoDB takes {most}");
        fields.complain(NAME, message, Some("grant access to fewer, or in fewer statements"));
    }
    Some(policy)
}

fn projection(fields: &mut Fields<'_>) -> Option<Stated<Projection>> {
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
    Some(Stated { value, field: fields.path(NAME) })
}
