//! What a server says of a table that exists.

use super::definition::TableDefinition;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt};

/// The status of a table or of a GSI.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TableDescription.html>.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", from = "String")]
pub enum Status {
    /// Being created; a GSI may also be backfilling.
    Creating,
    /// Being changed; no other change is accepted meanwhile.
    Updating,
    /// Being deleted.
    Deleting,
    /// Ready.
    Active,
    /// A status that mizzle does not act on (`ARCHIVED`, `INACCESSIBLE_ENCRYPTION_CREDENTIALS`, …).
    Other(String),
}

impl Status {
    /// DynamoDB's own word.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Creating => "CREATING",
            Self::Updating => "UPDATING",
            Self::Deleting => "DELETING",
            Self::Active => "ACTIVE",
            Self::Other(other) => other,
        }
    }
}

impl From<String> for Status {
    fn from(text: String) -> Self {
        match text.as_str() {
            "CREATING" => Self::Creating,
            "UPDATING" => Self::Updating,
            "DELETING" => Self::Deleting,
            "ACTIVE" => Self::Active,
            _ => Self::Other(text),
        }
    }
}

impl From<Status> for String {
    fn from(status: Status) -> Self {
        status.as_str().to_owned()
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a server says of a GSI's build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexState {
    /// The index's status.
    pub status: Status,
    /// Whether existing items are being copied into the index.
    pub backfilling: bool,
}

/// A table as a server describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableDescription {
    /// The definition, [normalised](TableDefinition::normalised).
    pub definition: TableDefinition,
    /// The table's status.
    pub status: Status,
    /// The state of each GSI, by index name.
    pub indexes: BTreeMap<String, IndexState>,
    /// The number of items; DynamoDB brings it up to date about every six hours.
    pub item_count: Option<u64>,
    /// The size in bytes; as stale as the item count.
    pub size_bytes: Option<u64>,
}

impl TableDescription {
    /// Whether neither the table nor any of its indexes is being created, changed or deleted, so
    /// that a change may start.
    pub fn is_settled(&self) -> bool {
        let indexes = self.indexes.values().map(|index| &index.status);
        indexes.chain([&self.status]).all(|status| match status {
            Status::Creating | Status::Updating | Status::Deleting => false,
            Status::Active | Status::Other(_) => true,
        })
    }

    /// The definition without what is being deleted.
    #[must_use]
    pub fn lasting_definition(&self) -> TableDefinition {
        let mut definition = self.definition.clone();
        definition.global_secondary_indexes.retain(|index| {
            self.indexes.get(&index.index_name).map(|index| &index.status)
                != Some(&Status::Deleting)
        });
        definition
    }
}
