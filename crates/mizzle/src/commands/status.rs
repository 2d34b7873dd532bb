//! `mizzle status`: reports the state of the migrations in an environment, and its drift.

mod settings;

pub(crate) use settings::StatusArgs;

use crate::{
    engine::{Ports, require_migrations},
    errors::CommandError,
    explain::{explain, explain_engine, mismatch_hints},
    project::{Migrations, Script},
    report::{Report, StatusReport, UnappliedChange},
    server::Target,
    session::Session,
    settings::{DEFAULT_CONCURRENCY, SchemaSettings},
};
use mizzle_core::{
    apply::ServiceErrorKind,
    diff::diff,
    ledger::{Ledger, Migration, MigrationStatus, Record, RecordState, standings},
    model::{self, TableDefinition},
    plan::fingerprint,
};
use mizzle_engine::{Environment, drift};
use mizzle_eval::Evaluator;
use settings::StatusSettings;
use std::collections::BTreeSet;

/// Reads the ledger, the tables and the schema, and changes nothing.
///
/// # Errors
///
/// If the migrations folder does not exist, or it or the server cannot be read.
pub(crate) fn run(args: &StatusArgs, session: &Session<'_>) -> Result<Report, CommandError> {
    let settings = StatusSettings::resolve(args, session)?;
    let report = session.connected(settings.connection.clone(), async |target| {
        status(&settings, target, session).await
    });
    Ok(Report::Status(report?))
}

async fn status(
    settings: &StatusSettings,
    target: &Target,
    session: &Session<'_>,
) -> Result<StatusReport, CommandError> {
    let (evaluator, interrupts, ui) = (session.evaluator()?, session.interrupts, session.ui);
    let migrations = Migrations::open(&settings.out, ui.directory())?;
    settings.environment.check(&migrations.head().tables)?;
    let scripts = migrations.scripts()?;
    ui.info(format!("Target: {}", target.name));
    require_migrations(scripts.is_empty(), &settings.out, ui)?;
    let ledger = target.control.ledger(&settings.environment.ledger);
    let records = ledger.records().await.map_err(|error| explain(&error, &target.name))?;
    let is_new = records.is_none();
    let records = records.unwrap_or_default();
    let scripts: Vec<Migration> = scripts.iter().map(Script::migration).collect();
    let (standings, problems) = standings(&scripts, &records, settings.project.as_deref());
    let environment = &settings.environment;
    let mut report = StatusReport::new(target.name.clone(), environment.name.as_deref());
    let mut newest = None;
    for (Migration { name, .. }, standing) in scripts.iter().zip(standings) {
        let is_known = standing != MigrationStatus::Pending;
        let record = records.iter().find(|record| is_known && record.name == name.to_string());
        report.add(name, standing, record, &problems);
        if standing == MigrationStatus::Applied {
            newest = Some(name);
        }
    }
    for problem in &problems {
        report.add_problem(problem, mismatch_hints(problem, settings.project.as_deref()));
    }
    if !is_new {
        let resolutions = ledger.resolutions().await;
        report.resolutions = resolutions.map_err(|error| explain(&error, &target.name))?;
    }
    let newest =
        newest.and_then(|newest| Some((newest, migrations.timeline().tables_after(newest)?)));
    let ports = Ports::new(target, ui, interrupts, DEFAULT_CONCURRENCY);
    // Without drift, ignored settings explain nothing.
    let ports = match newest {
        Some(_) => ports.with_ignored_settings(&settings.root)?,
        None => ports,
    };
    let context = ports.context();
    if let Some((newest, tables)) = newest {
        let differences = drift::differences(&context, tables, environment).await;
        let (drift, ignored) = differences.map_err(|error| explain_engine(error, &target.name))?;
        report.drift = drift;
        let ignored = ignored.iter();
        report.ignored = ignored.map(|one| UnappliedChange::of(one, &target.name)).collect();
        match drift::leftovers(&context, migrations.timeline(), newest, environment).await {
            Ok(leftovers) => report.drift.extend(leftovers),
            // Credentials that can only describe the present tables still get the status of those.
            Err(error) if error.kind == ServiceErrorKind::AccessDenied => {
                let message = explain(&error, &target.name).message;
                ui.warning(format!(
                    "Whether tables that migrations delete are gone cannot be seen: {message}"
                ));
            }
            Err(error) => return Err(explain(&error, &target.name)),
        }
        // The changes of an unfinished migration are not drift.
        let in_work = in_work(&records, environment);
        report.drift.retain(|drift| !in_work.contains(&drift.table));
    }
    if let Some(schema) = &settings.schema {
        match schema_tables(schema, evaluator) {
            Ok(tables) => {
                let ahead = diff(migrations.head().tables.values(), &tables);
                report.schema = ahead.tables.iter().flat_map(drift::planned).collect();
                report.replaced =
                    ahead.replaced().map(|update| update.after.table_name.clone()).collect();
                // A push may already have applied the schema.
                if !report.drift.is_empty() && !report.schema.is_empty() {
                    let tables = tables.into_iter().map(|table| (table.table_name.clone(), table));
                    let tables = tables.collect();
                    let differences =
                        drift::differences(&context, &tables, environment).await;
                    let (differences, _) =
                        differences.map_err(|error| explain_engine(error, &target.name))?;
                    report.is_at_schema = differences.is_empty();
                }
            }
            Err(reason) => ui.warning(format!(
                "The schema is not compared, because it has an error ({reason}): `mizzle check` shows it"
            )),
        }
    }
    Ok(if settings.exit_code { report.with_exit_code() } else { report })
}

/// Returns the tables that an unfinished migration has begun to change, under their names in the
/// environment.
fn in_work(records: &[Record], environment: &Environment) -> BTreeSet<String> {
    let unfinished = records.iter().filter(|record| record.state != RecordState::Applied);
    let steps = unfinished.flat_map(|record| {
        let forward = record.forward.iter().flat_map(|forward| &forward.steps);
        record.steps.iter().chain(&record.deleting).chain(&record.creating).chain(forward)
    });
    let tables = steps.filter_map(|step| fingerprint::table(step));
    tables.map(|table| environment.naming.physical(table).into_owned()).collect()
}

/// Returns the tables of the schema. Other commands report its warnings.
fn schema_tables(
    settings: &SchemaSettings,
    evaluator: &Evaluator,
) -> Result<Vec<TableDefinition>, String> {
    let first = |problems: Vec<model::Problem>| {
        problems.into_iter().next().map(|problem| problem.message).unwrap_or_default()
    };
    let declaration = evaluator
        .schema(&settings.files, settings.limits)
        .map_err(|error| error.message().to_owned())?;
    let schema = model::resolve(&declaration).map_err(first)?;
    let schema = schema.with_settings(&declaration, &settings.tables).map_err(first)?;
    Ok(schema.tables)
}
