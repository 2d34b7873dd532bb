//! One call of DynamoDB's control plane, in AWS's own request shape.

use crate::model::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, LocalSecondaryIndex,
    OnDemandThroughput, PointInTimeRecoverySpecification, Projection, ProvisionedThroughput,
    ResourcePolicy, SseSpecification, StreamSpecification, TableClass, TableDefinition, Tag,
    TimeToLiveSpecification, WarmThroughput,
};
use serde::Serialize;

/// A control-plane call and its request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Call {
    /// `CreateTable`.
    CreateTable(CreateTable),
    /// `UpdateTable`.
    UpdateTable(UpdateTable),
    /// `DeleteTable`.
    DeleteTable(DeleteTable),
    /// `UpdateTimeToLive`.
    UpdateTimeToLive(UpdateTimeToLive),
    /// `UpdateContinuousBackups`.
    UpdateContinuousBackups(UpdateContinuousBackups),
    /// `TagResource`.
    TagResource(TagResource),
    /// `UntagResource`.
    UntagResource(UntagResource),
    /// `PutResourcePolicy`.
    PutResourcePolicy(PutResourcePolicy),
    /// `DeleteResourcePolicy`.
    DeleteResourcePolicy(DeleteResourcePolicy),
}

/// The `CreateTable` request.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html>.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct CreateTable {
    /// The table.
    pub table_name: String,
    /// Exactly the attributes that keys use.
    pub attribute_definitions: Vec<AttributeDefinition>,
    /// The table's key.
    pub key_schema: Vec<KeySchemaElement>,
    /// Its GSIs, each as in an update.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub global_secondary_indexes: Vec<CreateIndex>,
    /// Its LSIs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub local_secondary_indexes: Vec<LocalSecondaryIndex>,
    /// How it is paid for; `PROVISIONED` when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub billing_mode: Option<BillingMode>,
    /// Mandatory for `PROVISIONED`, forbidden otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provisioned_throughput: Option<ProvisionedThroughput>,
    /// What it serves at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_demand_throughput: Option<OnDemandThroughput>,
    /// What it is ready for at once.
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
    /// Whether it can be deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deletion_protection_enabled: Option<bool>,
    /// Its tags.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Tag>,
}

impl From<CreateTable> for TableDefinition {
    /// The table as requested, with the billing mode that DynamoDB takes when none is named.
    fn from(request: CreateTable) -> Self {
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
            stream_specification,
            sse_specification,
            table_class,
            deletion_protection_enabled,
            tags,
        } = request;
        Self {
            table_name,
            attribute_definitions,
            key_schema,
            global_secondary_indexes: global_secondary_indexes
                .into_iter()
                .map(Into::into)
                .collect(),
            local_secondary_indexes,
            billing_mode: Some(billing_mode.unwrap_or(BillingMode::Provisioned)),
            provisioned_throughput,
            autoscaled: false,
            on_demand_throughput,
            warm_throughput,
            stream_specification,
            sse_specification,
            table_class,
            deletion_protection_enabled,
            time_to_live_specification: None,
            point_in_time_recovery_specification: None,
            tags: Some(tags),
            resource_policy: None,
        }
    }
}

/// The `UpdateTable` request. DynamoDB takes one class of change a call.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTable.html>.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct UpdateTable {
    /// The table.
    pub table_name: String,
    /// With a new index: exactly the attributes that keys use after the call.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attribute_definitions: Vec<AttributeDefinition>,
    /// The new mode; `PROVISIONED` wants capacity for the table and for every GSI.
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
    /// What the table is to be ready for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warm_throughput: Option<WarmThroughput>,
    /// The stream, on or off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stream_specification: Option<StreamSpecification>,
    /// The key of the encryption.
    #[serde(rename = "SSESpecification", skip_serializing_if = "Option::is_none")]
    pub sse_specification: Option<SseSpecification>,
    /// The storage class.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table_class: Option<TableClass>,
    /// Whether the table can be deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deletion_protection_enabled: Option<bool>,
}

/// One element of `GlobalSecondaryIndexUpdates`: AWS's own union, spelled `{ Create: … }`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum GlobalSecondaryIndexUpdate {
    /// Add an index.
    Create(CreateIndex),
    /// Change the throughput of an index.
    Update(UpdateIndex),
    /// Drop an index.
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
    /// What it holds.
    pub projection: Projection,
    /// Its capacity: mandatory in a provisioned table, forbidden in an on-demand one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provisioned_throughput: Option<ProvisionedThroughput>,
    /// What it serves at most, in an on-demand table.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_demand_throughput: Option<OnDemandThroughput>,
    /// What it is ready for at once.
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
    /// What it is to be ready for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warm_throughput: Option<WarmThroughput>,
}

/// The `Delete` of an index update.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DeleteIndex {
    /// The index to drop.
    pub index_name: String,
}

/// The `UpdateTimeToLive` request.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTimeToLive.html>.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct UpdateTimeToLive {
    /// The table.
    pub table_name: String,
    /// On by an attribute, or off; then the attribute is the one that was on.
    pub time_to_live_specification: TimeToLiveSpecification,
}

/// The `UpdateContinuousBackups` request.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateContinuousBackups.html>.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct UpdateContinuousBackups {
    /// The table.
    pub table_name: String,
    /// On, for how long, or off.
    pub point_in_time_recovery_specification: PointInTimeRecoverySpecification,
}

/// The `TagResource` request.
///
/// This and the requests below name the table where AWS wants its ARN: a plan must not depend on
/// an account. Whoever sends the request puts the ARN in.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TagResource.html>.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct TagResource {
    /// The table's name.
    #[serde(rename = "ResourceArn")]
    pub table_name: String,
    /// Tags to add or to change.
    pub tags: Vec<Tag>,
}

