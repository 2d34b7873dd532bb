//! One call of DynamoDB's control plane, in AWS's own request shape.

use super::{Call, Effect};
use crate::{
    model::{
        AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement,
        LocalSecondaryIndex, OnDemandThroughput, Projection, ProvisionedThroughput,
        SseSpecification, StreamSpecification, TableClass, TableDefinition, Tag, WarmThroughput,
    },
    settings::{
        InRequests, Registered, SettingRequest, UpdateTableSetting, View, for_each_update_setting,
        match_call,
    },
};
use serde::Serialize;

/// The `CreateTable` request.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html>.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct CreateTable {
    /// The table.
    pub table_name: String,
    /// The attributes that keys use, and no others.
    pub attribute_definitions: Vec<AttributeDefinition>,
    /// The table's key.
    pub key_schema: Vec<KeySchemaElement>,
    /// Its GSIs, each as in an update.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub global_secondary_indexes: Vec<CreateIndex>,
    /// Its LSIs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub local_secondary_indexes: Vec<LocalSecondaryIndex>,
    /// The billing mode; `PROVISIONED` when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub billing_mode: Option<BillingMode>,
    /// Mandatory for `PROVISIONED`, forbidden otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provisioned_throughput: Option<ProvisionedThroughput>,
    /// The maximum throughput.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_demand_throughput: Option<OnDemandThroughput>,
    /// The warm throughput.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warm_throughput: Option<WarmThroughput>,
    /// Its stream.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stream_specification: Option<StreamSpecification>,
    /// Its encryption.
    #[serde(rename = "SSESpecification", skip_serializing_if = "Option::is_none")]
    pub sse_specification: Option<SseSpecification>,
    /// Its storage class.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table_class: Option<TableClass>,
    /// True if the table cannot be deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deletion_protection_enabled: Option<bool>,
    /// Its tags.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Tag>,
}

impl From<CreateTable> for TableDefinition {
    /// Returns the table as requested, with the billing mode that DynamoDB uses by default.
    fn from(mut request: CreateTable) -> Self {
        let mut table = Self::default();
        for_each_update_setting!(S => {
            *S::of_mut(&mut table) = S::of_creation_mut(&mut request).take();
        });
        let CreateTable {
            table_name,
            attribute_definitions,
            key_schema,
            global_secondary_indexes,
            local_secondary_indexes,
            billing_mode,
            provisioned_throughput,
            on_demand_throughput,
            warm_throughput,
            tags,
            ..
        } = request;
        let indexes = global_secondary_indexes.into_iter();
        Self {
            table_name,
            attribute_definitions,
            key_schema,
            global_secondary_indexes: indexes.map(Into::into).collect(),
            local_secondary_indexes,
            billing_mode: Some(billing_mode.unwrap_or(BillingMode::Provisioned)),
            provisioned_throughput,
            on_demand_throughput,
            warm_throughput,
            tags: Some(tags),
            ..table
        }
    }
}

/// The `UpdateTable` request. DynamoDB accepts one class of change per call.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTable.html>.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct UpdateTable {
    /// The table.
    pub table_name: String,
    /// With a new index: the attributes that keys use after the call, and no others.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attribute_definitions: Vec<AttributeDefinition>,
    /// The new mode; `PROVISIONED` needs capacity for the table and for every GSI.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub billing_mode: Option<BillingMode>,
    /// The table's new capacity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provisioned_throughput: Option<ProvisionedThroughput>,
    /// One `Create` or one `Delete`, or any number of `Update`s.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub global_secondary_index_updates: Vec<GlobalSecondaryIndexUpdate>,
    /// The table's new limits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_demand_throughput: Option<OnDemandThroughput>,
    /// The table's new warm throughput.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warm_throughput: Option<WarmThroughput>,
    /// The stream, enabled or disabled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stream_specification: Option<StreamSpecification>,
    /// The key of the encryption.
    #[serde(rename = "SSESpecification", skip_serializing_if = "Option::is_none")]
    pub sse_specification: Option<SseSpecification>,
    /// The storage class.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table_class: Option<TableClass>,
    /// True if the table cannot be deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deletion_protection_enabled: Option<bool>,
}

impl UpdateTable {
    fn effect(&self) -> Effect {
        if let [change] = self.global_secondary_index_updates.as_slice() {
            match change {
                GlobalSecondaryIndexUpdate::Create(_) => return Effect::Adds,
                GlobalSecondaryIndexUpdate::Delete(_) => return Effect::Removes,
                GlobalSecondaryIndexUpdate::Update(_) => {}
            }
        }
        for_each_update_setting!(S => {
            if let Some(value) = S::of_update(self) {
                return S::effect(value);
            }
        });
        Effect::Changes
    }
}

/// One element of `GlobalSecondaryIndexUpdates`: AWS's own union, spelled `{ Create: … }`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum GlobalSecondaryIndexUpdate {
    /// The creation of an index.
    Create(CreateIndex),
    /// A change of an index's throughput.
    Update(UpdateIndex),
    /// The deletion of an index.
    Delete(DeleteIndex),
}

/// A new index; `Projection` is mandatory here.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct CreateIndex {
    /// The new index's name.
    pub index_name: String,
    /// Its key.
    pub key_schema: Vec<KeySchemaElement>,
    /// Its projection.
    pub projection: Projection,
    /// Its capacity: mandatory in a provisioned table, forbidden in an on-demand one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provisioned_throughput: Option<ProvisionedThroughput>,
    /// Its maximum throughput, in an on-demand table.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_demand_throughput: Option<OnDemandThroughput>,
    /// Its warm throughput.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warm_throughput: Option<WarmThroughput>,
}

