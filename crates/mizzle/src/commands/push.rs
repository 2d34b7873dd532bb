//! `mizzle push`: brings the tables to the state that the schema describes.

use super::{Unexported, unexported};
use crate::{
    engine::Ports,
    errors::{CommandError, ErrorKind, PortError},
    explain::explain_engine,
    project::Migrations,
    report::PushReport,
    server::Target,
    settings::PushMode,
    signal::Interrupts,
    ui::Ui,
};
use mizzle_core::{model::Schema, plan::Aim};
use mizzle_engine::{
    Environment,
    converge::{Policy, Push},
};
use std::{collections::BTreeSet, path::Path};

/// The project that is pushed.
pub(crate) struct Project<'a> {
    /// The desired state, as the environment wants it.
    pub(crate) schema: &'a Schema,
    /// The tables that the schema files create and do not export.
    pub(crate) unexported: &'a [Unexported],
    /// The project's folder.
    pub(crate) root: &'a Path,
    /// The migrations folder.
    pub(crate) out: &'a Path,
    /// The environment.
    pub(crate) environment: &'a Environment,
}

/// Plans, asks, applies and looks again.
///
/// # Errors
///
/// When the server cannot be asked, or the migrations folder cannot be read for `--prune`, so that
/// there is not even a plan.
pub(crate) async fn push(
    project: Project<'_>,
    target: &Target,
    mode: PushMode,
    interrupts: &Interrupts,
    ui: &Ui,
) -> Result<PushReport, CommandError> {
    let Project { schema, unexported, root, out, environment } = project;
    if mode.prune && schema.tables.is_empty() {
        // More likely a wrong path or a forgotten export than the end of the project.
        let message =
            "The schema has no table, so --prune would delete all that were the project's";
        return Err(CommandError::new(ErrorKind::Refused, "empty-schema", message)
            .hint("is `schema` in the config right, and are the tables exported?"));
    }
    let prunable = mode
        .prune
        .then(|| Migrations::open(out, ui.directory()))
        .transpose()?
        .map(|migrations| migrations.timeline().tables_ever());
    let ports = Ports::new(target, ui, interrupts, mode.concurrency).with_ignored_settings(root)?;
    let PushMode { dry_run, yes, accept_data_loss, backup, .. } = mode;
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
        policy: Policy { dry_run, yes, accept_data_loss, backup },
        objection: &objection,
    };
    ui.info(format!("Target: {}", target.name));
    let outcome = push.run().await.map_err(|error| explain_engine(error, &target.name))?;
    Ok(PushReport::new(outcome, &target.name, ui))
}
