//! What a push leaves undone because the server does not keep it, and how the next push knows.

use super::{super::describe, Push};
use crate::{error::CommandError, project::NotKept, report::Remaining, target::Target};
use mizzle_core::{
    diff::{Change, Diff, SettingChange, TableDiff},
    model::TableDescription,
};
use std::collections::{BTreeMap, BTreeSet};

/// Takes the changes out of a difference that the server cannot make: it has no operation for them, or
/// has ignored them before.
pub(in crate::commands) fn without_futile(
    mut diff: Diff,
    tables: &[TableDescription],
    target: &Target,
    not_kept: Option<&NotKept>,
) -> (Diff, Vec<Remaining>) {
    let mut remaining = Vec::new();
    for table in &mut diff.tables {
        let TableDiff::Update(update) = table else { continue };
        if update.needs_replacement() {
            // It is created again with everything, as if it had not been there.
            continue;
        }
        let name = update.after.table_name.clone();
        let description = tables.iter().find(|table| table.definition.table_name == name);
        let (before, after) = (update.before.clone(), update.after.clone());
        update.changes.retain(|change| {
            let reason = if description.is_some_and(|table| is_unsupported(change, table)) {
                has_no_operation(target)
            } else if not_kept.is_some_and(|known| known.contains(&name, change)) {
                format!("{} accepted it earlier but did not keep it", target.name)
            } else {
                return true;
            };
            let setting = change.words(&before, &after);
            remaining.push(Remaining { table: name.clone(), setting, reason });
            false
        });
    }
    diff.tables.retain(|table| match table {
        TableDiff::Update(update) => !update.changes.is_empty(),
        TableDiff::Create(_) | TableDiff::Delete(_) => true,
    });
    (diff, remaining)
}

/// The settings that a server accepted and ignored: what is `left`, with these `tables`, of what was
/// `planned`. Remembers them in `known`, and returns those that are news.
pub(in crate::commands) fn ignored(
    planned: &Diff,
    (left, tables): (&Diff, &[TableDescription]),
    known: &mut NotKept,
    target: &Target,
) -> Result<Vec<Remaining>, CommandError> {
    let mut news = Vec::new();
    let mut ignored: BTreeMap<String, Vec<Change>> = BTreeMap::new();
    for table in &planned.tables {
        ignored.insert(table.table().to_owned(), Vec::new());
    }
    for table in &left.tables {
        let (TableDiff::Update(update), Some(tried)) = (table, tried(planned, table.table()))
        else {
            continue;
        };
        let name = table.table();
        let description = tables.iter().find(|table| table.definition.table_name == name);
        // What there is no operation for is said by whoever has left it out.
        let is_setting = |change: &&Change| {
            change.setting().is_some()
                && !description.is_some_and(|table| is_unsupported(change, table))
        };
        for change in update.changes.iter().filter(is_setting) {
            let is_known = known.contains(name, change);
            if !is_known && !tried.includes(change) {
                continue;
            }
            if !is_known {
                let setting = change.words(&update.before, &update.after);
                let reason = did_not_keep(target);
                news.push(Remaining { table: name.to_owned(), setting, reason });
            }
            ignored.entry(name.to_owned()).or_default().push(change.clone());
        }
    }
    known.replace(ignored)?;
    Ok(news)
}

fn did_not_keep(target: &Target) -> String {
    format!("{} accepted it but did not keep it", target.name)
}

fn has_no_operation(target: &Target) -> String {
    format!("{} has no operation for it", target.name)
}

impl Push<'_> {
    /// What is still different after everything in `planned` was done. What was tried and did not
    /// last is remembered.
    pub(super) async fn look_again(
        &self,
        planned: &Diff,
        adopted: &[String],
        not_kept: Option<&mut NotKept>,
    ) -> Result<Vec<Remaining>, CommandError> {
        let managed = self.managed();
        let tables = describe(&managed, self.mode.concurrency, self.target, self.ui).await?;
        let left = self.compare(&tables);
        let mut remaining = Vec::new();
        let mut forgotten: BTreeMap<String, Vec<Change>> = BTreeMap::new();
        for table in &planned.tables {
            forgotten.insert(table.table().to_owned(), Vec::new());
        }
        for table in &left.tables {
            let name = table.table().to_owned();
            let update = match table {
                TableDiff::Update(update) => update,
                TableDiff::Create(_) | TableDiff::Delete(_) => {
                    let setting = "the table itself".to_owned();
                    let reason = self.changed_meanwhile();
                    remaining.push(Remaining { table: name, setting, reason });
                    continue;
                }
            };
            let tried = match adopted.contains(&name) {
                true => Some(Tried::Subjects(BTreeSet::new())),
                false => tried(planned, &name),
            };
            let Some(tried) = tried else {
                // Left out of the plan, and said already; or changed by somebody just now, which the
                // next push will see.
                continue;
            };
            let description = tables.iter().find(|table| table.definition.table_name == name);
            for change in &update.changes {
                let setting = change.words(&update.before, &update.after);
                if not_kept.as_ref().is_some_and(|known| known.contains(&name, change)) {
                    // Left out of the plan, and said already.
                    forgotten.entry(name.clone()).or_default().push(change.clone());
                    continue;
                }
                let reason = match (
                    description.is_some_and(|table| is_unsupported(change, table)),
                    tried.includes(change),
                ) {
                    (true, true) => has_no_operation(self.target),
                    (true, false) => continue,
                    (false, true) => {
                        forgotten.entry(name.clone()).or_default().push(change.clone());
                        did_not_keep(self.target)
                    }
                    (false, false) => self.changed_meanwhile(),
                };
                remaining.push(Remaining { table: name.clone(), setting, reason });
            }
        }
        if let Some(Err(error)) = not_kept.map(|not_kept| not_kept.replace(forgotten)) {
            // It is only a memory: the next push tries once more.
            self.ui.warning(error.message);
        }
        Ok(remaining)
    }

    fn changed_meanwhile(&self) -> String {
        "it was changed meanwhile, by somebody or by another step: push again".to_owned()
    }
}

fn is_unsupported(change: &Change, table: &TableDescription) -> bool {
    let extra = change.setting().and_then(SettingChange::extra);
    extra.is_some_and(|extra| table.unsupported.contains(&extra))
}

/// What a plan tried on one table.
enum Tried {
    /// To make all of it.
    Everything,
    /// To change these.
    Subjects(BTreeSet<String>),
}

impl Tried {
    fn includes(&self, change: &Change) -> bool {
        match self {
            Self::Everything => true,
            Self::Subjects(subjects) => {
                // A new index comes with its settings.
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
