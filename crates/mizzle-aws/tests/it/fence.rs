//! Requests that are sent to a server behind a fence.

use crate::{
    failures::connect,
    fake::{Answer, Fake, body},
    support::{attribute, create},
};
use futures_util::{FutureExt, future::BoxFuture};
use mizzle_aws::DynamoDb;
use mizzle_core::{
    apply::{ControlPlane, DataOperation, DataPlane, Fence, Fenced, ServiceErrorKind},
    model::{AuxiliarySettings, KeySchemaElement, ScalarType, TableDefinition},
    plan::Call,
};
use serde_json::{Value, json};
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

/// A fence with given states. It is open once there is none left.
#[derive(Debug)]
struct Told {
    is_open: Mutex<VecDeque<bool>>,
    opens: bool,
}

impl Fence for Told {
    fn is_open(&self) -> bool {
        self.is_open.lock().unwrap().pop_front().unwrap_or(true)
    }

    fn open(&self) -> BoxFuture<'_, Result<(), Fenced>> {
        let opened = self.opens.then_some(()).ok_or(Fenced { reason: "it is over".to_owned() });
        async { opened }.boxed()
    }
}

/// Returns the server behind a fence with a state for each attempt, which can or cannot be opened.
async fn fenced(fake: &Fake, is_open: &[bool], opens: bool) -> DynamoDb {
    let is_open = Mutex::new(is_open.iter().copied().collect());
    let server = connect(fake.endpoint(), Some(3)).await;
    server.fenced(Arc::new(Told { is_open, opens }))
}

fn item(number: u32) -> Value {
    json!({ "id": { "N": number.to_string() } })
}

/// Returns a request of a write operation.
fn write(operation: DataOperation) -> Value {
    match operation {
        DataOperation::Put => json!({ "TableName": "Items", "Item": item(1) }),
        DataOperation::Update | DataOperation::Delete => {
            json!({ "TableName": "Items", "Key": item(1) })
        }
        DataOperation::BatchWrite => {
            let puts: Vec<_> =
                (0..75).map(|n| json!({ "PutRequest": { "Item": item(n) } })).collect();
            json!({ "RequestItems": { "Items": puts } })
        }
        DataOperation::TransactWrite => {
            json!({ "TransactItems": [{ "Put": { "TableName": "Items", "Item": item(1) } }] })
        }
        DataOperation::Get
        | DataOperation::Query
        | DataOperation::Scan
        | DataOperation::BatchGet => {
            unreachable!("it reads")
        }
    }
}

fn writes() -> impl Iterator<Item = DataOperation> {
    DataOperation::ALL.into_iter().filter(|operation| operation.is_write())
}

#[tokio::test]
async fn no_write_of_items_leaves_while_it_is_closed() {
    for operation in writes() {
        let fake = Fake::start(vec![Answer::json(200, "{}")]);
        let server = fenced(&fake, &[false], false).await;
        let error = server.data(operation, &write(operation)).await.unwrap_err();
        assert_eq!(error.kind, ServiceErrorKind::Fenced, "{operation:?}");
        assert_eq!(error.message, "not sent: it is over");
        assert_eq!(fake.requests().len(), 0, "{operation:?}");
    }
}

#[tokio::test]
async fn what_was_kept_back_leaves_once_it_is_open() {
    for operation in writes() {
        let fake = Fake::start(vec![Answer::json(200, "{}")]);
        let server = fenced(&fake, &[false, false, true], true).await;
        server.data(operation, &write(operation)).await.unwrap();
        let requests = if operation == DataOperation::BatchWrite { 3 } else { 1 };
        assert_eq!(fake.requests().len(), requests, "{operation:?}");
    }
}

#[tokio::test]
async fn every_attempt_asks() {
    for (operation, failure) in writes().flat_map(|operation| {
        [
            (operation, Answer::error(500, "InternalServerError", "Try again")),
            (operation, Answer::error(400, "ThrottlingException", "Too many")),
            (operation, Answer::Raw(String::new())),
        ]
    }) {
        let fake = Fake::start(vec![failure, Answer::json(200, "{}")]);
        let server = fenced(&fake, &[true, false], false).await;
        let error = server.data(operation, &write(operation)).await.unwrap_err();
        assert_eq!(error.kind, ServiceErrorKind::Fenced, "{operation:?}");
        assert_eq!(fake.requests().len(), 1, "{operation:?}");
    }
}

