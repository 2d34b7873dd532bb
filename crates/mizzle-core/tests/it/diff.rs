//! Diffs: their contents and their descriptions.

use crate::{
    states::{any_table, desired},
    support::{TableExt, table},
};
use mizzle_core::{
    diff::{Diff, Released, TableDiff, diff, released},
    model::{
        AttributeDefinition, BillingMode, ContributorInsights, ContributorInsightsMode,
        ContributorInsightsSpecification, KeySchemaElement, KinesisDestination,
        KinesisDestinations, OnDemandThroughput, PointInTimeRecoverySpecification, Projection,
        ProvisionedThroughput, ResourcePolicy, ScalarType, SseSpecification, StreamSpecification,
        StreamViewType, TableClass, TableDefinition, Tag, TimeToLiveSpecification,
        TimestampPrecision, WarmThroughput,
    },
    plan::Simulator,
};
use proptest::prelude::*;
use serde_json::json;

fn details(before: &TableDefinition, after: &TableDefinition) -> Vec<String> {
    diff([before], [after]).tables.iter().flat_map(TableDiff::details).collect()
}

#[test]
fn tables_come_and_go_by_name() {
    let (a, b, c) = (table("Aaa"), table("Bbb"), table("Ccc"));
    let diff = diff([&a, &b], [&b, &c]);
    let [TableDiff::Delete(gone), TableDiff::Create(new)] = diff.tables.as_slice() else {
        panic!("{diff:?}")
    };
    assert_eq!((gone, new), (&a, &c));
}

#[test]
fn what_has_no_meaning_is_no_difference() {
    let plain = table("Shop").gsi("byA", &["a"], &[], Projection::include(["x", "y"])).gsi(
        "byB",
        &["b"],
        &["a"],
        Projection::all(),
    );

    let mut shuffled = plain.clone();
    shuffled.global_secondary_indexes.reverse();
    shuffled.attribute_definitions.reverse();
    for index in &mut shuffled.global_secondary_indexes {
        index.projection.non_key_attributes.reverse();
    }
    assert_eq!(details(&plain, &shuffled), [""; 0]);

    let mut unused = plain.clone();
    unused.attribute_definitions.push(AttributeDefinition {
        attribute_name: "nobody".to_owned(),
        attribute_type: ScalarType::N,
    });
    assert_eq!(details(&unused, &plain), [""; 0]);

    // The schema does not manage billing, so the remote table's is not compared.
    let mut provisioned = plain.clone();
    provisioned.billing_mode = Some(BillingMode::Provisioned);
    provisioned.provisioned_throughput =
        Some(ProvisionedThroughput { read_capacity_units: 5, write_capacity_units: 5 });
    assert_eq!(details(&provisioned, &plain), [""; 0]);
}

#[test]
fn every_kind_of_change_is_named() {
    let before = table("Shop")
        .gsi("byA", &["a"], &[], Projection::all())
        .gsi("byB", &["b"], &["c"], Projection::all())
        .gsi("byC", &["c"], &[], Projection::all())
        .lsi("localA", "a")
        .lsi("localB", "b");
    let mut after = table("Shop")
        .gsi("byB", &["b", "c"], &["d"], Projection::keys_only())
        .gsi("byC", &["c"], &[], Projection::all())
        .gsi("byD", &["d"], &[], Projection::include(["x", "y"]))
        .lsi("localB", "c")
        .lsi("localC", "c");
    after.key_schema = vec![KeySchemaElement::hash("pk")];
    let after = after.with_types(&[("c", ScalarType::N)]);
    insta::assert_snapshot!(details(&before, &after).join("\n"), @r"
    change the key from (pk S, sk S) to (pk S)
    drop LSI localA (pk S, a S)
    change LSI localB: key (pk S, b S) → (pk S, c N)
    add LSI localC (pk S, c N) ALL
    drop GSI byA (a S)
    change GSI byB: key (b S, c S) → (b S + c N, d S), projection ALL → KEYS_ONLY
    change GSI byC: key (c S) → (c N)
    add GSI byD (d S) INCLUDE (x, y)
    ");
}

#[test]
fn a_new_table_says_what_it_consists_of() {
    let new = table("Shop").gsi("byA", &["a"], &[], Projection::keys_only()).lsi("localB", "b");
    let diff = diff([], [&new]);
    insta::assert_snapshot!(diff.tables[0].details().join("\n"), @r"
    key (pk S, sk S)
    LSI localB (pk S, b S) ALL
    GSI byA (a S) KEYS_ONLY
    ");
}

fn on_demand(reads: i64, writes: i64) -> OnDemandThroughput {
    OnDemandThroughput { max_read_request_units: reads, max_write_request_units: writes }
}

fn capacity(units: i64) -> ProvisionedThroughput {
    ProvisionedThroughput { read_capacity_units: units, write_capacity_units: units }
}

fn warm(reads: i64, writes: i64) -> WarmThroughput {
    WarmThroughput { read_units_per_second: reads, write_units_per_second: writes }
}

fn recovery(days: Option<i32>) -> PointInTimeRecoverySpecification {
    PointInTimeRecoverySpecification {
        point_in_time_recovery_enabled: true,
        recovery_period_in_days: days,
    }
}

fn tags(tags: &[(&str, &str)]) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag { key: (*key).into(), value: (*value).into() }).collect()
}

