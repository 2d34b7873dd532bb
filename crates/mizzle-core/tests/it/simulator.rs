//! The simulator: its acceptance, descriptions and refusals match DynamoDB's.

mod refusals;

use crate::support::{TableExt, table};
use mizzle_core::{
    model::{
        AttributeDefinition, BillingMode, IndexState, OnDemandThroughput,
        PointInTimeRecoverySpecification, Projection, ProvisionedThroughput, ResourcePolicy,
        ScalarType, SseSpecification, Status, TableClass, TableDefinition, Tag,
        TimeToLiveSpecification, WarmThroughput,
    },
    plan::{
        Call, CreateIndex, CreateTable, DeleteIndex, DeleteResourcePolicy, DeleteTable, Exception,
        GlobalSecondaryIndexUpdate, NO_POLICY, PutResourcePolicy, Simulator, TagResource,
        UntagResource, UpdateContinuousBackups, UpdateIndex, UpdateTable, UpdateTimeToLive,
    },
};
use serde_json::json;

const CAPACITY: ProvisionedThroughput =
    ProvisionedThroughput { read_capacity_units: 7, write_capacity_units: 3 };

fn capacity(units: i64) -> ProvisionedThroughput {
    ProvisionedThroughput { read_capacity_units: units, write_capacity_units: units }
}

fn limit(units: i64) -> OnDemandThroughput {
    OnDemandThroughput { max_read_request_units: units, max_write_request_units: units }
}

fn warm(reads: i64, writes: i64) -> WarmThroughput {
    WarmThroughput { read_units_per_second: reads, write_units_per_second: writes }
}

/// Returns `Shop` with a GSI and an LSI, on demand.
fn shop() -> TableDefinition {
    table("Shop").gsi("byA", &["a"], &[], Projection::all()).lsi("localB", "b")
}

/// Returns `Shop`, provisioned.
fn provisioned() -> TableDefinition {
    let mut table = shop();
    table.provisioned_throughput = Some(CAPACITY);
    table
}

fn update(change: impl FnOnce(&mut UpdateTable)) -> Call {
    let mut request = UpdateTable { table_name: "Shop".to_owned(), ..UpdateTable::default() };
    change(&mut request);
    Call::UpdateTable(request)
}

fn new_index(name: &str, key: &str) -> CreateIndex {
    let table = table("Shop").gsi(name, &[key], &[], Projection::all());
    CreateIndex::from(table.global_secondary_indexes[0].clone())
}

/// Adds an index to `Shop`, with the attribute definitions that it needs.
fn add(index: CreateIndex) -> Call {
    let mut after = shop();
    for element in &index.key_schema {
        after.attribute_definitions.push(AttributeDefinition {
            attribute_name: element.attribute_name.clone(),
            attribute_type: ScalarType::S,
        });
    }
    update(|request| {
        request.attribute_definitions = after.normalised().attribute_definitions;
        request.global_secondary_index_updates = vec![GlobalSecondaryIndexUpdate::Create(index)];
    })
}

fn drop(name: &str) -> GlobalSecondaryIndexUpdate {
    GlobalSecondaryIndexUpdate::Delete(DeleteIndex { index_name: name.to_owned() })
}

fn drop_index(name: &str) -> Call {
    update(|request| request.global_secondary_index_updates = vec![drop(name)])
}

fn adjust(change: impl FnOnce(&mut UpdateIndex)) -> GlobalSecondaryIndexUpdate {
    let mut index = UpdateIndex { index_name: "byA".to_owned(), ..UpdateIndex::default() };
    change(&mut index);
    GlobalSecondaryIndexUpdate::Update(index)
}

fn expire(enabled: bool, attribute: Option<&str>) -> Call {
    Call::UpdateTimeToLive(UpdateTimeToLive {
        table_name: "Shop".to_owned(),
        time_to_live_specification: TimeToLiveSpecification {
            attribute_name: attribute.map(str::to_owned),
            enabled,
        },
    })
}

fn back_up(enabled: bool, days: Option<i32>) -> Call {
    Call::UpdateContinuousBackups(UpdateContinuousBackups {
        table_name: "Shop".to_owned(),
        point_in_time_recovery_specification: PointInTimeRecoverySpecification {
            point_in_time_recovery_enabled: enabled,
            recovery_period_in_days: days,
        },
    })
}

fn tags(keys: impl IntoIterator<Item = impl Into<String>>) -> Vec<Tag> {
    keys.into_iter().map(|key| Tag { key: key.into(), value: "x".to_owned() }).collect()
}

fn tag(tags: Vec<Tag>) -> Call {
    Call::TagResource(TagResource { table_name: "Shop".to_owned(), tags })
}

fn policy(id: &str) -> ResourcePolicy {
    ResourcePolicy::new(json!({ "Id": id }))
}

fn put_policy(policy: ResourcePolicy, expected: Option<&str>) -> Call {
    Call::PutResourcePolicy(PutResourcePolicy {
        table_name: "Shop".to_owned(),
        policy,
        expected_revision_id: expected.map(str::to_owned),
    })
}

