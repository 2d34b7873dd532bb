//! Descriptions of existing tables, as a server reports them.

use super::{AuxiliarySetting, BillingMode, OnDemandThroughput, TableDefinition, WarmThroughput};
use crate::settings::{Registered, Setting, for_each_own_setting, for_each_setting};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    time::SystemTime,
};

/// The status of a table or of a GSI.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TableDescription.html>.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", from = "String")]
pub enum Status {
    /// Being created; a GSI may also be backfilling.
    Creating,
    /// Being updated; no other change is accepted meanwhile.
    Updating,
    /// Being deleted.
    Deleting,
    /// Ready.
    Active,
    /// A status that mizzle does not act on (`ARCHIVED`, `INACCESSIBLE_ENCRYPTION_CREDENTIALS`, …).
    Other(String),
}

impl Status {
    /// True if the server answers requests other than `DescribeTable` about the table or the index. It
    /// refuses them while it is being created or deleted.
    pub fn tells_extras(&self) -> bool {
        match self {
            Self::Creating | Self::Deleting => false,
            Self::Updating | Self::Active | Self::Other(_) => true,
        }
    }

    /// Returns DynamoDB's own word.
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

/// The state of a GSI or of a vector index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexState {
    /// The index's status.
    pub status: Status,
    /// True if existing items are being copied into the index.
    pub backfilling: bool,
    /// True if its warm throughput is being raised, which does not change the status.
    pub is_warming: bool,
}

/// The size of an index, as far as the server reports it; as stale as the table's own counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct IndexSize {
    /// The number of items.
    pub item_count: Option<u64>,
    /// The size in bytes.
    pub size_bytes: Option<u64>,
}

/// A vector index.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_VectorIndexDescription.html>.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VectorIndex {
    /// The name.
    pub index_name: String,
    /// The attribute that holds the vectors.
    pub attribute: Option<String>,
    /// The number of dimensions of a vector.
    pub dimensions: Option<i64>,
    /// DynamoDB's own word for the comparison of vectors: `COSINE`, ….
    pub distance_function: Option<String>,
    /// The state of the index.
    pub state: IndexState,
    /// The size.
    pub size: IndexSize,
}

/// An accepted change of a setting that is pending or has failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition {
    /// The setting.
    pub extra: AuxiliarySetting,
    /// The part of the setting: a GSI, a stream. `None` for the table.
    pub part: Option<String>,
    /// The state of the change.
    pub state: TransitionState,
}

/// The state of a change that the server has accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TransitionState {
    /// Pending; the value is DynamoDB's own word: `ENABLING`.
    Pending(String),
    /// Failed; the value is the reason.
    Failed(String),
}

/// Properties of a table that no schema or config can contain, and that mizzle does not change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unmanaged {
    /// True if the replicas of a global table are strongly consistent
    /// (`MultiRegionConsistency: STRONG`).
    pub is_strongly_consistent: bool,
    /// The vector indexes, by name.
    pub vector_indexes: Vec<VectorIndex>,
    /// Attached resources that were requested only for display and could not be read, with the
    /// reasons.
    pub withheld: BTreeMap<AuxiliarySetting, String>,
}

impl Unmanaged {
    /// Returns the names of the vector indexes.
    pub fn vector_index_names(&self) -> Vec<String> {
        self.vector_indexes.iter().map(|index| index.index_name.clone()).collect()
    }
}

/// A table as a server describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableDescription {
    /// The definition, [normalised](TableDefinition::normalised). Settings that `DescribeTable`
    /// omits because they have their default are filled in. [AuxiliarySettings](AuxiliarySetting) are included if they
    /// were requested and the server supports them.
    pub definition: TableDefinition,
    /// The table's status.
    pub status: Status,
    /// The state of each GSI, by index name.
    pub indexes: BTreeMap<String, IndexState>,
    /// The number of items, which DynamoDB updates about every six hours.
    pub item_count: Option<u64>,
    /// The size in bytes; as stale as the item count.
    pub size_bytes: Option<u64>,
    /// The size of each index, global or local, by index name.
    pub index_sizes: BTreeMap<String, IndexSize>,
    /// The time of the table's creation.
    pub created: Option<SystemTime>,
    /// The identity that distinguishes the table from others of its name: its `TableId` or creation
    /// time.
    pub table_id: Option<String>,
    /// The regions of the other replicas of a global table, sorted.
    pub replicas: Vec<String>,
    /// The region of the server, if it is known.
    pub region: Option<String>,
    /// True if the table's warm throughput is being raised, which does not change the status.
    /// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TableWarmThroughputDescription.html>.
    pub is_warming: bool,
    /// Properties that mizzle does not manage.
    pub unmanaged: Unmanaged,
    /// The revision of the resource policy, if there is one and it was requested.
    pub policy_revision: Option<String>,
    /// Requested extras that the server does not support.
    pub unsupported: BTreeSet<AuxiliarySetting>,
    /// Pending or failed changes of requested extras.
    pub transitions: Vec<Transition>,
}

