//! Files that attempt forbidden or dangerous operations, by mistake or on purpose: each ends in an
//! error with a message, a location and a hint.

use crate::project::{Project, fixtures};
use mizzle_eval::Limits;
use std::fs;
use std::time::{Duration, Instant};

/// Files that run until they are stopped. For all others the time limit must not matter.
const ENDLESS: [&str; 2] = ["endless-", "catastrophic-"];

fn limits(name: &str) -> Limits {
    let endless = ENDLESS.iter().any(|prefix| name.starts_with(prefix));
    let time = if endless { Duration::from_millis(300) } else { Duration::from_secs(30) };
    Limits { time, memory: 64 << 20 }
}

#[test]
fn each_ends_in_a_clear_error() {
    let mut names: Vec<_> = fs::read_dir(fixtures().join("hostile"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".ts") && name != "empty.ts")
        .collect();
    names.sort();
    assert!(names.len() > 40, "the fixtures are there: {names:?}");
    let project = Project::new(&[]).copy("hostile", ".");
    let before = files(&project);
    for name in names {
        let started = Instant::now();
        let files = [project.path(&name)];
        let error = match project.evaluator().schema(&files, limits(&name)) {
            Err(error) => error,
            Ok(schema) => panic!("{name} evaluates to {schema:?}"),
        };
        assert!(started.elapsed() < Duration::from_secs(20), "{name}: {:?}", started.elapsed());
        insta::assert_snapshot!(name.trim_end_matches(".ts"), project.render(&error));
    }
    assert_eq!(files(&project), before, "nothing was written");
}

fn files(project: &Project) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(project.root())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}