fn delete_policy(expected: Option<&str>) -> Call {
    Call::DeleteResourcePolicy(DeleteResourcePolicy {
        table_name: "Shop".to_owned(),
        expected_revision_id: expected.map(str::to_owned),
    })
}

fn delete() -> Call {
    Call::DeleteTable(DeleteTable { table_name: "Shop".to_owned() })
}

fn create(change: impl FnOnce(&mut CreateTable)) -> Call {
    let table = shop();
    let mut request = CreateTable {
        table_name: table.table_name,
        attribute_definitions: table.attribute_definitions,
        key_schema: table.key_schema,
        global_secondary_indexes: vec![new_index("byA", "a")],
        local_secondary_indexes: table.local_secondary_indexes,
        billing_mode: Some(BillingMode::PayPerRequest),
        ..CreateTable::default()
    };
    change(&mut request);
    Call::CreateTable(request)
}

/// Applies calls to `table`, and returns the settled result.
fn after(table: TableDefinition, calls: &[Call]) -> TableDefinition {
    let mut simulator = Simulator::holding([table]);
    for call in calls {
        simulator.call(call).unwrap();
        simulator.settle("Shop");
    }
    simulator.describe("Shop").unwrap().definition
}

#[test]
fn every_setting_of_a_table_is_known() {
    let simulator = Simulator::holding([shop()]);
    let description = simulator.describe("Shop").unwrap();
    assert!(description.is_settled());
    insta::assert_json_snapshot!(description.definition);
    assert_eq!(simulator.describe("Other"), None);
}

#[test]
fn twenty_indexes_are_the_limit() {
    let full = (1..20).fold(shop(), |table, number| {
        table.gsi(&format!("idx{number}"), &["a"], &[], Projection::all())
    });
    let mut simulator = Simulator::holding([full]);
    let refusal = simulator.call(&add(new_index("byC", "c"))).unwrap_err();
    assert_eq!(refusal.code, Exception::Validation);
    simulator.call(&drop_index("byA")).unwrap();
    simulator.settle("Shop");
    simulator.call(&add(new_index("byC", "c"))).unwrap();
}

fn states(simulator: &Simulator) -> (Status, Vec<(String, IndexState)>) {
    let description = simulator.describe("Shop").unwrap();
    (description.status, description.indexes.into_iter().collect())
}

fn index(name: &str, status: Status, backfilling: bool) -> (String, IndexState) {
    (name.to_owned(), IndexState { status, backfilling, is_warming: false })
}

#[test]
fn a_new_index_is_made_room_for_then_filled_then_there() {
    let mut simulator = Simulator::holding([shop()]);
    let active = || index("byA", Status::Active, false);
    simulator.call(&add(new_index("byC", "c"))).unwrap();
    assert_eq!(
        states(&simulator),
        (Status::Updating, vec![active(), index("byC", Status::Creating, false)])
    );
    let refusal = simulator.call(&drop_index("byC")).unwrap_err();
    assert_eq!(refusal.code, Exception::ResourceInUse, "not in the first phase");

    simulator.start_backfill("Shop");
    assert_eq!(
        states(&simulator),
        (Status::Active, vec![active(), index("byC", Status::Creating, true)])
    );
    for call in [drop_index("byA"), delete(), back_up(true, None)] {
        assert_eq!(simulator.call(&call).unwrap_err().code, Exception::ResourceInUse);
    }
    let mut given_up = simulator.clone();

    simulator.settle("Shop");
    let there = vec![active(), index("byC", Status::Active, false)];
    assert_eq!(states(&simulator), (Status::Active, there));

    given_up.call(&drop_index("byC")).unwrap();
    assert_eq!(
        states(&given_up),
        (Status::Updating, vec![active(), index("byC", Status::Deleting, false)])
    );
    given_up.settle("Shop");
    assert_eq!(states(&given_up), (Status::Active, vec![active()]));
    let full = Simulator::holding([shop()]).describe("Shop").unwrap().definition;
    assert_eq!(given_up.describe("Shop").unwrap().definition, full, "no attribute is left");
}

#[test]
fn a_table_takes_no_other_call_until_it_is_settled() {
    let rest = || {
        [
            update(|r| r.table_class = Some(TableClass::StandardInfrequentAccess)),
            expire(true, Some("expiresAt")),
            back_up(true, None),
            tag(tags(["x"])),
            Call::UntagResource(UntagResource {
                table_name: "Shop".to_owned(),
                tag_keys: vec!["x".to_owned()],
            }),
            put_policy(policy("one"), None),
            delete_policy(None),
        ]
    };
    let mut simulator = Simulator::default();
    simulator.call(&create(|_| {})).unwrap();
    assert_eq!(states(&simulator), (Status::Creating, vec![index("byA", Status::Creating, false)]));
    for call in rest().iter().chain([&delete()]) {
        assert_eq!(simulator.call(call).unwrap_err().code, Exception::ResourceInUse, "{call:?}");
    }
    simulator.settle("Shop");
    for call in rest() {
        simulator.call(&call).unwrap();
        simulator.settle("Shop");
    }
    simulator.call(&delete()).unwrap();
    assert_eq!(states(&simulator).0, Status::Deleting);
    simulator.call(&delete()).expect("deleting what is being deleted is no error");
    for call in rest() {
        assert_eq!(simulator.call(&call).unwrap_err().code, Exception::ResourceInUse);
    }
    simulator.settle("Shop");
    assert_eq!(simulator.describe("Shop"), None);
}

