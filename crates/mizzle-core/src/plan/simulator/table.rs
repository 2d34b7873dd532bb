//! A table as the service stores it: every setting has a value, and a change takes time.

use crate::{
    model::{
        BillingMode, GlobalSecondaryIndex, IndexState, OnDemandThroughput, ProvisionedThroughput,
        ResourcePolicy, Status, TableDefinition, TableDescription, Unmanaged, WarmThroughput,
    },
    settings::{Registered, Setting, for_each_setting},
};
use std::collections::{BTreeMap, BTreeSet};

/// The assumed size of an item in bytes.
const ITEM_SIZE: u64 = 100;

/// A table, and the change in progress.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    /// The present table, before the change in progress.
    pub(crate) definition: TableDefinition,
    pub(super) progress: Progress,
    /// True if time to live was changed, which takes up to an hour to take effect.
    pub(crate) expiry_changed: bool,
    pub(super) items: u64,
    /// The number of policies that the table has had.
    pub(crate) policy_revision: u64,
    /// The number of the table, in the order of creation.
    number: u64,
}

/// A change in progress.
#[derive(Debug, Clone)]
pub(super) enum Progress {
    /// No change.
    Settled,
    /// The table is being created.
    Creating,
    /// The table is being updated to this definition.
    Updating(Box<TableDefinition>),
    /// A new index of this definition is being backfilled.
    Backfilling(Box<TableDefinition>),
    /// The table is being deleted.
    Deleting,
}

impl Table {
    pub(super) fn new(definition: TableDefinition, number: u64, progress: Progress) -> Self {
        let definition = with_defaults(definition);
        let has_policy = definition.resource_policy != Some(ResourcePolicy::NONE);
        Self {
            definition,
            progress,
            expiry_changed: false,
            items: 0,
            policy_revision: u64::from(has_policy),
            number,
        }
    }

    /// Returns the unique ID, which differs from that of another table with the same name.
    pub(super) fn id(&self) -> String {
        format!("table-{}", self.number)
    }

    /// Returns the revision of the policy; `None` if there is none.
    pub(crate) fn policy_revision(&self) -> Option<String> {
        let has_policy = self.definition.resource_policy != Some(ResourcePolicy::NONE);
        has_policy.then(|| self.policy_revision.to_string())
    }

    /// Completes the change in progress; `None` if it was the deletion of the table.
    pub(super) fn settled(mut self) -> Option<Self> {
        match std::mem::replace(&mut self.progress, Progress::Settled) {
            Progress::Settled | Progress::Creating => {}
            Progress::Updating(after) | Progress::Backfilling(after) => self.definition = *after,
            Progress::Deleting => return None,
        }
        self.expiry_changed = false;
        Some(self)
    }

    /// Returns the response of `DescribeTable`, and of the requests for the settings that it omits.
    /// A new index is included from the call that creates it, and a deleted one until it is gone;
    /// all other settings keep their old values until the change is completed.
    pub(super) fn description(&self) -> TableDescription {
        let mut definition = self.definition.clone();
        let mut indexes = BTreeMap::new();
        let mut state = |index: &GlobalSecondaryIndex, status, backfilling| {
            indexes.insert(
                index.index_name.clone(),
                IndexState { status, backfilling, is_warming: false },
            );
        };
        let present = &self.definition.global_secondary_indexes;
        let status = match &self.progress {
            Progress::Settled => {
                present.iter().for_each(|index| state(index, Status::Active, false));
                Status::Active
            }
            Progress::Creating => {
                present.iter().for_each(|index| state(index, Status::Creating, false));
                Status::Creating
            }
            Progress::Deleting => {
                present.iter().for_each(|index| state(index, Status::Deleting, false));
                Status::Deleting
            }
            Progress::Updating(after) | Progress::Backfilling(after) => {
                for index in present {
                    let status = match after.global_index(&index.index_name) {
                        None => Status::Deleting,
                        Some(same) if same == index => Status::Active,
                        Some(_) => Status::Updating,
                    };
                    state(index, status, false);
                }
                let is_backfilling = matches!(self.progress, Progress::Backfilling(_));
                let new = after
                    .global_secondary_indexes
                    .iter()
                    .filter(|index| self.definition.global_index(&index.index_name).is_none());
                for index in new {
                    state(index, Status::Creating, is_backfilling);
                    definition.global_secondary_indexes.push(index.clone());
                }
                definition.attribute_definitions.extend(after.attribute_definitions.clone());
                if is_backfilling { Status::Active } else { Status::Updating }
            }
        };
        TableDescription {
            table_id: Some(self.id()),
            replicas: Vec::new(),
            region: None,
            is_warming: false,
            unmanaged: Unmanaged::default(),
            definition: definition.normalised(),
            status,
            indexes,
            item_count: Some(self.items),
            size_bytes: Some(self.items.saturating_mul(ITEM_SIZE)),
            index_sizes: BTreeMap::new(),
            created: None,
            policy_revision: self.policy_revision(),
            unsupported: BTreeSet::new(),
            transitions: Vec::new(),
        }
    }
}

