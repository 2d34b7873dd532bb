//! Table definitions in DynamoDB's vocabulary.
//!
//! A definition has the shape of the `CreateTable` request, so that snapshots, migration scripts,
//! `--json` and AWS's documentation all use the same terms.
//! Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html>.

use super::{
    BillingMode, ContributorInsights, KinesisDestinations, OnDemandThroughput,
    PointInTimeRecoverySpecification, ProvisionedThroughput, ResourcePolicy, SseSpecification,
    StreamSpecification, TableClass, Tag, TimeToLiveSpecification, WarmThroughput,
};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The type of a key attribute. Only these three may be part of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ScalarType {
    /// String.
    S,
    /// Number.
    N,
    /// Binary.
    B,
}

impl ScalarType {
    /// Reads DynamoDB's type name; `None` for types that cannot be keys (`BOOL`, `L`, `SS`, …).
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "S" => Some(Self::S),
            "N" => Some(Self::N),
            "B" => Some(Self::B),
            _ => None,
        }
    }
}

impl fmt::Display for ScalarType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::S => "S",
            Self::N => "N",
            Self::B => "B",
        })
    }
}

/// A key attribute of the table or of an index.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AttributeDefinition {
    /// The attribute's name, up to 255 bytes in a key.
    pub attribute_name: String,
    /// The attribute's type.
    pub attribute_type: ScalarType,
}

/// The role of an attribute in a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum KeyType {
    /// Partition key.
    Hash,
    /// Sort key.
    Range,
}

/// One attribute of a key. In a key schema all `HASH` elements come before the `RANGE` ones.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct KeySchemaElement {
    /// The attribute's name.
    pub attribute_name: String,
    /// The role: partition or sort key.
    pub key_type: KeyType,
}

impl KeySchemaElement {
    /// Returns a partition key element.
    pub fn hash(name: impl Into<String>) -> Self {
        Self { attribute_name: name.into(), key_type: KeyType::Hash }
    }

    /// Returns a sort key element.
    pub fn range(name: impl Into<String>) -> Self {
        Self { attribute_name: name.into(), key_type: KeyType::Range }
    }
}

/// The kind of a projection: the attributes of an index beside the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ProjectionType {
    /// Every attribute of the item.
    #[serde(rename = "ALL")]
    All,
    /// Only the keys of the table and of the index.
    #[serde(rename = "KEYS_ONLY")]
    KeysOnly,
    /// The keys and the named attributes.
    #[serde(rename = "INCLUDE")]
    Include,
}

/// The projection of an index.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Projection {
    /// The kind.
    pub projection_type: ProjectionType,
    /// The attributes of an `INCLUDE` projection, sorted; at most 20 per index and 100 per table.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub non_key_attributes: Vec<String>,
}

impl Projection {
    /// Projects every attribute of the item.
    pub fn all() -> Self {
        Self { projection_type: ProjectionType::All, non_key_attributes: Vec::new() }
    }

    /// Projects only the keys.
    pub fn keys_only() -> Self {
        Self { projection_type: ProjectionType::KeysOnly, non_key_attributes: Vec::new() }
    }

    /// Projects the keys and the given attributes, which are sorted.
    pub fn include(attributes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let mut attributes: Vec<String> = attributes.into_iter().map(Into::into).collect();
        attributes.sort();
        Self { projection_type: ProjectionType::Include, non_key_attributes: attributes }
    }
}

impl Default for Projection {
    /// Returns `ALL`, which the ORM's first format always wrote.
    fn default() -> Self {
        Self::all()
    }
}

impl fmt::Display for Projection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.projection_type {
            ProjectionType::All => f.write_str("ALL"),
            ProjectionType::KeysOnly => f.write_str("KEYS_ONLY"),
            ProjectionType::Include => {
                write!(f, "INCLUDE ({})", self.non_key_attributes.join(", "))
            }
        }
    }
}

/// A global secondary index.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct GlobalSecondaryIndex {
    /// The index's name, unique among all indexes of the table.
    pub index_name: String,
    /// Up to four `HASH` and four `RANGE` elements, `HASH` ones first; their order matters.
    pub key_schema: Vec<KeySchemaElement>,
    /// The attributes that the index contains.
    #[serde(default)]
    pub projection: Projection,
    /// The index's own capacity in a provisioned table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provisioned_throughput: Option<ProvisionedThroughput>,
    /// The index's maximum throughput in an on-demand table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_demand_throughput: Option<OnDemandThroughput>,
    /// The index's warm throughput.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warm_throughput: Option<WarmThroughput>,
    /// True if an external scaler sets the capacity: see [`TableDefinition::autoscaled`].
    #[serde(default, skip_serializing_if = "is_false")]
    pub autoscaled: bool,
}

/// A local secondary index: the table's partition key with another sort key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct LocalSecondaryIndex {
    /// The index's name, unique among all indexes of the table.
    pub index_name: String,
    /// The table's partition key, then the index's sort key.
    pub key_schema: Vec<KeySchemaElement>,
    /// The attributes that the index contains.
    #[serde(default)]
    pub projection: Projection,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(value: &bool) -> bool {
    !*value
}

