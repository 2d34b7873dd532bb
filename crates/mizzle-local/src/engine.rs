//! DynamoDB's operations, run one after another on a thread of its own.
//!
//! The library has an HTTP server, too. It answers requests of any web page, has no limits, and
//! does not support the mapping of table names ([`Names`]); so the requests are parsed and answered
//! here.

use crate::{LocalError, lock::Lock, names::Names, recovery};
use dynoxide::{Database, DynoxideError};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::mpsc,
    thread,
};
use tokio::sync::oneshot;

/// The error type of a database that cannot be read or written.
const STORAGE_FAILURE: &str = "com.mizzle.local#StorageFailure";

/// The response to one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// JSON.
    pub(crate) body: String,
}

impl Answer {
    /// Creates an error in DynamoDB's format.
    pub(crate) fn error(status: u16, kind: &str, message: &str) -> Self {
        Self { status, body: json!({ "__type": kind, "message": message }).to_string() }
    }

    pub(crate) fn invalid(message: &str) -> Self {
        Self::error(400, "com.amazon.coral.validate#ValidationException", message)
    }

    /// Creates the error for a body that is not a request.
    pub(crate) fn unreadable() -> Self {
        let body = json!({ "__type": "com.amazon.coral.service#SerializationException" });
        Self { status: 400, body: body.to_string() }
    }

    fn is_storage_failure(&self) -> bool {
        self.status == 400 && self.body.contains(STORAGE_FAILURE)
    }

    fn of(error: &DynoxideError) -> Self {
        let status = error.status_code();
        let message = error.to_string();
        // Another program is reading the file: a retry helps.
        if status != 500 || message.contains("database is locked") {
            return Self { status, body: error.to_json() };
        }
        // A retry would not help. Clients retry a 5xx, some of them for minutes, and their last
        // message does not name the reason.
        let message = ["Internal error: ", "backend: ", "I/O error: "]
            .iter()
            .fold(message.as_str(), |text, layer| text.strip_prefix(layer).unwrap_or(text));
        let advice = if message.contains("is full") {
            ": free some space on the disk"
        } else if message.contains("disk I/O error") {
            ": check the disk, the space on it, and how large a file of this user may be"
        } else {
            ""
        };
        let message = format!("The embedded database failed: {message}{advice}");
        Self::error(400, STORAGE_FAILURE, &message)
    }
}

/// An open database with the names of its tables.
pub(crate) struct Engine {
    database: Database,
    names: Names,
}

impl Engine {
    /// # Errors
    ///
    /// The library's message when the names cannot be read.
    pub(crate) fn new(database: Database) -> Result<Self, String> {
        let names = Names::read(&database)?;
        Ok(Self { database, names })
    }

    pub(crate) fn database(&self) -> &Database {
        &self.database
    }

    /// Runs one operation. `body` is the JSON of the request.
    pub(crate) fn answer(&mut self, operation: &str, body: &str) -> Answer {
        let Self { database, names } = self;
        if operation == "ListTables" && names.are_encoded() {
            return match read(body).map(|request| names.list_tables(&request)) {
                Ok(answer) => Answer { status: 200, body: answer.to_string() },
                Err(error) => Answer::of(&error),
            };
        }
        let mut body = std::borrow::Cow::Borrowed(body);
        let mut changed = None;
        if names.concern(operation, &body) {
            let Ok(mut request) = serde_json::from_str::<Value>(&body) else {
                return refusal_of_json(&body);
            };
            if let Err(refused) = names.encode(database, operation, &mut request) {
                return Answer::invalid(&refused);
            }
            changed = Names::changed_table(operation, &request);
            body = request.to_string().into();
        }
        let answer = match dispatch(database, operation, &body) {
            Ok(body) => Answer { status: 200, body },
            Err(error) => Answer::of(&in_words_of(operation, error)),
        };
        if let Some(table) = changed {
            if answer.is_storage_failure() && !names.contain(&table) {
                // The partial table cannot be read. If the removal fails, too, the log remains, and
                // the table is removed when the database is opened again.
                let _ = recovery::remove(database, &table);
            }
            names.refresh(database, &table);
        }
        Answer { body: Names::decode(answer.body), ..answer }
    }
}

/// Defines the operations: each parses its request, calls the library, and serializes the response.
macro_rules! operations {
    ($($name:literal => $method:ident,)*) => {
        /// True if there is an operation of that name.
        pub(crate) fn is_operation(name: &str) -> bool {
            [$($name),*].contains(&name)
        }

        fn dispatch(database: &Database, operation: &str, body: &str) -> Result<String, DynoxideError> {
            match operation {
                $($name => write(&database.$method(read(body)?)?),)*
                _ => Err(DynoxideError::SerializationException("UnknownOperationException".to_owned())),
            }
        }
    };
}

operations! {
    "BatchExecuteStatement" => batch_execute_statement,
    "BatchGetItem" => batch_get_item,
    "BatchWriteItem" => batch_write_item,
    "CreateTable" => create_table,
    "DeleteItem" => delete_item,
    "DeleteTable" => delete_table,
    "DescribeStream" => describe_stream,
    "DescribeTable" => describe_table,
    "DescribeTimeToLive" => describe_time_to_live,
    "ExecuteStatement" => execute_statement,
    "ExecuteTransaction" => execute_transaction,
    "GetItem" => get_item,
    "GetRecords" => get_records,
    "GetShardIterator" => get_shard_iterator,
    "ListStreams" => list_streams,
    "ListTables" => list_tables,
    "ListTagsOfResource" => list_tags_of_resource,
    "PutItem" => put_item,
    "Query" => query,
    "Scan" => scan,
    "SearchVectors" => search_vectors,
    "TagResource" => tag_resource,
    "TransactGetItems" => transact_get_items,
    "TransactWriteItems" => transact_write_items,
    "UntagResource" => untag_resource,
    "UpdateItem" => update_item,
    "UpdateTable" => update_table,
    "UpdateTimeToLive" => update_time_to_live,
}

