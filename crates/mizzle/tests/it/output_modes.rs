//! Every command in every output mode: narrow and wide terminals, without colors, on a dumb
//! terminal, in CI, in a pipe.

use crate::support::{BINARY, SCHEMA, edit};
use mizzle_test::{MizzleCommand, Output, Screen, TempProject, Terminal};

/// The commands of a typical day in a project, in order, with the exit codes. None of them prompts:
/// prompts have their own tests.
const DAY: &[(&[&str], u32)] = &[
    (&["--help"], 0),
    (&["init", "--help"], 0),
    (&["check", "--config", "nowhere.ts"], 2),
    (&["init", "--yes"], 0),
    (&["generate", "--name", "init"], 0),
    (&["generate"], 0),
    (&["check"], 0),
    (&["status"], 0),
    (&["status", "--exit-code"], 3),
    (&["migrate", "--dry-run"], 0),
    (&["migrate", "--yes"], 0),
    (&["migrate", "--yes"], 0),
    (&["status"], 0),
    (&["list", "S*"], 0),
    (&["list", "--long", "Shop"], 0),
    (&["list", "Shp"], 0),
    // From here on with another schema.
    (&["check"], 3),
    (&["push", "--dry-run"], 0),
    (&["push", "--yes", "--verbose"], 0),
    (&["push", "--yes"], 0),
    (&["status"], 0),
    (&["migrate", "--down", "--yes", "--dry-run"], 0),
    (&["unlock", "--yes"], 0),
    (&["generate", "--custom", "--name", "fill"], 0),
    (&["drop", "--accept-data-loss", "Shop", "Carts", "--yes"], 0),
    (&["list", "S*"], 0),
    (&["push", "--endpoint", "localhost"], 2),
    (&["push", "--dryrun"], 2),
    (&["pusj"], 2),
];

/// The index of the command before which the schema is edited.
const EDIT: usize = 16;

/// Runs all commands of a day in a new project, each by `run`, which returns the output and the
/// exit code.
#[track_caller]
fn day(mut run: impl FnMut(MizzleCommand) -> (String, u32)) -> String {
    let project = TempProject::new(BINARY);
    project.write("schema.ts", SCHEMA);
    let mut seen = String::new();
    for (number, (args, expected)) in DAY.iter().enumerate() {
        if number == EDIT {
            edit(&project);
        }
        // Ignore other servers on this machine.
        let (text, code) = run(project.mizzle(*args).env("MIZZLE_LOCAL_PORTS", ""));
        let line = format!("$ mizzle {}", args.join(" "));
        assert_eq!(code, *expected, "{line}\n{text}");
        seen.push_str(&format!("{line}\n{text}\n\n"));
    }
    seen
}

/// Runs a command in a terminal with room for the output of any command.
#[track_caller]
fn watch(command: MizzleCommand, columns: u16) -> (String, u32) {
    let mut terminal = command.in_terminal(columns, 200);
    let overlong = terminal.overlong();
    let Screen { code, text } = terminal.finish();
    assert!(overlong.is_empty(), "longer than {columns} columns: {overlong:#?}\n{text}");
    (text, code)
}

#[test]
fn in_a_narrow_terminal() {
    insta::assert_snapshot!("narrow", day(|command| watch(command, 40)));
}

#[test]
fn in_a_wide_terminal() {
    insta::assert_snapshot!("wide", day(|command| watch(command, 200)));
}

/// Only the colors are missing.
#[test]
fn without_colours() {
    let colored = day(|command| {
        let mut terminal = command.in_terminal(100, 200);
        assert!(terminal.is_controlled());
        let Screen { code, text } = terminal.finish();
        (text, code)
    });
    let bare = day(|command| {
        let mut terminal = command.env("NO_COLOR", "1").in_terminal(100, 200);
        let is_styled = terminal.is_styled();
        let Screen { code, text } = terminal.finish();
        assert!(!is_styled, "{text}");
        (text, code)
    });
    assert_eq!(bare, colored);
}

/// Only lines of text, as in a pipe: on terminals without further capabilities, and in CI, where
/// some services give a program a terminal without a user.
#[test]
fn in_plain_lines() {
    let piped = day(|command| {
        let output = command.run();
        let Output { stdout, stderr, code, .. } = &output;
        for text in [stdout, stderr] {
            assert!(!text.contains(['\u{1b}', '\r']), "{text}");
        }
        let code = code.and_then(|code| u32::try_from(code).ok()).unwrap();
        let snapshot = output.snapshot();
        (snapshot.split_once('\n').unwrap().1.trim_end().to_owned(), code)
    });
    insta::assert_snapshot!("plain", piped);
    let plain = |terminal: &mut dyn FnMut(MizzleCommand) -> Terminal| {
        day(|command| {
            let mut terminal = terminal(command);
            let is_controlled = terminal.is_controlled();
            let Screen { code, text } = terminal.finish();
            assert!(!is_controlled, "{text}");
            (text, code)
        })
    };
    let dumb = plain(&mut |command| command.in_dumb_terminal(200, 200));
    let in_ci = plain(&mut |command| command.env("CI", "true").in_terminal(200, 200));
    insta::assert_snapshot!("dumb", dumb);
    assert_eq!(in_ci, dumb);
}
