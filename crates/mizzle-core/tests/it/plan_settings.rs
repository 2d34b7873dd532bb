//! Plans for settings as snapshots: one rule per test.

use crate::support::{TableExt, table};
use mizzle_core::{
    diff::diff,
    model::{
        BillingMode, OnDemandThroughput, PointInTimeRecoverySpecification, Projection,
        ProvisionedThroughput, ResourcePolicy, SseSpecification, StreamSpecification,
        StreamViewType, TableClass, TableDefinition, Tag, TimeToLiveSpecification, WarmThroughput,
    },
    plan::{Context, Facts, Plan, Step, plan},
};
use serde_json::json;

fn plan_of(before: &TableDefinition, after: &TableDefinition, context: &Context) -> Plan {
    plan(&diff([before], [after]), context)
}

/// Formats the steps: title, request, hazards.
fn shown(steps: &[Step]) -> String {
    let mut text = String::new();
    for step in steps {
        text += &format!(
            "{}: {}\n  {} {}\n",
            step.id,
            step.title,
            step.call.operation(),
            step.call.input()
        );
        for hazard in &step.hazards {
            text += &format!("  ▲ {}\n", hazard.message);
        }
    }
    text
}

fn change(
    before: impl FnOnce(&mut TableDefinition),
    after: impl FnOnce(&mut TableDefinition),
) -> String {
    let indexed = table("Shop").gsi("byA", &["a"], &[], Projection::all());
    let (mut old, mut new) = (indexed.clone(), indexed);
    before(&mut old);
    after(&mut new);
    let plan = plan_of(&old, &new, &Context::default());
    assert!(plan.blocked.is_empty(), "{:?}", plan.blocked);
    shown(&plan.steps)
}

fn capacity(units: i64) -> Option<ProvisionedThroughput> {
    Some(ProvisionedThroughput { read_capacity_units: units, write_capacity_units: units })
}

