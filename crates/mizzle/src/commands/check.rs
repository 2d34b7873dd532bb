//! `mizzle check`: whether the migrations folder tells one true story, without asking any server.

use super::{load_schema, record::record};
use crate::{
    error::CommandError,
    project::Inspection,
    report::CheckReport,
    settings::{CheckSettings, EnvironmentSettings},
    ui::Ui,
};
use mizzle_core::{
    history::{self, Unreadable},
    model::TableDefinition,
};
use mizzle_eval::{Direction, EvalError, Evaluator, Limits, SourceLocation};
use std::{cell::RefCell, collections::BTreeMap, path::Path};

/// Where scripts that cannot be run went wrong, by the names of their files.
pub(super) type Places = BTreeMap<String, SourceLocation>;

/// Reads the folder, runs each script against a database that does nothing, and compares.
///
/// # Errors
///
/// When the folder cannot be read, or the schema is not in order.
pub(crate) fn check(
    settings: &CheckSettings,
    evaluator: &Evaluator,
    ui: &Ui,
) -> Result<CheckReport, CommandError> {
    let schema = load_schema(&settings.schema, evaluator, ui)?;
    let (inspection, places) =
        inspect(&settings.out, &schema.tables, evaluator, settings.limits, ui)?;
    let history = inspection.history;
    Ok(CheckReport::new(history.migrations.len(), history::check(&history), &places))
}

/// Reads the folder, and runs each script against a database that does nothing.
pub(super) fn inspect(
    folder: &Path,
    schema: &[TableDefinition],
    evaluator: &Evaluator,
    limits: Limits,
    ui: &Ui,
) -> Result<(Inspection, Places), CommandError> {
    let places = RefCell::new(Places::new());
    let calls = |script: &Path| {
        // The history is the same in every environment.
        let nowhere = EnvironmentSettings::none();
        let recording = record(evaluator, (script, Direction::Up), &nowhere, limits, ui);
        let recording = pollster::block_on(recording).map_err(|error| {
            if let (Some(file), Some(place)) = (script.file_name(), error.location()) {
                places.borrow_mut().insert(file.to_string_lossy().into_owned(), place.clone());
            }
            unreadable(&error)
        })?;
        Ok(recording.steps.into_iter().map(|step| step.call).collect())
    };
    let inspection = Inspection::of(folder, ui.directory(), schema, calls)?;
    Ok((inspection, places.into_inner()))
}

fn unreadable(error: &EvalError) -> Unreadable {
    Unreadable {
        message: format!("it does not run: {}", error.message()),
        hint: error.hints().first().cloned().unwrap_or_else(|| "mend the script".to_owned()),
    }
}
