//! Permanent faults: they stop only their own table, and are reported literally.

use super::{Reference, Stage, WORKERS, assert_not_started, ids, nth};
use crate::{cases::run_all, transition::SDK_ATTEMPTS};
use mizzle_test::{Fault, Ministack, On, TestServer};
use serde_json::json;
use std::{collections::BTreeSet, fmt};

/// The table that is deleted last, and only if no other step has failed.
const LAST: &str = "Pruned";

/// A refusal of an operation from one write of one table on, permanently.
#[derive(Debug)]
struct Case {
    table: String,
    operation: String,
    write: usize,
    /// The report's text about a table that is left in a worse state than before.
    half_done: Option<&'static str>,
    refusal: &'static Refusal,
}

/// An error after which requests are not retried.
#[derive(Debug)]
struct Refusal {
    code: &'static str,
    message: &'static str,
    /// The error's kind in the report.
    kind: &'static str,
    hint: Option<&'static str>,
}

const REFUSALS: [Refusal; 4] = [
    Refusal {
        code: "AccessDeniedException",
        message: "not authorized",
        kind: "access-denied",
        hint: Some("the credentials lack the permission dynamodb:"),
    },
    Refusal { code: "ValidationException", message: "not valid", kind: "service", hint: None },
    Refusal { code: "SomethingNewException", message: "not known", kind: "service", hint: None },
    Refusal {
        code: "ExpiredTokenException",
        message: "not valid any more",
        kind: "expired-credentials",
        hint: Some("`credentials` in the config are of a session that is over"),
    },
];

const DROPPED: Option<&str> =
    Some("byCustomer of Indexed was dropped and not built again yet: the next push builds it");
const DELETED: Option<&str> =
    Some("Replaced was deleted and not created again yet: the next push creates it");
const EXPIRING_NO_MORE: Option<&str> = Some("items of Streamed do not expire until the next push");
const UNPROTECTED: Option<&str> = Some("is not protected against being deleted any more");

/// Tables, the number of the refused write, counted from 1, and the resulting state of the table.
const REFUSED: [(&str, usize, Option<&str>); 16] = [
    ("Capped", 1, None),
    ("Created", 1, None),
    ("Created", 3, None),
    ("Created", 4, None),
    ("Governed", 3, None),
    ("Governed", 5, None),
    ("Indexed", 3, DROPPED),
    ("Opened", 1, None),
    ("Opened", 4, None),
    ("Paid", 1, None),
    ("Pruned", 1, None),
    ("Pruned", 2, UNPROTECTED),
    ("Replaced", 2, UNPROTECTED),
    ("Replaced", 3, DELETED),
    ("Scaled", 2, None),
    ("Streamed", 4, EXPIRING_NO_MORE),
];

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { table, operation, write, refusal, .. } = self;
        write!(f, "{} on write {write} of {table}, {operation}", refusal.code)
    }
}

impl Case {
    fn run(&self, server: &TestServer, reference: &Reference) {
        let Self { table, operation, write, half_done, refusal } = self;
        let stage = Stage::set(server, SDK_ATTEMPTS);
        let writes = reference.writes();
        let on = nth(&writes[table.as_str()], *write, table).every();
        stage.proxy.inject(on, Fault::refuse(400, refusal.code, refusal.message));

        let report = stage.push().run().assert_code(1).json();
        assert_eq!(report["outcome"], "failed", "{self}: {report:#}");
        let error = &report["error"];
        assert_eq!(error["kind"], refusal.kind, "{self}: {error:#}");
        let message =
            format!("{operation} of {table} failed: {} ({})", refusal.message, refusal.code);
        let mut lines: Vec<&str> = error["message"].as_str().unwrap().lines().collect();
        assert_eq!(lines.pop(), Some(message.as_str()), "{self}");
        assert_eq!(lines.len(), usize::from(half_done.is_some()), "{self}: {lines:?}");
        let is_said = |half_done: &str| lines.iter().any(|line| line.contains(half_done));
        assert!(half_done.is_none_or(is_said), "{self}: {lines:?}");
        if let Some(hint) = refusal.hint {
            let found = error["hints"][0].as_str().unwrap();
            assert!(found.starts_with(hint), "{self}: {error:#}");
        }

        let steps = reference.steps_of(table);
        let mut skipped: BTreeSet<String> = steps[*write..].iter().cloned().collect();
        if table != LAST {
            skipped.extend(reference.steps_of(LAST));
        }
        assert_not_started(&report, &skipped);
        let mut applied: BTreeSet<String> = reference.steps().into_iter().collect();
        applied.retain(|step| !skipped.contains(step) && *step != steps[*write - 1]);
        assert_eq!(ids(&report["applied"]), applied, "{self}");
        let differences = stage.differences(reference);
        let elsewhere: Vec<&String> = differences
            .iter()
            .filter(|difference| !difference.starts_with(table) && !difference.starts_with(LAST))
            .collect();
        assert!(elsewhere.is_empty(), "{self}: {elsewhere:?}");

        stage.assert_goes_on(reference);
    }
}

