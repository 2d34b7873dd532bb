//! Servers that are unreachable, are not DynamoDB, or reject requests.

use crate::fake::{Answer, Fake};
use mizzle_aws::{ConnectError, Connection, DynamoDb, StaticCredentials};
use mizzle_core::{
    apply::{
        ControlPlane, CredentialsSource, FailureCause, ServiceError,
        ServiceErrorKind::{self, *},
    },
    model::AuxiliarySettings,
};
use std::{
    net::TcpListener,
    time::{Duration, Instant},
};

pub(crate) async fn connect(endpoint: String, max_attempts: Option<u32>) -> DynamoDb {
    let credentials = StaticCredentials {
        access_key_id: "AKIDEXAMPLE".to_owned(),
        secret_access_key: "hunter2".into(),
        session_token: Some("hunter3".into()),
    };
    let connection = Connection {
        endpoint: Some(endpoint),
        region: Some("us-east-1".to_owned()),
        credentials: Some(credentials),
        max_attempts,
        ..Connection::default()
    };
    DynamoDb::connect(connection).await.unwrap()
}

async fn failure(answer: Answer) -> (ServiceError, String) {
    let fake = Fake::start(vec![answer]);
    let server = connect(fake.endpoint(), Some(1)).await;
    (server.list_tables().await.unwrap_err(), fake.endpoint())
}

#[tokio::test]
async fn refusals_keep_code_message_and_request_id() {
    let cases: [(u16, &str, &str, ServiceErrorKind); 12] = [
        (400, "AccessDeniedException", "User: me is not authorized", AccessDenied),
        (400, "ExpiredTokenException", "The security token is expired", ExpiredCredentials),
        (400, "UnrecognizedClientException", "The token is invalid.", Credentials),
        (400, "InvalidSignatureException", "Signature expired: 1 is now earlier than 2", ClockSkew),
        (400, "ThrottlingException", "Rate exceeded", Throttled),
        (400, "LimitExceededException", "Only 1 online index can be created", LimitExceeded),
        (400, "ResourceInUseException", "Table is being updated: Orders", InUse),
        (400, "ValidationException", "1 validation error detected", Validation),
        (
            400,
            "ValidationException",
            "Time to live has been modified multiple times within a fixed interval",
            Validation,
        ),
        (400, "UnknownOperationException", "An unknown operation was requested.", Unsupported),
        (500, "InternalServerError", "Please try again", Server),
        (400, "SomethingNewException", "Who knows", Other),
    ];
    for (status, code, message, kind) in cases {
        let (error, _) = failure(Answer::error(status, code, message)).await;
        assert_eq!(error.kind, kind, "{error:?}");
        assert_eq!(error.code.as_deref(), Some(code));
        assert_eq!(error.message, message);
        assert_eq!(error.background.request_id.as_deref(), Some("REQUEST1"));
        assert_eq!(error.to_string(), format!("ListTables failed: {message} ({code})"));
    }
}

#[tokio::test]
async fn what_is_not_dynamodb_is_told_so() {
    let html = |status| Answer::http(status, "text/html", "<html><h1>Oh no</h1></html>");
    let not_dynamodb = "answers, but not as DynamoDB does";
    let cases = [
        (html(500), Server, "answered with HTTP status 500 and no explanation"),
        (html(501), Unsupported, "answered with HTTP status 501: it has no such operation"),
        (html(502), Server, "answered with HTTP status 502 and no explanation"),
        (html(404), Other, "answered with HTTP status 404, but not as DynamoDB does"),
        (html(200), Other, not_dynamodb),
        (Answer::json(200, "{\"TableNames\": 7}"), Other, not_dynamodb),
        (
            Answer::Raw("SSH-2.0-OpenSSH_9.6\r\n".to_owned()),
            Other,
            "answers, but not as DynamoDB does (invalid HTTP version parsed)",
        ),
    ];
    for (answer, kind, message) in cases {
        let (error, endpoint) = failure(answer).await;
        assert_eq!(error.kind, kind, "{error:?}");
        assert_eq!(error.message, format!("{endpoint} {message}"));
        assert_eq!(error.code, None);
        let is_stranger = matches!(
            error.background.obstacle,
            Some(FailureCause::Stranger | FailureCause::NoHttp)
        );
        assert_eq!(is_stranger, kind == Other, "{error:?}");
    }
}

#[tokio::test]
async fn a_server_that_wants_tls_is_told_from_others() {
    let complaint = "<html><h1>The plain HTTP request was sent to HTTPS port</h1></html>";
    let (error, _) = failure(Answer::http(400, "text/html", complaint)).await;
    assert_eq!(error.background.obstacle, Some(FailureCause::OnlyTls), "{error:?}");
}

#[tokio::test]
async fn a_refusal_in_xml_is_understood() {
    let refusal = "<ErrorResponse><Errors><Error><Code>InvalidClientTokenId</Code>\
                   <Message>The token is invalid.</Message></Error></Errors></ErrorResponse>";
    let (error, _) = failure(Answer::http(403, "text/html", refusal)).await;
    assert_eq!(error.kind, Credentials, "{error:?}");
    let message = "ListTables failed: The token is invalid. (InvalidClientTokenId)";
    assert_eq!(error.to_string(), message);
}

#[tokio::test]
async fn a_connection_that_breaks_is_an_interruption() {
    let half = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"TableNames\":";
    for answer in ["", half] {
        let (error, _) = failure(Answer::Raw(answer.to_owned())).await;
        assert_eq!(error.kind, Interrupted, "{answer:?}: {error:?}");
        assert!(!error.message.is_empty());
    }
}

