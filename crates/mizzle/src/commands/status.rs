//! `mizzle status`: where an environment stands, and what its tables have that its migrations do not
//! say.

use super::{PARALLEL, describe, environment};
use crate::{
    error::CommandError,
    project::{Migrations, Script},
    report::{Drift, StatusReport},
    settings::{EnvironmentSettings, StatusSettings},
    target::{Target, explain},
    ui::Ui,
};
use mizzle_core::{
    diff::{TableDiff, diff},
    ledger::{Ledger, Migration, Standing, standings},
    model::{Extras, TableDefinition},
};
use std::collections::BTreeMap;

/// Reads the ledger and the tables, and changes nothing.
///
/// # Errors
///
/// When the migrations folder or the server cannot be read.
pub(crate) async fn status(
    settings: &StatusSettings,
    target: &Target,
    ui: &Ui,
) -> Result<StatusReport, CommandError> {
    let migrations = Migrations::open(&settings.out, ui.directory())?;
    environment::check(&migrations.head().tables, &settings.environment)?;
    let scripts = migrations.scripts()?;
    ui.info(format!("Target: {}", target.name));
    let records = target.control.ledger(&settings.environment.ledger).records().await;
    let records = records.map_err(|error| explain(&error, &target.name))?;
    let records = records.unwrap_or_default();
    let scripts: Vec<Migration> = scripts.iter().map(Script::migration).collect();
    let (standings, problems) = standings(&scripts, &records);
    let mut report = StatusReport::new(target.name.clone(), settings.exit_code);
    let mut newest = None;
    for (Migration { name, .. }, standing) in scripts.iter().zip(standings) {
        let record = records.iter().find(|record| record.name == name.to_string());
        report.add(name, standing, record, &problems);
        if standing == Standing::Applied {
            newest = Some(name);
        }
    }
    report.add_problems(&problems);
    if let Some(tables) = newest.and_then(|newest| migrations.tables_after(newest)) {
        report.drift = drift(tables, &settings.environment, target, ui).await?;
    }
    Ok(report)
}

/// What would have to change for the tables of an environment to be as the migrations say.
pub(super) async fn drift(
    tables: &BTreeMap<String, TableDefinition>,
    environment: &EnvironmentSettings,
    target: &Target,
    ui: &Ui,
) -> Result<Vec<Drift>, CommandError> {
    let tables = environment::tables(tables.values(), environment)?;
    let names: Vec<(String, Extras)> =
        tables.iter().map(|(name, table)| (name.clone(), Extras::managed_by(table))).collect();
    let present = describe(&names, PARALLEL, target, ui).await?;
    let present: Vec<TableDefinition> = present
        .iter()
        .map(|table| match tables.get(&table.definition.table_name) {
            Some(wanted) => table.compared_with(wanted),
            None => table.definition.clone(),
        })
        .collect();
    Ok(diff(&present, tables.values()).tables.iter().flat_map(changes).collect())
}

/// What would have to change for a table to be as its snapshot.
fn changes(table: &TableDiff) -> Vec<Drift> {
    let drift = |change: String| Drift { table: table.table().to_owned(), change };
    match table {
        TableDiff::Create(_) => vec![drift("is missing".to_owned())],
        TableDiff::Update(_) | TableDiff::Delete(_) => {
            table.details().into_iter().map(drift).collect()
        }
    }
}
