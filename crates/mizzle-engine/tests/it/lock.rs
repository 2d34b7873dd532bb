//! The migration lock: one runner at a time, and no changes once it is lost.

use crate::world::{Project, Setup, completed, failure, owner, table};
use mizzle_core::{
    ledger::{Lock, LockError, Loss, RecordState},
    plan::Simulator,
};
use mizzle_engine::Error;
use serde_json::json;
use std::time::Duration;

fn project() -> Project {
    Project::default()
        .generated("0001_init", &[table("Orders", &[])])
        .generated("0002_index", &[table("Orders", &["status"]), table("Users", &[])])
}

fn held_by_grace() -> Lock {
    Lock { token: "grace".to_owned(), heartbeat: 0, lease_ms: 30_000, owner: owner("grace", 7) }
}

#[test]
fn a_lock_whose_holder_is_alive_is_not_taken() {
    let setup = Setup::new(project());
    setup.memory.state().has_ledger = true;
    setup.memory.state().lock = Some(held_by_grace());
    // Grace's heartbeats continue during the whole wait.
    for call in 0..2_000 {
        setup.memory.after(call, |state, _| {
            if let Some(lock) = &mut state.lock {
                lock.heartbeat += 1;
            }
        });
    }
    let error = setup.with(async |migrate| migrate.run(None).await).unwrap();
    assert!(matches!(error, Err(Error::Lock(LockError::Held(owner))) if owner.user == "grace"));
    assert!(setup.memory.state().changes.is_empty());
    assert_eq!(setup.memory.state().lock.as_ref().unwrap().token, "grace");
}

#[test]
fn a_lease_without_heartbeats_expires() {
    let setup = Setup::new(project());
    setup.memory.state().has_ledger = true;
    setup.memory.state().lock = Some(held_by_grace());
    completed(setup.run());
    assert!(setup.memory.clock.passed() >= Duration::from_secs(30), "not before the lease is over");
    assert_eq!(setup.memory.state().records.len(), 2);
}

/// Returns a project whose environment has settings, which are applied after the scripts.
fn with_settings() -> Setup {
    let mut setup = crate::settings::with(&json!({ "timeToLive": "at" }));
    setup.project = project();
    setup
}

#[test]
fn a_runner_that_slept_past_its_lease_changes_nothing_any_more() {
    let setup = with_settings();
    completed(setup.run());
    let calls = setup.memory.state().port_calls;
    let mut lost = 0;
    for after in 1..=calls {
        let setup = with_settings();
        // The machine sleeps, and another runner takes the lock meanwhile.
        setup.memory.after(after, |state, clock| {
            clock.suspend(Duration::from_secs(3_600));
            if state.lock.is_some() {
                state.lock = Some(held_by_grace());
                state.changes.push("lost".to_owned());
            }
        });
        let outcome = setup.run();
        let state = setup.memory.state();
        let Some(position) = state.changes.iter().position(|change| change == "lost") else {
            drop(state);
            completed(outcome);
            continue;
        };
        assert_eq!(state.changes[position + 1..], [""; 0], "after port call {after}");
        assert_eq!(state.lock.as_ref().unwrap().token, "grace", "her lock stays");
        let is_done = state.records.len() == 2
            && state.records.values().all(|record| record.state == RecordState::Applied);
        drop(state);
        if is_done && outcome.as_ref().is_ok_and(|outcome| outcome.failure.is_none()) {
            // Only the release was left.
            continue;
        }
        lost += 1;
        let error = failure(outcome);
        assert!(
            matches!(&error, Error::Lock(LockError::Lost(Loss::To(owner))) if owner.user == "grace"),
            "after port call {after}: {error:?}"
        );
    }
    assert!(lost > 10, "{lost}");
}

#[test]
fn another_runner_that_was_faster_leaves_nothing_to_do() {
    let setup = Setup::new(project());
    completed(setup.run());
    let tables = setup.memory.tables();
    let records = setup.memory.state().records.clone();
    let calls = setup.memory.state().port_calls;
    let mut idle = 0;
    for after in 1..calls {
        let late = Setup::new(project());
        let (records, tables) = (records.clone(), tables.clone());
        late.memory.after(after, move |state, _| {
            if state.lock.is_none() && state.changes.is_empty() {
                state.changes.push("the other one".to_owned());
                state.has_ledger = true;
                state.records = records;
                state.simulator = Simulator::holding(tables.into_values());
            }
        });
        let outcome = late.run();
        let changes = late.memory.state().changes.clone();
        if changes.first().is_none_or(|first| first != "the other one") {
            completed(outcome);
            continue;
        }
        assert_eq!(changes.len(), 1, "after port call {after}");
        match outcome {
            Ok(outcome) if outcome.failure.is_none() => assert!(outcome.migrations.is_empty()),
            // The plan contained tables that the other runner had just created.
            outcome => {
                let error = failure(outcome);
                assert!(matches!(error, Error::Blocked(_) | Error::LedgerChanged), "{error:?}");
            }
        }
        idle += 1;
    }
    assert!(idle > 3, "{idle}");
}