#[test]
fn provisioned_capacity_comes_with_numbers_for_every_index() {
    let steps = change(
        |old| old.billing_mode = Some(BillingMode::PayPerRequest),
        |new| {
            new.billing_mode = Some(BillingMode::Provisioned);
            new.provisioned_throughput = capacity(7);
        },
    );
    insta::assert_snapshot!(steps, @r#"
    Shop:set-billing-mode: Switch to PROVISIONED (7 reads, 7 writes)
      UpdateTable {"TableName":"Shop","BillingMode":"PROVISIONED","ProvisionedThroughput":{"ReadCapacityUnits":7,"WriteCapacityUnits":7},"GlobalSecondaryIndexUpdates":[{"Update":{"IndexName":"byA","ProvisionedThroughput":{"ReadCapacityUnits":7,"WriteCapacityUnits":7}}}]}
      ▲ Requests beyond 7 reads, 7 writes a second are throttled from now on.
    "#);
}

#[test]
fn what_is_autoscaled_keeps_its_numbers() {
    let steps = change(
        |old| {
            old.billing_mode = Some(BillingMode::Provisioned);
            old.provisioned_throughput = capacity(7);
            old.global_secondary_indexes[0].provisioned_throughput = capacity(3);
        },
        |new| {
            new.billing_mode = Some(BillingMode::Provisioned);
            new.provisioned_throughput = capacity(1);
            new.autoscaled = true;
            new.global_secondary_indexes[0].provisioned_throughput = capacity(1);
            new.global_secondary_indexes[0].autoscaled = true;
            // A rebuilt index starts with its autoscaled capacity.
            new.global_secondary_indexes[0].projection = Projection::keys_only();
        },
    );
    insta::assert_snapshot!(steps, @r#"
    Shop:drop-index:byA: Drop GSI byA
      UpdateTable {"TableName":"Shop","GlobalSecondaryIndexUpdates":[{"Delete":{"IndexName":"byA"}}]}
      ▲ byA changes (projection ALL → KEYS_ONLY), which DynamoDB can only do by rebuilding it: queries on it fail until it is ACTIVE again. To avoid the gap, add the index under a new name first, switch the queries over, then drop this one.
    Shop:create-index:byA: Add GSI byA (a S) KEYS_ONLY
      UpdateTable {"TableName":"Shop","AttributeDefinitions":[{"AttributeName":"a","AttributeType":"S"},{"AttributeName":"pk","AttributeType":"S"},{"AttributeName":"sk","AttributeType":"S"}],"GlobalSecondaryIndexUpdates":[{"Create":{"IndexName":"byA","KeySchema":[{"AttributeName":"a","KeyType":"HASH"}],"Projection":{"ProjectionType":"KEYS_ONLY"},"ProvisionedThroughput":{"ReadCapacityUnits":3,"WriteCapacityUnits":3}}}]}
    "#);
}

#[test]
fn capacities_of_a_table_and_its_indexes_change_in_one_call() {
    let steps = change(
        |old| {
            old.billing_mode = Some(BillingMode::Provisioned);
            old.provisioned_throughput = capacity(7);
            old.global_secondary_indexes[0].provisioned_throughput = capacity(7);
        },
        |new| {
            new.provisioned_throughput = capacity(9);
            new.global_secondary_indexes[0].provisioned_throughput = capacity(2);
        },
    );
    insta::assert_snapshot!(steps, @r#"
    Shop:set-capacity: Set capacity: 9 reads, 9 writes; byA 2 reads, 2 writes
      UpdateTable {"TableName":"Shop","ProvisionedThroughput":{"ReadCapacityUnits":9,"WriteCapacityUnits":9},"GlobalSecondaryIndexUpdates":[{"Update":{"IndexName":"byA","ProvisionedThroughput":{"ReadCapacityUnits":2,"WriteCapacityUnits":2}}}]}
      ▲ Requests of byA beyond 2 reads, 2 writes a second are throttled from now on.
    "#);
}

#[test]
fn on_demand_limits_and_warm_throughput() {
    let limit = OnDemandThroughput { max_read_request_units: 100, max_write_request_units: -1 };
    let warm = |read, write| {
        Some(WarmThroughput { read_units_per_second: read, write_units_per_second: write })
    };
    let steps = change(
        |old| {
            old.billing_mode = Some(BillingMode::PayPerRequest);
            old.on_demand_throughput = Some(OnDemandThroughput::UNLIMITED);
            old.warm_throughput = warm(20_000, 4_000);
        },
        |new| {
            new.on_demand_throughput = Some(limit);
            new.global_secondary_indexes[0].on_demand_throughput = Some(limit);
            // The reads keep their number, because they cannot be lowered.
            new.warm_throughput = warm(12_000, 8_000);
        },
    );
    insta::assert_snapshot!(steps, @r#"
    Shop:set-on-demand-maximum: Set on-demand maximum: 100 reads, unlimited writes
      UpdateTable {"TableName":"Shop","OnDemandThroughput":{"MaxReadRequestUnits":100,"MaxWriteRequestUnits":-1}}
      ▲ Requests beyond 100 reads, unlimited writes a second are throttled from now on.
    Shop:set-on-demand-maximum:byA: Set on-demand maximum: byA 100 reads, unlimited writes
      UpdateTable {"TableName":"Shop","GlobalSecondaryIndexUpdates":[{"Update":{"IndexName":"byA","OnDemandThroughput":{"MaxReadRequestUnits":100,"MaxWriteRequestUnits":-1}}}]}
      ▲ Requests of byA beyond 100 reads, unlimited writes a second are throttled from now on.
    Shop:set-warm-throughput: Set warm throughput: 20000 reads, 8000 writes
      UpdateTable {"TableName":"Shop","WarmThroughput":{"ReadUnitsPerSecond":20000,"WriteUnitsPerSecond":8000}}
    "#);
}

#[test]
fn warm_throughput_that_only_goes_down_is_refused() {
    let warm = |units| {
        Some(WarmThroughput { read_units_per_second: units, write_units_per_second: units })
    };
    let before = TableDefinition { warm_throughput: warm(9_000), ..table("Shop") };
    let after = TableDefinition { warm_throughput: warm(8_000), ..table("Shop") };
    let plan = plan_of(&before, &after, &Context::default());
    assert!(plan.steps.is_empty());
    insta::assert_snapshot!(format!("{}\n{}", plan.blocked[0].reason, plan.blocked[0].hint), @r"
    Shop: warm throughput cannot go down from 9000 reads, 9000 writes to 8000 reads, 8000 writes. DynamoDB only ever raises it
    leave the number as it was; or remove warmThroughput from the config, which leaves it alone
    ");
}

#[test]
fn a_global_table_and_one_in_an_odd_status_are_left_alone() {
    let before = table("Shop");
    let after = table("Shop").lsi("byD", "d");
    let global = Facts { replicas: vec!["eu-west-1".to_owned()], ..Facts::default() };
    let archived = Facts { unusable: Some("ARCHIVED".to_owned()), ..Facts::default() };
    let accepting = |facts| Context { accept_data_loss: true, ..knowing(facts) };
    let mut texts = Vec::new();
    for (after, facts) in
        [(vec![&after], &global), (vec![], &global), (vec![&after], &archived), (vec![], &archived)]
    {
        let plan = plan(&diff([&before], after), &accepting(facts.clone()));
        assert!(plan.steps.is_empty());
        texts.push(format!("{}\n  {}", plan.blocked[0].reason, plan.blocked[0].hint));
    }
    insta::assert_snapshot!(texts.join("\n"), @"
    Shop is a global table, with replicas in eu-west-1. Deleting it here would leave those behind
      remove the replicas first, with the console or the CLI of AWS
    Shop is a global table, with replicas in eu-west-1. Deleting it here would leave those behind
      remove the replicas first, with the console or the CLI of AWS
    Shop is ARCHIVED, in which DynamoDB does not change a table
      see the table in the console of AWS
    Shop is ARCHIVED, in which DynamoDB does not change a table
      see the table in the console of AWS
    ");
}

#[test]
fn a_key_of_which_nobody_knows_whose_it_is_keeps_a_table_from_being_replaced() {
    let before =
        TableDefinition { sse_specification: Some(SseSpecification::key("arn")), ..table("Shop") };
    let after = table("Shop").lsi("byD", "d");
    let context = Context { accept_data_loss: true, ..Context::default() };
    let refused = plan(&diff([&before], [&after]), &context);
    insta::assert_snapshot!(
        format!("{}\n  {}", refused.blocked[0].reason, refused.blocked[0].hint),
        @r#"
    Shop would have to be replaced, and it is encrypted with a KMS key of which DynamoDB does not tell whose it is
      state `encryption` for it in the config: "managed", or { kmsKey }
    "#
    );
    let stated = TableDefinition { sse_specification: Some(SseSpecification::MANAGED), ..after };
    assert!(plan(&diff([&before], [&stated]), &context).blocked.is_empty());
}

#[test]
fn a_new_table_does_not_ask_for_less_warmth_than_it_has() {
    let cold = WarmThroughput { read_units_per_second: 1, write_units_per_second: 9_000 };
    let mut new = table("Shop").gsi("byA", &["a"], &[], Projection::all());
    new.warm_throughput = Some(cold);
    new.global_secondary_indexes[0].warm_throughput = Some(cold);
    let plan = plan(&diff([], [&new]), &Context::default());
    let input = plan.steps[0].call.input();
    let expected = json!({ "ReadUnitsPerSecond": 12_000, "WriteUnitsPerSecond": 9_000 });
    assert_eq!(input["WarmThroughput"], expected);
    assert_eq!(input["GlobalSecondaryIndexes"][0]["WarmThroughput"], expected);
}

#[test]
fn a_maximum_of_a_provisioned_table_is_refused() {
    let before = TableDefinition { billing_mode: Some(BillingMode::Provisioned), ..table("Shop") };
    let limit = OnDemandThroughput { max_read_request_units: 9, max_write_request_units: 9 };
    let after = TableDefinition { on_demand_throughput: Some(limit), ..table("Shop") };
    let plan = plan_of(&before, &after, &Context::default());
    insta::assert_snapshot!(format!("{}\n{}", plan.blocked[0].reason, plan.blocked[0].hint), @r#"
    Shop is PROVISIONED, and only what is on demand has a maximum
    set billingMode: "PAY_PER_REQUEST" for it in the config, or leave onDemandMaximum out
    "#);
}

#[test]
fn a_stream_gets_another_view_by_way_of_none() {
    let steps = change(
        |old| old.stream_specification = Some(StreamSpecification::of(StreamViewType::KeysOnly)),
        |new| new.stream_specification = Some(StreamSpecification::of(StreamViewType::NewImage)),
    );
    insta::assert_snapshot!(steps, @r#"
    Shop:disable-stream: Turn off the stream
      UpdateTable {"TableName":"Shop","StreamSpecification":{"StreamEnabled":false}}
      ▲ The stream ends and another begins, under another ARN: what reads it (Lambda triggers, pipes) has to be attached to the new one. Changes in between are in neither; records that are there can be read for 24 hours.
    Shop:enable-stream: Turn on the stream (NEW_IMAGE)
      UpdateTable {"TableName":"Shop","StreamSpecification":{"StreamEnabled":true,"StreamViewType":"NEW_IMAGE"}}
    "#);
    let steps = change(
        |old| old.stream_specification = Some(StreamSpecification::of(StreamViewType::KeysOnly)),
        |new| new.stream_specification = Some(StreamSpecification::DISABLED),
    );
    insta::assert_snapshot!(steps, @r#"
    Shop:disable-stream: Turn off the stream
      UpdateTable {"TableName":"Shop","StreamSpecification":{"StreamEnabled":false}}
      ▲ The stream ends: what reads it gets nothing new. Records that are there can be read for 24 hours.
    "#);
}

#[test]
fn items_expire_by_another_attribute_by_way_of_none() {
    let steps = change(
        |old| old.time_to_live_specification = Some(TimeToLiveSpecification::by("until")),
        |new| new.time_to_live_specification = Some(TimeToLiveSpecification::by("expires")),
    );
    insta::assert_snapshot!(steps, @r#"
    Shop:disable-time-to-live: Stop letting items expire by "until"
      UpdateTimeToLive {"TableName":"Shop","TimeToLiveSpecification":{"AttributeName":"until","Enabled":false}}
    Shop:enable-time-to-live: Let items expire by "expires"
      UpdateTimeToLive {"TableName":"Shop","TimeToLiveSpecification":{"AttributeName":"expires","Enabled":true}}
      ▲ Items whose "expires" is a time in the past are deleted, in the background and for good.
    "#);
}

#[test]
fn the_rest_is_a_call_each_with_backups_first_and_protection_last() {
    let days = |days| PointInTimeRecoverySpecification {
        point_in_time_recovery_enabled: true,
        recovery_period_in_days: Some(days),
    };
    let tag = |key: &str, value: &str| Tag { key: key.to_owned(), value: value.to_owned() };
    let steps = change(
        |old| {
            old.point_in_time_recovery_specification = Some(days(35));
            old.tags = Some(vec![tag("a", "1"), tag("b", "1")]);
            old.resource_policy = Some(ResourcePolicy::new(json!({ "Statement": [] })));
        },
        |new| {
            new.point_in_time_recovery_specification = Some(days(7));
            new.tags = Some(vec![tag("a", "2")]);
            new.resource_policy = Some(ResourcePolicy::NONE);
            new.sse_specification = Some(SseSpecification::key("arn:aws:kms:…:key/1"));
            new.table_class = Some(TableClass::StandardInfrequentAccess);
            new.deletion_protection_enabled = Some(true);
            new.global_secondary_indexes.clear();
            *new = new.clone().with_types(&[]);
        },
    );
    insta::assert_snapshot!(steps, @r#"
    Shop:enable-point-in-time-recovery: Turn on point-in-time recovery (7 days)
      UpdateContinuousBackups {"TableName":"Shop","PointInTimeRecoverySpecification":{"PointInTimeRecoveryEnabled":true,"RecoveryPeriodInDays":7}}
      ▲ Backups older than 7 days are deleted.
    Shop:drop-index:byA: Drop GSI byA
      UpdateTable {"TableName":"Shop","GlobalSecondaryIndexUpdates":[{"Delete":{"IndexName":"byA"}}]}
      ▲ Queries on byA fail from now on. The items of the table are not touched.
    Shop:set-encryption: Encrypt with the key arn:aws:kms:…:key/1
      UpdateTable {"TableName":"Shop","SSESpecification":{"Enabled":true,"KMSMasterKeyId":"arn:aws:kms:…:key/1"}}
    Shop:set-table-class: Set table class: STANDARD_INFREQUENT_ACCESS
      UpdateTable {"TableName":"Shop","TableClass":"STANDARD_INFREQUENT_ACCESS"}
    Shop:untag: Remove tags: b
      UntagResource {"ResourceArn":"Shop","TagKeys":["b"]}
      ▲ What goes by b (costs, permissions) no longer finds it.
    Shop:tag: Set tags: a=2
      TagResource {"ResourceArn":"Shop","Tags":[{"Key":"a","Value":"2"}]}
    Shop:delete-resource-policy: Remove the resource policy
      DeleteResourcePolicy {"ResourceArn":"Shop"}
      ▲ Principals that have access by the present policy alone lose it.
    Shop:enable-deletion-protection: Turn on deletion protection
      UpdateTable {"TableName":"Shop","DeletionProtectionEnabled":true}
    "#);
}

#[test]
fn a_new_table_is_created_with_all_that_the_request_takes() {
    let mut new = table("Shop").gsi("byA", &["a"], &[], Projection::all());
    new.billing_mode = Some(BillingMode::Provisioned);
    new.autoscaled = true;
    new.stream_specification = Some(StreamSpecification::of(StreamViewType::NewImage));
    new.sse_specification = Some(SseSpecification::OWNED);
    new.deletion_protection_enabled = Some(true);
    new.time_to_live_specification = Some(TimeToLiveSpecification::by("until"));
    new.point_in_time_recovery_specification = Some(PointInTimeRecoverySpecification::DISABLED);
    new.resource_policy = Some(ResourcePolicy::new(json!({ "Statement": [] })));
    let plan = plan(&diff([], [&new]), &Context::default());
    insta::assert_snapshot!(shown(&plan.steps), @r#"
    Shop:create-table: Create table
      CreateTable {"TableName":"Shop","AttributeDefinitions":[{"AttributeName":"a","AttributeType":"S"},{"AttributeName":"pk","AttributeType":"S"},{"AttributeName":"sk","AttributeType":"S"}],"KeySchema":[{"AttributeName":"pk","KeyType":"HASH"},{"AttributeName":"sk","KeyType":"RANGE"}],"GlobalSecondaryIndexes":[{"IndexName":"byA","KeySchema":[{"AttributeName":"a","KeyType":"HASH"}],"Projection":{"ProjectionType":"ALL"},"ProvisionedThroughput":{"ReadCapacityUnits":5,"WriteCapacityUnits":5}}],"BillingMode":"PROVISIONED","ProvisionedThroughput":{"ReadCapacityUnits":5,"WriteCapacityUnits":5},"StreamSpecification":{"StreamEnabled":true,"StreamViewType":"NEW_IMAGE"},"DeletionProtectionEnabled":true}
    Shop:enable-time-to-live: Let items expire by "until"
      UpdateTimeToLive {"TableName":"Shop","TimeToLiveSpecification":{"AttributeName":"until","Enabled":true}}
    Shop:put-resource-policy: Set the resource policy
      PutResourcePolicy {"ResourceArn":"Shop","Policy":"{\"Statement\":[]}"}
    "#);
}

/// Returns the facts of a million items of one kilobyte.
fn facts() -> Facts {
    Facts {
        item_count: Some(1_000_000),
        size_bytes: Some(1_024_000_000),
        policy_revision: Some("7".to_owned()),
        ..Facts::default()
    }
}

fn knowing(facts: Facts) -> Context {
    Context { facts: [("Shop".to_owned(), facts)].into(), ..Context::default() }
}

#[test]
fn hazards_say_how_many_items_they_concern() {
    let before = table("Shop").gsi("byA", &["a"], &[], Projection::all());
    let mut after = table("Shop").gsi("byA", &["a"], &["b"], Projection::all()).gsi(
        "byC",
        &["c"],
        &[],
        Projection::all(),
    );
    after.billing_mode = Some(BillingMode::Provisioned);
    after.provisioned_throughput = capacity(100);
    let plan = plan_of(&before, &after, &knowing(facts()));
    let mut hazards: Vec<&str> =
        plan.steps.iter().flat_map(|step| &step.hazards).map(|hazard| &*hazard.message).collect();
    let deletion = mizzle_core::plan::plan(&diff([&before], []), &knowing(facts()));
    hazards.push(&deletion.steps[0].hazards[0].message);
    insta::assert_snapshot!(hazards.join("\n"), @"
    Requests beyond 100 reads, 100 writes a second are throttled from now on.
    Filling it takes about 3 hours for about 1,000,000 items (1.0 GB).
    byA changes (key (a S) → (a S, b S)), which DynamoDB can only do by rebuilding it: queries on it fail until it is ACTIVE again. Filling it takes about 3 hours for about 1,000,000 items (1.0 GB). To avoid the gap, add the index under a new name first, switch the queries over, then drop this one.
    Deletes table Shop and every item in it: about 1,000,000 items (1.0 GB).
    ");
}

#[test]
fn only_the_policy_that_was_seen_is_replaced() {
    let policy = |action: &str| Some(ResourcePolicy::new(json!({ "Statement": action })));
    let before = TableDefinition { resource_policy: policy("a"), ..table("Shop") };
    let after = TableDefinition { resource_policy: policy("b"), ..table("Shop") };
    let none = TableDefinition { resource_policy: Some(ResourcePolicy::NONE), ..table("Shop") };
    let revision = |before, facts: Facts| {
        let plan = plan_of(before, &after, &knowing(facts));
        plan.steps[0].call.input()["ExpectedRevisionId"].clone()
    };
    assert_eq!(revision(&before, facts()), "7");
    assert_eq!(revision(&none, Facts::default()), "NO_POLICY");
    // A script does not contain the revision of a present table.
    let plan = plan_of(&before, &after, &Context::default());
    assert_eq!(plan.steps[0].call.input()["ExpectedRevisionId"], json!(null));
}

#[test]
fn an_index_that_is_still_built_and_not_wanted_goes_first() {
    let before = table("Shop").gsi("byA", &["a"], &[], Projection::all());
    let mut after = table("Shop").gsi("byB", &["b"], &[], Projection::all());
    after.billing_mode = Some(BillingMode::PayPerRequest);
    let building = Facts { building: ["byA".to_owned()].into(), ..Facts::default() };
    let plan = plan_of(&before, &after, &knowing(building));
    let ids: Vec<String> = plan.steps.iter().map(|step| step.id.to_string()).collect();
    assert_eq!(ids, ["Shop:drop-index:byA", "Shop:set-billing-mode", "Shop:create-index:byB"]);
}

#[test]
fn an_empty_table_is_replaced_with_what_nobody_manages() {
    let mut before = table("Shop").gsi("byA", &["a"], &[], Projection::all());
    before.billing_mode = Some(BillingMode::Provisioned);
    before.provisioned_throughput = capacity(9);
    before.global_secondary_indexes[0].provisioned_throughput = capacity(4);
    before.deletion_protection_enabled = Some(true);
    before.tags = Some(vec![Tag { key: "team".to_owned(), value: "shop".to_owned() }]);
    before.time_to_live_specification = Some(TimeToLiveSpecification::by("until"));
    let after = table("Shop").gsi("byA", &["a"], &[], Projection::all()).lsi("byD", "d");
    let empty = Facts { is_empty: Some(true), ..Facts::default() };
    let plan = plan_of(&before, &after, &knowing(empty));
    insta::assert_snapshot!(shown(&plan.steps), @r#"
    Shop:disable-deletion-protection: Lift deletion protection
      UpdateTable {"TableName":"Shop","DeletionProtectionEnabled":false}
      ▲ Shop is protected against being deleted. The protection is lifted in order to delete it.
    Shop:delete-table: Delete table
      DeleteTable {"TableName":"Shop"}
      ▲ Deletes table Shop and creates it again, because LSI byD cannot be added. It holds no item, which is checked once more before it goes. Its backups for point-in-time recovery, its stream and its auto scaling go with it; requests fail until it is ACTIVE again.
    Shop:create-table: Create table
      CreateTable {"TableName":"Shop","AttributeDefinitions":[{"AttributeName":"a","AttributeType":"S"},{"AttributeName":"d","AttributeType":"S"},{"AttributeName":"pk","AttributeType":"S"},{"AttributeName":"sk","AttributeType":"S"}],"KeySchema":[{"AttributeName":"pk","KeyType":"HASH"},{"AttributeName":"sk","KeyType":"RANGE"}],"GlobalSecondaryIndexes":[{"IndexName":"byA","KeySchema":[{"AttributeName":"a","KeyType":"HASH"}],"Projection":{"ProjectionType":"ALL"},"ProvisionedThroughput":{"ReadCapacityUnits":4,"WriteCapacityUnits":4}}],"LocalSecondaryIndexes":[{"IndexName":"byD","KeySchema":[{"AttributeName":"pk","KeyType":"HASH"},{"AttributeName":"d","KeyType":"RANGE"}],"Projection":{"ProjectionType":"ALL"}}],"BillingMode":"PROVISIONED","ProvisionedThroughput":{"ReadCapacityUnits":9,"WriteCapacityUnits":9},"DeletionProtectionEnabled":true,"Tags":[{"Key":"team","Value":"shop"}]}
    Shop:enable-time-to-live: Let items expire by "until"
      UpdateTimeToLive {"TableName":"Shop","TimeToLiveSpecification":{"AttributeName":"until","Enabled":true}}
    "#);

    let full = Facts { is_empty: Some(false), ..facts() };
    let refused = plan_of(&before, &after, &knowing(full.clone()));
    assert!(refused.steps.is_empty());
    insta::assert_snapshot!(
        format!("{}\n{}", refused.blocked[0].reason, refused.blocked[0].hint),
        @"
    Shop would have to be replaced: LSI byD cannot be added. DynamoDB fixes keys and LSIs when a table is created. Replacing it loses its items: about 1,000,000 items (1.0 GB)
    make the index global (gsi), which can be added at any time; or undo the change in the schema; or pass --accept-data-loss to replace the table
    "
    );

    let accepted = plan_of(&before, &after, &Context { accept_data_loss: true, ..knowing(full) });
    insta::assert_snapshot!(
        accepted.steps[1].hazards[0].message,
        @"Deletes table Shop and creates it again, because LSI byD cannot be added. Every item is lost: about 1,000,000 items (1.0 GB). Its backups for point-in-time recovery, its stream and its auto scaling go with it; requests fail until it is ACTIVE again."
    );
    assert_eq!(accepted.steps[1].guard, None, "nothing is known that would have to hold still");
}
