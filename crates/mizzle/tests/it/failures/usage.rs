//! Invalid command lines.

use super::told;
use crate::support::shop;

#[test]
fn commands_and_options_that_there_are_not() {
    let project = shop();
    for (case, args) in [
        ("command_slip", &["pusj"][..]),
        ("command_unknown", &["deploy"]),
        ("command_unknown_json", &["deploy", "--json"]),
        ("option_slip", &["push", "--dryrun"]),
        ("option_slip_json", &["push", "--dryrun", "--json"]),
        ("option_unknown", &["list", "--tables"]),
        ("value", &["list", "--color", "nver"]),
        ("value_missing", &["list", "--endpoint"]),
        ("value_wrong", &["local", "--port", "http"]),
        ("too_many", &["check", "everything"]),
        ("exclusive", &["list", "--quiet", "--verbose"]),
        ("nothing_json", &["--json"]),
    ] {
        let output = project.mizzle(args).run().assert_code(2);
        insta::assert_snapshot!(case, told(&output, &[]));
    }
}

#[test]
fn nothing_at_all_shows_the_help() {
    let output = shop().mizzle([""; 0]).run().assert_code(2);
    assert_eq!(output.stdout, "");
    assert!(output.stderr.contains("Usage: mizzle"), "{}", output.stderr);
    let output = shop().mizzle(["push", "--help"]).run().assert_code(0);
    assert!(output.stdout.contains("Usage: mizzle push"), "{}", output.stdout);
}
