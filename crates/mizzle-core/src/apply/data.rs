//! The data plane, which migration scripts use.

use super::ServiceErrorKind;
use crate::decode::DecodeError;
use serde_json::{Map, Value};
use std::future::Future;

/// Read and write access of migration scripts to items.
pub trait DataPlane: Send + Sync {
    /// Sends one request of the low-level API. Input and output are JSON: values of items are
    /// `AttributeValue`s (`{ "S": … }`), binary ones in base64, numbers as text.
    ///
    /// One logical request: implementations retry after throttling, broken connections and 5xx
    /// responses, and wait for minutes while they are throttled. A batch may hold more entries than
    /// DynamoDB accepts at once; it is sent in parts, and unprocessed entries are sent again, until
    /// that is an error. A page of `Query` or `Scan` stays a page.
    ///
    /// # Errors
    ///
    /// When the request has a field that the operation does not have, or a value of the wrong type:
    /// nothing was sent then. When the service refuses it, or does not respond: a batch may be
    /// partly written then.
    fn data(
        &self,
        operation: DataOperation,
        input: &Value,
    ) -> impl Future<Output = Result<Value, DataError>> + Send;
}

/// An operation of the data plane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DataOperation {
    /// `GetItem`.
    Get,
    /// `PutItem`.
    Put,
    /// `UpdateItem`.
    Update,
    /// `DeleteItem`.
    Delete,
    /// `Query`: one page.
    Query,
    /// `Scan`: one page.
    Scan,
    /// `BatchGetItem`, of any number of keys.
    BatchGet,
    /// `BatchWriteItem`, of any number of entries.
    BatchWrite,
    /// `TransactWriteItems`.
    TransactWrite,
}

impl DataOperation {
    /// All operations.
    pub const ALL: [Self; 9] = [
        Self::Get,
        Self::Put,
        Self::Update,
        Self::Delete,
        Self::Query,
        Self::Scan,
        Self::BatchGet,
        Self::BatchWrite,
        Self::TransactWrite,
    ];

