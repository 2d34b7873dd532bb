//! Fuzz targets: any response of a server is either read or rejected.
//!
//! The responses go through the SDK as those of a real server do, without a socket in between.

use crate::{Connection, DynamoDb};
use aws_sdk_dynamodb::Client;
use aws_smithy_runtime_api::{
    client::{
        http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn},
        orchestrator::{HttpRequest, HttpResponse},
    },
    http::StatusCode,
};
use aws_smithy_types::body::SdkBody;
use mizzle_core::{
    apply::{ControlPlane, ServiceError},
    diff::diff,
    ledger::Ledger,
    model::{AuxiliarySettings, TableDescription},
    plan::Facts,
    pull,
};
use std::sync::LazyLock;

/// The longest error message that is accepted, in bytes. A server's message is truncated.
const LONGEST: usize = 4_096;

/// A connector that responds to every request with the same status and bytes.
#[derive(Debug, Clone)]
struct Answer {
    status: u16,
    body: Vec<u8>,
}

impl Answer {
    /// Parses the input: the first byte chooses the status.
    fn of(bytes: &[u8]) -> Self {
        let (first, body) = bytes.split_first().unwrap_or((&b'2', &[]));
        let status = match first {
            b'4' => 400,
            b'5' => 500,
            _ => 200,
        };
        Self { status, body: body.to_vec() }
    }
}

impl HttpConnector for Answer {
    fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
        let status = StatusCode::try_from(self.status).expect("it is one");
        let body = SdkBody::from(self.body.clone());
        HttpConnectorFuture::ready(Ok(HttpResponse::new(status, body)))
    }
}

/// A server that never receives a request: every input has an HTTP client of its own.
static SERVER: LazyLock<DynamoDb> = LazyLock::new(|| {
    let connection = Connection {
        endpoint: Some("http://127.0.0.1:1".to_owned()),
        max_attempts: Some(1),
        ..Connection::default()
    };
    block_on(DynamoDb::connect(connection)).expect("nothing is sent yet")
});

/// Returns a server that responds to every request with these bytes.
fn answering(bytes: &[u8]) -> DynamoDb {
    let server = SERVER.clone();
    let answer = SharedHttpConnector::new(Answer::of(bytes));
    let http = http_client_fn(move |_, _| answer.clone());
    let client = Client::from_conf(server.client.config().to_builder().http_client(http).build());
    DynamoDb { once: client.clone(), items: client.clone(), client, ..server }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime can be made").block_on(future)
}

#[track_caller]
fn assert_short<T>(answer: Result<T, ServiceError>) -> Option<T> {
    let error = match answer {
        Ok(answer) => return Some(answer),
        Err(error) => error.to_string(),
    };
    assert!(error.len() <= LONGEST, "a message of {} bytes: {error:.200}", error.len());
    None
}

#[test]
fn description() {
    bolero::check!(name = "description").for_each(|bytes: &[u8]| {
        let server = answering(bytes);
        block_on(async {
            assert_short(server.list_tables().await);
            assert_short(server.is_empty("Shop").await);
            let described =
                assert_short(server.describe_in_part("Shop", AuxiliarySettings::ALL).await)
                    .flatten();
            let Some(described) = described else { return };
            for (_, error) in described.missing {
                assert_short::<()>(Err(error));
            }
            assert_usable(&described.table);
        });
    });
}

/// Asserts that a described table has the requested name, and can be compared and pulled.
fn assert_usable(table: &TableDescription) {
    assert_eq!(table.definition.table_name, "Shop");
    assert!(diff([&table.definition], [&table.definition]).is_empty());
    let _ = Facts::of(table);
    let pulled = pull::settings(table);
    let mut entry = pulled.entry;
    pull::projections(&table.definition, &mut entry);
    pull::keys(&table.definition);
}

#[test]
fn ledger() {
    bolero::check!(name = "ledger").for_each(|bytes: &[u8]| {
        let ledger = answering(bytes).ledger("mizzle_migrations");
        block_on(async {
            assert_short(ledger.lock().await);
            assert_short(ledger.records().await);
            assert_short(ledger.resolutions().await);
        });
    });
}
