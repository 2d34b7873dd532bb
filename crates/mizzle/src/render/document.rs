//! The JSON document of a command.

use crate::{errors::CommandError, ui::Ui};
use serde_json::{Map, Value};

/// The version of every JSON document, raised when a field changes its meaning.
const SCHEMA_VERSION: u32 = 1;

/// Returns the JSON document of a command; `None` for a command line that names none. Paths in it are
/// relative to the working directory, and `--verbose` adds the details of the error.
pub(super) fn document(
    command: Option<&str>,
    fields: Option<Value>,
    error: Option<&CommandError>,
    ui: &Ui,
) -> Value {
    let mut document = Map::new();
    document.insert("schemaVersion".to_owned(), SCHEMA_VERSION.into());
    document.insert("command".to_owned(), command.into());
    if let Some(Value::Object(fields)) = fields {
        document.extend(fields);
    }
    if let Some(error) = error {
        let error = error.to_json(ui.directory(), ui.is_verbose());
        document.insert("error".to_owned(), error);
    }
    Value::Object(document)
}

/// Returns the JSON document of a command that an interrupt ends at once.
pub(crate) fn interrupted(command: &str, ui: &Ui) -> Value {
    document(Some(command), None, Some(&CommandError::interrupted()), ui)
}
