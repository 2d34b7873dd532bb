//! Control plane, data plane and ledger against real servers that are somebody else's to start:
//! `cargo xtask test` does, and says where they are.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod dynamodb_local;
mod dynamodb_local_items;
mod ministack;
mod ministack_items;
mod moto;
mod moto_items;
mod probe;
mod settings;
#[path = "../support/mod.rs"]
mod support;

use mizzle_aws::{Connection, DynamoDb, StaticCredentials};
use mizzle_test::Database;

async fn connect(database: Database) -> DynamoDb {
    let Database { endpoint, access_key, secret_key, region } = database;
    let connection = Connection {
        endpoint: Some(endpoint),
        region: Some(region),
        credentials: Some(StaticCredentials {
            access_key_id: access_key,
            secret_access_key: secret_key.into(),
            session_token: None,
        }),
        // What the servers answer with a 500 stays as it is.
        max_attempts: Some(1),
        ..Connection::default()
    };
    DynamoDb::connect(connection).await.unwrap()
}
