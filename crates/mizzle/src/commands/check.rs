//! `mizzle check`: whether the migrations folder tells one true story, without asking any server.

use super::{load_schema, record::record};
use crate::{
    error::CommandError, project::Migrations, report::CheckReport, settings::CheckSettings, ui::Ui,
};
use mizzle_core::history::{self, Unreadable};
use mizzle_eval::{EvalError, Evaluator};
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
        let steps = pollster::block_on(record(evaluator, script, settings.limits, ui));
        let steps = steps.map_err(|error| unreadable(&error))?;
        Ok(steps.into_iter().map(|step| step.call).collect())
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
