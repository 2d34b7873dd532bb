//! Generated scripts for everybody else: type checkers, and runtimes that know nothing of mizzle.

use crate::{
    support::{edit, shop},
    transition, walk,
};
use mizzle_test::{Direction, Runtime, TempProject, TypeScript};
use serde_json::{Value, json};
use std::{collections::BTreeSet, path::PathBuf};

fn scripts(project: &TempProject) -> Vec<PathBuf> {
    let files = project.files_below("migrations").into_iter();
    files.filter(|file| file.ends_with(".ts")).map(|file| project.path().join(file)).collect()
}

/// The steps of every script's `up`, as mizzle shows them: `{ "call": …, "input": … }`.
fn steps(project: &TempProject) -> Vec<Vec<Value>> {
    let report = project.mizzle(["migrate", "--dry-run", "--json"]).run().assert_code(0).json();
    let steps = |migration: &Value| {
        let steps = migration["steps"].as_array().unwrap().iter();
        steps.map(|step| json!({ "call": step["call"], "input": step["input"] })).collect()
    };
    report["migrations"].as_array().unwrap().iter().map(steps).collect()
}

/// Passes all scripts of a project to tsc, and runs them: under Node and under Bun they call for what
/// mizzle says that they do. Gives the calls of every `up`.
fn assert_portable(project: &TempProject) -> Vec<Vec<Value>> {
    let typescript = TypeScript::from_env();
    let scripts = scripts(project);
    typescript.tsc_strict(&scripts).assert_code(0);
    let record = |direction| {
        let [node, bun] = [Runtime::Node, Runtime::Bun]
            .map(|runtime| typescript.record(runtime, &scripts, direction));
        assert_same(&scripts, &node, &bun);
        node
    };
    let (up, down) = (record(Direction::Up), record(Direction::Down));
    let steps: Vec<Vec<Value>> = steps(project)
        .into_iter()
        .map(|steps| steps.into_iter().map(as_written).collect())
        .collect();
    assert_same(&scripts, &up, &steps);
    for (script, calls) in scripts.iter().zip(&up) {
        // Settings that are left to others take no step.
        let is_release = script.to_string_lossy().contains("_release_");
        assert_eq!(calls.is_empty(), is_release, "{}", script.display());
    }
    assert!(down.iter().any(|calls| !calls.is_empty()), "they can be undone");
    up
}

/// A step names the operation, a script the method.
fn as_written(mut step: Value) -> Value {
    let operation = step["call"].as_str().unwrap();
    let method = operation[..1].to_lowercase() + &operation[1..];
    step["call"] = json!(method);
    step
}

fn assert_same(scripts: &[PathBuf], ones: &[Vec<Value>], others: &[Vec<Value>]) {
    assert_eq!((ones.len(), others.len()), (scripts.len(), scripts.len()));
    for ((script, one), other) in scripts.iter().zip(ones).zip(others) {
        assert_eq!(one, other, "{}", script.display());
    }
}

#[test]
fn scripts_pass_tsc_and_run_under_node_and_bun() {
    let project = shop();
    project.mizzle(["generate"]).run().assert_code(0);
    edit(&project);
    project.mizzle(["generate"]).run().assert_code(0);
    project.write("schema.ts", "export {};\n");
    project.mizzle(["generate", "--yes", "--name", "remove everything"]).run().assert_code(0);
    let calls = assert_portable(&project);
    assert_eq!(calls.len(), 3);
    let calls = calls[1].iter().map(|call| {
        let change = &call["input"]["GlobalSecondaryIndexUpdates"][0];
        let (kind, index) = change.as_object().unwrap().iter().next().unwrap();
        format!(
            "{} {kind} {}",
            call["call"].as_str().unwrap(),
            index["IndexName"].as_str().unwrap()
        )
    });
    assert_eq!(
        calls.collect::<Vec<_>>(),
        ["updateTable Create byAge", "updateTable Create byTotal", "updateTable Delete byEmail"]
    );
}

#[test]
fn so_do_the_scripts_of_every_change_of_a_table() {
    let (project, without) = walk::generated();
    // No script replaces a table.
    assert_eq!(without, ["another key, of a table that is empty"]);
    let calls = assert_portable(&project);
    assert!(calls.len() >= 25);
}

#[test]
fn so_does_a_script_of_all_kinds_of_steps() {
    let project = transition::generated();
    let calls = assert_portable(&project);
    let methods: BTreeSet<&str> =
        calls[1].iter().map(|call| call["call"].as_str().unwrap()).collect();
    assert_eq!(
        methods.into_iter().collect::<Vec<_>>(),
        [
            "createTable",
            "deleteResourcePolicy",
            "deleteTable",
            "putResourcePolicy",
            "tagResource",
            "untagResource",
            "updateContinuousBackups",
            "updateTable",
            "updateTimeToLive",
        ]
    );
}
