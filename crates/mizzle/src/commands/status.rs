//! `mizzle status`: where an environment stands, and what its tables have that its migrations do not
//! say.

use super::{drift, environment, warn_of_no_migrations};
use crate::{
    error::CommandError,
    project::{Migrations, Script},
    report::StatusReport,
    settings::StatusSettings,
    target::{Target, explain},
    ui::Ui,
};
use mizzle_core::{
    apply::ServiceErrorKind,
    ledger::{Ledger, Migration, Standing, standings},
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
    environment::check(&migrations.head().tables, &settings.environment)?;
    let scripts = migrations.scripts()?;
    ui.info(format!("Target: {}", target.name));
    warn_of_no_migrations(&scripts, &settings.out, ui);
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
    if let Some(newest) = newest
        && let Some(tables) = migrations.tables_after(newest)
    {
        let environment = &settings.environment;
        report.drift = drift::differences(tables, environment, target, ui).await?;
        match drift::leftovers(&migrations, newest, environment, target).await {
            Ok(leftovers) => report.drift.extend(leftovers),
            // Whoever may only see the tables of today still learns how those stand.
            Err(error) if error.kind == ServiceErrorKind::AccessDenied => {
                let message = explain(&error, &target.name).message;
                ui.warning(format!(
                    "Whether tables that migrations delete are gone cannot be seen: {message}"
                ));
            }
            Err(error) => return Err(explain(&error, &target.name)),
        }
    }
    Ok(report)
}
