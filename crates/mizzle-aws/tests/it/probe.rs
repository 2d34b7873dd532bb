//! Detection of DynamoDB at an endpoint.

use crate::{
    embedded,
    fake::{Answer, Fake},
};
use mizzle_aws::is_dynamodb;
use std::{
    net::TcpListener,
    time::{Duration, Instant},
};

const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::test]
async fn the_embedded_server_is_one() {
    let (embedded, _) = embedded::start().await;
    assert!(is_dynamodb(embedded.endpoint(), PATIENCE).await);
    embedded.shutdown().await;
}

#[tokio::test]
async fn it_is_known_by_its_answers() {
    for (answer, expected) in [
        (Answer::no_tables(), true),
        (Answer::json(200, r#"{"TableNames":["a"],"LastEvaluatedTableName":"a"}"#), true),
        (Answer::error(400, "UnrecognizedClientException", "Who?"), true),
        (Answer::error(400, "AccessDeniedException", "No"), true),
        (Answer::json(200, "{}"), false),
        (Answer::json(200, r#"{"ok":true}"#), false),
        (Answer::http(200, "text/html", "<!doctype html>"), false),
        (Answer::http(404, "text/plain", "Not found"), false),
        (Answer::json(403, r#"{"error":"forbidden"}"#), false),
        (Answer::json(500, r#"{"__type":"InternalFailure","message":"no such service"}"#), false),
        (Answer::Raw("220 mail.example.com ESMTP\r\n".to_owned()), false),
    ] {
        let fake = Fake::start(vec![answer.clone()]);
        assert_eq!(is_dynamodb(&fake.endpoint(), PATIENCE).await, expected, "{answer:?}");
        assert_eq!(fake.operations(), ["ListTables"], "{answer:?}");
    }
}

#[tokio::test]
async fn silence_is_given_up_in_time() {
    let fake = Fake::start(vec![Answer::Silence]);
    let start = Instant::now();
    assert!(!is_dynamodb(&fake.endpoint(), Duration::from_millis(50)).await);
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}

#[tokio::test]
async fn nobody_is_nobody_and_others_are_not_asked() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    assert!(!is_dynamodb(&format!("http://{free}"), PATIENCE).await);
    assert!(!is_dynamodb("http://dynamodb.invalid:8000", PATIENCE).await);
    assert!(!is_dynamodb("nonsense", PATIENCE).await);
}
