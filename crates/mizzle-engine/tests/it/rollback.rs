//! Rolling migrations back.

use crate::world::{Next, Project, Setup, calls, completed, create, failure, script, table};
use mizzle_core::ledger::RecordState;
use mizzle_engine::{Error, migrate::MigrationState};
use serde_json::json;

#[test]
fn the_last_migrations_are_rolled_back_the_last_first() {
    let tables = [table("Orders", &[]), table("Users", &[]), table("Carts", &[])];
    let setup = Setup::new(
        Project::default()
            .generated("0001_orders", &tables[..1])
            .generated("0002_users", &tables[..2])
            .generated("0003_carts", &tables),
    );
    completed(setup.run());
    let outcome = completed(setup.roll_back(2));
    let states: Vec<_> =
        outcome.migrations.iter().map(|one| (one.name.as_str(), one.state)).collect();
    let pending = MigrationState::Pending;
    assert_eq!(states, [("0003_carts", pending), ("0002_users", pending)]);
    assert_eq!(setup.memory.tables().into_keys().collect::<Vec<_>>(), ["Orders"]);
    let records = setup.memory.state().records.clone();
    assert_eq!(records.into_keys().collect::<Vec<_>>(), ["0001_orders"]);
    // And forward again.
    completed(setup.run());
    assert_eq!(setup.memory.tables().len(), 3);
}

#[test]
fn a_migration_that_failed_before_it_created_a_table_does_not_delete_that_table() {
    let users = table("Users", &[]);
    let up = calls(vec![
        create(&table("Orders", &[])),
        ("updateTable".to_owned(), json!({ "TableName": "Missing", "BillingMode": "PROVISIONED" })),
        create(&users),
    ]);
    let down = calls(vec![
        ("deleteTable".to_owned(), json!({ "TableName": "Users" })),
        ("deleteTable".to_owned(), json!({ "TableName": "Orders" })),
    ]);
    let after = [table("Orders", &[]), users.clone()];
    let setup = Setup::new(Project::default().migration("0001_init", (up, down), &after));
    assert!(matches!(failure(setup.run()), Error::Script(_)));
    assert_eq!(setup.memory.state().records["0001_init"].state, RecordState::Failed);
    // Somebody else's table of that name.
    setup.memory.holding(&[users]);
    setup.memory.put("Users", &["1"]);
    let outcome = completed(setup.roll_back(1));
    let skipped = &outcome.migrations[0].skipped;
    assert_eq!(skipped.len(), 1);
    assert_eq!(skipped[0].table, "Users");
    assert_eq!(setup.memory.tables().into_keys().collect::<Vec<_>>(), ["Users"]);
    assert_eq!(setup.memory.keys("Users"), ["1"]);
    assert!(setup.memory.state().records.is_empty());
}

#[test]
fn a_table_that_was_adopted_is_left() {
    let setup = Setup::new(Project::default().generated("0001_init", &[table("Orders", &[])]));
    setup.memory.holding(&[table("Orders", &[])]);
    completed(setup.run());
    assert_eq!(setup.memory.state().records["0001_init"].adopted, ["Orders"]);
    let outcome = completed(setup.roll_back(1));
    assert_eq!(outcome.migrations[0].skipped.len(), 1);
    assert!(setup.memory.tables().contains_key("Orders"));
}

#[test]
fn a_rollback_does_not_touch_items_of_a_table_that_the_migration_never_created() {
    let up = calls(vec![
        ("updateTable".to_owned(), json!({ "TableName": "Missing", "BillingMode": "PROVISIONED" })),
        create(&table("Users", &[])),
    ]);
    let down = script(|_, answers| match answers.len() {
        0 => Next::Call("scan".to_owned(), json!({ "TableName": "Users" })),
        1 => {
            assert_eq!(answers[0]["Count"], 0, "a foreign table looks empty");
            Next::Call("deleteTable".to_owned(), json!({ "TableName": "Users" }))
        }
        _ => Next::Return,
    });
    let project = Project::default().migration("0001_init", (up, down), &[table("Users", &[])]);
    let setup = Setup::new(project);
    failure(setup.run());
    setup.memory.holding(&[table("Users", &[])]);
    setup.memory.put("Users", &["1"]);
    completed(setup.roll_back(1));
    assert_eq!(setup.memory.keys("Users"), ["1"]);
}

#[test]
fn a_rollback_that_was_not_finished_has_to_be_finished_first() {
    let applied = || {
        let tables = [table("Orders", &[]), table("Users", &[])];
        let setup = Setup::new(Project::default().generated("0001_init", &tables));
        completed(setup.run());
        setup
    };
    let deletes = |setup: &Setup| {
        let state = setup.memory.state();
        state.changes.iter().filter(|change| change.starts_with("DeleteTable")).count()
    };
    // A crash after the first of two deletions.
    let mut crashes = 1_usize..;
    let setup = loop {
        let setup = applied();
        let calls = setup.memory.state().port_calls;
        setup.memory.state().crash_after = crashes.next().map(|after| calls + after);
        assert!(setup.with(async |migrate| migrate.roll_back(1).await).is_none());
        if deletes(&setup) == 1 {
            break setup;
        }
    };
    setup.memory.state().is_crashed = false;
    setup.memory.state().crash_after = None;
    let error = setup.run().unwrap_err();
    assert!(matches!(error, Error::RollbackUnfinished(name) if name == "0001_init"));
    completed(setup.roll_back(1));
    assert!(setup.memory.tables().is_empty());
    assert_eq!(deletes(&setup), 2, "no deletion is repeated");
}

#[test]
fn a_ledger_that_changed_before_the_lock_was_held_stops_a_rollback() {
    let setup = Setup::new(Project::default().generated("0001_init", &[table("Orders", &[])]));
    completed(setup.run());
    let calls = setup.memory.state().port_calls;
    // Somebody else resolves the migration after the first look.
    setup.memory.after(calls + 2, |state, _| {
        state.records.get_mut("0001_init").unwrap().by = "grace@elsewhere".to_owned();
    });
    assert!(matches!(failure(setup.roll_back(1)), Error::LedgerChanged));
    assert!(setup.memory.tables().contains_key("Orders"));
}
