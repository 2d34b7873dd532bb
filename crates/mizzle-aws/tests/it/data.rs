//! Requests of the data plane on the wire, and the handling of odd responses.

use crate::{
    failures::connect,
    fake::{Answer, Fake, body, operation},
};
use mizzle_core::apply::{
    DataOperation::{
        self, BatchGet, BatchWrite, Delete, Get, Put, Query, Scan, TransactWrite, Update,
    },
    DataPlane, ServiceErrorKind,
};
use serde_json::{Value, json};
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

/// Returns a request with every field of the operation.
fn everything(operation: DataOperation) -> Value {
    let key = json!({ "id": { "S": "1" } });
    let condition = json!({
        "ConditionExpression": "#a = :a",
        "ExpressionAttributeNames": { "#a": "a" },
        "ExpressionAttributeValues": { ":a": { "B": "AAEC/w==" } },
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    });
    let expected = json!({
        "a": { "Value": { "NULL": true }, "Exists": true },
        "b": { "ComparisonOperator": "IN", "AttributeValueList": [{ "N": "1" }] },
    });
    let written = json!({
        "TableName": "Items",
        "ReturnValues": "ALL_OLD",
        "ReturnConsumedCapacity": "INDEXES",
        "ReturnItemCollectionMetrics": "SIZE",
        "Expected": expected,
        "ConditionalOperator": "OR",
    });
    let filter =
        json!({ "a": { "ComparisonOperator": "EQ", "AttributeValueList": [{ "S": "" }] } });
    let page = json!({
        "TableName": "Items",
        "IndexName": "byStatus",
        "FilterExpression": "b > :a",
        "ProjectionExpression": "a, b",
        "ExpressionAttributeNames": { "#a": "a" },
        "ExpressionAttributeValues": { ":a": { "N": "1e-5" } },
        "Select": "SPECIFIC_ATTRIBUTES",
        "Limit": 5,
        "ConsistentRead": false,
        "ExclusiveStartKey": key,
        "ReturnConsumedCapacity": "TOTAL",
        "AttributesToGet": ["a"],
        "ConditionalOperator": "AND",
    });
    let with = |parts: &[&Value]| {
        let members = parts.iter().flat_map(|part| part.as_object().unwrap().clone());
        Value::Object(members.collect())
    };
    match operation {
        Get => json!({
            "TableName": "Items",
            "Key": key,
            "ConsistentRead": true,
            "ProjectionExpression": "a.b[0]",
            "ExpressionAttributeNames": { "#a": "a" },
            "ReturnConsumedCapacity": "NONE",
            "AttributesToGet": ["a", "b"],
        }),
        Put => with(&[&written, &condition, &json!({ "Item": key })]),
        Update => {
            let updates = json!({ "c": { "Value": { "BOOL": false }, "Action": "PUT" } });
            let own = json!({
                "Key": key, "UpdateExpression": "SET a = :a", "AttributeUpdates": updates,
            });
            with(&[&written, &condition, &own])
        }
        Delete => with(&[&written, &condition, &json!({ "Key": key })]),
        Query => with(&[
            &page,
            &json!({
                "KeyConditionExpression": "id = :a",
                "ScanIndexForward": false,
                "KeyConditions": filter,
                "QueryFilter": filter,
            }),
        ]),
        Scan => with(&[&page, &json!({ "Segment": 0, "TotalSegments": 4, "ScanFilter": filter })]),
        BatchGet => json!({
            "RequestItems": { "Items": {
                "Keys": [key],
                "ConsistentRead": true,
                "ProjectionExpression": "#a",
                "ExpressionAttributeNames": { "#a": "a" },
                "AttributesToGet": ["a"],
            } },
            "ReturnConsumedCapacity": "TOTAL",
        }),
        BatchWrite => json!({
            "RequestItems": { "Items": [
                { "PutRequest": { "Item": key } },
                { "DeleteRequest": { "Key": key } },
            ] },
            "ReturnConsumedCapacity": "TOTAL",
            "ReturnItemCollectionMetrics": "SIZE",
        }),
        TransactWrite => {
            let about = json!({ "TableName": "Items", "Key": key });
            let update = json!({ "UpdateExpression": "SET a = :a" });
            json!({
                "TransactItems": [
                    { "ConditionCheck": with(&[&about, &condition]) },
                    { "Put": with(&[&json!({ "TableName": "Items", "Item": key }), &condition]) },
                    { "Update": with(&[&about, &condition, &update]) },
                    { "Delete": with(&[&about, &condition]) },
                ],
                "ClientRequestToken": "token",
                "ReturnConsumedCapacity": "TOTAL",
                "ReturnItemCollectionMetrics": "SIZE",
            })
        }
    }
}

