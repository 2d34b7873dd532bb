//! Scripts between two snapshots: they must set the managed settings, and no others.

use super::{calls, id, migration, parse, rendered, tables};
use crate::support::{TableExt, table};
use mizzle_core::{
    history::{History, HistoryProblem, check},
    model::{
        BillingMode, PointInTimeRecoverySpecification, Projection, ProvisionedThroughput,
        ResourcePolicy, SseSpecification, StreamSpecification, StreamViewType, TableClass,
        TableDefinition, TimeToLiveSpecification,
    },
};
use serde_json::{Value, json};

/// Returns the problems of one script between two snapshots of one table, whose `TableName` is
/// added.
fn between(
    before: &TableDefinition,
    script: &[(&str, Value)],
    after: Option<&TableDefinition>,
) -> Vec<HistoryProblem> {
    let calls = script.iter().map(|(method, input)| {
        let mut input = input.clone();
        let name = if method.ends_with("Table") || method.starts_with("update") {
            "TableName"
        } else {
            "ResourceArn"
        };
        input[name] = json!("Shop");
        parse(method, &input)
    });
    let first = migration(
        1,
        None,
        self::calls(&[], std::slice::from_ref(before)),
        std::slice::from_ref(before),
    );
    let after: Vec<TableDefinition> = after.cloned().into_iter().collect();
    let second = migration(2, id(&first), calls.collect(), &after);
    check(&History { baseline: None, migrations: vec![first, second], schema: tables(&after) })
}

