//! The JSON document of a command.

use crate::{
    errors::{CommandError, Diagnostic},
    ui::Ui,
};
use mizzle_core::model::Rule;
use serde::Serialize;
use serde_json::{Map, Value};

/// The version of every JSON document, raised when a field changes its meaning.
const SCHEMA_VERSION: u32 = 1;

/// Returns the JSON document of a command; `None` for a command line that names none. Paths in it
/// are relative to the working directory, and `--verbose` adds the details of the error.
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
        document.insert("error".to_owned(), error_json(error, ui));
    }
    Value::Object(document)
}

/// Returns the JSON document of a command that an interrupt ends immediately.
pub(crate) fn interrupted(command: &str, ui: &Ui) -> Value {
    document(Some(command), None, Some(&CommandError::interrupted()), ui)
}

fn error_json(error: &CommandError, ui: &Ui) -> Value {
    #[derive(Serialize)]
    struct Json<'a> {
        kind: &'static str,
        message: &'a str,
        hints: &'a [String],
        #[serde(skip_serializing_if = "Vec::is_empty")]
        problems: Vec<ProblemJson<'a>>,
        #[serde(skip_serializing_if = "<[String]>::is_empty")]
        details: &'a [String],
    }
    #[derive(Serialize)]
    struct ProblemJson<'a> {
        #[serde(skip_serializing_if = "Option::is_none")]
        rule: Option<Rule>,
        message: &'a str,
        help: &'a [String],
        places: Vec<PlaceJson>,
    }
    #[derive(Serialize)]
    struct PlaceJson {
        file: String,
        line: usize,
        column: usize,
    }
    let problems = error.diagnostics.iter().map(|Diagnostic { rule, message, locations, help }| {
        let places = locations.iter().map(|location| PlaceJson {
            file: ui.shown(&location.file),
            line: location.line(),
            column: location.column(),
        });
        ProblemJson { rule: *rule, message, help, places: places.collect() }
    });
    let json = Json {
        kind: error.code,
        message: &error.message,
        hints: &error.hints,
        problems: problems.collect(),
        details: if ui.is_verbose() { &error.details } else { &[] },
    };
    serde_json::to_value(json).unwrap_or_default()
}
