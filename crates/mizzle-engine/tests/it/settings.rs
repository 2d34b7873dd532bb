//! The settings of an environment.

use crate::world::{Ignored, Project, Setup, completed, failure, table};
use mizzle_core::{
    config,
    diff::{TableDiff, diff},
    model::{AuxiliarySetting, TableClass, TableDefinition, TimeToLiveSpecification},
    plan::Simulator,
};
use mizzle_engine::{
    Error,
    converge::{Origin, Reason},
    error::Unapproved,
    ports::IgnoredSettings,
};
use serde_json::{Value, json};

/// Returns a setup whose environment has these settings for the table Orders.
pub(crate) fn with(settings: &Value) -> Setup {
    let json = json!({
        "schema": "schema.ts",
        "environments": { "production": { "tables": { "Orders": settings } } },
    });
    let config = config::read(&json).unwrap().in_environment("production").unwrap();
    let mut setup = Setup::new(Project::default().generated("0001_init", &[table("Orders", &[])]));
    setup.environment.name = Some("production".to_owned());
    setup.environment.tables = config.environment.tables;
    "environments.production.tables".clone_into(&mut setup.environment.root);
    setup
}

#[test]
fn they_are_applied_after_the_scripts_and_once() {
    let setup = with(&json!({ "deletionProtection": true, "timeToLive": "at" }));
    let outcome = completed(setup.run());
    assert_eq!(outcome.settings.unwrap().steps.len(), 2);
    let orders = setup.memory.tables()["Orders"].clone();
    assert_eq!(orders.deletion_protection_enabled, Some(true));
    assert_eq!(orders.time_to_live_specification, Some(TimeToLiveSpecification::by("at")));
    let changes = setup.memory.state().changes.len();
    completed(setup.run());
    assert_eq!(setup.memory.state().changes.len(), changes);
}

#[test]
fn a_setting_without_an_operation_is_told_as_such() {
    let mut setup = with(&json!({ "pointInTimeRecovery": true }));
    setup.ignored = Some(Ignored::default());
    setup.memory.state().unsupported.insert(AuxiliarySetting::PointInTimeRecovery);
    let outcome = completed(setup.run());
    let reasons: Vec<Reason> = outcome.unapplied.iter().map(|one| one.reason).collect();
    assert_eq!(reasons, [Reason::Unsupported]);
    assert!(setup.ignored.unwrap().subjects("Orders").is_empty(), "it was not ignored");
}

#[test]
fn a_failure_carries_the_error_of_the_service() {
    let setup = with(&json!({ "timeToLive": "at" }));
    setup.memory.state().denied.insert("UpdateTimeToLive");
    let error = failure(setup.run());
    let Error::Incomplete(incomplete) = error else { panic!("{error:?}") };
    assert_eq!(incomplete.origin, Origin::EnvironmentSettings);
    let failures = &incomplete.report.failures;
    assert_eq!(failures.len(), 1);
    assert!(failures[0].error.to_string().contains("not allowed: UpdateTimeToLive"));
}

/// Returns the change of one setting of Orders, as a push would have saved it.
fn change_to(after: &TableDefinition) -> mizzle_core::diff::Change {
    let setup = with(&json!({}));
    setup.memory.holding(&[table("Orders", &[])]);
    let present = setup.memory.tables()["Orders"].clone();
    let difference = diff([&present], [after]);
    let TableDiff::Update(update) = &difference.tables[0] else { panic!("an update") };
    update.changes[0].clone()
}

