//! The schema of a project, evaluated and checked, with the settings of the config.

pub(crate) mod unexported;

pub(crate) use unexported::Unexported;

use crate::{
    errors::{self, CommandError},
    settings::SchemaSettings,
    ui::Ui,
};
use mizzle_core::model::{self, Problem, Schema};
use mizzle_eval::Evaluator;
use tracing::info_span;

/// Evaluates the schema files, adds the config's settings, and checks the result. Each command
/// reports unexported tables itself.
pub(crate) fn load_schema(
    settings: &SchemaSettings,
    evaluator: &Evaluator,
    ui: &Ui,
) -> Result<Schema, CommandError> {
    let declaration = info_span!("evaluate", files = settings.files.len())
        .in_scope(|| evaluator.schema(&settings.files, settings.limits))?;
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
