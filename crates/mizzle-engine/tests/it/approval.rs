//! Approval: destructive steps are shown, confirmed, and not exceeded.

use crate::world::{Next, Project, Setup, calls, completed, create, failure, script, table};
use mizzle_engine::{Error, error::Unapproved};
use serde_json::json;

/// Returns a setup with one applied migration, whose table holds an item, and one that deletes the
/// table.
fn deleting() -> Setup {
    let project = Project::default()
        .generated("0001_init", &[table("Orders", &[]), table("Users", &[])])
        .generated("0002_delete", &[table("Users", &[])]);
    let mut setup = Setup::new(project);
    completed(setup.with(async |migrate| migrate.run(Some("1")).await).unwrap());
    setup.memory.put("Orders", &["1"]);
    setup.policy.yes = false;
    setup.policy.accept_data_loss = false;
    setup
}

#[test]
fn items_are_lost_only_when_that_is_accepted_and_approved() {
    for (accepts, approves) in [(false, true), (true, false), (true, true)] {
        let mut setup = deleting();
        setup.policy.accept_data_loss = accepts;
        setup.screen.approves = approves;
        let outcome = setup.run();
        if accepts && approves {
            completed(outcome);
            assert!(!setup.memory.tables().contains_key("Orders"));
            continue;
        }
        assert!(outcome.as_ref().is_ok_and(|outcome| outcome.is_refused));
        match failure(outcome) {
            Error::DataLoss(steps) => assert!(!accepts && steps[0].table() == "Orders"),
            Error::Declined => assert!(accepts),
            other => panic!("{other:?}"),
        }
        assert_eq!(setup.memory.keys("Orders"), ["1"]);
        assert_eq!(setup.memory.state().records.len(), 1);
    }
}

#[test]
fn a_table_that_was_empty_when_it_was_shown_is_not_deleted_with_items() {
    let mut setup = deleting();
    setup.screen.approves = true;
    setup.memory.state().items.clear();
    let calls = setup.memory.state().port_calls;
    let mut refused = 0;
    for after in calls + 1..calls + 40 {
        let mut setup = deleting();
        setup.screen.approves = true;
        setup.memory.state().items.clear();
        // Another process puts an item at some point.
        setup.memory.after(after, |state, _| {
            if !state.changes.iter().any(|change| change == "DeleteTable Orders") {
                let item = [("9".to_owned(), json!({ "pk": { "S": "9" } }))];
                state.items.insert("Orders".to_owned(), item.into_iter().collect());
                state.changes.push("item".to_owned());
            }
        });
        let outcome = setup.run();
        let state = setup.memory.state();
        let deleted = state.changes.iter().position(|change| change == "DeleteTable Orders");
        let item = state.changes.iter().position(|change| change == "item");
        // The item may arrive between the last check and the deletion, which cannot be prevented.
        let is_between = deleted.zip(item).is_some_and(|(deleted, item)| item + 1 == deleted);
        drop(state);
        if outcome.as_ref().is_ok_and(|outcome| outcome.failure.is_none()) {
            assert!(item.is_none() || is_between, "after port call {after}");
        } else {
            refused += 1;
            assert_eq!(setup.memory.keys("Orders"), ["9"]);
        }
    }
    assert!(refused > 3, "{refused}");
}

#[test]
fn a_script_that_deletes_more_than_in_its_dry_run_is_stopped() {
    let up = script(|facts, answers| match (answers.len(), facts.dry_run) {
        (0, false) => Next::Call("deleteTable".to_owned(), json!({ "TableName": "Orders" })),
        _ => Next::Return,
    });
    let project = Project::default().generated("0001_init", &[table("Orders", &[])]).migration(
        "0002_sly",
        (up, calls(Vec::new())),
        &[table("Orders", &[])],
    );
    let setup = Setup::new(project);
    completed(setup.with(async |migrate| migrate.run(Some("1")).await).unwrap());
    let error = failure(setup.run());
    let Error::Unapproved { reason: Unapproved::NotShown { table, .. }, .. } = error else {
        panic!("{error:?}")
    };
    assert_eq!(table, "Orders");
    assert!(setup.memory.tables().contains_key("Orders"));
}

#[test]
fn a_table_that_a_run_creates_itself_may_be_deleted_by_it() {
    let body = calls(vec![
        create(&table("Scratch", &[])),
        ("put".to_owned(), json!({ "TableName": "Scratch", "Item": { "pk": { "S": "1" } } })),
        ("deleteTable".to_owned(), json!({ "TableName": "Scratch" })),
    ]);
    let project = Project::default().migration("0001_scratch", (body, calls(Vec::new())), &[]);
    let mut setup = Setup::new(project);
    setup.policy.yes = false;
    setup.policy.accept_data_loss = false;
    completed(setup.run());
    assert!(!setup.screen.has("Question"), "nothing is asked");
    assert!(setup.memory.tables().is_empty());
}

#[test]
fn backups_are_taken_before_anything_is_deleted() {
    let mut setup = deleting();
    setup.policy.backup = true;
    setup.policy.accept_data_loss = true;
    setup.screen.approves = true;
    completed(setup.run());
    assert_eq!(setup.memory.state().backups, ["Orders"]);

    let mut setup = deleting();
    setup.policy.backup = true;
    setup.policy.accept_data_loss = true;
    setup.screen.approves = true;
    setup.memory.state().lacks_backups = true;
    assert!(matches!(failure(setup.run()), Error::NoBackups(tables) if tables == ["Orders"]));
    assert_eq!(setup.memory.keys("Orders"), ["1"]);
}
