//! What a script does, in 64 digits: to tell whether it was changed since it was applied.
//!
//! The digest is one of the syntax tree rather than of a printed form of it, because it is kept for
//! years: a printer's next version may set a space elsewhere. For the same reason what the tree says
//! by default (`false`, `null`, an empty list) is left out, and the order of fields does not matter:
//! a new field of the format then changes no digest of code that does not use it.

mod imports;
mod uses;

use crate::engine;
use crate::error::{EvalError, EvalErrorKind};
use crate::graph::Graph;
use crate::script;
use crate::transpile::{self, Refusal};
use serde::Deserialize;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use uses::Used;

/// What the digest begins with: another way to make it would need another name.
const SCHEME: &str = "mizzle script 1";

/// What the digest of a script begins with that imports files of the project.
const SCHEME_WITH_IMPORTS: &str = "mizzle script with imports 2";

/// What the digest of a part of a file begins with.
const SCHEME_OF_PART: &str = "mizzle part of a module 1";

/// What a script does, as digests (SHA-256, in hexadecimal).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint {
    /// Of all that it is made of.
    pub checksum: String,
    /// Of each file that it is made of, by its path relative to the script's folder, the script
    /// among them. Empty for a script that imports nothing of the project.
    pub files: BTreeMap<String, String>,
}

/// The fingerprint of a script.
///
/// These do not change it: comments, white space, line endings and a byte order mark; the style of
/// quotes, semicolons, trailing commas and parentheses; how numbers and escapes in strings are
/// spelled; quotes around a property's name; and TypeScript's types, which do nothing when the script
/// runs. Everything else does, in the script and, of the files that it imports, directly or not, in what
/// it uses: as far as that can be told, else in the whole file. What is below `node_modules` does not
/// count, and neither does what is not there, nor what is imported by a name that is computed.
///
/// `file` is where the script is, and the name that errors show; its extension says which language it
/// is.
///
/// # Errors
/// A script that does not parse, with the place.
pub fn fingerprint(file: &Path, source: &str) -> Result<Fingerprint, EvalError> {
    // Parsing recurses deeply, and so does the walk through what comes of it.
    thread::scope(|scope| {
        thread::Builder::new()
            .name("mizzle-fingerprint".to_owned())
            .stack_size(engine::STACK)
            .spawn_scoped(scope, || digest(file, source))
            .map_or_else(
                |error| Err(EvalError::no_thread(&error)),
                |thread| thread.join().unwrap_or_else(|_| Err(EvalError::lost())),
            )
    })
}

fn digest(file: &Path, source: &str) -> Result<Fingerprint, EvalError> {
    // In templates, where they would count, the language takes all line endings for the same.
    let source = normalised(source);
    let tree = syntax_tree(file, &source).map_err(|problem| match problem {
        Problem::Syntax(refusal) => {
            let text: Arc<str> = source.as_str().into();
            let error = Graph::new(PathBuf::new()).refused(file, &text, *refusal);
            script::with_hint_on_its_origin(error, &source)
        }
        Problem::Content(error) => EvalError::new(
            EvalErrorKind::Syntax,
            format!("{} cannot be compared with what was applied: {error}", file.display()),
        )
        .hint(
            "look for a number beyond 1e308, or for half of a surrogate pair (\\ud800) in a string",
        ),
    })?;
    let own = of_tree(&tree);
    let imported = imports::digests(file, &tree, |file, source| {
        let source = normalised(source);
        // One that does not parse says so itself when it is run.
        syntax_tree(file, &source).map_err(|_| hex([b"text ".as_slice(), source.as_bytes()]))
    });
    if imported.is_empty() {
        return Ok(Fingerprint { checksum: own, files: BTreeMap::new() });
    }
    let mut hash = Sha256::new_with_prefix(SCHEME_WITH_IMPORTS);
    add_text(&mut hash, b"s", &own);
    for (path, digest) in &imported {
        add_text(&mut hash, b"k", path);
        add_text(&mut hash, b"s", digest);
    }
    let mut files = imported;
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    files.insert(name, own);
    Ok(Fingerprint { checksum: in_hex(hash), files })
}

fn normalised(source: &str) -> String {
    source.strip_prefix('\u{feff}').unwrap_or(source).replace("\r\n", "\n")
}

/// Why a file has no syntax tree.
enum Problem {
    Syntax(Box<Refusal>),
    Content(serde_json::Error),
}