    /// Returns the operation of a method of `DynamoDBDocument`, which a migration script's `db`
    /// shares.
    pub fn parse(method: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|operation| operation.method() == method)
    }

    /// Returns the method's name in `DynamoDBDocument`, which a migration script's `db` shares.
    pub fn method(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Put => "put",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Query => "query",
            Self::Scan => "scan",
            Self::BatchGet => "batchGet",
            Self::BatchWrite => "batchWrite",
            Self::TransactWrite => "transactWrite",
        }
    }

    /// Returns the operation's name in the API.
    pub fn operation(self) -> &'static str {
        match self {
            Self::Get => "GetItem",
            Self::Put => "PutItem",
            Self::Update => "UpdateItem",
            Self::Delete => "DeleteItem",
            Self::Query => "Query",
            Self::Scan => "Scan",
            Self::BatchGet => "BatchGetItem",
            Self::BatchWrite => "BatchWriteItem",
            Self::TransactWrite => "TransactWriteItems",
        }
    }

    /// True if it changes items.
    pub fn is_write(self) -> bool {
        match self {
            Self::Get | Self::Query | Self::Scan | Self::BatchGet => false,
            Self::Put | Self::Update | Self::Delete | Self::BatchWrite | Self::TransactWrite => {
                true
            }
        }
    }

    /// Returns the tables of a request, each once, in the order of the request: names, or ARNs
    /// where the request has ARNs. Ignores misplaced values.
    pub fn tables(self, input: &Value) -> Vec<&str> {
        let tables: Vec<&str> = match self {
            Self::Get | Self::Put | Self::Update | Self::Delete | Self::Query | Self::Scan => {
                table_name(input).into_iter().collect()
            }
            Self::BatchGet | Self::BatchWrite => {
                let items = input.get("RequestItems").and_then(Value::as_object);
                items.into_iter().flat_map(|items| items.keys().map(String::as_str)).collect()
            }
            Self::TransactWrite => {
                let items = input.get("TransactItems").and_then(Value::as_array);
                let actions = items.into_iter().flatten().filter_map(Value::as_object);
                actions.flat_map(|actions| actions.values().filter_map(table_name)).collect()
            }
        };
        let mut distinct = Vec::new();
        for table in tables {
            if !distinct.contains(&table) {
                distinct.push(table);
            }
        }
        distinct
    }

    /// Returns the request with the tables renamed. Leaves misplaced values and ARNs unchanged.
    #[must_use]
    pub fn with_tables(self, mut input: Value, rename: &dyn Fn(&str) -> String) -> Value {
        match self {
            Self::Get | Self::Put | Self::Update | Self::Delete | Self::Query | Self::Scan => {
                rename_table(&mut input, rename);
            }
            Self::BatchGet | Self::BatchWrite => {
                rename_members(&mut input, "RequestItems", rename);
            }
            Self::TransactWrite => {
                let items = input.get_mut("TransactItems").and_then(Value::as_array_mut);
                let actions = items.into_iter().flatten().filter_map(Value::as_object_mut);
                actions.flat_map(Map::values_mut).for_each(|action| rename_table(action, rename));
            }
        }
        input
    }

    /// Returns the response to a renamed request, with the original names.
    #[must_use]
    pub fn answer_with_tables(self, mut answer: Value, rename: &dyn Fn(&str) -> String) -> Value {
        for members in ["Responses", "UnprocessedKeys", "UnprocessedItems"] {
            rename_members(&mut answer, members, rename);
        }
        match self {
            // By table; the responses about one item or one page contain the metrics directly.
            Self::BatchGet | Self::BatchWrite | Self::TransactWrite => {
                rename_members(&mut answer, "ItemCollectionMetrics", rename);
            }
            Self::Get | Self::Put | Self::Update | Self::Delete | Self::Query | Self::Scan => {}
        }
        match answer.get_mut("ConsumedCapacity") {
            Some(Value::Array(tables)) => {
                tables.iter_mut().for_each(|table| rename_table(table, rename));
            }
            Some(table) => rename_table(table, rename),
            None => {}
        }
        answer
    }
}

fn renamed(table: &str, rename: &dyn Fn(&str) -> String) -> String {
    if table.starts_with("arn:") { table.to_owned() } else { rename(table) }
}

fn rename_table(request: &mut Value, rename: &dyn Fn(&str) -> String) {
    if let Some(Value::String(table)) = request.get_mut("TableName") {
        *table = renamed(table, rename);
    }
}

fn rename_members(value: &mut Value, name: &str, rename: &dyn Fn(&str) -> String) {
    if let Some(Value::Object(tables)) = value.get_mut(name) {
        let entries = std::mem::take(tables).into_iter();
        *tables = entries.map(|(table, entry)| (renamed(&table, rename), entry)).collect();
    }
}

fn table_name(request: &Value) -> Option<&str> {
    request.get("TableName").and_then(Value::as_str)
}

/// A request of the data plane that failed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{message} ({name})")]
pub struct DataError {
    /// The service's error code, such as `ConditionalCheckFailedException`, or a similar name when
    /// the service did not respond.
    pub name: String,
    /// The message of the service or of the connection.
    pub message: String,
    /// Further fields of the error, as JSON of the low-level API: `CancellationReasons` of a
    /// transaction, the `Item` that did not meet a condition.
    pub fields: Vec<(String, Value)>,
    /// The kind of the error.
    pub kind: ServiceErrorKind,
    /// The request ID, for AWS support.
    pub request_id: Option<String>,
}