#[test]
fn what_the_server_ignores_is_remembered_beside_what_push_has_learned_and_forgotten_in_the_end() {
    let mut setup = with(&json!({ "tableClass": "STANDARD_INFREQUENT_ACCESS" }));
    completed(setup.run());
    setup.memory.state().simulator = Simulator::holding([table("Orders", &[])]);
    setup.ignored = Some(Ignored::default());
    // A push has detected that the server ignores time to live.
    let expiring = TableDefinition {
        time_to_live_specification: Some(TimeToLiveSpecification::by("at")),
        ..table("Orders", &[])
    };
    let learned = change_to(&expiring);
    let ignored = setup.ignored.as_ref().unwrap();
    ignored.replace(vec![("Orders".to_owned(), vec![learned.clone()])], &|_, _| true).unwrap();

    setup.memory.state().ignored.insert("UpdateTable");
    let outcome = completed(setup.run());
    assert_eq!(outcome.unapplied.len(), 1);
    assert_eq!(outcome.unapplied[0].reason, Reason::Ignored);
    let ignored = setup.ignored.as_ref().unwrap();
    assert!(ignored.contains("Orders", &learned), "the entry of the push stays");
    assert_eq!(ignored.subjects("Orders").len(), 2);

    // The next run does not try it again.
    let changes = setup.memory.state().changes.len();
    let outcome = completed(setup.run());
    assert_eq!(outcome.unapplied[0].reason, Reason::IgnoredBefore);
    assert_eq!(setup.memory.state().changes.len(), changes);

    // The server supports the setting now: another process sets it, and another setting of the
    // environment is changed. The entry is removed, that of the push stays.
    setup.memory.state().ignored.clear();
    let archived = TableDefinition {
        table_class: Some(TableClass::StandardInfrequentAccess),
        ..table("Orders", &[])
    };
    setup.memory.state().simulator = Simulator::holding([archived]);
    let json = json!({
        "schema": "schema.ts",
        "environments": { "production": { "tables": { "Orders": {
            "tableClass": "STANDARD_INFREQUENT_ACCESS", "deletionProtection": true,
        } } } },
    });
    let config = config::read(&json).unwrap().in_environment("production").unwrap();
    setup.environment.tables = config.environment.tables;
    completed(setup.run());
    let ignored = setup.ignored.as_ref().unwrap();
    assert!(ignored.contains("Orders", &learned));
    assert_eq!(ignored.subjects("Orders").len(), 1, "{:?}", ignored.subjects("Orders"));
}

#[test]
fn a_loss_that_was_not_shown_is_refused() {
    let mut refused = 0;
    for after in 1.. {
        let mut setup = with(&json!({ "timeToLive": "at" }));
        completed(setup.run());
        setup.policy.yes = false;
        setup.screen.approves = true;
        let calls = setup.memory.state().port_calls;
        // Another process disables time to live, and puts items, after the plan was shown.
        setup.memory.after(calls + after, |state, _| {
            let off = TableDefinition {
                time_to_live_specification: Some(TimeToLiveSpecification::DISABLED),
                ..table("Orders", &[])
            };
            state.changes.push("somebody".to_owned());
            state.simulator = Simulator::holding([off]);
            let item = [("1".to_owned(), json!({ "pk": { "S": "1" } }))];
            state.items.insert("Orders".to_owned(), item.into_iter().collect());
        });
        // Without another change, the run would end before it acquires the lock.
        let protected = with(&json!({ "timeToLive": "at", "deletionProtection": true }));
        setup.environment = protected.environment;
        let outcome = setup.run();
        if !setup.memory.state().changes.iter().any(|change| change == "somebody") {
            break;
        }
        match outcome {
            Ok(outcome) if outcome.failure.is_none() => {
                let asked = setup.screen.has("Run([])");
                let expires = setup.memory.tables()["Orders"].time_to_live_specification.clone();
                assert!(asked || !expires.is_some_and(|expiry| expiry.enabled));
            }
            outcome => {
                let error = failure(outcome);
                let Error::Unapproved { reason: Unapproved::Settings(steps), .. } = &error else {
                    panic!("{error:?}")
                };
                assert_eq!(steps[0].table(), "Orders");
                assert!(!setup.screen.has("Run([])"), "nothing was asked before");
                refused += 1;
            }
        }
    }
    assert!(refused > 2, "{refused}");
}
