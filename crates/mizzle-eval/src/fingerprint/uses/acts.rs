//! The effects of a statement when its module is loaded.

use super::syntax::{identifier, kind};
use serde_json::Value;
use std::collections::BTreeSet;

/// Constructors of the language that change nothing but what they make.
pub(super) const HARMLESS_CONSTRUCTORS: [&str; 6] =
    ["Date", "Error", "Map", "RegExp", "Set", "URL"];

/// What a statement does when the module is loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Acts {
    /// It declares.
    Not,
    /// It calls a package, which can change what it is given.
    OnWhatItMentions,
    /// Anything.
    Freely,
}

/// What a declaration does when it is come to. `packages` are the local names of what comes from
/// packages.
pub(super) fn acts(statement: &Value, packages: &BTreeSet<String>) -> Acts {
    match kind(statement) {
        Some("FunctionDeclaration" | "EmptyStatement") => Acts::Not,
        Some("VariableDeclaration") => {
            let declarators = statement.get("declarations").and_then(Value::as_array);
            let acts = declarators.into_iter().flatten().map(|declarator| {
                let init = declarator.get("init").unwrap_or(&Value::Null);
                let declared = declarator.get("id").and_then(identifier);
                if is_enumeration(init, declared) {
                    return Acts::Not;
                }
                evaluation(init, packages)
                    .max(evaluation(declarator.get("id").unwrap_or(&Value::Null), packages))
            });
            acts.max().unwrap_or(Acts::Not)
        }
        Some("ClassDeclaration") => evaluation(statement, packages),
        Some(kind) if kind.ends_with("Expression") || kind == "Identifier" || kind == "Literal" => {
            // The value of a default export.
            evaluation(statement, packages)
        }
        _ => Acts::Freely,
    }
}

/// What comes of `enum E { … }`: a function of one parameter that is called at once and fills it.
pub(super) fn is_enumeration(init: &Value, declared: Option<&str>) -> bool {
    let callee = init.get("callee").filter(|_| kind(init) == Some("CallExpression"));
    let Some(callee) = callee.filter(|callee| kind(callee) == Some("FunctionExpression")) else {
        return false;
    };
    let parameters = callee.get("params").and_then(Value::as_array);
    matches!(parameters.map(Vec::as_slice), Some([one]) if identifier(one) == declared && declared.is_some())
}

/// What the evaluation of an expression does.
pub(super) fn evaluation(node: &Value, packages: &BTreeSet<String>) -> Acts {
    let inner = |node: &Value| {
        let fields = node.as_object().into_iter().flatten();
        fields.map(|(_, value)| evaluation(value, packages)).max().unwrap_or(Acts::Not)
    };
    if let Value::Array(items) = node {
        return items.iter().map(|item| evaluation(item, packages)).max().unwrap_or(Acts::Not);
    }
    match kind(node) {
        Some("FunctionExpression" | "ArrowFunctionExpression") => Acts::Not,
        Some(
            "AssignmentExpression"
            | "UpdateExpression"
            | "AwaitExpression"
            | "YieldExpression"
            | "ImportExpression"
            | "StaticBlock"
            | "Decorator",
        ) => Acts::Freely,
        Some("UnaryExpression")
            if node.get("operator").and_then(Value::as_str) == Some("delete") =>
        {
            Acts::Freely
        }
        Some("CallExpression" | "NewExpression" | "TaggedTemplateExpression") => {
            let callee = node.get("callee").or_else(|| node.get("tag")).unwrap_or(&Value::Null);
            if is_freeze(callee) {
                return inner(node);
            }
            let root = root(callee);
            let is_harmless = kind(node) == Some("NewExpression")
                && root.is_some_and(|root| HARMLESS_CONSTRUCTORS.contains(&root));
            if is_harmless || root.is_some_and(|root| packages.contains(root)) {
                inner(node).max(Acts::OnWhatItMentions)
            } else {
                Acts::Freely
            }
        }
        // A field of an object comes with its object, and a method does nothing by itself.
        Some("PropertyDefinition") if node.get("static").and_then(Value::as_bool) != Some(true) => {
            match node.get("computed").and_then(Value::as_bool) {
                Some(true) => evaluation(node.get("key").unwrap_or(&Value::Null), packages),
                _ => Acts::Not,
            }
        }
        _ => inner(node),
    }
}

/// `Object.freeze` changes nothing that can be seen elsewhere.
pub(super) fn is_freeze(callee: &Value) -> bool {
    let part = |field: &str| callee.get(field).and_then(identifier);
    kind(callee) == Some("MemberExpression")
        && part("object") == Some("Object")
        && part("property") == Some("freeze")
}

/// The name that a chain of calls and members begins with: `string` in `string("pk").optional`.
pub(super) fn root(node: &Value) -> Option<&str> {
    match kind(node)? {
        "Identifier" => identifier(node),
        "MemberExpression" => root(node.get("object")?),
        "CallExpression" => root(node.get("callee")?),
        "ChainExpression" => root(node.get("expression")?),
        _ => None,
    }
}
