//! A DynamoDB that answers, but refuses the request.

use super::Aws;
use mizzle_test::{Fault, On};

#[test]
fn the_clock_is_off() {
    let aws = Aws::new();
    for (case, code, message) in [
        (
            "clock_behind",
            "InvalidSignatureException",
            "Signature expired: 20250101T000000Z is now earlier than 20250101T001000Z (20250101T001500Z - 5 min.)",
        ),
        (
            "clock_ahead",
            "InvalidSignatureException",
            "Signature not yet current: 20250101T030500Z is still later than 20250101T000500Z (20250101T000000Z + 5 min.)",
        ),
        (
            "clock_off",
            "RequestTimeTooSkewed",
            "The difference between the request time and the current time is too large.",
        ),
    ] {
        aws.proxy.heal();
        aws.refuse("ListTables", 400, code, message);
        let output = aws.mizzle(&["list", "--verbose"]).run().assert_code(1);
        insta::assert_snapshot!(case, aws.told(&output));
    }
}

#[test]
fn throttling_lasts() {
    let aws = Aws::new();
    let met = aws.proxy.inject(On::operation("ListTables").every(), Fault::throttle());
    let output = aws.mizzle(&["list"]).run().assert_code(1);
    insta::assert_snapshot!(aws.told(&output), @"
    $ mizzle list
    [exit code: 1]
    [stderr]
    error: ListTables failed: Rate of requests exceeds the allowed throughput. (ThrottlingException)
      help: wait a little and run the command again: it goes on where it stopped
      help: other clients may send requests at the same time; `concurrency` in the config limits the tables that mizzle works on in parallel
    ");
    assert_eq!(met.met(), 2, "maxAttempts of the config");
}

#[test]
fn a_quota_is_used_up() {
    let aws = Aws::new();
    let message = "Subscriber limit exceeded: There is a limit of 2500 tables per subscriber";
    aws.refuse("CreateTable", 400, "LimitExceededException", message);
    let output = aws.mizzle(&["push", "--yes"]).run().assert_code(1);
    insta::assert_snapshot!(aws.told(&output), @"
    $ mizzle push --yes
    [exit code: 1]
    [stderr]
    Target: http://dynamodb.eu-central-1.amazonaws.com (eu-central-1, account [account])
    + Shop: new table
      + Create table
          key (pk S, sk S)
          LSI byDate (pk S, createdAt N) ALL
          GSI byEmail (email S) ALL
          GSI byStatus (status S, createdAt N) ALL
    Shop: Create table
    Shop: Create table: CreateTable of Shop failed: Subscriber limit exceeded: There is a limit of 2500 tables per subscriber (LimitExceededException)
    error: CreateTable of Shop failed: Subscriber limit exceeded: There is a limit of 2500 tables per subscriber (LimitExceededException)
      help: this is a limit of the account or of the table, not throttling, so that waiting does not help: ask for less, or have the quota raised, see the service quotas of DynamoDB
    Applied 0 of 1 step in [time]
    ");
}

/// Limits fail immediately, and are not treated as throttling.
#[test]
fn a_limit_does_not_pass() {
    for (case, code, message) in [
        (
            "limit_with_its_next_moment",
            "LimitExceededException",
            "Subscriber limit exceeded: Encryption mode changes are limited in the 24h window ending at 2026-10-09T18:00:00Z. After the first 4 change, each subsequent change in the same window can be performed at most once every 21600 seconds. Number of updates today: 4. Last change at 2026-10-09T12:00:00Z. Next changes can be made at 2026-10-09T18:00:00Z.",
        ),
        (
            "limit_of_days",
            "LimitExceededException",
            "Subscriber limit exceeded: Updates to TableClass are limited to 2 times in 30 day(s).",
        ),
        (
            "limit_of_the_account",
            "LimitExceededException",
            "The requested ReadCapacityUnits, 70000, is above the per table maximum for the account in eu-central-1. Per table maximum: 40000. Refer to the Amazon DynamoDB Developer Guide for current limits and how to request higher limits.",
        ),
        (
            "limit_as_a_slip",
            "ValidationException",
            "One or more parameter values were invalid: Requested ReadUnitsPerSecond for WarmThroughput for table exceeds TableMaxReadCapacityUnits of the account in region eu-central-1",
        ),
    ] {
        let aws = Aws::new();
        let fault = Fault::refuse(400, code, message);
        let met = aws.proxy.inject(On::operation("CreateTable").every(), fault);
        let output = aws.mizzle(&["push", "--yes"]).run().assert_code(1);
        insta::assert_snapshot!(case, aws.told(&output));
        assert_eq!(met.met(), 1, "{case}");
    }
}

#[test]
fn the_service_fails() {
    let aws = Aws::new();
    aws.refuse("ListTables", 500, "InternalServerError", "The request processing has failed");
    let output = aws.mizzle(&["list", "--verbose"]).run().assert_code(1);
    insta::assert_snapshot!(aws.told(&output), @"
    $ mizzle list --verbose
    [exit code: 1]
    [stderr]
    error: ListTables failed: The request processing has failed (InternalServerError)
      help: run the command again: it goes on where it stopped
      request id FAULTPROXY
      credentials: the environment (AWS_ACCESS_KEY_ID)
      proxy: http://127.0.0.1:[port]
    ");
}

#[test]
fn a_request_is_not_taken() {
    let aws = Aws::new();
    let message =
        "1 validation error detected: Value 'x' at 'billingMode' failed to satisfy constraint";
    aws.refuse("CreateTable", 400, "ValidationException", message);
    let output = aws.mizzle(&["push", "--yes"]).run().assert_code(1);
    insta::assert_snapshot!(aws.told(&output), @"
    $ mizzle push --yes
    [exit code: 1]
    [stderr]
    Target: http://dynamodb.eu-central-1.amazonaws.com (eu-central-1, account [account])
    + Shop: new table
      + Create table
          key (pk S, sk S)
          LSI byDate (pk S, createdAt N) ALL
          GSI byEmail (email S) ALL
          GSI byStatus (status S, createdAt N) ALL
    Shop: Create table
    Shop: Create table: CreateTable of Shop failed: 1 validation error detected: Value 'x' at 'billingMode' failed to satisfy constraint (ValidationException)
    error: CreateTable of Shop failed: 1 validation error detected: Value 'x' at 'billingMode' failed to satisfy constraint (ValidationException)
      help: DynamoDB does not take the request as it is: change what asks for it, the schema, the config or the script
    Applied 0 of 1 step in [time]
    ");
}

#[test]
fn a_table_is_not_in_this_region() {
    let aws = Aws::new();
    aws.project.mizzle(["generate", "--name", "init"]).run().assert_code(0);
    // A script about a table that was created by hand, in another region.
    let script = aws.project.read("migrations/0001_init.ts");
    let begin = script.find("export async function up").unwrap();
    let head = script[..begin].to_owned();
    aws.project.write(
        "migrations/0001_init.ts",
        &format!(
            "{head}export async function up(db) {{\n  await db.updateTable({{ TableName: \"Legacy\", \
             DeletionProtectionEnabled: true }});\n}}\n\nexport async function down() {{}}\n"
        ),
    );
    let output = aws.mizzle(&["migrate", "--yes"]).run().assert_code(1);
    insta::assert_snapshot!(aws.told(&output), @r#"
    $ mizzle migrate --yes
    [exit code: 1]
    [stderr]
    Target: http://dynamodb.eu-central-1.amazonaws.com (eu-central-1, account [account])
    0001_init
      Legacy: Turn on deletion protection
    0001_init
    Legacy: Turn on deletion protection
    Legacy: Turn on deletion protection: Legacy is not there: it was deleted meanwhile, or is in another region or account
    error: Error: Legacy is not there: it was deleted meanwhile, or is in another region or account
       ╭─[migrations/0001_init.ts:4:9]
     3 │ export async function up(db) {
     4 │   await db.updateTable({ TableName: "Legacy", DeletionProtectionEnabled: true });
       ·         ──────────────
     5 │ }
       ╰────
      help: 0001_init stopped at step 1: Turn on deletion protection (Legacy)
      help: fix the script and run the command again: steps that are done are not repeated
    Applied 0 migrations
    "#);
}

#[test]
fn a_table_is_not_found() {
    let aws = Aws::with_tables();
    aws.refuse("UpdateTable", 400, "ResourceNotFoundException", "Requested resource not found");
    let output = aws.mizzle(&["push", "--yes"]).run().assert_code(1);
    insta::assert_snapshot!(aws.told(&output), @"
    $ mizzle push --yes
    [exit code: 1]
    [stderr]
    Target: http://dynamodb.eu-central-1.amazonaws.com (eu-central-1, account [account])
    ~ Shop: change
      + Add GSI byTotal (status S, total N) ALL
    Shop: Add GSI byTotal (status S, total N) ALL
    Shop: Add GSI byTotal (status S, total N) ALL: UpdateTable of Shop failed: Requested resource not found (ResourceNotFoundException)
    error: UpdateTable of Shop failed: Requested resource not found (ResourceNotFoundException)
      help: is Shop in another region or account? this is http://dynamodb.eu-central-1.amazonaws.com (eu-central-1, account [account]): --region, --profile and --env choose another
      help: see what is there: mizzle list
    Applied 0 of 1 step in [time]
    ");
}
