//! One call of DynamoDB's control plane, in AWS's own request shape.

use crate::model::{
    AttributeDefinition, GlobalSecondaryIndex, KeySchemaElement, Projection, ProvisionedThroughput,
    TableDefinition,
};
use serde::Serialize;

/// A control-plane call and its request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Call {
    /// `CreateTable`. The request is the definition itself.
    CreateTable(TableDefinition),
    /// `UpdateTable`.
    UpdateTable(UpdateTable),
    /// `DeleteTable`.
    DeleteTable(DeleteTable),
}

/// The `UpdateTable` request.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTable.html>.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct UpdateTable {
    /// The table.
    pub table_name: String,
    /// With a new index: exactly the attributes that keys use after the call.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attribute_definitions: Vec<AttributeDefinition>,
    /// At most one `Create` or one `Delete` a call.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub global_secondary_index_updates: Vec<GlobalSecondaryIndexUpdate>,
}

/// One element of `GlobalSecondaryIndexUpdates`: AWS's own union, spelled `{ Create: … }`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum GlobalSecondaryIndexUpdate {
    /// Add an index.
    Create(CreateIndex),
    /// Drop an index.
    Delete(DeleteIndex),
}

/// The `Create` of an index update; `Projection` is mandatory here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct CreateIndex {
    /// The new index's name.
    pub index_name: String,
    /// Its key.
    pub key_schema: Vec<KeySchemaElement>,
    /// What it holds.
    pub projection: Projection,
    /// Its capacity: mandatory in a provisioned table, forbidden in an on-demand one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provisioned_throughput: Option<ProvisionedThroughput>,
}

impl From<GlobalSecondaryIndex> for CreateIndex {
    fn from(index: GlobalSecondaryIndex) -> Self {
        let GlobalSecondaryIndex { index_name, key_schema, projection, provisioned_throughput } =
            index;
        Self { index_name, key_schema, projection, provisioned_throughput }
    }
}

/// The `Delete` of an index update.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DeleteIndex {
    /// The index to drop.
    pub index_name: String,
}

/// The `DeleteTable` request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DeleteTable {
    /// The table to delete, with everything in it.
    pub table_name: String,
}

impl Call {
    /// The operation's name in the API: `CreateTable`, `UpdateTable`, …
    pub fn operation(&self) -> &'static str {
        match self {
            Self::CreateTable(_) => "CreateTable",
            Self::UpdateTable(_) => "UpdateTable",
            Self::DeleteTable(_) => "DeleteTable",
        }
    }

    /// The method of the AWS SDK for JavaScript, and of a migration script's `db`.
    pub fn method(&self) -> &'static str {
        match self {
            Self::CreateTable(_) => "createTable",
            Self::UpdateTable(_) => "updateTable",
            Self::DeleteTable(_) => "deleteTable",
        }
    }

    /// The table that the call changes.
    pub fn table(&self) -> &str {
        match self {
            Self::CreateTable(definition) => &definition.table_name,
            Self::UpdateTable(update) => &update.table_name,
            Self::DeleteTable(delete) => &delete.table_name,
        }
    }

    /// The request as JSON, in AWS's shape.
    pub fn input(&self) -> serde_json::Value {
        let json = match self {
            Self::CreateTable(definition) => serde_json::to_value(definition),
            Self::UpdateTable(update) => serde_json::to_value(update),
            Self::DeleteTable(delete) => serde_json::to_value(delete),
        };
        json.expect("requests hold strings, numbers and lists only, which JSON can always express")
    }
}
