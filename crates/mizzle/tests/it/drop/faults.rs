//! Deletions that fail, are slow, or are interrupted.

use super::{Stage, create, error_kind, left, names, protect, python};
use mizzle_test::{DynamoDbLocal, Fault, Ministack, On, Screen};
use serde_json::json;

const TABLES: [&str; 5] = ["Carts", "Logs", "Orders", "Stock", "Users"];

#[test]
fn one_that_fails_does_not_hide_the_others() {
    let stage = Stage::at(DynamoDbLocal::from_env().isolated());
    create(&stage.database, &TABLES);
    let denied = Fault::access_denied("dynamodb:DeleteTable");
    stage.proxy.inject(On::operation("DeleteTable").table("Orders").every(), denied);
    let report = stage.drop(&[&TABLES[..], &["Nowhere", "--yes"]].concat(), 1);
    assert_eq!(error_kind(&report), "access-denied");
    assert_eq!(names(&report, "dropped"), ["Carts", "Logs", "Stock", "Users"]);
    assert_eq!(names(&report, "failed"), ["Orders"]);
    let reason = report["failed"][0]["reason"].as_str().unwrap();
    assert!(reason.starts_with("DeleteTable of Orders failed: "), "{reason}");
    assert_eq!(left(&stage.database), json!({ "Orders": 2 }));

    create(&stage.database, &["Carts"]);
    let args = ["drop", "--accept-data-loss", "Carts", "Orders", "--yes"];
    let output = stage.project.mizzle(args).run().assert_code(1);
    let mut lines: Vec<String> = output.snapshot().lines().map(str::to_owned).collect();
    // The two are deleted in parallel.
    let steps = |line: &String| line.contains(": Delete table");
    let (mut steps, others): (Vec<String>, Vec<String>) = lines.drain(..).partition(steps);
    steps.sort_unstable();
    insta::assert_snapshot!([others, steps].concat().join("\n"), @"
    $ mizzle drop --accept-data-loss Carts Orders --yes
    [exit code: 1]
    [stderr]
    Target: http://127.0.0.1:[port] (us-east-1)
    - Carts: delete
      - Delete table
        ▲ Deletes table Carts and every item in it: 2 items (16 B).
    - Orders: delete
      - Delete table
        ▲ Deletes table Orders and every item in it: 2 items (16 B).
    error: DeleteTable of Orders failed: User: arn:aws:iam::[account]:user/test is not authorized to perform: dynamodb:DeleteTable (AccessDeniedException)
      help: the credentials lack the permission dynamodb:DeleteTable on the table Orders
      help: allow it in a policy of the user test
    Dropped 1 of 2 tables in [time]
    Carts: Delete table
    Carts: Delete table: done in [time]
    Orders: Delete table
    Orders: Delete table: DeleteTable of Orders failed: User: arn:aws:iam::[account]:user/test is not authorized to perform: dynamodb:DeleteTable (AccessDeniedException)
    ");
}

/// Transient states are waited for: a table that is being changed, and a server that is too busy.
#[test]
fn a_busy_table_is_waited_for() {
    let stage = Stage::at(Ministack::from_env().isolated());
    create(&stage.database, &["Carts", "Orders"]);
    let busy =
        stage.proxy.inject(On::operation("DeleteTable").table("Orders").times(2), Fault::in_use());
    let throttled =
        stage.proxy.inject(On::operation("DeleteTable").table("Carts"), Fault::throttle());
    let held = stage.proxy.inject(On::operation("DeleteTable"), Fault::Hold { looks: 3 });
    stage.drop(&["Carts", "Orders", "--yes"], 0);
    assert_eq!((busy.met(), throttled.met(), held.met()), (2, 1, 1));
    assert_eq!(left(&stage.database), json!({}));
}

/// Deleting a table requires no permission to read what is deleted with it.
#[test]
fn what_may_not_be_asked_is_not_needed() {
    let stage = Stage::at(Ministack::from_env().isolated());
    create(&stage.database, &["Orders"]);
    for operation in ["DescribeContinuousBackups", "ListTables"] {
        let denied = Fault::access_denied(&format!("dynamodb:{operation}"));
        stage.proxy.inject(On::operation(operation).every(), denied);
    }
    let report = stage.drop(&["Orders", "Ordres", "--yes"], 0);
    assert_eq!(names(&report, "dropped"), ["Orders"]);
    assert_eq!(names(&report, "skipped"), ["Ordres"]);
}

#[test]
fn a_table_that_is_protected_meanwhile_says_how_to_drop_it() {
    let stage = Stage::embedded();
    create(&stage.database, &["Orders"]);
    let refused = "Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.";
    let refused = Fault::refuse(400, "ValidationException", refused);
    stage.proxy.inject(On::operation("DeleteTable"), refused);
    let report = stage.drop(&["Orders", "--yes"], 1);
    let hints = &report["error"]["hints"];
    assert_eq!(*hints, json!(["--unprotect lifts the protection and deletes it"]));
}

#[test]
fn a_table_that_is_left_without_its_protection_is_named() {
    let stage = Stage::embedded();
    create(&stage.database, &["Orders"]);
    protect(&stage.database, "Orders");
    let denied = Fault::access_denied("dynamodb:DeleteTable");
    stage.proxy.inject(On::operation("DeleteTable"), denied);
    let report = stage.drop(&["Orders", "--unprotect", "--yes"], 1);
    let message = report["error"]["message"].as_str().unwrap();
    assert!(
        message.starts_with("Orders is not protected against being deleted any more"),
        "{message}"
    );
    stage.drop(&["Orders", "--yes"], 0);
}

/// The table is replaced by another one of the same name while the prompt is open.
#[test]
fn a_table_that_is_another_by_now_is_not_deleted() {
    let stage = Stage::at(DynamoDbLocal::from_env().isolated());
    create(&stage.database, &["Carts", "Orders"]);
    let mut terminal = stage
        .project
        .mizzle(["drop", "--accept-data-loss", "Carts", "Orders"])
        .in_terminal(100, 40);
    terminal.wait_for("Drop 2 tables from");
    python(&stage.database, "client.delete_table(TableName=\"Orders\")");
    create(&stage.database, &["Orders"]);
    terminal.press("y");
    let Screen { code, text } = terminal.finish();
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("Orders was deleted and created again during the run"), "{text}");
    assert_eq!(left(&stage.database), json!({ "Orders": 2 }));
}

