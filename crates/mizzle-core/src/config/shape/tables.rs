//! The shape of `tables`. Throughput is declared here, every other setting in its own file.

#![expect(dead_code, reason = "the fields are described and never read")]

use super::False;
use crate::settings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value};
use std::{borrow::Cow, collections::BTreeMap};

/// An entry of `tables`.
pub(super) struct TableSettings;

/// An entry of an environment's `tables`.
pub(super) struct EnvironmentTableSettings;

struct IndexSettings;

struct EnvironmentIndexSettings;

impl JsonSchema for TableSettings {
    fn schema_name() -> Cow<'static, str> {
        "TableSettings".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let description = "Settings of a table. The entry of a table wins over `\"*\"`, field by field.\n\nA setting that is absent is unmanaged: neither compared nor touched, so that somebody else may set it.";
        let indexes = properties::<Indexes<IndexSettings>>(generator);
        table(description, indexes, generator)
    }
}

impl JsonSchema for EnvironmentTableSettings {
    fn schema_name() -> Cow<'static, str> {
        "EnvironmentTableSettings".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let description =
            "Settings of a table in one environment. Projections are the same in all of them.";
        let indexes = properties::<Indexes<EnvironmentIndexSettings>>(generator);
        table(description, indexes, generator)
    }
}

impl JsonSchema for IndexSettings {
    fn schema_name() -> Cow<'static, str> {
        "IndexSettings".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let description = "Settings of an index. A GSI takes all of them; an LSI has the throughput of its table, and takes `projection` alone. The index's own entry wins over `\"*\"`, field by field.";
        index::<Held>(description, generator)
    }
}

impl JsonSchema for EnvironmentIndexSettings {
    fn schema_name() -> Cow<'static, str> {
        "EnvironmentIndexSettings".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let description =
            "Settings of an index in one environment. Projections are the same in all of them.";
        index::<HeldEverywhere>(description, generator)
    }
}

/// Returns the schema of an index; `H` declares its projection.
fn index<H: JsonSchema>(description: &str, generator: &mut SchemaGenerator) -> Schema {
    let mut fields = properties::<Capacity>(generator);
    fields.append(&mut properties::<IndexThroughput>(generator));
    fields.extend(settings::index_forms(generator));
    fields.append(&mut properties::<H>(generator));
    object(description, &fields)
}

/// Returns the schema of a table, with its fields in the order of the documentation.
fn table(
    description: &str,
    mut indexes: Map<String, Value>,
    generator: &mut SchemaGenerator,
) -> Schema {
    let mut fields = properties::<Billing>(generator);
    fields.append(&mut properties::<Capacity>(generator));
    fields.append(&mut properties::<TableThroughput>(generator));
    fields.extend(settings::forms(generator));
    fields.append(&mut indexes);
    object(description, &fields)
}

fn object(description: &str, properties: &Map<String, Value>) -> Schema {
    json_schema!({
        "description": description,
        "type": "object",
        "additionalProperties": false,
        "properties": properties,
        "dependencies": {
            "readCapacity": ["writeCapacity"],
            "writeCapacity": ["readCapacity"],
        },
    })
}

/// Returns the fields of a struct.
fn properties<T: JsonSchema>(generator: &mut SchemaGenerator) -> Map<String, Value> {
    let mut schema = T::json_schema(generator);
    match schema.remove("properties") {
        Some(Value::Object(properties)) => properties,
        _ => Map::new(),
    }
}

#[derive(JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Billing {
    /// `PAY_PER_REQUEST` is on demand. `PROVISIONED` needs `readCapacity` and `writeCapacity`, or
    /// `capacity: "autoscaled"`, and follows from them when it is not stated.
    billing_mode: Option<BillingModeWord>,
}

#[derive(JsonSchema)]
#[schemars(inline)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum BillingModeWord {
    PayPerRequest,
    Provisioned,
}

#[derive(JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Capacity {
    /// Strongly consistent reads of up to 4 KB a second. A GSI without numbers of its own takes those
    /// of its table.
    read_capacity: Option<UnitCount>,
    /// Writes of up to 1 KB a second.
    write_capacity: Option<UnitCount>,
    /// The capacity is set elsewhere, as by Application Auto Scaling: it is not compared, and the
    /// numbers beside it are those that a new table or index starts with.
    capacity: Option<CapacityWord>,
}

#[derive(JsonSchema)]
#[schemars(inline)]
#[serde(rename_all = "camelCase")]
enum CapacityWord {
    Autoscaled,
}

#[derive(JsonSchema)]
#[serde(rename_all = "camelCase")]
struct TableThroughput {
    /// The upper limits of an on-demand table; `false`: there is no limit.
    on_demand_maximum: Option<OnDemandMaximum>,
    /// The throughput that the table is ready for at once. DynamoDB raises it as traffic grows, and it
    /// can never be lowered.
    warm_throughput: Option<Units>,
}

#[derive(JsonSchema)]
#[serde(rename_all = "camelCase")]
struct IndexThroughput {
    /// The upper limits of an index of an on-demand table; `false`: there is no limit.
    on_demand_maximum: Option<OnDemandMaximum>,
    /// The throughput that the index is ready for at once. It can never be lowered.
    warm_throughput: Option<Units>,
}

/// Upper limits in request units a second; a side that is left out has none. `false`: no limit.
#[derive(JsonSchema)]
#[serde(untagged)]
enum OnDemandMaximum {
    Off(False),
    Limits(Limits),
}

#[derive(JsonSchema)]
#[schemars(inline)]
#[serde(deny_unknown_fields)]
struct Limits {
    /// Read request units a second.
    reads: Option<Limit>,
    /// Write request units a second.
    writes: Option<Limit>,
}

#[derive(JsonSchema)]
#[schemars(inline)]
#[serde(untagged)]
enum Limit {
    Units(UnitCount),
    Word(LimitWord),
}

#[derive(JsonSchema)]
#[schemars(inline)]
#[serde(rename_all = "camelCase")]
enum LimitWord {
    Unlimited,
}

/// Units a second.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
struct Units {
    /// Reads a second.
    reads: UnitCount,
    /// Writes a second.
    writes: UnitCount,
}

// JavaScript's numbers are whole up to the maximum.
#[derive(JsonSchema)]
#[schemars(rename = "units")]
struct UnitCount(#[schemars(range(min = 1, max = 9_007_199_254_740_991_u64))] u64);

#[derive(JsonSchema)]
struct Held {
    /// The contents of the index beside its keys: everything, nothing, or these attributes (at most
    /// 20 an index, 100 a table). A schema that says it itself must agree. A change builds the index
    /// again.
    projection: Option<Projection>,
}

#[derive(JsonSchema)]
#[schemars(inline)]
#[serde(untagged)]
enum Projection {
    Word(ProjectionWord),
    Attributes(#[schemars(length(min = 1))] Vec<String>),
}

#[derive(JsonSchema)]
#[schemars(inline)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum ProjectionWord {
    All,
    KeysOnly,
}

#[derive(JsonSchema)]
struct HeldEverywhere {
    /// An index holds the same in all environments: set it in the schema, or in `tables` of the whole
    /// config.
    projection: Option<Nothing>,
}

/// A field that accepts no value.
struct Nothing;

impl JsonSchema for Nothing {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Nothing".into()
    }

    fn json_schema(_generator: &mut SchemaGenerator) -> Schema {
        json_schema!({ "not": {} })
    }
}

#[derive(JsonSchema)]
struct Indexes<T> {
    /// Settings of the table's indexes by name; `"*"` gives defaults for all of them.
    indexes: Option<BTreeMap<String, T>>,
}
