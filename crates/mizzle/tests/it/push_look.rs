//! The appearance of a push while it runs and at its end, in a wide and in a narrow terminal, and
//! without one. A proxy in front of the embedded server keeps tables busy for as long as a test
//! requires.

use crate::support::BINARY;
use mizzle_test::{Fault, FaultProxy, On, Request, Screen, Serving, TempProject, Terminal};
use std::{thread, time::Duration};

/// The sizes of a wide and a narrow terminal: columns and rows.
const SIZES: [(u16, u16); 2] = [(100, 30), (40, 20)];

/// A project, the embedded server, and a proxy between them.
struct Stage {
    project: TempProject,
    proxy: FaultProxy,
    _server: (TempProject, Serving),
}

impl Stage {
    fn new(tables: &[(&str, &str)], settings: &str) -> Self {
        let host = TempProject::new(BINARY);
        let serving = host.mizzle(["local", "--port", "0", "--in-memory"]).serve();
        let proxy = FaultProxy::start(serving.endpoint());
        let project = TempProject::new(BINARY);
        let fields = serving.database().through(&proxy).config_fields();
        let config = format!(
            "export default {{\n  schema: \"./schema.ts\",\n  {fields}\n  tables: {{ {settings} }},\n}};\n"
        );
        project.write("mizzle.config.ts", &config);
        let stage = Self { project, proxy, _server: (host, serving) };
        stage.describe(tables);
        stage
    }

    /// Writes a schema with these tables, each with its indexes.
    fn describe(&self, tables: &[(&str, &str)]) {
        let mut schema =
            "import { dynamoEntity, dynamoTable, gsi, lsi, string } from \"mizzle\";\n".to_owned();
        for (at, (name, indexes)) in tables.iter().enumerate() {
            schema += &format!(
                "export const t{at} = dynamoTable({name:?}, {{ pk: string(\"pk\"), sk: string(\"sk\"), indexes: {{ {indexes} }} }});\n\
                 export const e{at} = dynamoEntity(t{at}, \"E{at}\", {{ email: string(), status: string(), city: string() }});\n"
            );
        }
        self.project.write("schema.ts", &schema);
    }

    fn push(&self) {
        self.project.mizzle(["push", "--yes"]).run().assert_code(0);
    }

    /// Holds the operation of a table until [`FaultProxy::heal`].
    fn hold(&self, operation: &str, table: &str) {
        self.proxy.inject(On::operation(operation).table(table), Fault::Hold { looks: usize::MAX });
    }

    fn terminal(&self, (columns, rows): (u16, u16)) -> Terminal {
        self.project.mizzle(["push", "--yes"]).in_terminal(columns, rows)
    }
}

/// Waits until the lines of the tables are completely drawn, with all these words among them.
#[track_caller]
fn drawn(terminal: &mut Terminal, words: &[&str]) -> String {
    let is_whole = |text: &str| text.ends_with("\n└");
    still(
        &terminal.wait_until(|text| is_whole(text) && words.iter().all(|word| text.contains(word))),
    )
}

/// Returns the lines from the heading of the tables on: the text above depends on the earlier
/// number of lines.
fn from_heading(text: &str) -> &str {
    let before = text.find("  Applying").and_then(|at| text[..at].rfind('\n'));
    before.map_or(text, |at| &text[at + 1..])
}

/// Normalizes parts of the text that change over time: spinners, and the delay of a retry.
fn still(text: &str) -> String {
    text.replace(['◓', '◐', '◑'], "◒").replace("again after", "again in [time] after")
}

