//! Fingerprints of scripts, to detect whether a script was changed after it was applied.
//!
//! The digest is one of the syntax tree rather than of printed code, because it is stored for
//! years: the next version of a printer may place a space elsewhere. For the same reason default
//! values of the tree (`false`, `null`, an empty list) are left out, and the order of fields does
//! not matter: a new field of the format then does not change the digest of code that does not use
//! it.

mod digest;
mod files;
mod imports;
mod uses;

use crate::migration;
use crate::product::Product;
use digest::{Canonical, add_text, canonical};
use mizzle_js::{EvalError, EvalErrorKind, Graph, on_own_stack, transpile};
use serde::Deserialize;
use serde_json::{Value, de::StrRead};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use uses::Used;

/// The prefix of the digest's input: a different algorithm would need a different name.
const SCHEME: &str = "mizzle script 1";

/// The prefix for a script that imports files of the project.
const SCHEME_WITH_IMPORTS: &str = "mizzle script with imports 2";

/// The prefix for a part of a file.
const SCHEME_OF_PART: &str = "mizzle part of a module 1";

/// The digests of a script (SHA-256, in hexadecimal).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint {
    /// The digest of the script and all files that it uses.
    pub checksum: String,
    /// The digest of each of these files, including the script, by its path relative to the
    /// script's folder. Empty for a script that does not import any file of the project.
    pub files: BTreeMap<String, String>,
}

/// Returns the fingerprint of a script.
///
/// These do not change it: comments, white space, line endings and a byte order mark; the style of
/// quotes, semicolons, trailing commas and parentheses; the spelling of numbers and of escapes in
/// strings; quotes around a property's name; and TypeScript's types, which have no effect at run
/// time. Everything else changes it, in the script and in the used parts of the files that it
/// imports, directly or not; if those parts cannot be determined, in the whole file. Files below
/// `node_modules`, missing files and computed imports do not count.
///
/// `file` is the path of the script, and its name in errors; its extension determines the language.
///
/// # Errors
/// A script that does not parse, with the location.
pub fn fingerprint(file: &Path, source: &str) -> Result<Fingerprint, EvalError> {
    on_own_stack("mizzle-fingerprint", || digest(file, source))?
}

fn digest(file: &Path, source: &str) -> Result<Fingerprint, EvalError> {
    // In templates, where they would count, JavaScript normalizes all line endings.
    let source = normalised(source);
    let tree = transpile::syntax_tree(file, &source).map_err(|refusal| {
        let text: Arc<str> = source.as_str().into();
        let error = Graph::new(PathBuf::new(), &Product).refused(file, &text, *refusal);
        migration::with_hint_on_its_origin(error, &source)
    })?;
    let Canonical { bytes, asks } = canonical(&mut reader(&tree)).map_err(|error| {
        let name = file.display();
        EvalError::new(
            EvalErrorKind::Syntax,
            format!("{name} cannot be compared with what was applied: {error}"),
        )
        .hint(
            "look for a number beyond 1e308, or for half of a surrogate pair (\\ud800) in a string",
        )
    })?;
    let own = of_bytes(SCHEME, &bytes);
    drop(bytes);
    // Most scripts import only types.
    let imported = if asks { imported(file, &tree) } else { BTreeMap::new() };
    if imported.is_empty() {
        return Ok(Fingerprint { checksum: own, files: BTreeMap::new() });
    }
    let mut bytes = Vec::new();
    add_text(&mut bytes, b's', &own);
    for (path, digest) in &imported {
        add_text(&mut bytes, b'k', path);
        add_text(&mut bytes, b's', digest);
    }
    let mut files = imported;
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    files.insert(name, own);
    Ok(Fingerprint { checksum: of_bytes(SCHEME_WITH_IMPORTS, &bytes), files })
}

/// Returns the digests of the files that a script imports.
fn imported(file: &Path, tree: &str) -> BTreeMap<String, String> {
    let Ok(tree) = Value::deserialize(&mut reader(tree)) else { return BTreeMap::new() };
    files::digests(file, &tree, |file, source| {
        let source = normalised(source);
        let tree = transpile::syntax_tree(file, &source).ok();
        let tree = tree.and_then(|tree| Value::deserialize(&mut reader(&tree)).ok());
        // A file that does not parse is reported when it is run.
        tree.ok_or_else(|| hex([b"text ".as_slice(), source.as_bytes()]))
    })
}

fn normalised(source: &str) -> String {
    source.strip_prefix('\u{feff}').unwrap_or(source).replace("\r\n", "\n")
}

/// Creates a reader of a syntax tree's text, of any depth.
fn reader(tree: &str) -> serde_json::Deserializer<StrRead<'_>> {
    let mut reader = serde_json::Deserializer::from_str(tree);
    reader.disable_recursion_limit();
    reader
}

/// Returns the digest of the used parts of a file.
fn of_used(tree: &Value, used: &Used) -> String {
    let Some(statements) = &used.statements else { return of_bytes(SCHEME, &bytes_of(tree)) };
    let mut bytes = Vec::new();
    used.bindings.iter().for_each(|binding| add_text(&mut bytes, b'k', binding));
    statements.iter().for_each(|statement| bytes.extend(bytes_of(statement)));
    of_bytes(SCHEME_OF_PART, &bytes)
}

fn bytes_of(tree: &Value) -> Vec<u8> {
    canonical(tree).expect("what was read once can be read again").bytes
}

fn of_bytes(scheme: &str, bytes: &[u8]) -> String {
    hex([scheme.as_bytes(), bytes])
}

/// Returns the hexadecimal digest of raw bytes.
fn hex<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut hash = Sha256::new();
    parts.into_iter().for_each(|part| hash.update(part));
    hash.finalize().iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
