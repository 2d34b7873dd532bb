//! Which tables a pattern means: by their names on the server, or in the schema.

use crate::{
    errors::{CommandError, ErrorKind},
    settings::Pattern,
};
use mizzle_core::{model::TableNaming, text};
use std::collections::BTreeSet;
use wax::Program;

/// So many names are offered when a pattern matches none.
const NEAREST: usize = 3;

/// Whether the pattern matches a name as the server has it, or as the schema has it.
pub(super) fn matches(pattern: &Pattern, name: &str, naming: &TableNaming) -> bool {
    let is_match = |name: &str| pattern.glob.is_match(name);
    is_match(name) || naming.logical(name).is_some_and(is_match)
}

/// Whether a table is asked for: all are where there is no pattern.
pub(super) fn is_asked_for(patterns: &[Pattern], name: &str, naming: &TableNaming) -> bool {
    patterns.is_empty() || patterns.iter().any(|pattern| matches(pattern, name, naming))
}

/// The names that may have been meant by a pattern that matches none; those of the environment as
/// the schema has them.
pub(super) fn nearest(pattern: &Pattern, names: &[String], naming: &TableNaming) -> Vec<String> {
    let literal = pattern.text.replace(|c: char| !c.is_alphanumeric() && !"-_.".contains(c), "");
    let names: BTreeSet<&str> =
        names.iter().map(|name| naming.logical(name).unwrap_or(name)).collect();
    text::nearest(&literal, names, NEAREST).into_iter().map(str::to_owned).collect()
}

/// Refuses a pattern that matches none of the names, with those that may have been meant.
///
/// # Errors
///
/// For the first such pattern; `code` is the error's name.
pub(super) fn check(
    patterns: &[Pattern],
    names: &[String],
    naming: &TableNaming,
    code: &'static str,
) -> Result<(), CommandError> {
    let is_vain = |pattern: &&Pattern| !names.iter().any(|name| matches(pattern, name, naming));
    let Some(pattern) = patterns.iter().find(is_vain) else { return Ok(()) };
    let message = format!("No table matches {:?}", pattern.text);
    let error = CommandError::new(ErrorKind::Usage, code, message);
    let nearest = nearest(pattern, names, naming);
    Err(match nearest.is_empty() {
        true => error,
        false => error.hint(format!("did you mean {}?", text::alternatives(&nearest))),
    })
}
