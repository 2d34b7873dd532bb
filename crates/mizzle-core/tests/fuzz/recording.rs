//! Fuzzing of the calls that a migration script makes, as the engine records them.

use crate::assert_short;
use mizzle_core::{
    diff::diff,
    history::Rehearsal,
    model::TableDefinition,
    plan::{Call, Plan, Simulator, Step},
    script,
};
use serde_json::Value;
use std::collections::BTreeMap;

#[test]
fn recording() {
    bolero::check!(name = "recording").for_each(|bytes: &[u8]| {
        let Ok(made) = serde_json::from_slice::<Vec<(String, Value)>>(bytes) else { return };
        let mut calls = Vec::new();
        for (method, input) in &made {
            match Call::parse(method, input) {
                Ok(call) => calls.push(call),
                Err(problem) => {
                    assert_short(&problem);
                    problem.hint.iter().for_each(assert_short);
                }
            }
        }
        assert_carried_out(&calls);
        assert_written(&calls);
    });
}

/// Asserts that the simulated service accepts or refuses each call, and that its tables can be
/// compared then.
fn assert_carried_out(calls: &[Call]) {
    let mut service = Simulator::default();
    let mut rehearsal = Rehearsal::new(Vec::new(), BTreeMap::new());
    for call in calls {
        assert_eq!(Call::parse(call.method(), &call.input()).as_ref(), Ok(call));
        match service.call(call) {
            Ok(()) => service.settle(call.table()),
            Err(refusal) => assert_short(&refusal),
        }
        if let Err(refusal) = rehearsal.call(call) {
            assert_short(&refusal);
        }
    }
    let tables: Vec<TableDefinition> =
        service.tables().filter_map(|table| Some(service.describe(table)?.definition)).collect();
    assert!(diff(&tables, &tables).is_empty());
}

/// Asserts that the calls can be displayed, and written as a script.
fn assert_written(calls: &[Call]) {
    let steps = calls.iter().cloned().enumerate();
    let steps = steps.map(|(position, call)| Step::of(call, position)).collect();
    let plan = Plan { steps, blocked: Vec::new() };
    serde_json::to_string(&plan).unwrap();
    script::write(&plan, &Plan::default());
}
