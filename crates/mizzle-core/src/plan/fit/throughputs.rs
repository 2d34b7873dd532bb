//! The throughput of a table or an index, in requests and definitions.

use crate::{
    diff::Owner,
    model::{
        GlobalSecondaryIndex, OnDemandThroughput, ProvisionedThroughput, TableDefinition,
        WarmThroughput,
    },
    plan::{CreateIndex, CreateTable, UpdateIndex, UpdateTable},
};

/// The throughput of a table or an index.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Throughputs {
    pub(super) capacity: Option<ProvisionedThroughput>,
    pub(super) limit: Option<OnDemandThroughput>,
    pub(super) warm: Option<WarmThroughput>,
    /// True if auto scaling sets the capacity.
    pub(super) is_autoscaled: bool,
}

impl Throughputs {
    pub(super) fn of_table(request: &CreateTable) -> Self {
        Self {
            capacity: request.provisioned_throughput,
            limit: request.on_demand_throughput,
            warm: request.warm_throughput,
            is_autoscaled: false,
        }
    }

    pub(super) fn of_index(index: &CreateIndex) -> Self {
        Self {
            capacity: index.provisioned_throughput,
            limit: index.on_demand_throughput,
            warm: index.warm_throughput,
            is_autoscaled: false,
        }
    }

    pub(super) fn of_update(request: &UpdateTable) -> Self {
        Self {
            capacity: request.provisioned_throughput,
            limit: request.on_demand_throughput,
            warm: request.warm_throughput,
            is_autoscaled: false,
        }
    }

    pub(super) fn of_index_update(update: &UpdateIndex) -> Self {
        Self {
            capacity: update.provisioned_throughput,
            limit: update.on_demand_throughput,
            warm: update.warm_throughput,
            is_autoscaled: false,
        }
    }

    /// Returns the throughput of a table, or of one of its indexes.
    pub(super) fn of(table: &TableDefinition, owner: &Owner) -> Option<Self> {
        match owner {
            Owner::Table => Some(Self {
                capacity: table.provisioned_throughput,
                limit: table.on_demand_throughput,
                warm: table.warm_throughput,
                is_autoscaled: table.autoscaled,
            }),
            Owner::Index(name) => table.global_index(name).map(Self::from),
        }
    }

    /// Returns the values that differ from those of `other`.
    pub(super) fn unlike(self, other: Self) -> Self {
        fn unlike<T: PartialEq>(own: Option<T>, other: Option<&T>) -> Option<T> {
            own.filter(|own| Some(own) != other)
        }
        Self {
            capacity: unlike(self.capacity, other.capacity.as_ref()),
            limit: unlike(self.limit, other.limit.as_ref()),
            warm: unlike(self.warm, other.warm.as_ref()),
            ..self
        }
    }

    /// Returns these values, and those of `other` where they are absent.
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            capacity: self.capacity.or(other.capacity),
            limit: self.limit.or(other.limit),
            warm: self.warm.or(other.warm),
            ..self
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.capacity.is_none() && self.limit.is_none() && self.warm.is_none()
    }
}

impl From<&GlobalSecondaryIndex> for Throughputs {
    fn from(index: &GlobalSecondaryIndex) -> Self {
        Self {
            capacity: index.provisioned_throughput,
            limit: index.on_demand_throughput,
            warm: index.warm_throughput,
            is_autoscaled: index.autoscaled,
        }
    }
}
