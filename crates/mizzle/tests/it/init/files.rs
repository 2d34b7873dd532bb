//! Files are never overwritten, and never incomplete.

use super::{empty, init};
use crate::support::SCHEMA;
use mizzle_test::{Random, TempProject};
use std::time::{Duration, Instant};

/// A config that does not parse.
const BROKEN: &str = "export default {{{\n";

#[test]
fn a_config_that_is_there_stays() {
    let mut said = String::new();
    for name in ["mizzle.config.ts", "mizzle.config.mts", "mizzle.config.json"] {
        let project = empty();
        project.write(name, BROKEN);
        let output = init(&project, &[]).run().assert_code(4);
        said.push_str(&output.snapshot());
        assert_eq!(project.files(), [name]);
        assert_eq!(project.read(name), BROKEN);
    }
    insta::assert_snapshot!(said, @"
    $ mizzle init
    [exit code: 4]
    [stderr]
    error: mizzle.config.ts already exists
      help: edit mizzle.config.ts, or overwrite it with --force
    $ mizzle init
    [exit code: 4]
    [stderr]
    error: mizzle.config.mts already exists
      help: edit mizzle.config.mts, or write mizzle.config.ts, which comes before it, with --force
    $ mizzle init
    [exit code: 4]
    [stderr]
    error: mizzle.config.json already exists
      help: edit mizzle.config.json, or write mizzle.config.ts, which comes before it, with --force
    ");

    // In a terminal no prompt precedes the refusal.
    let project = empty();
    project.write("mizzle.config.ts", BROKEN);
    let screen = init(&project, &[]).in_terminal(60, 20).finish();
    insta::assert_snapshot!(screen.text, @"
    ┌   mizzle init
    │
    ■  mizzle.config.ts already exists
    │    help: edit mizzle.config.ts, or overwrite it with
    │    --force
    │
    └  Nothing was changed
    ");
    assert_eq!(screen.code, 4);
}

#[test]
fn force_writes_it_anew_whatever_it_was() {
    let project = empty();
    project.write("mizzle.config.ts", BROKEN);
    project.write("mizzle.config.json", "{}");
    project.write("schema.ts", SCHEMA);
    project.write(".gitignore", "node_modules");
    let output = init(&project, &["--force"]).run().assert_code(0);
    insta::assert_snapshot!(output.snapshot(), @"
    $ mizzle init --force
    [exit code: 0]
    [stdout]
    .gitignore
    mizzle.config.ts
    [stderr]
    Found
      schema    schema.ts
    Chosen
      schema    ./schema.ts
      out       ./migrations
      DynamoDB  embedded
    warning: mizzle.config.json is still there, and not read any more: mizzle.config.ts comes first
    Next: mizzle push
    ");
    assert_eq!(project.read("schema.ts"), SCHEMA, "force is about the config");
    assert_eq!(project.read(".gitignore"), "node_modules\n.mizzle/\n");
    project.mizzle(["push", "--yes"]).run().assert_code(0);

    let files = project.files();
    init(&project, &["--force"]).run().assert_code(0);
    assert_eq!(project.read(".gitignore"), "node_modules\n.mizzle/\n");
    assert_eq!(project.files(), files);
}

#[test]
fn a_schema_that_is_there_is_not_replaced() {
    let project = empty();
    project.write("schema.ts", "not even a schema");
    init(&project, &["--starter", "--schema", "./schema.ts", "--force"]).run().assert_code(0);
    assert_eq!(project.read("schema.ts"), "not even a schema");
}

#[test]
fn a_config_that_comes_during_the_questions_stays() {
    let project = empty();
    let mut terminal = init(&project, &[]).in_terminal(80, 40);
    terminal.wait_for("Where is the schema?").press("\r");
    terminal.wait_for("Where do migrations go?").press("\r");
    terminal.wait_for("Where is DynamoDB?").press("\r");
    terminal.wait_for("Write a first one").press("n");
    project.write("mizzle.config.ts", BROKEN);
    terminal.wait_for("Add .mizzle/ to .gitignore?").press("n");
    let screen = terminal.finish();
    insta::assert_snapshot!("race", screen.text);
    assert_eq!(screen.code, 4);
    assert_eq!(project.read("mizzle.config.ts"), BROKEN);
    assert_eq!(project.files(), ["mizzle.config.ts"]);
}

#[test]
fn a_schema_that_comes_during_the_questions_stays_and_nothing_is_written() {
    let project = empty();
    let mut terminal = init(&project, &["--endpoint", "local"]).in_terminal(80, 40);
    terminal.wait_for("Where is the schema?").press("\r");
    terminal.wait_for("Where do migrations go?").press("\r");
    terminal.wait_for("Write a first one").press("y");
    project.write("schema.ts", SCHEMA);
    terminal.wait_for("Add .mizzle/ to .gitignore?").press("y");
    let screen = terminal.finish();
    assert_eq!(screen.code, 4, "{}", screen.text);
    assert!(screen.text.contains("schema.ts has come to be meanwhile"), "{}", screen.text);
    assert!(screen.text.ends_with("└  mizzle.config.ts was not written"), "{}", screen.text);
    assert_eq!(project.files(), ["schema.ts"]);
    assert_eq!(project.read("schema.ts"), SCHEMA);
    init(&project, &[]).run().assert_code(0);
}

#[cfg(unix)]
#[test]
fn a_folder_that_cannot_be_written_to_is_said_so() {
    let project = empty();
    project.write("src", "a file where a folder should be");
    let output = init(&project, &["--schema", "./src/schema.ts"]).run().assert_code(1);
    insta::assert_snapshot!(output.snapshot(), @"
    $ mizzle init --schema ./src/schema.ts
    [exit code: 1]
    [stderr]
    Found
      schema    none yet
    Chosen
      schema    ./src/schema.ts
      out       ./migrations
      DynamoDB  embedded
    error: Could not write src/schema.ts: src is a file
      help: let this user write there, or name another place with --schema
    mizzle.config.ts was not written
    ");
    assert_eq!(project.files(), ["src"]);

    let json = init(&project, &["--schema", "./src/schema.ts", "--json"]).run().assert_code(1);
    let json = json.json();
    assert_eq!((&json["error"]["kind"], &json["files"]), (&"io".into(), &serde_json::json!([])));
}

/// Returns the files that `init` writes, with their text, each complete or absent. A killed run
/// leaves files with other names, which are never read as a config or a schema; the next run
/// deletes them.
fn written(project: &TempProject) -> Vec<(String, String)> {
    let files = project.files();
    let named = files.into_iter().filter(|file| !file.starts_with(".mizzle-new-"));
    named.map(|file| (file.clone(), project.read(&file))).collect()
}

#[test]
fn a_run_that_is_killed_leaves_nothing_half_written() {
    let reference = empty();
    let start = Instant::now();
    init(&reference, &[]).run().assert_code(0);
    let mut whole = start.elapsed();
    let reference = written(&reference);
    let mut random = Random::new();
    let mut killed = 0;
    for _ in 0..40 {
        let project = empty();
        let moment = random.duration(Duration::ZERO..whole);
        if init(&project, &[]).kill_after(moment).was_alive {
            killed += 1;
        } else {
            // The run ended before the kill: it takes no longer than this.
            whole = moment;
        }
        for file in written(&project) {
            assert!(reference.contains(&file), "{file:?}");
        }
        let is_done = project.exists("mizzle.config.ts");
        init(&project, &[]).run().assert_code(if is_done { 4 } else { 0 });
        assert_eq!(written(&project), reference);
        assert_eq!(
            project.files().len(),
            reference.len(),
            "nothing is left: {:?}",
            project.files()
        );
    }
    assert!(killed > 0, "no run was killed");
}
