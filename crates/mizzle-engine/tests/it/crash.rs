//! Crashes after every port call: the next run completes with the same result.

use crate::world::{
    Body, Next, Project, Setup, TestOutcome, calls, completed, create, key, script, table,
};
use mizzle_core::{
    ledger::RecordState,
    model::{PointInTimeRecoverySpecification, TableDefinition},
};
use mizzle_engine::{Error, migrate::Migrate};
use serde_json::{Value, json};
use std::{collections::BTreeMap, ops::RangeInclusive};
use tokio_util::sync::CancellationToken;

/// The final state of a world, which must not depend on crashes.
#[derive(Debug, PartialEq)]
struct End {
    tables: BTreeMap<String, TableDefinition>,
    items: BTreeMap<String, BTreeMap<String, Value>>,
    records: Vec<(String, RecordState, Vec<String>, Vec<String>)>,
}

fn end(setup: &Setup) -> End {
    let tables = setup.memory.tables();
    let state = setup.memory.state();
    let records = state.records.values();
    let records = records.map(|record| {
        let (steps, adopted) = (record.steps.clone(), record.adopted.clone());
        (record.name.clone(), record.state, steps, adopted)
    });
    let mut items = state.items.clone();
    items.retain(|_, items| !items.is_empty());
    End { tables, items, records: records.collect() }
}

/// The work of a run.
type Work = fn(&Setup) -> Option<TestOutcome>;