#[tokio::test]
async fn nobody_there_is_said_soon() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let server = connect(endpoint.clone(), None).await;
    let start = Instant::now();
    let error = server.describe_table("Orders", AuxiliarySettings::NONE).await.unwrap_err();
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    assert_eq!(error.kind, Unreachable, "{error:?}");
    assert_eq!(error.table.as_deref(), Some("Orders"));
    let message = format!("DescribeTable of Orders failed: nothing listens at {endpoint}");
    assert_eq!(error.to_string(), message);
    let background = &error.background;
    assert_eq!(background.obstacle, Some(FailureCause::NothingListens));
    assert_eq!(background.credentials, Some(CredentialsSource::Given));
    let cause = background.causes.last().unwrap().to_lowercase();
    assert!(cause.contains("refused"), "{error:?}");
}

#[tokio::test]
async fn tls_to_a_server_without_tls_is_unreachable() {
    let fake = Fake::start(vec![Answer::no_tables()]);
    let endpoint = fake.endpoint().replace("http://", "https://");
    let error = connect(endpoint, Some(1)).await.list_tables().await.unwrap_err();
    assert_eq!(error.kind, Unreachable, "{error:?}");
    assert_eq!(error.background.obstacle, Some(FailureCause::NoTls), "{error:?}");
}

#[tokio::test]
async fn what_may_pass_is_tried_again() {
    let passing = [
        Answer::error(400, "ThrottlingException", "Rate exceeded"),
        Answer::error(500, "InternalServerError", "Please try again"),
        Answer::http(503, "text/html", "<html></html>"),
        Answer::Raw(String::new()),
    ];
    for answer in passing {
        let fake = Fake::start(vec![answer.clone(), Answer::no_tables()]);
        let server = connect(fake.endpoint(), None).await;
        assert_eq!(server.list_tables().await.as_deref(), Ok(&[][..]), "{answer:?}");
        assert_eq!(fake.requests().len(), 2, "{answer:?}");
    }
    let fake = Fake::start(vec![Answer::error(400, "ValidationException", "No.")]);
    connect(fake.endpoint(), None).await.list_tables().await.unwrap_err();
    assert_eq!(fake.requests().len(), 1, "what stays wrong is not");
}

#[tokio::test]
async fn secrets_stay_in_the_signature() {
    let canonical = "The signature does not match.\n\nThe Canonical String for this request \
                     should have been\n'POST\n/\n\nx-amz-security-token:hunter3\n'";
    let fake = Fake::start(vec![Answer::error(403, "InvalidSignatureException", canonical)]);
    let server = connect(fake.endpoint(), Some(1)).await;
    let error = server.list_tables().await.unwrap_err();
    assert_eq!(error.message, "The signature does not match.");
    let shown = format!("{error} {error:?} {server:?}");
    assert!(!shown.contains("hunter"), "{shown}");
    let request = &fake.requests()[0];
    assert!(request.contains("Credential=AKIDEXAMPLE/"), "{request}");
    assert!(request.contains("hunter3") && !request.contains("hunter2"), "{request}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_abandoned_request_leaves_the_client_usable() {
    let fake = Fake::start(vec![Answer::Silence, Answer::no_tables()]);
    let server = connect(fake.endpoint(), Some(1)).await;
    let abandoned = tokio::spawn({
        let server = server.clone();
        async move { server.list_tables().await }
    });
    tokio::task::block_in_place(|| fake.wait_for_request());
    abandoned.abort();
    assert!(abandoned.await.unwrap_err().is_cancelled());
    assert_eq!(server.list_tables().await.as_deref(), Ok(&[][..]));
}

#[tokio::test]
async fn statuses_that_nobody_knows_are_passed_on() {
    let fake = Fake::start(vec![Answer::json(
        200,
        r#"{"Table":{"TableName":"T01","TableStatus":"HIBERNATING","KeySchema":
           [{"AttributeName":"id","KeyType":"HASH"}]}}"#,
    )]);
    let server = connect(fake.endpoint(), Some(1)).await;
    let table = server.describe_table("T01", AuxiliarySettings::NONE).await.unwrap().unwrap();
    assert_eq!(table.status.as_str(), "HIBERNATING");

    let fake = Fake::start(vec![Answer::json(
        200,
        r#"{"Table":{"TableStatus":"ACTIVE","TableName":"T01"}}"#,
    )]);
    let server = connect(fake.endpoint(), Some(1)).await;
    let error = server.describe_table("T01", AuxiliarySettings::NONE).await.unwrap_err();
    assert_eq!(error.to_string(), "DescribeTable of T01 failed: the answer lacks KeySchema");
}

#[tokio::test]
async fn a_bad_region_is_an_error_of_its_own() {
    for endpoint in [None, Some("http://127.0.0.1:1".to_owned())] {
        for region in ["", "eu central", "eu_central_1", "eu-central-1.example.com/"] {
            let connection = Connection {
                endpoint: endpoint.clone(),
                region: Some(region.to_owned()),
                ..Connection::default()
            };
            let error = DynamoDb::connect(connection).await.unwrap_err();
            assert!(matches!(error, ConnectError::Region { .. }), "{error:?}");
            let expected = format!("the region {region:?} is not usable: ");
            assert!(error.to_string().starts_with(&expected), "{error}");
        }
    }
}
