//! Bringing tables to a desired state.

use crate::world::{Ignored, MemoryWorld, Project, Setup, drive, table};
use mizzle_core::{
    model::{AuxiliarySetting, PointInTimeRecoverySpecification, TableClass, TableDefinition},
    plan::Aim,
};
use mizzle_engine::{
    Error,
    converge::{Push, PushOutcome, PushState, Reason},
};

fn push(setup: &Setup, desired: &[TableDefinition]) -> PushOutcome<crate::world::Failure> {
    let server = setup.memory.server();
    let push: Push<'_, MemoryWorld> = Push {
        context: setup.context(&server),
        server: &server,
        desired,
        aim: Aim::Schema,
        environment: &setup.environment,
        prunable: None,
        policy: setup.policy,
        objection: &|_| Ok(()),
    };
    drive(&setup.memory, push.run()).unwrap().unwrap()
}

#[test]
fn tables_converge_and_stay() {
    let setup = Setup::new(Project::default());
    setup.memory.holding(&[table("Other", &[])]);
    let desired = [table("Orders", &["status"]), table("Users", &[])];
    let outcome = push(&setup, &desired);
    assert_eq!(outcome.state, PushState::Applied);
    assert_eq!(outcome.untracked.as_deref(), Some(["Other".to_owned()].as_slice()));
    assert_eq!(setup.memory.tables().len(), 3);
    assert_eq!(push(&setup, &desired).state, PushState::InSync);
}

#[test]
fn every_reason_for_a_difference_is_told_once_and_remembered_where_it_helps() {
    let mut setup = Setup::new(Project::default());
    setup.ignored = Some(Ignored::default());
    setup.memory.holding(&[table("Orders", &[])]);
    setup.memory.state().unsupported.insert(AuxiliarySetting::PointInTimeRecovery);
    setup.memory.state().ignored.insert("UpdateTable");
    let desired = [TableDefinition {
        table_class: Some(TableClass::StandardInfrequentAccess),
        point_in_time_recovery_specification: Some(PointInTimeRecoverySpecification {
            point_in_time_recovery_enabled: true,
            recovery_period_in_days: None,
        }),
        ..table("Orders", &[])
    }];
    let reasons = |outcome: &PushOutcome<_>| -> Vec<Reason> {
        outcome.unapplied.iter().map(|unapplied| unapplied.reason).collect()
    };
    let first = push(&setup, &desired);
    assert_eq!(first.state, PushState::Applied);
    assert_eq!(reasons(&first), [Reason::Unsupported, Reason::Ignored]);
    let second = push(&setup, &desired);
    assert_eq!(second.state, PushState::InSync);
    let mut known = reasons(&second);
    known.sort_by_key(|reason| format!("{reason:?}"));
    assert_eq!(known, [Reason::IgnoredBefore, Reason::Unsupported]);
    assert_eq!(setup.ignored.unwrap().subjects("Orders").len(), 1);
}

#[test]
fn a_failure_names_the_steps_that_were_not_started() {
    let setup = Setup::new(Project::default());
    setup.memory.state().denied.insert("UpdateContinuousBackups");
    let desired = [TableDefinition {
        point_in_time_recovery_specification: Some(PointInTimeRecoverySpecification {
            point_in_time_recovery_enabled: true,
            recovery_period_in_days: None,
        }),
        ..table("Orders", &[])
    }];
    let outcome = push(&setup, &desired);
    assert_eq!(outcome.state, PushState::Failed);
    assert_eq!(outcome.applied.len(), 1);
    assert!(matches!(outcome.failure, Some(Error::Incomplete(_))));
}

#[test]
fn each_reason_has_one_sentence() {
    let sentences = [
        (Reason::Unsupported, "the server has no operation for it"),
        (Reason::IgnoredBefore, "the server accepted it earlier but did not keep it"),
        (Reason::Ignored, "the server accepted it but did not keep it"),
    ];
    for (reason, sentence) in sentences {
        assert_eq!(reason.sentence("the server"), sentence);
    }
}
