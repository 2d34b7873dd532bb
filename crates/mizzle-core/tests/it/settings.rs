//! Applying the settings of the config to the schema.

mod capacity;

use mizzle_core::{
    config,
    model::{AllTableSettings, Schema, TableDefinition, declaration::SchemaDeclaration, resolve},
};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// Returns `Shop` with the GSIs `byEmail` and `byStatus` (with a projection) and the LSI `byDate`,
/// and `Log` without indexes.
fn declaration() -> SchemaDeclaration {
    let column = |name: &str| json!({ "name": name, "columnType": "S" });
    let gsi = |name: &str, key: &str| {
        let key = json!([{ "name": key, "columnType": "S" }]);
        json!({ "name": name, "kind": "global", "partitionKey": key, "sortKey": [] })
    };
    let mut by_status = gsi("byStatus", "status");
    by_status["projection"] = json!("KEYS_ONLY");
    let by_date = json!({
        "name": "byDate", "kind": "local", "partitionKey": [],
        "sortKey": [{ "name": "createdAt", "columnType": "S" }],
    });
    let table = |name: &str, indexes: Value| {
        json!({
            "name": name, "partitionKey": column("pk"), "sortKey": column("sk"),
            "indexes": indexes, "sites": [{ "file": "/schema.ts", "path": name }],
        })
    };
    let shop = table("Shop", json!([gsi("byEmail", "email"), by_status, by_date]));
    let tables = [shop, table("Log", json!([]))];
    serde_json::from_value(json!({ "tables": tables, "entities": [] })).unwrap()
}

fn settings(tables: &Value) -> AllTableSettings {
    config::read(&json!({ "tables": tables })).unwrap().tables
}

fn schema(tables: &Value) -> Schema {
    let declaration = declaration();
    resolve(&declaration).unwrap().with_settings(&declaration, &settings(tables)).unwrap()
}

fn shop(tables: &Value) -> TableDefinition {
    schema(tables).tables.into_iter().find(|table| table.table_name == "Shop").unwrap()
}

/// Returns the problems with their rules, places and help.
fn problems(tables: &Value) -> String {
    let declaration = declaration();
    let schema = resolve(&declaration).unwrap();
    let problems = schema.with_settings(&declaration, &settings(tables)).err().unwrap_or_default();
    let lines = problems.iter().map(|problem| {
        let rule = serde_json::to_value(problem.rule).unwrap();
        let subject = &problem.subject;
        let place = [&subject.table, &subject.index].map(|name| name.as_deref().unwrap_or("-"));
        let (rule, place) = (rule.as_str().unwrap(), place.join("/"));
        format!("{problem}\n  {rule} at {place}; help: {}\n", problem.help)
    });
    lines.collect()
}

/// Returns the fields of a definition except keys and index keys, as `field: value`.
fn managed(table: &TableDefinition) -> String {
    const KEYS: [&str; 3] = ["TableName", "AttributeDefinitions", "KeySchema"];
    let mut lines = Vec::new();
    let mut collect = |owner: &str, object: &Value| {
        for (field, value) in object.as_object().unwrap() {
            match field.as_str() {
                field if KEYS.contains(&field) => {}
                "GlobalSecondaryIndexes" | "LocalSecondaryIndexes" | "IndexName" => {}
                field => lines.push(format!("{owner}{field}: {value}")),
            }
        }
    };
    let json = serde_json::to_value(table).unwrap();
    collect("", &json);
    for field in ["GlobalSecondaryIndexes", "LocalSecondaryIndexes"] {
        for index in json[field].as_array().into_iter().flatten() {
            collect(&format!("{}.", index["IndexName"].as_str().unwrap()), index);
        }
    }
    lines.join("\n")
}

