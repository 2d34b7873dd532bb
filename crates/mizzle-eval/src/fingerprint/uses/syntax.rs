//! The syntax tree: kinds of nodes, and the names in them.

use serde_json::Value;
use std::collections::BTreeSet;

pub(super) fn kind(node: &Value) -> Option<&str> {
    node.get("type")?.as_str()
}

/// Returns the name of an identifier.
pub(super) fn identifier(node: &Value) -> Option<&str> {
    (kind(node)? == "Identifier").then(|| node.get("name")?.as_str())?
}

/// Returns a name that may also be written as a string.
pub(super) fn name(node: &Value) -> Option<&str> {
    match kind(node)? {
        "Literal" => node.get("value")?.as_str(),
        _ => identifier(node),
    }
}

/// Returns the names that a declaration declares.
pub(super) fn declared(declaration: &Value) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    match kind(declaration) {
        Some("FunctionDeclaration" | "ClassDeclaration") => {
            names.extend(declaration.get("id").and_then(identifier).map(str::to_owned));
        }
        Some("VariableDeclaration") => {
            let declarators = declaration.get("declarations").and_then(Value::as_array);
            for declarator in declarators.into_iter().flatten() {
                pattern(declarator.get("id").unwrap_or(&Value::Null), &mut names);
            }
        }
        _ => {}
    }
    names
}

/// Collects the names in a pattern. At worst this includes names in its default values.
pub(super) fn pattern(node: &Value, names: &mut BTreeSet<String>) {
    match kind(node) {
        Some("Identifier") => names.extend(identifier(node).map(str::to_owned)),
        Some("Property") => pattern(node.get("value").unwrap_or(&Value::Null), names),
        Some("AssignmentPattern") => pattern(node.get("left").unwrap_or(&Value::Null), names),
        Some("RestElement") => pattern(node.get("argument").unwrap_or(&Value::Null), names),
        Some("ObjectPattern" | "ArrayPattern") => {
            for field in ["properties", "elements"] {
                let parts = node.get(field).and_then(Value::as_array).into_iter().flatten();
                parts.for_each(|part| pattern(part, names));
            }
        }
        _ => {}
    }
}