#[test]
fn several_tables_side_by_side() {
    for size @ (columns, _) in SIZES {
        let stage =
            Stage::new(&[("Carts", ""), ("Shop", "byEmail: gsi(\"email\")"), ("Users", "")], "");
        stage.push();
        stage.describe(&[
            ("Carts", "byCity: gsi(\"city\")"),
            ("Orders", ""),
            ("Shop", "byStatus: gsi(\"status\"), byCity: gsi(\"city\")"),
            ("Users", "byCity: gsi(\"city\")"),
        ]);
        stage.hold("UpdateTable", "Shop");
        stage.hold("CreateTable", "Orders");
        let throttled = On::operation("UpdateTable").table("Carts").every();
        stage.proxy.inject(throttled, Fault::throttle());
        let mut terminal = stage.terminal(size);
        let statuses =
            ["◇ Users", "table: CREATING", "after ThrottlingException", "byCity CREATING"];
        let shown = drawn(&mut terminal, if columns == 100 { &statuses } else { &statuses[..1] });
        insta::assert_snapshot!(format!("side_by_side_{columns}"), shown);
        stage.proxy.heal();
        let Screen { code, text } = terminal.finish();
        insta::assert_snapshot!(format!("side_by_side_{columns}_done"), text);
        assert_eq!(code, 0);
    }
}

/// A failure stays on the screen, and stops its own table only.
#[test]
fn a_failure_among_others() {
    for size @ (columns, _) in SIZES {
        let stage =
            Stage::new(&[("Carts", ""), ("Shop", "byEmail: gsi(\"email\")"), ("Users", "")], "");
        stage.push();
        stage.describe(&[
            ("Carts", "byCity: gsi(\"city\")"),
            ("Shop", "byStatus: gsi(\"status\"), byCity: gsi(\"city\")"),
            ("Users", "byCity: gsi(\"city\")"),
        ]);
        stage.hold("UpdateTable", "Carts");
        let denied = On::operation("UpdateTable").table("Shop").nth(2);
        stage.proxy.inject(denied, Fault::access_denied("dynamodb:UpdateTable"));
        let mut terminal = stage.terminal(size);
        let words = ["◇ Users", "■ Shop", "CREATING, backfilling"];
        let shown = drawn(&mut terminal, if columns == 100 { &words } else { &words[..2] });
        insta::assert_snapshot!(format!("failure_{columns}"), shown);
        stage.proxy.heal();
        let Screen { code, text } = terminal.finish();
        insta::assert_snapshot!(format!("failure_{columns}_done"), text);
        assert_eq!(code, 1);
    }
}

#[cfg(unix)]
fn is(request: &Request, operation: &str, table: &str) -> bool {
    request.operation == operation && request.table.as_deref() == Some(table)
}

/// `^C`, which the terminal writes at the cursor, does not break lines.
#[cfg(unix)]
#[test]
fn an_interrupt_leaves_true_lines() {
    for size @ (columns, _) in SIZES {
        let stage = Stage::new(&[("Carts", ""), ("Shop", ""), ("Users", "")], "");
        stage.push();
        stage.describe(&[
            ("Carts", "byCity: gsi(\"city\")"),
            ("Shop", "byStatus: gsi(\"status\"), byCity: gsi(\"city\")"),
            ("Users", "byCity: gsi(\"city\")"),
        ]);
        stage.hold("UpdateTable", "Shop");
        // An answer that the run has to wait for.
        stage.proxy.inject(
            On::operation("UpdateTable").table("Carts"),
            Fault::Delay(Duration::from_secs(3)),
        );
        let mut terminal = stage.terminal(size);
        terminal.wait_for("◇ Users").wait_for("Shop 1/2");
        stage.proxy.wait_until(|requests| {
            let update = requests.iter().position(|request| is(request, "UpdateTable", "Shop"));
            let after = update.map_or(&[][..], |at| &requests[at..]);
            after.iter().filter(|request| is(request, "DescribeTable", "Shop")).count() > 1
        });
        terminal.interrupt();
        let shown = drawn(&mut terminal, &["Stopping", "■ Shop"]);
        insta::assert_snapshot!(format!("interrupt_{columns}"), shown);
        let Screen { code, text } = terminal.finish();
        insta::assert_snapshot!(format!("interrupt_{columns}_done"), text);
        assert_eq!(code, 130);
    }
}

