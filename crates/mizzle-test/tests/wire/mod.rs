//! A minimal client: one request on one connection, no retries.

#![allow(dead_code, reason = "not every test that includes this client needs all of it")]

use mizzle_test::Database;
use serde_json::Value;
use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

/// The response on the connection until it was closed.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// The value of `Content-Length`.
    pub(crate) announced: usize,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("the body is JSON")
    }

    /// Returns the name of the error in the answer.
    pub(crate) fn error(&self) -> String {
        assert_ne!(self.status, 200, "{self:?}");
        let body = self.json();
        let code = body["__type"].as_str().expect("an error has a type");
        code.rsplit('#').next().unwrap_or(code).to_owned()
    }
}

/// Sends a request to a database; `None` if the connection was closed without an answer.
pub(crate) fn ask(database: &Database, operation: &str, input: &Value) -> Option<Answer> {
    receive(send(database, operation, input))
}

/// Sends a request to a database without waiting for the answer; returns the connection.
pub(crate) fn send(database: &Database, operation: &str, input: &Value) -> TcpStream {
    let address = database.endpoint.strip_prefix("http://").expect("it is plain HTTP");
    send_to(address, "/", address, database, operation, input)
}

/// Sends a request through an HTTP proxy, as if the database were at `host`.
pub(crate) fn ask_through_proxy(
    proxy: &str,
    host: &str,
    database: &Database,
    operation: &str,
    input: &Value,
) -> Option<Answer> {
    let proxy = proxy.strip_prefix("http://").expect("it is plain HTTP");
    receive(send_to(proxy, &format!("http://{host}/"), host, database, operation, input))
}

fn send_to(
    address: &str,
    target: &str,
    host: &str,
    database: &Database,
    operation: &str,
    input: &Value,
) -> TcpStream {
    let body = input.to_string();
    let request = format!(
        "POST {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {}\r\n\
         Content-Type: application/x-amz-json-1.0\r\nX-Amz-Date: 20250101T000000Z\r\n\
         X-Amz-Target: DynamoDB_20120810.{operation}\r\n\
         Authorization: AWS4-HMAC-SHA256 Credential={}/20250101/{}/dynamodb/aws4_request, \
         SignedHeaders=host, Signature=0\r\n\r\n{body}",
        body.len(),
        database.access_key,
        database.region,
    );
    let mut connection = TcpStream::connect(address).expect("the server listens");
    connection.set_read_timeout(Some(Duration::from_secs(30))).expect("it is not zero");
    connection.write_all(request.as_bytes()).expect("the server reads");
    connection
}

fn receive(mut connection: TcpStream) -> Option<Answer> {
    let mut bytes = Vec::new();
    connection.read_to_end(&mut bytes).expect("the server closes the connection in order");
    if bytes.is_empty() {
        return None;
    }
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").expect("the headers end");
    let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    let announced = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    Some(Answer {
        status: status.expect("there is a status"),
        announced: announced.map_or(0, |length| length.parse().expect("it is a number")),
        body: bytes.split_off(end + 4),
    })
}
