//! Fuzzing of the value that a config file evaluates to.

use crate::assert_short;
use mizzle_core::config::{self, FieldProblem};
use serde_json::Value;

/// A text that no config of the corpus contains.
const SECRET: &str = "s3cr3t/of+somebody";

#[test]
fn config() {
    bolero::check!(name = "config").for_each(|bytes: &[u8]| {
        let Ok(value) = serde_json::from_slice::<Value>(bytes) else { return };
        read(&value);
        // Any value may be a secret, in any field; names of fields are not.
        if !value.to_string().contains(SECRET) {
            let mut secret = value;
            hide(&mut secret);
            assert!(!read(&secret).contains(SECRET), "{secret}");
        }
    });
}

/// Returns all output about a config: its problems, or the debug format of its credentials.
fn read(value: &Value) -> String {
    match config::read(value) {
        Ok(config) => {
            for name in config.environments.keys() {
                config.clone().in_environment(name).unwrap();
                config.tables.of(name);
            }
            // The config's debug format contains tables and paths, but no credentials.
            format!("{:?}", config.connection.credentials)
        }
        Err(problems) => {
            assert!(!problems.is_empty());
            problems.iter().flat_map(words).collect()
        }
    }
}

fn words(problem: &FieldProblem) -> [String; 2] {
    let help = problem.help.clone().unwrap_or_default();
    assert_short(problem);
    assert_short(&format!("help: {help}"));
    [problem.to_string(), help]
}

/// Replaces every text by the secret.
fn hide(value: &mut Value) {
    match value {
        Value::String(text) => SECRET.clone_into(text),
        Value::Array(values) => values.iter_mut().for_each(hide),
        Value::Object(fields) => fields.values_mut().for_each(hide),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
