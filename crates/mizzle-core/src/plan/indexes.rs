//! The GSIs of a table: added, built anew and dropped one at a time.
//!
//! New indexes come first, so that a query can move to them before an old one goes; an index is
//! dropped earlier only where a limit (20 indexes, 100 projected attributes), or the type of an
//! attribute that both name, demands it. Source of the rules:
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.OnlineOps.html>.

use super::{
    Call, CreateIndex, DeleteIndex, GlobalSecondaryIndexUpdate, Hazard, UpdateTable, hazard,
    table_planner::TablePlanner,
    throughput::{default_capacity, floor, inherited},
};
use crate::{
    diff::{Change, IndexAspects},
    model::{
        AttributeDefinition, BillingMode, GlobalSecondaryIndex, OnDemandThroughput, Projection,
        rules::{MAX_GLOBAL_INDEXES, MAX_PROJECTED_PER_TABLE},
    },
};
use std::collections::VecDeque;

/// An index that is to be dropped and added again, with what it is added as.
type Rebuilt<'a> = (&'a GlobalSecondaryIndex, &'a GlobalSecondaryIndex, &'a IndexAspects);

impl TablePlanner<'_> {
    /// Adds the steps of all index changes.
    pub(super) fn indexes(&mut self, changes: &[Change]) {
        self.settle_attributes();
        let mut adds: VecDeque<GlobalSecondaryIndex> = VecDeque::new();
        let mut rebuilds: VecDeque<Rebuilt<'_>> = VecDeque::new();
        let mut drops: VecDeque<&GlobalSecondaryIndex> = VecDeque::new();
        for change in changes {
            match change {
                Change::AddGlobalIndex(index) => adds.push_back(index.clone()),
                Change::DropGlobalIndex(index) if self.is_building(index) => {}
                Change::DropGlobalIndex(index) => drops.push_back(index),
                Change::ChangeGlobalIndex { before, after, aspects } => {
                    rebuilds.push_back((before, after, aspects));
                }
                // A table with one of the first four is replaced and never gets here.
                Change::Key { .. }
                | Change::AddLocalIndex(_)
                | Change::DropLocalIndex(_)
                | Change::ChangeLocalIndex { .. }
                | Change::Setting(_) => {}
            }
        }
        let mut rebuilt: Vec<String> = Vec::new();
        loop {
            if let Some(position) = adds.iter().position(|index| self.can_add(index)) {
                if let Some(index) = adds.remove(position) {
                    let is_rebuilt = rebuilt.contains(&index.index_name);
                    self.add(index, is_rebuilt);
                }
            } else if let Some(index) = self.take_obstacle(&adds, &mut drops, |index| index) {
                self.drop(index, hazard::drops_index(&index.index_name));
            } else if let Some((before, after, aspects)) = self
                .take_obstacle(&adds, &mut rebuilds, |(before, _, _)| before)
                .or_else(|| rebuilds.pop_front())
            {
                let after = self.heir(before, after);
                let units = after.provisioned_throughput.map(|units| units.write_capacity_units);
                let hazard = hazard::rebuilds_index(&after, aspects, self.facts, units);
                self.drop(before, hazard);
                rebuilt.push(after.index_name.clone());
                // Usually possible at once, which keeps the gap for queries short.
                adds.push_back(after);
            } else if let Some(index) = drops.pop_front() {
                self.drop(index, hazard::drops_index(&index.index_name));
            } else {
                break;
            }
        }
        debug_assert!(adds.is_empty(), "the desired state keeps the limits, so every index fits");
    }

    /// Drops the indexes that nobody wants any more and that are still being built: everything else
    /// would have to wait for them.
    pub(super) fn drop_unfinished(&mut self, changes: &[Change]) {
        for change in changes {
            if let Change::DropGlobalIndex(index) = change
                && self.is_building(index)
            {
                self.drop(index, hazard::drops_index(&index.index_name));
            }
        }
    }

    fn is_building(&self, index: &GlobalSecondaryIndex) -> bool {
        self.facts.is_some_and(|facts| facts.building.contains(&index.index_name))
    }

    /// The index as it is built anew: with its old throughput, where the desired state manages none.
    fn heir(
        &self,
        before: &GlobalSecondaryIndex,
        desired: &GlobalSecondaryIndex,
    ) -> GlobalSecondaryIndex {
        // As it is by now, after the billing mode has changed.
        let present = self.state.global_index(&before.index_name).unwrap_or(before);
        GlobalSecondaryIndex {
            provisioned_throughput: inherited(
                present.provisioned_throughput,
                desired.provisioned_throughput,
                desired.autoscaled,
            ),
            on_demand_throughput: desired.on_demand_throughput.or(present.on_demand_throughput),
            ..desired.clone()
        }
    }

    /// Takes the first of `candidates` whose index has to go before one of `adds` can come: any
    /// index at the limit of indexes, one with projected attributes at the limit of those, otherwise
    /// one that gives an attribute another type.
    fn take_obstacle<T>(
        &self,
        adds: &VecDeque<GlobalSecondaryIndex>,
        candidates: &mut VecDeque<T>,
        index_of: impl Fn(&T) -> &GlobalSecondaryIndex,
    ) -> Option<T> {
        let full = self.state.global_secondary_indexes.len() >= MAX_GLOBAL_INDEXES;
        let position = candidates.iter().position(|candidate| {
            let candidate = index_of(candidate);
            adds.iter().any(|add| {
                full || (self.projects_too_much(add) && projected(&candidate.projection) > 0)
                    || self.is_in_the_way(candidate, add)
            })
        })?;
        candidates.remove(position)
    }

    /// Whether DynamoDB would accept the index now: within the limits, and no attribute of another
    /// type than the one that existing keys give it.
    fn can_add(&self, index: &GlobalSecondaryIndex) -> bool {
        self.state.global_secondary_indexes.len() < MAX_GLOBAL_INDEXES
            && !self.projects_too_much(index)
            && self.conflicts(index).next().is_none()
    }

    /// Whether the table's indexes would project too many attributes with a new one.
    fn projects_too_much(&self, new: &GlobalSecondaryIndex) -> bool {
        let globals = self.state.global_secondary_indexes.iter().map(|index| &index.projection);
        let locals = self.state.local_secondary_indexes.iter().map(|index| &index.projection);
        let present: usize = globals.chain(locals).map(projected).sum();
        let new = projected(&new.projection);
        new > 0 && present + new > MAX_PROJECTED_PER_TABLE
    }

    /// Whether a present index uses an attribute to which a new one gives another type.
    fn is_in_the_way(&self, present: &GlobalSecondaryIndex, new: &GlobalSecondaryIndex) -> bool {
        self.conflicts(new).any(|attribute| {
            present.key_schema.iter().any(|element| element.attribute_name == attribute)
        })
    }

    /// The attributes of a new index that keys use now, with another type.
    fn conflicts<'b>(&'b self, new: &'b GlobalSecondaryIndex) -> impl Iterator<Item = &'b str> {
        new.key_schema.iter().map(|element| element.attribute_name.as_str()).filter(|name| {
            let present = self.state.attribute_type(name);
            present.is_some() && present != self.desired.attribute_type(name)
        })
    }

    fn add(&mut self, mut index: GlobalSecondaryIndex, is_rebuilt: bool) {
        match self.state.billing_mode {
            Some(BillingMode::Provisioned) => {
                // Mandatory in a provisioned table; without numbers of its own an index takes the
                // table's.
                let table = default_capacity(&self.state);
                index.provisioned_throughput.get_or_insert(table);
                index.on_demand_throughput = None;
            }
            Some(BillingMode::PayPerRequest) => index.provisioned_throughput = None,
            None => {}
        }
        index.on_demand_throughput =
            index.on_demand_throughput.filter(|limit| *limit != OnDemandThroughput::UNLIMITED);
        index.warm_throughput =
            index.warm_throughput.map(|warm| warm.max(floor(index.provisioned_throughput)));
        self.state.global_secondary_indexes.push(index.clone());
        self.settle_attributes();
        let units = index.provisioned_throughput.map(|units| units.write_capacity_units);
        // Of an index that is built anew the hazard of dropping it has said so.
        let hazard = hazard::fills_index(&index, self.facts, units).filter(|_| !is_rebuilt);
        let call = UpdateTable {
            attribute_definitions: self.state.attribute_definitions.clone(),
            global_secondary_index_updates: vec![GlobalSecondaryIndexUpdate::Create(
                CreateIndex::from(index.clone()),
            )],
            ..self.request()
        };
        self.push(
            &format!("create-index:{}", index.index_name),
            Call::UpdateTable(call),
            hazard.into_iter().collect(),
        );
    }

    fn drop(&mut self, index: &GlobalSecondaryIndex, hazard: Hazard) {
        let name = &index.index_name;
        self.state.global_secondary_indexes.retain(|kept| &kept.index_name != name);
        self.settle_attributes();
        let delete = DeleteIndex { index_name: name.clone() };
        let call = UpdateTable {
            global_secondary_index_updates: vec![GlobalSecondaryIndexUpdate::Delete(delete)],
            ..self.request()
        };
        self.push(&format!("drop-index:{name}"), Call::UpdateTable(call), vec![hazard]);
    }

    /// Brings the attribute definitions to exactly the attributes in use: "Some AttributeDefinitions
    /// are not used" is a refusal. An attribute keeps its type for as long as some key uses it.
    fn settle_attributes(&mut self) {
        let mut names: Vec<&str> = self.state.key_attributes().collect();
        names.sort_unstable();
        names.dedup();
        let definitions = names.into_iter().filter_map(|name| {
            let known = self.state.attribute_type(name);
            let attribute_type = known.or_else(|| self.desired.attribute_type(name))?;
            Some(AttributeDefinition { attribute_name: name.to_owned(), attribute_type })
        });
        self.state.attribute_definitions = definitions.collect();
    }
}

/// The attributes that count against the table's limit.
fn projected(projection: &Projection) -> usize {
    projection.non_key_attributes.len()
}
