//! How the tables that are there differ from what a migration leaves.

use super::{PARALLEL, describe, environment, push};
use crate::{
    error::CommandError,
    project::{Migrations, NotKept},
    report::{Drift, Remaining},
    settings::EnvironmentSettings,
    target::Target,
    ui::Ui,
};
use mizzle_core::{
    apply::{ServiceError, describe_all},
    diff::{TableDiff, diff},
    model::{Extras, Status, TableDefinition, TableDescription},
    snapshot::MigrationName,
};
use std::collections::BTreeMap;

/// The changes that would bring the tables of an environment to what the migrations say, and the
/// differences that the server is known to ignore.
pub(super) async fn differences(
    tables: &BTreeMap<String, TableDefinition>,
    environment: &EnvironmentSettings,
    target: &Target,
    not_kept: Option<&NotKept>,
    ui: &Ui,
) -> Result<(Vec<Drift>, Vec<Remaining>), CommandError> {
    let tables = environment::tables(tables.values(), environment)?;
    let names: Vec<(String, Extras)> =
        tables.iter().map(|(name, table)| (name.clone(), Extras::managed_by(table))).collect();
    let present = describe(&names, PARALLEL, target, ui).await?;
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
    let diff = diff(&lasting, tables.values());
    let (diff, ignored) = push::without_futile(diff, &present, target, not_kept);
    Ok((diff.tables.iter().flat_map(changes).collect(), ignored))
}

/// What would have to change for a table to be as its snapshot.
pub(super) fn changes(table: &TableDiff) -> Vec<Drift> {
    let drift = |change: String| Drift { table: table.table().to_owned(), change };
    match table {
        TableDiff::Create(_) => vec![drift("is missing".to_owned())],
        TableDiff::Update(_) | TableDiff::Delete(_) => {
            table.details().into_iter().map(drift).collect()
        }
    }
}

/// The changes of a table that a migration for the schema would make.
pub(super) fn planned(table: &TableDiff) -> Vec<Drift> {
    let drift = |change: String| Drift { table: table.table().to_owned(), change };
    match table {
        TableDiff::Create(_) => vec![drift("create table".to_owned())],
        TableDiff::Delete(_) => vec![drift("delete table".to_owned())],
        TableDiff::Update(_) => table.details().into_iter().map(drift).collect(),
    }
}

/// The tables that are there although a migration up to this one deletes them. A table of such a name
/// with another key is somebody else's.
///
/// # Errors
///
/// When the server does not say.
pub(super) async fn leftovers(
    migrations: &Migrations,
    newest: &MigrationName,
    environment: &EnvironmentSettings,
    target: &Target,
) -> Result<Vec<Drift>, ServiceError> {
    let departed: BTreeMap<String, _> = migrations
        .departed(newest)
        .into_iter()
        .map(|departed| (environment.naming.physical(departed.name).into_owned(), departed))
        .collect();
    let names: Vec<(String, Extras)> =
        departed.keys().map(|name| (name.clone(), Extras::NONE)).collect();
    let present = describe_all(&target.control, &names, PARALLEL, || ()).await?;
    let leftover = |table: &TableDescription| {
        let departed = departed.get(&table.definition.table_name)?;
        (table.status != Status::Deleting && departed.is(&table.definition)).then(|| Drift {
            table: table.definition.table_name.clone(),
            change: format!("should be gone: {} deletes it", departed.by),
        })
    };
    Ok(present.iter().filter_map(leftover).collect())
}
