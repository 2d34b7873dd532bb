//! Requests that the server rejects: web pages, other hosts, and clients without end.

use crate::http::{call, ok};
use mizzle_local::{Embedded, Store};
use serde_json::json;
use std::{
    io::{Read, Write},
    net::TcpStream,
};
use tokio::{runtime::Runtime, task::spawn_blocking};

/// Sends raw bytes and returns the whole response.
fn raw(address: &str, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    // The server may close the connection before it has read all bytes.
    let _ = stream.write_all(request);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8(answer).unwrap()
}

/// Returns a `ListTables` request with these lines in its head.
fn list_tables(method: &str, lines: &str) -> Vec<u8> {
    let signature = "AWS4-HMAC-SHA256 Credential=x/20250101/us-east-1/dynamodb/aws4_request, \
                     SignedHeaders=host, Signature=0";
    format!(
        "{method} / HTTP/1.1\r\nConnection: close\r\nContent-Type: application/x-amz-json-1.0\r\n\
         X-Amz-Target: DynamoDB_20120810.ListTables\r\nX-Amz-Date: 20250101T000000Z\r\n\
         Authorization: {signature}\r\nContent-Length: 2\r\n{lines}\r\n\r\n{{}}"
    )
    .into_bytes()
}

fn serve() -> (Runtime, Embedded, String) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let embedded = runtime.block_on(Store::in_memory().unwrap().spawn()).unwrap();
    let address = embedded.endpoint().strip_prefix("http://").unwrap().to_owned();
    (runtime, embedded, address)
}

#[test]
fn no_web_page_of_another_host_is_answered() {
    let (_runtime, _embedded, address) = serve();
    let port = address.rsplit(':').next().unwrap();
    for (method, lines, status) in [
        ("POST", "Host: 127.0.0.1:PORT", 200),
        ("POST", "Host: localhost:PORT", 200),
        ("POST", "Host: LOCALHOST:PORT", 200),
        ("POST", "Host: [::1]:PORT", 200),
        ("POST", "Host: localhost:PORT\r\nOrigin: http://localhost:3000", 200),
        ("POST", "Host: localhost:PORT\r\nOrigin: http://127.0.0.1:PORT", 200),
        ("POST", "Host: localhost:PORT\r\nSec-Fetch-Site: same-origin", 200),
        ("POST", "Host: evil.example:PORT", 403),
        ("POST", "Host: evil.example", 403),
        ("POST", "Host: localhost.evil.example:PORT", 403),
        ("POST", "Host: localhost:1", 403),
        ("POST", "Host: localhost", 403),
        ("POST", "Host: 127.0.0.1.:PORT", 403),
        ("POST", "Host: [::]:PORT", 403),
        ("POST", "Host: a@localhost:PORT", 403),
        ("POST", "Host: localhost:PORT\r\nHost: evil.example", 403),
        ("POST", "X-Nothing: 1", 403),
        ("POST", "Host: localhost:PORT\r\nOrigin: http://evil.example", 403),
        ("POST", "Host: localhost:PORT\r\nOrigin: http://localhost.evil.example", 403),
        ("POST", "Host: localhost:PORT\r\nOrigin: http://evil.example@x", 403),
        ("POST", "Host: localhost:PORT\r\nOrigin: null", 403),
        ("POST", "Host: localhost:PORT\r\nSec-Fetch-Site: cross-site", 403),
        ("GET", "Host: localhost:PORT", 200),
        ("GET", "Host: localhost:PORT\r\nSec-Fetch-Site: cross-site", 403),
        ("GET", "Host: evil.example:PORT", 403),
        ("OPTIONS", "Host: localhost:PORT\r\nOrigin: http://localhost:3000", 403),
        ("OPTIONS", "Host: localhost:PORT", 403),
        ("PUT", "Host: localhost:PORT", 404),
    ] {
        let lines = lines.replace("PORT", port);
        let answer = raw(&address, &list_tables(method, &lines));
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{method} {lines}: {answer}");
        assert!(!answer.to_ascii_lowercase().contains("access-control"), "{answer}");
    }
    // A page may send these types without a preflight request.
    let request = String::from_utf8(list_tables("POST", &format!("Host: {address}"))).unwrap();
    let request = request.replace("application/x-amz-json-1.0", "text/plain");
    assert!(raw(&address, request.as_bytes()).starts_with("HTTP/1.1 404 "));
}

#[test]
fn what_has_no_end_is_refused_and_stops_nobody() {
    let (_runtime, embedded, address) = serve();
    let head = format!("POST / HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n");
    let told = raw(&address, format!("{head}Content-Length: 16777217\r\n\r\n").as_bytes());
    assert!(told.starts_with("HTTP/1.1 413 "), "{told}");
    let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x1_0000));
    let endless = format!("{head}Transfer-Encoding: chunked\r\n\r\n{}", chunk.repeat(257));
    let untold = raw(&address, endless.as_bytes());
    assert!(untold.starts_with("HTTP/1.1 413 ") || untold.is_empty(), "{untold}");
    let long = format!("{head}X-Long: {}\r\n\r\n", "x".repeat(0x2_0000));
    assert!(!raw(&address, long.as_bytes()).starts_with("HTTP/1.1 2"));
    let many = format!("{head}{}\r\n", "X-Many: 1\r\n".repeat(1000));
    assert!(!raw(&address, many.as_bytes()).starts_with("HTTP/1.1 2"));

    // Heads and bodies that never arrive, and responses that are never read.
    let slow: Vec<TcpStream> = (0..100)
        .map(|_| {
            let mut stream = TcpStream::connect(&address).unwrap();
            stream.write_all(format!("{head}Content-Length: 9\r\n").as_bytes()).unwrap();
            stream
        })
        .collect();
    let listed = ok(embedded.endpoint(), "ListTables", &json!({}));
    assert_eq!(listed, json!({ "TableNames": [] }));
    drop(slow);
}

#[tokio::test]
async fn the_server_needs_no_thread_of_the_runtime() {
    let embedded = Store::in_memory().unwrap().spawn().await.unwrap();
    let endpoint = embedded.endpoint().to_owned();
    let asked = move || call(&endpoint, "ListTables", &json!({})).unwrap();
    assert_eq!(spawn_blocking(asked).await.unwrap().0, 200);
    embedded.shutdown().await;
}
