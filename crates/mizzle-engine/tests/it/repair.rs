//! Bringing the tables back to the state that the applied migrations leave.

use crate::world::{Project, Setup, completed, table};
use mizzle_core::plan::Simulator;
use mizzle_engine::{Error, converge::PushState};

fn project() -> Project {
    Project::default()
        .generated("0001_init", &[table("Orders", &["status"]), table("Old", &[])])
        .generated("0002_delete", &[table("Orders", &["status"])])
}

#[test]
fn a_missing_index_and_a_leftover_are_mended_and_other_tables_left() {
    let setup = Setup::new(project());
    completed(setup.run());
    setup.memory.state().simulator =
        Simulator::holding([table("Orders", &[]), table("Old", &[]), table("Other", &[])]);
    let repair = || setup.with(async |migrate| migrate.repair().await).unwrap().unwrap();
    let outcome = repair();
    assert_eq!(outcome.state, PushState::Applied, "{:?}", outcome.failure);
    let tables = setup.memory.tables();
    assert_eq!(tables.keys().collect::<Vec<_>>(), ["Orders", "Other"]);
    assert!(tables["Orders"].global_index("by_status").is_some());
    assert!(setup.memory.state().lock.is_none());
    assert_eq!(repair().state, PushState::InSync);
}

#[test]
fn nothing_is_repaired_before_a_migration_is_applied() {
    let setup = Setup::new(project());
    let error = setup.with(async |migrate| migrate.repair().await).unwrap();
    assert!(matches!(error, Err(Error::NothingApplied)));
}

#[test]
fn tables_that_change_between_the_plan_and_the_lock_stop_it() {
    let setup = Setup::new(project());
    completed(setup.run());
    setup.memory.state().simulator = Simulator::holding([table("Orders", &[])]);
    let calls = setup.memory.state().port_calls;
    // After the first description of the tables.
    setup.memory.after(calls + 5, |state, _| {
        state.simulator = Simulator::holding([table("Orders", &["status"])]);
    });
    let outcome = setup.with(async |migrate| migrate.repair().await).unwrap().unwrap();
    assert!(matches!(outcome.failure, Some(Error::LedgerChanged)), "{:?}", outcome.failure);
}
