//! Rolling migrations back.

use crate::world::{
    Body, Next, Project, Setup, calls, completed, create, failure, generated, script, table,
};
use mizzle_core::{ledger::RecordState, plan::Simulator};
use mizzle_engine::{Error, error::Unapproved, migrate::MigrationState};
use serde_json::json;
use std::sync::Arc;

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
    // And run again.
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
    // A table with that name that another process has created.
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
    // Another user resolves the migration after the first read.
    setup.memory.after(calls + 2, |state, _| {
        state.records.get_mut("0001_init").unwrap().by = "grace@elsewhere".to_owned();
    });
    assert!(matches!(failure(setup.roll_back(1)), Error::LedgerChanged));
    assert!(setup.memory.tables().contains_key("Orders"));
}

/// Returns a script that fails at once outside of its dry run, and would replace the table Users;
/// its rollback replaces it, too.
fn failing_replacement() -> (Body, Body) {
    let users = table("Users", &[]);
    let replace = move |fails: bool| {
        let users = users.clone();
        script(move |facts, answers| match answers.len() {
            0 if fails && !facts.dry_run => Next::Throw("no way".to_owned()),
            0 => Next::Call("scan".to_owned(), json!({ "TableName": "Users" })),
            1 => Next::Call("deleteTable".to_owned(), json!({ "TableName": "Users" })),
            2 => {
                let (method, input) = create(&users);
                Next::Call(method, input)
            }
            _ => Next::Return,
        })
    };
    (replace(true), replace(false))
}

#[test]
fn the_table_that_a_failed_migration_was_to_replace_keeps_its_items() {
    let users = [table("Users", &[])];
    let project = Project::default().generated("0001_users", &users).migration(
        "0002_replace",
        failing_replacement(),
        &users,
    );
    let setup = Setup::new(project);
    assert!(matches!(failure(setup.run()), Error::Script(_)));
    setup.memory.put("Users", &["ada"]);
    let outcome = completed(setup.roll_back(1));
    assert_eq!(outcome.migrations[0].skipped.len(), 1);
    assert_eq!(outcome.migrations[0].skipped[0].reason, "0002_replace did not make it");
    assert_eq!(setup.memory.keys("Users"), ["ada"]);
}

#[test]
fn an_index_that_a_failed_migration_never_created_is_left() {
    let before = [table("Users", &[])];
    let after = [table("Users", &["email"])];
    let (up, down) = generated(&before, &after);
    let fails = script(|facts, _| match facts.dry_run {
        true => Next::Return,
        false => Next::Throw("no way".to_owned()),
    });
    let failing = move |facts: &_, replies: &[_]| match fails(facts, replies) {
        Next::Return => up(facts, replies),
        other => other,
    };
    let project = Project::default().generated("0001_users", &before).migration(
        "0002_index",
        (Arc::new(failing), down),
        &after,
    );
    let setup = Setup::new(project);
    failure(setup.run());
    // Another process has created the table meanwhile.
    setup.memory.state().simulator = Simulator::holding(after.clone());
    completed(setup.roll_back(1));
    assert!(setup.memory.tables()["Users"].global_index("by_email").is_some());
}

#[test]
fn a_table_that_a_killed_run_has_created_is_rolled_back_whether_it_was_continued_or_not() {
    let build = || Setup::new(Project::default().generated("0001_users", &[table("Users", &[])]));
    let whole = build();
    completed(whole.run());
    let calls = whole.memory.state().port_calls;
    for after in 1..=calls {
        for is_continued in [true, false] {
            let setup = build();
            setup.memory.state().crash_after = Some(after);
            assert!(setup.with(async |migrate| migrate.run(None).await).is_none());
            setup.memory.state().is_crashed = false;
            setup.memory.state().crash_after = None;
            if is_continued {
                completed(setup.run());
            }
            let outcome = completed(setup.roll_back(1));
            let skipped = outcome.migrations.iter().flat_map(|one| &one.skipped).count();
            let tables = setup.memory.tables();
            assert!(tables.is_empty(), "after port call {after}: {tables:?}, {skipped} skipped");
        }
    }
}

#[test]
fn a_rollback_that_deletes_more_than_in_its_dry_run_is_stopped_and_can_be_completed() {
    let down = script(|facts, answers| match (answers.len(), facts.dry_run) {
        (0, _) => Next::Call("deleteTable".to_owned(), json!({ "TableName": "Users" })),
        (1, false) => Next::Call("deleteTable".to_owned(), json!({ "TableName": "Orders" })),
        _ => Next::Return,
    });
    let tables = [table("Orders", &[]), table("Users", &[])];
    let (up, honest) = generated(&tables[..1], &tables);
    let project = Project::default().generated("0001_orders", &tables[..1]).migration(
        "0002_users",
        (up, down),
        &tables,
    );
    let mut setup = Setup::new(project);
    completed(setup.run());
    let error = failure(setup.roll_back(1));
    let Error::Unapproved { reason: Unapproved::NotShown { table, .. }, .. } = error else {
        panic!("{error:?}")
    };
    assert_eq!(table, "Orders");
    assert_eq!(setup.memory.tables().into_keys().collect::<Vec<_>>(), ["Orders"]);
    // Once the script is fixed, the rollback continues.
    let path = setup.project.scripts[1].path.clone();
    let bodies = setup.project.host.bodies.get_mut(&path).unwrap();
    bodies.1 = honest;
    completed(setup.roll_back(1));
    assert_eq!(setup.memory.state().records.len(), 1);
}

#[test]
fn a_table_that_is_exchanged_after_approval_is_not_deleted() {
    let applied = || {
        let setup = Setup::new(Project::default().generated("0001_users", &[table("Users", &[])]));
        completed(setup.run());
        setup
    };
    let whole = applied();
    let before = whole.memory.state().port_calls;
    completed(whole.roll_back(1));
    let calls = whole.memory.state().port_calls;
    let mut kept = 0;
    for after in before + 1..=calls {
        let setup = applied();
        // Another process deletes the table and creates another one with its name, and items.
        setup.memory.after(after, |state, _| {
            if state.changes.iter().all(|change| change != "DeleteTable Users") {
                state.changes.push("exchanged".to_owned());
                state.exchange("Users");
                let item = [("9".to_owned(), json!({ "pk": { "S": "9" } }))];
                state.items.insert("Users".to_owned(), item.into_iter().collect());
            }
        });
        let outcome = setup.roll_back(1);
        let state = setup.memory.state();
        let exchanged = state.changes.iter().position(|change| change == "exchanged");
        let deleted = state.changes.iter().position(|change| change == "DeleteTable Users");
        drop(state);
        match outcome {
            Ok(outcome) if outcome.failure.is_none() => {
                // The table was exchanged before it was described, so the new one was shown.
                let was_shown = exchanged.is_none_or(|_| after <= before + 4);
                let is_between =
                    exchanged.zip(deleted).is_some_and(|(one, other)| one + 1 == other);
                assert!(was_shown || is_between, "after port call {after}");
            }
            outcome => {
                assert_eq!(setup.memory.keys("Users"), ["9"], "after port call {after}");
                let error = failure(outcome);
                assert!(matches!(error, Error::Script(_)), "{error:?}");
                kept += 1;
            }
        }
    }
    assert!(kept > 3, "{kept}");
}
