//! `mizzle status`: where an environment stands, and what its tables have that its migrations do not
//! say.

use super::PARALLEL;
use crate::{
    error::CommandError,
    project::{Migrations, Script},
    report::{Drift, StatusReport},
    settings::StatusSettings,
    target::{Target, explain},
    ui::Ui,
};
use mizzle_core::{
    apply::describe_all,
    diff::{TableDiff, diff},
    ledger::{Ledger, Migration, Standing, standings},
    model::{Extras, TableDefinition},
};

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
    let scripts = migrations.scripts()?;
    ui.info(format!("Target: {}", target.name));
    let explain = |error| explain(&error, &target.name);
    let records = target.control.ledger(&settings.ledger).records().await.map_err(explain)?;
    let scripts: Vec<Migration> = scripts.iter().map(Script::migration).collect();
    let (standings, problems) = standings(&scripts, &records.unwrap_or_default());
    let mut report = StatusReport::new(target.name.clone(), settings.exit_code, &problems);
    let mut newest = None;
    for (script, standing) in scripts.iter().zip(standings) {
        report.add(&script.name, standing);
        if standing == Standing::Applied {
            newest = Some(&script.name);
        }
    }
    if let Some(tables) = newest.and_then(|newest| migrations.tables_after(newest)) {
        let names: Vec<(String, Extras)> = tables
            .values()
            .map(|table| (table.table_name.clone(), Extras::managed_by(table)))
            .collect();
        let present = describe_all(&target.control, &names, PARALLEL).await.map_err(explain)?;
        let present: Vec<TableDefinition> = present
            .iter()
            .map(|table| match tables.get(&table.definition.table_name) {
                Some(wanted) => table.compared_with(wanted),
                None => table.definition.clone(),
            })
            .collect();
        for table in diff(&present, tables.values()).tables {
            report.drift.extend(changes(&table));
        }
    }
    Ok(report)
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
