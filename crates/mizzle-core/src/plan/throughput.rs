//! The throughput of a table and its indexes: billing mode, capacity, limits, warm throughput.

use super::{
    Call, GlobalSecondaryIndexUpdate, Hazard, UpdateIndex, UpdateTable, hazard::throttles,
    table_planner::TablePlanner,
};
use crate::{
    diff::{Owner, ValueChange},
    model::{
        BillingMode, GlobalSecondaryIndex, OnDemandThroughput, ProvisionedThroughput,
        TableDefinition, WarmThroughput,
    },
};

/// The default capacity of a new table: the suggestion of the AWS console.
pub(super) const STARTING_CAPACITY: ProvisionedThroughput =
    ProvisionedThroughput { read_capacity_units: 5, write_capacity_units: 5 };

/// Returns the table's capacity, which is also that of indexes without numbers of their own.
pub(super) fn default_capacity(table: &TableDefinition) -> ProvisionedThroughput {
    table.provisioned_throughput.unwrap_or(STARTING_CAPACITY)
}

/// Sets the throughput of a new index to one that its table requires and allows.
///
/// Capacity is mandatory in a provisioned table, where an index without numbers of its own gets the
/// table's, and forbidden in an on-demand table. With `is_scaled` the present capacity of the table
/// has priority: auto scaling has chosen it, while the numbers of the config are for a table that
/// does not exist yet.
pub(super) fn settle_new_index(
    index: &mut GlobalSecondaryIndex,
    table: &TableDefinition,
    is_scaled: bool,
) {
    match table.billing_mode {
        Some(BillingMode::Provisioned) => {
            let present = table.provisioned_throughput;
            let units = inherited(present, index.provisioned_throughput, is_scaled);
            index.provisioned_throughput = Some(units.unwrap_or(STARTING_CAPACITY));
            index.on_demand_throughput = None;
        }
        Some(BillingMode::PayPerRequest) => index.provisioned_throughput = None,
        None => {}
    }
    index.on_demand_throughput =
        index.on_demand_throughput.filter(|limit| *limit != OnDemandThroughput::UNLIMITED);
    index.warm_throughput =
        index.warm_throughput.map(|warm| warm.max(floor(index.provisioned_throughput)));
}