impl From<DecodeError> for DataError {
    /// Returns the error of an invalid request that was not sent.
    fn from(error: DecodeError) -> Self {
        Self {
            name: "ValidationException".to_owned(),
            message: error.to_string(),
            fields: Vec::new(),
            kind: ServiceErrorKind::Validation,
            request_id: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_method_is_known_by_its_name() {
        for operation in DataOperation::ALL {
            assert_eq!(DataOperation::parse(operation.method()), Some(operation));
        }
        for unknown in ["", "Put", "PutItem", "createTable", "transactGet"] {
            assert_eq!(DataOperation::parse(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn tables_are_renamed_wherever_they_are_named_and_nowhere_else() {
        use DataOperation::*;
        let arn = "arn:aws:dynamodb:eu-central-1:111122223333:table/A";
        let there = |name: &str| format!("x-{name}");
        let back = |name: &str| name.trim_start_matches("x-").to_owned();
        for (operation, input, expected) in [
            (
                Put,
                json!({ "TableName": "A", "Item": { "TableName": { "S": "A" } } }),
                json!({ "TableName": "x-A", "Item": { "TableName": { "S": "A" } } }),
            ),
            (Get, json!({ "TableName": arn, "Key": {} }), json!({ "TableName": arn, "Key": {} })),
            (
                BatchWrite,
                json!({ "RequestItems": { "A": [{ "PutRequest": {} }], "B": [] } }),
                json!({ "RequestItems": { "x-A": [{ "PutRequest": {} }], "x-B": [] } }),
            ),
            (
                TransactWrite,
                json!({ "TransactItems": [{ "Put": { "TableName": "A" } }, 1] }),
                json!({ "TransactItems": [{ "Put": { "TableName": "x-A" } }, 1] }),
            ),
            (Scan, json!(null), json!(null)),
        ] {
            assert_eq!(operation.with_tables(input, &there), expected, "{operation:?}");
        }
        for (operation, answer, expected) in [
            (
                BatchGet,
                json!({ "Responses": { "x-A": [] }, "UnprocessedKeys": { "x-B": {} }, "ConsumedCapacity": [{ "TableName": "x-A" }] }),
                json!({ "Responses": { "A": [] }, "UnprocessedKeys": { "B": {} }, "ConsumedCapacity": [{ "TableName": "A" }] }),
            ),
            (
                Put,
                json!({ "ConsumedCapacity": { "TableName": "x-A" }, "ItemCollectionMetrics": { "x-A": 1 } }),
                json!({ "ConsumedCapacity": { "TableName": "A" }, "ItemCollectionMetrics": { "x-A": 1 } }),
            ),
            (
                TransactWrite,
                json!({ "ItemCollectionMetrics": { "x-A": [] } }),
                json!({ "ItemCollectionMetrics": { "A": [] } }),
            ),
            (
                Get,
                json!({ "Item": { "TableName": { "S": "x-A" } } }),
                json!({ "Item": { "TableName": { "S": "x-A" } } }),
            ),
        ] {
            assert_eq!(operation.answer_with_tables(answer, &back), expected, "{operation:?}");
        }
    }

    #[test]
    fn tables_are_found_wherever_they_are_named() {
        use DataOperation::*;
        let transaction = json!({ "TransactItems": [
            { "Put": { "TableName": "B", "Item": {} } },
            { "ConditionCheck": { "TableName": "A" } },
            { "Update": { "TableName": "B" } },
            { "Delete": { "TableName": "C" } },
            { "Delete": {} },
            1,
        ] });
        for (operation, input, tables) in [
            (Get, json!({ "TableName": "A", "Key": { "TableName": { "S": "B" } } }), vec!["A"]),
            (Scan, json!({ "TableName": 1 }), vec![]),
            (Query, json!(null), vec![]),
            (BatchGet, json!({ "RequestItems": { "B": {}, "A": {} } }), vec!["B", "A"]),
            (BatchWrite, json!({ "RequestItems": { "A": [] } }), vec!["A"]),
            (BatchWrite, json!({ "TableName": "A" }), vec![]),
            (TransactWrite, transaction, vec!["B", "A", "C"]),
        ] {
            assert_eq!(operation.tables(&input), tables, "{operation:?} of {input}");
        }
    }
}