/// Returns a response with every field of the operation.
fn full_answer(operation: DataOperation) -> Value {
    let item = json!({ "a": { "N": "1.50" }, "b": { "BS": ["AA==", "AQ=="] } });
    let metrics = json!({ "ItemCollectionKey": item, "SizeEstimateRangeGB": [0.0, 1.5] });
    let units =
        json!({ "CapacityUnits": 1.5, "ReadCapacityUnits": 1.0, "WriteCapacityUnits": 0.5 });
    let capacity = json!({
        "TableName": "Items",
        "CapacityUnits": 4.5,
        "ReadCapacityUnits": 2.0,
        "WriteCapacityUnits": 2.5,
        "Table": units,
        "LocalSecondaryIndexes": { "byDate": units },
        "GlobalSecondaryIndexes": { "byName": units, "byStatus": units },
        "VectorIndexes":
            { "byMeaning": { "VectorSearchRequestBytes": 1.0, "VectorWriteRequestBytes": 2.0 } },
    });
    match operation {
        Get => json!({ "Item": item, "ConsumedCapacity": capacity }),
        Put | Update | Delete => json!({
            "Attributes": item, "ConsumedCapacity": capacity, "ItemCollectionMetrics": metrics,
        }),
        Query | Scan => json!({
            "Items": [item, {}],
            "Count": 2,
            "ScannedCount": 3,
            "LastEvaluatedKey": item,
            "ConsumedCapacity": capacity,
        }),
        BatchGet => json!({
            "Responses": { "Items": [item], "Others": [] },
            "UnprocessedKeys": {},
            "ConsumedCapacity": [capacity],
        }),
        BatchWrite => {
            json!({
                "UnprocessedItems": {},
                "ItemCollectionMetrics": { "Items": [metrics] },
                "ConsumedCapacity": [capacity],
            })
        }
        TransactWrite => json!({
            "ConsumedCapacity": [capacity],
            "ItemCollectionMetrics": { "Items": [metrics], "Others": [] },
        }),
    }
}

#[tokio::test]
async fn every_field_goes_there_and_back() {
    for data in DataOperation::ALL {
        let answer = full_answer(data);
        let fake = Fake::start(vec![Answer::json(200, &answer.to_string())]);
        let server = connect(fake.endpoint(), Some(1)).await;
        let input = everything(data);
        assert_eq!(server.data(data, &input).await, Ok(answer), "{data:?}");
        assert_eq!(fake.operations(), [data.operation()]);
        assert_eq!(body(&fake.requests()[0]), input, "{data:?}");
    }
}

#[tokio::test]
async fn what_does_not_fit_is_not_sent() {
    let fake = Fake::start(vec![Answer::json(200, "{}")]);
    let server = connect(fake.endpoint(), Some(1)).await;
    for data in DataOperation::ALL {
        let mut input = everything(data);
        input["Nonsense"] = json!(1);
        let error = server.data(data, &input).await.unwrap_err();
        assert_eq!(error.name, "ValidationException");
        assert_eq!(error.kind, ServiceErrorKind::Validation);
        assert!(error.message.starts_with("Nonsense is not a known field; "), "{error}");
    }
    assert_eq!(fake.operations(), Vec::<String>::new());
}

