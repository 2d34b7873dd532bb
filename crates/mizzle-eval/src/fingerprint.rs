//! What a script does, in 64 digits: to tell whether it was changed since it was applied.
//!
//! The digest is one of the syntax tree rather than of a printed form of it, because it is kept for
//! years: a printer's next version may set a space elsewhere. For the same reason what the tree says
//! by default (`false`, `null`, an empty list) is left out, and the order of fields does not matter:
//! a new field of the format then changes no digest of code that does not use it.

mod imports;

use crate::engine;
use crate::error::{EvalError, EvalErrorKind};
use crate::graph::Graph;
use crate::script;
use crate::transpile::{self, Refusal};
use serde::Deserialize;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

/// What the digest begins with: another way to make it would need another name.
const SCHEME: &str = "mizzle script 1";

/// What the digest of a script begins with that imports files of the project.
const SCHEME_WITH_IMPORTS: &str = "mizzle script with imports 1";

/// The fingerprint of a script: the SHA-256 of what it does, in hexadecimal.
///
/// These do not change it: comments, white space, line endings and a byte order mark; the style of
/// quotes, semicolons, trailing commas and parentheses; how numbers and escapes in strings are
/// spelled; quotes around a property's name; and TypeScript's types, which do nothing when the script
/// runs. Everything else does, in the script and in the files that it imports, directly or not, as far
/// as their names are stated. What is below `node_modules` does not count, and neither does what is not
/// there.
///
/// `file` is where the script is, and the name that errors show; its extension says which language it
/// is.
///
/// # Errors
/// A script that does not parse, with the place.
pub fn fingerprint(file: &Path, source: &str) -> Result<String, EvalError> {
    // Parsing recurses deeply, and so does the walk through what comes of it.
    thread::scope(|scope| {
        thread::Builder::new()
            .name("mizzle-fingerprint".to_owned())
            .stack_size(engine::STACK)
            .spawn_scoped(scope, || digest(file, source))
            .map_or_else(
                |_| Err(EvalError::lost()),
                |thread| thread.join().unwrap_or_else(|_| Err(EvalError::lost())),
            )
    })
}

fn digest(file: &Path, source: &str) -> Result<String, EvalError> {
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
    let imported = imports::digests(file, imports::of(&tree), |file, source| {
        let source = normalised(source);
        match syntax_tree(file, &source) {
            Ok(tree) => (of_tree(&tree), imports::of(&tree)),
            // It says so itself when it is run.
            Err(_) => (hex([b"text ".as_slice(), source.as_bytes()]), imports::Imports::new()),
        }
    });
    if imported.is_empty() {
        return Ok(own);
    }
    let mut hash = Sha256::new_with_prefix(SCHEME_WITH_IMPORTS);
    add_text(&mut hash, b"s", &own);
    for (path, digest) in imported {
        add_text(&mut hash, b"k", &path);
        add_text(&mut hash, b"s", &digest);
    }
    Ok(in_hex(hash))
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