#[test]
fn every_setting_becomes_what_dynamodb_calls_it() {
    let policy = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow" }] });
    let forms = [
        json!({ "billingMode": "PAY_PER_REQUEST" }),
        json!({ "readCapacity": 5, "writeCapacity": 3.0 }),
        json!({ "capacity": "autoscaled" }),
        json!({ "capacity": "autoscaled", "readCapacity": 5, "writeCapacity": 3 }),
        json!({ "onDemandMaximum": { "reads": 1000, "writes": "unlimited" } }),
        json!({ "onDemandMaximum": { "writes": 7 } }),
        json!({ "onDemandMaximum": false }),
        json!({ "warmThroughput": { "reads": 15000, "writes": 5000 } }),
        json!({ "timeToLive": "expiresAt" }),
        json!({ "timeToLive": false }),
        json!({ "stream": "KEYS_ONLY" }),
        json!({ "stream": "NEW_IMAGE" }),
        json!({ "stream": "OLD_IMAGE" }),
        json!({ "stream": "NEW_AND_OLD_IMAGES" }),
        json!({ "stream": false }),
        json!({ "pointInTimeRecovery": true }),
        json!({ "pointInTimeRecovery": { "days": 7 } }),
        json!({ "pointInTimeRecovery": false }),
        json!({ "tableClass": "STANDARD" }),
        json!({ "tableClass": "STANDARD_INFREQUENT_ACCESS" }),
        json!({ "encryption": "managed" }),
        json!({ "encryption": "owned" }),
        json!({ "encryption": { "kmsKey": "arn:aws:kms:eu-west-1:123456789012:key/0000" } }),
        json!({ "deletionProtection": true }),
        json!({ "deletionProtection": false }),
        json!({ "tags": { "team": "shop", "cost": "" } }),
        json!({ "tags": {} }),
        json!({ "resourcePolicy": policy }),
        json!({ "resourcePolicy": policy.to_string() }),
        json!({ "resourcePolicy": false }),
        json!({ "contributorInsights": true }),
        json!({ "contributorInsights": { "mode": "THROTTLED_KEYS" } }),
        json!({ "contributorInsights": false }),
        json!({ "indexes": { "byEmail": { "contributorInsights": { "mode": "THROTTLED_KEYS" } } } }),
        json!({ "indexes": { "*": { "contributorInsights": true } } }),
        json!({ "kinesisDestination": "arn:aws:kinesis:eu-west-1:123456789012:stream/orders" }),
        json!({ "kinesisDestination": { "streamArn": "arn:aws:kinesis:eu-west-1:123456789012:stream/orders" } }),
        json!({
            "kinesisDestination": {
                "streamArn": "arn:aws-cn:kinesis:cn-north-1:123456789012:stream/orders",
                "timestampPrecision": "MICROSECOND",
            },
        }),
        json!({ "kinesisDestination": false }),
        json!({ "indexes": { "byEmail": { "projection": "KEYS_ONLY" } } }),
        json!({ "indexes": { "byEmail": { "projection": ["total", "name"] } } }),
        json!({ "indexes": { "byDate": { "projection": "KEYS_ONLY" } } }),
        json!({ "indexes": { "byEmail": { "onDemandMaximum": { "reads": 10 } } } }),
        json!({ "indexes": { "byEmail": { "warmThroughput": { "reads": 12000, "writes": 4000 } } } }),
        json!({
            "readCapacity": 5, "writeCapacity": 5,
            "indexes": { "byEmail": { "readCapacity": 1, "writeCapacity": 2 } },
        }),
    ];
    let unmanaged = managed(&shop(&json!({})));
    let mut shown = String::new();
    for form in &forms {
        let table = managed(&shop(&json!({ "Shop": form })));
        let new: Vec<&str> =
            table.lines().filter(|line| !unmanaged.lines().any(|known| known == *line)).collect();
        assert!(!new.is_empty(), "{form}");
        shown += &format!("{form}\n  {}\n", new.join("\n  "));
    }
    insta::assert_snapshot!(shown);
}

