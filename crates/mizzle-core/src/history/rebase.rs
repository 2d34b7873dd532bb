//! Merges two branches that start from one state: their changes must have the same result in either
//! order.

use super::{Tables, words};
use crate::{
    diff::{Change, SettingChange, TableDiff, diff},
    model::{
        AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement,
        LocalSecondaryIndex, OnDemandThroughput, Projection, ProvisionedThroughput, ScalarType,
        TableDefinition, declaration::Subject, rules,
    },
    settings::{Registered, Setting, for_each_setting},
};
use std::collections::{BTreeMap, BTreeSet};

/// A part of a table that the branches change differently, or whose changes are incompatible.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Conflict {
    /// The table.
    pub table: String,
    /// The part of the table: `GSI byEmail`, `billing mode`, `table`.
    pub subject: String,
    /// The change that each branch makes.
    pub message: String,
}

/// Applies the change from `common` to `newer` on top of `other`, which also starts from `common`.
/// The order of the two branches affects only the messages.
///
/// To rebase several migrations, rebase each: from the snapshot before it to its own, onto the
/// rebased state of the one before it.
///
/// # Errors
///
/// All conflicts between the branches; at least one.
pub fn rebase(common: &Tables, newer: &Tables, other: &Tables) -> Result<Tables, Vec<Conflict>> {
    let names: BTreeSet<&String> = common.keys().chain(newer.keys()).chain(other.keys()).collect();
    let (mut tables, mut conflicts) = (Tables::new(), Vec::new());
    for name in names {
        let normalised =
            |tables: &Tables| tables.get(name).cloned().map(TableDefinition::normalised);
        let sides = (normalised(common), normalised(newer), normalised(other));
        let merged = match sides {
            (common, newer, other) if other == common || other == newer => newer,
            (common, newer, other) if newer == common => other,
            (Some(common), Some(newer), Some(other)) => {
                let mut merger =
                    Merger { common: &common, newer: &newer, other: &other, conflicts: Vec::new() };
                let merged = merger.table();
                conflicts.append(&mut merger.conflicts);
                Some(merged)
            }
            (common, newer, other) => {
                conflicts.push(Conflict {
                    table: name.clone(),
                    subject: "table".to_owned(),
                    message: disagreement(
                        &format!("table {name}"),
                        &table_words(common.as_ref(), newer.as_ref()),
                        &table_words(common.as_ref(), other.as_ref()),
                    ),
                });
                None
            }
        };
        tables.extend(merged.map(|table| (name.clone(), table)));
    }
    if conflicts.is_empty() { Ok(tables) } else { Err(conflicts) }
}

fn disagreement(subject: &str, newer: &str, other: &str) -> String {
    format!(
        "Both branches change {subject}. The one to move would {newer}; the one to stay would {other}"
    )
}

/// Describes the change of one branch to a table that the other one deletes or also creates.
fn table_words(before: Option<&TableDefinition>, after: Option<&TableDefinition>) -> String {
    match diff(before, after).tables.first() {
        Some(created @ TableDiff::Create(_)) => {
            format!("{} with {}", words(created), created.details().join(", "))
        }
        Some(changed) => words(changed),
        None => "no longer manage some of its settings".to_owned(),
    }
}

/// A key with the types of its attributes.
type TypedKey = Vec<(KeySchemaElement, Option<ScalarType>)>;

/// Merges two versions of a table that both branches keep.
pub(crate) struct Merger<'a> {
    common: &'a TableDefinition,
    newer: &'a TableDefinition,
    other: &'a TableDefinition,
    conflicts: Vec<Conflict>,
}

impl<'a> Merger<'a> {
    fn table(&mut self) -> TableDefinition {
        let mut types = BTreeMap::new();
        let key = self.pick("key", |table| typed(table, &table.key_schema));
        let mut merged = TableDefinition {
            table_name: self.common.table_name.clone(),
            key_schema: self.settle_types(&mut types, key),
            ..TableDefinition::default()
        };
        for name in self.names(|table| {
            table.local_secondary_indexes.iter().map(|index| index.index_name.clone()).collect()
        }) {
            let index = self.pick(&format!("LSI {name}"), |table| {
                let index = table.local_index(&name)?;
                Some((typed(table, &index.key_schema), index.projection.clone()))
            });
            if let Some((key, projection)) = index {
                let key_schema = self.settle_types(&mut types, key);
                let index = LocalSecondaryIndex { index_name: name, key_schema, projection };
                merged.local_secondary_indexes.push(index);
            }
        }
        for name in self.names(|table| {
            table.global_secondary_indexes.iter().map(|index| index.index_name.clone()).collect()
        }) {
            if let Some((key, projection)) = self.global_index(&name) {
                let key_schema = self.settle_types(&mut types, key);
                let index = self.index_settings(GlobalSecondaryIndex {
                    index_name: name,
                    key_schema,
                    projection,
                    ..GlobalSecondaryIndex::default()
                });
                merged.global_secondary_indexes.push(index);
            }
        }
        let definitions = types.into_iter().map(|(attribute_name, attribute_type)| {
            AttributeDefinition { attribute_name, attribute_type }
        });
        merged.attribute_definitions = definitions.collect();
        self.settings(&mut merged);
        let merged = merged.normalised();
        if self.conflicts.is_empty() {
            self.check(&merged);
        }
        merged
    }

