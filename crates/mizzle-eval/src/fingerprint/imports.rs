//! The modules that a syntax tree imports.

use mizzle_js::ModuleKind;
use serde_json::Value;
use std::collections::BTreeSet;

/// The nodes that import another file, which their `source` names.
pub(super) const ASKING: [&str; 4] =
    ["ImportDeclaration", "ExportNamedDeclaration", "ExportAllDeclaration", "ImportExpression"];

/// The imports of a file.
pub(super) type Imports = BTreeSet<(String, ModuleKind)>;

/// Returns the imports of a syntax tree whose specifiers are literal.
pub(super) fn of(tree: &Value) -> Imports {
    let mut imports = Imports::new();
    collect(tree, &mut imports);
    imports
}

fn collect(value: &Value, imports: &mut Imports) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, imports)),
        Value::Object(node) => {
            let text = |field: &str| node.get(field).and_then(literal);
            match node.get("type").and_then(Value::as_str) {
                Some(kind) if ASKING.contains(&kind) => {
                    imports.extend(text("source").map(|source| (source, ModuleKind::Import)));
                }
                Some("CallExpression") => {
                    let name = node.get("callee").and_then(|callee| callee.get("name"));
                    let argument = node.get("arguments").and_then(|arguments| arguments.get(0));
                    if name.and_then(Value::as_str) == Some("require") {
                        let source = argument.and_then(literal);
                        imports.extend(source.map(|source| (source, ModuleKind::Require)));
                    }
                }
                _ => {}
            }
            node.values().for_each(|value| collect(value, imports));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Returns the text of a string, or of a template without substitutions.
fn literal(node: &Value) -> Option<String> {
    let text = match node.get("type").and_then(Value::as_str)? {
        "Literal" => node.get("value"),
        "TemplateLiteral" => match node.get("quasis")?.as_array()?.as_slice() {
            [only] => only.get("value")?.get("cooked"),
            _ => None,
        },
        _ => None,
    };
    text.and_then(Value::as_str).map(str::to_owned)
}
