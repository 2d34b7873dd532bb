//! A DynamoDB that answers, and does not do what it is asked.

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
    insta::assert_snapshot!("throttled", aws.told(&output));
    assert_eq!(met.met(), 2, "maxAttempts of the config");
}

#[test]
fn a_quota_is_used_up() {
    let aws = Aws::new();
    let message = "Subscriber limit exceeded: There is a limit of 2500 tables per subscriber";
    aws.refuse("CreateTable", 400, "LimitExceededException", message);
    let output = aws.mizzle(&["push", "--yes"]).run().assert_code(1);
    insta::assert_snapshot!("quota", aws.told(&output));
}

#[test]
fn the_service_fails() {
    let aws = Aws::new();
    aws.refuse("ListTables", 500, "InternalServerError", "The request processing has failed");
    let output = aws.mizzle(&["list", "--verbose"]).run().assert_code(1);
    insta::assert_snapshot!("failing", aws.told(&output));
}

#[test]
fn a_request_is_not_taken() {
    let aws = Aws::new();
    let message =
        "1 validation error detected: Value 'x' at 'billingMode' failed to satisfy constraint";
    aws.refuse("CreateTable", 400, "ValidationException", message);
    let output = aws.mizzle(&["push", "--yes"]).run().assert_code(1);
    insta::assert_snapshot!("not_taken", aws.told(&output));
}

#[test]
fn a_table_is_not_in_this_region() {
    let aws = Aws::new();
    aws.project.mizzle(["generate", "--name", "init"]).run().assert_code(0);
    // A script about a table that was made by hand, in another region.
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
    insta::assert_snapshot!("not_in_this_region", aws.told(&output));
}

#[test]
fn a_table_is_not_found() {
    let aws = Aws::with_tables();
    aws.refuse("UpdateTable", 400, "ResourceNotFoundException", "Requested resource not found");
    let output = aws.mizzle(&["push", "--yes"]).run().assert_code(1);
    insta::assert_snapshot!("not_found", aws.told(&output));
}
