//! From differences to calls, in an order that DynamoDB accepts and that interrupts least.
//!
//! Within a table new indexes come first, so that a query can move to them before an old one goes;
//! an index is dropped earlier only where the limit of 20, or the type of an attribute that both
//! name, demands it. Source of the rules:
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.OnlineOps.html>.

use super::{
    Blocked, Call, DeleteIndex, DeleteTable, GlobalSecondaryIndexUpdate, Hazard, HazardKind, Plan,
    Step, StepId, UpdateTable, Wait,
};
use crate::{
    diff::{Change, Diff, IndexAspects, TableDiff, TableUpdate},
    model::{
        AttributeDefinition, BillingMode, GlobalSecondaryIndex, TableDefinition,
        rules::MAX_GLOBAL_INDEXES,
    },
    text,
};
use std::collections::VecDeque;

/// Orders the calls that carry out a diff: tables by name, and deletions after everything else, so
/// that items can still be moved out of a table before it goes.
pub fn plan(diff: &Diff) -> Plan {
    let mut plan = Plan::default();
    let mut deletions = Vec::new();
    for table in &diff.tables {
        match table {
            TableDiff::Create(definition) => {
                plan.steps.push(Step { details: table.details(), ..create_table(definition) });
            }
            TableDiff::Delete(definition) => deletions.push(delete_table(definition, diff)),
            TableDiff::Update(update) => match blocked(update) {
                Some(blocked) => plan.blocked.push(blocked),
                None => plan.steps.append(&mut IndexPlanner::new(update).steps()),
            },
        }
    }
    let before: Vec<StepId> =
        plan.by_table().filter_map(<[Step]>::last).map(|step| step.id.clone()).collect();
    for deletion in &mut deletions {
        deletion.after.clone_from(&before);
    }
    plan.steps.append(&mut deletions);
    plan
}

fn create_table(definition: &TableDefinition) -> Step {
    let mut request = definition.clone();
    // DynamoDB's own default is PROVISIONED, which wants numbers that nobody gave.
    request.billing_mode.get_or_insert(BillingMode::PayPerRequest);
    Step {
        id: StepId::new(&definition.table_name, "create-table"),
        title: "Create table".to_owned(),
        details: Vec::new(),
        call: Call::CreateTable(request),
        after: Vec::new(),
        wait: Wait::Settled,
        hazards: Vec::new(),
    }
}

fn delete_table(definition: &TableDefinition, diff: &Diff) -> Step {
    let table = &definition.table_name;
    let mut message = format!("Deletes table {table} and every item in it.");
    // A table that vanishes while one of the same shape appears was probably meant to be renamed.
    let twin = diff.tables.iter().find_map(|other| match other {
        TableDiff::Create(created) if same_shape(created, definition) => Some(&created.table_name),
        TableDiff::Create(_) | TableDiff::Update(_) | TableDiff::Delete(_) => None,
    });
    if let Some(twin) = twin {
        message += &format!(
            " DynamoDB cannot rename a table: the items do not move to {twin}, copy them first."
        );
    }
    Step {
        id: StepId::new(table, "delete-table"),
        title: "Delete table".to_owned(),
        details: Vec::new(),
        call: Call::DeleteTable(DeleteTable { table_name: table.clone() }),
        after: Vec::new(),
        wait: Wait::Gone,
        hazards: vec![Hazard { kind: HazardKind::DeletesTable, message }],
    }
}

fn same_shape(a: &TableDefinition, b: &TableDefinition) -> bool {
    let renamed = TableDefinition { table_name: b.table_name.clone(), ..a.clone() };
    renamed.normalised() == b.clone().normalised()
}

