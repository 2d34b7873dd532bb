//! A ledger whose server misbehaves.

use crate::{
    failures::connect,
    fake::{Answer, Fake, body, operation},
    support::ledger::{lock, record},
};
use mizzle_core::{
    apply::ServiceErrorKind,
    ledger::{Ledger, RecordState},
};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

/// Starts a server that keeps the lock that was put last, and sends these responses to puts, in
/// turn, repeating the last one.
fn keeping_the_lock(answers: Vec<Put>) -> Fake {
    let kept: Arc<Mutex<Option<Value>>> = Arc::default();
    let mut answers = answers.into_iter().peekable();
    let mut last = Put::Done;
    Fake::serve(move |request| {
        let body = body(request);
        if operation(request) == "GetItem" {
            let item = kept.lock().unwrap().clone();
            let answer = item.map_or(json!({}), |item| json!({ "Item": item }));
            return Answer::json(200, &answer.to_string());
        }
        last = answers.next().unwrap_or(last);
        match last {
            Put::Done | Put::Cut => *kept.lock().unwrap() = Some(body["Item"].clone()),
            _ => {}
        }
        match last {
            Put::Done => Answer::json(200, "{}"),
            Put::Cut => Answer::Raw("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n".to_owned()),
            Put::Failed => Answer::error(500, "InternalServerError", "Try again"),
            Put::Refused => Answer::error(
                400,
                "ConditionalCheckFailedException",
                "The conditional request failed",
            ),
            Put::Collided => Answer::error(
                400,
                "TransactionConflictException",
                "Transaction is ongoing for the item",
            ),
        }
    })
}

#[derive(Debug, Clone, Copy)]
enum Put {
    Done,
    /// The lock is put, and the response is cut off.
    Cut,
    Failed,
    Refused,
    Collided,
}

#[tokio::test]
async fn what_was_taken_and_not_answered_is_ours() {
    use Put::*;
    for (attempts, answers, taken) in [
        (1, vec![Done], Ok(true)),
        (1, vec![Refused], Ok(false)),
        // The SDK sends it again, and the second attempt is rejected because of the first.
        (2, vec![Cut, Refused], Ok(true)),
        (2, vec![Failed, Refused], Ok(false)),
        // It is not sent again.
        (1, vec![Cut], Ok(true)),
        (1, vec![Failed], Err(ServiceErrorKind::Server)),
        // Another runner writes to it at the same time.
        (1, vec![Collided, Collided, Done], Ok(true)),
        (1, vec![Collided, Refused], Ok(false)),
        (1, vec![Collided], Err(ServiceErrorKind::Throttled)),
    ] {
        let fake = keeping_the_lock(answers.clone());
        let ledger = connect(fake.endpoint(), Some(attempts)).await.ledger("ledger");
        let mut lock = lock("a");
        lock.lease_ms = 1_000;
        let result = ledger.take(&lock, None).await.map_err(|error| error.kind);
        assert_eq!(result, taken, "{answers:?}");
    }
}

fn cancelled(codes: [&str; 2]) -> Answer {
    let reasons = codes.map(|code| json!({ "Code": code }));
    let error = json!({
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "Message": "Transaction cancelled, please refer cancellation reasons for specific reasons",
        "CancellationReasons": reasons,
    });
    Answer::json(400, &error.to_string())
}

