//! The first migration of a project whose tables already exist, and the ledger entry that marks it
//! as applied.

use super::settings::PullSettings;
use crate::{
    engine::ProjectMigrations,
    errors::CommandError,
    explain::{explain_engine, ledger_name},
    project::Migrations,
    report::{BaselineState, PullReport},
    server::Target,
    session::Session,
    settings::{LEDGER, MigrationsSettings},
    ui::Ui,
};
use mizzle_core::{
    diff::{diff, released},
    model::{Schema, TableDefinition},
    plan::{Context, plan},
    script,
    snapshot::{Head, Snapshot},
};
use std::collections::BTreeSet;

/// The name of the first migration.
const NAME: &str = "init";

/// Writes the first migration, which creates these tables. Not written if a history already exists,
/// as `mizzle generate` writes the next migration; nor while settings have to be added to the
/// config by hand, as the migration would lack them.
///
/// # Errors
///
/// When the migration cannot be written.
pub(super) fn write(
    migrations: &Migrations,
    schema: &Schema,
    names: &BTreeSet<&str>,
    report: &mut PullReport,
    ui: &Ui,
) -> Result<(), CommandError> {
    let head = migrations.head();
    let name = migrations.next(NAME);
    if *head != Head::default() || name.number != 1 {
        let before = head.tables.values();
        let is_told = diff(before.clone(), &schema.tables).is_empty()
            && released(before, &schema.tables).is_empty();
        report.news = Some(!is_told);
        return Ok(());
    }
    if report.paste.is_some() {
        return Ok(());
    }
    let tables = schema.tables.iter().filter(|table| names.contains(table.table_name.as_str()));
    let tables: Vec<&TableDefinition> = tables.collect();
    if tables.is_empty() {
        return Ok(());
    }
    let none: [&TableDefinition; 0] = [];
    let up = plan(&diff(none, tables.iter().copied()), &Context::default());
    let down = plan(&diff(tables.iter().copied(), none), &Context::default());
    let snapshot = Snapshot::new(head.id, tables.iter().copied());
    let files = migrations.add(&name, &script::write(&up, &down), &snapshot)?;
    report.files.extend(files.iter().map(|file| ui.shown(file)));
    report.migration = Some(name.to_string());
    Ok(())
}

/// Returns a mizzle command for the same tables, as it is typed in this project.
pub(super) fn command_line(settings: &PullSettings, command: &str) -> String {
    let command = settings.packages.command_line(command);
    format!("{command}{}", settings.options)
}

/// Marks the migration as applied, after confirmation, because this creates the ledger's table.
///
/// # Errors
///
/// When the ledger cannot be written, or the user aborts.
pub(super) async fn mark(
    settings: &PullSettings,
    session: &Session<'_>,
    target: &mut Target,
    report: &mut PullReport,
) -> Result<(), CommandError> {
    let (evaluator, interrupts, ui) = (session.evaluator()?, session.interrupts, session.ui);
    let Some(baseline) = &settings.baseline else { return Ok(()) };
    if !settings.yes && !ui.can_ask() {
        return Ok(());
    }
    if let Err(error) = target.admit(&settings.admission).await {
        ui.warning(format!("Not marked as applied: {}", error.message));
        return Ok(());
    }
    report.target = target.name.clone();
    let ledger = &baseline.environment.ledger;
    if let Some(project) = baseline.project.as_deref().filter(|_| ledger.contains(LEDGER)) {
        ui.info(format!(
            "The ledger {ledger} serves one project only: if others use this server, name one for this project in the config: migrations: {{ table: {:?} }}",
            ledger_name(project)
        ));
    }
    if !settings.yes && !agree(baseline, target, report, ui)? {
        return Ok(());
    }
    let then = |error: CommandError| {
        error.hint("the files are written; what is left to do then: mizzle migrate --baseline")
    };
    let project = ProjectMigrations::open(baseline, evaluator, target, interrupts, ui);
    let project = project.map_err(then)?;
    let marked = project.engine().baseline(None).await;
    let marked = marked.map_err(|error| then(explain_engine(error, &target.name)))?;
    if let Some(failure) = marked.failure {
        return Err(explain_engine(failure, &target.name));
    }
    report.baseline = Some(BaselineState::Applied);
    report.next = None;
    Ok(())
}

/// Asks whether the ledger may be created.
fn agree(
    settings: &MigrationsSettings,
    target: &Target,
    report: &PullReport,
    ui: &Ui,
) -> Result<bool, CommandError> {
    let migration = report.migration.as_deref().unwrap_or_default();
    let ledger = &settings.environment.ledger;
    let question =
        format!("Mark {migration} as applied? This creates the table {ledger} at {}", target.name);
    ui.confirm(&question, "--yes")
}
