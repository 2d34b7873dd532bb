//! One table through more than twenty versions of its schema and config, on every server.
//!
//! After each push boto3, which is independent of mizzle, describes the whole table; then a second
//! push has to find no changes, and to send no writes.

mod at_once;
mod servers;
mod versions;

use crate::support::BINARY;
use mizzle_test::TempProject;
use serde_json::{Value, json};
use servers::{Server, dynamodb_local, ministack, moto};
use std::collections::BTreeMap;
use versions::versions;

/// The schema and the settings of one version.
#[derive(Clone)]
struct Project {
    indexes: BTreeMap<&'static str, &'static str>,
    sort_key: &'static str,
    settings: BTreeMap<&'static str, Value>,
}

impl Project {
    fn write(&self, project: &TempProject) {
        let indexes: Vec<String> =
            self.indexes.iter().map(|(name, index)| format!("    {name}: {index},\n")).collect();
        project.write(
            "schema.ts",
            &format!(
                r#"import {{ dynamoEntity, dynamoTable, gsi, lsi, number, string }} from "mizzle";

export const orders = dynamoTable("Orders", {{
  pk: string("pk"),
  sk: {},
  indexes: {{
{}  }},
}});

export const order = dynamoEntity(orders, "Order", {{
  status: string(), customer: string(), email: string(), region: string(), total: number(), day: number(),
}});
"#,
                self.sort_key,
                indexes.concat()
            ),
        );
        let settings = serde_json::to_string(&self.settings).unwrap();
        project.write("settings.json", &settings);
    }
}

fn index(key: &[&str], projection: &Value) -> Value {
    json!({ "KeySchema": key, "Projection": projection, "IndexStatus": "ACTIVE" })
}

fn capacity(read: u32, write: u32) -> Value {
    json!({ "ReadCapacityUnits": read, "WriteCapacityUnits": write })
}

/// Creates a project for the embedded DynamoDB before its first version.
fn begin() -> (TempProject, Project) {
    let project = TempProject::new(BINARY);
    project.write(
        "mizzle.config.ts",
        r#"import { readFileSync } from "node:fs";

export default {
  schema: "./schema.ts",
  out: "./migrations",
  endpoint: "local",
  maxAttempts: 1,
  tables: { Orders: JSON.parse(readFileSync("./settings.json", "utf8")) },
};
"#,
    );
    let version = Project {
        indexes: [("byStatus", r#"gsi("status")"#), ("byDay", r#"lsi("day")"#)].into(),
        sort_key: r#"string("sk")"#,
        settings: BTreeMap::new(),
    };
    (project, version)
}

/// Returns boto3's description of the table in the first version.
fn table() -> Value {
    json!({
        "TableStatus": "ACTIVE",
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": { "pk": "S", "sk": "S", "status": "S", "day": "N" },
        "KeySchema": ["pk HASH", "sk RANGE"],
        "GlobalSecondaryIndexes": { "byStatus": index(&["status HASH"], &json!("ALL")) },
        "LocalSecondaryIndexes": {
            "byDay": { "KeySchema": ["pk HASH", "day RANGE"], "Projection": "ALL" },
        },
    })
}

/// Creates the project of the walk with a migration for every version that has one. Also returns
/// the names of the others.
pub(crate) fn generated() -> (TempProject, Vec<&'static str>) {
    let (project, mut state) = begin();
    let mut expected = table();
    let mut without = Vec::new();
    versions(|name, change| {
        change(&mut state, &mut expected);
        state.write(&project);
        let report = project.mizzle(["generate", "--yes", "--json"]).run().json();
        if report["migration"].is_null() {
            without.push(name);
        }
    });
    (project, without)
}

/// A walk on one server: the state of the project, and the expected table.
struct Walk {
    server: Server,
    project: TempProject,
    version: Project,
    expected: Value,
    done: usize,
}

impl Walk {
    fn begin(server: Server) -> Self {
        let (project, version) = begin();
        server.connect(&project);
        Self { server, project, version, expected: table(), done: 0 }
    }

    /// Tests the next version: `change` edits the project and the expected table.
    fn version(&mut self, name: &str, change: impl FnOnce(&mut Project, &mut Value)) {
        let server = self.server.name;
        change(&mut self.version, &mut self.expected);
        self.version.write(&self.project);
        let report = self.project.mizzle(["push", "--yes", "--json"]).run().assert_code(0).json();
        assert!(
            ["applied", "in_sync"].contains(&report["outcome"].as_str().unwrap()),
            "{server}, {name}: {report:#}"
        );
        let seen = self.server.describe(&self.project);
        let held = self.server.holds(&self.expected);
        let seen = self.server.holds(&seen);
        let differing = |field: &&String| seen.get(field) != held.get(field);
        let fields = [&seen, &held].into_iter().flat_map(|table| table.as_object().unwrap().keys());
        let differences: Vec<String> = fields
            .filter(differing)
            .map(|field| format!("{field}: {:?}, not {:?}", seen.get(field), held.get(field)))
            .collect();
        assert!(
            differences.is_empty(),
            "{server}, {name}:\n{}\n{report:#}",
            differences.join("\n")
        );
        self.assert_in_sync(name);
        self.done += 1;
    }

    fn assert_in_sync(&self, name: &str) {
        self.server.forget_requests();
        let report = self.project.mizzle(["push", "--yes", "--json"]).run().assert_code(0).json();
        let server = self.server.name;
        assert_eq!(report["outcome"], "in_sync", "{server}, {name}: {report:#}");
        assert_eq!(report["plan"]["steps"], json!([]), "{server}, {name}");
        assert_eq!(self.server.writes(), [], "{server}, {name}");
    }

    fn leaves_capacity_alone(&mut self) {
        self.server.run(
            &self.project,
            r#"
            client.update_table(TableName="Orders", ProvisionedThroughput={"ReadCapacityUnits": 9, "WriteCapacityUnits": 9})
            result = None
            "#,
        );
        self.expected["ProvisionedThroughput"] = capacity(9, 9);
        self.assert_in_sync("somebody has set the capacity");
        assert_eq!(
            self.server.describe(&self.project)["ProvisionedThroughput"],
            capacity(9, 9),
            "{}: what is autoscaled is left alone",
            self.server.name
        );
    }
}

/// Tests all versions on one server. Returns the number of versions that it supports.
fn walk(server: Server) -> usize {
    let mut walk = Walk::begin(server);
    versions(|name, change| {
        if walk.server.skips.contains(&name) {
            return;
        }
        walk.version(name, change);
        match (name, walk.server.name) {
            ("capacity that somebody else sets", _) => walk.leaves_capacity_alone(),
            ("warm throughput", "moto") => {
                let warm = &walk.server.describe(&walk.project)["WarmThroughput"];
                assert_eq!(*warm, walk.expected["WarmThroughput"], "moto");
            }
            _ => {}
        }
    });
    walk.done
}

#[test]
fn a_table_walks_through_every_change_on_the_embedded_server() {
    assert!(walk(Server::embedded()) >= 20);
}

#[test]
fn a_table_walks_through_every_change_on_dynamodb_local() {
    assert!(walk(dynamodb_local()) >= 20);
}

#[test]
fn a_table_walks_through_every_change_on_ministack() {
    assert!(walk(ministack()) >= 20);
}

#[test]
fn a_table_walks_through_every_change_on_moto() {
    assert!(walk(moto()) >= 20);
}
