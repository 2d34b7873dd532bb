//! Histories: what is wrong with them is found, and nothing else.

use crate::{
    states::{any_foundation, contradicts, desired},
    support::{TableExt, table},
};
use mizzle_core::{
    diff::{TableDiff, diff},
    history::{History, HistoryProblem, HistoryProblemKind, Migration, Tables, Unreadable, check},
    model::{
        BillingMode, PointInTimeRecoverySpecification, Projection, ProvisionedThroughput,
        ResourcePolicy, SseSpecification, StreamSpecification, StreamViewType, TableClass,
        TableDefinition, TimeToLiveSpecification,
    },
    plan::{Call, Context, GlobalSecondaryIndexUpdate, Plan, plan},
    snapshot::{MigrationName, Snapshot},
};
use proptest::{prelude::*, sample::Index};
use serde_json::{Value, json};
use uuid::Uuid;

fn tables<'a>(tables: impl IntoIterator<Item = &'a TableDefinition>) -> Tables {
    tables.into_iter().map(|table| (table.table_name.clone(), table.clone())).collect()
}

/// The calls that `generate` writes.
fn calls(before: &[TableDefinition], after: &[TableDefinition]) -> Vec<Call> {
    let Plan { steps, blocked } = plan(&diff(before, after), &Context::default());
    assert_eq!(blocked, []);
    steps.into_iter().map(|step| step.call).collect()
}

fn migration(
    number: u64,
    parent: Option<Uuid>,
    calls: Vec<Call>,
    after: &[TableDefinition],
) -> Migration {
    let name = ["zero", "one", "two", "three", "four", "five"];
    let name = name.get(usize::try_from(number).unwrap()).copied().unwrap_or("many");
    Migration {
        name: MigrationName { number, name: name.to_owned() },
        script: Some(Ok(calls)),
        snapshot: Some(Ok(Snapshot::new(parent, after))),
    }
}

fn id(migration: &Migration) -> Option<Uuid> {
    migration.snapshot.as_ref()?.as_ref().ok().map(|snapshot| snapshot.id)
}

fn unreadable() -> Unreadable {
    Unreadable { message: "It cannot be read".to_owned(), hint: "mend it".to_owned() }
}

/// A table, an index on it, a second table.
fn states() -> [Vec<TableDefinition>; 4] {
    let indexed = || table("Shop").gsi("byA", &["a"], &[], Projection::all());
    [vec![], vec![table("Shop")], vec![indexed()], vec![indexed(), table("Users")]]
}

/// Three migrations through those states, with nothing wrong.
fn sound() -> History {
    let states = states();
    let mut migrations: Vec<Migration> = Vec::new();
    for (number, pair) in (1..).zip(states.windows(2)) {
        let parent = migrations.last().and_then(id);
        migrations.push(migration(number, parent, calls(&pair[0], &pair[1]), &pair[1]));
    }
    History { baseline: None, migrations, schema: tables(&states[3]) }
}

