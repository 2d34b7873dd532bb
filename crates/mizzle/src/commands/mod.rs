//! What the commands do: each a short walk from the schema to its result.

mod check;
mod drop;
mod export;
mod generate;
mod init;
mod list;
mod local;
mod migrate;
mod patterns;
mod pull;
mod push;
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
    errors::{self, CommandError, ErrorKind},
    project::nearest_folder,
    settings::SchemaSettings,
    ui::Ui,
};
use mizzle_core::model::{self, Problem, Schema};
use mizzle_eval::Evaluator;
use std::path::Path;

/// Refuses a migrations folder that does not exist, and warns of one without migrations: a wrong path must
/// not look like a job done.
pub(crate) fn require_migrations(is_empty: bool, out: &Path, ui: &Ui) -> Result<(), CommandError> {
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
    if is_empty {
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
        .map_err(|problems| errors::schema_problems(&problems, evaluator))?
        .with_settings(&declaration, &settings.tables)
        .map_err(|problems| errors::settings_problems(&problems, evaluator))?;
    let suspicious = || schema.warnings.iter().chain(&schema.unexported);
    if settings.strict && suspicious().next().is_some() {
        let problems: Vec<Problem> = suspicious().cloned().collect();
        return Err(errors::schema_problems(&problems, evaluator));
    }
    for warning in &schema.warnings {
        ui.warning_at(&errors::diagnostic(warning, evaluator));
    }
    if schema.tables.is_empty() {
        let files: Vec<String> = settings.files.iter().map(|file| ui.shown(file)).collect();
        ui.warning(format!("No table is exported by {}", files.join(", ")));
    }
    Ok(schema)
}
