//! `mizzle export`: exports the schema to other tools. Contacts no server.

mod settings;

pub(crate) use settings::ExportArgs;

use crate::{
    errors::{CommandError, ErrorKind},
    project::{self, NewFileError, PathKind},
    report::{ExportReport, Report},
    schema::load_schema,
    selection::{self, Pattern, is_asked_for},
    session::Session,
    ui::Ui,
};
use mizzle_core::{
    export::{Export, ExportedTable, export as written},
    model::{TableDefinition, TableNaming},
};
use settings::ExportSettings;
use std::path::Path;

/// Exports the tables as an environment defines them.
///
/// # Errors
///
/// When the schema is invalid, a pattern matches no table, or the file already exists and must not
/// be replaced.
pub(crate) fn run(args: &ExportArgs, session: &Session<'_>) -> Result<Report, CommandError> {
    let settings = ExportSettings::resolve(args, session)?;
    let (evaluator, ui) = (session.evaluator()?, session.ui);
    let ExportSettings { schema, environment, format, typed, patterns, output, force } = &settings;
    let schema = load_schema(schema, evaluator, ui)?;
    let schema = environment.schema(schema)?;
    let naming = &environment.naming;
    check_patterns(patterns, &schema.tables, naming)?;
    let is_chosen = |name: &str| is_asked_for(patterns, name, naming);
    let exported = |definition: TableDefinition| {
        let name = naming.logical(&definition.table_name).unwrap_or(&definition.table_name);
        ExportedTable { name: name.to_owned(), definition }
    };
    let tables: Vec<ExportedTable> = schema.tables.into_iter().map(exported).collect();
    let Export { text, warnings } =
        written(*format, &tables, |table| is_chosen(&table.definition.table_name));
    let names: Vec<String> = tables.into_iter().map(|table| table.definition.table_name).collect();
    let names = names.into_iter().filter(|name| is_chosen(name)).collect();
    let mut is_new = true;
    if let Some(file) = output {
        is_new = write(file, &text, *force, ui)?;
    }
    for warning in &warnings {
        ui.warning(warning);
    }
    Ok(Report::Export(ExportReport {
        tool: format.tool(),
        typed: typed.clone(),
        tables: names,
        file: output.as_deref().map(|file| ui.shown(file)),
        is_new,
        text,
        warnings,
    }))
}

/// Refuses patterns that match no table, and a schema without tables: an empty export could be read
/// as an instruction to delete all tables.
fn check_patterns(
    patterns: &[Pattern],
    tables: &[TableDefinition],
    naming: &TableNaming,
) -> Result<(), CommandError> {
    let names: Vec<String> = tables.iter().map(|table| table.table_name.clone()).collect();
    if names.is_empty() {
        let message = "The schema has no table to export";
        return Err(CommandError::new(ErrorKind::Usage, "no-tables", message)
            .hint("export a table from one of the schema files: dynamoTable(\"Shop\", …)"));
    }
    selection::check(patterns, &names, naming, "unknown-table").map_err(|error| {
        const SHOWN: usize = 10;
        let mut all: Vec<&str> =
            names.iter().map(|name| naming.logical(name).unwrap_or(name)).collect();
        let more = all.len().saturating_sub(SHOWN);
        all.truncate(SHOWN);
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        error.hint(format!("the schema has {}{more}", all.join(", ")))
    })
}

/// Writes the file as a whole, or not at all. Returns true if the file has changed.
fn write(file: &Path, text: &str, force: bool, ui: &Ui) -> Result<bool, CommandError> {
    let shown = ui.shown(file);
    let kind = PathKind::of(file);
    if matches!(kind, PathKind::Other(_)) {
        let message = format!("{shown} {}", kind.predicate());
        return Err(CommandError::new(ErrorKind::Usage, "invalid-output", message)
            .hint("without --output the text goes to standard output"));
    }
    if project::read(file).is_ok_and(|present| present == text.as_bytes()) {
        return Ok(false);
    }
    if file.is_dir() {
        let message = format!("{shown} is a folder");
        return Err(CommandError::new(ErrorKind::Usage, "invalid-output", message)
            .hint(format!("name a file: --output {}", ui.shown(&file.join("tables")))));
    }
    let done = match force {
        true => project::replace(file, text).map_err(NewFileError::from),
        false => project::create(file, text),
    };
    done.map(|()| true).map_err(|error| match error {
        NewFileError::Taken => {
            let message = format!("{shown} already exists with other content");
            CommandError::new(ErrorKind::Refused, "file-exists", message)
                .hint("overwrite it with --force, or name another file with --output")
        }
        NewFileError::Io(error) => {
            let message = match file.ancestors().skip(1).find(|folder| folder.is_file()) {
                Some(file) => format!("Could not write {shown}: {} is a file", ui.shown(file)),
                None => format!("Could not write {shown}: {error}"),
            };
            CommandError::new(ErrorKind::Failed, "io", message)
                .hint("let this user write there, or name another file with --output")
        }
    })
}