#[tokio::test]
async fn unprocessed_items_are_sent_again() {
    // Every request leaves all but three of its entries unprocessed.
    let fake = Fake::serve(|request| {
        let mut items = body(request)["RequestItems"].take();
        let entries = items["Items"].as_array_mut().unwrap();
        entries.drain(..entries.len().min(3));
        if entries.is_empty() {
            items = json!({});
        }
        Answer::json(200, &json!({ "UnprocessedItems": items }).to_string())
    });
    let server = connect(fake.endpoint(), Some(1)).await;
    let put =
        |number: u32| json!({ "PutRequest": { "Item": { "id": { "N": number.to_string() } } } });
    let puts: Vec<_> = (0..30).map(put).collect();
    let input = json!({ "RequestItems": { "Items": puts } });
    assert_eq!(server.data(BatchWrite, &input).await, Ok(json!({ "UnprocessedItems": {} })));
    let sent: Vec<_> = fake
        .requests()
        .iter()
        .map(|request| body(request)["RequestItems"]["Items"].as_array().unwrap().len())
        .collect();
    assert_eq!(sent, [25, 22, 19, 16, 13, 10, 7, 4, 1, 5, 2]);
}

#[tokio::test]
async fn unprocessed_keys_are_asked_for_again() {
    // A request returns the first forty of its keys.
    let fake = Fake::serve(|request| {
        let mut asked = body(request)["RequestItems"].take();
        let keys = asked["Items"]["Keys"].as_array_mut().unwrap();
        let found: Vec<_> = keys.drain(..keys.len().min(40)).collect();
        let left = if keys.is_empty() { json!({}) } else { asked };
        let answer = json!({ "Responses": { "Items": found }, "UnprocessedKeys": left });
        Answer::json(200, &answer.to_string())
    });
    let server = connect(fake.endpoint(), Some(1)).await;
    let keys: Vec<_> =
        (0..120).map(|number| json!({ "id": { "N": number.to_string() } })).collect();
    let asked = json!({ "Keys": keys, "ConsistentRead": true, "ProjectionExpression": "id" });
    let answer = server.data(BatchGet, &json!({ "RequestItems": { "Items": asked } })).await;
    let found = json!({ "Responses": { "Items": keys }, "UnprocessedKeys": {} });
    assert_eq!(answer, Ok(found));
    let requests: Vec<_> = fake.requests().iter().map(|request| body(request)).collect();
    assert_eq!(requests.len(), 4, "100, 60 and 20, then 20");
    for request in requests {
        let asked = &request["RequestItems"]["Items"];
        assert_eq!(
            (&asked["ConsistentRead"], &asked["ProjectionExpression"]),
            (&json!(true), &json!("id"))
        );
    }
}

#[tokio::test]
async fn an_error_keeps_what_it_says() {
    let error = |code: &str, more: &Value| {
        let mut error = json!({
            "__type": format!("com.amazonaws.dynamodb.v20120810#{code}"),
            "message": "No",
        });
        error.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        Answer::json(400, &error.to_string())
    };
    let item = json!({ "id": { "S": "1" }, "n": { "N": "12345678901234567890" } });
    let reasons = json!([
        { "Code": "None" },
        { "Code": "ConditionalCheckFailed", "Message": "The condition failed", "Item": item },
    ]);
    let throttling =
        json!([{ "reason": "TableWriteKeyRangeThroughputExceeded", "resource": "arn" }]);
    for (data, code, given, field, kind) in [
        (
            Put,
            "ConditionalCheckFailedException",
            json!({ "Item": item }),
            "Item",
            ServiceErrorKind::Other,
        ),
        (
            TransactWrite,
            "TransactionCanceledException",
            json!({ "CancellationReasons": reasons }),
            "CancellationReasons",
            ServiceErrorKind::Other,
        ),
        (
            Update,
            "ProvisionedThroughputExceededException",
            json!({ "ThrottlingReasons": throttling }),
            "ThrottlingReasons",
            ServiceErrorKind::Throttled,
        ),
        (
            Scan,
            "ThrottlingException",
            json!({ "throttlingReasons": throttling }),
            "throttlingReasons",
            ServiceErrorKind::Throttled,
        ),
        (Delete, "TransactionConflictException", json!({}), "", ServiceErrorKind::Throttled),
        (Get, "SomethingNewException", json!({}), "", ServiceErrorKind::Other),
    ] {
        let fake = Fake::start(vec![error(code, &given)]);
        let server = connect(fake.endpoint(), Some(1)).await.patient_for(Duration::ZERO);
        let error = server.data(data, &everything(data)).await.unwrap_err();
        assert_eq!((error.name.as_str(), error.message.as_str(), error.kind), (code, "No", kind));
        let expected = given.get(field).map(|value| (field.to_owned(), value.clone()));
        assert_eq!(error.fields, Vec::from_iter(expected), "{code}");
        assert_eq!(error.request_id.as_deref(), Some("REQUEST1"));
    }
}