#[cfg(unix)]
#[test]
fn an_interrupt_ends_with_a_report_and_the_next_run_goes_on() {
    let stage = Stage::with_config(Ministack::from_env().isolated(), "concurrency: 1,");
    create(&stage.database, &TABLES);
    let held = On::operation("DeleteTable").table("Logs");
    stage.proxy.inject(held, Fault::Hold { looks: usize::MAX });
    let args = ["drop", "--accept-data-loss", "--yes", "--json"].iter().chain(&TABLES);
    let running = stage.project.mizzle(args.clone()).start();
    stage.proxy.wait_until(|requests| {
        let mut requests = requests.iter();
        requests.any(|request| request.to_string() == "DeleteTable Logs")
            && requests.filter(|request| request.to_string() == "DescribeTable Logs").count() > 2
    });
    running.interrupt();
    let report = running.finish().assert_code(130).json();
    assert_eq!(error_kind(&report), "interrupted");
    assert_eq!(names(&report, "dropped"), ["Carts"]);
    assert_eq!(names(&report, "failed"), ["Logs"]);
    assert_eq!(names(&report, "skipped"), ["Orders", "Stock", "Users"]);
    assert_eq!(left(&stage.database), json!({ "Orders": 2, "Stock": 2, "Users": 2 }));

    stage.proxy.heal();
    let report = stage.project.mizzle(args).run().assert_code(0).json();
    assert_eq!(names(&report, "dropped"), ["Orders", "Stock", "Users"]);
    assert_eq!(left(&stage.database), json!({}));
}
