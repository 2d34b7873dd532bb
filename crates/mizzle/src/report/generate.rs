//! The changes that `generate` found, and the files that it wrote.

use crate::errors::CommandError;
use mizzle_core::{
    diff::{Diff, Released, TableDiff},
    plan::{Hazard, Plan},
};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// The result of `generate`.
#[derive(Debug, Default)]
pub(crate) struct GenerateReport {
    /// The migration's name; `None` if there was nothing to write.
    pub(crate) migration: Option<String>,
    /// The written files, as the user would write them.
    pub(crate) files: Vec<String>,
    /// The changes that the migration makes.
    pub(crate) changes: Vec<Change>,
    /// The next command.
    pub(crate) next: Option<Next>,
    /// The moved migrations; `None` if the task was not to rebase.
    pub(crate) rebased: Option<Vec<Rebased>>,
    /// The removed migration; its files are in `files`.
    pub(crate) removed: Option<String>,
    /// The reason why nothing was written although there are changes.
    pub(crate) failure: Option<CommandError>,
}

/// The next command after a migration was written.
#[derive(Debug)]
pub(crate) struct Next {
    /// The command line, as it is typed in this project.
    pub(crate) command: String,
    /// The script, as the user would write it, if it has to be completed first.
    pub(crate) incomplete: Option<String>,
}

/// A migration that was moved.
#[derive(Debug, Serialize)]
pub(crate) struct Rebased {
    /// Its former name.
    pub(crate) from: String,
    /// Its new name.
    pub(crate) to: String,
}

/// A table that changes.
#[derive(Debug, Serialize)]
pub(crate) struct Change {
    /// The kind of the change.
    pub(crate) kind: ChangeKind,
    /// The table.
    pub(crate) table: String,
    /// The single changes.
    pub(crate) details: Vec<String>,
    /// The hazards of the steps that make them.
    pub(crate) hazards: Vec<Hazard>,
}

/// The kind of a change.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum ChangeKind {
    /// A new table.
    Create,
    /// A change in place.
    Update,
    /// The table is deleted and created again.
    Replace,
    /// The table is deleted.
    Delete,
}

impl GenerateReport {
    /// Returns the changes of a diff with the hazards of their plan, and the settings that are no longer
    /// managed.
    pub(crate) fn changes(diff: &Diff, released: &[Released], plan: &Plan) -> Vec<Change> {
        let blocked: BTreeSet<&str> =
            plan.blocked.iter().map(|blocked| blocked.table.as_str()).collect();
        let mut hazards: BTreeMap<&str, Vec<Hazard>> = BTreeMap::new();
        for step in &plan.steps {
            hazards.entry(step.table()).or_default().extend(step.hazards.iter().cloned());
        }
        let changes = diff.tables.iter().map(|table| {
            let name = table.table();
            let is_blocked = blocked.contains(name);
            Change {
                kind: match table {
                    TableDiff::Create(_) => ChangeKind::Create,
                    TableDiff::Update(update) if update.needs_replacement() && !is_blocked => {
                        ChangeKind::Replace
                    }
                    TableDiff::Update(_) => ChangeKind::Update,
                    TableDiff::Delete(_) => ChangeKind::Delete,
                },
                table: name.to_owned(),
                details: table.details(),
                hazards: hazards.remove(name).unwrap_or_default(),
            }
        });
        let mut changes: Vec<Change> = changes.collect();
        let positions = changes.iter().enumerate();
        let positions: BTreeMap<String, usize> =
            positions.map(|(position, change)| (change.table.clone(), position)).collect();
        for released in released {
            let table = &released.table;
            let position = positions.get(table);
            match position.and_then(|position| changes.get_mut(*position)) {
                Some(change) => change.details.extend(released.details()),
                None => changes.push(Change {
                    kind: ChangeKind::Update,
                    table: table.clone(),
                    details: released.details(),
                    hazards: Vec::new(),
                }),
            }
        }
        changes
    }
}