#[tokio::test]
async fn an_error_has_a_name_also_when_nobody_answers() {
    let server = connect("http://127.0.0.1:1".to_owned(), Some(1)).await;
    let error = server.data(Get, &everything(Get)).await.unwrap_err();
    assert_eq!(
        (error.name.as_str(), error.kind),
        ("NetworkingError", ServiceErrorKind::Unreachable)
    );
    assert_eq!(error.request_id, None);
}

#[tokio::test]
async fn a_transaction_that_is_repeated_keeps_its_token() {
    let count = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&count);
    let fake = Fake::serve(move |request| {
        assert_eq!(operation(request), "TransactWriteItems");
        match seen.fetch_add(1, Ordering::SeqCst) {
            0 => Answer::error(500, "InternalServerError", "Try again"),
            _ => Answer::json(200, "{}"),
        }
    });
    let server = connect(fake.endpoint(), Some(2)).await;
    let mut input = everything(TransactWrite);
    input.as_object_mut().unwrap().shift_remove("ClientRequestToken");
    assert_eq!(server.data(TransactWrite, &input).await, Ok(json!({})));
    let tokens: Vec<_> =
        fake.requests().iter().map(|request| body(request)["ClientRequestToken"].clone()).collect();
    assert_eq!(tokens.len(), 2);
    assert!(tokens[0].is_string() && tokens[0] == tokens[1], "{tokens:?}");
}

/// Retries beyond the attempts of the SDK itself, of which there is one here.
#[tokio::test]
async fn every_operation_is_sent_again_while_it_is_throttled() {
    let canceled = json!({
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "message": "Transaction cancelled",
        "CancellationReasons": [{ "Code": "None" }, { "Code": "ThrottlingError" }],
    });
    for data in DataOperation::ALL {
        let throttled = match data {
            TransactWrite => Answer::json(400, &canceled.to_string()),
            Get | Put | Update | Delete | Query | Scan | BatchGet | BatchWrite => {
                Answer::error(400, "ProvisionedThroughputExceededException", "Too much")
            }
        };
        let mut answers = vec![throttled.clone(); 2];
        answers.push(Answer::json(200, "{}"));
        let fake = Fake::start(answers);
        let server = connect(fake.endpoint(), Some(1)).await;
        let outcome = server.data(data, &everything(data)).await;
        assert!(outcome.is_ok(), "{data:?}: {outcome:?}");
        assert_eq!(fake.requests().len(), 3, "{data:?}");

        let fake = Fake::start(vec![throttled]);
        let server = connect(fake.endpoint(), Some(1)).await;
        let server = server.patient_for(Duration::from_millis(300));
        let error = server.data(data, &everything(data)).await.unwrap_err();
        let sent = fake.requests().len();
        assert!(sent > 1, "{data:?}");
        assert_eq!(error.kind, ServiceErrorKind::Throttled, "{data:?}");
        let said = format!("(Items throttles: tried {sent} times for 0 minutes)");
        let is_batch = matches!(data, BatchGet | BatchWrite);
        assert!(is_batch || error.message.ends_with(&said), "{data:?}: {}", error.message);
    }
}