/// Returns the definition with a default for every omitted setting, as the service responds.
fn with_defaults(definition: TableDefinition) -> TableDefinition {
    let mut full = definition.normalised();
    let used: BTreeSet<String> = full.key_attributes().map(str::to_owned).collect();
    full.attribute_definitions.retain(|attribute| used.contains(&attribute.attribute_name));

    let is_provisioned = full.billing_mode == Some(BillingMode::Provisioned)
        || full.billing_mode.is_none() && full.provisioned_throughput.is_some();
    let mode = if is_provisioned { BillingMode::Provisioned } else { BillingMode::PayPerRequest };
    full.billing_mode = Some(mode);
    settle_throughputs(&mut full);

    full.autoscaled = false;
    for_each_setting!(S => {
        let value = S::of_mut(&mut full).take().unwrap_or_else(S::default);
        *S::of_mut(&mut full) = Some(S::answered(value));
        S::follow_indexes(&mut full, true);
    });
    full
}

/// Sets every throughput to a value that the billing mode requires: capacity only in a provisioned
/// table, limits only in an on-demand table, and warm throughput according to both.
pub(super) fn settle_throughputs(table: &mut TableDefinition) {
    let mode = table.billing_mode;
    settle_owner(
        mode,
        None,
        &mut table.provisioned_throughput,
        &mut table.on_demand_throughput,
        &mut table.warm_throughput,
    );
    let capacity = table.provisioned_throughput;
    for index in &mut table.global_secondary_indexes {
        index.autoscaled = false;
        settle_owner(
            mode,
            capacity,
            &mut index.provisioned_throughput,
            &mut index.on_demand_throughput,
            &mut index.warm_throughput,
        );
    }
}

fn settle_owner(
    mode: Option<BillingMode>,
    fallback: Option<ProvisionedThroughput>,
    capacity: &mut Option<ProvisionedThroughput>,
    limit: &mut Option<OnDemandThroughput>,
    warm: &mut Option<WarmThroughput>,
) {
    let floor = match mode {
        Some(BillingMode::Provisioned) => {
            let least = ProvisionedThroughput { read_capacity_units: 1, write_capacity_units: 1 };
            let units = *capacity.get_or_insert(fallback.unwrap_or(least));
            *limit = None;
            warmth_of(units)
        }
        Some(BillingMode::PayPerRequest) | None => {
            *capacity = None;
            limit.get_or_insert(OnDemandThroughput::UNLIMITED);
            ON_DEMAND_WARMTH
        }
    };
    *warm = Some(warm.map_or(floor, |warm| warm.max(floor)));
}

/// Returns the warm throughput of provisioned capacity.
pub(super) fn warmth_of(capacity: ProvisionedThroughput) -> WarmThroughput {
    WarmThroughput {
        read_units_per_second: capacity.read_capacity_units,
        write_units_per_second: capacity.write_capacity_units,
    }
}

/// The warm throughput of a new on-demand table or index.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/warm-throughput.html>.
pub(super) const ON_DEMAND_WARMTH: WarmThroughput =
    WarmThroughput { read_units_per_second: 12_000, write_units_per_second: 4_000 };