impl TableDescription {
    /// True if neither the table nor any of its indexes is being created, updated or deleted, so
    /// that a change may start.
    pub fn is_settled(&self) -> bool {
        let indexes = self.indexes.values().map(|index| &index.status);
        // A vector index that is being built blocks the creation of any other index.
        let vectors = self.unmanaged.vector_indexes.iter().map(|index| &index.state.status);
        indexes.chain(vectors).chain([&self.status]).all(|status| match status {
            Status::Creating | Status::Updating | Status::Deleting => false,
            Status::Active | Status::Other(_) => true,
        })
    }

    /// Returns the state of the last change of a setting, or of a part of it; `None` if it is
    /// complete.
    pub(crate) fn transition(
        &self,
        extra: AuxiliarySetting,
        part: Option<&str>,
    ) -> Option<&TransitionState> {
        let mut transitions = self.transitions.iter();
        let found = transitions.find(|one| one.extra == extra && one.part.as_deref() == part);
        found.map(|transition| &transition.state)
    }

    /// True if the server answers requests other than `DescribeTable` about the table. It refuses
    /// them while the table is being created or deleted.
    pub fn tells_extras(&self) -> bool {
        self.status.tells_extras()
    }

    /// Returns the GSIs that are being backfilled; they can be deleted before they are active.
    /// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.OnlineOps.html>.
    pub fn building(&self) -> impl Iterator<Item = &str> {
        let building = |index: &&IndexState| index.status == Status::Creating && index.backfilling;
        self.indexes.iter().filter(move |(_, index)| building(index)).map(|(name, _)| name.as_str())
    }

    /// True if a change may start once these GSIs, some of which may be backfilling, are deleted:
    /// everything else is settled.
    pub fn is_settled_without(&self, dropped: impl Fn(&str) -> bool) -> bool {
        let mut rest = self.clone();
        // A table is UPDATING while one of its indexes is being built.
        if self.building().any(&dropped) {
            rest.status = Status::Active;
        }
        rest.indexes.retain(|name, index| !(index.backfilling && dropped(name)));
        rest.is_settled()
    }

    /// Returns the definition in a form that can be compared with a desired one.
    ///
    /// DynamoDB raises warm throughput as traffic grows, so a higher value than desired is not a
    /// difference. DynamoDB reports the ARN of any key, so encryption with the AWS managed key
    /// cannot be distinguished from encryption with another key. AuxiliarySettings that
    /// [cannot be read](Self::tells_extras) while a table is being created or deleted are not
    /// compared.
    #[must_use]
    pub fn compared_with(&self, desired: &TableDefinition) -> TableDefinition {
        let mut definition = self.definition.clone();
        if !self.tells_extras() {
            for_each_own_setting!(S => fill(S::of_mut(&mut definition), S::of(desired)));
        }
        let satisfied = |present: &mut Option<WarmThroughput>, wanted: Option<WarmThroughput>| {
            if let (Some(warm), Some(wanted)) = (*present, wanted)
                && !warm.is_below(&wanted)
            {
                *present = Some(wanted);
            }
        };
        satisfied(&mut definition.warm_throughput, desired.warm_throughput);
        for index in &mut definition.global_secondary_indexes {
            let wanted = desired.global_index(&index.index_name);
            satisfied(&mut index.warm_throughput, wanted.and_then(|index| index.warm_throughput));
        }
        // A provisioned table has no on-demand maximum, which is equivalent to no limit.
        if definition.billing_mode == Some(BillingMode::Provisioned) {
            let limits = |limit: Option<OnDemandThroughput>| {
                limit.filter(|limit| *limit == OnDemandThroughput::UNLIMITED)
            };
            definition.on_demand_throughput = limits(desired.on_demand_throughput);
            for index in &mut definition.global_secondary_indexes {
                let wanted = desired.global_index(&index.index_name);
                index.on_demand_throughput =
                    limits(wanted.and_then(|index| index.on_demand_throughput));
            }
        }
        for_each_setting!(S => {
            if let (Some(present), Some(wanted)) = (S::of_mut(&mut definition), S::of(desired)) {
                S::settle(present, wanted);
            }
        });
        definition
    }

    /// Returns the table without the indexes that are being deleted.
    #[must_use]
    pub fn lasting(&self) -> Self {
        let mut table = self.clone();
        table.definition.global_secondary_indexes.retain(|index| {
            let state = self.indexes.get(&index.index_name);
            state.map(|index| &index.status) != Some(&Status::Deleting)
        });
        table
    }
}

/// Fills an unknown value with the desired one.
fn fill<T: Clone>(present: &mut Option<T>, desired: &Option<T>) {
    if present.is_none() {
        present.clone_from(desired);
    }
}
