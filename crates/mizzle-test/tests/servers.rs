//! DynamoDB Local and boto3, as `cargo xtask test` provides them.

use mizzle_test::{Boto3, Database, DynamoDbLocal};
use serde_json::{Value, json};
use std::{
    io::{Read, Write},
    net::TcpStream,
};

/// One raw request, so that nothing but the server stands between the test and boto3.
fn create_table(database: &Database, input: &Value) {
    let address = database.endpoint.strip_prefix("http://").expect("it is plain HTTP");
    let body = input.to_string();
    let request = format!(
        "POST / HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {}\r\n\
         Content-Type: application/x-amz-json-1.0\r\n\
         X-Amz-Target: DynamoDB_20120810.CreateTable\r\n\
         Authorization: AWS4-HMAC-SHA256 Credential={}/20250101/{}/dynamodb/aws4_request, \
         SignedHeaders=host, Signature=0\r\n\r\n{body}",
        body.len(),
        database.access_key,
        database.region,
    );
    let mut connection = TcpStream::connect(address).expect("the server listens");
    connection.write_all(request.as_bytes()).expect("the server reads");
    let mut answer = String::new();
    connection.read_to_string(&mut answer).expect("the server answers");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[test]
fn boto3_sees_keys_indexes_projections_and_billing() {
    let database = DynamoDbLocal::from_env().isolated();
    create_table(
        &database,
        &json!({
            "TableName": "Shop",
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [
                { "AttributeName": "sk", "AttributeType": "N" },
                { "AttributeName": "pk", "AttributeType": "S" },
                { "AttributeName": "email", "AttributeType": "B" },
                { "AttributeName": "total", "AttributeType": "N" },
            ],
            "KeySchema": [
                { "AttributeName": "pk", "KeyType": "HASH" },
                { "AttributeName": "sk", "KeyType": "RANGE" },
            ],
            "GlobalSecondaryIndexes": [{
                "IndexName": "byEmail",
                "KeySchema": [{ "AttributeName": "email", "KeyType": "HASH" }],
                "Projection": { "ProjectionType": "INCLUDE", "NonKeyAttributes": ["b", "a"] },
            }],
            "LocalSecondaryIndexes": [{
                "IndexName": "byTotal",
                "KeySchema": [
                    { "AttributeName": "pk", "KeyType": "HASH" },
                    { "AttributeName": "total", "KeyType": "RANGE" },
                ],
                "Projection": { "ProjectionType": "KEYS_ONLY" },
            }],
        }),
    );
    assert_eq!(
        Boto3::from_env().describe(&database),
        json!({
            "Shop": {
                "TableStatus": "ACTIVE",
                "BillingMode": "PAY_PER_REQUEST",
                "AttributeDefinitions": { "email": "B", "pk": "S", "sk": "N", "total": "N" },
                "KeySchema": ["pk HASH", "sk RANGE"],
                "GlobalSecondaryIndexes": {
                    "byEmail": {
                        "KeySchema": ["email HASH"],
                        "Projection": ["a", "b"],
                        "IndexStatus": "ACTIVE",
                    },
                },
                "LocalSecondaryIndexes": {
                    "byTotal": { "KeySchema": ["pk HASH", "total RANGE"], "Projection": "KEYS_ONLY" },
                },
            },
        })
    );
}

#[test]
fn isolated_databases_do_not_see_each_other() {
    let server = DynamoDbLocal::from_env();
    let (one, other) = (server.isolated(), server.isolated());
    create_table(
        &one,
        &json!({
            "TableName": "Users",
            "AttributeDefinitions": [{ "AttributeName": "pk", "AttributeType": "S" }],
            "KeySchema": [{ "AttributeName": "pk", "KeyType": "HASH" }],
            "ProvisionedThroughput": { "ReadCapacityUnits": 1, "WriteCapacityUnits": 1 },
        }),
    );
    let boto3 = Boto3::from_env();
    assert_eq!(boto3.describe(&one)["Users"]["BillingMode"], "PROVISIONED");
    assert_eq!(boto3.describe(&other), json!({}));
}