/// Unmanaged settings of a snapshot may have any value, and are never reported.
#[test]
fn unmanaged_settings_do_not_count() {
    let shop = table("Shop");
    let index = || {
        json!({
            "AttributeDefinitions": [
                { "AttributeName": "a", "AttributeType": "S" },
                { "AttributeName": "pk", "AttributeType": "S" },
                { "AttributeName": "sk", "AttributeType": "S" },
            ],
            "GlobalSecondaryIndexUpdates": [{ "Create": {
                "IndexName": "byA",
                "KeySchema": [{ "AttributeName": "a", "KeyType": "HASH" }],
                "Projection": { "ProjectionType": "ALL" },
                "ProvisionedThroughput": { "ReadCapacityUnits": 5, "WriteCapacityUnits": 5 },
            } }],
        })
    };
    let expiry = |attribute: &str, is_on: bool| json!({ "TimeToLiveSpecification": { "AttributeName": attribute, "Enabled": is_on } });
    let stream = |view: &str| match view {
        "" => json!({ "StreamSpecification": { "StreamEnabled": false } }),
        view => json!({ "StreamSpecification": { "StreamEnabled": true, "StreamViewType": view } }),
    };
    let policy = |revision: &str| json!({ "Policy": r#"{"Statement": []}"#, "ExpectedRevisionId": revision });
    let indexed = shop.clone().gsi("byA", &["a"], &[], Projection::all());
    let streaming = TableDefinition {
        stream_specification: Some(StreamSpecification::of(StreamViewType::KeysOnly)),
        ..shop.clone()
    };
    let open = TableDefinition {
        resource_policy: Some(ResourcePolicy::new(json!({ "Statement": [] }))),
        ..shop.clone()
    };
    let standard = TableDefinition { table_class: Some(TableClass::Standard), ..shop.clone() };
    for (title, script, after) in [
        ("off, whatever it is", vec![("updateTimeToLive", expiry("ttl", false))], Some(&shop)),
        (
            "another attribute",
            vec![("updateTimeToLive", expiry("a", false)), ("updateTimeToLive", expiry("b", true))],
            Some(&shop),
        ),
        (
            "a view, whatever there was",
            vec![("updateTable", stream("")), ("updateTable", stream("KEYS_ONLY"))],
            Some(&streaming),
        ),
        (
            "to the default",
            vec![("updateTable", json!({ "TableClass": "STANDARD" }))],
            Some(&standard),
        ),
        (
            "capacity",
            vec![(
                "updateTable",
                json!({ "ProvisionedThroughput": { "ReadCapacityUnits": 5, "WriteCapacityUnits": 5 } }),
            )],
            Some(&shop),
        ),
        ("an index of a provisioned table", vec![("updateTable", index())], Some(&indexed)),
        ("a known revision", vec![("putResourcePolicy", policy("1700000000000"))], Some(&open)),
        (
            "tags",
            vec![
                ("untagResource", json!({ "TagKeys": ["a"] })),
                ("tagResource", json!({ "Tags": [{ "Key": "a", "Value": "b" }] })),
            ],
            Some(&shop),
        ),
        (
            "protection",
            vec![
                ("updateTable", json!({ "DeletionProtectionEnabled": false })),
                ("deleteTable", json!({})),
            ],
            None,
        ),
    ] {
        assert_eq!(rendered(&between(&shop, &script, after)), "", "{title}");
    }
}

/// Scripts must set the managed settings of a snapshot.
#[test]
fn managed_settings_do_count() {
    let on = |table: TableDefinition| TableDefinition {
        time_to_live_specification: Some(TimeToLiveSpecification::by("ttl")),
        deletion_protection_enabled: Some(true),
        resource_policy: Some(ResourcePolicy::new(json!({ "Statement": [] }))),
        billing_mode: Some(BillingMode::PayPerRequest),
        ..table
    };
    let shop = on(table("Shop"));
    let expiry = |attribute: &str, is_on: bool| json!({ "TimeToLiveSpecification": { "AttributeName": attribute, "Enabled": is_on } });
    let expiring = TableDefinition {
        time_to_live_specification: Some(TimeToLiveSpecification::by("other")),
        ..shop.clone()
    };
    let capacity = ProvisionedThroughput { read_capacity_units: 5, write_capacity_units: 5 };
    let provisioned = TableDefinition {
        billing_mode: Some(BillingMode::Provisioned),
        provisioned_throughput: Some(capacity),
        ..shop.clone()
    };
    let recovered = TableDefinition {
        point_in_time_recovery_specification: Some(PointInTimeRecoverySpecification {
            point_in_time_recovery_enabled: true,
            recovery_period_in_days: Some(7),
        }),
        ..shop.clone()
    };
    let recovery = |days: i32| {
        json!({ "PointInTimeRecoverySpecification": {
            "PointInTimeRecoveryEnabled": true, "RecoveryPeriodInDays": days,
        } })
    };
    let sections = [
        ("deleted while it is protected", vec![("deleteTable", json!({}))], None),
        ("another attribute at once", vec![("updateTimeToLive", expiry("other", true))], Some(&expiring)),
        ("the wrong attribute", vec![("updateTimeToLive", expiry("ttl", false)), ("updateTimeToLive", expiry("othr", true))], Some(&expiring)),
        ("no policy expected", vec![("deleteResourcePolicy", json!({ "ExpectedRevisionId": "NO_POLICY" }))], Some(&shop)),
        ("the policy removed", vec![("deleteResourcePolicy", json!({}))], Some(&shop)),
        ("capacity on demand", vec![("updateTable", json!({ "ProvisionedThroughput": { "ReadCapacityUnits": 5, "WriteCapacityUnits": 5 } }))], Some(&provisioned)),
        ("too many days", vec![("updateContinuousBackups", recovery(35))], Some(&recovered)),
        ("created again", vec![("createTable", parse_create())], Some(&shop)),
    ]
    .map(|(title, script, after)| format!("# {title}\n{}", rendered(&between(&shop, &script, after))));
    insta::assert_snapshot!(sections.join("\n\n"));
}

/// DynamoDB returns an ARN for all owners of a key; a script names the kind of key.
#[test]
fn a_key_is_told_from_another_where_it_can_be() {
    const ARN: &str = "arn:aws:kms:eu-west-1:999988887777:key/1234";
    let encrypted =
        |encryption| TableDefinition { sse_specification: Some(encryption), ..table("Shop") };
    let own = encrypted(SseSpecification::key("1234"));
    let managed = encrypted(SseSpecification::MANAGED);
    let wrong = "change encryption: 1234 → managed key";
    let encrypt = ("updateTable", json!({ "SSESpecification": { "Enabled": true } }));
    for (title, script, after, expected) in [
        ("forgotten", vec![], &managed, Some(wrong)),
        ("done", vec![encrypt.clone()], &managed, None),
        ("another one", vec![encrypt], &own, Some("change encryption: managed key → 1234")),
        ("the same, spelled out", vec![], &encrypted(SseSpecification::key(ARN)), None),
    ] {
        let problems = rendered(&between(&own, &script, Some(after)));
        match expected {
            Some(words) => assert!(problems.contains(words), "{title}: {problems}"),
            None => assert_eq!(problems, "", "{title}"),
        }
    }
}

/// Returns a request for a table with another key than `Shop` has.
fn parse_create() -> Value {
    json!({
        "AttributeDefinitions": [{ "AttributeName": "id", "AttributeType": "S" }],
        "KeySchema": [{ "AttributeName": "id", "KeyType": "HASH" }],
        "BillingMode": "PAY_PER_REQUEST",
    })
}
