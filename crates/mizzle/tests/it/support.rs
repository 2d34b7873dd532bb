//! Projects to run the binary in.

use mizzle_test::{Boto3, Database, TempProject};

/// The binary under test.
pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_mizzle");

/// A config for the embedded DynamoDB, with the schema in one file.
pub(crate) const CONFIG: &str = r#"export default {
  schema: "./schema.ts",
  out: "./migrations",
  endpoint: "local",
};
"#;

/// A schema with one table, one entity and three indexes.
pub(crate) const SCHEMA: &str = r#"import { dynamoTable, dynamoEntity, gsi, lsi, number, prefixKey, string, uuid } from "mizzle";

export const shop = dynamoTable("Shop", {
  pk: string("pk"),
  sk: string("sk"),
  indexes: {
    byEmail: gsi("email"),
    byStatus: gsi("status", "createdAt"),
    byDate: lsi("createdAt"),
  },
});

export const orders = dynamoEntity(
  shop,
  "Order",
  { id: uuid(), email: string(), status: string(), createdAt: number(), total: number() },
  (c) => ({ pk: prefixKey("ORDER#", c.id), sk: prefixKey("AT#", c.createdAt) }),
);
"#;

/// Adds two indexes to [`SCHEMA`], and removes one.
pub(crate) fn edit(project: &TempProject) {
    project.replace("schema.ts", "    byEmail: gsi(\"email\"),\n", "    byTotal: gsi(\"status\", \"total\", { projection: [\"email\"] }),\n    byAge: gsi(\"createdAt\", { projection: \"KEYS_ONLY\" }),\n");
}

/// Creates a project with [`CONFIG`] and [`SCHEMA`].
pub(crate) fn shop() -> TempProject {
    with_schema(SCHEMA)
}

/// Creates the project of [`shop`] with two migrations: the table, and its [`edit`].
pub(crate) fn shop_with_history() -> TempProject {
    let project = shop();
    project.mizzle(["generate", "--name", "init"]).run().assert_code(0);
    edit(&project);
    project.mizzle(["generate", "--name", "edit"]).run().assert_code(0);
    project
}

/// Creates a project with [`CONFIG`] and another schema.
pub(crate) fn with_schema(schema: &str) -> TempProject {
    let project = TempProject::new(BINARY);
    project.write("mizzle.config.ts", CONFIG);
    project.write("schema.ts", schema);
    project
}

/// Takes the lock of an existing ledger for another runner, and keeps it.
pub(crate) fn lock(database: &Database) {
    Boto3::from_env().run(
        database,
        r#"
        from boto3.dynamodb.types import TypeSerializer
        owner = {"user": "ada", "host": "build-7", "pid": 7, "command": "mizzle migrate", "since": 0}
        lock = {"id": "lock", "token": "theirs", "beat": 0, "leaseMs": 600000, "owner": owner}
        item = {name: TypeSerializer().serialize(value) for name, value in lock.items()}
        client.put_item(TableName="mizzle_migrations", Item=item)
        result = None
        "#,
    );
}
