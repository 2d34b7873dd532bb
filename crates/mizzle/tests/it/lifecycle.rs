//! The life cycle of an environment: five migrations in sequence, with a thousand items, and the
//! status after each.

use crate::support::with_schema;
use mizzle_test::{Boto3, Database, DynamoDbLocal, MizzleCommand, Moto, TempProject};
use serde_json::{Map, Value, json};
use std::time::Duration;

/// The number of items.
const ITEMS: usize = 1_000;

/// The number of items that the rewriting script processes before it fails; it writes 25 at a time.
const BEFORE_FAILURE: usize = 400;

const NAMES: [&str; 5] =
    ["0001_create", "0002_index", "0003_rewrite", "0004_settings", "0005_drop"];

const SCHEMA: &str = r#"import { dynamoEntity, dynamoTable, gsi, number, string } from "mizzle";

export const orders = dynamoTable("Orders", {
  pk: string("pk"),
  sk: number("sk"),
  indexes: {
    byStatus: gsi("status"),
  },
});

export const carts = dynamoTable("Carts", { pk: string("pk") });

export const order = dynamoEntity(orders, "Order", {
  status: string(), customer: string(), day: number(), region: string(),
});
"#;

/// Sets the region of every order to that of its customer: reads one by one, writes 25 in parallel.
const REWRITE: &str = r##"
  let [count, batch] = [0, [] as Promise<unknown>[]];
  for await (const { pk, sk, customer, region } of db.scanItems({ TableName: "Orders" })) {
    if (region) continue;
    batch.push(
      db.update({
        TableName: "Orders",
        Key: { pk, sk },
        UpdateExpression: "SET #region = :region ADD rewrites :one",
        ExpressionAttributeNames: { "#region": "region" },
        ExpressionAttributeValues: { ":region": `region of ${customer}`, ":one": 1 },
      }),
    );
    if (batch.length < 25) continue;
    await Promise.all(batch);
    batch = [];
    count += 25;
  }
  await Promise.all(batch);
  db.log("rewrote", count + batch.length, "orders");
"##;

/// Counts the items: all of them, those with the correct region that were changed once, and those
/// in each index.
const LOOK_AT_ITEMS: &str = r#"
pages = client.get_paginator("scan").paginate(TableName="Orders")
items = [item for page in pages for item in page["Items"]]

def is_whole(item):
    n = int(item["sk"]["N"])
    return (item["pk"]["S"] == f"order {n}" and item["status"]["S"] == ["open", "paid", "sent"][n % 3]
            and item["customer"]["S"] == f"customer {n % 100}" and item["day"]["N"] == str(n % 365))

def is_rewritten(item):
    return item["rewrites"]["N"] == "1" and item["region"]["S"] == f"region of {item['customer']['S']}"

described = client.describe_table(TableName="Orders")["Table"]
indexes = [index["IndexName"] for index in described["GlobalSecondaryIndexes"]]
def count(index):
    pages = client.get_paginator("scan").paginate(TableName="Orders", IndexName=index, Select="COUNT")
    return sum(page["Count"] for page in pages)

result = {
    "whole": len({item["sk"]["N"] for item in items if is_whole(item)}),
    "rewritten": len([item for item in items if "rewrites" in item and is_rewritten(item)]),
    "untouched": len([item for item in items if "rewrites" not in item and "region" not in item]),
    "indexes": {index: count(index) for index in indexes},
}
"#;

/// Creates a project with the five migrations; the third rewrites the items before it creates the
/// index.
pub(crate) fn project() -> TempProject {
    let project = with_schema(SCHEMA);
    let generate = |migration: &str| {
        let (_, name) = migration.split_once('_').unwrap();
        let report = project.mizzle(["generate", "--json", "--name", name]).run().assert_code(0);
        assert_eq!(report.json()["migration"], migration);
    };
    let index = |line: &str| {
        project.replace("schema.ts", "  indexes: {\n", &format!("  indexes: {{\n{line}"));
    };
    generate(NAMES[0]);
    index("    byCustomer: gsi(\"customer\", \"day\"),\n");
    generate(NAMES[1]);
    index("    byRegion: gsi(\"region\", { projection: \"KEYS_ONLY\" }),\n");
    generate(NAMES[2]);
    let beginning = "export async function up(db: Database): Promise<void> {";
    let script = format!("migrations/{}.ts", NAMES[2]);
    project.replace(&script, beginning, &format!("{beginning}{REWRITE}"));
    project.replace(
        "mizzle.config.ts",
        "  endpoint",
        "  tables: { Orders: { timeToLive: \"expiresAt\", stream: \"NEW_IMAGE\" } },\n  endpoint",
    );
    generate(NAMES[3]);
    project.replace("schema.ts", "    byStatus: gsi(\"status\"),\n", "");
    let carts = "export const carts = dynamoTable(\"Carts\", { pk: string(\"pk\") });\n";
    project.replace("schema.ts", carts, "");
    generate(NAMES[4]);
    project
}