fn throttled() -> ContributorInsightsSpecification {
    ContributorInsightsSpecification::enabled(Some(ContributorInsightsMode::ThrottledKeys))
}

/// Returns `Shop` with a GSI and a value for every setting.
fn managed() -> TableDefinition {
    let mut table = TableDefinition {
        billing_mode: Some(BillingMode::Provisioned),
        provisioned_throughput: Some(capacity(5)),
        on_demand_throughput: Some(on_demand(100, -1)),
        warm_throughput: Some(warm(20_000, 8_000)),
        stream_specification: Some(StreamSpecification::of(StreamViewType::NewImage)),
        sse_specification: Some(SseSpecification::MANAGED),
        table_class: Some(TableClass::StandardInfrequentAccess),
        deletion_protection_enabled: Some(true),
        time_to_live_specification: Some(TimeToLiveSpecification::by("expiresAt")),
        point_in_time_recovery_specification: Some(recovery(Some(7))),
        tags: Some(tags(&[("stage", "test"), ("team", "shop")])),
        resource_policy: Some(ResourcePolicy::new(json!({ "Id": "one" }))),
        kinesis_destinations: Some(KinesisDestinations::new([KinesisDestination {
            stream_arn: "arn:aws:kinesis:eu-central-1:123456789012:stream/orders".to_owned(),
            approximate_creation_date_time_precision: Some(TimestampPrecision::Microsecond),
        }])),
        contributor_insights: Some(ContributorInsights {
            table: Some(throttled()),
            indexes: [("byA".to_owned(), throttled())].into(),
        }),
        ..table("Shop").gsi("byA", &["a"], &[], Projection::all())
    };
    let index = &mut table.global_secondary_indexes[0];
    index.provisioned_throughput = Some(capacity(5));
    index.on_demand_throughput = Some(on_demand(100, -1));
    index.warm_throughput = Some(warm(20_000, 8_000));
    table
}

/// Returns `Shop` as a server describes it when no setting was changed.
fn untouched() -> TableDefinition {
    let table = table("Shop").gsi("byA", &["a"], &[], Projection::all());
    let simulator = Simulator::holding([table]);
    simulator.describe("Shop").unwrap().definition
}

