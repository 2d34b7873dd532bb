//! A minimal DynamoDB client, and a way to wait: these tests need no SDK.

use serde_json::Value;
use std::{
    io::{Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

/// Sends one request and returns the HTTP status and the response.
pub(crate) fn call(
    endpoint: &str,
    operation: &str,
    input: &Value,
) -> std::io::Result<(u16, Value)> {
    let address = endpoint.strip_prefix("http://").expect("the embedded server speaks plain HTTP");
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    let body = input.to_string();
    write!(
        stream,
        "POST / HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
         Content-Type: application/x-amz-json-1.0\r\nContent-Length: {}\r\n\
         X-Amz-Target: DynamoDB_20120810.{operation}\r\nX-Amz-Date: 20250101T000000Z\r\n\
         Authorization: AWS4-HMAC-SHA256 Credential=local/20250101/us-east-1/dynamodb/aws4_request, \
         SignedHeaders=host;x-amz-date;x-amz-target, Signature=0\r\n\r\n{body}",
        body.len()
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let invalid = || std::io::Error::other(format!("not an HTTP answer: {answer:?}"));
    let (head, body) = answer.split_once("\r\n\r\n").ok_or_else(invalid)?;
    let status = head.split(' ').nth(1).and_then(|text| text.parse().ok()).ok_or_else(invalid)?;
    Ok((status, serde_json::from_str(body)?))
}

/// Like [`call`], for a request that must succeed.
#[track_caller]
pub(crate) fn ok(endpoint: &str, operation: &str, input: &Value) -> Value {
    let (status, answer) = call(endpoint, operation, input).expect("the server answers");
    assert_eq!(status, 200, "{operation}: {answer}");
    answer
}

/// Waits until `condition` returns a value.
#[track_caller]
pub(crate) fn eventually<T>(what: &str, mut condition: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        if let Some(value) = condition() {
            return value;
        }
        assert!(Instant::now() < deadline, "waited 30 s in vain: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}
