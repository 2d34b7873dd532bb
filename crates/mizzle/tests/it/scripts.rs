//! Generated scripts outside of mizzle: in type checkers and in runtimes.

use crate::{
    adopted_tables, crash_recovery, environments, lifecycle, settings_matrix,
    support::{CONFIG, edit, shop, shop_with_history},
    transition, undo, unsaved_items,
};
use mizzle_test::{Direction, DynamoDbLocal, Runtime, TempProject, TypeScript};
use serde_json::{Value, json};
use std::{collections::BTreeSet, path::PathBuf};

fn scripts(project: &TempProject) -> Vec<PathBuf> {
    let files = project.files_below("migrations").into_iter();
    files.filter(|file| file.ends_with(".ts")).map(|file| project.path().join(file)).collect()
}

/// Returns the steps of every script's `up` from mizzle: `{ "call": …, "input": … }`.
fn steps(project: &TempProject) -> Vec<Vec<Value>> {
    // In a new database all scripts are still pending.
    let fresh = project.copy();
    for file in fresh.files_below(".mizzle") {
        fresh.remove(&file);
    }
    fresh.write("mizzle.config.ts", CONFIG);
    let report = fresh.mizzle(["migrate", "--dry-run", "--json"]).run().assert_code(0).json();
    let steps = |migration: &Value| {
        let steps = migration["steps"].as_array().unwrap().iter();
        steps.map(|step| json!({ "call": step["call"], "input": step["input"] })).collect()
    };
    report["migrations"].as_array().unwrap().iter().map(steps).collect()
}

/// Checks all scripts of projects with tsc, and runs them: under Node and under Bun they make the
/// calls that mizzle reports. Returns the calls of every `up`. Many projects take as long as one.
pub(crate) fn assert_run_elsewhere<'a>(
    projects: impl IntoIterator<Item = &'a TempProject>,
) -> Vec<Vec<Value>> {
    let projects: Vec<&TempProject> = projects.into_iter().collect();
    let typescript = TypeScript::from_env();
    let scripts: Vec<PathBuf> = projects.iter().flat_map(|project| scripts(project)).collect();
    assert!(scripts.len() >= projects.len(), "each has a script");
    typescript.tsc_strict(&scripts).assert_code(0);
    let [node, bun] = [Runtime::Node, Runtime::Bun]
        .map(|runtime| typescript.record(runtime, &scripts, Direction::Up));
    assert_same(&scripts, &node, &bun);
    let steps: Vec<Vec<Value>> = projects
        .iter()
        .flat_map(|project| steps(project))
        .map(|steps| steps.into_iter().map(as_written).collect())
        .collect();
    assert_same(&scripts, &node, &steps);
    node
}

/// Does the same for a project with only generated scripts; all of them can also be rolled back.
fn assert_portable(project: &TempProject) -> Vec<Vec<Value>> {
    let up = assert_run_elsewhere([project]);
    let (typescript, scripts) = (TypeScript::from_env(), scripts(project));
    let [node, bun] = [Runtime::Node, Runtime::Bun]
        .map(|runtime| typescript.record(runtime, &scripts, Direction::Down));
    assert_same(&scripts, &node, &bun);
    for (script, calls) in scripts.iter().zip(&up) {
        // Settings that become unmanaged take no step.
        let is_release = script.to_string_lossy().contains("_release_");
        assert_eq!(calls.is_empty(), is_release, "{}", script.display());
    }
    assert!(node.iter().any(|calls| !calls.is_empty()), "they can be undone");
    up
}

/// Converts the operation of a step to the method in a script.
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
    let (project, without) = settings_matrix::generated();
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

/// The scripts of other tests, including those with manual additions. (Scripts of merged branches
/// are checked in their own tests.)
#[test]
fn so_do_the_scripts_of_other_tests() {
    let database = DynamoDbLocal::from_env().isolated();
    let database = || &database;
    let (in_memory, ..) = unsaved_items::project(unsaved_items::IN_MEMORY);
    let (copied, ..) = unsaved_items::project(unsaved_items::COPIED);
    let projects = [
        shop_with_history(),
        lifecycle::project(),
        environments::project(database()),
        crash_recovery::migrations(),
        undo::with_users(database()),
        adopted_tables::project(database(), adopted_tables::STREAM),
        in_memory,
        copied,
    ];
    let calls = assert_run_elsewhere(&projects);
    assert!(calls.len() >= 20);
}
