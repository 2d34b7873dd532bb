//! `mizzle push`: applies the schema to the database directly.

mod settings;

pub(crate) use settings::PushArgs;

use crate::{
    engine::Ports,
    errors::{CommandError, ErrorKind, PortError},
    explain::explain_engine,
    project::Migrations,
    render::show_not_remembered,
    report::{PushReport, Report},
    schema::{Unexported, load_schema, unexported},
    server::Target,
    session::Session,
};
use mizzle_core::{model::Schema, plan::Aim};
use mizzle_engine::converge::{Policy, Push};
use settings::PushSettings;
use std::collections::BTreeSet;

/// Plans, asks for confirmation, applies, and compares again.
///
/// # Errors
///
/// When the schema is invalid, a request to the server fails, or the migrations folder cannot be
/// read for `--prune`, so that there is not even a plan.
pub(crate) fn run(args: &PushArgs, session: &Session<'_>) -> Result<Report, CommandError> {
    let settings = PushSettings::resolve(args, session)?;
    let evaluator = session.evaluator()?;
    let schema = load_schema(&settings.schema, evaluator, session.ui)?;
    let unexported = Unexported::of(&schema, evaluator);
    let schema = settings.environment.schema(schema)?;
    let report = session.connected(settings.connection.clone(), async |target| {
        target.admit(&settings.admission).await?;
        push(&settings, &schema, &unexported, target, session).await
    });
    Ok(Report::Push(report?))
}

async fn push(
    settings: &PushSettings,
    schema: &Schema,
    unexported: &[Unexported],
    target: &Target,
    session: &Session<'_>,
) -> Result<PushReport, CommandError> {
    let (interrupts, ui) = (session.interrupts, session.ui);
    let environment = &settings.environment;
    if settings.prune && schema.tables.is_empty() {
        // A wrong path or a forgotten export is more likely than the end of the project.
        let message =
            "The schema has no table, so --prune would delete all that were the project's";
        return Err(CommandError::new(ErrorKind::Refused, "empty-schema", message)
            .hint("is `schema` in the config right, and are the tables exported?"));
    }
    let prunable = settings
        .prune
        .then(|| Migrations::open(&settings.out, ui.directory()))
        .transpose()?
        .map(|migrations| migrations.timeline().tables_ever());
    let ports = Ports::new(target, ui, interrupts, settings.concurrency)
        .with_ignored_settings(&settings.root)?;
    let Policy { dry_run, yes, .. } = settings.policy;
    let objection = |deleted: &BTreeSet<&str>| {
        let is_deleted =
            |table: &str| deleted.contains(environment.naming.physical(table).as_ref());
        unexported::refuse_deletion(unexported, is_deleted, yes || dry_run, ui)
            .map_err(PortError::Command)
    };
    let context = ports.context();
    let push = Push {
        context,
        server: context.server,
        desired: &schema.tables,
        aim: Aim::Schema,
        environment,
        prunable,
        policy: settings.policy,
        objection: &objection,
    };
    ui.info(format!("Target: {}", target.name));
    let outcome = push.run().await.map_err(|error| explain_engine(error, &target.name))?;
    show_not_remembered(&outcome.not_remembered, ui);
    Ok(PushReport::new(outcome, &target.name))
}
