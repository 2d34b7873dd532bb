//! The JSON document of a command.

use crate::errors::CommandError;
use serde_json::{Map, Value};
use std::path::Path;

/// The version of every JSON document, raised when a field changes its meaning.
const SCHEMA_VERSION: u32 = 1;

/// The JSON document of a command; `None` for a command line that names none. Paths in it are
/// relative to `directory`. `verbose` adds all that is known of the error.
pub(crate) fn document(
    command: Option<&str>,
    fields: Option<Value>,
    error: Option<&CommandError>,
    directory: &Path,
    verbose: bool,
) -> Value {
    let mut document = Map::new();
    document.insert("schemaVersion".to_owned(), SCHEMA_VERSION.into());
    document.insert("command".to_owned(), command.into());
    if let Some(Value::Object(fields)) = fields {
        document.extend(fields);
    }
    if let Some(error) = error {
        document.insert("error".to_owned(), error.to_json(directory, verbose));
    }
    Value::Object(document)
}
