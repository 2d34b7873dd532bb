//! Patterns that select tables by their names on the server, or in the schema.

use crate::errors::{CommandError, ErrorKind};
use mizzle_core::{model::TableNaming, text};
use std::collections::BTreeSet;
use wax::{Glob, Program};

/// The maximum number of names that are suggested when a pattern matches none.
const NEAREST: usize = 3;

/// A glob for names of tables.
#[derive(Debug)]
pub(crate) struct Pattern {
    /// The pattern, as it was typed.
    pub(crate) text: String,
    /// The compiled glob.
    pub(crate) glob: Glob<'static>,
}

impl Pattern {
    /// Parses several patterns; `command` precedes the pattern in the hint.
    ///
    /// # Errors
    ///
    /// When one is not a glob.
    pub(crate) fn read_all(patterns: &[String], command: &str) -> Result<Vec<Self>, CommandError> {
        patterns.iter().map(|pattern| Self::read(pattern, command)).collect()
    }

    /// Parses a pattern; `command` precedes the pattern in the hint.
    ///
    /// # Errors
    ///
    /// When it is not a glob.
    pub(crate) fn read(pattern: &str, command: &str) -> Result<Self, CommandError> {
        let glob = Glob::new(pattern).map(Glob::into_owned);
        let text = pattern.to_owned();
        glob.map(|glob| Self { text, glob }).map_err(|error| {
            CommandError::new(
                ErrorKind::Usage,
                "invalid-pattern",
                format!("{pattern:?} is not a pattern: {error}"),
            )
            .hint(format!("use * for any characters and ? for one: {command} \"Shop*\""))
        })
    }
}

/// True if the pattern matches a name on the server, or its name in the schema.
pub(crate) fn matches(pattern: &Pattern, name: &str, naming: &TableNaming) -> bool {
    let is_match = |name: &str| pattern.glob.is_match(name);
    is_match(name) || naming.logical(name).is_some_and(is_match)
}

/// True if a table is selected: without patterns, all tables are.
pub(crate) fn is_asked_for(patterns: &[Pattern], name: &str, naming: &TableNaming) -> bool {
    patterns.is_empty() || patterns.iter().any(|pattern| matches(pattern, name, naming))
}

/// Returns suggestions for a pattern that matches none; tables of the environment by their names in
/// the schema.
pub(crate) fn nearest(pattern: &Pattern, names: &[String], naming: &TableNaming) -> Vec<String> {
    let literal = pattern.text.replace(|c: char| !c.is_alphanumeric() && !"-_.".contains(c), "");
    let names: BTreeSet<&str> =
        names.iter().map(|name| naming.logical(name).unwrap_or(name)).collect();
    text::nearest(&literal, names, NEAREST).into_iter().map(str::to_owned).collect()
}

/// Refuses a pattern that matches none of the names, with suggestions.
///
/// # Errors
///
/// For the first such pattern; `code` is the error's code.
pub(crate) fn check(
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