#[test]
fn without_tables_nothing_changes() {
    let declaration = declaration();
    let resolved = resolve(&declaration).unwrap();
    for nothing in [json!({}), json!({ "*": {}, "Shop": { "tags": null, "indexes": {} } })] {
        assert_eq!(schema(&nothing), resolved);
    }
}

#[test]
fn a_tables_own_settings_win_over_the_defaults() {
    let tables = json!({
        "*": {
            "pointInTimeRecovery": true, "deletionProtection": true, "stream": "NEW_IMAGE",
            "tags": { "team": "shop", "stage": "dev" },
            "indexes": {
                "*": { "warmThroughput": { "reads": 1, "writes": 1 }, "projection": "KEYS_ONLY" },
                "byEmail": { "onDemandMaximum": { "reads": 1 } },
                "byNothing": { "onDemandMaximum": { "reads": 1 } },
            },
        },
        "Shop": {
            "deletionProtection": false, "stream": false,
            "tags": { "stage": "prod", "cost": "1" },
            "indexes": { "byEmail": { "warmThroughput": { "reads": 2, "writes": 2 } } },
        },
    });
    let schema = schema(&tables);
    insta::assert_snapshot!(
        schema.tables.iter().map(managed).collect::<Vec<_>>().join("\n\n"),
        @r#"
    StreamSpecification: {"StreamEnabled":true,"StreamViewType":"NEW_IMAGE"}
    DeletionProtectionEnabled: true
    PointInTimeRecoverySpecification: {"PointInTimeRecoveryEnabled":true}
    Tags: [{"Key":"stage","Value":"dev"},{"Key":"team","Value":"shop"}]

    StreamSpecification: {"StreamEnabled":false}
    DeletionProtectionEnabled: false
    PointInTimeRecoverySpecification: {"PointInTimeRecoveryEnabled":true}
    Tags: [{"Key":"cost","Value":"1"},{"Key":"stage","Value":"prod"},{"Key":"team","Value":"shop"}]
    byEmail.Projection: {"ProjectionType":"KEYS_ONLY"}
    byEmail.OnDemandThroughput: {"MaxReadRequestUnits":1,"MaxWriteRequestUnits":-1}
    byEmail.WarmThroughput: {"ReadUnitsPerSecond":2,"WriteUnitsPerSecond":2}
    byStatus.Projection: {"ProjectionType":"KEYS_ONLY"}
    byStatus.WarmThroughput: {"ReadUnitsPerSecond":1,"WriteUnitsPerSecond":1}
    byDate.Projection: {"ProjectionType":"KEYS_ONLY"}
    "#
    );
}

