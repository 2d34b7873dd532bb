//! Fitting an `UpdateTable` request to a table.

use super::{Dropped, Fitted, LeftOut, Managed, Misfit, throughputs::Throughputs};
use crate::{
    diff::Owner,
    model::{
        BillingMode, GlobalSecondaryIndex, OnDemandThroughput, ProvisionedThroughput,
        TableDefinition, WarmThroughput,
    },
    plan::{
        Call, CreateIndex, GlobalSecondaryIndexUpdate, Hazard, UpdateIndex, UpdateTable, hazard,
        throughput::{STARTING_CAPACITY, inherited, settle_new_index},
    },
};

/// An `UpdateTable` request that is being fitted to a table.
pub(super) struct Update<'a> {
    present: &'a TableDefinition,
    /// The present billing mode of the table.
    before: BillingMode,
    managed: Option<&'a Managed>,
    request: UpdateTable,
    left_out: Vec<LeftOut>,
    hazards: Vec<Hazard>,
}

/// The managed throughput of a table or an index, in the snapshot and in the environment.
struct Wanted {
    everywhere: Throughputs,
    here: Throughputs,
}

impl<'a> Update<'a> {
    pub(super) fn new(
        request: UpdateTable,
        (present, before): (&'a TableDefinition, BillingMode),
        managed: Option<&'a Managed>,
    ) -> Self {
        Self { present, before, managed, request, left_out: Vec::new(), hazards: Vec::new() }
    }

    pub(super) fn fit(mut self, dropped: &mut Dropped) -> Result<Fitted, Misfit> {
        let becomes_on_demand = self.request.billing_mode == Some(BillingMode::PayPerRequest);
        self.settle_billing_mode();
        let after = self.request.billing_mode.unwrap_or(self.before);
        let requested = Throughputs::of_update(&self.request);
        let table = self.throughputs(&Owner::Table, requested, after);
        self.request.provisioned_throughput = table.capacity;
        self.request.on_demand_throughput = table.limit;
        self.request.warm_throughput = table.warm;
        for update in std::mem::take(&mut self.request.global_secondary_index_updates) {
            let update = match update {
                GlobalSecondaryIndexUpdate::Create(index) => {
                    GlobalSecondaryIndexUpdate::Create(self.new_index(index, dropped))
                }
                GlobalSecondaryIndexUpdate::Update(index) => {
                    let owner = Owner::Index(index.index_name.clone());
                    let requested = Throughputs::of_index_update(&index);
                    let kept = self.throughputs(&owner, requested, after);
                    if kept.is_empty() && !requested.is_empty() {
                        continue;
                    }
                    GlobalSecondaryIndexUpdate::Update(UpdateIndex {
                        index_name: index.index_name,
                        provisioned_throughput: kept.capacity,
                        on_demand_throughput: kept.limit,
                        warm_throughput: kept.warm,
                    })
                }
                GlobalSecondaryIndexUpdate::Delete(index) => {
                    if let Some(present) = self.present.global_index(&index.index_name) {
                        dropped.insert(self.key(&index.index_name), present.clone());
                    }
                    GlobalSecondaryIndexUpdate::Delete(index)
                }
            };
            self.request.global_secondary_index_updates.push(update);
        }
        if after == BillingMode::Provisioned && self.before != after {
            self.complete_capacity()?;
        }
        if becomes_on_demand && self.before == BillingMode::PayPerRequest && after == self.before {
            self.renew_limits();
        }
        if !self.left_out.is_empty() && self.is_nothing() {
            self.add_warmth();
        }
        let is_nothing = !self.left_out.is_empty() && self.is_nothing();
        let Self { request, left_out, hazards, .. } = self;
        let call = (!is_nothing).then_some(Call::UpdateTable(request));
        Ok(Fitted { call, left_out, hazards })
    }

    /// True if the request has nothing left to change.
    fn is_nothing(&self) -> bool {
        let nothing = UpdateTable {
            table_name: self.request.table_name.clone(),
            attribute_definitions: self.request.attribute_definitions.clone(),
            ..UpdateTable::default()
        };
        self.request == nothing
    }

    /// Requests the warm throughput that the omitted parts would have implied: a table that becomes
    /// on demand, or gets more capacity, gets a higher one, so its script does not request it
    /// again.
    fn add_warmth(&mut self) {
        let Some(Managed { here, .. }) = self.managed else { return };
        let colder = |owner: &Owner| {
            let wanted = Throughputs::of(here, owner)?.warm?;
            let present = Throughputs::of(self.present, owner)?.warm?;
            present.is_below(&wanted).then(|| present.max(wanted))
        };
        let indexes = here.global_secondary_indexes.iter().filter_map(|index| {
            let warm = colder(&Owner::Index(index.index_name.clone()))?;
            Some(GlobalSecondaryIndexUpdate::Update(UpdateIndex {
                index_name: index.index_name.clone(),
                warm_throughput: Some(warm),
                ..UpdateIndex::default()
            }))
        });
        let indexes: Vec<_> = indexes.collect();
        self.request.warm_throughput = colder(&Owner::Table);
        self.request.global_secondary_index_updates = indexes;
    }

    /// Requests the managed maxima. A table that becomes on demand has none yet, so its script does
    /// not reset them, but a table that was on demand before may have those of an earlier snapshot.
    fn renew_limits(&mut self) {
        let Some(Managed { here, .. }) = self.managed else { return };
        let unlimited =
            || OnDemandThroughput { max_read_request_units: -1, max_write_request_units: -1 };
        let stale = |owner: &Owner| {
            let wanted = Throughputs::of(here, owner)?.limit?;
            let present = Throughputs::of(self.present, owner)?.limit;
            (present.unwrap_or_else(unlimited) != wanted).then_some(wanted)
        };
        let of_table = stale(&Owner::Table);
        let indexes = here.global_secondary_indexes.iter().filter_map(|index| {
            Some(GlobalSecondaryIndexUpdate::Update(UpdateIndex {
                index_name: index.index_name.clone(),
                on_demand_throughput: Some(stale(&Owner::Index(index.index_name.clone()))?),
                ..UpdateIndex::default()
            }))
        });
        let indexes: Vec<_> = indexes.collect();
        let is_idle = of_table.is_none() && indexes.is_empty();
        let asks_for_more = self.request.warm_throughput.is_some()
            || self.request.on_demand_throughput.is_some()
            || !self.request.global_secondary_index_updates.is_empty();
        if is_idle || asks_for_more {
            return;
        }
        // An UpdateTable request makes one kind of change.
        self.request.billing_mode = None;
        let reason = format!("{} is PAY_PER_REQUEST already", self.request.table_name);
        self.leave_out("billing mode".to_owned(), reason);
        self.request.on_demand_throughput = of_table;
        self.request.global_secondary_index_updates = indexes;
    }

    fn key(&self, index: &str) -> (String, String) {
        (self.request.table_name.clone(), index.to_owned())
    }

    fn leave_out(&mut self, setting: String, reason: String) {
        self.left_out.push(LeftOut { setting, reason });
    }

    /// Removes the billing mode from the request if the environment overrides it, or if the table
    /// has it already. The numbers remain.
    fn settle_billing_mode(&mut self) {
        let Some(mode) = self.request.billing_mode else { return };
        let table = &self.request.table_name;
        let of_snapshot = self.managed.filter(|to| to.everywhere.billing_mode == Some(mode));
        let here = of_snapshot.and_then(|managed| managed.here.billing_mode);
        let reason = match here.filter(|here| *here != mode) {
            Some(here) => format!("{table} is to be {here} in this environment"),
            None if mode == BillingMode::Provisioned && self.before == mode => {
                format!("{table} is {mode} already")
            }
            None => return,
        };
        self.request.billing_mode = None;
        self.leave_out("billing mode".to_owned(), reason);
    }

    /// Returns the throughput that the request may set for a table or an index, in a table with the
    /// mode `after`.
    fn throughputs(
        &mut self,
        owner: &Owner,
        requested: Throughputs,
        after: BillingMode,
    ) -> Throughputs {
        let present = Throughputs::of(self.present, owner).unwrap_or_default();
        let wanted = self.wanted(owner);
        Throughputs {
            capacity: requested
                .capacity
                .and_then(|units| self.capacity(owner, units, present, wanted.as_ref(), after)),
            limit: requested
                .limit
                .and_then(|limit| self.limit(owner, limit, present, wanted.as_ref(), after)),
            warm: requested
                .warm
                .and_then(|warm| self.warmth(owner, warm, present, wanted.as_ref())),
            ..requested
        }
    }

    fn wanted(&self, owner: &Owner) -> Option<Wanted> {
        let Managed { everywhere, here } = self.managed?;
        let mut wanted = Wanted {
            everywhere: Throughputs::of(everywhere, owner)?,
            here: Throughputs::of(here, owner)?,
        };
        // An index without capacity of its own starts with the table's.
        let of_table = everywhere.provisioned_throughput.unwrap_or(STARTING_CAPACITY);
        if everywhere.billing_mode == Some(BillingMode::Provisioned) {
            wanted.everywhere.capacity.get_or_insert(of_table);
        }
        Some(wanted)
    }

    /// True if the environment overrides the billing mode.
    fn is_paid_otherwise(&self) -> bool {
        self.managed
            .is_some_and(|managed| managed.everywhere.billing_mode != managed.here.billing_mode)
    }

    fn capacity(
        &mut self,
        owner: &Owner,
        units: ProvisionedThroughput,
        present: Throughputs,
        wanted: Option<&Wanted>,
        after: BillingMode,
    ) -> Option<ProvisionedThroughput> {
        let (setting, table) = (format!("capacity{owner}"), &self.request.table_name);
        if after == BillingMode::PayPerRequest {
            let reason = format!("{table} is {after}");
            self.leave_out(setting, reason);
            return None;
        }
        let here = wanted.filter(|wanted| wanted.everywhere.capacity == Some(units));
        let here = here.map(|wanted| wanted.here);
        let is_mandatory = self.before != after;
        let units = match here {
            None => units,
            Some(here) if is_mandatory => here.capacity.unwrap_or(units),
            Some(here) if here.is_autoscaled => {
                let reason = format!("the capacity of {table} is autoscaled");
                self.leave_out(setting, reason);
                return None;
            }
            Some(Throughputs { capacity: None, .. }) if self.is_paid_otherwise() => {
                let reason = format!("{table} is to be on demand in this environment");
                self.leave_out(setting, reason);
                return None;
            }
            Some(Throughputs { capacity, .. }) => match capacity.unwrap_or(units) {
                own if own != units && present.capacity == Some(own) => {
                    let reason = format!("it is {own} in this environment");
                    self.leave_out(setting, reason);
                    return None;
                }
                own => own,
            },
        };
        // DynamoDB rejects the whole call if the capacity is already set.
        if !is_mandatory && present.capacity == Some(units) {
            self.leave_out(setting, format!("it is {units} already"));
            return None;
        }
        let is_lower = present.capacity.is_some_and(|present| {
            units.read_capacity_units < present.read_capacity_units
                || units.write_capacity_units < present.write_capacity_units
        });
        self.hazards.extend(is_lower.then(|| hazard::throttles(owner, &units)));
        Some(units)
    }

    fn limit(
        &mut self,
        owner: &Owner,
        limit: OnDemandThroughput,
        present: Throughputs,
        wanted: Option<&Wanted>,
        after: BillingMode,
    ) -> Option<OnDemandThroughput> {
        let (setting, table) = (format!("on-demand maximum{owner}"), &self.request.table_name);
        if after == BillingMode::Provisioned {
            let reason = format!("{table} is {after}");
            self.leave_out(setting, reason);
            return None;
        }
        let here = wanted.filter(|wanted| wanted.everywhere.limit == Some(limit));
        let own = here.and_then(|wanted| wanted.here.limit);
        if here.is_some() && own.is_none() && self.is_paid_otherwise() {
            let reason = format!("{table} is to be PROVISIONED in this environment");
            self.leave_out(setting, reason);
            return None;
        }
        let wanted = own.unwrap_or(limit);
        if present.limit == Some(wanted) {
            let since = if wanted == limit { "already" } else { "in this environment" };
            self.leave_out(setting, format!("it is {wanted} {since}"));
            return None;
        }
        Some(wanted)
    }

    /// Returns a new index that the table can accept.
    fn new_index(&mut self, index: CreateIndex, dropped: &mut Dropped) -> CreateIndex {
        let mut index = GlobalSecondaryIndex::from(index);
        let owner = Owner::Index(index.index_name.clone());
        let requested = Throughputs::from(&index);
        let former = dropped.remove(&self.key(&index.index_name));
        let wanted = self.wanted(&owner);
        // Autoscaled numbers exist only because a creation requires some.
        let is_own_decision = requested.capacity.is_some_and(|units| {
            wanted.as_ref().is_none_or(|Wanted { everywhere, .. }| {
                everywhere.capacity != Some(units) && !everywhere.is_autoscaled
            })
        });
        let mut is_scaled = false;
        if let Some(Wanted { everywhere, here }) = wanted {
            let own = requested.unlike(everywhere).or(here);
            index.on_demand_throughput = own.limit;
            index.warm_throughput = own.warm;
            if !is_own_decision {
                index.provisioned_throughput = here.capacity;
                index.autoscaled = here.is_autoscaled;
                is_scaled = here.is_autoscaled
                    && self.managed.is_some_and(|managed| managed.here.autoscaled);
            }
        }
        if let Some(former) = &former
            && !is_own_decision
        {
            index.provisioned_throughput = inherited(
                former.provisioned_throughput,
                index.provisioned_throughput,
                index.autoscaled,
            );
            index.on_demand_throughput = index.on_demand_throughput.or(former.on_demand_throughput);
        }
        settle_new_index(&mut index, self.present, is_scaled && former.is_none());
        if former.is_none() {
            let is_unscaled = index.autoscaled && index.provisioned_throughput.is_some();
            self.hazards.extend(hazard::slows_table(&index, self.present.provisioned_throughput));
            self.hazards.extend(is_unscaled.then(|| hazard::lacks_scaling(&index.index_name)));
        }
        CreateIndex::from(index)
    }

    /// Adds the capacity of the table and of all its indexes, which a table that becomes
    /// provisioned needs, also for indexes that the script does not contain.
    fn complete_capacity(&mut self) -> Result<(), Misfit> {
        let here = self.managed.map(|managed| &managed.here);
        let table = self.request.provisioned_throughput;
        let table = table.or(here.and_then(|here| here.provisioned_throughput));
        let Some(table) = table else {
            return Err(Misfit { table: self.request.table_name.clone() });
        };
        self.request.provisioned_throughput = Some(table);
        for present in &self.present.global_secondary_indexes {
            let name = &present.index_name;
            let managed = here.and_then(|here| here.global_index(name));
            let units = managed.and_then(|index| index.provisioned_throughput).unwrap_or(table);
            let updates = &mut self.request.global_secondary_index_updates;
            let stated = updates.iter_mut().find_map(|update| match update {
                GlobalSecondaryIndexUpdate::Update(update) if update.index_name == *name => {
                    Some(update)
                }
                GlobalSecondaryIndexUpdate::Create(_)
                | GlobalSecondaryIndexUpdate::Update(_)
                | GlobalSecondaryIndexUpdate::Delete(_) => None,
            });
            if let Some(update) = stated {
                update.provisioned_throughput.get_or_insert(units);
            } else {
                updates.push(GlobalSecondaryIndexUpdate::Update(UpdateIndex {
                    index_name: name.clone(),
                    provisioned_throughput: Some(units),
                    ..UpdateIndex::default()
                }));
            }
        }
        Ok(())
    }

    /// Returns the warm throughput to request, which can only grow: a number that is already higher
    /// is kept.
    fn warmth(
        &mut self,
        owner: &Owner,
        warm: WarmThroughput,
        present: Throughputs,
        wanted: Option<&Wanted>,
    ) -> Option<WarmThroughput> {
        let here = wanted.filter(|wanted| wanted.everywhere.warm == Some(warm));
        let warm = here.and_then(|wanted| wanted.here.warm).unwrap_or(warm);
        match present.warm {
            Some(present) if present.is_below(&warm) => Some(present.max(warm)),
            Some(present) => {
                self.leave_out(
                    format!("warm throughput{owner}"),
                    format!("it is {present} already"),
                );
                None
            }
            None => Some(warm),
        }
    }
}
