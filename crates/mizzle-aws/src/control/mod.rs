//! The control plane: tables, their settings, and backups.

mod backup;
mod call;
pub(crate) mod convert;
mod describe;
mod probe;

pub use describe::PartialDescription;
pub use probe::is_dynamodb;

use crate::{
    client::{DynamoDb, look},
    limits::Pages,
};
use aws_sdk_dynamodb::types::Select;
use mizzle_core::{
    apply::{ControlPlane, ServiceError},
    model::{AuxiliarySettings, TableDescription, rules},
    plan::Call,
    text,
};

impl DynamoDb {
    /// Returns the names of all tables, in the server's order. Calls `listed` after every page with
    /// the number of names so far.
    ///
    /// # Errors
    /// When a request fails, or a name or the list is invalid.
    pub async fn list_tables_telling(
        &self,
        listed: impl Fn(usize),
    ) -> Result<Vec<String>, ServiceError> {
        let request = self.request("ListTables", None);
        let (mut names, mut pages) = (Vec::new(), Pages::new());
        loop {
            let page = self.client.list_tables().set_exclusive_start_table_name(pages.start());
            let page = request.answered(page.customize().config_override(look()).send().await)?;
            for name in page.table_names.unwrap_or_default() {
                if !rules::is_valid_name(&name) {
                    let name = text::excerpt(&name);
                    return Err(request.refused(format!("no table can have the name {name:?}")));
                }
                names.push(name);
            }
            listed(names.len());
            if !request.bounded(pages.go_on(page.last_evaluated_table_name))? {
                return Ok(names);
            }
        }
    }
}

impl ControlPlane for DynamoDb {
    async fn list_tables(&self) -> Result<Vec<String>, ServiceError> {
        self.list_tables_telling(|_| ()).await
    }

    async fn describe_table(
        &self,
        table: &str,
        extras: AuxiliarySettings,
    ) -> Result<Option<TableDescription>, ServiceError> {
        self.describe(table, extras).await
    }

    async fn is_empty(&self, table: &str) -> Result<bool, ServiceError> {
        let request = self.request("Scan", Some(table));
        let mut pages = Pages::new();
        loop {
            let page = self
                .client
                .scan()
                .table_name(table)
                .select(Select::Count)
                .limit(1)
                .consistent_read(true)
                .set_exclusive_start_key(pages.start());
            let page = request.answered(page.customize().config_override(look()).send().await)?;
            if page.count > 0 {
                return Ok(false);
            }
            // A page can be empty without being the last one.
            let next = page.last_evaluated_key.filter(|key| !key.is_empty());
            if !request.bounded(pages.go_on(next))? {
                return Ok(true);
            }
        }
    }

    async fn call(&self, call: &Call) -> Result<(), ServiceError> {
        self.write(|| self.send(call)).await
    }
}
