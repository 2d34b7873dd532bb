//! Ctrl-C while migrations run: unsent calls are not recorded as done, and the next run sends them.

use crate::support::{shop, shop_with_history};
use mizzle_test::{
    Boto3, Database, DynamoDbLocal, Fault, FaultProxy, Injected, On, Output, Running, TempProject,
};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// The delay in which an interrupt arrives.
const WHILE: Duration = Duration::from_secs(3);

/// The ledger write that checks the lock: of a record, or of the released lock.
const LEDGER_WRITE: &str = "TransactWriteItems";

/// The project with two migrations, the second of which finally deletes an index.
struct Stage {
    database: Database,
    proxy: FaultProxy,
    project: TempProject,
}

impl Stage {
    fn set() -> Self {
        let database = DynamoDbLocal::from_env().isolated();
        let proxy = FaultProxy::start(&database.endpoint);
        let project = shop_with_history();
        project.connect(&database.through(&proxy));
        Self { database, proxy, project }
    }

    #[track_caller]
    fn migrate(&self, arguments: &[&str]) -> Value {
        let arguments = [&["migrate", "--json", "--yes"], arguments].concat();
        self.project.mizzle(arguments).run().assert_code(0).json()
    }

    /// Delays the answer to the n-th write of the ledger from now on.
    fn delay_ledger_write(&self, n: usize) -> Injected {
        self.proxy.forget_requests();
        self.proxy.inject(On::operation(LEDGER_WRITE).nth(n), Fault::Delay(WHILE))
    }

    /// Waits for that write, and interrupts.
    #[track_caller]
    fn interrupt(&self, running: Running, delayed: &Injected) -> Output {
        self.proxy.wait_until(|_| delayed.met() == 1);
        running.interrupt();
        let output = running.finish().assert_code(130);
        self.proxy.heal();
        output
    }

    /// Counts the calls of an operation.
    fn sent(&self, operation: &str) -> usize {
        self.proxy.writes().iter().filter(|write| write.operation == operation).count()
    }

    fn indexes(&self) -> Value {
        let tables = Boto3::from_env().describe(&self.database);
        let indexes = tables["Shop"]["GlobalSecondaryIndexes"].as_object().unwrap();
        indexes.keys().cloned().collect()
    }
}

#[test]
fn a_step_that_was_not_sent_is_done_by_the_next_run() {
    let stage = Stage::set();
    stage.migrate(&["--to", "1"]);
    // Started; two indexes created; then the record before deleting the third.
    let delayed = stage.delay_ledger_write(4);
    let running = stage.project.mizzle(["migrate", "--json", "--yes"]).start();
    let report = stage.interrupt(running, &delayed).json();
    assert_eq!(report["error"]["kind"], "interrupted", "{report:#}");
    assert_eq!(report["migrations"][0]["state"], "pending", "{report:#}");
    assert_eq!(stage.sent("UpdateTable"), 2);
    assert_eq!(stage.indexes(), json!(["byAge", "byEmail", "byStatus", "byTotal"]));
    let report = stage.migrate(&[]);
    assert_eq!(report["migrations"][0]["state"], "applied", "{report:#}");
    assert_eq!(stage.indexes(), json!(["byAge", "byStatus", "byTotal"]));
    assert_eq!(stage.sent("UpdateTable"), 3, "nothing was repeated");
    stage.project.mizzle(["status", "--exit-code"]).run().assert_code(0);
}

#[test]
fn so_is_one_of_an_undoing() {
    let stage = Stage::set();
    stage.migrate(&[]);
    // Started; one index created; then the record before deleting another one.
    let delayed = stage.delay_ledger_write(3);
    let undo = ["--down", "1", "--accept-data-loss"];
    let running =
        stage.project.mizzle([&["migrate", "--json", "--yes"], undo.as_slice()].concat()).start();
    let report = stage.interrupt(running, &delayed).json();
    assert_eq!(report["error"]["kind"], "interrupted", "{report:#}");
    assert_eq!(stage.sent("UpdateTable"), 1);
    assert_eq!(stage.indexes(), json!(["byAge", "byEmail", "byStatus", "byTotal"]));
    assert_eq!(stage.migrate(&undo)["outcome"], "undone");
    assert_eq!(stage.indexes(), json!(["byEmail", "byStatus"]));
    assert_eq!(stage.sent("UpdateTable"), 3, "nothing was repeated");
    stage.migrate(&[]);
    stage.project.mizzle(["status", "--exit-code"]).run().assert_code(0);
}