/// A table in the shape of the `CreateTable` request.
///
/// An optional field that is absent is unmanaged: neither compared nor changed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct TableDefinition {
    /// The table's name.
    pub table_name: String,
    /// The attributes that keys use, and no others, sorted by name.
    pub attribute_definitions: Vec<AttributeDefinition>,
    /// The table's key: one `HASH` element and at most one `RANGE` element.
    pub key_schema: Vec<KeySchemaElement>,
    /// The GSIs, sorted by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub global_secondary_indexes: Vec<GlobalSecondaryIndex>,
    /// The LSIs, sorted by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub local_secondary_indexes: Vec<LocalSecondaryIndex>,
    /// The billing mode.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub billing_mode: Option<BillingMode>,
    /// The capacity of a provisioned table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provisioned_throughput: Option<ProvisionedThroughput>,
    /// True if an external scaler (Application Auto Scaling) sets the capacity. The numbers are
    /// then the initial ones, and are never compared. This field is mizzle's, not DynamoDB's.
    #[serde(default, skip_serializing_if = "is_false")]
    pub autoscaled: bool,
    /// The maximum throughput of an on-demand table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_demand_throughput: Option<OnDemandThroughput>,
    /// The warm throughput.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warm_throughput: Option<WarmThroughput>,
    /// The stream of changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stream_specification: Option<StreamSpecification>,
    /// Encryption at rest.
    #[serde(rename = "SSESpecification", default, skip_serializing_if = "Option::is_none")]
    pub sse_specification: Option<SseSpecification>,
    /// The storage class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table_class: Option<TableClass>,
    /// True if `DeleteTable` is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deletion_protection_enabled: Option<bool>,
    /// The expiry of items. A separate call, not part of `CreateTable`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_to_live_specification: Option<TimeToLiveSpecification>,
    /// Continuous backups. A separate call, not part of `CreateTable`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub point_in_time_recovery_specification: Option<PointInTimeRecoverySpecification>,
    /// All tags except AWS's own (`aws:…`), sorted by key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<Tag>>,
    /// The policy that grants others access to the table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_policy: Option<ResourcePolicy>,
    /// Contributor insights of the table and of its GSIs. A separate call for each, not part of
    /// `CreateTable`.
    #[serde(
        rename = "ContributorInsightsSpecification",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub contributor_insights: Option<ContributorInsights>,
    /// The Kinesis data stream that receives the changes of items. A separate call, not part of
    /// `CreateTable`.
    #[serde(
        rename = "KinesisDataStreamDestinations",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub kinesis_destinations: Option<KinesisDestinations>,
}

impl TableDefinition {
    /// Sorts everything whose order has no meaning: attributes, indexes and projected attributes by
    /// name. (DynamoDB returns indexes in any order.)
    #[must_use]
    pub fn normalised(mut self) -> Self {
        self.attribute_definitions.sort();
        self.attribute_definitions.dedup();
        self.global_secondary_indexes.sort_by(|a, b| a.index_name.cmp(&b.index_name));
        self.local_secondary_indexes.sort_by(|a, b| a.index_name.cmp(&b.index_name));
        for index in &mut self.global_secondary_indexes {
            index.key_schema.sort_by_key(|element| element.key_type);
            index.projection.non_key_attributes.sort();
        }
        for index in &mut self.local_secondary_indexes {
            index.key_schema.sort_by_key(|element| element.key_type);
            index.projection.non_key_attributes.sort();
        }
        self.key_schema.sort_by_key(|element| element.key_type);
        if let Some(tags) = &mut self.tags {
            tags.sort();
        }
        self
    }

    /// Returns the table without its settings: keys, indexes and their projections.
    #[must_use]
    pub fn structure(&self) -> Self {
        let index = |index: &GlobalSecondaryIndex| GlobalSecondaryIndex {
            index_name: index.index_name.clone(),
            key_schema: index.key_schema.clone(),
            projection: index.projection.clone(),
            ..GlobalSecondaryIndex::default()
        };
        Self {
            table_name: self.table_name.clone(),
            attribute_definitions: self.attribute_definitions.clone(),
            key_schema: self.key_schema.clone(),
            global_secondary_indexes: self.global_secondary_indexes.iter().map(index).collect(),
            local_secondary_indexes: self.local_secondary_indexes.clone(),
            ..Self::default()
        }
    }

    /// Returns the table with another name.
    #[must_use]
    pub fn renamed(self, name: impl Into<String>) -> Self {
        Self { table_name: name.into(), ..self }
    }

    /// Returns the type of a key attribute, if the definition contains it.
    pub fn attribute_type(&self, name: &str) -> Option<ScalarType> {
        self.attribute_definitions
            .iter()
            .find(|attribute| attribute.attribute_name == name)
            .map(|attribute| attribute.attribute_type)
    }

    /// Returns the GSI of that name.
    pub fn global_index(&self, name: &str) -> Option<&GlobalSecondaryIndex> {
        self.global_secondary_indexes.iter().find(|index| index.index_name == name)
    }

    /// Returns the LSI of that name.
    pub fn local_index(&self, name: &str) -> Option<&LocalSecondaryIndex> {
        self.local_secondary_indexes.iter().find(|index| index.index_name == name)
    }

    /// Returns the names of all key attributes of the table and its indexes, in key order, with
    /// repeats.
    pub fn key_attributes(&self) -> impl Iterator<Item = &str> {
        self.key_schema
            .iter()
            .chain(self.global_secondary_indexes.iter().flat_map(|index| &index.key_schema))
            .chain(self.local_secondary_indexes.iter().flat_map(|index| &index.key_schema))
            .map(|element| element.attribute_name.as_str())
    }
}
