//! Drift: the differences between the tables that exist and the state that migrations leave.

pub use crate::outcome::Drift;

use crate::{Context, Error, converge::Unapplied, environment::Environment, ports::World};
use mizzle_core::{
    apply::{ServiceError, describe_all},
    diff::{TableDiff, diff},
    history::{RemovedTable, Tables, Timeline},
    model::{AuxiliarySettings, Status, TableDefinition, TableDescription},
    snapshot::MigrationName,
};
use std::collections::BTreeMap;

/// Returns the changes that would bring the tables of an environment to the given state, and the
/// differences that the server is known to ignore.
///
/// # Errors
///
/// When the settings of the environment contradict each other, or the server cannot be reached.
pub async fn differences<W: World>(
    context: &Context<'_, W>,
    tables: &Tables,
    environment: &Environment,
) -> Result<(Vec<Drift>, Vec<Unapplied>), Error<W::Error>> {
    let tables = environment.tables(tables.values())?;
    let present = context.describe_managed(tables.values()).await.map_err(Error::Service)?;
    // A table that is being deleted counts as deleted.
    let lasting: Vec<TableDefinition> = present
        .iter()
        .filter(|table| table.status != Status::Deleting)
        .map(TableDescription::lasting)
        .map(|table| match tables.get(&table.definition.table_name) {
            Some(wanted) => table.compared_with(wanted),
            None => table.definition,
        })
        .collect();
    let mut diff = diff(&lasting, tables.values());
    let unapplied = context.leave_out_unappliable(&mut diff, &present);
    Ok((diff.tables.iter().flat_map(changes).collect(), unapplied))
}

/// Returns the changes that would bring a table to its snapshot.
pub fn changes(table: &TableDiff) -> Vec<Drift> {
    let drift = |change: String| Drift { table: table.table().to_owned(), change };
    match table {
        TableDiff::Create(_) => vec![drift("is missing".to_owned())],
        TableDiff::Update(_) | TableDiff::Delete(_) => {
            table.details().into_iter().map(drift).collect()
        }
    }
}

/// Returns the changes that a migration for the schema would make to a table.
pub fn planned(table: &TableDiff) -> Vec<Drift> {
    let drift = |change: String| Drift { table: table.table().to_owned(), change };
    match table {
        TableDiff::Create(_) => vec![drift("create table".to_owned())],
        TableDiff::Delete(_) => vec![drift("delete table".to_owned())],
        TableDiff::Update(_) => table.details().into_iter().map(drift).collect(),
    }
}

/// Returns the tables that exist although a migration up to `newest` deletes them. A table with
/// such a name and another key does not belong to the project.
///
/// # Errors
///
/// When the server cannot be reached.
pub async fn leftovers<W: World>(
    context: &Context<'_, W>,
    timeline: &Timeline,
    newest: &MigrationName,
    environment: &Environment,
) -> Result<Vec<Drift>, ServiceError> {
    let removed: BTreeMap<String, RemovedTable<'_>> = timeline
        .removed(newest)
        .into_iter()
        .map(|removed| (environment.naming.physical(removed.name).into_owned(), removed))
        .collect();
    let names: Vec<(String, AuxiliarySettings)> =
        removed.keys().map(|name| (name.clone(), AuxiliarySettings::NONE)).collect();
    let present = describe_all(context.server, &names, context.options.parallel, || ()).await?;
    let leftover = |table: &TableDescription| {
        let removed = removed.get(&table.definition.table_name)?;
        (table.status != Status::Deleting && removed.is(&table.definition)).then(|| Drift {
            table: table.definition.table_name.clone(),
            change: format!("should be gone: {} deletes it", removed.by),
        })
    };
    Ok(present.iter().filter_map(leftover).collect())
}