impl TablePlanner<'_> {
    /// Adds the step for a billing mode. PROVISIONED needs capacity for the table and for each
    /// present index, also for one that a later step deletes.
    pub(super) fn billing_mode(&mut self, mode: BillingMode) {
        let mut call = UpdateTable { billing_mode: Some(mode), ..self.request() };
        let before = self.state.billing_mode.replace(mode);
        // From here on the numbers are those of the call.
        self.state.autoscaled = false;
        for index in &mut self.state.global_secondary_indexes {
            index.autoscaled = false;
        }
        if mode == BillingMode::PayPerRequest {
            self.state.provisioned_throughput = None;
            warm_up(&mut self.state.warm_throughput, ON_DEMAND_WARMTH);
            for index in &mut self.state.global_secondary_indexes {
                index.provisioned_throughput = None;
                warm_up(&mut index.warm_throughput, ON_DEMAND_WARMTH);
            }
            if before == Some(BillingMode::Provisioned) {
                self.state.on_demand_throughput = Some(OnDemandThroughput::UNLIMITED);
                for index in &mut self.state.global_secondary_indexes {
                    index.on_demand_throughput = Some(OnDemandThroughput::UNLIMITED);
                }
            }
            self.push("set-billing-mode", Call::UpdateTable(call), Vec::new());
            return;
        }
        let table = inherited(
            self.state.provisioned_throughput,
            self.desired.provisioned_throughput,
            self.desired.autoscaled,
        );
        let table = table.unwrap_or(STARTING_CAPACITY);
        self.state.provisioned_throughput = Some(table);
        self.state.on_demand_throughput = None;
        warm_up(&mut self.state.warm_throughput, warmth_of(table));
        call.provisioned_throughput = Some(table);
        for index in &mut self.state.global_secondary_indexes {
            let desired = self.desired.global_index(&index.index_name);
            let units = inherited(
                index.provisioned_throughput,
                desired.and_then(|desired| desired.provisioned_throughput),
                desired.is_some_and(|desired| desired.autoscaled),
            );
            let units = units.unwrap_or(table);
            index.provisioned_throughput = Some(units);
            index.on_demand_throughput = None;
            warm_up(&mut index.warm_throughput, warmth_of(units));
            call.global_secondary_index_updates.push(GlobalSecondaryIndexUpdate::Update(
                UpdateIndex {
                    index_name: index.index_name.clone(),
                    provisioned_throughput: Some(units),
                    ..UpdateIndex::default()
                },
            ));
        }
        let hazard = throttles(&Owner::Table, &table);
        self.push("set-billing-mode", Call::UpdateTable(call), vec![hazard]);
    }

    pub(super) fn capacity(&mut self, wishes: Vec<(Owner, ValueChange<ProvisionedThroughput>)>) {
        let mut parts = Vec::new();
        for (owner, ValueChange { before, after }) in wishes {
            // A new billing mode has already set the numbers.
            let Some(present) = self.throughput_of(&owner) else { continue };
            // Autoscaled numbers may have changed by now.
            if *present.provisioned == Some(after) && !*present.autoscaled {
                continue;
            }
            *present.provisioned = Some(after);
            *present.autoscaled = false;
            warm_up(present.warm, warmth_of(after));
            let is_lower = before.is_some_and(|before| after.is_below(&before));
            let hazard = is_lower.then(|| throttles(&owner, &after));
            let (is_known, numbers) = (before.is_some(), Numbers::Capacity(after));
            parts.push(Part { owner, is_known, numbers, hazard });
        }
        self.push_parts("set-capacity", parts);
    }

    pub(super) fn on_demand_maximum(
        &mut self,
        wishes: Vec<(Owner, ValueChange<OnDemandThroughput>)>,
    ) {
        let mut parts = Vec::new();
        for (owner, ValueChange { before, after }) in wishes {
            // A new billing mode starts without limits.
            let Some(present) = self.throughput_of(&owner) else { continue };
            if *present.on_demand == Some(after) {
                continue;
            }
            *present.on_demand = Some(after);
            let is_limit = after != OnDemandThroughput::UNLIMITED;
            let is_lower = is_limit && after.is_below(before);
            let hazard = is_lower.then(|| throttles(&owner, &after));
            let (is_known, numbers) = (before.is_some(), Numbers::Limit(after));
            parts.push(Part { owner, is_known, numbers, hazard });
        }
        self.push_parts("set-on-demand-maximum", parts);
    }

    pub(super) fn warm_throughput(&mut self, wishes: Vec<(Owner, ValueChange<WarmThroughput>)>) {
        let mut parts = Vec::new();
        for (owner, ValueChange { before, after: wanted }) in wishes {
            let Some(present) = self.throughput_of(&owner) else { continue };
            // Billing mode and capacity may have raised it enough, and one of its numbers may
            // already be higher.
            if present.warm.is_some_and(|warm| !warm.is_below(&wanted)) {
                continue;
            }
            warm_up(present.warm, wanted);
            let numbers = Numbers::Warmth(present.warm.unwrap_or(wanted));
            parts.push(Part { owner, is_known: before.is_some(), numbers, hazard: None });
        }
        self.push_parts("set-warm-throughput", parts);
    }

    /// Adds one call for the table and all its indexes. Parts with unknown present numbers get
    /// separate calls, because DynamoDB rejects a whole call if a value is already set.
    fn push_parts(&mut self, action: &str, parts: Vec<Part>) {
        let (known, unknown): (Vec<Part>, Vec<Part>) =
            parts.into_iter().partition(|part| part.is_known);
        if !known.is_empty() {
            self.push_call(action, known);
        }
        for part in unknown {
            let action = match &part.owner {
                Owner::Table => format!("{action}:table"),
                Owner::Index(name) => format!("{action}:{name}"),
            };
            self.push_call(&action, vec![part]);
        }
    }

    fn push_call(&mut self, action: &str, parts: Vec<Part>) {
        let mut call = self.request();
        let mut hazards = Vec::new();
        for Part { owner, is_known: _, numbers, hazard } in parts {
            hazards.extend(hazard);
            match owner {
                Owner::Table => match numbers {
                    Numbers::Capacity(units) => call.provisioned_throughput = Some(units),
                    Numbers::Limit(limit) => call.on_demand_throughput = Some(limit),
                    Numbers::Warmth(warm) => call.warm_throughput = Some(warm),
                },
                Owner::Index(index_name) => {
                    let mut update = UpdateIndex { index_name, ..UpdateIndex::default() };
                    match numbers {
                        Numbers::Capacity(units) => update.provisioned_throughput = Some(units),
                        Numbers::Limit(limit) => update.on_demand_throughput = Some(limit),
                        Numbers::Warmth(warm) => update.warm_throughput = Some(warm),
                    }
                    let update = GlobalSecondaryIndexUpdate::Update(update);
                    call.global_secondary_index_updates.push(update);
                }
            }
        }
        self.push(action, Call::UpdateTable(call), hazards);
    }

    fn throughput_of(&mut self, owner: &Owner) -> Option<Throughput<'_>> {
        match owner {
            Owner::Table => Some(Throughput {
                provisioned: &mut self.state.provisioned_throughput,
                autoscaled: &mut self.state.autoscaled,
                on_demand: &mut self.state.on_demand_throughput,
                warm: &mut self.state.warm_throughput,
            }),
            Owner::Index(name) => {
                let mut indexes = self.state.global_secondary_indexes.iter_mut();
                let index = indexes.find(|index| &index.index_name == name)?;
                Some(Throughput {
                    provisioned: &mut index.provisioned_throughput,
                    autoscaled: &mut index.autoscaled,
                    on_demand: &mut index.on_demand_throughput,
                    warm: &mut index.warm_throughput,
                })
            }
        }
    }
}

