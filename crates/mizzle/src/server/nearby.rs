//! The servers that listen on this machine.

use futures_util::future::join_all;
use mizzle_aws::is_dynamodb;
use std::time::Duration;

/// The timeout of a request. A port on which nothing listens refuses the connection at once.
const PATIENCE: Duration = Duration::from_secs(1);

/// Returns the endpoints on this machine where a DynamoDB responds, in the order of the ports. All
/// ports are checked concurrently.
pub(crate) async fn nearby(ports: &[u16]) -> Vec<String> {
    let asked = ports.iter().map(async |port| {
        let endpoint = format!("http://127.0.0.1:{port}");
        is_dynamodb(&endpoint, PATIENCE).await.then_some(endpoint)
    });
    join_all(asked).await.into_iter().flatten().collect()
}