#[tokio::test]
async fn every_part_of_a_batch_asks() {
    let fake = Fake::start(vec![Answer::json(200, "{}")]);
    let server = fenced(&fake, &[true, true, false], false).await;
    let batch = write(DataOperation::BatchWrite);
    let error = server.data(DataOperation::BatchWrite, &batch).await.unwrap_err();
    assert_eq!(error.kind, ServiceErrorKind::Fenced);
    assert_eq!(error.message, "not sent: it is over (50 of 75 entries were written before)");
    assert_eq!(fake.requests().len(), 2);
}

#[tokio::test]
async fn a_transaction_that_was_kept_back_is_still_the_same() {
    let fake = Fake::start(vec![
        Answer::error(500, "InternalServerError", "Try again"),
        Answer::json(200, "{}"),
    ]);
    // The request before the retry may have been carried out.
    let server = fenced(&fake, &[true, false], true).await;
    let transaction = write(DataOperation::TransactWrite);
    server.data(DataOperation::TransactWrite, &transaction).await.unwrap();
    let requests = fake.requests();
    let tokens: Vec<_> =
        requests.iter().map(|one| body(one)["ClientRequestToken"].clone()).collect();
    assert_eq!(tokens.len(), 2);
    assert!(tokens[0].is_string() && tokens[0] == tokens[1], "{tokens:?}");
}

#[tokio::test]
async fn changes_of_tables_ask_and_looks_do_not() {
    let definition = TableDefinition {
        table_name: "Items".to_owned(),
        attribute_definitions: vec![attribute("id", ScalarType::N)],
        key_schema: vec![KeySchemaElement::hash("id")],
        ..TableDefinition::default()
    };
    let described = json!({ "Table": {
        "TableName": "Items",
        "TableStatus": "ACTIVE",
        "TableArn": "arn:aws:dynamodb:us-east-1:777700000001:table/Items",
        "AttributeDefinitions": [{ "AttributeName": "id", "AttributeType": "N" }],
        "KeySchema": [{ "AttributeName": "id", "KeyType": "HASH" }],
    } });
    let call = |method: &str, mut input: Value| {
        input["TableName"] = json!("Items");
        Call::parse(method, &input).unwrap()
    };
    let tag = json!({ "ResourceArn": "Items", "Tags": [{ "Key": "team", "Value": "shop" }] });
    let expiry = json!({ "TimeToLiveSpecification": { "AttributeName": "at", "Enabled": true } });
    for (call, looks) in [
        (create(&definition), 0),
        (call("deleteTable", json!({})), 0),
        (call("updateTimeToLive", expiry), 0),
        // The call needs an ARN.
        (Call::parse("tagResource", &tag).unwrap(), 1),
    ] {
        let fake = Fake::start(vec![Answer::json(200, &described.to_string())]);
        let server = fenced(&fake, &[false], false).await;
        let error = server.call(&call).await.unwrap_err();
        assert_eq!(error.kind, ServiceErrorKind::Fenced, "{call:?}");
        assert_eq!(error.message, "not sent: it is over");
        assert_eq!(fake.operations(), vec!["DescribeTable"; looks]);
        let server = fenced(&fake, &[false], true).await;
        server.call(&call).await.unwrap();
        assert_eq!(fake.operations().last().map(String::as_str), Some(call.operation()));
    }
    let fake = Fake::start(vec![Answer::json(200, &described.to_string())]);
    let server = fenced(&fake, &[false; 9], false).await;
    assert!(server.describe_table("Items", AuxiliarySettings::NONE).await.unwrap().is_some());
    let get = json!({ "TableName": "Items", "Key": item(1) });
    assert!(server.data(DataOperation::Get, &get).await.is_ok());
}