#[tokio::test]
async fn a_write_that_meets_another_waits_for_it() {
    let done = || Answer::json(200, "{}");
    let failed = || Answer::error(500, "InternalServerError", "Try again");
    let collided = || cancelled(["TransactionConflict", "None"]);
    for (answers, requests, written) in [
        (vec![done()], 1, Ok(true)),
        (vec![cancelled(["ConditionalCheckFailed", "None"])], 1, Ok(false)),
        (vec![collided(), cancelled(["None", "ThrottlingError"]), done()], 3, Ok(true)),
        (
            vec![collided(), cancelled(["ConditionalCheckFailed", "TransactionConflict"])],
            2,
            Ok(false),
        ),
        (vec![cancelled(["None", "ValidationError"])], 1, Err(ServiceErrorKind::Other)),
        (vec![failed(), done()], 2, Ok(true)),
        (vec![failed()], 2, Err(ServiceErrorKind::Server)),
    ] {
        let fake = Fake::start(answers);
        let ledger = connect(fake.endpoint(), Some(2)).await.ledger("ledger");
        let record = record("0001_init", RecordState::Running);
        assert_eq!(ledger.write(&record, "a").await.map_err(|error| error.kind), written);
        assert_eq!(fake.operations(), vec!["TransactWriteItems"; requests]);
    }
}

#[tokio::test]
async fn a_write_that_is_repeated_is_told_from_a_new_one() {
    let fake = Fake::start(vec![
        Answer::error(500, "InternalServerError", "Try again"),
        cancelled(["TransactionConflict", "None"]),
        Answer::json(200, "{}"),
    ]);
    let ledger = connect(fake.endpoint(), Some(2)).await.ledger("ledger");
    assert_eq!(ledger.remove("0001_init", "a").await, Ok(true));
    let tokens: Vec<_> = fake
        .requests()
        .iter()
        .map(|request| body(request)["ClientRequestToken"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(tokens[0], tokens[1], "it may have been carried out");
    assert_ne!(tokens[1], tokens[2], "it was not");
}

#[tokio::test]
async fn a_table_that_is_made_at_last_is_a_ledger() {
    let described = |status: &str| {
        let table = json!({ "Table": {
            "TableName": "ledger",
            "TableStatus": status,
            "AttributeDefinitions": [{ "AttributeName": "id", "AttributeType": "S" }],
            "KeySchema": [{ "AttributeName": "id", "KeyType": "HASH" }],
        } });
        Answer::json(200, &table.to_string())
    };
    let missing =
        || Answer::error(400, "ResourceNotFoundException", "Requested resource not found");
    let in_use = || Answer::error(400, "ResourceInUseException", "Table is being created: ledger");
    let fake = Fake::start(vec![
        described("DELETING"),
        missing(),
        Answer::error(400, "LimitExceededException", "Too many operations at once"),
        missing(),
        Answer::error(500, "InternalServerError", "Try again"),
        // It is not visible yet, and another runner was faster.
        missing(),
        in_use(),
        described("CREATING"),
        described("ACTIVE"),
    ]);
    let ledger = connect(fake.endpoint(), Some(1)).await.ledger("ledger");
    assert_eq!(ledger.prepare().await, Ok(()));
    let creations =
        fake.operations().iter().filter(|operation| *operation == "CreateTable").count();
    assert_eq!((fake.requests().len(), creations), (9, 3));

    for (answer, requests) in [
        (Answer::error(400, "AccessDeniedException", "User is not authorized"), 2),
        (Answer::error(400, "LimitExceededException", "There is a limit of 2500 tables"), 2),
        (Answer::error(500, "InternalServerError", "Try again"), 12),
    ] {
        let fake = Fake::serve(move |request| match operation(request) {
            "CreateTable" => answer.clone(),
            _ => missing(),
        });
        let ledger = connect(fake.endpoint(), Some(1)).await.ledger("ledger");
        let error = ledger.prepare().await.unwrap_err();
        assert_eq!((error.operation, fake.requests().len()), ("CreateTable", requests));
    }
}

#[tokio::test]
async fn an_item_that_nobody_can_read_is_named() {
    let lock = json!({ "Item": { "id": { "S": "lock" }, "token": { "S": "a" } } });
    let fake = Fake::start(vec![Answer::json(200, &lock.to_string())]);
    let error = connect(fake.endpoint(), Some(1)).await.ledger("ledger").lock().await.unwrap_err();
    assert!(error.message.starts_with("the item \"lock\" of the ledger is not as"), "{error}");
}