#[test]
fn a_refused_write_stops_its_own_table_only() {
    let server = Ministack::from_env();
    let reference = Reference::of(&server);
    let writes = reference.writes();
    let refusals = REFUSALS.iter().cycle();
    let case = |((table, write, half_done), refusal): ((&str, usize, _), _)| Case {
        table: table.to_owned(),
        operation: writes[table][write - 1].to_owned(),
        write,
        half_done,
        refusal,
    };
    let cases: Vec<Case> = REFUSED.into_iter().zip(refusals).map(case).collect();
    let refused: BTreeSet<&str> = cases.iter().map(|case| case.operation.as_str()).collect();
    assert_eq!(refused, writes.values().flatten().copied().collect(), "some calls are left out");
    run_all(WORKERS, &cases, |case| case.run(&server, &reference));
}

#[test]
fn tables_that_fail_are_all_named() {
    let server = Ministack::from_env();
    let reference = Reference::of(&server);
    let stage = Stage::set(&server, SDK_ATTEMPTS);
    for (table, operation) in [("Indexed", "UpdateTable"), ("Opened", "TagResource")] {
        let denied = Fault::access_denied(&format!("dynamodb:{operation}"));
        stage.proxy.inject(On::operation(operation).table(table).every(), denied);
    }
    let full = "There is a limit of 2500 tables per subscriber";
    let full = Fault::refuse(400, "LimitExceededException", full);
    stage.proxy.inject(On::operation("CreateTable").table("Created").every(), full);
    let mut report = stage.push().run().assert_code(1).json();
    let message = report["error"]["message"].as_str().unwrap();
    // The order in which the tables fail is undefined.
    let mut lines: Vec<&str> = message.lines().collect();
    lines.sort_unstable();
    insta::assert_snapshot!(lines.join("\n"), @"
    CreateTable of Created failed: There is a limit of 2500 tables per subscriber (LimitExceededException)
    TagResource of Opened failed: User: arn:aws:iam::777700000000:user/test is not authorized to perform: dynamodb:TagResource (AccessDeniedException)
    UpdateTable of Indexed failed: User: arn:aws:iam::777700000000:user/test is not authorized to perform: dynamodb:UpdateTable (AccessDeniedException)
    ");
    let mut skipped = BTreeSet::new();
    for (table, failed) in [("Indexed", 1), ("Opened", 4), ("Created", 1), (LAST, 0)] {
        skipped.extend(reference.steps_of(table).into_iter().skip(failed));
    }
    assert_not_started(&report, &skipped);
    let hints = report["error"]["hints"].as_array_mut().unwrap();
    hints.retain(|hint| !hint.as_str().unwrap().starts_with("not started: "));
    hints.sort_by_key(ToString::to_string);
    insta::assert_json_snapshot!(hints, @r#"
    [
      "allow it in a policy of the user test",
      "the credentials lack the permission dynamodb:TagResource on the table Opened",
      "the credentials lack the permission dynamodb:UpdateTable on the table Indexed",
      "this is a limit of the account or of the table, not throttling, so that waiting does not help: ask for less, or have the quota raised, see the service quotas of DynamoDB"
    ]
    "#);
    stage.assert_goes_on(&reference);
}

#[test]
fn time_to_live_changed_too_soon_is_continued_later() {
    let server = Ministack::from_env();
    let reference = Reference::of(&server);
    let stage = Stage::set(&server, SDK_ATTEMPTS);
    let message = "Time to live has been modified multiple times within a fixed interval";
    let refusal = Fault::refuse(400, "ValidationException", message);
    let second = On::operation("UpdateTimeToLive").table("Streamed").nth(2).every();
    stage.proxy.inject(second, refusal);
    let report = stage.push().run().assert_code(1).json();
    assert_eq!(
        report["error"],
        json!({
            "kind": "service",
            "message": "items of Streamed do not expire until the next push\n\
                        UpdateTimeToLive of Streamed failed: Time to live has been modified \
                        multiple times within a fixed interval (ValidationException)",
            "hints": [
                "DynamoDB takes another change of time to live after about an hour: run the \
                 command again then, it goes on where it stopped",
                "not started: Pruned:disable-deletion-protection and Pruned:delete-table",
            ],
        })
    );
    let differences = stage.differences(&reference);
    let expected = ["Pruned is there", "Streamed.TimeToLiveDescription: {} instead of"];
    for (difference, expected) in differences.iter().zip(expected) {
        assert!(difference.starts_with(expected), "{differences:?}");
    }
    assert_eq!(differences.len(), expected.len(), "{differences:?}");
    stage.proxy.forget_requests();
    stage.assert_goes_on(&reference);
}
