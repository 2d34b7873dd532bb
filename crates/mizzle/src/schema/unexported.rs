//! Tables that the project's code creates but no schema file exports: probably a mistake, which
//! must not delete them.

use crate::{
    errors::{self, CommandError, Diagnostic, ErrorKind},
    ui::Ui,
};
use mizzle_core::model::Schema;
use mizzle_eval::Evaluator;

/// A table that is created but not exported.
#[derive(Debug)]
pub(crate) struct Unexported {
    /// Its name in the schema files.
    pub(crate) table: String,
    /// The warning, with the place of the call that creates the table.
    diagnostic: Diagnostic,
}

impl Unexported {
    /// Returns the unexported tables of a schema.
    pub(crate) fn of(schema: &Schema, evaluator: &Evaluator) -> Vec<Self> {
        let found = schema.unexported.iter().filter_map(|problem| {
            let table = problem.subject.table.clone()?;
            Some(Self { table, diagnostic: errors::diagnostic(problem, evaluator) })
        });
        found.collect()
    }
}

/// Warns of tables that are created but not exported.
pub(crate) fn warn<'a>(tables: impl IntoIterator<Item = &'a Unexported>, ui: &Ui) {
    for table in tables {
        ui.warning_at(&table.diagnostic);
    }
}

/// Warns of unexported tables that are kept, and refuses to delete the others, unless the deletion
/// is approved: then only warns of them.
///
/// # Errors
///
/// Names the tables that would be deleted, each with its place.
pub(crate) fn refuse_deletion(
    tables: &[Unexported],
    is_deleted: impl Fn(&str) -> bool,
    is_agreed: bool,
    ui: &Ui,
) -> Result<(), CommandError> {
    let (refused, others): (Vec<&Unexported>, Vec<&Unexported>) =
        tables.iter().partition(|table| !is_agreed && is_deleted(&table.table));
    warn(others, ui);
    if refused.is_empty() {
        return Ok(());
    }
    let diagnostics: Vec<Diagnostic> = refused.into_iter().map(refusal).collect();
    let message = match diagnostics.as_slice() {
        [one] => one.message.clone(),
        many => format!("{} tables would be deleted that are no longer exported", many.len()),
    };
    let mut error = CommandError::new(ErrorKind::Refused, "not-exported", message);
    for hint in diagnostics.iter().flat_map(|diagnostic| &diagnostic.help) {
        error.hint_once(hint);
    }
    error.diagnostics = diagnostics;
    Err(error)
}

fn refusal(table: &Unexported) -> Diagnostic {
    let Unexported { table, diagnostic } = table;
    Diagnostic {
        message: format!(
            "Table {table:?} would be deleted: it is made here, but no schema file exports it"
        ),
        help: vec![
            "export it, if the table is to stay".to_owned(),
            "remove it, or pass --yes, if the table is to be deleted".to_owned(),
        ],
        ..diagnostic.clone()
    }
}
