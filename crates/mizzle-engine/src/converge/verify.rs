//! Verification after a plan was applied: the changes that were not kept, and the reasons.

use super::filter::{is_unsupported, unapplied};
use crate::{
    Context,
    outcome::{Reason, Unapplied},
    ports::{IgnoredSettings, World},
};
use mizzle_core::{
    diff::{Change, Diff, SettingChange, TableDiff},
    model::TableDescription,
};
use std::collections::{BTreeMap, BTreeSet};

/// A planned difference, and the remaining one.
pub(crate) struct Verification<'v> {
    /// The changes that were applied.
    pub(crate) planned: &'v Diff,
    /// The remaining difference.
    pub(crate) left: &'v Diff,
    /// The tables after the run.
    pub(crate) tables: &'v [TableDescription],
    /// Tables that were to be created but already existed: no change of them was tried.
    pub(crate) adopted: &'v [String],
    /// The subjects to verify, by table; `None` for all.
    pub(crate) scope: Option<&'v BTreeMap<String, BTreeSet<String>>>,
}

impl<W: World> Context<'_, W> {
    /// Returns the remaining differences that were not reported before, and saves those that the
    /// server ignores: for each table, the changes that still differ and were tried, now or
    /// earlier. Changes that no longer differ are removed from the saved ones; those out of scope
    /// stay.
    ///
    /// # Errors
    ///
    /// When they cannot be saved, in addition to the remaining differences.
    pub(crate) fn verify(
        &self,
        verification: &Verification<'_>,
    ) -> (Vec<Unapplied>, Result<(), W::Error>) {
        let Verification { planned, left, tables, adopted, scope } = verification;
        let mut unapplied_changes = Vec::new();
        let mut ignored: BTreeMap<String, Vec<Change>> = BTreeMap::new();
        for table in *tables {
            ignored.insert(table.definition.table_name.clone(), Vec::new());
        }
        for table in &left.tables {
            let name = table.table();
            let update = match table {
                TableDiff::Update(update) => update,
                TableDiff::Create(_) | TableDiff::Delete(_) => {
                    unapplied_changes.push(Unapplied {
                        table: name.to_owned(),
                        setting: "the table itself".to_owned(),
                        reason: Reason::ChangedMeanwhile,
                    });
                    continue;
                }
            };
            let tried = match adopted.iter().any(|adopted| adopted == name) {
                true => Some(Tried::Subjects(BTreeSet::new())),
                false => tried(planned, name),
            };
            let description = tables.iter().find(|table| table.definition.table_name == name);
            for change in &update.changes {
                if self.is_known_ignored(name, change) {
                    // Removed from the plan, and already reported.
                    ignored.entry(name.to_owned()).or_default().push(change.clone());
                    continue;
                }
                // A table without a plan was already reported, or has changed just now, which the
                // next run will detect.
                let Some(tried) = &tried else { continue };
                let is_unsupported = description.is_some_and(|table| is_unsupported(change, table));
                let reason = match (is_unsupported, tried.includes(change)) {
                    (true, true) => Reason::Unsupported,
                    (true, false) => continue,
                    (false, true) => {
                        ignored.entry(name.to_owned()).or_default().push(change.clone());
                        Reason::Ignored
                    }
                    (false, false) => Reason::ChangedMeanwhile,
                };
                unapplied_changes.push(unapplied(update, change, reason));
            }
        }
        let is_in_scope = |table: &str, subject: &str| {
            scope.is_none_or(|scope| {
                scope.get(table).is_some_and(|subjects| subjects.contains(subject))
            })
        };
        let remembered = match self.ignored {
            Some(known) => known.replace(ignored.into_iter().collect(), &is_in_scope),
            None => Ok(()),
        };
        (unapplied_changes, remembered)
    }
}

/// The changes that a plan tried on one table.
enum Tried {
    /// All changes: the table was created.
    Everything,
    /// These subjects.
    Subjects(BTreeSet<String>),
}

impl Tried {
    fn includes(&self, change: &Change) -> bool {
        match self {
            Self::Everything => true,
            Self::Subjects(subjects) => {
                // A new index is created with its settings.
                let index = change.setting().and_then(SettingChange::index);
                subjects.contains(&change.subject())
                    || index.is_some_and(|index| subjects.contains(&format!("GSI {index}")))
            }
        }
    }
}

fn tried(planned: &Diff, table: &str) -> Option<Tried> {
    planned.tables.iter().find(|planned| planned.table() == table).map(|planned| match planned {
        TableDiff::Create(_) | TableDiff::Delete(_) => Tried::Everything,
        TableDiff::Update(update) if update.needs_replacement() => Tried::Everything,
        TableDiff::Update(update) => {
            Tried::Subjects(update.changes.iter().map(Change::subject).collect())
        }
    })
}
