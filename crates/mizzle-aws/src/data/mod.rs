//! The data plane: requests and responses as JSON.
//!
//! The JSON is read field by field, so that unknown fields are errors, while the service itself
//! ignores them.

mod answers;
mod batch;
pub(crate) mod fields;
mod patience;
mod refusal;
mod requests;
mod transaction;
pub(crate) mod values;

#[cfg(test)]
mod tests;

use crate::{
    client::DynamoDb,
    data::{patience::patiently, refusal::answered},
};
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
                let get = requests::get(input)?;
                let sent = || async { answered(&request, get.clone().send_with(client).await) };
                self.read(&tables, sent).await.map(|output| answers::get(&output))
            }
            DataOperation::Put => {
                let put = requests::put(input)?;
                let sent = || async { answered(&request, put.clone().send_with(items).await) };
                self.change(&tables, sent).await.map(|output| answers::put(&output))
            }
            DataOperation::Update => {
                let update = requests::update(input)?;
                let sent = || async { answered(&request, update.clone().send_with(items).await) };
                self.change(&tables, sent).await.map(|output| answers::update(&output))
            }
            DataOperation::Delete => {
                let delete = requests::delete(input)?;
                let sent = || async { answered(&request, delete.clone().send_with(items).await) };
                self.change(&tables, sent).await.map(|output| answers::delete(&output))
            }
            DataOperation::Query => {
                let query = requests::query(input)?;
                let sent = || async { answered(&request, query.clone().send_with(client).await) };
                self.read(&tables, sent).await.map(|output| answers::query(&output))
            }
            DataOperation::Scan => {
                let scan = requests::scan(input)?;
                let sent = || async { answered(&request, scan.clone().send_with(client).await) };
                self.read(&tables, sent).await.map(|output| answers::scan(&output))
            }
            DataOperation::BatchGet => batch::get(self, &request, input).await,
            DataOperation::BatchWrite => batch::write(self, &request, input).await,
            DataOperation::TransactWrite => {
                let write = transaction::transact_write(input)?;
                let sent = || async { answered(&request, write.clone().send_with(items).await) };
                self.change(&tables, sent).await.map(|output| answers::transact_write(&output))
            }
        }
    }
}

impl DynamoDb {
    /// Sends a read request until it is not throttled.
    async fn read<T, F>(&self, tables: &[&str], send: impl Fn() -> F) -> Result<T, DataError>
    where
        F: Future<Output = Result<T, DataError>>,
    {
        patiently(tables, self.patience, send, |delay| self.pause(delay)).await
    }

    /// Sends a write request, while the fence is open, until it is not throttled.
    async fn change<T, F>(&self, tables: &[&str], send: impl Fn() -> F) -> Result<T, DataError>
    where
        F: Future<Output = Result<T, DataError>>,
    {
        patiently(tables, self.patience, || self.write(&send), |delay| self.pause(delay)).await
    }
}
