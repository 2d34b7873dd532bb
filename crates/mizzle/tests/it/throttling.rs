//! A table without spare capacity: scripts wait for it, and can be interrupted meanwhile.

use crate::support::shop;
use mizzle_test::{
    Boto3, Database, DynamoDbLocal, Fault, FaultProxy, On, Request, Running, TempProject,
};
use serde_json::json;

struct Stage {
    database: Database,
    proxy: FaultProxy,
    project: TempProject,
}

impl Stage {
    /// Creates a project whose first migration is applied, and whose second is this `up`.
    fn with_script(up: &str) -> Self {
        let database = DynamoDbLocal::from_env().isolated();
        let proxy = FaultProxy::start(&database.endpoint);
        let project = shop();
        project.connect(&database.through(&proxy));
        project.mizzle(["generate", "--name", "init"]).run().assert_code(0);
        project.mizzle(["generate", "--custom", "--name", "more"]).run().assert_code(0);
        project.write(
            "migrations/0002_more.ts",
            &format!(
                "import type {{ Database }} from \"mizzle-cli\";\n\n\
                 export async function up(db: Database): Promise<void> {{\n{up}}}\n\n\
                 export async function down(): Promise<void> {{}}\n"
            ),
        );
        project.mizzle(["migrate", "--to", "1"]).run().assert_code(0);
        proxy.forget_requests();
        Self { database, proxy, project }
    }

    /// Starts the migration, and waits until this many requests of an operation were sent.
    #[track_caller]
    fn start(&self, operation: &str, count: usize) -> Running {
        let running = self.project.mizzle(["migrate", "--json"]).start();
        let sent = |requests: &[Request]| {
            requests.iter().filter(|request| request.operation == operation).count()
        };
        self.proxy.wait_until(|requests| sent(requests) >= count);
        running
    }
}

#[test]
fn every_update_of_a_script_is_waited_for() {
    let stage = Stage::with_script(
        r#"  await Promise.all(Array.from({ length: 60 }, (_, n) => db.update({
    TableName: "Shop",
    Key: { pk: `item ${n}`, sk: "x" },
    UpdateExpression: "ADD runs :one",
    ExpressionAttributeValues: { ":one": 1 },
  })));
"#,
    );
    // More than all attempts of the SDK, which are three for each.
    let throttled =
        stage.proxy.inject(On::operation("UpdateItem").table("Shop").times(300), Fault::throttle());
    stage.project.mizzle(["migrate"]).run().assert_code(0);
    assert_eq!(throttled.met(), 300);
    let runs = r#"result = sorted(int(item["runs"]["N"]) for item in client.scan(TableName="Shop")["Items"])"#;
    assert_eq!(Boto3::from_env().run(&stage.database, runs), json!(vec![1; 60]));
}

#[cfg(unix)]
#[test]
fn an_interrupt_ends_the_wait() {
    for (operation, call) in [
        (
            "Scan",
            "  for await (const item of db.scanItems({ TableName: \"Shop\" })) db.log(item);\n",
        ),
        ("PutItem", "  await db.put({ TableName: \"Shop\", Item: { pk: \"a\", sk: \"b\" } });\n"),
    ] {
        let stage = Stage::with_script(call);
        stage.proxy.inject(On::operation(operation).table("Shop").every(), Fault::throttle());
        // The pauses have grown to seconds by then.
        let running = stage.start(operation, 24);
        running.interrupt();
        let report = running.finish().assert_code(130).json();
        assert_eq!(report["error"]["kind"], "interrupted", "{operation}: {report:#}");
        stage.proxy.heal();
        let report = stage.project.mizzle(["migrate", "--json"]).run().assert_code(0).json();
        assert_eq!(report["outcome"], "applied", "{operation}");
    }
}