/// The throughput of a table or an index.
struct Throughput<'a> {
    provisioned: &'a mut Option<ProvisionedThroughput>,
    autoscaled: &'a mut bool,
    on_demand: &'a mut Option<OnDemandThroughput>,
    warm: &'a mut Option<WarmThroughput>,
}

/// The warm throughput of every on-demand table or index.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/warm-throughput.html>.
const ON_DEMAND_WARMTH: WarmThroughput =
    WarmThroughput { read_units_per_second: 12_000, write_units_per_second: 4_000 };

/// Returns the minimum warm throughput that results from this capacity.
fn warmth_of(capacity: ProvisionedThroughput) -> WarmThroughput {
    WarmThroughput {
        read_units_per_second: capacity.read_capacity_units,
        write_units_per_second: capacity.write_capacity_units,
    }
}

/// Raises warm throughput; lower values are ignored.
fn warm_up(present: &mut Option<WarmThroughput>, to: WarmThroughput) {
    *present = Some(present.map_or(to, |present| present.max(to)));
}

/// The new numbers of a table or of one of its indexes.
struct Part {
    owner: Owner,
    /// True if the present numbers are known to differ.
    is_known: bool,
    numbers: Numbers,
    hazard: Option<Hazard>,
}

/// Numbers of one kind.
#[derive(Clone, Copy)]
enum Numbers {
    Capacity(ProvisionedThroughput),
    Limit(OnDemandThroughput),
    Warmth(WarmThroughput),
}

/// Returns the initial capacity: the present one if it is autoscaled, otherwise the desired one.
pub(super) fn inherited<T>(present: Option<T>, desired: Option<T>, autoscaled: bool) -> Option<T> {
    if autoscaled { present.or(desired) } else { desired.or(present) }
}

/// Returns the lowest warm throughput that a new table or index can request: the one that it has
/// anyway, on demand or with this capacity.
pub(super) fn floor(capacity: Option<ProvisionedThroughput>) -> WarmThroughput {
    capacity.map_or(ON_DEMAND_WARMTH, warmth_of)
}
