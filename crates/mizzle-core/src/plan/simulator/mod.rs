//! A simulation of DynamoDB's control plane in memory: its tables, their changes, and its refusals.
//!
//! DynamoDB accepts every plan that the simulator runs without a refusal. If the documentation
//! leaves open whether a call is refused, the simulator refuses it, so that no plan relies on it.

mod create;
mod refusal;
mod rules;
mod table;
mod update;

pub(crate) use refusal::require;
pub use refusal::{Exception, Refusal};
pub(crate) use table::Table;

use super::{Call, GlobalSecondaryIndexUpdate, Guard, Plan, StepId, UpdateTable};
use crate::{
    model::{TableDefinition, TableDescription},
    settings::View,
};
use std::collections::{BTreeMap, BTreeSet};
use table::Progress;

/// DynamoDB's control plane in memory.
///
/// A call starts a change, which is in progress until the table is [settled](Self::settle).
/// Meanwhile descriptions show it (`UPDATING`, an index that is `CREATING`, …), and other calls are
/// refused.
#[derive(Debug, Clone, Default)]
pub struct Simulator {
    tables: BTreeMap<String, Table>,
    /// The number of tables created so far.
    created: u64,
}

/// A step that was not applied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{step}: {reason}")]
pub struct Halt {
    /// The step.
    pub step: StepId,
    /// The reason.
    pub reason: HaltReason,
}

/// A reason why a step was not applied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HaltReason {
    /// The service refused its call.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The step's [guard](Guard) does not hold.
    #[error("the table is not as it has to be")]
    Guarded,
    /// A step that has to come before is missing.
    #[error("{0} has to come before")]
    OutOfOrder(StepId),
}

impl Simulator {
    /// Creates a control plane that holds these tables, settled and without items. Omitted settings
    /// have DynamoDB's defaults; a table without a billing mode is on demand, unless it has
    /// capacity.
    pub fn holding(tables: impl IntoIterator<Item = TableDefinition>) -> Self {
        let tables = tables
            .into_iter()
            .map(|table| (table.table_name.clone(), Table::new(table, 0, Progress::Settled)))
            .collect();
        Self { tables, created: 0 }
    }

    /// Returns the names of the tables, sorted.
    pub fn tables(&self) -> impl Iterator<Item = &str> {
        self.tables.keys().map(String::as_str)
    }

    /// Returns the table with all settings; `None` if there is no table with that name.
    pub fn describe(&self, table: &str) -> Option<TableDescription> {
        self.tables.get(table).map(Table::description)
    }

    /// Sets the number of items of a table. Does nothing if there is no such table.
    pub fn put_items(&mut self, table: &str, items: u64) {
        if let Some(table) = self.tables.get_mut(table) {
            table.items = items;
        }
    }

    /// Starts the change of a call.
    ///
    /// # Errors
    ///
    /// When DynamoDB would refuse the call; nothing has changed then.
    pub fn call(&mut self, call: &Call) -> Result<(), Refusal> {
        let name = call.table();
        let Some(table) = self.tables.get_mut(name) else {
            let Call::CreateTable(request) = call else {
                return Err(Refusal::not_found(format!("Requested resource not found: {name}")));
            };
            self.created += 1;
            let table =
                Table::new(create::definition_of(request)?, self.created, Progress::Creating);
            self.tables.insert(name.to_owned(), table);
            return Ok(());
        };
        match &table.progress {
            Progress::Settled => {}
            Progress::Backfilling(after) => {
                let after = after.clone();
                return stop_backfill(table, &after, call);
            }
            // Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DeleteTable.html
            Progress::Deleting if matches!(call, Call::DeleteTable(_)) => return Ok(()),
            Progress::Creating | Progress::Updating(_) | Progress::Deleting => {
                return Err(in_use(name));
            }
        }
        match call.view() {
            // Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html
            View::CreateTable(_) => {
                return Err(Refusal::in_use(format!("Table already exists: {name}")));
            }
            View::UpdateTable(request) => {
                let after = update::updated(&table.definition, request)?;
                table.progress = Progress::Updating(Box::new(after));
            }
            View::DeleteTable(_) => {
                // Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/WorkingWithTables.Basics.html#WorkingWithTables.Basics.DeletionProtection
                let is_protected = table.definition.deletion_protection_enabled == Some(true);
                require(!is_protected, || {
                    "Resource cannot be deleted as it is currently protected against deletion"
                        .to_owned()
                })?;
                table.progress = Progress::Deleting;
            }
            View::Setting(request) => request.simulate(table)?,
        }
        Ok(())
    }

