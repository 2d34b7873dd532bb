//! `mizzle generate`: the schema against the newest snapshot, written as a migration.

use super::{load_schema, push::blocked_code};
use crate::{
    error::{CommandError, ErrorKind},
    project::Migrations,
    report::GenerateReport,
    settings::GenerateSettings,
    ui::Ui,
};
use mizzle_core::{
    diff::diff,
    plan::{Blocked, Context, plan},
    script,
    snapshot::Snapshot,
};
use mizzle_eval::Evaluator;
use std::path::Path;

/// Writes the next migration, if there is something to write.
///
/// # Errors
///
/// When the schema or the migrations folder is not in order, or the files cannot be written.
pub(crate) fn generate(
    settings: &GenerateSettings,
    evaluator: &Evaluator,
    directory: &Path,
    ui: &Ui,
) -> Result<GenerateReport, CommandError> {
    let schema = load_schema(&settings.schema, evaluator, ui)?;
    let migrations = Migrations::open(&settings.out, directory)?;
    let head = migrations.head();
    let diff = diff(head.tables.values(), &schema.tables);
    let mut report = GenerateReport {
        migration: None,
        files: Vec::new(),
        changes: GenerateReport::changes(&diff),
        refusal: None,
    };
    if diff.is_empty() {
        return Ok(report);
    }
    GenerateReport::show_changes(&report.changes, ui);
    if schema.tables.is_empty() {
        // More likely a wrong path or a forgotten export than the end of the project.
        agree_to_delete_everything(settings, ui)?;
    }
    let up = plan(&diff, &Context::default());
    if !up.blocked.is_empty() {
        report.refusal = Some(refusal(&up.blocked));
        return Ok(report);
    }
    let down =
        plan(&mizzle_core::diff::diff(&schema.tables, head.tables.values()), &Context::default());

    let name = match &settings.name {
        Some(name) => name.clone(),
        None if settings.yes => script::from_diff(&diff),
        None => ask_for_name(&script::from_diff(&diff), ui)?,
    };
    let name = migrations.next(&name);
    let snapshot = Snapshot::new(head.id, &schema.tables);
    let files = migrations.add(&name, &script::write(&up, &down), &snapshot)?;
    report.migration = Some(name.to_string());
    report.files = files.iter().map(|file| ui.shown(file)).collect();
    Ok(report)
}

fn agree_to_delete_everything(settings: &GenerateSettings, ui: &Ui) -> Result<(), CommandError> {
    const QUESTION: &str = "The schema has no table any more. Write a migration that deletes all?";
    if settings.yes || ui.confirm(QUESTION, "--yes")? {
        return Ok(());
    }
    Err(CommandError::declined())
}

fn ask_for_name(suggestion: &str, ui: &Ui) -> Result<String, CommandError> {
    if !ui.can_ask() {
        return Ok(suggestion.to_owned());
    }
    let given = ui.text("What does this migration do?", suggestion, "--name")?;
    Ok(script::sanitised(&given).unwrap_or_else(|| suggestion.to_owned()))
}

/// Changes that DynamoDB cannot make in place, as one refusal.
pub(super) fn refusal(blocked: &[Blocked]) -> CommandError {
    let reasons: Vec<&str> = blocked.iter().map(|blocked| blocked.reason.as_str()).collect();
    let mut error =
        CommandError::new(ErrorKind::Refused, blocked_code(blocked), reasons.join("\n"));
    for blocked in blocked {
        error.hint_once(&blocked.hint);
    }
    error
}
