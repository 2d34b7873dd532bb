//! Tests the control plane, the data plane and the ledger against real servers, which
//! `cargo xtask test` starts; it passes their addresses.

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
        // Do not retry a server's 500.
        max_attempts: Some(1),
        ..Connection::default()
    };
    DynamoDb::connect(connection).await.unwrap()
}
