//! `mizzle check`: whether the migrations folder tells one true story, without asking any server.

use super::{load_schema, record::record};
use crate::{
    error::CommandError,
    project::Migrations,
    report::CheckReport,
    settings::{CheckSettings, EnvironmentSettings},
    ui::Ui,
};
use mizzle_core::history::{self, Unreadable};
use mizzle_eval::{Direction, EvalError, Evaluator};
use std::path::Path;

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
    let calls = |script: &Path| {
        // The history is the same in every environment.
        let nowhere = EnvironmentSettings::none();
        let script = (script, Direction::Up);
        let recording = record(evaluator, script, &nowhere, settings.limits, ui);
        let recording = pollster::block_on(recording).map_err(|error| unreadable(&error))?;
        Ok(recording.steps.into_iter().map(|step| step.call).collect())
    };
    let history = Migrations::inspect(&settings.out, &schema.tables, calls)?;
    Ok(CheckReport::new(history.migrations.len(), history::check(&history)))
}

fn unreadable(error: &EvalError) -> Unreadable {
    let place = error.location().map(|location| format!(" (line {})", location.line()));
    Unreadable {
        message: format!("it does not run: {}{}", error.message(), place.unwrap_or_default()),
        hint: error.hints().first().cloned().unwrap_or_else(|| {
            "mend the script; `mizzle migrate --dry-run` shows the place".to_owned()
        }),
    }
}
