//! The errors of failing migration scripts, and their locations.

use crate::project::{Project, Run};
use indoc::indoc;
use mizzle_eval::{Call, CallError, Direction, EvalErrorKind, Limits, ScriptFacts};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::time::Duration;

fn refuse(_: &Call) -> Result<Value, CallError> {
    let mut error =
        CallError::new("ConditionalCheckFailedException", "The conditional request failed");
    error.hints.push("look at the item first".to_owned());
    Err(error)
}

#[test]
fn a_failed_call_is_shown_where_it_is_made() {
    let project = Project::new(&[
        (
            "0001_test.ts",
            indoc! {r#"
                import type { Database } from "mizzle-cli";
                import { fill } from "./helpers/fill";

                interface Row { pk: string }

                export async function up(db: Database): Promise<void> {
                  const rows: Row[] = [{ pk: "a" }, { pk: "b" }];
                  await fill(db, rows);
                }

                export async function down(db: Database): Promise<void> {
                  await Promise.resolve();
                  await db.delete({
                    TableName: "T",
                    Key: { pk: String("a") },
                  });
                }
            "#},
        ),
        (
            "helpers/fill.ts",
            indoc! {r#"
                import type { Database } from "mizzle-cli";

                /** Puts rows. */
                export async function fill<T>(db: Database, rows: T[]): Promise<void> {
                  await Promise.all(rows.map((Item) => db.put({ TableName: "T", Item })));
                }
            "#},
        ),
    ]);
    let up = project.migrate("0001_test.ts", Direction::Up, refuse).failure(&project);
    let down = project.migrate("0001_test.ts", Direction::Down, refuse).failure(&project);
    insta::assert_snapshot!(format!("{up}\n\n{down}"));
}

#[test]
fn a_failed_page_is_shown_where_the_iteration_begins() {
    let project = Project::of_up(indoc! {r#"
        for await (const item of db.scanItems({ TableName: "T" })) {
          await Promise.resolve(item);
        }
    "#});
    let mut pages = 0;
    let run = project.migrate("0001_test.ts", Direction::Up, |call| {
        pages += 1;
        if pages < 3 {
            return Ok(json!({ "Items": [{}, {}], "LastEvaluatedKey": { "pk": { "S": "a" } } }));
        }
        refuse(call)
    });
    insta::assert_snapshot!(run.failure(&project), @r#"
    [call-failed]
      × ConditionalCheckFailedException: The conditional request failed
       ╭─[0001_test.ts:4:26]
     3 │ export async function up(db: Database): Promise<void> {
     4 │ for await (const item of db.scanItems({ TableName: "T" })) {
       ·                          ──────┬─────
       ·                                ╰── this call failed
     5 │   await Promise.resolve(item);
       ╰────
      help: look at the item first
    "#);
}

#[test]
fn an_await_that_was_forgotten_is_an_error() {
    let mut report = String::new();
    for body in [
        // Still in flight.
        "  db.put({ TableName: 'T', Item: {} });",
        // Answered before the end, since the next call is awaited.
        "  db.put({ TableName: 'T', Item: {} });\n  await db.scan({ TableName: 'T' });",
        "  [1, 2].forEach(async (n) => {\n    await db.put({ TableName: 'T', Item: { n } });\n  });",
        "  await db.scan({ TableName: 'T' });\n  for (const n of [1, 2, 3]) db.delete({ TableName: 'T', Key: { n } });",
        "  db.put({ TableName: 'T', Item: {} }).then(() => db.log('put'));",
    ] {
        let project = Project::of_up(body);
        let run = project.up();
        assert_eq!(run.outcome.as_ref().unwrap_err().kind(), EvalErrorKind::ForgottenAwait);
        writeln!(report, "{}\n", run.failure(&project)).unwrap();
    }
    // A call that failed before the end is a separate error.
    let project = Project::of_up(
        "  db.put({ TableName: 'T', Item: {} });\n  await db.scan({ TableName: 'T' });",
    );
    let run = project.migrate("0001_test.ts", Direction::Up, |call| match call.method() {
        "put" => refuse(call),
        _ => Ok(json!({})),
    });
    writeln!(report, "{}\n", run.failure(&project)).unwrap();
    let project = Project::of_up("  db.put({ TableName: 'T', Item: {} });");
    let run = project.migrate("0001_test.ts", Direction::Up, refuse);
    writeln!(report, "{}", run.failure(&project)).unwrap();
    insta::assert_snapshot!(report);
}

#[test]
fn no_call_goes_out_after_the_end() {
    // The reply to the last call arrives after the function has ended.
    let project = Project::of_up(
        "  db.put({ Item: {} }).then(() => db.put({ Item: {} })).catch((e) => db.log(e.message));",
    );
    let run = project.up();
    assert_eq!(run.calls.len(), 1);
    assert_eq!(run.outcome.unwrap_err().kind(), EvalErrorKind::ForgottenAwait);
}

#[test]
fn a_script_without_its_function_is_refused() {
    let mut report = String::new();
    for (text, direction) in [
        ("export const name = 1;\n", Direction::Up),
        ("// nothing\n", Direction::Up),
        ("const a = 1;\nexport async function up() {}\n", Direction::Down),
        ("export async function up() {}\nexport const down = { a: 1 };\n", Direction::Down),
        ("export const up = 'CREATE TABLE';\n", Direction::Up),
        ("export default function () {}\n", Direction::Up),
    ] {
        let project = Project::new(&[("0001_test.ts", text)]);
        let run = project.migrate("0001_test.ts", direction, |_| Ok(Value::Null));
        assert_eq!(run.outcome.as_ref().unwrap_err().kind(), EvalErrorKind::InvalidScript);
        writeln!(report, "{}\n", run.failure(&project)).unwrap();
    }
    insta::assert_snapshot!(report);
}

#[test]
fn other_mistakes_are_shown_where_they_are() {
    let mut report = String::new();
    for body in [
        "  throw new Error('not today');",
        "  const rows: any = await db.scan({ TableName: 'T' });\n  await db.put(rows.Items[0].key);",
        "  await db.creatTable({ TableName: 'T' });",
        "  await db.send({});",
        "  await db.putItem({ Item: { pk: { S: 'a' } } });",
        "  await db.transact({});",
        "  await db.put({\n    TableName: 'T',\n    Item: { pk: 'a', list: [1, { since: new Date(0) }] },\n  });",
        "  await db.put({ Item: { pk: 'a', price: 0 / 0 } });",
        "  await db.createTable({ TableName: 'T', BillingMode: () => 'x' });",
        "  await db.createTable('T', { TableName: 'Other' });",
        "  await db.createTable('T', 5);",
        "  await db.scan();",
        "  for await (const page of db.scanPages('T')) db.log(page);",
        "  db.put = null;",
        "  await new Promise(() => {});",
        "  await fetch('http://127.0.0.1');",
        "  await import('node:child_process').then((m) => m.execSync('ls'));",
        "  process.exit(1);",
    ] {
        let project = Project::of_up(body);
        writeln!(report, "{}\n", project.up().failure(&project)).unwrap();
    }
    insta::assert_snapshot!(report);
}

#[test]
fn the_limits_hold() {
    let project = Project::of_up("  await db.scan({});\n  for (;;);");
    let limits = Limits { time: Duration::from_millis(500), ..Limits::default() };
    let file = project.path("0001_test.ts");
    let script = project.evaluator().script(&file, Direction::Up, ScriptFacts::default(), limits);
    let time = Run::of(script, |_| Ok(Value::Null)).failure(&project);

    let project =
        Project::of_up("  const all: any[] = [];\n  for (;;) all.push(await db.scan({}));");
    let limits = Limits { memory: 32 << 20, ..Limits::default() };
    let file = project.path("0001_test.ts");
    let script = project.evaluator().script(&file, Direction::Up, ScriptFacts::default(), limits);
    let page = json!({ "Items": [{ "text": { "S": "x".repeat(100_000) } }] });
    let memory = Run::of(script, |_| Ok(page.clone()));
    assert_eq!(memory.outcome.as_ref().unwrap_err().kind(), EvalErrorKind::MemoryLimit);
    insta::assert_snapshot!(time, @"
    [time-limit]
      × the script runs for longer than the 0.5 s it may without waiting for a call
       ╭─[0001_test.ts:4:12]
     3 │ export async function up(db: Database): Promise<void> {
     4 │   await db.scan({});
       ·            ──┬─
       ·              ╰── still running here
     5 │   for (;;);
       ╰────
      help: look for a loop without end, or a regular expression that backtracks
    ");
}

#[test]
fn a_script_of_the_first_cli_that_does_not_parse_is_refused() {
    let project = Project::new(&[(
        "0000_first.ts",
        indoc! {r#"
            import { Mizzle } from "mizzle";

            export async function up(db: Mizzle) {
              // Create table Shop  await db.createTable("Shop", {
                "TableName": "Shop"
              });
            }
        "#},
    )]);
    let run = project.migrate("0000_first.ts", Direction::Up, |_| Ok(Value::Null));
    insta::assert_snapshot!(run.failure(&project), @r#"
    [syntax]
      × Expected a semicolon or an implicit semicolon after a statement, but found none
       ╭─[0000_first.ts:5:16]
     4 │   // Create table Shop  await db.createTable("Shop", {
     5 │     "TableName": "Shop"
       ·                ▲
     6 │   });
       ╰────
      help: Try inserting a semicolon here
            this looks like a script of the first mizzle CLI, which wrote some that do not parse and
            ran none: write the calls again, or, if its tables exist, mark the migration as applied
            (mizzle migrate --baseline)
    "#);
}

#[test]
fn work_that_is_left_to_a_timer_is_not_lost_unseen() {
    for (up, message) in [
        (
            "setTimeout(() => db.put({ TableName: 'T', Item: {} }), 5000);",
            "a promise was rejected and nothing handles it: Error: db.put was called after the script had come to its end",
        ),
        (
            "(async () => { await new Promise((next) => setTimeout(next, 9)); await db.delete({ TableName: 'T', Key: {} }); })();",
            "a promise was rejected and nothing handles it: Error: db.delete was called after the script had come to its end",
        ),
        ("setImmediate(() => { throw new TypeError('late') });", "TypeError: late"),
    ] {
        let project = Project::of_up(up);
        let error = project.up().outcome.expect_err(up);
        assert_eq!(error.message(), message);
        assert!(project.render(&error).contains("0001_test.ts:4:"), "{}", project.render(&error));
    }
    // The timers of a race have no more work; those of modules may have another purpose.
    let project = Project::new(&[(
        "0001_test.ts",
        "let changes = 0;\nsetTimeout(() => { throw new Error('of the module') }, 60000);\n\
         export async function up(db) {\n\
         await Promise.race([db.put({ TableName: 'T', Item: {} }), new Promise((_, fail) => setTimeout(fail, 30000))]);\n\
         setInterval(() => changes++, 10).unref();\n\
         setTimeout(() => changes++, 1);\n\
         const cleared = setTimeout(() => { throw new Error('cleared') }, 1); clearTimeout(cleared);\n}\n",
    )]);
    let run = project.up();
    assert!(run.outcome.is_ok(), "{}", run.failure(&project));
}

#[test]
fn an_exit_code_is_a_failure() {
    for (up, message) in [
        ("process.exitCode = 1;", "process.exitCode was set to 1"),
        ("process.exit(2);", "process.exit(2) was called"),
        (
            "import('node:process').then((it) => { it.default.exitCode = 3 });",
            "process.exitCode was set to 3",
        ),
    ] {
        let project = Project::of_up(up);
        let error = project.up().outcome.expect_err(up);
        assert!(error.message().contains(message), "{}", error.message());
    }
    let project = Project::of_up("process.exitCode = 0; process.exitCode = undefined;");
    let run = project.up();
    assert!(run.outcome.is_ok(), "{}", run.failure(&project));
}