fn run(setup: &Setup) -> Option<TestOutcome> {
    setup.with(async |migrate: &Migrate<'_, _>| migrate.run(None).await)
}

fn roll_back(setup: &Setup) -> Option<TestOutcome> {
    setup.with(async |migrate: &Migrate<'_, _>| migrate.roll_back(1).await)
}

/// Crashes after every port call, and runs again.
fn survives(build: impl Fn() -> Setup, work: Work) {
    let (expected, calls) = whole(&build, work);
    for first in calls {
        let setup = crashed(&build, work, first);
        revive(&setup, None);
        completed(work(&setup).unwrap());
        assert_eq!(end(&setup), expected, "after port call {first}");
    }
}

/// Crashes after every port call, then after every port call of the next run, and runs again.
fn survives_two_crashes(build: impl Fn() -> Setup, work: Work) {
    let (expected, calls) = whole(&build, work);
    for first in calls {
        for second in 1.. {
            let setup = crashed(&build, work, first);
            revive(&setup, Some(second));
            if let Some(outcome) = work(&setup) {
                completed(outcome);
                break;
            }
            revive(&setup, None);
            completed(work(&setup).unwrap());
            assert_eq!(end(&setup), expected, "after port calls {first} and {second}");
        }
    }
}

/// Runs without a crash. Returns the end, and the numbers of the port calls.
fn whole(build: &impl Fn() -> Setup, work: Work) -> (End, RangeInclusive<usize>) {
    let setup = build();
    let before = setup.memory.state().port_calls;
    completed(work(&setup).unwrap());
    let after = setup.memory.state().port_calls;
    assert!(after > before + 5, "the scenario has {} port calls", after - before);
    (end(&setup), before + 1..=after)
}

fn crashed(build: &impl Fn() -> Setup, work: Work, after: usize) -> Setup {
    let setup = build();
    setup.memory.state().crash_after = Some(after);
    assert!(work(&setup).is_none(), "it crashes after port call {after}");
    setup
}

/// Restarts the world; it crashes after so many more port calls.
fn revive(setup: &Setup, crash_after: Option<usize>) {
    let mut state = setup.memory.state();
    state.is_crashed = false;
    state.crash_after = crash_after.map(|calls| state.port_calls + calls);
}

fn with_recovery(table: TableDefinition) -> TableDefinition {
    let on = PointInTimeRecoverySpecification {
        point_in_time_recovery_enabled: true,
        recovery_period_in_days: None,
    };
    TableDefinition { point_in_time_recovery_specification: Some(on), ..table }
}

fn project() -> Project {
    let orders = table("Orders", &[]);
    let indexed = table("Orders", &["status"]);
    Project::default()
        .generated("0001_init", &[orders, table("Old", &[])])
        .generated("0002_changes", &[with_recovery(indexed), table("Users", &["email"])])
}

#[test]
fn a_run_survives_a_crash_after_every_port_call() {
    survives(|| Setup::new(project()), run);
}

#[test]
fn a_run_survives_two_crashes_after_any_two_port_calls() {
    let project = || Project::default().generated("0001_init", &[table("Orders", &[])]);
    survives_two_crashes(|| Setup::new(project()), run);
}

/// Returns a setup with two applied migrations.
fn applied() -> Setup {
    let setup = Setup::new(project());
    completed(setup.run());
    setup.memory.put("Orders", &["1"]);
    setup
}

#[test]
fn a_rollback_survives_a_crash_after_every_port_call() {
    let (expected, calls) = whole(&applied, roll_back);
    for after in calls {
        let setup = crashed(&applied, roll_back, after);
        revive(&setup, None);
        // A rollback that completed is not repeated: the next one would roll back the other migration.
        if setup.memory.state().records.contains_key("0002_changes") {
            completed(roll_back(&setup).unwrap());
        }
        assert_eq!(end(&setup), expected, "after port call {after}");
    }
}

/// Returns a script that moves the items of a table to a second one and back, as a careful script
/// does.
fn mover() -> Body {
    let copy = table("Copy", &[]);
    script(move |facts, answers| {
        let items = |answer: usize| -> Vec<Value> {
            answers
                .get(answer)
                .and_then(|answer| answer["Items"].as_array())
                .cloned()
                .unwrap_or_default()
        };
        // A dry run finds no items.
        let items = if facts.dry_run { Vec::new() } else { items(1) };
        let put = |item: &Value| {
            let input = json!({ "TableName": "Copy", "Item": item });
            Next::Call("put".to_owned(), input)
        };
        match answers.len() {
            0 => {
                let (method, input) = create(&copy);
                Next::Call(method, input)
            }
            1 => Next::Call("scan".to_owned(), json!({ "TableName": "Shop" })),
            n if n - 2 < items.len() => put(&items[n - 2]),
            n if n - 2 == items.len() => {
                Next::Call("deleteTable".to_owned(), json!({ "TableName": "Shop" }))
            }
            _ => Next::Return,
        }
    })
}

#[test]
fn items_that_are_copied_before_their_table_is_deleted_survive_every_crash() {
    let build = || {
        let shop = table("Shop", &[]);
        let scripts = (mover(), calls(Vec::new()));
        let project = Project::default().generated("0001_shop", &[shop]);
        let setup = Setup::new(project.migration("0002_move", scripts, &[table("Copy", &[])]));
        completed(setup.with(async |migrate| migrate.run(Some("1")).await).unwrap());
        setup.memory.put("Shop", &["a", "b", "c"]);
        setup
    };
    let setup = build();
    completed(run(&setup).unwrap());
    assert_eq!(setup.memory.keys("Copy"), ["a", "b", "c"]);
    assert_eq!(setup.memory.state().items["Copy"]["a"], key("a"));
    survives(build, run);
}

#[test]
fn a_baseline_survives_a_crash_after_every_port_call() {
    let build = || {
        let setup = Setup::new(project());
        let last = setup.project.timeline.tables_after.values().next_back().unwrap();
        setup.memory.holding(&last.values().cloned().collect::<Vec<_>>());
        setup
    };
    survives(build, |setup| {
        setup.with(async |migrate: &Migrate<'_, _>| migrate.baseline(None).await)
    });
}

#[test]
fn an_adoption_survives_a_crash_after_every_port_call() {
    let build = || {
        let wanted = TableDefinition {
            deletion_protection_enabled: Some(true),
            ..with_recovery(table("Orders", &["status"]))
        };
        let setup = Setup::new(Project::default().generated("0001_init", &[wanted]));
        setup.memory.holding(&[table("Orders", &["status"])]);
        setup.memory.put("Orders", &["1"]);
        setup
    };
    let setup = build();
    completed(run(&setup).unwrap());
    assert_eq!(setup.memory.keys("Orders"), ["1"]);
    survives(build, run);
}

#[test]
fn an_interrupt_after_any_port_call_leaves_what_the_next_run_completes() {
    let build = || Setup::new(project());
    let (expected, calls) = whole(&build, run);
    let mut interrupted = 0;
    for after in calls {
        let mut setup = build();
        let stop = setup.stop.clone();
        setup.memory.after(after, move |_, _| stop.cancel());
        let outcome = run(&setup).unwrap();
        if let Ok(outcome) = outcome
            && let Some(error) = outcome.failure
        {
            assert!(matches!(error, Error::Interrupted), "after port call {after}: {error:?}");
            interrupted += 1;
        }
        assert!(setup.memory.state().lock.is_none(), "the lock is released");
        setup.stop = CancellationToken::new();
        completed(run(&setup).unwrap());
        assert_eq!(end(&setup), expected, "after port call {after}");
    }
    assert!(interrupted > 10, "{interrupted}");
}