#[test]
fn a_change_shows_when_it_is_through() {
    let mut simulator = Simulator::holding([shop()]);
    let class = |simulator: &Simulator| simulator.describe("Shop").unwrap().definition.table_class;
    let call = update(|r| r.table_class = Some(TableClass::StandardInfrequentAccess));
    simulator.call(&call).unwrap();
    assert_eq!(class(&simulator), Some(TableClass::Standard));
    simulator.settle("Shop");
    assert_eq!(class(&simulator), Some(TableClass::StandardInfrequentAccess));
}

#[test]
fn a_billing_mode_brings_its_numbers_and_takes_those_of_the_other() {
    let to_provisioned = update(|r| {
        r.billing_mode = Some(BillingMode::Provisioned);
        r.provisioned_throughput = Some(capacity(5));
        r.global_secondary_index_updates =
            vec![adjust(|index| index.provisioned_throughput = Some(capacity(20_000)))];
    });
    let to_on_demand = update(|r| r.billing_mode = Some(BillingMode::PayPerRequest));

    let table = after(shop(), std::slice::from_ref(&to_provisioned));
    assert_eq!(table.provisioned_throughput, Some(capacity(5)));
    assert_eq!(table.on_demand_throughput, None);
    assert_eq!(table.warm_throughput, Some(warm(12_000, 4_000)), "it does not cool down");
    let index = table.global_index("byA").unwrap();
    assert_eq!(index.provisioned_throughput, Some(capacity(20_000)));
    assert_eq!(index.warm_throughput, Some(warm(20_000, 20_000)), "capacity is warm");

    let table = after(shop(), &[to_provisioned, to_on_demand]);
    assert_eq!(table.provisioned_throughput, None);
    assert_eq!(table.on_demand_throughput, Some(OnDemandThroughput::UNLIMITED));
    let index = table.global_index("byA").unwrap();
    assert_eq!(index.provisioned_throughput, None);
    assert_eq!(index.on_demand_throughput, Some(OnDemandThroughput::UNLIMITED));
    assert_eq!(index.warm_throughput, Some(warm(20_000, 20_000)));
}

#[test]
fn time_to_live_rests_between_two_changes() {
    let mut simulator = Simulator::holding([shop()]);
    simulator.call(&expire(true, Some("expiresAt"))).unwrap();
    let refusal = simulator.call(&expire(false, Some("expiresAt"))).unwrap_err();
    assert!(refusal.message.contains("multiple times within a fixed interval"), "{refusal}");
    simulator.settle("Shop");
    simulator.call(&expire(false, Some("expiresAt"))).unwrap();
}

#[test]
fn a_policy_has_a_revision_of_its_own() {
    let mut simulator = Simulator::holding([shop()]);
    let revision = |simulator: &Simulator| simulator.describe("Shop").unwrap().policy_revision;
    assert_eq!(revision(&simulator), None);
    simulator.call(&put_policy(policy("one"), Some(NO_POLICY))).unwrap();
    let first = revision(&simulator);
    simulator.call(&put_policy(policy("two"), first.as_deref())).unwrap();
    let second = revision(&simulator);
    assert!(first != second && second.is_some());
    let refusal = simulator.call(&delete_policy(first.as_deref())).unwrap_err();
    assert_eq!(refusal.code, Exception::PolicyNotFound);
    simulator.call(&delete_policy(second.as_deref())).unwrap();
    simulator.call(&delete_policy(None)).expect("there is none to delete, which is no error");
    assert_eq!(revision(&simulator), None);
}

#[test]
fn a_key_is_answered_as_an_arn() {
    let encrypt = |encryption| update(|r| r.sse_specification = Some(encryption));
    let table = after(shop(), &[encrypt(SseSpecification::key("1234"))]);
    let answer = table.sse_specification.unwrap();
    assert!(answer.kms_master_key_id.unwrap().ends_with(":key/1234"));
    let mut simulator = Simulator::holding([shop()]);
    for encryption in [SseSpecification::MANAGED, SseSpecification::key("1234")] {
        simulator.call(&encrypt(encryption.clone())).unwrap();
        simulator.settle("Shop");
        simulator.call(&encrypt(encryption)).unwrap_err();
    }
}

#[test]
fn items_are_counted_and_gone_with_their_table() {
    let mut simulator = Simulator::holding([shop()]);
    simulator.put_items("Shop", 3);
    simulator.put_items("Other", 3);
    assert_eq!(simulator.describe("Shop").unwrap().item_count, Some(3));
    for call in [delete(), create(|_| {})] {
        simulator.call(&call).unwrap();
        simulator.settle("Shop");
    }
    assert_eq!(simulator.describe("Shop").unwrap().item_count, Some(0));
}