/// Why a table cannot be changed in place, if it cannot: its key and its LSIs are there from
/// creation to deletion.
fn blocked(update: &TableUpdate) -> Option<Blocked> {
    let table = &update.after.table_name;
    let mut reasons = Vec::new();
    for change in &update.changes {
        match change {
            Change::Key { before, after } => {
                reasons.push(format!("its key cannot change from ({before}) to ({after})"));
            }
            Change::AddLocalIndex(index) => {
                reasons.push(format!("LSI {} cannot be added", index.index_name));
            }
            Change::DropLocalIndex(index) => {
                reasons.push(format!("LSI {} cannot be dropped", index.index_name));
            }
            Change::ChangeLocalIndex { after, aspects } => {
                reasons.push(format!(
                    "LSI {} cannot change ({})",
                    after.index_name,
                    aspects.words()
                ));
            }
            Change::AddGlobalIndex(_)
            | Change::DropGlobalIndex(_)
            | Change::ChangeGlobalIndex { .. } => {}
        }
    }
    if reasons.is_empty() {
        return None;
    }
    let only_new_local_indexes = update.changes.iter().all(|change| match change {
        Change::AddLocalIndex(_) => true,
        Change::Key { .. }
        | Change::DropLocalIndex(_)
        | Change::ChangeLocalIndex { .. }
        | Change::AddGlobalIndex(_)
        | Change::DropGlobalIndex(_)
        | Change::ChangeGlobalIndex { .. } => false,
    });
    let instead = if only_new_local_indexes {
        "make the index global (gsi), which can be added at any time"
    } else {
        "describe a table of another name, copy the items, and switch over"
    };
    Some(Blocked {
        table: table.clone(),
        reason: format!(
            "{table} would have to be replaced: {}. DynamoDB fixes keys and LSIs when a table is created",
            text::list(&reasons)
        ),
        hint: format!(
            "{instead}; or undo the change in the schema. Replacing a table loses its items, so mizzle does not do it by itself"
        ),
    })
}

/// Works through the GSI changes of one table, keeping the table's state after each step.
struct IndexPlanner<'a> {
    update: &'a TableUpdate,
    /// The table as it is after the steps so far.
    state: TableDefinition,
    steps: Vec<Step>,
}

impl<'a> IndexPlanner<'a> {
    fn new(update: &'a TableUpdate) -> Self {
        let mut planner = Self { update, state: update.before.clone(), steps: Vec::new() };
        planner.settle_attributes();
        planner
    }

    fn steps(mut self) -> Vec<Step> {
        let mut adds = VecDeque::new();
        let mut changes = VecDeque::new();
        let mut drops = VecDeque::new();
        for change in &self.update.changes {
            match change {
                Change::AddGlobalIndex(index) => adds.push_back(index),
                Change::DropGlobalIndex(index) => drops.push_back(index),
                Change::ChangeGlobalIndex { before, after, aspects } => {
                    changes.push_back((before, after, aspects));
                }
                // A table with one of these is blocked and never gets here.
                Change::Key { .. }
                | Change::AddLocalIndex(_)
                | Change::DropLocalIndex(_)
                | Change::ChangeLocalIndex { .. } => {}
            }
        }
        loop {
            if let Some(position) = adds.iter().position(|index| self.can_add(index)) {
                if let Some(index) = adds.remove(position) {
                    self.add(index);
                }
            } else if let Some(index) = self.take_obstacle(&adds, &mut drops, |index| index) {
                self.drop(index, dropped(index));
            } else if let Some((before, after, aspects)) = self
                .take_obstacle(&adds, &mut changes, |(before, _, _)| before)
                .or_else(|| changes.pop_front())
            {
                self.drop(before, rebuilt(before, aspects));
                // Usually possible at once, which keeps the gap for queries short.
                adds.push_back(after);
            } else if let Some(index) = drops.pop_front() {
                self.drop(index, dropped(index));
            } else {
                break;
            }
        }
        debug_assert!(adds.is_empty(), "the desired state keeps the limits, so every index fits");
        self.steps
    }

    /// Takes the first of `candidates` whose index has to go before one of `adds` can come: any
    /// index at the limit, otherwise one that gives an attribute another type.
    fn take_obstacle<T>(
        &self,
        adds: &VecDeque<&GlobalSecondaryIndex>,
        candidates: &mut VecDeque<T>,
        index_of: impl Fn(&T) -> &GlobalSecondaryIndex,
    ) -> Option<T> {
        let full = self.state.global_secondary_indexes.len() >= MAX_GLOBAL_INDEXES;
        let position = candidates.iter().position(|candidate| {
            adds.iter().any(|add| full || self.is_in_the_way(index_of(candidate), add))
        })?;
        candidates.remove(position)
    }

