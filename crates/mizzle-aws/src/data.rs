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
        let (client, items) = (&self.client, &self.items);
        match operation {
            DataOperation::Get => {
                let answer = requests::get(input)?.send_with(client).await;
                answered(&request, answer).map(|output| answers::get(&output))
            }
            DataOperation::Put => {
                let put = requests::put(input)?;
                let sent = || async { answered(&request, put.clone().send_with(items).await) };
                self.write(sent).await.map(|output| answers::put(&output))
            }
            DataOperation::Update => {
                let update = requests::update(input)?;
                let sent = || async { answered(&request, update.clone().send_with(items).await) };
                self.write(sent).await.map(|output| answers::update(&output))
            }
            DataOperation::Delete => {
                let delete = requests::delete(input)?;
                let sent = || async { answered(&request, delete.clone().send_with(items).await) };
                self.write(sent).await.map(|output| answers::delete(&output))
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
            DataOperation::BatchWrite => batch::write(self, &request, input).await,
            DataOperation::TransactWrite => {
                let write = transaction::transact_write(input)?;
                let sent = || async { answered(&request, write.clone().send_with(items).await) };
                self.write(sent).await.map(|output| answers::transact_write(&output))
            }
        }
    }
}