#[test]
fn contradictions_are_named_with_their_fields() {
    let numbers = json!({ "readCapacity": 5, "writeCapacity": 5 });
    let limit = json!({ "onDemandMaximum": { "reads": 5 } });
    let with = |settings: &[&Value]| {
        let mut all = Map::new();
        for one in settings {
            all.extend(one.as_object().unwrap().clone());
        }
        Value::Object(all)
    };
    let on_demand = json!({ "billingMode": "PAY_PER_REQUEST" });
    let provisioned = json!({ "billingMode": "PROVISIONED" });
    let many_tags = |prefix: &str, count: usize| -> Value {
        let tags: Map<String, Value> =
            (0..count).map(|number| (format!("{prefix}{number}"), json!("x"))).collect();
        json!({ "tags": tags })
    };
    let twice = json!({ "projection": ["total", "total"] });
    let crowd: Vec<String> = (0..21).map(|number| format!("a{number}")).collect();
    let mut shown = String::new();
    for (case, tables) in [
        ("unknown tables", json!({ "Shpo": {}, "Unheard": {} })),
        ("unknown indexes", json!({ "Shop": { "indexes": { "byEmial": {}, "zzz": {} } } })),
        ("no index at all", json!({ "Log": { "indexes": { "byEmail": {} } } })),
        ("numbers on demand", json!({ "Shop": with(&[&on_demand, &numbers]) })),
        (
            "autoscaled on demand",
            json!({ "Shop": { "billingMode": "PAY_PER_REQUEST", "capacity": "autoscaled" } }),
        ),
        ("a maximum and a mode", json!({ "Shop": with(&[&provisioned, &numbers, &limit]) })),
        ("a maximum and numbers", json!({ "Shop": with(&[&numbers, &limit]) })),
        ("a maximum and default numbers", json!({ "*": numbers, "Shop": limit })),
        ("no numbers", json!({ "Shop": provisioned })),
        ("no numbers, and a maximum", json!({ "Shop": with(&[&provisioned, &limit]) })),
        ("a wrong default, once", json!({ "*": with(&[&on_demand, &numbers]) })),
        ("an index without a mode", json!({ "Shop": { "indexes": { "byEmail": numbers } } })),
        ("all indexes without a mode", json!({ "*": { "indexes": { "*": numbers } } })),
        (
            "an index on demand",
            json!({ "Shop": { "billingMode": "PAY_PER_REQUEST", "indexes": { "byEmail": { "capacity": "autoscaled" } } } }),
        ),
        (
            "an index with a maximum",
            json!({ "Shop": with(&[&numbers, &json!({ "indexes": { "byEmail": limit } })]) }),
        ),
        (
            "a local index",
            json!({ "Shop": with(&[&numbers, &json!({ "indexes": { "byDate": with(&[&numbers, &limit, &json!({ "warmThroughput": { "reads": 1, "writes": 1 } })]) } })]) }),
        ),
        (
            "a projection said twice",
            json!({ "Shop": { "indexes": { "byStatus": { "projection": "ALL" } } } }),
        ),
        ("a repeated attribute", json!({ "Shop": { "indexes": { "byEmail": twice } } })),
        ("too many attributes", json!({ "*": { "indexes": { "*": { "projection": crowd } } } })),
        ("too many tags", json!({ "Shop": many_tags("a", 51) })),
        ("too many tags together", json!({ "*": many_tags("a", 26), "Shop": many_tags("b", 26) })),
        ("too many default tags", json!({ "*": many_tags("a", 51), "Shop": {} })),
    ] {
        let problems = problems(&tables);
        assert!(!problems.is_empty(), "{case}");
        shown += &format!("# {case}\n{problems}");
    }
    insta::assert_snapshot!(shown);
}

#[test]
fn what_is_no_contradiction() {
    for (case, tables) in [
        (
            "the schema says the same",
            json!({ "Shop": { "indexes": { "byStatus": { "projection": "KEYS_ONLY" } } } }),
        ),
        (
            "the schema wins over defaults",
            json!({ "*": { "indexes": { "*": { "projection": "ALL" } } } }),
        ),
        (
            "defaults name an index that no table has",
            json!({ "*": { "indexes": { "byNothing": { "projection": "ALL" } } } }),
        ),
        (
            "defaults spare local indexes",
            json!({ "*": { "readCapacity": 1, "writeCapacity": 1, "indexes": { "*": { "readCapacity": 1, "writeCapacity": 1 } } } }),
        ),
        (
            "50 tags",
            json!({ "*": { "tags": (0..50).map(|n| (format!("t{n}"), json!("x"))).collect::<Map<_, _>>() } }),
        ),
    ] {
        assert_eq!(problems(&tables), "", "{case}");
    }
    let by_status = shop(&json!({ "*": { "indexes": { "*": { "projection": "ALL" } } } }));
    assert_eq!(by_status.global_index("byStatus").unwrap().projection.to_string(), "KEYS_ONLY");
}

