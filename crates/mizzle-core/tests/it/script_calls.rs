//! Parsing the calls of a script, and their steps.

use crate::{
    states::any_change,
    support::{TableExt, table},
};
use mizzle_core::{
    diff::diff,
    model::{
        BillingMode, KeySchemaElement, OnDemandThroughput, Projection, ResourcePolicy,
        SseSpecification, TableDefinition,
    },
    plan::{Call, Context, Facts, HazardKind, Plan, Step, plan},
};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn parse(method: &str, input: &Value) -> Call {
    Call::parse(method, input).unwrap_or_else(|problem| panic!("{problem} in {input}"))
}

/// Returns a request that creates a table, modified by `change`.
fn create(change: impl FnOnce(&mut Value)) -> Value {
    let mut input = json!({
        "TableName": "Shop",
        "AttributeDefinitions": [{ "AttributeName": "pk", "AttributeType": "S" }],
        "KeySchema": [{ "AttributeName": "pk", "KeyType": "HASH" }],
        "BillingMode": "PAY_PER_REQUEST",
    });
    change(&mut input);
    input
}

fn update(change: Value) -> Value {
    let mut input = json!({ "TableName": "Shop" });
    let Value::Object(change) = change else { panic!("an object") };
    input.as_object_mut().unwrap().extend(change);
    input
}

#[test]
fn what_people_write_by_hand_is_understood() {
    let Call::CreateTable(request) = parse(
        "createTable",
        &create(|input| {
            let input = input.as_object_mut().unwrap();
            input.remove("BillingMode");
            input["KeySchema"] = json!([
                { "AttributeName": "sk", "KeyType": "RANGE" },
                { "KeyType": "HASH", "AttributeName": "pk" },
            ]);
            input.insert("Tags".to_owned(), json!(null));
            input.insert("OnDemandThroughput".to_owned(), json!({ "MaxReadRequestUnits": 10.0 }));
            input.insert(
                "SSESpecification".to_owned(),
                json!({ "Enabled": true, "SSEType": "KMS", "KMSMasterKeyId": "1234" }),
            );
        }),
    ) else {
        panic!("another call")
    };
    assert_eq!(request.billing_mode, None, "nothing is made up");
    assert_eq!(request.key_schema, [KeySchemaElement::hash("pk"), KeySchemaElement::range("sk")]);
    assert_eq!(request.tags, []);
    let limit = OnDemandThroughput { max_read_request_units: 10, max_write_request_units: -1 };
    assert_eq!(request.on_demand_throughput, Some(limit));
    assert_eq!(request.sse_specification, Some(SseSpecification::key("1234")));

    let policy = r#"{"Statement": [{"Effect": "Deny"}], "Version": "2012-10-17"}"#;
    for (given, name) in [
        ("Shop", "Shop"),
        ("arn:aws:dynamodb:eu-central-1:111122223333:table/Shop", "Shop"),
        ("arn:aws-cn:dynamodb:ddblocal:000000000000:table/my.table-1_x", "my.table-1_x"),
    ] {
        for (method, rest) in [
            ("tagResource", json!({ "Tags": [{ "Key": "team", "Value": "" }] })),
            ("untagResource", json!({ "TagKeys": ["team"] })),
            ("putResourcePolicy", json!({ "Policy": policy, "ExpectedRevisionId": "NO_POLICY" })),
            ("deleteResourcePolicy", json!({})),
        ] {
            let mut input = rest;
            input["ResourceArn"] = json!(given);
            assert_eq!(parse(method, &input).table(), name, "{method}");
        }
    }
    let Call::PutResourcePolicy(request) =
        parse("putResourcePolicy", &json!({ "ResourceArn": "Shop", "Policy": policy }))
    else {
        panic!("another call")
    };
    let document = serde_json::from_str(policy).unwrap();
    assert_eq!(request.policy, ResourcePolicy::new(document));
    assert_eq!(request.expected_revision_id, None);
}