#[test]
fn every_setting_that_differs_is_named() {
    insta::assert_snapshot!(details(&untouched(), &managed()).join("\n"), @"
    change billing mode: PAY_PER_REQUEST → PROVISIONED
    set capacity: 5 reads, 5 writes
    set capacity of byA: 5 reads, 5 writes
    change on-demand maximum: unlimited reads, unlimited writes → 100 reads, unlimited writes
    change on-demand maximum of byA: unlimited reads, unlimited writes → 100 reads, unlimited writes
    change warm throughput: 12000 reads, 4000 writes → 20000 reads, 8000 writes
    change warm throughput of byA: 12000 reads, 4000 writes → 20000 reads, 8000 writes
    change stream: off → NEW_IMAGE
    change encryption: owned key → managed key
    change table class: STANDARD → STANDARD_INFREQUENT_ACCESS
    change deletion protection: off → on
    change time to live: off → expiresAt
    change point-in-time recovery: off → 7 days
    change tags: stage=test, team=shop
    set resource policy
    change Kinesis destination: none → orders (MICROSECOND)
    change contributor insights: off → on (THROTTLED_KEYS), change contributor insights of byA: off → on (THROTTLED_KEYS)
    ");
    insta::assert_snapshot!(details(&managed(), &untouched()).join("\n"), @"
    change billing mode: PROVISIONED → PAY_PER_REQUEST
    change on-demand maximum: 100 reads, unlimited writes → unlimited reads, unlimited writes
    change on-demand maximum of byA: 100 reads, unlimited writes → unlimited reads, unlimited writes
    change warm throughput: 20000 reads, 8000 writes → 12000 reads, 4000 writes
    change warm throughput of byA: 20000 reads, 8000 writes → 12000 reads, 4000 writes
    change stream: NEW_IMAGE → off
    change encryption: managed key → owned key
    change table class: STANDARD_INFREQUENT_ACCESS → STANDARD
    change deletion protection: on → off
    change time to live: expiresAt → off
    change point-in-time recovery: 7 days → off
    change tags: no stage, no team
    remove resource policy
    change Kinesis destination: orders (MICROSECOND) → none
    change contributor insights: on (THROTTLED_KEYS) → off, change contributor insights of byA: on (THROTTLED_KEYS) → off
    ");
}

#[test]
fn a_setting_that_is_not_known_is_set() {
    let bare = table("Shop").gsi("byA", &["a"], &[], Projection::all());
    insta::assert_snapshot!(details(&bare, &managed()).join("\n"), @"
    set billing mode: PROVISIONED
    set capacity: 5 reads, 5 writes
    set capacity of byA: 5 reads, 5 writes
    set on-demand maximum: 100 reads, unlimited writes
    set on-demand maximum of byA: 100 reads, unlimited writes
    set warm throughput: 20000 reads, 8000 writes
    set warm throughput of byA: 20000 reads, 8000 writes
    set stream: NEW_IMAGE
    set encryption: managed key
    set table class: STANDARD_INFREQUENT_ACCESS
    set deletion protection: on
    set time to live: expiresAt
    set point-in-time recovery: 7 days
    change tags: stage=test, team=shop
    set resource policy
    set Kinesis destination: orders (MICROSECOND)
    set contributor insights: on (THROTTLED_KEYS), set contributor insights of byA: on (THROTTLED_KEYS)
    ");
}

#[test]
fn a_setting_that_is_left_out_is_nobodys_business() {
    let bare = table("Shop").gsi("byA", &["a"], &[], Projection::all());
    assert_eq!(details(&managed(), &bare), [""; 0]);
    assert_eq!(details(&untouched(), &bare), [""; 0]);
}

#[test]
fn a_new_table_names_its_settings() {
    let diff = diff([], [&managed()]);
    insta::assert_snapshot!(diff.tables[0].details().join("\n"), @"
    key (pk S, sk S)
    GSI byA (a S) ALL
    billing mode PROVISIONED (5 reads, 5 writes)
    on-demand maximum 100 reads, unlimited writes
    warm throughput 20000 reads, 8000 writes
    stream NEW_IMAGE
    encryption managed key
    table class STANDARD_INFREQUENT_ACCESS
    deletion protection on
    time to live expiresAt
    point-in-time recovery 7 days
    tags stage=test, team=shop
    resource policy of its own
    Kinesis destination orders (MICROSECOND)
    contributor insights on (THROTTLED_KEYS), on (THROTTLED_KEYS) for byA
    ");
}

/// Two equivalent states in different forms.
#[test]
fn what_means_the_same_is_no_difference() {
    type Change = fn(&mut TableDefinition);
    let cases: [(&str, Change, Change); 7] = [
        (
            "any number of days will do",
            |present| present.point_in_time_recovery_specification = Some(recovery(Some(35))),
            |wanted| wanted.point_in_time_recovery_specification = Some(recovery(None)),
        ),
        (
            "no days of what is off",
            |present| {
                present.point_in_time_recovery_specification =
                    Some(PointInTimeRecoverySpecification::DISABLED);
            },
            |wanted| {
                wanted.point_in_time_recovery_specification =
                    Some(PointInTimeRecoverySpecification {
                        point_in_time_recovery_enabled: false,
                        recovery_period_in_days: Some(7),
                    });
            },
        ),
        (
            "the numbers of an autoscaled table",
            |present| present.provisioned_throughput = Some(capacity(99)),
            |wanted| {
                wanted.autoscaled = true;
                wanted.provisioned_throughput = Some(capacity(5));
            },
        ),
        (
            "the numbers of an autoscaled index",
            |present| {
                present.global_secondary_indexes[0].provisioned_throughput = Some(capacity(99));
            },
            |wanted| {
                wanted.global_secondary_indexes[0].autoscaled = true;
                wanted.global_secondary_indexes[0].provisioned_throughput = Some(capacity(5));
            },
        ),
        (
            "the order of tags",
            |present| present.tags = Some(tags(&[("a", "1"), ("b", "2")])),
            |wanted| wanted.tags = Some(tags(&[("b", "2"), ("a", "1")])),
        ),
        (
            "a policy in other words",
            |present| {
                let root = "arn:aws:iam::111122223333:root";
                present.resource_policy = Some(ResourcePolicy::new(
                    json!({ "Statement": [{ "Action": "a", "Principal": { "AWS": root } }] }),
                ));
            },
            |wanted| {
                wanted.resource_policy = Some(ResourcePolicy::new(
                    json!({ "Statement": { "Principal": { "AWS": "111122223333" }, "Action": ["a"] } }),
                ));
            },
        ),
        (
            "time to live that is off and was never asked for",
            |present| present.time_to_live_specification = None,
            |wanted| {
                wanted.time_to_live_specification = Some(TimeToLiveSpecification::DISABLED);
            },
        ),
    ];
    for (label, present, wanted) in cases {
        let shop = || table("Shop").gsi("byA", &["a"], &[], Projection::all());
        let (mut before, mut after) = (shop(), shop());
        present(&mut before);
        wanted(&mut after);
        assert_eq!(details(&before, &after), [""; 0], "{label}");
    }
}

proptest! {
    #[test]
    fn any_two_states_can_be_compared(a in desired(), b in desired()) {
        prop_assert_eq!(diff([&a], [&a]), Diff::default());
        for table in &diff([&a], [&b]).tables {
            prop_assert!(!table.details().is_empty(), "a difference has a name");
        }
    }

    #[test]
    fn a_state_does_not_differ_from_itself(table in any_table()) {
        prop_assert!(diff([&table], [&table]).is_empty());
    }

    #[test]
    fn two_states_differ_exactly_when_they_are_different(a in any_table(), b in any_table()) {
        prop_assert_eq!(diff([&a], [&b]).is_empty(), a == b);
    }
}

#[test]
fn what_is_no_longer_managed_is_named_and_what_changes_is_not() {
    let capacity =
        |units| ProvisionedThroughput { read_capacity_units: units, write_capacity_units: units };
    let managed = TableDefinition {
        billing_mode: Some(BillingMode::Provisioned),
        provisioned_throughput: Some(capacity(5)),
        deletion_protection_enabled: Some(true),
        table_class: Some(TableClass::Standard),
        ..table("Shop")
    };
    let names = |after: &TableDefinition| {
        let released = released([&managed], [after]);
        released.into_iter().flat_map(|released| released.settings).collect::<Vec<_>>()
    };
    assert_eq!(names(&managed), [""; 0]);
    assert_eq!(
        names(&table("Shop")),
        ["billing mode", "capacity", "table class", "deletion protection"]
    );
    let autoscaled = TableDefinition { autoscaled: true, ..managed.clone() };
    assert_eq!(names(&autoscaled), ["capacity"]);
    let changed = TableDefinition {
        provisioned_throughput: Some(capacity(9)),
        table_class: None,
        ..managed.clone()
    };
    assert_eq!(names(&changed), ["table class"]);
    assert_eq!(released([&managed], []), [], "a table that goes takes its settings along");
    let [Released { table, .. }] = &*released([&managed], [&autoscaled]) else { panic!("one") };
    assert_eq!(table, "Shop");
}

proptest! {
    /// Otherwise the next `generate` would find a change again.
    #[test]
    fn of_what_stays_nothing_is_released(table in desired()) {
        prop_assert_eq!(released([&table], [&table]), []);
    }
}
