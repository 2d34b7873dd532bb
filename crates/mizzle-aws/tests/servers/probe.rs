//! Detection of real servers.

use mizzle_aws::is_dynamodb;
use mizzle_test::{DynamoDbLocal, Ministack, Moto};
use std::time::Duration;

#[tokio::test]
async fn every_server_is_recognised() {
    for database in [DynamoDbLocal::from_env(), Ministack::from_env(), Moto::from_env()] {
        let endpoint = database.isolated().endpoint;
        assert!(is_dynamodb(&endpoint, Duration::from_secs(30)).await, "{endpoint}");
    }
}
