//! Turns the settings of a table, without keys and indexes, into an entry of the config's `tables`.

use crate::{
    model::{
        BillingMode, OnDemandThroughput, ProjectionType, ProvisionedThroughput, TableDefinition,
        TableDescription, Unmanaged, WarmThroughput,
    },
    settings::{CONFIG_ORDER, Registered, Setting, with_setting},
    text,
};
use serde_json::{Map, Value, json};

/// The initial warm throughput of every new on-demand table and index.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/warm-throughput.html>.
const WARM: WarmThroughput =
    WarmThroughput { read_units_per_second: 12_000, write_units_per_second: 4_000 };

/// The settings of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct PulledSettings {
    /// The fields of the entry: settings that differ from DynamoDB's defaults.
    pub entry: Map<String, Value>,
    /// Settings that neither schema nor entry can express, or whose origin is unknown.
    pub notes: Vec<String>,
}

/// Returns the entry of a table. Settings at their defaults are omitted, and thereby unmanaged.
pub fn settings(table: &TableDescription) -> PulledSettings {
    let mut pulled = PulledSettings { entry: Map::new(), notes: Vec::new() };
    pulled.throughput(table);
    pulled.rest(table);
    pulled
}

/// Adds the projections of a table's indexes to its entry, for schemas that cannot contain them.
pub fn projections(table: &TableDefinition, entry: &mut Map<String, Value>) {
    let globals = table.global_secondary_indexes.iter();
    let globals = globals.map(|index| (&index.index_name, &index.projection));
    let locals = table.local_secondary_indexes.iter();
    let locals = locals.map(|index| (&index.index_name, &index.projection));
    for (name, projection) in globals.chain(locals) {
        let value = match projection.projection_type {
            ProjectionType::All => continue,
            ProjectionType::KeysOnly => json!("KEYS_ONLY"),
            ProjectionType::Include => json!(projection.non_key_attributes),
        };
        index_entry(entry, name)["projection"] = value;
    }
}

/// Returns the entry of an index in that of its table.
fn index_entry<'a>(entry: &'a mut Map<String, Value>, name: &str) -> &'a mut Value {
    let indexes = entry.entry("indexes").or_insert_with(|| json!({}));
    &mut indexes[name]
}

impl PulledSettings {
    fn set(&mut self, field: &str, value: impl Into<Value>) {
        self.entry.insert(field.to_owned(), value.into());
    }

    fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }

    /// Adds the throughput of the table and its indexes.
    fn throughput(&mut self, table: &TableDescription) {
        let definition = &table.definition;
        let is_provisioned = definition.billing_mode == Some(BillingMode::Provisioned);
        let own = definition.provisioned_throughput;
        let mut indexes = Map::new();
        if is_provisioned {
            match own.filter(is_complete) {
                Some(numbers) => capacity(&mut self.entry, numbers),
                None => self.note("the server does not tell the capacity of this provisioned table: say it in the config, or how it is paid for stays unmanaged"),
            }
        } else {
            self.entry.extend(maximum(definition.on_demand_throughput));
        }
        self.warm("the table", definition.warm_throughput, own);
        for index in &definition.global_secondary_indexes {
            let mut entry = Map::new();
            let numbers = index.provisioned_throughput;
            if is_provisioned {
                // An index without its own capacity inherits that of its table.
                if let Some(numbers) = numbers.filter(is_complete)
                    && own.filter(is_complete).is_some_and(|own| own != numbers)
                {
                    capacity(&mut entry, numbers);
                }
            } else {
                entry.extend(maximum(index.on_demand_throughput));
            }
            self.warm(&format!("index {}", index.index_name), index.warm_throughput, numbers);
            if !entry.is_empty() {
                indexes.insert(index.index_name.clone(), Value::Object(entry));
            }
        }
        if !indexes.is_empty() {
            self.set("indexes", indexes);
        }
    }

    /// Notes warm throughput above the initial one. DynamoDB raises it by itself, so the requested
    /// value is unknown, and a table that is created again with all of it would cost more.
    fn warm(
        &mut self,
        owner: &str,
        warm: Option<WarmThroughput>,
        numbers: Option<ProvisionedThroughput>,
    ) {
        let Some(warm) = warm else { return };
        let start = numbers.map_or(WARM, |numbers| {
            WARM.max(WarmThroughput {
                read_units_per_second: numbers.read_capacity_units,
                write_units_per_second: numbers.write_capacity_units,
            })
        });
        if start.is_below(&warm) {
            self.note(format!(
                "{owner} is ready for {warm} a second at once: whether that was asked for cannot be told, so it stays unmanaged"
            ));
        }
    }

    /// Adds all other settings.
    fn rest(&mut self, table: &TableDescription) {
        let definition = &table.definition;
        for kind in CONFIG_ORDER {
            with_setting!(kind, S => {
                let value = S::of(definition).as_ref();
                if let Some(value) = value.and_then(|value| S::pull(value, &mut self.notes)) {
                    self.set(S::CONFIG, value);
                }
                for index in &definition.global_secondary_indexes {
                    let name = &index.index_name;
                    let value = S::of(definition).as_ref();
                    if let Some(value) = value.and_then(|value| S::pull_index(value, name)) {
                        index_entry(&mut self.entry, name)[S::CONFIG] = value;
                    }
                }
            });
        }
        if !table.replicas.is_empty() {
            let regions = table.replicas.join(", ");
            self.note(format!("it is a global table, with replicas in {regions}: a schema does not say that, and mizzle leaves them alone"));
        }
        self.unmanaged(&table.unmanaged);
        if !table.tells_extras() {
            self.note(format!("it is {}, and nothing is said yet of its time to live, point-in-time recovery, tags, resource policy and what hangs on it: pull again when it is ACTIVE", table.status));
        }
    }

    /// Notes the attached resources.
    fn unmanaged(&mut self, unmanaged: &Unmanaged) {
        const LEFT_ALONE: &str = "a schema does not say that, and mizzle leaves it alone";
        let vectors = unmanaged.vector_index_names();
        if !vectors.is_empty() {
            let noun = if vectors.len() == 1 { "vector index" } else { "vector indexes" };
            self.note(format!("it has {noun} {}: {LEFT_ALONE}", text::list(&vectors)));
        }
        for (extra, reason) in &unmanaged.withheld {
            let name = extra.kind().attached().unwrap_or_else(|| extra.kind().name());
            self.note(format!("whether it has {name} could not be seen: {reason}"));
        }
    }
}

