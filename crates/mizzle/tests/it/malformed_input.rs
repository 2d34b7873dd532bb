//! Schema files that hang, exhaust resources, crash or attempt to escape: each ends in a clear
//! error with exit code 2, and leaves nothing behind.

use crate::support::BINARY;
use mizzle_test::TempProject;
use std::{
    fs,
    path::{Path, PathBuf},
    sync::Mutex,
    thread,
};

/// Returns the evaluator's own fixtures, one case per file.
fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../mizzle-eval/tests/fixtures/hostile")
}

fn cases() -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(fixtures())
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().is_file())
        .filter_map(|entry| entry.file_name().to_str()?.strip_suffix(".ts").map(str::to_owned))
        .filter(|name| name != "empty")
        .collect();
    names.sort();
    names
}

/// Creates a project that contains all fixtures, one of which is the schema.
fn project(case: &str) -> TempProject {
    let project = TempProject::new(BINARY);
    copy(&fixtures(), project.path());
    // Other cases must not run into the time limit, even on a busy machine.
    let runs_forever = ["endless", "catastrophic"].iter().any(|word| case.starts_with(word));
    let seconds = if runs_forever { 1 } else { 30 };
    let limits = format!("{{ timeLimit: {seconds}, memoryLimit: 64 }}");
    project.write(
        "mizzle.config.ts",
        &format!("export default {{ schema: \"./{case}.ts\", endpoint: \"local\", evaluation: {limits} }};\n"),
    );
    project
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            fs::create_dir_all(&target).unwrap();
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn every_hostile_file_ends_in_a_clear_error() {
    let queue = Mutex::new(cases());
    assert!(queue.lock().unwrap().len() > 40, "the fixtures are there");
    let outputs = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let Some(case) = queue.lock().unwrap().pop() else { break };
                    let project = project(&case);
                    let before = project.files();
                    let output = project.mizzle(["push", "--yes"]).run().assert_code(2);
                    assert_eq!(output.stdout, "", "{case}");
                    assert_eq!(project.files(), before, "{case} left something behind");
                    outputs.lock().unwrap().push((case, output.snapshot()));
                }
            });
        }
    });
    for (case, output) in outputs.into_inner().unwrap() {
        insta::assert_snapshot!(case, output);
    }
}

#[test]
fn the_error_is_also_the_one_json_document() {
    for (case, kind) in [
        ("endless-loop", "time-limit"),
        ("unbounded-array", "memory-limit"),
        ("syntax-error", "syntax"),
        ("missing-module", "missing-module"),
        ("exception", "thrown"),
    ] {
        let output = project(case).mizzle(["push", "--yes", "--json"]).run().assert_code(2);
        let json = output.json();
        assert_eq!(
            (&json["command"], &json["error"]["kind"]),
            (&"push".into(), &kind.into()),
            "{json:#}"
        );
        let place = &json["error"]["problems"][0]["places"][0];
        assert!(place["line"].as_u64() > Some(0) && place["column"].as_u64() > Some(0), "{json:#}");
    }
}

#[test]
fn the_time_limit_can_be_set() {
    let project = project("endless-loop");
    let output = project.mizzle(["generate"]).env("MIZZLE_TIME_LIMIT", "0.2").run().assert_code(2);
    assert!(output.stderr.contains("0.2"), "{}", output.stderr);
    let output = project.mizzle(["generate"]).env("MIZZLE_TIME_LIMIT", "soon").run().assert_code(2);
    assert!(
        output.stderr.contains("MIZZLE_TIME_LIMIT must be a number of seconds above 0"),
        "{}",
        output.stderr
    );
}
