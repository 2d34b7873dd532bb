//! `mizzle migrate` and `mizzle resolve`: runs pending migrations, rolls the last ones back, marks them
//! as applied, repairs the tables, or changes the ledger's entry of a migration.

mod settings;

pub(crate) use settings::{MigrateArgs, ResolveArgs};

use crate::{
    engine::{ProjectMigrations, require_migrations},
    errors::CommandError,
    explain::explain_engine,
    render::show_not_remembered,
    report::{MigrateReport, PushReport, RepairReport, Report},
    server::Target,
    session::Session,
    settings::MigrationsSettings,
};
use settings::Task;

/// Runs `mizzle migrate`.
///
/// # Errors
///
/// When the scripts and the ledger do not match, or either cannot be read.
pub(crate) fn run(args: &MigrateArgs, session: &Session<'_>) -> Result<Report, CommandError> {
    connected(args.resolve(session)?, session)
}

/// Runs `mizzle resolve`.
///
/// # Errors
///
/// When there is no such migration, or it cannot be resolved in that way.
pub(crate) fn run_resolve(
    args: &ResolveArgs,
    session: &Session<'_>,
) -> Result<Report, CommandError> {
    connected(args.resolve(session)?, session)
}

fn connected(
    (task, settings): (Task, MigrationsSettings),
    session: &Session<'_>,
) -> Result<Report, CommandError> {
    session.connected(settings.connection.clone(), async |target| {
        target.admit(&settings.admission).await?;
        carry_out(&task, &settings, target, session).await
    })
}

async fn carry_out(
    task: &Task,
    settings: &MigrationsSettings,
    target: &Target,
    session: &Session<'_>,
) -> Result<Report, CommandError> {
    let (evaluator, interrupts, ui) = (session.evaluator()?, session.interrupts, session.ui);
    let project = ProjectMigrations::open(settings, evaluator, target, interrupts, ui)?;
    ui.info(format!("Target: {}", target.name));
    require_migrations(project.is_empty(), &settings.out, ui)?;
    let engine = project.engine();
    let outcome = match task {
        Task::Run { to } => engine.run(to.as_deref()).await,
        Task::Baseline { to } => engine.baseline(to.as_deref()).await,
        Task::RollBack { count } => engine.roll_back(*count).await,
        Task::Resolve { migration, kind } => engine.resolve(migration, *kind).await,
        Task::Repair => {
            let outcome = engine.repair().await;
            let outcome = outcome.map_err(|error| explain_engine(error, &target.name))?;
            show_not_remembered(&outcome.not_remembered, ui);
            return Ok(Report::Repair(RepairReport(PushReport::new(outcome, &target.name))));
        }
    };
    let outcome = outcome.map_err(|error| explain_engine(error, &target.name))?;
    show_not_remembered(&outcome.not_remembered, ui);
    Ok(Report::Migrate(MigrateReport::new(outcome, &target.name, settings.policy.dry_run)))
}
