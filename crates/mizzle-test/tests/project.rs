//! Temporary projects and the programs that run in them, with `sh` instead of mizzle.

#![cfg(unix)]

use indoc::indoc;
use mizzle_test::TempProject;
use serde_json::json;
use std::time::{Duration, Instant};

const SHELL: &str = "/bin/sh";

#[test]
fn a_copy_of_an_example_has_its_files() {
    let project = TempProject::from_example(SHELL, "blog");
    assert!(project.files().contains(&"src/schema.ts".to_owned()), "{:?}", project.files());
    assert!(project.read("mizzle.config.ts").contains("./migrations"));
}

#[test]
fn files_are_written_listed_and_removed() {
    let project = TempProject::new(SHELL);
    project.write("b/c/two.ts", "2");
    project.write("a.ts", "1");
    assert_eq!(project.files(), ["a.ts", "b/c/two.ts"]);
    assert_eq!(project.files_below("b"), ["b/c/two.ts"]);
    assert!(project.files_below("migrations").is_empty());
    project.replace("a.ts", "1", "one");
    assert_eq!(project.read("a.ts"), "one");
    project.remove("a.ts");
    assert!(!project.exists("a.ts"));
}

#[test]
fn the_environment_is_the_same_everywhere() {
    let project = TempProject::new(SHELL);
    let output = project.mizzle(["-c", "env | grep -v ^_= | sort"]).env("EXTRA", "1").run();
    insta::assert_snapshot!(output.assert_code(0).snapshot(), @"
    $ mizzle -c 'env | grep -v ^_= | sort'
    [exit code: 0]
    [stdout]
    AWS_EC2_METADATA_DISABLED=true
    COLUMNS=100
    EXTRA=1
    HOME=[home]
    LANG=C.UTF-8
    PATH=/usr/bin:/bin
    PWD=[project]
    TERM=dumb
    USERPROFILE=[home]
    ");
}

#[test]
fn a_snapshot_shows_streams_and_code_without_what_differs() {
    let project = TempProject::new(SHELL);
    project.write("sub/here", "");
    let script = "pwd; ls; echo 'took 1.5s on http://127.0.0.1:4711' >&2; printf half >&2; exit 4";
    let output = project.mizzle(["-c", script]).in_folder("sub").run();
    insta::assert_snapshot!(output.assert_code(4).snapshot(), @"
    $ mizzle -c 'pwd; ls; echo '\\''took [time] on http://127.0.0.1:[port]'\\'' >&2; printf half >&2; exit 4'
    [exit code: 4]
    [stdout]
    [project]/sub
    here
    [stderr]
    took [time] on http://127.0.0.1:[port]
    half[no newline at the end]
    ");
}

#[test]
fn json_is_read_from_standard_output() {
    let project = TempProject::new(SHELL);
    let output = project.mizzle(["-c", r#"echo '{"schemaVersion": 1}'; echo progress >&2"#]).run();
    assert_eq!(output.json(), json!({ "schemaVersion": 1 }));
}

#[test]
fn standard_input_is_at_its_end() {
    let project = TempProject::new(SHELL);
    let output = project.mizzle(["-c", "read line || echo nothing"]).run();
    assert_eq!(output.stdout, "nothing\n");
}

#[test]
#[should_panic(expected = "expected exit code 0")]
fn another_exit_code_fails_the_test() {
    TempProject::new(SHELL).mizzle(["-c", "exit 1"]).run().assert_code(0);
}

#[test]
fn a_program_that_hangs_is_killed() {
    let started = Instant::now();
    let hung = std::panic::catch_unwind(|| {
        let project = TempProject::new(SHELL);
        project
            .mizzle(["-c", "echo begun; exec sleep 60"])
            .deadline(Duration::from_millis(200))
            .run()
    });
    let message = *hung.unwrap_err().downcast::<String>().unwrap();
    assert!(message.contains("killed because") && message.contains("begun"), "{message}");
    assert!(started.elapsed() < Duration::from_secs(30));
}

#[test]
fn a_server_is_ready_once_it_names_its_endpoint_and_dies_with_its_value() {
    let project = TempProject::new(SHELL);
    let script = indoc! {r#"
        echo $$ > pid
        echo starting
        echo "serving http://127.0.0.1:4711 from .mizzle/local.db" >&2
        exec sleep 60
    "#};
    let serving = project.mizzle(["-c", script]).serve();
    assert_eq!(serving.endpoint(), "http://127.0.0.1:4711");
    let alive = format!("kill -0 {} 2>&-", project.read("pid").trim());
    project.mizzle(["-c", &alive]).run().assert_code(0);
    serving.kill();
    assert_ne!(project.mizzle(["-c", &alive]).run().code, Some(0));
}

#[test]
#[should_panic(expected = "no such folder")]
fn a_server_that_ends_shows_what_it_said() {
    TempProject::new(SHELL).mizzle(["-c", "echo no such folder >&2; exit 2"]).serve();
}

#[test]
fn a_killed_program_tells_whether_it_was_alive() {
    let project = TempProject::new(SHELL);
    let killed = project.mizzle(["-c", "echo begun >&2; exec sleep 60"]).start();
    killed.wait_for_stderr("begun");
    let killed = killed.kill();
    assert!(killed.was_alive);
    assert_eq!((killed.output.code, killed.output.stderr.as_str()), (None, "begun\n"));

    let started = Instant::now();
    let killed = project.mizzle(["-c", "exit 3"]).kill_after(Duration::from_secs(50));
    assert!(started.elapsed() < Duration::from_secs(40), "it waits for nobody");
    assert!(!killed.was_alive);
    assert_eq!(killed.output.code, Some(3));
    assert!(project.mizzle(["-c", "exec sleep 60"]).kill_after(Duration::ZERO).was_alive);
}