/// A second interrupt ends the run immediately, with the lines unchanged.
#[cfg(unix)]
#[test]
fn a_second_interrupt_leaves_at_once() {
    let stage = Stage::new(&[("Shop", "")], "");
    stage.proxy.inject(On::operation("CreateTable"), Fault::Delay(Duration::from_secs(30)));
    let mut terminal = stage.terminal(SIZES[0]);
    terminal.wait_for("◒ Shop: Create table").interrupt();
    terminal.wait_for("Stopping");
    // Interrupts within half a second count as one.
    thread::sleep(Duration::from_millis(600));
    let Screen { code, text } = {
        terminal.interrupt();
        terminal.finish()
    };
    // The terminal writes `^C` below the lines, where it may be erased again.
    insta::assert_snapshot!(still(text.trim_end_matches("^C").trim_end()), @"
    ┌   mizzle push
    │
    ●  Target: http://127.0.0.1:[port] (us-east-1)
    │
    ◇  + Shop: new table
    │    + Create table
    │        key (pk S, sk S)
    │
    ◒  Stopping: waiting for running calls  [time]
    │  ◒ Shop: Create table  [time]
    └
    ");
    assert_eq!(code, 130);
}

/// Of many tables, only those in progress are shown.
#[test]
fn many_tables() {
    let names: Vec<String> = (0..30).map(|at| format!("Table{at:02}")).collect();
    let tables: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "")).collect();
    for size @ (columns, _) in SIZES {
        let stage = Stage::new(&tables, "\"*\": { timeToLive: \"expires\" }");
        for table in ["Table04", "Table05", "Table17"] {
            stage.hold("CreateTable", table);
        }
        let denied = On::operation("UpdateTimeToLive").table("Table09");
        stage.proxy.inject(denied, Fault::access_denied("dynamodb:UpdateTimeToLive"));
        let mut terminal = stage.terminal(size);
        let words = ["26 of 30", "Table17 1/2: Create table: CREATING"];
        let shown = drawn(&mut terminal, if columns == 100 { &words } else { &words[..1] });
        insta::assert_snapshot!(format!("many_{columns}"), from_heading(&shown));
        stage.proxy.heal();
        let Screen { code, text } = terminal.finish();
        insta::assert_snapshot!(format!("many_{columns}_done"), from_heading(&text));
        assert_eq!(code, 1);
    }
}

