//! A runner is stopped (SIGSTOP, like a laptop that goes to sleep) for longer than its lease,
//! another one takes over the lock and does the work, and the first continues in the middle of its
//! work: it makes no further changes, and reports the reason.

use crate::support::shop;
use mizzle_test::{
    Boto3, Database, DynamoDbLocal, Fault, FaultProxy, MizzleCommand, On, Request, Running,
    TempProject,
};
use serde_json::{Value, json};
use std::time::Duration;

/// The lease of a runner, in seconds.
const LEASE: &str = "1";

const LEDGER: &str = "mizzle_migrations";

struct Stage {
    database: Database,
    proxy: FaultProxy,
    project: TempProject,
    /// The arguments of `mizzle migrate`.
    arguments: &'static [&'static str],
}

impl Stage {
    fn set(project: TempProject) -> Self {
        let database = DynamoDbLocal::from_env().isolated();
        let proxy = FaultProxy::start(&database.endpoint);
        project.connect(&database.through(&proxy));
        Self { database, proxy, project, arguments: &[] }
    }

    /// Creates a project whose second migration is this `up`, with the first one applied.
    fn with_script(up: &str) -> Self {
        let stage = Self::set(shop());
        stage.project.mizzle(["generate", "--name", "init"]).run().assert_code(0);
        stage.project.mizzle(["generate", "--custom", "--name", "more"]).run().assert_code(0);
        stage.project.write(
            "migrations/0002_more.ts",
            &format!(
                "import type {{ Database }} from \"mizzle-cli\";\n\n\
                 export async function up(db: Database): Promise<void> {{\n{up}}}\n\n\
                 export async function down(): Promise<void> {{}}\n"
            ),
        );
        stage.project.mizzle(["migrate", "--to", "1", "--yes"]).run().assert_code(0);
        stage.proxy.forget_requests();
        stage
    }

    fn migrate(&self, runner: &str) -> MizzleCommand {
        let arguments = [&["migrate", "--json", "--yes"], self.arguments].concat();
        self.project.mizzle(arguments).env("MIZZLE_LOCK_LEASE", LEASE).env("RUNNER", runner)
    }

    /// Stops a runner as soon as these requests have arrived.
    #[track_caller]
    fn fall_asleep(&self, arrived: impl Fn(&[Request]) -> bool) -> Running {
        let sleeper = self.migrate("sleeper").start();
        self.proxy.wait_until(arrived);
        sleeper.pause();
        sleeper
    }

    /// Lets another runner do the work, then continues the first one.
    #[track_caller]
    fn take_over_and_wake_up(&self, sleeper: Running) {
        self.proxy.heal();
        let report = self.migrate("heir").run().assert_code(0).json();
        assert_eq!(report["outcome"], "applied", "{report:#}");
        // Without a check, there is time for damage before the next heartbeat fails.
        let slow = Fault::Delay(Duration::from_millis(500));
        self.proxy.inject(On::any().table(LEDGER).every(), slow);
        self.proxy.forget_requests();
        sleeper.resume();
        let lost = sleeper.finish().assert_code(1).json();
        assert_eq!(lost["error"]["kind"], "lock-lost", "{lost:#}");
        // Its writes to the ledger check its lock, and are refused.
        let writes = self.proxy.writes().into_iter();
        let writes: Vec<_> = writes
            .filter(|write| write.table.as_deref() != Some(LEDGER))
            .filter(|write| write.operation != "TransactWriteItems")
            .collect();
        assert_eq!(writes, []);
        self.proxy.heal();
        self.project.mizzle(self.status()).run().assert_code(0);
    }

    fn status(&self) -> Vec<&'static str> {
        [&["status", "--exit-code"], self.arguments].concat()
    }

    /// Counts the items by the runner that has written them.
    fn items(&self) -> Value {
        Boto3::from_env().run(
            &self.database,
            r#"
            result = {}
            for page in client.get_paginator("scan").paginate(TableName="Shop"):
                for item in page["Items"]:
                    result[item["by"]["S"]] = result.get(item["by"]["S"], 0) + 1
            "#,
        )
    }
}

/// True once this many requests of an operation about the table have arrived.
fn times(count: usize, operation: &str) -> impl Fn(&[Request]) -> bool {
    move |requests| requests.iter().filter(|request| is(operation, request)).count() >= count
}

fn is(operation: &str, request: &Request) -> bool {
    request.operation == operation && request.table.as_deref() == Some("Shop")
}

#[test]
fn in_a_batch_of_many_parts() {
    let stage = Stage::with_script(
        r#"  const puts = Array.from({ length: 1000 }, (_, n) => ({
    PutRequest: { Item: { pk: `item ${n}`, sk: "x", by: process.env.RUNNER } },
  }));
  await db.batchWrite({ RequestItems: { Shop: puts } });
"#,
    );
    let slow = Fault::Delay(Duration::from_millis(20));
    stage.proxy.inject(On::operation("BatchWriteItem").every(), slow);
    let sleeper = stage.fall_asleep(times(5, "BatchWriteItem"));
    stage.take_over_and_wake_up(sleeper);
    assert_eq!(stage.items(), json!({ "heir": 1000 }));
}

#[test]
fn while_a_throttled_deletion_waits_for_its_next_attempt() {
    let stage = Stage::with_script(
        r#"  await db.deleteTable({ TableName: "Shop" });
  await db.createTable({
    TableName: "Shop",
    AttributeDefinitions: [
      { AttributeName: "pk", AttributeType: "S" },
      { AttributeName: "sk", AttributeType: "S" },
      { AttributeName: "email", AttributeType: "S" },
      { AttributeName: "status", AttributeType: "S" },
      { AttributeName: "createdAt", AttributeType: "N" },
    ],
    KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }, { AttributeName: "sk", KeyType: "RANGE" }],
    BillingMode: "PAY_PER_REQUEST",
    LocalSecondaryIndexes: [
      {
        IndexName: "byDate",
        KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }, { AttributeName: "createdAt", KeyType: "RANGE" }],
        Projection: { ProjectionType: "ALL" },
      },
    ],
    GlobalSecondaryIndexes: [
      { IndexName: "byEmail", KeySchema: [{ AttributeName: "email", KeyType: "HASH" }], Projection: { ProjectionType: "ALL" } },
      {
        IndexName: "byStatus",
        KeySchema: [{ AttributeName: "status", KeyType: "HASH" }, { AttributeName: "createdAt", KeyType: "RANGE" }],
        Projection: { ProjectionType: "ALL" },
      },
    ],
  });
  await db.put({ TableName: "Shop", Item: { pk: "item", sk: "x", by: process.env.RUNNER } });
"#,
    );
    stage.proxy.inject(On::operation("DeleteTable").every(), Fault::throttle());
    let sleeper = stage.fall_asleep(times(3, "DeleteTable"));
    stage.take_over_and_wake_up(sleeper);
    // The new table does not belong to the runner.
    assert_eq!(stage.items(), json!({ "heir": 1 }));
}
