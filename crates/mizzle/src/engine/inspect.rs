//! Reads a migrations folder and records its scripts, without a server.

use super::Scripts;
use crate::{
    errors::{CommandError, PortError},
    project::Inspection,
    settings::no_environment,
    ui::Ui,
};
use mizzle_core::{history::Unreadable, model::TableDefinition};
use mizzle_engine::{migrate::record, ports::Direction};
use mizzle_eval::{Evaluator, Limits, SourceLocation};
use std::{cell::RefCell, collections::BTreeMap, path::Path};

/// The locations of errors in scripts that cannot be run, by file name.
pub(crate) type Places = BTreeMap<String, SourceLocation>;

/// Reads the folder, and runs each script against a database that does nothing.
pub(crate) fn inspect(
    folder: &Path,
    schema: Vec<TableDefinition>,
    evaluator: &Evaluator,
    limits: Limits,
    ui: &Ui,
) -> Result<(Inspection, Places), CommandError> {
    let places = RefCell::new(Places::new());
    let calls = |script: &Path| {
        // The history is the same in every environment.
        let nowhere = no_environment();
        let host = Scripts { evaluator, limits };
        let log = |line: &str| ui.verbose(line);
        let recording = record(&host, &log, (script, Direction::Up), &nowhere);
        let recording = pollster::block_on(recording).map_err(|error| {
            if let (Some(file), Some(place)) = (script.file_name(), place_of(&error)) {
                places.borrow_mut().insert(file.to_string_lossy().into_owned(), place);
            }
            unreadable(&error)
        })?;
        Ok(recording.steps.into_iter().map(|step| step.call).collect())
    };
    let inspection = Inspection::of(folder, ui.directory(), schema, calls)?;
    Ok((inspection, places.into_inner()))
}

/// Returns the location of a script's error in the sources.
pub(crate) fn place_of(error: &PortError) -> Option<SourceLocation> {
    match error {
        PortError::Script(error) => error.location().cloned(),
        PortError::Command(_) => None,
    }
}

/// Returns the error of a script that cannot be recorded.
pub(crate) fn unreadable(error: &PortError) -> Unreadable {
    let (message, hints) = match error {
        PortError::Script(error) => (error.message(), error.hints()),
        PortError::Command(error) => (error.message.as_str(), error.hints.as_slice()),
    };
    Unreadable {
        message: format!("it does not run: {message}"),
        hint: hints.first().cloned().unwrap_or_else(|| "fix the script".to_owned()),
    }
}