impl From<GlobalSecondaryIndex> for CreateIndex {
    fn from(index: GlobalSecondaryIndex) -> Self {
        let GlobalSecondaryIndex {
            index_name,
            key_schema,
            projection,
            provisioned_throughput,
            on_demand_throughput,
            warm_throughput,
            autoscaled: _,
        } = index;
        Self {
            index_name,
            key_schema,
            projection,
            provisioned_throughput,
            on_demand_throughput,
            warm_throughput,
        }
    }
}

impl From<CreateIndex> for GlobalSecondaryIndex {
    fn from(index: CreateIndex) -> Self {
        let CreateIndex {
            index_name,
            key_schema,
            projection,
            provisioned_throughput,
            on_demand_throughput,
            warm_throughput,
        } = index;
        Self {
            index_name,
            key_schema,
            projection,
            provisioned_throughput,
            on_demand_throughput,
            warm_throughput,
            autoscaled: false,
        }
    }
}

/// The `Update` of an index update.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct UpdateIndex {
    /// The index.
    pub index_name: String,
    /// Its new capacity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provisioned_throughput: Option<ProvisionedThroughput>,
    /// Its new limits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_demand_throughput: Option<OnDemandThroughput>,
    /// Its new warm throughput.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warm_throughput: Option<WarmThroughput>,
}

/// The `Delete` of an index update.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DeleteIndex {
    /// The index to delete.
    pub index_name: String,
}

/// The `DeleteTable` request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DeleteTable {
    /// The table to delete, with all items.
    pub table_name: String,
}

impl Call {
    /// Returns the operation's name in the API: `CreateTable`, `UpdateTable`, …
    pub fn operation(&self) -> &'static str {
        self.names().0
    }

    /// Returns the name of the method in the AWS SDK for JavaScript, which a migration script's
    /// `db` shares.
    pub fn method(&self) -> &'static str {
        self.names().1
    }

    /// Returns the table that the call changes.
    pub fn table(&self) -> &str {
        match_call!(self, {
            Self::CreateTable(request) => &request.table_name,
            Self::UpdateTable(request) => &request.table_name,
            Self::DeleteTable(request) => &request.table_name,
        }, request => &request.table_name)
    }

    /// Returns the same call for a table with another name.
    #[must_use]
    pub fn renamed(mut self, name: impl Into<String>) -> Self {
        let table = match_call!(&mut self, {
            Self::CreateTable(request) => &mut request.table_name,
            Self::UpdateTable(request) => &mut request.table_name,
            Self::DeleteTable(request) => &mut request.table_name,
        }, request => &mut request.table_name);
        *table = name.into();
        self
    }

    /// True if the call deletes a resource that requests for items may use: a table or an index.
    pub fn is_deletion(&self) -> bool {
        match self.view() {
            View::DeleteTable(_) => true,
            View::UpdateTable(request) => {
                request.global_secondary_index_updates.iter().any(|update| match update {
                    GlobalSecondaryIndexUpdate::Delete(_) => true,
                    GlobalSecondaryIndexUpdate::Create(_)
                    | GlobalSecondaryIndexUpdate::Update(_) => false,
                })
            }
            View::CreateTable(_) | View::Setting(_) => false,
        }
    }

    /// Returns the effect of the call on its table, or on a setting of the table.
    pub fn effect(&self) -> Effect {
        match self.view() {
            View::CreateTable(_) => Effect::Adds,
            View::UpdateTable(request) => request.effect(),
            View::DeleteTable(_) => Effect::Removes,
            View::Setting(request) => request.effect(),
        }
    }

    /// True if the call depends on whether its table holds items.
    pub fn depends_on_items(&self) -> bool {
        match self.view() {
            View::DeleteTable(_) => true,
            View::CreateTable(_) | View::UpdateTable(_) => false,
            View::Setting(request) => request.depends_on_items(),
        }
    }

    /// Describes the gap between this call and a later one of the same setting, when the two make
    /// one change: `items of Shop do not expire`.
    pub fn gap(&self) -> Option<String> {
        match self.view() {
            View::CreateTable(_) | View::UpdateTable(_) | View::DeleteTable(_) => None,
            View::Setting(request) => request.gap(),
        }
    }

    /// Returns the part of the setting that the call changes: a GSI or a stream.
    pub(crate) fn part(&self) -> Option<&str> {
        match self.view() {
            View::CreateTable(_) | View::UpdateTable(_) | View::DeleteTable(_) => None,
            View::Setting(request) => request.part(),
        }
    }

    /// Returns the call without values that are known only while a plan is made.
    #[must_use]
    pub(crate) fn without_revision(mut self) -> Self {
        match_call!(&mut self, {
            Self::CreateTable(_) => {},
            Self::UpdateTable(_) => {},
            Self::DeleteTable(_) => {},
        }, request => request.forget_revision());
        self
    }

    /// Returns the request as JSON, in AWS's shape.
    pub fn input(&self) -> serde_json::Value {
        let json = match_call!(self, {
            Self::CreateTable(request) => serde_json::to_value(request),
            Self::UpdateTable(request) => serde_json::to_value(request),
            Self::DeleteTable(request) => serde_json::to_value(request),
        }, request => serde_json::to_value(request));
        json.expect("requests hold strings, numbers and lists only, which JSON can always express")
    }
}