/// A project and its server.
struct Environment {
    project: TempProject,
    /// `None`: the embedded DynamoDB.
    remote: Option<Database>,
}

impl Environment {
    fn new(remote: Option<Database>) -> Self {
        let project = project();
        if let Some(database) = &remote {
            project.connect(database);
        }
        Self { project, remote }
    }

    fn look<T>(&self, look: impl FnOnce(&Boto3, &Database) -> T) -> T {
        let boto3 = Boto3::from_env();
        match &self.remote {
            Some(database) => look(&boto3, database),
            None => {
                let serving = self.project.mizzle(["local", "--port", "0"]).serve();
                look(&boto3, &serving.database())
            }
        }
    }

    fn mizzle(&self, arguments: &[&str]) -> MizzleCommand {
        self.project.mizzle(arguments).deadline(Duration::from_secs(180))
    }

    /// Runs the pending migrations up to one; it is the only one.
    fn migrate(&self, position: usize) {
        let to = position.to_string();
        let report =
            self.mizzle(&["migrate", "--json", "--to", &to, "--yes"]).run().assert_code(0).json();
        assert_eq!(report["outcome"], "applied");
        assert_eq!(report["migrations"].as_array().unwrap().len(), 1, "{report:#}");
        assert_eq!(report["migrations"][0]["name"], NAMES[position - 1]);
        assert_eq!(report["migrations"][0]["state"], "applied");
    }

    /// Asserts the number of applied migrations; the next one may have failed, the others are
    /// pending.
    fn assert_status(&self, applied: usize, failed: usize) {
        let code = if applied == NAMES.len() { 0 } else { 3 };
        let status = self.mizzle(&["status", "--json", "--exit-code"]).run().assert_code(code);
        let status = status.json();
        assert_eq!(status["applied"], json!(NAMES[..applied]), "{status:#}");
        let (failed, pending) = NAMES[applied..].split_at(failed);
        let names = status["failed"].as_array().unwrap().iter().map(|failed| &failed["name"]);
        assert_eq!(names.collect::<Vec<_>>(), failed, "{status:#}");
        assert_eq!(status["unfinished"], json!([]), "{status:#}");
        assert_eq!(status["pending"], json!(pending), "{status:#}");
        assert_eq!(status["problems"], json!([]), "{status:#}");
        assert_eq!(status["drift"], json!([]), "{status:#}");
        // Without the flag, pending work is not a failure.
        self.mizzle(&["status"]).run().assert_code(0);
    }

    /// Asserts boto3's description of the tables, in a short form.
    fn assert_tables(&self, expected: &Value) {
        let tables = self.look(|boto3, database| boto3.describe(database));
        let tables = tables.as_object().unwrap().iter();
        let tables =
            tables.filter(|(name, _)| *name != "mizzle_migrations").map(|(name, table)| {
                assert_eq!(table["TableStatus"], "ACTIVE");
                let indexes = table["GlobalSecondaryIndexes"].as_object().unwrap().iter();
                let indexes = indexes.map(|(name, index)| {
                    assert_eq!(index["IndexStatus"], "ACTIVE");
                    (name.clone(), json!([index["KeySchema"], index["Projection"]]))
                });
                let short = json!({
                    "key": table["KeySchema"],
                    "indexes": indexes.collect::<Map<_, _>>(),
                    "expiry": table["TimeToLiveDescription"]["AttributeName"],
                    "stream": table["StreamSpecification"]["StreamViewType"],
                });
                (name.clone(), short)
            });
        assert_eq!(Value::Object(tables.collect()), *expected);
    }

    fn put_items(&self) {
        self.look(|boto3, database| {
            boto3.run(
                database,
                &format!(
                    r#"
                    def order(n):
                        return {{"pk": {{"S": f"order {{n}}"}}, "sk": {{"N": str(n)}}, "status": {{"S": ["open", "paid", "sent"][n % 3]}},
                                "customer": {{"S": f"customer {{n % 100}}"}}, "day": {{"N": str(n % 365)}}}}

                    for first in range(0, {ITEMS}, 25):
                        puts = [{{"PutRequest": {{"Item": order(n)}}}} for n in range(first, first + 25)]
                        answer = client.batch_write_item(RequestItems={{"Orders": puts}})
                        assert not answer["UnprocessedItems"]
                    result = None
                    "#
                ),
            );
        });
    }

