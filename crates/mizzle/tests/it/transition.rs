//! A project whose push from one state to another needs every kind of step, on several tables at
//! once.

use crate::support::BINARY;
use mizzle_test::{Boto3, Database, MizzleCommand, TempProject};
use serde_json::{Value, json};

const SCHEMA_BEFORE: &str = r#"import { dynamoEntity, dynamoTable, gsi, number, string } from "mizzle";

export const capped = dynamoTable("Capped", { pk: string("pk"), indexes: { byStatus: gsi("status") } });
export const governed = dynamoTable("Governed", { pk: string("pk") });
export const indexed = dynamoTable("Indexed", {
  pk: string("pk"),
  indexes: { byCustomer: gsi("customer"), byStatus: gsi("status") },
});
export const opened = dynamoTable("Opened", { pk: string("pk") });
export const paid = dynamoTable("Paid", { pk: string("pk"), indexes: { byStatus: gsi("status") } });
export const pruned = dynamoTable("Pruned", { pk: string("pk") });
export const replaced = dynamoTable("Replaced", { pk: string("pk"), indexes: { byStatus: gsi("status") } });
export const scaled = dynamoTable("Scaled", { pk: string("pk"), indexes: { byStatus: gsi("status") } });
export const streamed = dynamoTable("Streamed", { pk: string("pk") });

const columns = { status: string(), customer: string(), day: number() };
export const entities = [capped, indexed, paid, replaced, scaled].map((table) =>
  dynamoEntity(table, "Order", columns),
);
"#;

const SETTINGS_BEFORE: &str = r#"{
  Capped: { onDemandMaximum: { reads: 100, writes: 50 }, deletionProtection: true },
  Governed: {
    pointInTimeRecovery: true,
    tags: { team: "shop", cost: "1" },
    resourcePolicy: { Version: "2012-10-17", Statement: [allow("GetItem")] },
    encryption: "managed",
    tableClass: "STANDARD_INFREQUENT_ACCESS",
  },
  Opened: { stream: "NEW_IMAGE", timeToLive: "expiresAt", deletionProtection: false },
  Paid: { billingMode: "PAY_PER_REQUEST" },
  Pruned: { deletionProtection: true },
  Replaced: { deletionProtection: true },
  Scaled: { readCapacity: 5, writeCapacity: 5 },
  Streamed: { stream: "NEW_IMAGE", timeToLive: "expiresAt" },
}"#;

const SCHEMA_AFTER: &str = r#"import { dynamoEntity, dynamoTable, gsi, lsi, number, string } from "mizzle";

export const capped = dynamoTable("Capped", { pk: string("pk"), indexes: { byStatus: gsi("status") } });
export const created = dynamoTable("Created", {
  pk: string("pk"),
  sk: string("sk"),
  indexes: { byCustomer: gsi("customer", "day"), byStatus: gsi("status"), byDay: lsi("day") },
});
export const governed = dynamoTable("Governed", { pk: string("pk") });
export const indexed = dynamoTable("Indexed", {
  pk: string("pk"),
  indexes: { byCustomer: gsi("customer", "day"), byDay: gsi("day", { projection: ["status"] }) },
});
export const opened = dynamoTable("Opened", { pk: string("pk") });
export const paid = dynamoTable("Paid", { pk: string("pk"), indexes: { byStatus: gsi("status") } });
export const replaced = dynamoTable("Replaced", {
  pk: string("pk"),
  sk: number("sk"),
  indexes: { byStatus: gsi("status") },
});
export const scaled = dynamoTable("Scaled", { pk: string("pk"), indexes: { byStatus: gsi("status") } });
export const streamed = dynamoTable("Streamed", { pk: string("pk") });

const columns = { status: string(), customer: string(), day: number() };
export const entities = [capped, created, indexed, paid, replaced, scaled].map((table) =>
  dynamoEntity(table, "Order", columns),
);
"#;

/// The table with another key, in the schema before and in the schema after.
const REPLACED_BEFORE: &str =
    r#"dynamoTable("Replaced", { pk: string("pk"), indexes: { byStatus: gsi("status") } });"#;
const REPLACED_AFTER: &str = r#"dynamoTable("Replaced", {
  pk: string("pk"),
  sk: number("sk"),
  indexes: { byStatus: gsi("status") },
});"#;

const SETTINGS_AFTER: &str = r#"{
  Capped: { onDemandMaximum: { reads: 200, writes: 50 }, deletionProtection: false },
  Created: {
    readCapacity: 3,
    writeCapacity: 2,
    stream: "KEYS_ONLY",
    timeToLive: "expiresAt",
    pointInTimeRecovery: true,
    tableClass: "STANDARD_INFREQUENT_ACCESS",
    encryption: "managed",
    deletionProtection: true,
    tags: { team: "shop" },
    resourcePolicy: { Version: "2012-10-17", Statement: [allow("GetItem")] },
  },
  Governed: {
    pointInTimeRecovery: false,
    tags: { team: "store", stage: "test" },
    resourcePolicy: false,
    encryption: "owned",
    tableClass: "STANDARD",
  },
  Opened: {
    stream: false,
    timeToLive: false,
    pointInTimeRecovery: true,
    tags: { team: "shop" },
    resourcePolicy: { Version: "2012-10-17", Statement: [allow("Query")] },
    deletionProtection: true,
  },
  Paid: { readCapacity: 4, writeCapacity: 3 },
  Replaced: { deletionProtection: true, timeToLive: "expiresAt", tags: { team: "shop" } },
  Scaled: {
    readCapacity: 8,
    writeCapacity: 5,
    indexes: { byStatus: { readCapacity: 2, writeCapacity: 1 } },
    encryption: "managed",
    tableClass: "STANDARD_INFREQUENT_ACCESS",
  },
  Streamed: { stream: "NEW_AND_OLD_IMAGES", timeToLive: "deletedAt" },
}"#;