/// The embedded server has no point-in-time recovery.
#[test]
fn what_the_server_does_not_know_is_said_once() {
    let tables = [("Carts", ""), ("Orders", ""), ("Shop", ""), ("Stock", ""), ("Users", "")];
    let stage = Stage::new(&tables, "\"*\": { pointInTimeRecovery: true }");
    let Screen { code, text } = stage.terminal((100, 50)).finish();
    insta::assert_snapshot!("unsupported", text);
    assert_eq!(code, 0);
    let Screen { code, text } = stage.terminal((100, 50)).finish();
    insta::assert_snapshot!(text, @"
    ┌   mizzle push
    │
    ●  Target: http://127.0.0.1:[port] (us-east-1)
    │
    ●  Not done on Carts, Orders and 3 more: set point-in-time recovery: on; http://127.0.0.1:[port]
    │  (us-east-1) has no operation for it
    │
    └  Everything else is in sync
    ");
    assert_eq!(code, 0);
    let json = stage.project.mizzle(["push", "--yes", "--json"]).run().assert_code(0).json();
    assert_eq!(json["remaining"].as_array().unwrap().len(), tables.len(), "{json:#}");
}

/// Without a terminal: one line per event.
#[test]
fn plain_lines() {
    let stage = Stage::new(
        &[("Shop", "")],
        "Shop: { pointInTimeRecovery: { days: 7 }, timeToLive: \"expires\" }",
    );
    // Otherwise the AWS SDK retries by itself.
    stage.project.replace("mizzle.config.ts", "tables: {", "maxAttempts: 1,\n  tables: {");
    stage.proxy.inject(On::operation("CreateTable"), Fault::throttle());
    stage.proxy.inject(On::operation("CreateTable"), Fault::Hold { looks: 3 });
    let output = stage.project.mizzle(["push", "--yes"]).run().assert_code(0);
    insta::assert_snapshot!(output.snapshot(), @r#"
    $ mizzle push --yes
    [exit code: 0]
    [stderr]
    Target: http://127.0.0.1:[port] (us-east-1)
    + Shop: new table
      + Create table
          key (pk S, sk S)
      + Let items expire by "expires"
      + Turn on point-in-time recovery (7 days)
    Shop: Create table
    Shop: Create table: Rate of requests exceeds the allowed throughput (ThrottlingException); trying again in [time]
    Shop: Create table: CREATING
    Shop: Create table: done in [time]
    Shop: Let items expire by "expires"
    Shop: Let items expire by "expires": done in [time]
    Shop: Turn on point-in-time recovery (7 days)
    Shop: Turn on point-in-time recovery (7 days): this server has no such operation, left out
    warning: Not done on Shop: set point-in-time recovery: 7 days; http://127.0.0.1:[port] (us-east-1) has no operation for it
    Applied 2 steps on 1 table in [time]; 1 step left out: the server has no such operation
    "#);
}

#[cfg(unix)]
#[test]
fn plain_lines_of_a_failure_and_an_interrupt() {
    let stage = Stage::new(&[("Shop", ""), ("Users", "")], "Users: { timeToLive: \"expires\" }");
    // In sequence, so that the lines have a defined order.
    stage.project.replace("mizzle.config.ts", "tables: {", "concurrency: 1,\n  tables: {");
    stage.proxy.inject(
        On::operation("CreateTable").table("Shop"),
        Fault::access_denied("dynamodb:CreateTable"),
    );
    stage.hold("CreateTable", "Users");
    let running = stage.project.mizzle(["push", "--yes"]).start();
    running.wait_for_stderr("Users: Create table: CREATING");
    running.interrupt();
    let output = running.finish().assert_code(130);
    insta::assert_snapshot!("plain_interrupt", output.snapshot());
}

#[test]
fn quiet_is_quiet() {
    let stage = Stage::new(&[("Shop", "")], "");
    let output = stage.project.mizzle(["push", "--yes", "--quiet"]).run().assert_code(0);
    assert_eq!((output.stdout.as_str(), output.stderr.as_str()), ("", ""));
    stage.describe(&[("Shop", "byCity: gsi(\"city\")")]);
    let quiet = stage.project.mizzle(["push", "--yes", "--quiet"]);
    let Screen { code, text } = quiet.in_terminal(100, 30).finish();
    assert_eq!((code, text.as_str()), (0, "└  Applied 1 step on 1 table in [time]"));
}

/// Tables that are deleted, changed and cannot be changed, each with the consequences.
#[test]
fn a_plan_says_what_becomes_of_each_table() {
    let stage = Stage::new(
        &[("Carts", "byEmail: gsi(\"email\")"), ("Shop", ""), ("Users", "")],
        "Shop: { stream: \"NEW_IMAGE\", tags: { team: \"a\", cost: \"b\" } }",
    );
    stage.push();
    stage.describe(&[
        ("Audit", "byCity: gsi(\"city\")"),
        ("Carts", "byEmail: gsi(\"email\", \"city\"), byCity: gsi(\"city\")"),
        ("Shop", ""),
        ("Users", ""),
    ]);
    stage.project.replace(
        "mizzle.config.ts",
        "Shop: { stream: \"NEW_IMAGE\", tags: { team: \"a\", cost: \"b\" } }",
        "Shop: { stream: \"KEYS_ONLY\", tags: { team: \"c\" }, timeToLive: \"expires\", deletionProtection: true }",
    );
    // Empty tables are replaced without confirmation.
    stage.project.replace(
        "schema.ts",
        "\"Users\", { pk: string(\"pk\")",
        "\"Users\", { pk: string(\"id\")",
    );
    for (columns, rows) in [(100, 60), (40, 100)] {
        let plan = stage.project.mizzle(["push", "--dry-run"]);
        let Screen { code, text } = plan.in_terminal(columns, rows).finish();
        insta::assert_snapshot!(format!("plan_{columns}"), text);
        assert_eq!(code, 0);
    }
    let output = stage.project.mizzle(["push", "--dry-run"]).run().assert_code(0);
    insta::assert_snapshot!("plan_plain", output.snapshot());
}
