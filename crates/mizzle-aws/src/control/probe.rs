//! Whether it is DynamoDB that listens somewhere.

use crate::{client::DynamoDb, connect::Connection};
use mizzle_core::apply::ServiceErrorKind;
use std::time::Duration;

/// Any region will do: it only becomes a part of the signature.
const REGION: &str = "us-east-1";

/// Whether a DynamoDB answers at an endpoint of this machine within a time. It is asked once for the
/// name of a table, with made-up credentials; whatever else listens there does not answer as DynamoDB
/// does.
pub async fn is_dynamodb(endpoint: &str, patience: Duration) -> bool {
    let connection = Connection {
        endpoint: Some(endpoint.to_owned()),
        region: Some(REGION.to_owned()),
        max_attempts: Some(1),
        ..Connection::default()
    };
    let Ok(server) = DynamoDb::connect(connection).await else { return false };
    if !server.target().is_local {
        return false;
    }
    let answer = tokio::time::timeout(patience, server.client.list_tables().limit(1).send());
    let Ok(answer) = answer.await else { return false };
    match server.request("ListTables", None).answered(answer) {
        // Any JSON object can be read as an answer, but DynamoDB has a list in it, be it empty.
        Ok(page) => page.table_names.is_some(),
        // One that knows its users is one all the same.
        Err(error) => matches!(
            error.kind,
            ServiceErrorKind::Credentials
                | ServiceErrorKind::ExpiredCredentials
                | ServiceErrorKind::AccessDenied
        ),
    }
}
