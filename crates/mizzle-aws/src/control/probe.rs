//! Detects DynamoDB at an endpoint.

use crate::{client::DynamoDb, connect::Connection};
use mizzle_core::apply::ServiceErrorKind;
use std::time::Duration;

/// An arbitrary region: it only becomes a part of the signature.
const REGION: &str = "us-east-1";

/// True if DynamoDB responds at an endpoint of this machine before the timeout. Sends one
/// `ListTables` with made-up credentials; the response of any other server differs from
/// DynamoDB's.
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
        // Any JSON object parses as a response, but DynamoDB always includes a list, even an empty
        // one.
        Ok(page) => page.table_names.is_some(),
        // A server that checks credentials is DynamoDB, too.
        Err(error) => matches!(
            error.kind,
            ServiceErrorKind::Credentials
                | ServiceErrorKind::ExpiredCredentials
                | ServiceErrorKind::AccessDenied
        ),
    }
}
