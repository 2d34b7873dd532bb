//! The GSIs of a table: created, rebuilt and deleted one at a time.
//!
//! New indexes are created first, so that queries can move to them before an old index is deleted.
//! A rebuilt index is created again before any other index is added. An index is deleted earlier
//! only if a limit (20 indexes, 100 projected attributes), or the type of a shared attribute,
//! requires it. Source of the rules:
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.OnlineOps.html>.

use super::{
    Call, CreateIndex, DeleteIndex, GlobalSecondaryIndexUpdate, Hazard, UpdateTable, hazard,
    table_planner::TablePlanner,
    throughput::{inherited, settle_new_index},
};
use crate::{
    diff::{Change, IndexChanges},
    model::{
        AttributeDefinition, GlobalSecondaryIndex, Projection,
        rules::{MAX_GLOBAL_INDEXES, MAX_PROJECTED_PER_TABLE},
    },
};
use std::collections::VecDeque;

/// An index to delete and create again: before, after, and the changes.
type Rebuilt<'a> = (&'a GlobalSecondaryIndex, &'a GlobalSecondaryIndex, &'a IndexChanges);

impl TablePlanner<'_> {
    /// Adds the steps of all index changes.
    pub(super) fn indexes(&mut self, changes: &[Change]) {
        // Compare types with those before any index is deleted.
        let types = self.state.attribute_definitions.clone();
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
                // A table with one of the first four changes is replaced, and does not reach this
                // code.
                Change::Key { .. }
                | Change::AddLocalIndex(_)
                | Change::DropLocalIndex(_)
                | Change::ChangeLocalIndex { .. }
                | Change::Setting(_) => {}
            }
        }
        // The deleted indexes that are to be created again. Queries on them fail, and each build
        // takes minutes even for an empty table, so no other index is added while one of them can
        // be.
        let mut gone: VecDeque<GlobalSecondaryIndex> = VecDeque::new();
        loop {
            let is_gap = !gone.is_empty();
            let waiting = if is_gap { &mut gone } else { &mut adds };
            if let Some(index) = self.take_addable(waiting) {
                self.add(index, if is_gap { None } else { Some(&types) });
            } else if let Some(index) = self.take_obstacle(waiting, &mut drops, |index| index) {
                self.drop(index, hazard::drops_index(&index.index_name));
            } else if let Some((before, after, aspects)) = self
                .take_obstacle(waiting, &mut rebuilds, |(before, _, _)| before)
                .or_else(|| rebuilds.pop_front())
            {
                let after = self.with_inherited_throughput(before, after);
                let units = after.provisioned_throughput.map(|units| units.write_capacity_units);
                let hazard = hazard::rebuilds_index(&after, aspects, self.facts, units);
                self.drop(before, hazard);
                gone.push_back(after);
            } else if let Some(index) = drops.pop_front() {
                self.drop(index, hazard::drops_index(&index.index_name));
            } else {
                break;
            }
        }
        debug_assert!(adds.is_empty(), "the desired state keeps the limits, so every index fits");
    }

    /// Deletes indexes that are not wanted any more and are still being built: all other changes
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

    /// Returns an index to rebuild, with its old throughput where the desired state manages none.
    fn with_inherited_throughput(
        &self,
        before: &GlobalSecondaryIndex,
        desired: &GlobalSecondaryIndex,
    ) -> GlobalSecondaryIndex {
        // Read its present state, after the billing mode has changed.
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

    /// Takes the first index of `queue` that can be added now.
    fn take_addable(
        &self,
        queue: &mut VecDeque<GlobalSecondaryIndex>,
    ) -> Option<GlobalSecondaryIndex> {
        let position = queue.iter().position(|index| self.can_add(index))?;
        queue.remove(position)
    }

    /// Takes the first of `candidates` whose index has to be deleted before one of `adds` can be
    /// created: any index at the limit of indexes, one with projected attributes at the limit of
    /// those, otherwise one that gives an attribute another type.
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

    /// True if DynamoDB would accept the index now: it stays within the limits, and its attributes
    /// have the types of the existing keys.
    fn can_add(&self, index: &GlobalSecondaryIndex) -> bool {
        self.state.global_secondary_indexes.len() < MAX_GLOBAL_INDEXES
            && !self.projects_too_much(index)
            && self.conflicts(index).next().is_none()
    }

    /// True if the table's indexes would project too many attributes together with a new one.
    fn projects_too_much(&self, new: &GlobalSecondaryIndex) -> bool {
        let globals = self.state.global_secondary_indexes.iter().map(|index| &index.projection);
        let locals = self.state.local_secondary_indexes.iter().map(|index| &index.projection);
        let present: usize = globals.chain(locals).map(projected).sum();
        let new = projected(&new.projection);
        new > 0 && present + new > MAX_PROJECTED_PER_TABLE
    }

    /// True if a present index uses an attribute to which a new one gives another type.
    fn is_in_the_way(&self, present: &GlobalSecondaryIndex, new: &GlobalSecondaryIndex) -> bool {
        self.conflicts(new).any(|attribute| {
            present.key_schema.iter().any(|element| element.attribute_name == attribute)
        })
    }

    /// Returns the attributes of a new index that present keys use with another type.
    fn conflicts<'b>(&'b self, new: &'b GlobalSecondaryIndex) -> impl Iterator<Item = &'b str> {
        new.key_schema.iter().map(|element| element.attribute_name.as_str()).filter(|name| {
            let present = self.state.attribute_type(name);
            present.is_some() && present != self.desired.attribute_type(name)
        })
    }

    /// Adds an index. `types` are the types of the attributes before any index was deleted; `None`
    /// for an index that is created again, whose hazards belong to the deletion.
    fn add(&mut self, mut index: GlobalSecondaryIndex, types: Option<&[AttributeDefinition]>) {
        let is_scaled = self.desired.autoscaled && index.autoscaled && types.is_some();
        settle_new_index(&mut index, &self.state, is_scaled);
        let mut hazards = Vec::new();
        if let Some(types) = types {
            let table = self.state.provisioned_throughput;
            let units = index.provisioned_throughput.map(|units| units.write_capacity_units);
            hazards.extend(hazard::fills_index(&index, self.facts, units));
            hazards.extend(hazard::leaves_out_items(&index, types, self.desired));
            hazards.extend(hazard::slows_table(&index, table));
            let is_unscaled = index.autoscaled && index.provisioned_throughput.is_some();
            hazards.extend(is_unscaled.then(|| hazard::lacks_scaling(&index.index_name)));
        }
        self.state.global_secondary_indexes.push(index.clone());
        self.settle_attributes();
        let name = format!("create-index:{}", index.index_name);
        let call = UpdateTable {
            attribute_definitions: self.state.attribute_definitions.clone(),
            global_secondary_index_updates: vec![GlobalSecondaryIndexUpdate::Create(
                CreateIndex::from(index),
            )],
            ..self.request()
        };
        self.push(&name, Call::UpdateTable(call), hazards);
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

    /// Sets the attribute definitions to exactly the attributes in use, because DynamoDB refuses
    /// others: "Some AttributeDefinitions are not used". An attribute keeps its type as long as a
    /// key uses it.
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

/// Returns the number of attributes that count against the table's limit.
fn projected(projection: &Projection) -> usize {
    projection.non_key_attributes.len()
}