    /// Merges one property: if only one branch changes it, that branch decides.
    pub(crate) fn pick<T: PartialEq>(
        &mut self,
        subject: &str,
        of: impl Fn(&TableDefinition) -> T,
    ) -> T {
        self.pick_of(None, subject, of)
    }

    /// Merges one property of a GSI.
    fn pick_of<T: PartialEq>(
        &mut self,
        index: Option<&str>,
        subject: &str,
        of: impl Fn(&TableDefinition) -> T,
    ) -> T {
        let [common, newer, other] = self.sides().map(of);
        if newer == common {
            return other;
        }
        if other != common && other != newer {
            self.disagree(subject, index);
        }
        newer
    }

    /// Returns the names that any of the states contains, sorted.
    pub(crate) fn names(&self, of: impl Fn(&TableDefinition) -> Vec<String>) -> BTreeSet<String> {
        self.sides().into_iter().flat_map(of).collect()
    }

    /// Returns the key and the projection of a GSI, if the merged table has it.
    fn global_index(&mut self, name: &str) -> Option<(TypedKey, Projection)> {
        let index = |table: &TableDefinition| {
            let index = table.global_index(name)?;
            Some((typed(table, &index.key_schema), index.projection.clone()))
        };
        let [common, newer, other] = self.sides().map(|table| table.global_index(name));
        // If one branch deletes an index, the other must not change it, including its settings.
        let is_lost = common.is_some()
            && ((newer.is_none() && other.is_some_and(|other| Some(other) != common))
                || (other.is_none() && newer.is_some_and(|newer| Some(newer) != common)));
        let subject = format!("GSI {name}");
        if is_lost {
            self.disagree(&subject, Some(name));
            return None;
        }
        self.pick_of(Some(name), &subject, index)
    }

    fn index_settings(&mut self, index: GlobalSecondaryIndex) -> GlobalSecondaryIndex {
        let name = index.index_name.clone();
        let of = |table: &TableDefinition| table.global_index(&name).cloned();
        let (provisioned_throughput, autoscaled) = self
            .pick_of(Some(&name), &format!("capacity of {name}"), |table| {
                of(table).map(|index| (index.provisioned_throughput, index.autoscaled))
            })
            .unwrap_or_default();
        GlobalSecondaryIndex {
            provisioned_throughput,
            autoscaled,
            on_demand_throughput: self.pick_of(
                Some(&name),
                &format!("on-demand maximum of {name}"),
                |table| of(table).and_then(|index| index.on_demand_throughput),
            ),
            warm_throughput: self.pick_of(
                Some(&name),
                &format!("warm throughput of {name}"),
                |table| of(table).and_then(|index| index.warm_throughput),
            ),
            ..index
        }
    }

    fn settings(&mut self, merged: &mut TableDefinition) {
        merged.billing_mode = self.pick("billing mode", |table| table.billing_mode);
        (merged.provisioned_throughput, merged.autoscaled) =
            self.pick("capacity", |table| (table.provisioned_throughput, table.autoscaled));
        merged.on_demand_throughput =
            self.pick("on-demand maximum", |table| table.on_demand_throughput);
        merged.warm_throughput = self.pick("warm throughput", |table| table.warm_throughput);
        for_each_setting!(S => {
            *S::of_mut(merged) = S::merge(self);
            S::follow_indexes(merged, false);
        });
    }

    /// Returns the states of the table: before both branches, and after each.
    pub(crate) fn sides(&self) -> [&'a TableDefinition; 3] {
        [self.common, self.newer, self.other]
    }

