//! What the commands do: each a short walk from the schema to its result.

mod agreement;
mod backup;
mod check;
mod drift;
mod drop;
pub(crate) mod environment;
mod export;
mod generate;
mod init;
mod list;
mod local;
mod migrate;
mod patterns;
mod pull;
mod push;
mod record;
mod status;
mod unexported;
mod unlock;

pub(crate) use check::check;
pub(crate) use drop::drop;
pub(crate) use export::export;
pub(crate) use generate::generate;
pub(crate) use init::init;
pub(crate) use list::list;
pub(crate) use local::local;
pub(crate) use migrate::migrate;
pub(crate) use pull::pull;
pub(crate) use push::{Project, push};
pub(crate) use status::status;
pub(crate) use unexported::Unexported;
pub(crate) use unlock::unlock;

use crate::{
    error::{self, CommandError, ErrorKind},
    project::{Script, nearest_folder},
    settings::SchemaSettings,
    target::{Target, explain},
    ui::Ui,
};
use futures_util::{StreamExt, stream};
use mizzle_core::{
    apply::{ControlPlane, ServiceErrorKind, describe_all},
    model::{self, Extras, Problem, Schema, TableDescription},
};
use mizzle_eval::Evaluator;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

/// Tables that are described, or worked on, at the same time.
const PARALLEL: usize = 16;

/// Describes tables side by side, and shows how far it has come; those that do not exist are left out.
pub(crate) async fn describe(
    tables: &[(String, Extras)],
    parallel: usize,
    target: &Target,
    ui: &Ui,
) -> Result<Vec<TableDescription>, CommandError> {
    let wait = ui.wait("Describing tables", Some(tables.len()));
    let described = describe_all(&target.control, tables, parallel, || wait.advance()).await;
    described.map_err(|error| explain(&error, &target.name))
}

/// Describes tables with the extras that are needed of each, and those that go (`true`) with what goes
/// with them. Whether there are continuous backups is only shown: the credentials need not see it.
pub(crate) async fn describe_going(
    tables: &[(String, Extras, bool)],
    parallel: usize,
    target: &Target,
    ui: &Ui,
) -> Result<Vec<TableDescription>, CommandError> {
    let wanted = |point_in_time_recovery: bool| -> Vec<(String, Extras)> {
        let going = Extras { attachments: true, point_in_time_recovery, ..Extras::NONE };
        let extras = |needed: Extras, goes| if goes { needed.union(going) } else { needed };
        tables.iter().map(|(name, needed, goes)| (name.clone(), extras(*needed, *goes))).collect()
    };
    match describe(&wanted(true), parallel, target, ui).await {
        Err(error) if ["access-denied", "service"].contains(&error.code) => {
            describe(&wanted(false), parallel, target, ui).await
        }
        answer => answer,
    }
}

/// Whether tables are empty, by name: a look at the items themselves, since counts are hours old.
/// `None` where the credentials may not look; a table that is gone meanwhile is left out.
pub(crate) async fn emptiness(
    tables: &BTreeSet<&str>,
    parallel: usize,
    target: &Target,
) -> Result<BTreeMap<String, Option<bool>>, CommandError> {
    let looks =
        stream::iter(tables).map(async |table| match target.control.is_empty(table).await {
            Ok(is_empty) => Ok(Some(((*table).to_owned(), Some(is_empty)))),
            Err(error) if error.kind == ServiceErrorKind::AccessDenied => {
                Ok(Some(((*table).to_owned(), None)))
            }
            Err(error) if error.kind == ServiceErrorKind::NotFound => Ok(None),
            Err(error) => Err(explain(&error, &target.name)),
        });
    let looks: Vec<_> = looks.buffered(parallel.max(1)).collect().await;
    looks.into_iter().filter_map(Result::transpose).collect()
}

/// Refuses a migrations folder that does not exist, and warns of one without migrations: a wrong path must
/// not look like a job done.
pub(crate) fn require_migrations(
    scripts: &[Script],
    out: &Path,
    ui: &Ui,
) -> Result<(), CommandError> {
    let folder = ui.shown(out);
    if !out.is_dir() {
        let message = format!("The migrations folder {folder} does not exist");
        let error = CommandError::new(ErrorKind::Usage, "no-migrations-folder", message);
        return Err(match nearest_folder(out, ui.directory()) {
            Some(meant) => error.hint(format!("{meant} (`out` in the config names the folder)")),
            None => {
                error.hint("run `mizzle generate`, which creates it; or set `out` in the config")
            }
        });
    }
    if scripts.is_empty() {
        ui.warning(format!(
            "There are no migrations in {folder}: `mizzle generate` writes the first one"
        ));
    }
    Ok(())
}

/// Evaluates the schema files, puts the config's settings in, and checks what they describe. Of tables
/// that are not exported, each command says itself what becomes of them.
pub(crate) fn load_schema(
    settings: &SchemaSettings,
    evaluator: &Evaluator,
    ui: &Ui,
) -> Result<Schema, CommandError> {
    let declaration = evaluator.schema(&settings.files, settings.limits)?;
    let schema = model::resolve(&declaration)
        .map_err(|problems| error::schema_problems(&problems, evaluator))?
        .with_settings(&declaration, &settings.tables)
        .map_err(|problems| error::settings_problems(&problems, evaluator))?;
    let suspicious = || schema.warnings.iter().chain(&schema.unexported);
    if settings.strict && suspicious().next().is_some() {
        let problems: Vec<Problem> = suspicious().cloned().collect();
        return Err(error::schema_problems(&problems, evaluator));
    }
    for warning in &schema.warnings {
        ui.warning_at(&error::diagnostic(warning, evaluator));
    }
    if schema.tables.is_empty() {
        let files: Vec<String> = settings.files.iter().map(|file| ui.shown(file)).collect();
        ui.warning(format!("No table is exported by {}", files.join(", ")));
    }
    Ok(schema)
}
