//! Unmanaged features of a table: replicas, vector indexes, attached resources.

use crate::support::{TableExt, table};
use mizzle_core::{
    diff::diff,
    model::{
        BillingMode, PointInTimeRecoverySpecification, ProvisionedThroughput, ResourcePolicy,
        SseSpecification, StreamSpecification, StreamViewType, TableClass, TableDefinition, Tag,
        TimeToLiveSpecification,
    },
    plan::{Context, Facts, Forecast, Plan, Simulator, Step, plan},
};
use serde_json::json;

fn knowing(facts: Facts) -> Context {
    Context {
        facts: [("Shop".to_owned(), facts)].into(),
        accept_data_loss: true,
        ..Context::default()
    }
}

fn plan_of(before: &TableDefinition, after: &TableDefinition, facts: &Facts) -> Plan {
    plan(&diff([before], [after]), &knowing(facts.clone()))
}

fn global() -> Facts {
    Facts {
        // AWS omits the region of the request; MiniStack does not.
        replicas: vec!["eu-west-1".to_owned(), "us-east-1".to_owned(), "us-west-2".to_owned()],
        region: Some("us-east-1".to_owned()),
        ..Facts::default()
    }
}

fn shop() -> TableDefinition {
    TableDefinition {
        billing_mode: Some(BillingMode::PayPerRequest),
        stream_specification: Some(StreamSpecification::of(StreamViewType::NewAndOldImages)),
        sse_specification: Some(SseSpecification::OWNED),
        ..table("Shop")
    }
}

fn refusals(plan: &Plan) -> String {
    assert!(plan.steps.is_empty(), "nothing is begun: {plan:?}");
    let lines =
        plan.blocked.iter().map(|blocked| format!("{}\n  {}", blocked.reason, blocked.hint));
    lines.collect::<Vec<String>>().join("\n")
}