#[test]
fn what_is_wrong_is_named_by_its_path() {
    let index = |change: Value| {
        let mut index = json!({
            "IndexName": "byA",
            "KeySchema": [{ "AttributeName": "a", "KeyType": "HASH" }],
            "Projection": { "ProjectionType": "ALL" },
        });
        let Value::Object(change) = change else { panic!("an object") };
        index.as_object_mut().unwrap().extend(change);
        index
    };
    let set = |field: &'static str, value: Value| create(move |input| input[field] = value);
    let unsupported = json!({ "$unsupported": "function" });
    let resource = |name: &str| json!({ "ResourceArn": name, "TagKeys": ["a"] });
    let policy = |policy: Value| json!({ "ResourceArn": "Shop", "Policy": policy });
    let cases = [
        ("createTabel", json!({})),
        ("put", json!({})),
        ("createTable", json!("Shop")),
        ("createTable", unsupported.clone()),
        ("createTable", json!({})),
        ("createTable", set("TableName", json!(7))),
        ("createTable", set("TableName", json!("arn:aws:dynamodb:eu-central-1:1:table/Shop"))),
        ("createTable", set("KeyShema", json!([]))),
        ("createTable", set("ResourcePolicy", json!("{}"))),
        ("createTable", set("KeySchema", json!({}))),
        ("createTable", set("KeySchema", json!([{ "AttributeName": "pk", "KeyType": "hash" }]))),
        ("createTable", set("KeySchema", json!([{ "AttributeName": "pk", "KeyTyp": "HASH" }]))),
        (
            "createTable",
            set("AttributeDefinitions", json!([{ "AttributeName": "a", "AttributeType": "BOOL" }])),
        ),
        (
            "createTable",
            set("GlobalSecondaryIndexes", json!([index(json!({ "Projection": null }))])),
        ),
        (
            "createTable",
            set(
                "LocalSecondaryIndexes",
                json!([index(json!({})), index(json!({ "Projection": {} }))]),
            ),
        ),
        ("createTable", set("DeletionProtectionEnabled", json!("true"))),
        ("createTable", set("SSESpecification", json!({ "SSEType": "AES256" }))),
        ("createTable", set("StreamSpecification", json!({ "StreamViewType": "NEW_IMAGE" }))),
        ("createTable", set("Tags", json!({ "team": "shop" }))),
        ("createTable", set("Tags", json!([{ "Key": "team", "Value": unsupported }]))),
        ("updateTable", update(json!({ "ReplicaUpdates": [] }))),
        ("updateTable", update(json!({ "ProvisionedThroughput": { "ReadCapacityUnits": 5 } }))),
        (
            "updateTable",
            update(json!({
                "ProvisionedThroughput": { "ReadCapacityUnits": 5, "WriteCapacityUnits": 1.5 }
            })),
        ),
        ("updateTable", update(json!({ "OnDemandThroughput": { "MaxReadRequestUnits": 5 } }))),
        ("updateTable", update(json!({ "GlobalSecondaryIndexUpdates": [{}] }))),
        (
            "updateTable",
            update(json!({ "GlobalSecondaryIndexUpdates": [
                { "Create": index(json!({})), "Delete": { "IndexName": "byB" } },
            ] })),
        ),
        (
            "updateTable",
            update(json!({ "GlobalSecondaryIndexUpdates": [
                { "Create": index(json!({ "Projection": { "ProjectionType": "KEY_ONLY" } })) },
            ] })),
        ),
        (
            "updateTable",
            update(json!({ "GlobalSecondaryIndexUpdates": [
                { "Delete": { "IndexName": "byB", "Backfilling": false } },
            ] })),
        ),
        ("deleteTable", json!({ "TableName": "" })),
        ("updateTimeToLive", update(json!({ "TimeToLiveSpecification": { "Enabled": false } }))),
        (
            "updateContinuousBackups",
            update(json!({ "PointInTimeRecoverySpecification": {
                "PointInTimeRecoveryEnabled": true, "RecoveryPeriodInDays": 5_000_000_000_i64,
            } })),
        ),
        ("untagResource", resource("arn:aws:dynamodb:eu-central-1:1:table/Shop/index/byA")),
        ("untagResource", resource("arn:aws:s3:eu-central-1:1:table/Shop")),
        ("untagResource", resource("table/Shop")),
        ("untagResource", json!({ "ResourceArn": "Shop", "TagKeys": ["a", 1] })),
        ("putResourcePolicy", policy(json!({ "Statement": [] }))),
        ("putResourcePolicy", policy(json!("{ Statement: [] }"))),
        ("putResourcePolicy", policy(json!(""))),
    ];
    let lines = cases.iter().map(|(method, input)| {
        let problem = Call::parse(method, input).unwrap_err();
        let hint = problem.hint.iter().map(|hint| format!("\n    {hint}"));
        format!("{problem}{}", hint.collect::<String>())
    });
    insta::assert_snapshot!(lines.collect::<Vec<_>>().join("\n"));
}

