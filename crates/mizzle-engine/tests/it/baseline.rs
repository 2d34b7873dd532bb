//! Marking migrations as applied.

use crate::world::{Project, Setup, completed, table};
use mizzle_core::{ledger::RecordState, model::TableDefinition, plan::Simulator};
use mizzle_engine::{Error, error::BaselineAdvice};

fn project() -> Project {
    Project::default()
        .generated("0001_init", &[table("Orders", &[])])
        .generated("0002_users", &[table("Orders", &["status"]), table("Users", &[])])
}

fn baseline(setup: &Setup, to: Option<&str>) -> crate::world::TestOutcome {
    setup.with(async |migrate| migrate.baseline(to).await).unwrap()
}

#[test]
fn tables_as_the_last_migration_leaves_them_are_marked() {
    let setup = Setup::new(project());
    setup.memory.holding(&[table("Orders", &["status"]), table("Users", &[])]);
    completed(baseline(&setup, None));
    let records = setup.memory.state().records.clone();
    assert!(records.values().all(|record| record.state == RecordState::Applied));
    // No script has created the tables, so a rollback keeps them.
    assert_eq!(records["0001_init"].adopted, ["Orders"]);
    assert!(completed(setup.run()).migrations.is_empty());
    completed(setup.roll_back(2));
    assert_eq!(setup.memory.tables().len(), 2);
}

#[test]
fn tables_that_differ_are_not_marked_and_the_alternative_is_told() {
    let cases: [(&[TableDefinition], Option<&str>, BaselineAdvice); 2] = [
        (&[table("Orders", &[])], None, BaselineAdvice::Run),
        (&[], Some("1"), BaselineAdvice::Run),
    ];
    for (tables, to, expected) in cases {
        let setup = Setup::new(project());
        setup.memory.holding(tables);
        let error = baseline(&setup, to).unwrap_err();
        let Error::BaselineMismatch { differences, advice, .. } = error else {
            panic!("{error:?}")
        };
        assert!(!differences.is_empty());
        assert_eq!(advice, Some(expected));
        assert!(setup.memory.state().records.is_empty());
    }
}

#[test]
fn a_table_that_changes_before_the_lock_is_held_stops_it() {
    let setup = Setup::new(project());
    setup.memory.holding(&[table("Orders", &["status"]), table("Users", &[])]);
    completed(baseline(&setup, None));
    let calls = setup.memory.state().port_calls;
    let mut stopped = 0;
    for after in 1..calls {
        let setup = Setup::new(project());
        setup.memory.holding(&[table("Orders", &["status"]), table("Users", &[])]);
        setup.memory.after(after, |state, _| {
            if state.records.is_empty() {
                state.simulator = Simulator::holding([table("Orders", &["status"])]);
            }
        });
        let outcome = baseline(&setup, None);
        let records = setup.memory.state().records.len();
        match outcome {
            Ok(outcome) if outcome.failure.is_none() => assert_eq!(records, 2),
            _ => {
                assert_eq!(records, 0, "nothing is marked by halves (port call {after})");
                stopped += 1;
            }
        }
    }
    assert!(stopped > 3);
}

#[test]
fn a_table_that_should_have_been_deleted_is_a_difference() {
    let project = Project::default()
        .generated("0001_init", &[table("Orders", &[]), table("Old", &[])])
        .generated("0002_delete", &[table("Orders", &[])]);
    let setup = Setup::new(project);
    setup.memory.holding(&[table("Orders", &[]), table("Old", &[])]);
    let error = baseline(&setup, None).unwrap_err();
    let Error::BaselineMismatch { migration, differences, .. } = error else { panic!("{error:?}") };
    assert_eq!(migration, "0002_delete");
    assert_eq!(differences.len(), 1);
    assert_eq!(differences[0].table, "Old");
    // The first migration can be marked, and the others be run.
    completed(baseline(&setup, Some("1")));
    completed(setup.run());
    assert_eq!(setup.memory.tables().into_keys().collect::<Vec<_>>(), ["Orders"]);
}