    /// Continues from the first phase of adding an index, the allocation of resources, to the
    /// second, in which the index is backfilled and can be cancelled. Does nothing if no index is
    /// in the first phase.
    /// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.OnlineOps.html>.
    pub fn start_backfill(&mut self, table: &str) {
        let Some(table) = self.tables.get_mut(table) else { return };
        if let Progress::Updating(after) = &table.progress
            && new_index(&table.definition, after).is_some()
        {
            table.progress = Progress::Backfilling(after.clone());
        }
    }

    /// Completes the change of a table: all parts are `ACTIVE` then, or the table is gone. Does
    /// nothing if no change is in progress.
    pub fn settle(&mut self, table: &str) {
        if let Some((name, table)) = self.tables.remove_entry(table)
            && let Some(table) = table.settled()
        {
            self.tables.insert(name, table);
        }
    }

    /// Applies a plan step by step in order, each settled before the next.
    ///
    /// # Errors
    ///
    /// The first step that is refused, or that comes too early; the steps before it are applied.
    pub fn run(&mut self, plan: &Plan) -> Result<(), Halt> {
        let mut done = BTreeSet::new();
        for step in &plan.steps {
            let halt = |reason| Halt { step: step.id.clone(), reason };
            if let Some(missing) = step.after.iter().find(|id| !done.contains(id)) {
                return Err(halt(HaltReason::OutOfOrder(missing.clone())));
            }
            let table = self.tables.get(step.table());
            if let (Some(guard), Some(table)) = (&step.guard, table) {
                let Guard { table_id, is_empty } = guard;
                let is_another = table_id.as_ref().is_some_and(|id| *id != table.id());
                if is_another || (*is_empty && table.items > 0) {
                    return Err(halt(HaltReason::Guarded));
                }
            }
            self.call(&step.call).map_err(|refusal| halt(refusal.into()))?;
            self.settle(step.table());
            done.insert(&step.id);
        }
        Ok(())
    }
}

fn in_use(table: &str) -> Refusal {
    Refusal::in_use(format!("Attempt to change a resource which is still in use: {table}"))
}

/// Returns the index that the second definition has and the first has not.
fn new_index<'a>(before: &TableDefinition, after: &'a TableDefinition) -> Option<&'a str> {
    let mut names = after.global_secondary_indexes.iter().map(|index| index.index_name.as_str());
    names.find(|name| before.global_index(name).is_none())
}

/// Applies a call while an index is being backfilled: only cancelling the index is allowed.
/// DynamoDB accepts other calls, too, but does not document which.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_GlobalSecondaryIndexDescription.html>.
fn stop_backfill(
    table: &mut Table,
    with_index: &TableDefinition,
    call: &Call,
) -> Result<(), Refusal> {
    let new = new_index(&table.definition, with_index);
    match call.view() {
        View::UpdateTable(request) if deleted_index(request) == new => {
            let after = update::updated(with_index, request)?;
            table.definition = with_index.clone();
            table.progress = Progress::Updating(Box::new(after));
            Ok(())
        }
        View::CreateTable(_) | View::UpdateTable(_) | View::DeleteTable(_) | View::Setting(_) => {
            Err(in_use(call.table()))
        }
    }
}

/// Returns the index that a request deletes, if it makes no other index update.
fn deleted_index(request: &UpdateTable) -> Option<&str> {
    match request.global_secondary_index_updates.as_slice() {
        [GlobalSecondaryIndexUpdate::Delete(index)] => Some(&index.index_name),
        _ => None,
    }
}
