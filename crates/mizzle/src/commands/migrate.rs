//! `mizzle migrate` and `mizzle resolve`: runs pending migrations, rolls the last ones back, marks them
//! as applied, repairs the tables, or changes the ledger's entry of a migration.

use super::require_migrations;
use crate::{
    engine::ProjectMigrations,
    errors::CommandError,
    explain::explain_engine,
    report::{MigrateReport, RepairReport, Report},
    server::Target,
    settings::{MigrateMode, MigrateSettings},
    signal::Interrupts,
    ui::Ui,
};
use mizzle_eval::Evaluator;

/// Runs the engine as the settings say.
///
/// # Errors
///
/// When the scripts and the ledger do not match, or either cannot be read.
pub(crate) async fn migrate(
    settings: &MigrateSettings,
    evaluator: &Evaluator,
    target: &Target,
    interrupts: &Interrupts,
    ui: &Ui,
) -> Result<Box<dyn Report>, CommandError> {
    let project = ProjectMigrations::open(settings, evaluator, target, interrupts, ui)?;
    ui.info(format!("Target: {}", target.name));
    require_migrations(project.is_empty(), &settings.out, ui)?;
    let engine = project.engine();
    let outcome = match &settings.mode {
        MigrateMode::Run { to } => engine.run(to.as_deref()).await,
        MigrateMode::Baseline { to } => engine.baseline(to.as_deref()).await,
        MigrateMode::Undo { count } => engine.roll_back(*count).await,
        MigrateMode::Resolve { migration, kind } => engine.resolve(migration, *kind).await,
        MigrateMode::Repair => {
            let outcome = engine.repair().await;
            let outcome = outcome.map_err(|error| explain_engine(error, &target.name))?;
            return Ok(Box::new(RepairReport::new(outcome, &target.name, ui)));
        }
    };
    let outcome = outcome.map_err(|error| explain_engine(error, &target.name))?;
    Ok(Box::new(MigrateReport::new(outcome, &target.name, settings.dry_run, ui)))
}
