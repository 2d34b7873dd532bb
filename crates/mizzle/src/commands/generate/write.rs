//! Writes the next migration: the changes since the newest snapshot, or an empty script.

use super::{renames, settings::WriteSettings};
use crate::{
    errors::{CommandError, ErrorKind},
    explain,
    project::Migrations,
    render::show_changes,
    report::{GenerateReport, Next},
    schema::{Unexported, load_schema, unexported},
    ui::Ui,
};
use mizzle_core::{
    diff::{Diff, Released, diff, released},
    model::{Schema, TableDefinition},
    plan::{Context, Origins, Plan, plan},
    script,
    snapshot::Snapshot,
    text,
};
use mizzle_eval::Evaluator;
use std::{collections::BTreeSet, path::Path};

/// Writes the next migration, if there are changes.
pub(super) fn write(
    settings: &WriteSettings,
    out: &Path,
    evaluator: &Evaluator,
    ui: &Ui,
) -> Result<GenerateReport, CommandError> {
    let schema = load_schema(&settings.schema, evaluator, ui)?;
    let unexported = Unexported::of(&schema, evaluator);
    let migrations = Migrations::open(out, ui.directory())?;
    let head = migrations.head().tables.values();
    let diff = diff(head.clone(), &schema.tables);
    let released = released(head, &schema.tables);
    if settings.custom {
        unexported::warn(&unexported, ui);
        let report = write_custom(settings, &migrations, ui)?;
        if !(diff.is_empty() && released.is_empty()) {
            ui.info("The schema has changes, too: `mizzle generate` writes a migration for them");
        }
        return Ok(report);
    }
    check_replacements(&settings.replace, &diff, &schema)?;
    Changes { settings, migrations: &migrations, schema: &schema, diff: &diff, released: &released }
        .write(&unexported, ui)
}

/// Writes a script for changes of items, which leaves the table definitions as they are.
fn write_custom(
    settings: &WriteSettings,
    migrations: &Migrations,
    ui: &Ui,
) -> Result<GenerateReport, CommandError> {
    let mut report = GenerateReport::default();
    let name = chosen_name(settings, "custom".to_owned(), ui)?;
    let tables = migrations.head().tables.values();
    add(&mut report, migrations, &name, &script::write_custom(), tables, ui)?;
    report.next = next(settings, &report, false);
    Ok(report)
}

/// Refuses `--replace` for tables that need no replacement: it would lose items for nothing.
fn check_replacements(
    replace: &BTreeSet<String>,
    diff: &Diff,
    schema: &Schema,
) -> Result<(), CommandError> {
    let needed: BTreeSet<&str> =
        diff.replaced().map(|update| update.after.table_name.as_str()).collect();
    let Some(table) = replace.iter().find(|table| !needed.contains(table.as_str())) else {
        return Ok(());
    };
    if schema.table(table).is_none() {
        let message = format!("The schema has no table {table}, which --replace names");
        let names = schema.tables.iter().map(|table| table.table_name.as_str());
        let hint = text::did_you_mean(table, names);
        return Err(CommandError::new(ErrorKind::Usage, "unknown-table", message)
            .hint(hint.unwrap_or_else(|| "name a table as the schema does".to_owned())));
    }
    let message = format!(
        "{table} need not be replaced: its key and its local indexes are those of the newest migration"
    );
    let error = CommandError::new(ErrorKind::Usage, "no-replacement-needed", message);
    Err(error.hint(format!("leave out --replace {table}")))
}

/// The changes between the newest migration and the schema.
struct Changes<'a> {
    settings: &'a WriteSettings,
    migrations: &'a Migrations,
    schema: &'a Schema,
    diff: &'a Diff,
    released: &'a [Released],
}

impl Changes<'_> {
    /// Writes the script that migrates the tables from the newest snapshot to the schema.
    fn write(&self, unexported: &[Unexported], ui: &Ui) -> Result<GenerateReport, CommandError> {
        let Self { settings, migrations, schema, diff: changes, released } = *self;
        let mut report = GenerateReport::default();
        let is_deleted = |table: &str| changes.deleted().any(|gone| gone.table_name == table);
        let is_exported = unexported::refuse_deletion(unexported, is_deleted, settings.yes, ui);
        if changes.is_empty() && released.is_empty() {
            return Ok(report);
        }
        let show = |report: &mut GenerateReport, up: &Plan| {
            report.changes = GenerateReport::changes(changes, released, up);
            show_changes(&report.changes, ui);
        };
        let up = plan(changes, &self.context(Origins::new()));
        let refused = match is_exported {
            Err(error) => Some(error),
            Ok(()) => (!up.blocked.is_empty()).then(|| explain::blocked(&up.blocked)),
        };
        if refused.is_some() {
            show(&mut report, &up);
            report.failure = refused;
            return Ok(report);
        }
        let asks = ui.can_ask() && !settings.yes;
        let origins = if asks { renames::ask(changes, ui)? } else { Origins::new() };
        let up = plan(changes, &self.context(origins.clone()));
        show(&mut report, &up);
        if !asks {
            renames::warn(changes, ui);
        }
        if schema.tables.is_empty() {
            // A wrong path or a forgotten export is more likely than the end of the project.
            agree_to_delete_everything(settings, ui)?;
        }
        let copies = script::copies(changes, &origins);
        let back = diff(&schema.tables, migrations.head().tables.values());
        let back_origins = renames::reversed(changes, &origins);
        let down = plan(&back, &self.context(back_origins.clone()));
        let back_copies = script::copies(&back, &back_origins);
        let script = script::write_copying((&up, &copies), (&down, &back_copies));
        let name = script::from_diff(changes, released, &origins);
        let name = chosen_name(settings, name, ui)?;
        add(&mut report, migrations, &name, &script, &schema.tables, ui)?;
        let is_complete = copies.iter().all(|copy| copy.is_complete());
        report.next = next(settings, &report, is_complete);
        Ok(report)
    }

    fn context(&self, origins: Origins) -> Context {
        Context { replace: self.settings.replace.clone(), origins, ..Context::default() }
    }
}

/// Returns the next step for the user after the migration was written.
fn next(settings: &WriteSettings, report: &GenerateReport, is_complete: bool) -> Option<Next> {
    let script = report.files.first()?.clone();
    let incomplete = (!is_complete).then_some(script);
    Some(Next { command: settings.next.clone(), incomplete })
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

/// Returns the name that was given or is entered now; otherwise the suggestion.
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