/// The `UntagResource` request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct UntagResource {
    /// The table's name.
    #[serde(rename = "ResourceArn")]
    pub table_name: String,
    /// The keys of the tags to remove.
    pub tag_keys: Vec<String>,
}

/// The `PutResourcePolicy` request.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutResourcePolicy.html>.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct PutResourcePolicy {
    /// The table's name.
    #[serde(rename = "ResourceArn")]
    pub table_name: String,
    /// The whole policy.
    pub policy: ResourcePolicy,
    /// The revision that is replaced, or [`NO_POLICY`]: DynamoDB refuses when it is another one by
    /// now. `None` replaces any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected_revision_id: Option<String>,
}

/// The revision of a table without a policy.
pub const NO_POLICY: &str = "NO_POLICY";

/// The `DeleteResourcePolicy` request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DeleteResourcePolicy {
    /// The table's name.
    #[serde(rename = "ResourceArn")]
    pub table_name: String,
    /// The revision that is removed; `None` removes any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected_revision_id: Option<String>,
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
            Self::UpdateTimeToLive(_) => "UpdateTimeToLive",
            Self::UpdateContinuousBackups(_) => "UpdateContinuousBackups",
            Self::TagResource(_) => "TagResource",
            Self::UntagResource(_) => "UntagResource",
            Self::PutResourcePolicy(_) => "PutResourcePolicy",
            Self::DeleteResourcePolicy(_) => "DeleteResourcePolicy",
        }
    }

    /// The method of the AWS SDK for JavaScript, and of a migration script's `db`.
    pub fn method(&self) -> &'static str {
        match self {
            Self::CreateTable(_) => "createTable",
            Self::UpdateTable(_) => "updateTable",
            Self::DeleteTable(_) => "deleteTable",
            Self::UpdateTimeToLive(_) => "updateTimeToLive",
            Self::UpdateContinuousBackups(_) => "updateContinuousBackups",
            Self::TagResource(_) => "tagResource",
            Self::UntagResource(_) => "untagResource",
            Self::PutResourcePolicy(_) => "putResourcePolicy",
            Self::DeleteResourcePolicy(_) => "deleteResourcePolicy",
        }
    }

    /// The table that the call changes.
    pub fn table(&self) -> &str {
        match self {
            Self::CreateTable(CreateTable { table_name, .. })
            | Self::UpdateTable(UpdateTable { table_name, .. })
            | Self::DeleteTable(DeleteTable { table_name })
            | Self::UpdateTimeToLive(UpdateTimeToLive { table_name, .. })
            | Self::UpdateContinuousBackups(UpdateContinuousBackups { table_name, .. })
            | Self::TagResource(TagResource { table_name, .. })
            | Self::UntagResource(UntagResource { table_name, .. })
            | Self::PutResourcePolicy(PutResourcePolicy { table_name, .. })
            | Self::DeleteResourcePolicy(DeleteResourcePolicy { table_name, .. }) => table_name,
        }
    }

    /// The same call on a table of another name.
    #[must_use]
    pub fn renamed(mut self, name: impl Into<String>) -> Self {
        let table = match &mut self {
            Self::CreateTable(CreateTable { table_name, .. })
            | Self::UpdateTable(UpdateTable { table_name, .. })
            | Self::DeleteTable(DeleteTable { table_name })
            | Self::UpdateTimeToLive(UpdateTimeToLive { table_name, .. })
            | Self::UpdateContinuousBackups(UpdateContinuousBackups { table_name, .. })
            | Self::TagResource(TagResource { table_name, .. })
            | Self::UntagResource(UntagResource { table_name, .. })
            | Self::PutResourcePolicy(PutResourcePolicy { table_name, .. })
            | Self::DeleteResourcePolicy(DeleteResourcePolicy { table_name, .. }) => table_name,
        };
        *table = name.into();
        self
    }

    /// Whether the call takes something away that requests for items may ask for: a table or an index.
    pub fn is_deletion(&self) -> bool {
        match self {
            Self::DeleteTable(_) => true,
            Self::UpdateTable(request) => {
                request.global_secondary_index_updates.iter().any(|update| match update {
                    GlobalSecondaryIndexUpdate::Delete(_) => true,
                    GlobalSecondaryIndexUpdate::Create(_)
                    | GlobalSecondaryIndexUpdate::Update(_) => false,
                })
            }
            Self::CreateTable(_)
            | Self::UpdateTimeToLive(_)
            | Self::UpdateContinuousBackups(_)
            | Self::TagResource(_)
            | Self::UntagResource(_)
            | Self::PutResourcePolicy(_)
            | Self::DeleteResourcePolicy(_) => false,
        }
    }

    /// The request as JSON, in AWS's shape.
    pub fn input(&self) -> serde_json::Value {
        let json = match self {
            Self::CreateTable(request) => serde_json::to_value(request),
            Self::UpdateTable(request) => serde_json::to_value(request),
            Self::DeleteTable(request) => serde_json::to_value(request),
            Self::UpdateTimeToLive(request) => serde_json::to_value(request),
            Self::UpdateContinuousBackups(request) => serde_json::to_value(request),
            Self::TagResource(request) => serde_json::to_value(request),
            Self::UntagResource(request) => serde_json::to_value(request),
            Self::PutResourcePolicy(request) => serde_json::to_value(request),
            Self::DeleteResourcePolicy(request) => serde_json::to_value(request),
        };
        json.expect("requests hold strings, numbers and lists only, which JSON can always express")
    }
}