#[test]
fn what_dynamodb_refuses_of_a_global_table_is_blocked() {
    let mut texts = Vec::new();
    for stream in [StreamSpecification::DISABLED, StreamSpecification::of(StreamViewType::KeysOnly)]
    {
        let after = TableDefinition {
            stream_specification: Some(stream),
            // Changes that are possible are not started either.
            deletion_protection_enabled: Some(true),
            ..shop()
        };
        texts.push(refusals(&plan_of(&shop(), &after, &global())));
        // Without replicas, or with replicas that do not need the stream, the change is possible.
        let strong = Facts { is_strongly_consistent: true, ..global() };
        for facts in [Facts::default(), strong] {
            assert_eq!(plan_of(&shop(), &after, &facts).blocked, []);
        }
    }
    let key = |id| Some(SseSpecification::key(id));
    for (before, after) in [
        (Some(SseSpecification::OWNED), key("k1")),
        (key("k1"), key("k2")),
        (key("k1"), Some(SseSpecification::OWNED)),
    ] {
        let before = TableDefinition { sse_specification: before, ..shop() };
        let after = TableDefinition { sse_specification: after, ..shop() };
        texts.push(refusals(&plan_of(&before, &after, &global())));
        assert_eq!(plan_of(&before, &after, &Facts::default()).blocked, []);
    }
    let expiring = TableDefinition {
        time_to_live_specification: Some(TimeToLiveSpecification::by("until")),
        ..shop()
    };
    let strong = Facts { is_strongly_consistent: true, ..global() };
    texts.push(refusals(&plan_of(&shop(), &expiring, &strong)));
    assert_eq!(plan_of(&shop(), &expiring, &global()).blocked, []);
    insta::assert_snapshot!(texts.join("\n"), @"
    Shop is a global table, with replicas in eu-west-1 and us-west-2: its stream carries the changes there, and DynamoDB neither ends nor changes it (change stream: NEW_AND_OLD_IMAGES → off)
      remove `stream` for this table from the config, which leaves it alone; or remove the replicas first, with the console or the CLI of AWS
    Shop is a global table, with replicas in eu-west-1 and us-west-2: its stream carries the changes there, and DynamoDB neither ends nor changes it (change stream: NEW_AND_OLD_IMAGES → KEYS_ONLY)
      remove `stream` for this table from the config, which leaves it alone; or remove the replicas first, with the console or the CLI of AWS
    Shop is a global table, with replicas in eu-west-1 and us-west-2, each with a KMS key of its own region: DynamoDB does not change the key of one of them alone (change encryption: owned key → k1)
      remove `encryption` for this table from the config, which leaves it alone; the keys of all replicas are changed with the console or the CLI of AWS
    Shop is a global table, with replicas in eu-west-1 and us-west-2, each with a KMS key of its own region: DynamoDB does not change the key of one of them alone (change encryption: k1 → k2)
      remove `encryption` for this table from the config, which leaves it alone; the keys of all replicas are changed with the console or the CLI of AWS
    Shop is a global table, with replicas in eu-west-1 and us-west-2, each with a KMS key of its own region: DynamoDB does not change the key of one of them alone (change encryption: k1 → owned key)
      remove `encryption` for this table from the config, which leaves it alone; the keys of all replicas are changed with the console or the CLI of AWS
    Shop is a global table, strongly consistent with eu-west-1 and us-west-2, of which DynamoDB lets no item expire
      remove `timeToLive` for this table from the config
    ");
    let managed = TableDefinition { sse_specification: Some(SseSpecification::MANAGED), ..shop() };
    assert_eq!(plan_of(&shop(), &managed, &global()).blocked, [], "the type goes to all regions");
}

#[test]
fn what_reaches_one_region_is_said_with_its_step() {
    let before = TableDefinition {
        tags: Some(vec![Tag { key: "old".to_owned(), value: "1".to_owned() }]),
        resource_policy: Some(ResourcePolicy::NONE),
        ..shop()
    };
    let after = TableDefinition {
        deletion_protection_enabled: Some(true),
        point_in_time_recovery_specification: Some(PointInTimeRecoverySpecification {
            point_in_time_recovery_enabled: true,
            recovery_period_in_days: None,
        }),
        tags: Some(vec![Tag { key: "new".to_owned(), value: "1".to_owned() }]),
        resource_policy: Some(ResourcePolicy::new(json!({ "Statement": [] }))),
        time_to_live_specification: Some(TimeToLiveSpecification::by("until")),
        table_class: Some(TableClass::StandardInfrequentAccess),
        ..shop()
    };
    let noted = |step: &Step| {
        let note = step.details.join("; ");
        format!("{}: {note}", step.id)
    };
    let plan = plan_of(&before, &after, &global());
    insta::assert_snapshot!(plan.steps.iter().map(noted).collect::<Vec<_>>().join("\n"), @"
    Shop:enable-point-in-time-recovery: global table with replicas in eu-west-1 and us-west-2: set in us-east-1 only
    Shop:set-table-class: 
    Shop:enable-time-to-live: 
    Shop:untag: global table with replicas in eu-west-1 and us-west-2: set in us-east-1 only
    Shop:tag: global table with replicas in eu-west-1 and us-west-2: set in us-east-1 only
    Shop:put-resource-policy: global table with replicas in eu-west-1 and us-west-2: set in us-east-1 only
    Shop:enable-deletion-protection: global table with replicas in eu-west-1 and us-west-2: set in us-east-1 only
    ");
    // A script's call has the same note, once its table is known.
    for step in &plan.steps {
        let scripted = |facts: Facts| {
            let present = Simulator::holding([before.clone()]).describe("Shop").unwrap();
            Forecast::new([(present, facts)]).step(Step::of(step.call.clone(), 0)).details
        };
        assert_eq!(scripted(global()), step.details);
        assert!(scripted(Facts::default()).is_empty());
    }
}

#[test]
fn a_table_with_vector_indexes_is_neither_replaced_nor_provisioned() {
    let vectors = Facts {
        vector_indexes: vec!["byMeaning".to_owned()],
        is_empty: Some(true),
        ..Facts::default()
    };
    let replaced = shop().lsi("byD", "d");
    let provisioned = TableDefinition {
        billing_mode: Some(BillingMode::Provisioned),
        provisioned_throughput: Some(ProvisionedThroughput {
            read_capacity_units: 1,
            write_capacity_units: 1,
        }),
        deletion_protection_enabled: Some(true),
        ..shop()
    };
    let several = Facts { vector_indexes: vec!["a".to_owned(), "b".to_owned()], ..vectors.clone() };
    let texts = [
        refusals(&plan_of(&shop(), &replaced, &vectors)),
        refusals(&plan_of(&shop(), &provisioned, &several)),
    ];
    insta::assert_snapshot!(texts.join("\n"), @"
    Shop would have to be replaced, and it has vector index byMeaning, which mizzle does not manage and could not build again
      describe a table of another name, copy the items, and switch over; or delete the vector index first, with the console or the CLI of AWS
    Shop cannot become PROVISIONED: it has vector indexes a and b, which DynamoDB has on demand only
      leave the table on demand in the config
    ");
}

#[test]
fn what_goes_with_a_table_is_in_the_hazard() {
    let facts = Facts {
        is_empty: Some(true),
        attached: vec!["Kinesis destination orders".to_owned(), "contributor insights".to_owned()],
        ..Facts::default()
    };
    let unseen = Facts {
        is_empty: Some(true),
        unseen: vec!["Kinesis destinations".to_owned(), "contributor insights".to_owned()],
        ..Facts::default()
    };
    let vectors = Facts { vector_indexes: vec!["byMeaning".to_owned()], ..facts.clone() };
    let replaced = |facts: &Facts| plan_of(&shop(), &shop().lsi("byD", "d"), facts);
    let deleted = |facts: &Facts| plan(&diff([&shop()], []), &knowing(facts.clone()));
    let plans = [
        replaced(&facts),
        replaced(&unseen),
        replaced(&Facts { is_empty: Some(true), ..Facts::default() }),
        deleted(&vectors),
        deleted(&unseen),
    ];
    let hazards = plans.iter().map(|plan| plan.steps[0].hazards[0].message.clone());
    insta::assert_snapshot!(hazards.collect::<Vec<String>>().join("\n"), @"
    Deletes table Shop and creates it again, because LSI byD cannot be added. It holds no item, which is checked once more before it goes. Its backups for point-in-time recovery, its stream, its auto scaling, Kinesis destination orders and contributor insights go with it; requests fail until it is ACTIVE again.
    Deletes table Shop and creates it again, because LSI byD cannot be added. It holds no item, which is checked once more before it goes. Its backups for point-in-time recovery, its stream and its auto scaling go with it; requests fail until it is ACTIVE again. Whether it has Kinesis destinations or contributor insights could not be seen.
    Deletes table Shop and creates it again, because LSI byD cannot be added. It holds no item, which is checked once more before it goes. Its backups for point-in-time recovery, its stream and its auto scaling go with it; requests fail until it is ACTIVE again.
    Deletes table Shop, which holds no item. It takes vector index byMeaning, Kinesis destination orders and contributor insights with it.
    Deletes table Shop, which holds no item. Whether it has Kinesis destinations or contributor insights could not be seen.
    ");
}

/// The calls of a script follow the same rules as a plan.
#[test]
fn what_a_script_must_not_do_is_known_before_it_runs() {
    let vectors = Facts { vector_indexes: vec!["byMeaning".to_owned()], ..Facts::default() };
    let with_stream = |stream_enabled: bool| TableDefinition {
        stream_specification: Some(StreamSpecification {
            stream_enabled,
            stream_view_type: stream_enabled.then_some(StreamViewType::NewAndOldImages),
        }),
        ..shop()
    };
    let calls = |before: Option<&TableDefinition>, after: Option<&TableDefinition>| -> Vec<Step> {
        plan(&diff(before, after), &Context::default()).steps
    };
    let (old, new) = (with_stream(true), with_stream(false));
    let replacement = [calls(Some(&old), None), calls(None, Some(&old))].concat();
    let blocked = |steps: &[Step], facts: &Facts| {
        let present = Simulator::holding([old.clone()]).describe("Shop").unwrap();
        let mut forecast = Forecast::new([(present, facts.clone())]);
        for step in steps {
            let _ = forecast.step(Step::of(step.call.clone(), 0));
        }
        let reasons = forecast.blocked().iter().map(|blocked| blocked.reason.clone());
        reasons.collect::<Vec<String>>()
    };
    let none: [&str; 0] = [];
    for steps in [&replacement, &calls(Some(&old), None), &calls(Some(&old), Some(&new))] {
        assert_eq!(blocked(steps, &Facts::default()), none);
    }
    let global_stream = blocked(&calls(Some(&old), Some(&new)), &global());
    assert!(global_stream[0].contains("its stream carries the changes there"), "{global_stream:?}");
    let global_deletion = blocked(&calls(Some(&old), None), &global());
    assert!(global_deletion[0].contains("would leave those behind"), "{global_deletion:?}");
    // Deleting for good is allowed; a replacement that mizzle cannot complete is not.
    assert_eq!(blocked(&calls(Some(&old), None), &vectors), none);
    let replaced = blocked(&replacement, &vectors);
    assert!(replaced[0].contains("it has vector index byMeaning"), "{replaced:?}");
}