fn rendered(problems: &[HistoryProblem]) -> String {
    let line = |problem: &HistoryProblem| {
        let kind = serde_json::to_value(problem.kind).unwrap();
        let HistoryProblem { kind: _, file, message, hint } = problem;
        format!("[{}] {file}\n    {message}\n    -> {hint}", kind.as_str().unwrap())
    };
    problems.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_sound_history_has_no_problem() {
    assert_eq!(check(&sound()), []);
    let empty = History { baseline: None, migrations: Vec::new(), schema: Tables::new() };
    assert_eq!(check(&empty), []);
    let mut shuffled = sound();
    shuffled.migrations.reverse();
    assert_eq!(check(&shuffled), []);
}

#[test]
fn scripts_of_the_first_format_need_no_snapshots() {
    let mut history = sound();
    let baseline = vec![table("Old")];
    let old = |number, script| Migration {
        name: MigrationName { number, name: format!("old{number}") },
        script: Some(script),
        snapshot: None,
    };
    let after = [states()[1].clone(), baseline.clone()].concat();
    history.baseline = Some(Ok(tables(&baseline)));
    history.schema = tables(&after);
    history.migrations = vec![
        old(0, Ok(Vec::new())),
        old(1, Ok(Vec::new())),
        migration(2, None, calls(&baseline, &after), &after),
    ];
    assert_eq!(check(&history), []);
    history.migrations.pop();
    assert_eq!(rendered(&check(&history)).lines().next(), Some("[schema-changed] snapshot.json"));
    history.schema = tables(&baseline);
    assert_eq!(check(&history), []);
    history.migrations.push(old(2, Err(unreadable())));
    let kinds: Vec<HistoryProblemKind> =
        check(&history).iter().map(|problem| problem.kind).collect();
    assert_eq!(kinds, [HistoryProblemKind::UnreadableScript]);
}

#[test]
fn every_problem_is_named_once_with_what_to_do() {
    type Change = fn(&mut History);
    let cases: [(&str, Change); 17] = [
        ("two branches merged", |history| {
            let (first, after) = (id(&history.migrations[0]), [table("Shop"), table("Other")]);
            let calls = calls(&states()[1], &after);
            let mut other = migration(2, first, calls, &after);
            other.name.name = "other".to_owned();
            history.migrations.insert(1, other);
        }),
        ("two branches, both from the beginning", |history| {
            let after = [table("Other")];
            history.migrations.push(migration(4, None, calls(&[], &after), &after));
        }),
        ("a pair of files is gone", |history| drop(history.migrations.remove(1))),
        ("the first pair is gone", |history| drop(history.migrations.remove(0))),
        ("a gap", |history| history.migrations[2].name.number = 5),
        ("the first number is not 1", |history| {
            for migration in &mut history.migrations {
                migration.name.number += 2;
            }
        }),
        ("a number twice", |history| history.migrations[2].name.number = 2),
        ("exchanged numbers", |history| {
            history.migrations[1].name.number = 3;
            history.migrations[2].name.number = 2;
        }),
        ("no script", |history| history.migrations[1].script = None),
        ("no snapshot", |history| history.migrations[1].snapshot = None),
        ("neither", |history| {
            history.migrations[2].script = Some(Err(unreadable()));
            history.migrations[2].snapshot = Some(Err(unreadable()));
        }),
        ("a baseline that cannot be read", |history| {
            history.baseline = Some(Err(unreadable()));
        }),
        ("a call too few", |history| history.migrations[1].script = Some(Ok(Vec::new()))),
        ("a call too many", |history| {
            let Some(Ok(calls)) = &mut history.migrations[0].script else { return };
            calls.extend(
                plan(&diff([], [&table("Surplus")]), &Context::default())
                    .steps
                    .into_iter()
                    .map(|step| step.call),
            );
            calls.push(parse(
                "updateTimeToLive",
                &json!({
                    "TableName": "Shop",
                    "TimeToLiveSpecification": { "AttributeName": "ttl", "Enabled": true },
                }),
            ));
        }),
        ("a call that is refused", |history| {
            let Some(Ok(calls)) = &mut history.migrations[1].script else { return };
            let Some(Call::UpdateTable(request)) = calls.first_mut() else { return };
            request.attribute_definitions.pop();
        }),
        ("the schema went on", |history| {
            let users =
                table("Users").lsi("byB", "b").gsi("byC", &["c"], &["d"], Projection::all());
            history.schema = tables(&[users, table("New")]);
        }),
        ("no migration", |history| history.migrations.clear()),
    ];
    let sections = cases.iter().map(|(title, change)| {
        let mut history = sound();
        change(&mut history);
        format!("# {title}\n{}", rendered(&check(&history)))
    });
    insta::assert_snapshot!(sections.collect::<Vec<_>>().join("\n\n"));
}

fn parse(method: &str, input: &Value) -> Call {
    Call::parse(method, input).unwrap()
}

/// The problems of one script between two snapshots of one table, whose `TableName` goes without
/// saying.
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

/// What a snapshot does not state may be anything, and is never held against a script.
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

/// What a snapshot does state has to be dealt with.
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

/// DynamoDB answers with an ARN, whoever owns the key; a script says which it wants.
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

/// A request for a table of another key than `Shop` has.
fn parse_create() -> Value {
    json!({
        "AttributeDefinitions": [{ "AttributeName": "id", "AttributeType": "S" }],
        "KeySchema": [{ "AttributeName": "id", "KeyType": "HASH" }],
        "BillingMode": "PAY_PER_REQUEST",
    })
}

/// Two states of a table, of which none or one may be absent.
fn any_change() -> impl Strategy<Value = (Vec<TableDefinition>, Vec<TableDefinition>)> {
    (any_foundation(), desired(), desired(), 0..8_usize).prop_filter_map(
        "limits are of a table on demand",
        |(foundation, a, b, what)| {
            let (a, b) = (foundation.under(a), foundation.under(b));
            match what {
                0 => Some((vec![], vec![b])),
                1 => Some((vec![a], vec![])),
                _ => (!contradicts(&a, &b)).then(|| (vec![a], vec![b])),
            }
        },
    )
}

/// The problems of a history that leads by these calls from the one state to the other.
fn problems(a: &[TableDefinition], b: &[TableDefinition], calls: &[Call]) -> Vec<HistoryProblem> {
    let first = migration(1, None, self::calls(&[], a), a);
    let second = migration(2, id(&first), calls.to_vec(), b);
    check(&History { baseline: None, migrations: vec![first, second], schema: tables(b) })
}

proptest! {
    #[test]
    fn what_is_generated_is_sound((a, b) in any_change()) {
        let plan = plan(&diff(&a, &b), &Context::default());
        // Warm throughput that would have to go down.
        prop_assume!(plan.blocked.is_empty());
        let calls: Vec<Call> = plan.steps.into_iter().map(|step| step.call).collect();
        prop_assert_eq!(problems(&a, &b, &calls), []);
    }

    /// Without one of its calls a script is found out, unless the call is one that only makes sure.
    #[test]
    fn a_call_too_few_is_found((a, b) in any_change(), at in any::<Index>()) {
        let plan = plan(&diff(&a, &b), &Context::default());
        prop_assume!(plan.blocked.is_empty() && !plan.steps.is_empty());
        let mut calls: Vec<Call> = plan.steps.into_iter().map(|step| step.call).collect();
        let removed = calls.remove(at.index(calls.len()));
        let found = problems(&a, &b, &calls);
        prop_assert!(!found.is_empty() || only_makes_sure(&removed, &a, &b), "{:?}", removed);
        for problem in found {
            prop_assert!(matches!(
                problem.kind,
                HistoryProblemKind::RefusedCall | HistoryProblemKind::WrongSnapshot
            ), "{:?}", problem);
            prop_assert_eq!(problem.file, "0002_two.ts");
        }
    }

    #[test]
    fn a_snapshot_is_sound_by_itself((a, _) in any_change()) {
        prop_assert_eq!(problems(&a, &a, &[]), []);
    }

    /// A script of other calls leads elsewhere, unless both states are the same for what is managed.
    #[test]
    fn the_script_of_another_change_is_found(
        foundation in any_foundation(),
        [a, b, c] in [desired(), desired(), desired()],
    ) {
        let [a, b, c] = [a, b, c].map(|table| foundation.under(table));
        let plan = plan(&diff([&a], [&b]), &Context::default());
        if contradicts(&a, &b) || contradicts(&b, &c) || !plan.blocked.is_empty() {
            return Ok(());
        }
        let structure = |table: &TableDefinition| table.structure();
        prop_assume!(!diff([&structure(&b)], [&structure(&c)]).is_empty());
        let calls: Vec<Call> = plan.steps.into_iter().map(|step| step.call).collect();
        let found = problems(std::slice::from_ref(&a), std::slice::from_ref(&c), &calls);
        prop_assert_eq!(found.len(), 1);
        let left = diff([&structure(&b)], [&structure(&c)]);
        let lines = left.tables.iter().flat_map(TableDiff::details);
        for line in lines {
            prop_assert!(found[0].message.contains(&line), "{} is not in {}", line, found[0].message);
        }
    }
}

/// Whether a call sets only what the first state leaves open, and so may be so already.
fn only_makes_sure(call: &Call, a: &[TableDefinition], b: &[TableDefinition]) -> bool {
    let ([a], [b]) = (a, b) else { return false };
    let request = match call {
        Call::UpdateTable(request) => request,
        Call::UpdateContinuousBackups(_) => {
            let present = a.point_in_time_recovery_specification;
            return present.is_none_or(|present| present.recovery_period_in_days.is_none());
        }
        Call::DeleteResourcePolicy(_) => return a.resource_policy.is_none(),
        _ => return false,
    };
    let is_open_of_index = |update: &GlobalSecondaryIndexUpdate| {
        let GlobalSecondaryIndexUpdate::Update(update) = update else { return false };
        let Some(index) = a.global_index(&update.index_name) else { return false };
        (update.provisioned_throughput.is_none()
            || index.provisioned_throughput.is_none()
            || index.autoscaled)
            && (update.on_demand_throughput.is_none() || index.on_demand_throughput.is_none())
            && (update.warm_throughput.is_none() || index.warm_throughput.is_none())
    };
    let key = |table: &TableDefinition| {
        let key = table.sse_specification.clone()?.kms_master_key_id?;
        key.rsplit('/').next().map(str::to_owned)
    };
    (request.billing_mode.is_none() || a.billing_mode.is_none())
        && (request.billing_mode.is_some()
            || request.provisioned_throughput.is_none()
            || a.provisioned_throughput.is_none()
            || a.autoscaled)
        && (request.on_demand_throughput.is_none() || a.on_demand_throughput.is_none())
        && (request.warm_throughput.is_none() || a.warm_throughput.is_none())
        && (request.stream_specification.is_none() || a.stream_specification.is_none())
        && (request.sse_specification.is_none()
            || a.sse_specification.is_none()
            || (key(a).is_some() && key(a) == key(b)))
        && (request.table_class.is_none() || a.table_class.is_none())
        && (request.deletion_protection_enabled.is_none()
            || a.deletion_protection_enabled.is_none())
        && request.global_secondary_index_updates.iter().all(is_open_of_index)
}