/// The SDK's default for the maximum number of attempts on a server on this machine.
pub(crate) const SDK_ATTEMPTS: usize = 3;

/// The fields of a config other than schema and tables.
#[derive(Debug, Clone)]
pub(crate) struct Connection {
    fields: String,
}

impl Connection {
    /// Returns the fields for the embedded DynamoDB.
    pub(crate) fn embedded() -> Self {
        Self { fields: "endpoint: \"local\",".to_owned() }
    }

    /// Returns the fields for a server.
    pub(crate) fn to(database: &Database) -> Self {
        Self::with_attempts(database, SDK_ATTEMPTS)
    }

    /// Returns the fields for a server, with a maximum number of attempts. With one attempt the SDK
    /// does not retry: faults reach mizzle's own code.
    pub(crate) fn with_attempts(database: &Database, attempts: usize) -> Self {
        Self { fields: format!("{}\n  maxAttempts: {attempts},", database.config_fields()) }
    }
}

/// Creates a project in the state before, with a migration for it.
pub(crate) fn before(connection: &Connection) -> TempProject {
    let project = known_before(connection);
    let report = project.mizzle(["push", "--yes", "--json"]).run().assert_code(0).json();
    assert_eq!(report["outcome"], "applied", "{report:#}");
    project
}

/// Creates a project whose first migration is the state before.
fn known_before(connection: &Connection) -> TempProject {
    let project = TempProject::new(BINARY);
    write(&project, connection, SCHEMA_BEFORE, SETTINGS_BEFORE);
    project.mizzle(["generate", "--name", "before"]).run().assert_code(0);
    project
}

/// Creates a project with a migration for either state; the table that would have to be replaced,
/// which scripts never do, keeps its key.
pub(crate) fn generated() -> TempProject {
    let project = known_before(&Connection::embedded());
    edit(&project, &Connection::embedded());
    project.replace("schema.ts", REPLACED_AFTER, REPLACED_BEFORE);
    project.mizzle(["generate", "--name", "after"]).run().assert_code(0);
    project
}

/// Writes the state after, for [`push`].
pub(crate) fn edit(project: &TempProject, connection: &Connection) {
    write(project, connection, SCHEMA_AFTER, SETTINGS_AFTER);
}

fn write(project: &TempProject, connection: &Connection, schema: &str, settings: &str) {
    project.write("schema.ts", schema);
    let fields = &connection.fields;
    project.write(
        "mizzle.config.ts",
        &format!(
            r#"const allow = (action: string) => ({{
  Effect: "Allow",
  Principal: {{ AWS: "arn:aws:iam::111122223333:root" }},
  Action: [`dynamodb:${{action}}`],
  Resource: "*",
}});

export default {{
  schema: "./schema.ts",
  out: "./migrations",
  {fields}
  tables: {settings},
}};
"#
        ),
    );
}

/// Creates the push from the state before to the state after.
pub(crate) fn push(project: &TempProject, flags: &[&str]) -> MizzleCommand {
    project.mizzle([&["push", "--yes", "--json", "--prune"], flags].concat())
}

/// Describes the tables with boto3, without their encryption keys, which differ between servers.
pub(crate) fn describe(database: &Database) -> Value {
    let mut tables = Boto3::from_env().describe(database);
    for table in tables.as_object_mut().unwrap().values_mut() {
        if let Some(encryption) = table.get_mut("SSEDescription").and_then(Value::as_object_mut) {
            encryption.shift_remove("KMSMasterKeyArn");
        }
    }
    tables
}

/// Returns the differences of two descriptions, by table and field; empty if they are the same.
pub(crate) fn differences(seen: &Value, reference: &Value) -> Vec<String> {
    let none = json!({});
    let mut differences = Vec::new();
    for table in names(seen, reference) {
        let of = |tables: &Value| tables.get(table).cloned();
        let (Some(seen), Some(reference)) = (of(seen), of(reference)) else {
            let word = if seen.get(table).is_some() { "is there" } else { "is missing" };
            differences.push(format!("{table} {word}"));
            continue;
        };
        for field in names(&seen, &reference) {
            let of = |table: &Value| table.get(field).unwrap_or(&none).to_string();
            if of(&seen) != of(&reference) {
                differences.push(format!(
                    "{table}.{field}: {} instead of {}",
                    of(&seen),
                    of(&reference)
                ));
            }
        }
    }
    differences
}

fn names<'a>(one: &'a Value, other: &'a Value) -> Vec<&'a String> {
    let names = [one, other].into_iter().filter_map(Value::as_object).flat_map(|all| all.keys());
    let mut names: Vec<&String> = names.collect();
    names.sort();
    names.dedup();
    names
}
