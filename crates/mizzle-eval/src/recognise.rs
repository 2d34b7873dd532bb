//! Telling schema files from others without running them.

use crate::options::STACK;
use crate::{graph, transpile};
use std::{path::Path, thread};

/// What the name of every package begins with that serves the functions of a schema, whatever its
/// scope: a text without it needs no parser.
const MENTION: &str = "mizzl";

/// Whether a file makes tables or entities with what it takes from the ORM, by any of its names.
///
/// Nothing is evaluated, and no other file is looked at: one that has the functions from a module of
/// the project's own is not recognised, and neither is one that does not parse.
pub fn declares_tables(file: &Path, source: &str) -> bool {
    if !source.contains(MENTION) {
        return false;
    }
    // Parsing recurses deeply.
    thread::scope(|scope| {
        let found = || transpile::declares_tables(file, source, graph::serves_schema);
        let thread = thread::Builder::new().stack_size(STACK).spawn_scoped(scope, found);
        thread.is_ok_and(|thread| thread.join().unwrap_or(false))
    })
}