#[test]
fn every_method_has_its_name() {
    let methods: BTreeSet<&str> = Call::methods().collect();
    assert_eq!(methods.len(), Call::methods().count());
    for method in methods {
        let problem = Call::parse(method, &json!({})).unwrap_err();
        assert_eq!(problem.message, "is missing", "{method} is read");
    }
}

#[test]
fn a_call_written_by_hand_is_told_in_full() {
    let steps = [
        ("updateTable", update(json!({}))),
        (
            "updateTable",
            update(json!({
                "TableClass": "STANDARD",
                "DeletionProtectionEnabled": false,
                "GlobalSecondaryIndexUpdates": [
                    { "Delete": { "IndexName": "byB" } },
                    { "Update": {
                        "IndexName": "byA",
                        "OnDemandThroughput": { "MaxReadRequestUnits": 5, "MaxWriteRequestUnits": -1 },
                    } },
                ],
            })),
        ),
        ("updateTable", update(json!({ "BillingMode": "PROVISIONED" }))),
        ("deleteTable", json!({ "TableName": "Shop" })),
    ];
    let steps = steps.iter().enumerate().map(|(position, (method, input))| {
        let step = Step::of(parse(method, input), position);
        let hazards: Vec<&str> =
            step.hazards.iter().map(|hazard| hazard.message.as_str()).collect();
        format!(
            "{} after {:?}: {}\n    {}",
            step.id,
            step.after,
            step.title,
            hazards.join("\n    ")
        )
    });
    insta::assert_snapshot!(steps.collect::<Vec<_>>().join("\n"), @r#"
    step-1 after []: Change nothing
        
    step-2 after [StepId("step-1")]: Set on-demand maximum: byA 5 reads, unlimited writes; Drop GSI byB; Set table class: STANDARD; Lift deletion protection
        Queries on byB fail from now on. The items of the table are not touched.
        Requests of byA beyond 5 reads, unlimited writes a second are throttled from now on.
        Shop can be deleted from now on.
    step-3 after [StepId("step-2")]: Switch to PROVISIONED
        
    step-4 after [StepId("step-3")]: Delete table
        Deletes table Shop and every item in it.
    "#);
}

#[test]
fn a_new_table_is_described_by_its_request() {
    let shop = TableDefinition {
        billing_mode: Some(BillingMode::PayPerRequest),
        deletion_protection_enabled: Some(true),
        ..table("Shop").gsi("byA", &["a"], &[], Projection::keys_only()).lsi("byB", "b")
    };
    let plan = plan(&diff([], [&shop]), &Context::default());
    let step = Step::of(plan.steps[0].call.clone(), 0);
    assert_eq!(step.details, plan.steps[0].details);
    assert_eq!(step.after, []);
}

/// Returns plans of `generate` and of `push`, for tables that are created, changed, replaced and
/// deleted.
fn any_plan() -> impl Strategy<Value = Plan> {
    (any_change(), any::<bool>()).prop_map(|((a, b), is_push)| {
        let mut context = Context { accept_data_loss: true, ..Context::default() };
        if let (Some(a), true) = (&a, is_push) {
            let facts = Facts { policy_revision: None, ..Facts::default() };
            context.facts.insert(a.table_name.clone(), facts);
        }
        plan(&diff(a.as_ref(), b.as_ref()), &context)
    })
}

proptest! {
    #[test]
    fn every_call_that_is_planned_is_read_back(plan in any_plan()) {
        for step in &plan.steps {
            let (method, input) = (step.call.method(), step.call.input());
            prop_assert_eq!(Call::parse(method, &input), Ok(step.call.clone()));
            // As the output of a script.
            let text: Value = serde_json::from_str(&input.to_string()).unwrap();
            prop_assert_eq!(Call::parse(method, &text), Ok(step.call.clone()));
        }
    }

    #[test]
    fn a_field_too_many_is_never_lost(plan in any_plan(), at in any::<prop::sample::Index>()) {
        prop_assume!(!plan.steps.is_empty());
        let call = &at.get(&plan.steps).call;
        let mut input = call.input();
        let mut objects = Vec::new();
        collect(&input, String::new(), &mut objects);
        let place = at.get(&objects).clone();
        let object = input.pointer_mut(&place).unwrap().as_object_mut().unwrap();
        object.insert("Surplus".to_owned(), json!(1));
        let problem = Call::parse(call.method(), &input).unwrap_err();
        prop_assert!(problem.field.ends_with("Surplus"), "{}", problem);
        prop_assert_eq!(problem.message, "is not a known field");
    }

    #[test]
    fn the_steps_of_a_plans_calls_are_told_as_the_plan_tells_them(plan in any_plan()) {
        let steps: Vec<Step> = plan
            .steps
            .iter()
            .enumerate()
            .map(|(position, step)| Step::of(step.call.clone(), position))
            .collect();
        let ids: BTreeSet<_> = steps.iter().map(|step| &step.id).collect();
        prop_assert_eq!(ids.len(), steps.len());
        for pair in steps.windows(2) {
            prop_assert_eq!(&pair[1].after, std::slice::from_ref(&pair[0].id));
        }
        for (read, planned) in steps.iter().zip(&plan.steps) {
            prop_assert_eq!(&read.title, &planned.title);
            prop_assert_eq!(read.wait, planned.wait);
            for hazard in &planned.hazards {
                let (kind, messages) = match hazard.kind {
                    // These hazards depend on the present table.
                    HazardKind::BackfillsIndex | HazardKind::LacksScaling => continue,
                    HazardKind::Throttles | HazardKind::DeletesBackups if read.hazards.is_empty() => {
                        continue;
                    }
                    HazardKind::RebuildsIndex => (HazardKind::DropsIndex, None),
                    HazardKind::ReplacesTable => (HazardKind::DeletesTable, None),
                    kind @ (HazardKind::LiftsProtection | HazardKind::DisablesStream) => (kind, None),
                    kind => (kind, Some(&hazard.message)),
                };
                prop_assert!(
                    read.hazards.iter().any(|read| {
                        read.kind == kind && messages.is_none_or(|message| *message == read.message)
                    }),
                    "{:?} is not among {:?}", hazard, read.hazards
                );
            }
        }
    }
}

/// Collects the places of all objects in a value, as JSON pointers.
fn collect(value: &Value, place: String, places: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                collect(value, format!("{place}/{name}"), places);
            }
            places.push(place);
        }
        Value::Array(items) => {
            for (position, value) in items.iter().enumerate() {
                collect(value, format!("{place}/{position}"), places);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
