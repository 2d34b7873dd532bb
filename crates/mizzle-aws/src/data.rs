//! The data plane: requests that come as JSON, answered as JSON.
//!
//! The JSON is read field by field, so that nothing that somebody wrote is ignored silently, as the
//! service itself would do.

mod answers;
mod batch;
pub(crate) mod fields;
mod refusal;
mod requests;
mod transaction;
pub(crate) mod values;

#[cfg(test)]
mod tests;

use crate::{client::DynamoDb, data::refusal::answered};
use mizzle_core::apply::{DataError, DataOperation, DataPlane};
use serde_json::Value;

impl DataPlane for DynamoDb {
    async fn data(&self, operation: DataOperation, input: &Value) -> Result<Value, DataError> {
        let tables = operation.tables(input);
        let table = match tables.as_slice() {
            [table] => Some(*table),
            _ => None,
        };
        let request = self.request(operation.operation(), table);
        let client = &self.client;
        match operation {
            DataOperation::Get => {
                let answer = requests::get(input)?.send_with(client).await;
                answered(&request, answer).map(|output| answers::get(&output))
            }
            DataOperation::Put => {
                let answer = requests::put(input)?.send_with(client).await;
                answered(&request, answer).map(|output| answers::put(&output))
            }
            DataOperation::Update => {
                let answer = requests::update(input)?.send_with(client).await;
                answered(&request, answer).map(|output| answers::update(&output))
            }
            DataOperation::Delete => {
                let answer = requests::delete(input)?.send_with(client).await;
                answered(&request, answer).map(|output| answers::delete(&output))
            }
            DataOperation::Query => {
                let answer = requests::query(input)?.send_with(client).await;
                answered(&request, answer).map(|output| answers::query(&output))
            }
            DataOperation::Scan => {
                let answer = requests::scan(input)?.send_with(client).await;
                answered(&request, answer).map(|output| answers::scan(&output))
            }
            DataOperation::BatchGet => batch::get(client, &request, input).await,
            DataOperation::BatchWrite => batch::write(client, &request, input).await,
            DataOperation::TransactWrite => {
                let answer = transaction::transact_write(input)?.send_with(client).await;
                answered(&request, answer).map(|output| answers::transact_write(&output))
            }
        }
    }
}