/// Returns an entry of a table or an index with any of its fields, which may contradict each other.
fn any_entry(depth: u32) -> BoxedStrategy<Value> {
    let number = 1..4_i64;
    let numbers = (number.clone(), number.clone())
        .prop_map(|(read, write)| json!({ "readCapacity": read, "writeCapacity": write }));
    let capacity = Just(json!({ "capacity": "autoscaled" }));
    let limit = number.clone().prop_map(|reads| json!({ "onDemandMaximum": { "reads": reads } }));
    let warm = number
        .clone()
        .prop_map(|units| json!({ "warmThroughput": { "reads": units, "writes": units } }));
    let mut fields = vec![numbers.boxed(), capacity.boxed(), limit.boxed(), warm.boxed()];
    if depth == 0 {
        let projection = prop_oneof![Just("ALL"), Just("KEYS_ONLY")];
        fields.push(projection.prop_map(|kind| json!({ "projection": kind })).boxed());
    } else {
        let mode = prop_oneof![Just("PAY_PER_REQUEST"), Just("PROVISIONED")];
        let tags = prop::collection::btree_map("[ab]", "[xy]", 0..3);
        let names = prop_oneof![Just("*"), Just("byEmail"), Just("byStatus")];
        let indexes = prop::collection::btree_map(names, any_entry(0), 0..3);
        fields.extend([
            mode.prop_map(|mode| json!({ "billingMode": mode })).boxed(),
            tags.prop_map(|tags| json!({ "tags": tags })).boxed(),
            any::<bool>().prop_map(|on| json!({ "deletionProtection": on })).boxed(),
            number.prop_map(|days| json!({ "pointInTimeRecovery": { "days": days } })).boxed(),
            indexes.prop_map(|indexes| json!({ "indexes": indexes })).boxed(),
        ]);
    }
    let optional: Vec<_> =
        fields.into_iter().map(|field| prop::option::weighted(0.3, field)).collect();
    let merged = optional.prop_map(|fields| {
        let fields = fields.into_iter().flatten();
        fields.flat_map(|field| field.as_object().cloned().unwrap_or_default()).collect()
    });
    merged.prop_map(Value::Object).boxed()
}

proptest! {
    #[test]
    fn settings_over_themselves_are_the_same(entry in any_entry(1)) {
        let entry = settings(&json!({ "*": entry })).defaults;
        prop_assert_eq!(entry.clone().over(&entry), entry);
    }

    #[test]
    fn absent_settings_leave_the_others_alone(entry in any_entry(1)) {
        let entry = settings(&json!({ "*": entry })).defaults;
        let nothing = AllTableSettings::default().defaults;
        prop_assert_eq!(nothing.clone().over(&entry), entry.clone());
        prop_assert_eq!(entry.clone().over(&nothing), entry);
    }

    #[test]
    fn what_is_accepted_is_complete(defaults in any_entry(1), own in any_entry(1)) {
        let tables = settings(&json!({ "*": defaults, "Shop": own }));
        let declaration = declaration();
        let resolved = resolve(&declaration).unwrap();
        let Ok(schema) = resolved.clone().with_settings(&declaration, &tables) else {
            return Ok(());
        };
        for table in &schema.tables {
            use mizzle_core::model::BillingMode::{PayPerRequest, Provisioned};
            let provisioned = table.billing_mode == Some(Provisioned);
            prop_assert_eq!(provisioned, table.autoscaled || table.provisioned_throughput.is_some());
            prop_assert!(!(provisioned && table.on_demand_throughput.is_some()));
            for index in &table.global_secondary_indexes {
                prop_assert_eq!(provisioned, index.autoscaled || index.provisioned_throughput.is_some());
                prop_assert!(!(provisioned && index.on_demand_throughput.is_some()));
            }
            if table.billing_mode == Some(PayPerRequest) {
                prop_assert!(table.provisioned_throughput.is_none() && !table.autoscaled);
            }
        }
        // Applying the settings again changes nothing.
        prop_assert_eq!(schema.clone().with_settings(&declaration, &tables), Ok(schema));
    }
}