    /// Merges the types of a key; an attribute has one type in all keys of a table.
    fn settle_types(
        &mut self,
        types: &mut BTreeMap<String, ScalarType>,
        key: TypedKey,
    ) -> Vec<KeySchemaElement> {
        let mut schema = Vec::new();
        for (element, attribute_type) in key {
            let name = &element.attribute_name;
            if let Some(attribute_type) = attribute_type
                && let Some(before) = types.insert(name.clone(), attribute_type)
                && before != attribute_type
            {
                let table = &self.common.table_name;
                let what = format!(
                    "give attribute {name} of {table} two types, {before} and {attribute_type}"
                );
                self.clash(&format!("attribute {name}"), &what);
            }
            schema.push(element);
        }
        schema
    }

    /// Checks rules that each branch may satisfy alone, and both together break.
    fn check(&mut self, merged: &TableDefinition) {
        let table = &self.common.table_name;
        for problem in rules::check(merged, &Subject::default()) {
            self.clash("limits", &format!("break a rule of DynamoDB: {}", problem.message));
        }
        let (tags, most) = (merged.tags.as_ref().map_or(0, Vec::len), rules::MAX_TAGS);
        if tags > most {
            self.clash("tags", &format!("give {table} {tags} tags, and DynamoDB allows {most}"));
        }
        if !is_consistent(merged) && is_consistent(self.newer) && is_consistent(self.other) {
            let what = format!(
                "leave {table} with a capacity or an on-demand maximum that its billing mode has no use for"
            );
            self.clash("billing mode", &what);
        }
    }

    fn disagree(&mut self, subject: &str, index: Option<&str>) {
        let table = &self.common.table_name;
        let [newer, other] = [self.newer, self.other].map(|side| self.words(side, subject, index));
        // Other subjects are names: GSI byEmail.
        let article = if subject.starts_with(char::is_lowercase) { "the " } else { "" };
        let conflict = Conflict {
            table: table.clone(),
            subject: subject.to_owned(),
            message: disagreement(&format!("{article}{subject} of {table}"), &newer, &other),
        };
        if !self.conflicts.contains(&conflict) {
            self.conflicts.push(conflict);
        }
    }

    /// Describes the change that a branch makes to a subject.
    fn words(&self, side: &TableDefinition, subject: &str, index: Option<&str>) -> String {
        let difference = diff([self.common], [side]);
        let update = difference.tables.first().and_then(|table| match table {
            TableDiff::Update(update) => Some(update),
            TableDiff::Create(_) | TableDiff::Delete(_) => None,
        });
        let changes = || update.iter().flat_map(|update| &update.changes);
        let is_of_index = |change: &&Change| {
            index.is_some_and(|index| {
                change.subject() == format!("GSI {index}")
                    || change.setting().and_then(SettingChange::index) == Some(index)
            })
        };
        let change = changes()
            .find(|change| change.subject() == subject)
            .or_else(|| changes().find(is_of_index));
        if let (Some(change), Some(update)) = (change, update) {
            return change.words(&update.before, &update.after);
        }
        let is_autoscaled = match index {
            Some(index) => side.global_index(index).is_some_and(|index| index.autoscaled),
            None => side.autoscaled,
        };
        if subject.starts_with("capacity") && is_autoscaled {
            "leave it to auto scaling".to_owned()
        } else {
            "no longer manage it".to_owned()
        }
    }

    fn clash(&mut self, subject: &str, what: &str) {
        self.conflicts.push(Conflict {
            table: self.common.table_name.clone(),
            subject: subject.to_owned(),
            message: format!("Both branches together would {what}"),
        });
    }
}

fn typed(table: &TableDefinition, key: &[KeySchemaElement]) -> TypedKey {
    let typed = |element: &KeySchemaElement| {
        (element.clone(), table.attribute_type(&element.attribute_name))
    };
    key.iter().map(typed).collect()
}

/// True if the table has throughput settings for its billing mode only.
fn is_consistent(table: &TableDefinition) -> bool {
    type Numbers = (Option<ProvisionedThroughput>, bool, Option<OnDemandThroughput>);
    let of_table: Numbers =
        (table.provisioned_throughput, table.autoscaled, table.on_demand_throughput);
    let mut all = table
        .global_secondary_indexes
        .iter()
        .map(|index| (index.provisioned_throughput, index.autoscaled, index.on_demand_throughput))
        .chain([of_table]);
    match table.billing_mode {
        None => true,
        Some(BillingMode::PayPerRequest) => {
            all.all(|(capacity, autoscaled, _)| capacity.is_none() && !autoscaled)
        }
        Some(BillingMode::Provisioned) => all
            .all(|(_, _, limit)| limit.is_none_or(|limit| limit == OnDemandThroughput::UNLIMITED)),
    }
}
