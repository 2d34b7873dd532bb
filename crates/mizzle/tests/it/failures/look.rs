//! Errors in terminals: in Clack's style, in a narrow window, without colors, on a dumb terminal.

use super::{Aws, NEVER};
use crate::support::shop;
use mizzle_test::Screen;

const DENIED: &str = "User: arn:aws:sts::123456789012:assumed-role/Deploy/ci-4711 is not authorized to \
                      perform: dynamodb:UpdateTable on resource: arn:aws:dynamodb:eu-central-1:\
                      123456789012:table/Shop with an explicit deny in a service control policy";

#[track_caller]
fn shows_no_secret(screen: &Screen) {
    for secret in NEVER {
        assert!(!screen.text.contains(secret), "{secret:?} is shown:\n{}", screen.text);
    }
}

#[test]
fn an_error_stands_within_the_conversation() {
    let aws = Aws::with_tables();
    aws.refuse("UpdateTable", 400, "AccessDeniedException", DENIED);
    for (case, columns, args) in [
        ("denied_100", 100, &["push", "--yes"][..]),
        ("denied_40", 40, &["push", "--yes"]),
        ("denied_verbose_100", 100, &["push", "--yes", "--verbose"]),
    ] {
        let screen = aws.mizzle(args).in_terminal(columns, 60).finish();
        shows_no_secret(&screen);
        insta::assert_snapshot!(case, screen.text);
        assert_eq!(screen.code, 1);
    }
}

#[test]
fn no_credentials_are_explained_on_a_terminal() {
    let aws = Aws::new();
    for (case, columns) in [("none_100", 100), ("none_40", 40)] {
        let screen = aws.stranger(&["list"]).in_terminal(columns, 40).finish();
        insta::assert_snapshot!(case, screen.text);
        assert_eq!(screen.code, 1);
    }
}

#[test]
fn a_command_line_that_makes_no_sense_is_answered_in_the_same_look() {
    for (case, args) in [("usage", &["pusj"][..]), ("usage_of_a_command", &["push", "--dryrun"])] {
        let Screen { code, text } = shop().mizzle(args).in_terminal(60, 20).finish();
        insta::assert_snapshot!(case, text);
        assert_eq!(code, 2);
    }
}

#[test]
fn colours_are_an_extra() {
    let run = |variables: &[(&str, &str)]| {
        let project = shop();
        let command =
            project.mizzle(["list", "--profile", "x", "--endpoint", "http://127.0.0.1:9"]);
        let command =
            variables.iter().fold(command, |command, (name, value)| command.env(name, value));
        let mut terminal = command.in_terminal(40, 40);
        let is_colored = terminal.is_styled();
        (terminal.finish(), is_colored)
    };
    let (colored, is_colored) = run(&[]);
    assert!(is_colored, "{}", colored.text);
    let (bare, is_colored) = run(&[("NO_COLOR", "1")]);
    assert!(!is_colored, "{}", bare.text);
    assert_eq!(bare, colored);
}

#[test]
fn a_dumb_terminal_gets_plain_lines() {
    let aws = Aws::with_tables();
    aws.refuse("UpdateTable", 400, "AccessDeniedException", DENIED);
    let mut terminal = aws.mizzle(&["push", "--yes"]).in_dumb_terminal(100, 40);
    let is_colored = terminal.is_styled();
    let screen = terminal.finish();
    shows_no_secret(&screen);
    insta::assert_snapshot!(screen.text, @"
    Target: http://dynamodb.eu-central-1.amazonaws.com (eu-central-1, account [account])
    ~ Shop: change
      + Add GSI byTotal (status S, total N) ALL
    Shop: Add GSI byTotal (status S, total N) ALL
    Shop: Add GSI byTotal (status S, total N) ALL: UpdateTable of Shop failed: User: arn:aws:sts::123456
    789012:assumed-role/Deploy/ci-4711 is not authorized to perform: dynamodb:UpdateTable on resource: a
    rn:aws:dynamodb:eu-central-1:123456789012:table/Shop with an explicit deny in a service control poli
    cy (AccessDeniedException)
    error: UpdateTable of Shop failed: User: arn:aws:sts::123456789012:assumed-role/Deploy/ci-4711 is no
    t authorized to perform: dynamodb:UpdateTable on resource: arn:aws:dynamodb:eu-central-1:12345678901
    2:table/Shop with an explicit deny in a service control policy (AccessDeniedException)
      help: the credentials lack the permission dynamodb:UpdateTable on the table Shop
      help: a service control policy (SCP) denies it: only an administrator of the organization can chan
    ge that
    Applied 0 of 1 step in [time]
    ");
    assert!(!is_colored);
    assert_eq!(screen.code, 1);
}