#[test]
fn a_step_that_is_waited_for_is_gone_on_with() {
    let stage = Stage::set();
    stage.migrate(&["--to", "1"]);
    let held = Fault::Hold { looks: usize::MAX };
    let held = stage.proxy.inject(On::operation("UpdateTable").table("Shop"), held);
    let running = stage.project.mizzle(["migrate", "--json", "--yes"]).start();
    let report = stage.interrupt(running, &held).json();
    assert_eq!(report["error"]["kind"], "interrupted", "{report:#}");
    assert_eq!(stage.migrate(&[])["outcome"], "applied");
    assert_eq!(stage.indexes(), json!(["byAge", "byStatus", "byTotal"]));
    stage.project.mizzle(["status", "--exit-code"]).run().assert_code(0);
}

#[test]
fn of_a_batch_no_further_part_is_sent() {
    let stage = Stage::set();
    stage.project.replace(
        "migrations/0002_edit.ts",
        "export async function up(db: Database): Promise<void> {\n",
        r#"export async function up(db: Database): Promise<void> {
  const puts = Array.from({ length: 1000 }, (_, n) => ({
    PutRequest: { Item: { pk: `item ${n}`, sk: "x" } },
  }));
  await db.batchWrite({ RequestItems: { Shop: puts } });
"#,
    );
    stage.migrate(&["--to", "1"]);
    let part = On::operation("BatchWriteItem").every();
    stage.proxy.inject(part, Fault::Delay(Duration::from_millis(50)));
    let running = stage.project.mizzle(["migrate", "--json", "--yes"]).start();
    stage.proxy.wait_until(|requests| {
        requests.iter().filter(|request| request.operation == "BatchWriteItem").count() >= 3
    });
    running.interrupt();
    let report = running.finish().assert_code(130).json();
    assert_eq!(report["error"]["kind"], "interrupted", "{report:#}");
    assert!(stage.sent("BatchWriteItem") < 30, "of forty");
    stage.proxy.heal();
    assert_eq!(stage.migrate(&[])["outcome"], "applied");
    let count = r#"result = client.scan(TableName="Shop", Select="COUNT")["Count"]"#;
    assert_eq!(Boto3::from_env().run(&stage.database, count), 1000);
}

/// Between its calls, no other code would check for the interrupt.
#[test]
fn a_script_that_computes_or_waits_for_a_timer_is_ended_at_once() {
    let project = shop();
    project.mizzle(["generate", "--name", "init"]).run().assert_code(0);
    let script = project.read("migrations/0001_init.ts");
    for (body, signal) in [
        ("for (;;);", "INT"),
        ("await new Promise((resolve) => setTimeout(resolve, 3_600_000));", "INT"),
        ("await new Promise((resolve) => setTimeout(resolve, 3_600_000));", "HUP"),
        ("for (;;) await new Promise((resolve) => setTimeout(resolve, 10));", "TERM"),
        ("for (;;) await db.get({ TableName: \"Shop\", Key: { pk: \"a\" } });", "INT"),
    ] {
        let end = script.rfind("export async function down").unwrap_or(script.len());
        let (up, down) = script.split_at(end);
        let up = up.trim_end().strip_suffix('}').unwrap();
        let rest = format!("  if (!db.dryRun) {{ db.log(\"it goes on\"); {body} }}\n}}\n\n{down}");
        project.write("migrations/0001_init.ts", &format!("{up}{rest}"));
        let running = project.mizzle(["migrate", "--yes", "--endpoint", "local"]).start();
        running.wait_for_stderr("it goes on");
        let signalled = Instant::now();
        running.send(signal);
        let output = running.finish().assert_code(130);
        assert!(signalled.elapsed() < Duration::from_secs(5), "{body}: {:?}", signalled.elapsed());
        assert!(output.stderr.contains("goes on where it stopped"), "{}", output.stderr);
    }
    // The lock was released each time, and the step is not repeated.
    project.write("migrations/0001_init.ts", &script);
    let migrate = ["migrate", "--json", "--yes", "--endpoint", "local"];
    let report = project.mizzle(migrate).run().assert_code(0).json();
    assert_eq!(report["migrations"][0]["state"], "applied", "{report:#}");
}
