//! SIGKILL at any moment of a push of many tables, as a power failure would come; then one more
//! push. The tables are as they should be, and so are the items.
//!
//! The moment is random. A case that fails says its seed; with that in `MIZZLE_TEST_SEED` all cases
//! kill at its moment.

use crate::{
    cases::run_all,
    transition::{self, Connection},
};
use mizzle_test::{
    Boto3, Database, DynamoDbLocal, Fault, FaultProxy, MizzleCommand, On, Random, TempProject,
};
use serde_json::{Value, json};
use std::{
    fmt,
    time::{Duration, Instant},
};

/// How often a push is killed on each of the two servers.
const KILLS: usize = 25;

/// How many cases run at a time: they wait more than they work.
const WORKERS: usize = 4;

/// How often a case begins anew when the push was faster than the kill.
const ATTEMPTS: usize = 5;

/// Puts five items into every table.
const PUT_ITEMS: &str = r#"
for table in client.list_tables()["TableNames"]:
    for n in range(5):
        item = {"pk": {"S": f"item {n}"}, "status": {"S": "open"}, "customer": {"S": "Ada"}, "day": {"N": str(n)}}
        client.put_item(TableName=table, Item=item)
result = None
"#;

/// How many items there are in every table, and in every GSI.
const COUNT_ITEMS: &str = r#"
def count(**where):
    return sum(page["Count"] for page in client.get_paginator("scan").paginate(Select="COUNT", **where))

result = {}
for table in client.list_tables()["TableNames"]:
    result[table] = count(TableName=table)
    described = client.describe_table(TableName=table)["Table"]
    for index in described.get("GlobalSecondaryIndexes", []):
        name = index["IndexName"]
        result[f"{table}.{name}"] = count(TableName=table, IndexName=name)
"#;

/// What is in a database.
#[derive(Debug)]
struct Content {
    tables: Value,
    items: Value,
}

impl Content {
    fn of(database: &Database) -> Self {
        let tables = transition::describe(database);
        Self { tables, items: Boto3::from_env().run(database, COUNT_ITEMS) }
    }

    #[track_caller]
    fn assert_is(&self, reference: &Self) {
        let differences = transition::differences(&self.tables, &reference.tables);
        assert!(differences.is_empty(), "{}", differences.join("\n"));
        assert_eq!(self.items, reference.items);
    }

    /// Only the tables that are replaced or new are empty, and everything else is in its indexes.
    fn assert_has_all_items(&self) {
        let indexes = json!({
            "Capped": 5, "Capped.byStatus": 5,
            "Created": 0, "Created.byCustomer": 0, "Created.byStatus": 0,
            "Governed": 5,
            "Indexed": 5, "Indexed.byCustomer": 5, "Indexed.byDay": 5,
            "Opened": 5,
            "Paid": 5, "Paid.byStatus": 5,
            "Replaced": 0, "Replaced.byStatus": 0,
            "Scaled": 5, "Scaled.byStatus": 5,
            "Streamed": 5,
        });
        assert_eq!(self.items, indexes);
    }
}

fn push(project: &TempProject) -> MizzleCommand {
    transition::push(project, &["--accept-data-loss"]).deadline(Duration::from_secs(120))
}

/// A project in the state before, with items in its tables, and the way to its database.
trait Stage {
    fn project(&self) -> &TempProject;
    fn content(&self) -> Content;
}

struct Embedded(TempProject);

impl Embedded {
    /// To be copied: a case takes less time than the tables do.
    fn template() -> Self {
        let project = transition::before(&Connection::embedded());
        let serving = project.mizzle(["local", "--port", "0"]).serve();
        Boto3::from_env().run(&serving.database(), PUT_ITEMS);
        serving.kill();
        transition::edit(&project, &Connection::embedded());
        Self(project)
    }

    fn copy(&self) -> Self {
        Self(transition::copy(&self.0))
    }
}

impl Stage for Embedded {
    fn project(&self) -> &TempProject {
        &self.0
    }

    fn content(&self) -> Content {
        let serving = self.0.mizzle(["local", "--port", "0"]).serve();
        Content::of(&serving.database())
    }
}

/// DynamoDB Local, slowed down, with changes that take their time: so that there is more to be
/// interrupted than the start of the program.
struct Slow {
    project: TempProject,
    database: Database,
    _proxy: FaultProxy,
}

impl Slow {
    fn new() -> Self {
        let database = DynamoDbLocal::from_env().isolated();
        let project = transition::before(&Connection::to(&database));
        Boto3::from_env().run(&database, PUT_ITEMS);
        let proxy = FaultProxy::start(&database.endpoint);
        for operation in ["CreateTable", "UpdateTable", "DeleteTable", "UpdateTimeToLive"] {
            proxy.inject(On::operation(operation).every(), Fault::Hold { looks: 2 });
        }
        proxy.inject(On::any().every(), Fault::Delay(Duration::from_millis(10)));
        transition::edit(&project, &Connection::to(&database.through(&proxy)));
        Self { project, database, _proxy: proxy }
    }
}

impl Stage for Slow {
    fn project(&self) -> &TempProject {
        &self.project
    }

    fn content(&self) -> Content {
        Content::of(&self.database)
    }
}

/// One kill.
struct Case(usize);

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "kill {}", self.0)
    }
}

/// Kills pushes at any moment between start and end, and pushes again.
fn kill<S: Stage>(set: impl Fn() -> S + Sync) {
    let stage = set();
    let start = Instant::now();
    push(stage.project()).run().assert_code(0);
    let whole = start.elapsed();
    let reference = stage.content();
    reference.assert_has_all_items();

    let cases: Vec<Case> = (1..=KILLS).map(Case).collect();
    run_all(WORKERS, &cases, |_| {
        let mut random = Random::new();
        let stage = (0..ATTEMPTS)
            .map(|_| set())
            .find(|stage| {
                push(stage.project()).kill_after(random.duration(Duration::ZERO..whole)).was_alive
            })
            .expect("one of the pushes takes as long as the first");
        push(stage.project()).run().assert_code(0);
        stage.content().assert_is(&reference);
        let report = push(stage.project()).run().assert_code(0).json();
        assert_eq!(report["outcome"], "in_sync", "{report:#}");
    });
}

#[test]
fn a_push_to_the_embedded_server_can_be_killed_at_any_moment() {
    let template = Embedded::template();
    kill(|| template.copy());
}

#[test]
fn a_push_to_dynamodb_local_can_be_killed_at_any_moment() {
    kill(Slow::new);
}