fn read<R: DeserializeOwned>(body: &str) -> Result<R, DynoxideError> {
    serde_json::from_str(body).map_err(|error| refusal_of_request(&error))
}

fn write(answer: &impl Serialize) -> Result<String, DynoxideError> {
    serde_json::to_string(answer)
        .map_err(|error| DynoxideError::InternalServerError(error.to_string()))
}

/// Returns DynamoDB's error for a request that cannot be parsed. The library marks some errors with
/// a prefix, which its own server interprets.
fn refusal_of_request(error: &serde_json::Error) -> DynoxideError {
    let message = error.to_string();
    let plain = message.rsplit_once(" at line ").map_or(message.as_str(), |(text, _)| text);
    if message.starts_with("recursion limit exceeded") {
        return DynoxideError::ValidationException(
            "Nesting Levels have exceeded supported limits".to_owned(),
        );
    }
    for (prefix, refused) in [
        ("SERIALIZATION_AS_READ:", DynoxideError::SerializationException as fn(String) -> _),
        ("SERIALIZATION:", DynoxideError::SerializationException),
        ("VALIDATION_AS_READ:", DynoxideError::ValidationException),
        ("VALIDATION_REQUEST:", DynoxideError::EnvelopedValidation),
        ("VALIDATION:", DynoxideError::ValidationException),
    ] {
        if let Some(text) = message.strip_prefix(prefix) {
            let text = if prefix.contains("AS_READ") { text } else { &plain[prefix.len()..] };
            return refused(text.to_owned());
        }
    }
    if message.contains("empty AttributeValue") {
        return DynoxideError::ValidationException(
            "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"
                .to_owned(),
        );
    }
    let is_invalid =
        ["missing field", "unknown variant", "invalid type: null", "Supplied AttributeValue"];
    if is_invalid.iter().any(|text| message.contains(text)) {
        return DynoxideError::ValidationException(plain.to_owned());
    }
    DynoxideError::SerializationException(plain.to_owned())
}

fn refusal_of_json(body: &str) -> Answer {
    match serde_json::from_str::<Value>(body) {
        Err(error) if error.to_string().starts_with("recursion limit exceeded") => {
            Answer::of(&refusal_of_request(&error))
        }
        _ => Answer::unreadable(),
    }
}

/// Returns the error in the operation's format.
fn in_words_of(operation: &str, error: DynoxideError) -> DynoxideError {
    match (operation, error) {
        ("PutItem" | "UpdateItem" | "DeleteItem", DynoxideError::EnvelopedValidation(message)) => {
            DynoxideError::ValidationException(format!("1 validation error detected: {message}"))
        }
        (_, DynoxideError::EnvelopedValidation(message)) => {
            DynoxideError::ValidationException(message)
        }
        (
            "ExecuteStatement",
            DynoxideError::ConditionalCheckFailedException(message, Some(item)),
        ) => DynoxideError::StatementConditionalCheckFailed(message, item),
        (_, error) => error,
    }
}

struct Job {
    operation: String,
    body: String,
    answer: oneshot::Sender<Answer>,
}

/// A handle to an engine on its thread. The engine closes when the last clone is dropped.
#[derive(Clone)]
pub(crate) struct Worker(mpsc::Sender<Job>);

impl Worker {
    /// Starts the thread. The receiver completes once the database is closed and its lock is
    /// released.
    pub(crate) fn start(
        mut engine: Engine,
        lock: Option<Lock>,
    ) -> Result<(Self, oneshot::Receiver<()>), LocalError> {
        let (jobs, queue) = mpsc::channel::<Job>();
        let (closed, is_closed) = oneshot::channel();
        spawn("database", move || {
            for Job { operation, body, answer } in queue {
                let answered = catch_unwind(AssertUnwindSafe(|| engine.answer(&operation, &body)));
                let answered = answered.unwrap_or_else(|_| {
                    let message = format!("The embedded database failed in {operation}");
                    Answer::error(400, STORAGE_FAILURE, &message)
                });
                // The client may have disconnected.
                let _ = answer.send(answered);
            }
            drop(engine);
            drop(lock);
            let _ = closed.send(());
        })?;
        Ok((Self(jobs), is_closed))
    }

    pub(crate) async fn answer(&self, operation: String, body: String) -> Answer {
        let (answer, answered) = oneshot::channel();
        let sent = self.0.send(Job { operation, body, answer }).is_ok();
        match (sent, answered.await) {
            (true, Ok(answer)) => answer,
            _ => Answer::error(400, STORAGE_FAILURE, "The embedded database is closed"),
        }
    }
}

/// The stack size of a thread of the database, in bytes; `RUST_MIN_STACK` has no effect.
const STACK: usize = 2 << 20;

/// Starts a thread, or returns the system's reason for a failure.
pub(crate) fn spawn(
    name: &str,
    work: impl FnOnce() + Send + 'static,
) -> Result<thread::JoinHandle<()>, LocalError> {
    thread::Builder::new()
        .stack_size(STACK)
        .name(name.to_owned())
        .spawn(work)
        .map_err(|source: io::Error| LocalError::Thread { source })
}