fn syntax_tree(file: &Path, source: &str) -> Result<Value, Problem> {
    let tree = transpile::syntax_tree(file, source).map_err(Problem::Syntax)?;
    let mut reader = serde_json::Deserializer::from_str(&tree);
    reader.disable_recursion_limit();
    Value::deserialize(&mut reader).map_err(Problem::Content)
}

fn of_tree(tree: &Value) -> String {
    let mut hash = Sha256::new_with_prefix(SCHEME);
    add(&mut hash, tree);
    in_hex(hash)
}

/// The digest of what is used of a file.
fn of_used(tree: &Value, used: &Used) -> String {
    let Some(statements) = &used.statements else { return of_tree(tree) };
    let mut hash = Sha256::new_with_prefix(SCHEME_OF_PART);
    used.bindings.iter().for_each(|binding| add_text(&mut hash, b"k", binding));
    statements.iter().for_each(|statement| add(&mut hash, statement));
    in_hex(hash)
}

/// The digest of bytes as they are.
fn hex<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut hash = Sha256::new();
    parts.into_iter().for_each(|part| hash.update(part));
    in_hex(hash)
}

fn in_hex(hash: Sha256) -> String {
    hash.finalize().iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Adds a value, so that no two different ones add the same bytes.
fn add(hash: &mut Sha256, value: &Value) {
    match value {
        Value::Null => hash.update(b"n"),
        Value::Bool(value) => hash.update(if *value { b"t" } else { b"f" }),
        Value::Number(number) => {
            hash.update(b"d");
            hash.update(number.as_f64().unwrap_or_default().to_bits().to_be_bytes());
        }
        Value::String(text) => add_text(hash, b"s", text),
        Value::Array(items) => {
            hash.update(b"[");
            items.iter().filter(|item| !does_nothing(item)).for_each(|item| add(hash, item));
            hash.update(b"]");
        }
        Value::Object(node) => {
            let mut fields: Vec<_> =
                node.iter().filter(|(name, value)| counts(node, name, value)).collect();
            fields.sort_by_key(|(name, _)| *name);
            hash.update(b"{");
            for (name, value) in fields {
                add_text(hash, b"k", name);
                match value {
                    Value::Object(key)
                        if name == "key" && node.get("computed") != Some(&true.into()) =>
                    {
                        add_key(hash, key, value);
                    }
                    value => add(hash, value),
                }
            }
            hash.update(b"}");
        }
    }
}

fn add_text(hash: &mut Sha256, tag: &[u8], text: &str) {
    hash.update(tag);
    hash.update((text.len() as u64).to_be_bytes());
    hash.update(text);
}

/// The name of a property, which may stand in quotes or not.
fn add_key(hash: &mut Sha256, key: &Map<String, Value>, value: &Value) {
    let kind = key.get("type").and_then(Value::as_str);
    let name = match kind {
        Some("Identifier") => key.get("name"),
        Some("Literal") => key.get("value"),
        _ => None,
    };
    match name.and_then(Value::as_str) {
        Some(name) => add_text(hash, b"p", name),
        None => add(hash, value),
    }
}

/// Whether a field of a node says something about the program.
fn counts(node: &Map<String, Value>, name: &str, value: &Value) -> bool {
    let says_nothing = match value {
        Value::Null | Value::Bool(false) => true,
        Value::Array(items) => items.is_empty(),
        Value::Bool(true) | Value::Number(_) | Value::String(_) | Value::Object(_) => false,
    };
    match name {
        "start" | "end" | "range" | "loc" | "hashbang" => false,
        // The spelling; of a template it is part of the value.
        "raw" => node.contains_key("cooked"),
        // `null` and `false` are literals too.
        "value" => !says_nothing || node.get("type").is_some_and(|kind| kind == "Literal"),
        _ => !says_nothing,
    }
}

/// Whether a statement of a list is one for form's sake: a semicolon too many, or the `export {}` that
/// stands in for imports of types.
fn does_nothing(statement: &Value) -> bool {
    match statement.get("type").and_then(Value::as_str) {
        Some("EmptyStatement") => true,
        Some("ExportNamedDeclaration") => {
            let absent = |field| statement.get(field).is_none_or(Value::is_null);
            let names = statement.get("specifiers").and_then(Value::as_array);
            absent("declaration") && absent("source") && names.is_none_or(Vec::is_empty)
        }
        _ => false,
    }
}