    /// Whether DynamoDB would accept the index now: within the limit, and no attribute of another
    /// type than the one that existing keys give it.
    fn can_add(&self, index: &GlobalSecondaryIndex) -> bool {
        self.state.global_secondary_indexes.len() < MAX_GLOBAL_INDEXES
            && self.conflicts(index).next().is_none()
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
            present.is_some() && present != self.update.after.attribute_type(name)
        })
    }

    fn add(&mut self, index: &GlobalSecondaryIndex) {
        let mut index = index.clone();
        if self.state.billing_mode == Some(BillingMode::Provisioned) {
            // Mandatory in a provisioned table; without numbers of its own an index takes the table's.
            index.provisioned_throughput =
                index.provisioned_throughput.or(self.state.provisioned_throughput);
        }
        self.state.global_secondary_indexes.push(index.clone());
        self.settle_attributes();
        self.push(
            &format!("create-index:{}", index.index_name),
            format!("Add {}", index.words(&self.state)),
            UpdateTable {
                table_name: self.state.table_name.clone(),
                attribute_definitions: self.state.attribute_definitions.clone(),
                global_secondary_index_updates: vec![GlobalSecondaryIndexUpdate::Create(
                    index.into(),
                )],
            },
            Vec::new(),
        );
    }

    fn drop(&mut self, index: &GlobalSecondaryIndex, hazard: Hazard) {
        let name = &index.index_name;
        self.state.global_secondary_indexes.retain(|kept| &kept.index_name != name);
        self.settle_attributes();
        self.push(
            &format!("drop-index:{name}"),
            format!("Drop GSI {name}"),
            UpdateTable {
                table_name: self.state.table_name.clone(),
                attribute_definitions: Vec::new(),
                global_secondary_index_updates: vec![GlobalSecondaryIndexUpdate::Delete(
                    DeleteIndex { index_name: name.clone() },
                )],
            },
            vec![hazard],
        );
    }

    fn push(&mut self, action: &str, title: String, request: UpdateTable, hazards: Vec<Hazard>) {
        self.steps.push(Step {
            id: StepId::new(&request.table_name, action),
            title,
            details: Vec::new(),
            after: self.steps.last().map(|step| step.id.clone()).into_iter().collect(),
            call: Call::UpdateTable(request),
            wait: Wait::Settled,
            hazards,
        });
    }

    /// Brings the attribute definitions to exactly the attributes in use: "Some AttributeDefinitions
    /// are not used" is a refusal. An attribute keeps its type for as long as some key uses it.
    fn settle_attributes(&mut self) {
        let mut names: Vec<&str> = self.state.key_attributes().collect();
        names.sort_unstable();
        names.dedup();
        let definitions = names.into_iter().filter_map(|name| {
            let known = self.state.attribute_type(name);
            let attribute_type = known.or_else(|| self.update.after.attribute_type(name))?;
            Some(AttributeDefinition { attribute_name: name.to_owned(), attribute_type })
        });
        self.state.attribute_definitions = definitions.collect();
    }
}

fn dropped(index: &GlobalSecondaryIndex) -> Hazard {
    Hazard {
        kind: HazardKind::DropsIndex,
        message: format!(
            "Queries on {} fail from now on. The items of the table are not touched.",
            index.index_name
        ),
    }
}

fn rebuilt(index: &GlobalSecondaryIndex, aspects: &IndexAspects) -> Hazard {
    let changes_a_type =
        aspects.key.as_ref().is_some_and(|(before, after)| before.changes_a_type(after));
    let advice = if changes_a_type {
        "Items whose attribute still has the old type will not be in the new index, and DynamoDB refuses to write them again like that: rewrite them first, or give the attribute of the new type a name of its own."
    } else {
        "To avoid the gap, add the index under a new name first, switch the queries over, then drop this one."
    };
    Hazard {
        kind: HazardKind::RebuildsIndex,
        message: format!(
            "{} changes ({}), which DynamoDB can only do by building it anew: queries on it fail until it is ACTIVE again. {advice}",
            index.index_name,
            aspects.words()
        ),
    }
}
