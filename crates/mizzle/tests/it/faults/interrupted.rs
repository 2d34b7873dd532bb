//! Ctrl-C while many tables are changed: running calls return, no other call is started.

use super::{Reference, Stage, assert_not_started, ids};
use crate::transition::SDK_ATTEMPTS;
use mizzle_test::{Fault, Ministack, On, Request};
use serde_json::json;
use std::{collections::BTreeSet, time::Duration};

/// Operations whose effect can be held.
const HELD: [&str; 4] = ["CreateTable", "UpdateTable", "DeleteTable", "UpdateTimeToLive"];

/// The table that is deleted after all other changes.
const LAST: &str = "Pruned";

#[test]
fn waits_end_and_the_next_push_goes_on() {
    let server = Ministack::from_env();
    let reference = Reference::of(&server);
    let stage = Stage::set(&server, SDK_ATTEMPTS);
    for operation in HELD {
        let looks = usize::MAX;
        stage.proxy.inject(On::operation(operation).every(), Fault::Hold { looks });
    }
    let running = stage.push().start();
    // Every table waits for a change that never completes: no other event can occur.
    let tables: Vec<&str> = reference.writes().into_keys().filter(|table| *table != LAST).collect();
    stage.proxy.wait_until(|requests| tables.iter().all(|table| is_waited_for(requests, table)));
    let before = stage.proxy.writes();
    running.interrupt();
    let report = running.finish().assert_code(130).json();
    assert_eq!(stage.proxy.writes(), before);
    assert_eq!(report["outcome"], "failed");
    assert_eq!(report["error"]["kind"], "interrupted");
    // Recovery cannot be held: it is the only completed step.
    let applied = ["Opened:enable-point-in-time-recovery".to_owned()];
    assert_eq!(ids(&report["applied"]), BTreeSet::from(applied.clone()));
    let begun = tables.iter().map(|table| {
        let steps = reference.steps_of(table);
        steps.into_iter().find(|step| !applied.contains(step)).unwrap()
    });
    let begun: BTreeSet<String> = begun.chain(applied.clone()).collect();
    let rest = reference.steps().into_iter().filter(|step| !begun.contains(step));
    assert_not_started(&report, &rest.collect());
    stage.assert_goes_on(&reference);
}

/// True if a table has been read more than once since a held change of it.
fn is_waited_for(requests: &[Request], table: &str) -> bool {
    let mut its = requests.iter().filter(|request| request.table.as_deref() == Some(table));
    its.by_ref().find(|request| HELD.contains(&request.operation.as_str())).is_some()
        && its.filter(|request| request.operation == "DescribeTable").count() > 2
}

#[test]
fn a_call_that_runs_returns() {
    let server = Ministack::from_env();
    let reference = Reference::of(&server);
    let stage = Stage::set(&server, SDK_ATTEMPTS);
    let untag = On::operation("UntagResource").table("Governed");
    stage.proxy.inject(untag, Fault::Delay(Duration::from_secs(1)));
    let running = stage.push().start();
    stage
        .proxy
        .wait_until(|requests| requests.iter().any(|request| request.operation == "UntagResource"));
    running.interrupt();
    let report = running.finish().assert_code(130).json();
    let steps = reference.steps_of("Governed");
    let done = steps.iter().position(|step| step == "Governed:untag").unwrap() + 1;
    let applied = report["applied"].as_array().unwrap().iter();
    let applied: Vec<_> = applied.filter(|step| steps.iter().any(|own| *step == own)).collect();
    assert_eq!(json!(applied), json!(steps[..done]), "{report:#}");
    stage.assert_goes_on(&reference);
}
