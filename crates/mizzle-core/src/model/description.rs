//! What a server says of a table that exists.

use super::{BillingMode, Extra, OnDemandThroughput, TableDefinition, WarmThroughput};
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
    /// Whether its warm throughput is being raised, which leaves the status as it is.
    pub is_warming: bool,
}

/// How much an index holds, as far as the server tells; as stale as the table's own counts.
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
    /// Its name.
    pub index_name: String,
    /// The attribute that holds the vectors.
    pub attribute: Option<String>,
    /// How many numbers a vector has.
    pub dimensions: Option<i64>,
    /// DynamoDB's own word for how vectors are compared: `COSINE`, ….
    pub distance_function: Option<String>,
    /// The state of its build.
    pub state: IndexState,
    /// How much it holds.
    pub size: IndexSize,
}

/// A setting whose last change is not through, although the server has accepted it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition {
    /// The setting.
    pub extra: Extra,
    /// The part of it: a GSI, a stream. `None` for the table.
    pub part: Option<String>,
    /// How far the change is.
    pub state: TransitionState,
}

/// How far a change is that the server has accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TransitionState {
    /// On its way, in DynamoDB's own word: `ENABLING`.
    Pending(String),
    /// Given up, for this reason.
    Failed(String),
}

/// What a server tells of a table that no schema and no config says, and that mizzle leaves alone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unmanaged {
    /// Whether the replicas of a global table are strongly consistent
    /// (`MultiRegionConsistency: STRONG`).
    pub is_strongly_consistent: bool,
    /// The vector indexes, by name.
    pub vector_indexes: Vec<VectorIndex>,
    /// What hangs on the table, was asked for only to be named, and the server does not tell: why.
    pub withheld: BTreeMap<Extra, String>,
}

impl Unmanaged {
    /// The names of the vector indexes.
    pub fn vector_index_names(&self) -> Vec<String> {
        self.vector_indexes.iter().map(|index| index.index_name.clone()).collect()
    }
}

/// A table as a server describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableDescription {
    /// The definition, [normalised](TableDefinition::normalised). Settings that `DescribeTable`
    /// leaves out because they are at their default are there with that default. Of the
    /// [extras](Extra) those are there that were asked for and that the server knows.
    pub definition: TableDefinition,
    /// The table's status.
    pub status: Status,
    /// The state of each GSI, by index name.
    pub indexes: BTreeMap<String, IndexState>,
    /// The number of items; DynamoDB brings it up to date about every six hours.
    pub item_count: Option<u64>,
    /// The size in bytes; as stale as the item count.
    pub size_bytes: Option<u64>,
    /// The size of each index, global or local, by index name.
    pub index_sizes: BTreeMap<String, IndexSize>,
    /// When the table was created.
    pub created: Option<SystemTime>,
    /// What tells the table from another of its name: its `TableId`, or when it was created.
    pub table_id: Option<String>,
    /// The other regions of a global table, sorted.
    pub replicas: Vec<String>,
    /// The region whose server describes it, where that is known.
    pub region: Option<String>,
    /// Whether its warm throughput is being raised, which leaves the status as it is.
    /// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TableWarmThroughputDescription.html>.
    pub is_warming: bool,
    /// What mizzle sees and does not manage.
    pub unmanaged: Unmanaged,
    /// The revision of the resource policy, when there is one and it was asked for.
    pub policy_revision: Option<String>,
    /// What was asked for, and the server has no operation for.
    pub unsupported: BTreeSet<Extra>,
    /// What was asked for, and is not yet as it was last asked to be.
    pub transitions: Vec<Transition>,
}

impl TableDescription {
    /// Whether neither the table nor any of its indexes is being created, changed or deleted, so
    /// that a change may start.
    pub fn is_settled(&self) -> bool {
        let indexes = self.indexes.values().map(|index| &index.status);
        // A vector index that is being built takes the place of any other index that may be.
        let vectors = self.unmanaged.vector_indexes.iter().map(|index| &index.state.status);
        indexes.chain(vectors).chain([&self.status]).all(|status| match status {
            Status::Creating | Status::Updating | Status::Deleting => false,
            Status::Active | Status::Other(_) => true,
        })
    }

    /// How far the last change of a setting is, or of a part of it; `None` when it is through.
    pub(crate) fn transition(&self, extra: Extra, part: Option<&str>) -> Option<&TransitionState> {
        let mut transitions = self.transitions.iter();
        let found = transitions.find(|one| one.extra == extra && one.part.as_deref() == part);
        found.map(|transition| &transition.state)
    }

    /// Whether the server tells more of the table than `DescribeTable` does. Of one that is coming or
    /// going it refuses to.
    pub fn tells_extras(&self) -> bool {
        match self.status {
            Status::Creating | Status::Deleting => false,
            Status::Updating | Status::Active | Status::Other(_) => true,
        }
    }

    /// The GSIs that are being built; they can be dropped before they are ready.
    /// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.OnlineOps.html>.
    pub fn building(&self) -> impl Iterator<Item = &str> {
        let building = |index: &&IndexState| index.status == Status::Creating && index.backfilling;
        self.indexes.iter().filter(move |(_, index)| building(index)).map(|(name, _)| name.as_str())
    }

    /// Whether a change may start once these GSIs are dropped, some of which are being built: all
    /// else is ready.
    pub fn is_settled_without(&self, dropped: impl Fn(&str) -> bool) -> bool {
        let mut rest = self.clone();
        // A table is UPDATING for as long as one of its indexes is being built.
        if self.building().any(&dropped) {
            rest.status = Status::Active;
        }
        rest.indexes.retain(|name, index| !(index.backfilling && dropped(name)));
        rest.is_settled()
    }

    /// The definition as far as it can be compared with a desired one.
    ///
    /// DynamoDB raises warm throughput as traffic grows, so that more than was asked for is not a
    /// difference. And it answers with a key's ARN, whoever owns the key: that a table is encrypted
    /// with the key that AWS manages cannot be told from any other key. What a table that is coming
    /// or going [does not tell](Self::tells_extras) is for a later look to compare.
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
        // What is provisioned has no maximum, which is what no limit means.
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

    /// The table without the indexes that are being deleted.
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

/// What is not known is taken to be as desired.
fn fill<T: Clone>(present: &mut Option<T>, desired: &Option<T>) {
    if present.is_none() {
        present.clone_from(desired);
    }
}