    /// Asserts that every item is complete, the number of rewritten ones, and that all are in these
    /// indexes.
    fn assert_items(&self, rewritten: usize, indexes: &[&str]) {
        let found = self.look(|boto3, database| boto3.run(database, LOOK_AT_ITEMS));
        let indexes: Map<String, Value> =
            indexes.iter().map(|index| ((*index).to_owned(), json!(ITEMS))).collect();
        let expected = json!({
            "whole": ITEMS,
            "rewritten": rewritten,
            "untouched": ITEMS - rewritten,
            "indexes": indexes,
        });
        assert_eq!(found, expected);
    }
}

/// Runs all five migrations in an empty environment.
fn live(remote: Option<Database>) {
    let environment = Environment::new(remote);
    let mut orders = json!({
        "key": ["pk HASH", "sk RANGE"],
        "indexes": { "byStatus": [["status HASH"], "ALL"] },
        "expiry": null,
        "stream": null,
    });
    let carts = json!({ "key": ["pk HASH"], "indexes": {}, "expiry": null, "stream": null });
    environment.assert_status(0, 0);
    environment.assert_tables(&json!({}));

    environment.migrate(1);
    environment.assert_status(1, 0);
    environment.assert_tables(&json!({ "Orders": orders, "Carts": carts }));
    environment.put_items();

    environment.migrate(2);
    environment.assert_status(2, 0);
    orders["indexes"]["byCustomer"] = json!([["customer HASH", "day RANGE"], "ALL"]);
    environment.assert_tables(&json!({ "Orders": orders, "Carts": carts }));
    environment.assert_items(0, &["byCustomer", "byStatus"]);

    let script = format!("migrations/{}.ts", NAMES[2]);
    let mistake = format!("    if (count === {BEFORE_FAILURE}) throw new Error(\"too many\");\n");
    let counted = "    count += 25;\n";
    environment.project.replace(&script, counted, &format!("{counted}{mistake}"));
    let failed = environment.mizzle(&["migrate", "--json", "--yes"]).run().assert_code(1);
    let failed = failed.json();
    assert_eq!(failed["migrations"][0]["state"], "failed", "{failed:#}");
    assert_eq!(failed["error"]["message"], "Error: too many");
    environment.assert_status(2, 1);
    environment.assert_tables(&json!({ "Orders": orders, "Carts": carts }));
    environment.assert_items(BEFORE_FAILURE, &["byCustomer", "byStatus"]);

    environment.project.replace(&script, &mistake, "");
    environment.migrate(3);
    environment.assert_status(3, 0);
    orders["indexes"]["byRegion"] = json!([["region HASH"], "KEYS_ONLY"]);
    environment.assert_tables(&json!({ "Orders": orders, "Carts": carts }));
    environment.assert_items(ITEMS, &["byCustomer", "byRegion", "byStatus"]);

    environment.migrate(4);
    environment.assert_status(4, 0);
    orders["expiry"] = json!("expiresAt");
    orders["stream"] = json!("NEW_IMAGE");
    environment.assert_tables(&json!({ "Orders": orders, "Carts": carts }));

    environment.migrate(5);
    environment.assert_status(5, 0);
    orders["indexes"].as_object_mut().unwrap().remove("byStatus");
    environment.assert_tables(&json!({ "Orders": orders }));
    environment.assert_items(ITEMS, &["byCustomer", "byRegion"]);
    let report = environment.mizzle(&["migrate", "--json", "--yes"]).run().assert_code(0).json();
    assert_eq!(report["outcome"], "in_sync");

    // An applied script must not change.
    environment.project.replace(&script, "batch.length < 25", "batch.length < 50");
    let refused = environment.mizzle(&["migrate", "--json", "--yes"]).run().assert_code(2).json();
    let problem = format!("{} was changed after it was applied (", NAMES[2]);
    assert_eq!(refused["error"]["kind"], "invalid-history");
    assert!(refused["error"]["message"].as_str().unwrap().starts_with(&problem), "{refused:#}");
    let status = environment.mizzle(&["status", "--json", "--exit-code"]).run().assert_code(3);
    let problems = status.json()["problems"].clone();
    assert!(problems[0].as_str().unwrap().starts_with(&problem), "{problems}");
    assert_eq!(problems.as_array().unwrap().len(), 1);
    environment.project.replace(&script, "batch.length < 50", "batch.length < 25");
    environment.assert_status(5, 0);
}

#[test]
fn five_migrations_and_a_thousand_items_on_the_embedded_server() {
    live(None);
}

#[test]
fn five_migrations_and_a_thousand_items_on_dynamodb_local() {
    live(Some(DynamoDbLocal::from_env().isolated()));
}

#[test]
fn five_migrations_and_a_thousand_items_on_moto() {
    live(Some(Moto::from_env().isolated()));
}
