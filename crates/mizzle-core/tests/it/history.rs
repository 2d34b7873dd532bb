//! Histories: all their problems are found, and no others.

mod generated;
mod managed;

use crate::support::{TableExt, table};
use mizzle_core::{
    diff::diff,
    history::{History, HistoryProblem, HistoryProblemKind, Migration, Tables, Unreadable, check},
    model::{Projection, TableDefinition},
    plan::{Call, Context, Plan, plan},
    snapshot::{MigrationName, Snapshot},
};
use serde_json::{Value, json};
use uuid::Uuid;

fn tables<'a>(tables: impl IntoIterator<Item = &'a TableDefinition>) -> Tables {
    tables.into_iter().map(|table| (table.table_name.clone(), table.clone())).collect()
}

/// Returns the calls that `generate` writes.
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

/// Returns the states: a table, an index on it, a second table.
fn states() -> [Vec<TableDefinition>; 4] {
    let indexed = || table("Shop").gsi("byA", &["a"], &[], Projection::all());
    [vec![], vec![table("Shop")], vec![indexed()], vec![indexed(), table("Users")]]
}

/// Returns a valid history of three migrations through those states.
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