fn is_complete(numbers: &ProvisionedThroughput) -> bool {
    numbers.read_capacity_units > 0 && numbers.write_capacity_units > 0
}

fn capacity(entry: &mut Map<String, Value>, numbers: ProvisionedThroughput) {
    entry.insert("readCapacity".to_owned(), numbers.read_capacity_units.into());
    entry.insert("writeCapacity".to_owned(), numbers.write_capacity_units.into());
}

fn maximum(limit: Option<OnDemandThroughput>) -> Option<(String, Value)> {
    let OnDemandThroughput { max_read_request_units: reads, max_write_request_units: writes } =
        limit?;
    let limits: Map<String, Value> = [("reads", reads), ("writes", writes)]
        .into_iter()
        .filter(|(_, units)| *units > 0)
        .map(|(side, units)| (side.to_owned(), units.into()))
        .collect();
    (!limits.is_empty()).then(|| ("onDemandMaximum".to_owned(), Value::Object(limits)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{
        AuxiliarySetting, GlobalSecondaryIndex, IndexSize, IndexState,
        PointInTimeRecoverySpecification, ResourcePolicy, SseSpecification, Status,
        StreamSpecification, StreamViewType, TableClass, Tag, TimeToLiveSpecification, VectorIndex,
    };
    use std::collections::{BTreeMap, BTreeSet};

    fn pulled(definition: TableDefinition, replicas: &[&str]) -> (Value, Vec<String>) {
        let pulled = settings(&TableDescription {
            definition,
            status: Status::Active,
            indexes: BTreeMap::new(),
            item_count: None,
            size_bytes: None,
            index_sizes: BTreeMap::new(),
            created: None,
            table_id: None,
            replicas: replicas.iter().map(ToString::to_string).collect(),
            region: None,
            is_warming: false,
            unmanaged: Unmanaged::default(),
            policy_revision: None,
            unsupported: BTreeSet::new(),
            transitions: Vec::new(),
        });
        (Value::Object(pulled.entry), pulled.notes)
    }

    #[test]
    fn what_hangs_on_a_table_is_said_by_name() {
        let state = IndexState { status: Status::Active, backfilling: false, is_warming: false };
        let vector = |name: &str| VectorIndex {
            index_name: name.to_owned(),
            attribute: None,
            dimensions: None,
            distance_function: None,
            state: state.clone(),
            size: IndexSize::default(),
        };
        let notes = |unmanaged: Unmanaged| {
            let mut pulled = PulledSettings { entry: Map::new(), notes: Vec::new() };
            pulled.unmanaged(&unmanaged);
            pulled.notes.join("\n")
        };
        assert_eq!(notes(Unmanaged::default()), "");
        let everything = Unmanaged {
            vector_indexes: vec![vector("byMeaning"), vector("bySound")],
            ..Unmanaged::default()
        };
        let unseen = Unmanaged {
            withheld: [AuxiliarySetting::ContributorInsights, AuxiliarySetting::KinesisDestination]
                .map(|extra| (extra, "not authorized".to_owned()))
                .into(),
            ..Unmanaged::default()
        };
        insta::assert_snapshot!(format!("{}\n{}", notes(everything), notes(unseen)), @r"
        it has vector indexes byMeaning and bySound: a schema does not say that, and mizzle leaves it alone
        whether it has Kinesis destinations could not be seen: not authorized
        whether it has contributor insights could not be seen: not authorized
        ");
    }

    fn recovery(days: Option<i32>) -> Option<PointInTimeRecoverySpecification> {
        Some(PointInTimeRecoverySpecification {
            point_in_time_recovery_enabled: true,
            recovery_period_in_days: days,
        })
    }

    #[test]
    fn what_is_at_its_default_is_left_out() {
        let definition = TableDefinition {
            billing_mode: Some(BillingMode::PayPerRequest),
            on_demand_throughput: Some(OnDemandThroughput::UNLIMITED),
            warm_throughput: Some(WARM),
            stream_specification: Some(StreamSpecification::DISABLED),
            sse_specification: Some(SseSpecification::OWNED),
            table_class: Some(TableClass::Standard),
            deletion_protection_enabled: Some(false),
            time_to_live_specification: Some(TimeToLiveSpecification::DISABLED),
            point_in_time_recovery_specification: Some(PointInTimeRecoverySpecification::DISABLED),
            tags: Some(Vec::new()),
            resource_policy: Some(ResourcePolicy::NONE),
            ..TableDefinition::default()
        };
        assert_eq!(pulled(definition, &[]), (json!({}), Vec::new()));
    }

    #[test]
    fn what_is_not_is_said() {
        let index = |name: &str, units: (i64, i64)| GlobalSecondaryIndex {
            index_name: name.to_owned(),
            provisioned_throughput: Some(ProvisionedThroughput {
                read_capacity_units: units.0,
                write_capacity_units: units.1,
            }),
            ..GlobalSecondaryIndex::default()
        };
        let policy = json!({ "Statement": { "Effect": "Allow" } });
        let definition = TableDefinition {
            billing_mode: Some(BillingMode::Provisioned),
            provisioned_throughput: index("", (5, 4)).provisioned_throughput,
            global_secondary_indexes: vec![
                index("same", (5, 4)),
                index("own", (1, 4)),
                index("untold", (0, 0)),
            ],
            stream_specification: Some(StreamSpecification::of(StreamViewType::NewImage)),
            table_class: Some(TableClass::StandardInfrequentAccess),
            deletion_protection_enabled: Some(true),
            time_to_live_specification: Some(TimeToLiveSpecification::by("at")),
            point_in_time_recovery_specification: recovery(Some(7)),
            tags: Some(vec![Tag { key: "a".to_owned(), value: "b".to_owned() }]),
            sse_specification: Some(SseSpecification::key("arn:aws:kms:x:1:key/2")),
            resource_policy: Some(ResourcePolicy::new(policy)),
            ..TableDefinition::default()
        };
        let (entry, notes) = pulled(definition, &["eu-west-1", "us-east-2"]);
        let expected = json!({
            "readCapacity": 5, "writeCapacity": 4,
            "indexes": { "own": { "readCapacity": 1, "writeCapacity": 4 } },
            "stream": "NEW_IMAGE",
            "tableClass": "STANDARD_INFREQUENT_ACCESS",
            "deletionProtection": true,
            "timeToLive": "at",
            "pointInTimeRecovery": { "days": 7 },
            "tags": { "a": "b" },
            "encryption": { "kmsKey": "arn:aws:kms:x:1:key/2" },
            "resourcePolicy": { "Statement": [{ "Effect": "Allow" }] },
        });
        assert_eq!(entry, expected);
        let about = ["key of this account", "resource policy", "eu-west-1, us-east-2"];
        assert_eq!(notes.len(), about.len());
        assert!(notes.iter().zip(about).all(|(note, part)| note.contains(part)), "{notes:#?}");
    }

    #[test]
    fn what_can_be_said_in_two_ways_or_not_at_all() {
        let limits = OnDemandThroughput { max_read_request_units: 7, max_write_request_units: -1 };
        let key = |key: &str| Some(SseSpecification::key(key));
        let managed = "arn:aws:kms:eu-west-1:1:alias/aws/dynamodb";
        let base = TableDefinition::default;
        let warm = Some(WarmThroughput { read_units_per_second: 13_000, ..WARM });
        for (definition, expected, notes) in [
            (
                TableDefinition { on_demand_throughput: Some(limits), ..base() },
                json!({ "onDemandMaximum": { "reads": 7 } }),
                0,
            ),
            (
                TableDefinition {
                    point_in_time_recovery_specification: recovery(Some(35)),
                    ..base()
                },
                json!({ "pointInTimeRecovery": true }),
                0,
            ),
            (
                TableDefinition { sse_specification: key(managed), ..base() },
                json!({ "encryption": "managed" }),
                0,
            ),
            (TableDefinition { warm_throughput: warm, ..base() }, json!({}), 1),
            (
                TableDefinition { billing_mode: Some(BillingMode::Provisioned), ..base() },
                json!({}),
                1,
            ),
            (
                TableDefinition {
                    resource_policy: Some(ResourcePolicy::new(json!({ "Id": "x" }))),
                    ..base()
                },
                json!({}),
                1,
            ),
        ] {
            let (entry, told) = pulled(definition, &[]);
            assert_eq!((entry, told.len()), (expected, notes), "{told:?}");
        }
    }
}
