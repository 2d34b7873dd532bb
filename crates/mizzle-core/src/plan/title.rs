//! One-line descriptions of calls.

use super::{Call, CreateIndex, DeleteIndex, GlobalSecondaryIndexUpdate, UpdateIndex, UpdateTable};
use crate::{
    model::{BillingMode, GlobalSecondaryIndex, TableDefinition},
    settings::{InRequests, UpdateTableSetting, View, for_each_update_setting},
    text,
};
use std::fmt;

impl Call {
    /// Describes the call in one line: `Add GSI byStatus (status S) ALL`. The line is
    /// [printable](text::printable), although names of attributes and tags may contain any
    /// character.
    pub fn title(&self) -> String {
        text::printable(&self.words()).into_owned()
    }

    fn words(&self) -> String {
        match self.view() {
            View::CreateTable(_) => "Create table".to_owned(),
            View::UpdateTable(request) => update(request),
            View::DeleteTable(_) => "Delete table".to_owned(),
            View::Setting(request) => request.title(),
        }
    }
}

/// Describes an update. DynamoDB accepts one kind of change per call, so there is usually one part;
/// a request written by hand may have more.
fn update(request: &UpdateTable) -> String {
    let UpdateTable {
        attribute_definitions,
        billing_mode,
        provisioned_throughput,
        global_secondary_index_updates: updates,
        on_demand_throughput,
        warm_throughput,
        ..
    } = request;
    let mut parts = Vec::new();
    match (billing_mode, provisioned_throughput) {
        // The new mode implies the numbers of all indexes.
        (Some(BillingMode::Provisioned), Some(units)) => {
            parts.push(format!("Switch to PROVISIONED ({units})"));
        }
        (Some(mode), _) => parts.push(format!("Switch to {mode}")),
        (None, units) => {
            let of_index = |index: &UpdateIndex| index.provisioned_throughput;
            parts.extend(numbers("Set capacity", *units, updates, of_index));
        }
    }
    let of_index = |index: &UpdateIndex| index.on_demand_throughput;
    parts.extend(numbers("Set on-demand maximum", *on_demand_throughput, updates, of_index));
    let of_index = |index: &UpdateIndex| index.warm_throughput;
    parts.extend(numbers("Set warm throughput", *warm_throughput, updates, of_index));
    for update in updates {
        match update {
            GlobalSecondaryIndexUpdate::Create(index) => parts.push(add(index, request)),
            GlobalSecondaryIndexUpdate::Delete(DeleteIndex { index_name }) => {
                parts.push(format!("Drop GSI {index_name}"));
            }
            GlobalSecondaryIndexUpdate::Update(_) => {}
        }
    }
    for_each_update_setting!(S => parts.extend(S::of_update(request).as_ref().map(S::title)));
    match parts.as_slice() {
        [] if attribute_definitions.is_empty() => "Change nothing".to_owned(),
        [] => "Set attribute definitions".to_owned(),
        parts => parts.join("; "),
    }
}

/// Describes numbers: `Set capacity: 5 reads, 5 writes; byEmail 1 reads, 1 writes`.
fn numbers<T: fmt::Display>(
    title: &str,
    table: Option<T>,
    updates: &[GlobalSecondaryIndexUpdate],
    of_index: impl Fn(&UpdateIndex) -> Option<T>,
) -> Option<String> {
    let indexes = updates.iter().filter_map(|update| match update {
        GlobalSecondaryIndexUpdate::Update(index) => {
            Some(format!("{} {}", index.index_name, of_index(index)?))
        }
        GlobalSecondaryIndexUpdate::Create(_) | GlobalSecondaryIndexUpdate::Delete(_) => None,
    });
    let words: Vec<String> =
        table.map(|units| units.to_string()).into_iter().chain(indexes).collect();
    (!words.is_empty()).then(|| format!("{title}: {}", words.join("; ")))
}

fn add(index: &CreateIndex, request: &UpdateTable) -> String {
    let types = TableDefinition {
        attribute_definitions: request.attribute_definitions.clone(),
        ..TableDefinition::default()
    };
    format!("Add {}", GlobalSecondaryIndex::from(index.clone()).words(&types))
}
