//! The next migration: the schema against the newest snapshot, or an empty script.

use crate::{
    commands::{load_schema, push::blocked_code},
    error::{CommandError, ErrorKind},
    project::Migrations,
    report::GenerateReport,
    settings::WriteSettings,
    ui::Ui,
};
use mizzle_core::{
    diff::{Diff, Released, diff, released},
    model::{Schema, TableDefinition},
    plan::{Blocked, Context, Origins, plan},
    script,
    snapshot::Snapshot,
};
use mizzle_eval::Evaluator;
use std::path::Path;

/// Writes the next migration, if there is something to write.
pub(super) fn write(
    settings: &WriteSettings,
    out: &Path,
    evaluator: &Evaluator,
    directory: &Path,
    ui: &Ui,
) -> Result<GenerateReport, CommandError> {
    let schema = load_schema(&settings.schema, evaluator, ui)?;
    let migrations = Migrations::open(out, directory)?;
    let head = migrations.head().tables.values();
    let diff = diff(head.clone(), &schema.tables);
    let released = released(head, &schema.tables);
    if settings.custom {
        let report = write_custom(settings, &migrations, ui)?;
        if !(diff.is_empty() && released.is_empty()) {
            ui.info("The schema has changes, too: `mizzle generate` writes a migration for them");
        }
        return Ok(report);
    }
    write_changes(settings, &migrations, &schema, (&diff, &released), ui)
}

/// A script for changes of items, which leaves the tables as they are.
fn write_custom(
    settings: &WriteSettings,
    migrations: &Migrations,
    ui: &Ui,
) -> Result<GenerateReport, CommandError> {
    let mut report = GenerateReport::default();
    let name = chosen_name(settings, "custom".to_owned(), ui)?;
    let tables = migrations.head().tables.values();
    add(&mut report, migrations, &name, &script::write_custom(), tables, ui)?;
    Ok(report)
}

/// The script that brings the tables from the newest snapshot to the schema.
fn write_changes(
    settings: &WriteSettings,
    migrations: &Migrations,
    schema: &Schema,
    (changes, released): (&Diff, &[Released]),
    ui: &Ui,
) -> Result<GenerateReport, CommandError> {
    let mut report = GenerateReport {
        changes: GenerateReport::changes(changes, released),
        ..GenerateReport::default()
    };
    if changes.is_empty() && released.is_empty() {
        return Ok(report);
    }
    GenerateReport::show_changes(&report.changes, ui);
    if schema.tables.is_empty() {
        // More likely a wrong path or a forgotten export than the end of the project.
        agree_to_delete_everything(settings, ui)?;
    }
    let up = plan(changes, &Context::default());
    if !up.blocked.is_empty() {
        report.failure = Some(refusal(&up.blocked));
        return Ok(report);
    }
    let back = diff(&schema.tables, migrations.head().tables.values());
    let script = script::write(&up, &plan(&back, &Context::default()));
    let name = chosen_name(settings, script::from_diff(changes, released, &Origins::new()), ui)?;
    add(&mut report, migrations, &name, &script, &schema.tables, ui)?;
    Ok(report)
}

fn add<'a>(
    report: &mut GenerateReport,
    migrations: &Migrations,
    name: &str,
    script: &str,
    tables: impl IntoIterator<Item = &'a TableDefinition>,
    ui: &Ui,
) -> Result<(), CommandError> {
    let name = migrations.next(name);
    let snapshot = Snapshot::new(migrations.head().id, tables);
    let files = migrations.add(&name, script, &snapshot)?;
    report.migration = Some(name.to_string());
    report.files = files.iter().map(|file| ui.shown(file)).collect();
    Ok(())
}

fn agree_to_delete_everything(settings: &WriteSettings, ui: &Ui) -> Result<(), CommandError> {
    const QUESTION: &str = "The schema has no table any more. Write a migration that deletes all?";
    if settings.yes || ui.confirm(QUESTION, "--yes")? {
        return Ok(());
    }
    Err(CommandError::declined())
}

/// The name as it was given, or is given now; otherwise the suggestion.
fn chosen_name(
    settings: &WriteSettings,
    suggestion: String,
    ui: &Ui,
) -> Result<String, CommandError> {
    if let Some(name) = &settings.name {
        return Ok(name.clone());
    }
    if settings.yes || !ui.can_ask() {
        return Ok(suggestion);
    }
    let given = ui.text("What does this migration do?", &suggestion, "--name", |_| Ok(()))?;
    Ok(script::sanitised(&given).unwrap_or(suggestion))
}

/// Changes that DynamoDB cannot make in place, as one refusal.
pub(in crate::commands) fn refusal(blocked: &[Blocked]) -> CommandError {
    let reasons: Vec<&str> = blocked.iter().map(|blocked| blocked.reason.as_str()).collect();
    let mut error =
        CommandError::new(ErrorKind::Refused, blocked_code(blocked), reasons.join("\n"));
    for blocked in blocked {
        error.hint_once(&blocked.hint);
    }
    error
}
