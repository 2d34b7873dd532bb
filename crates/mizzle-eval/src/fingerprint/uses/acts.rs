//! The side effects of a statement when its module is loaded.

use super::syntax::{identifier, kind};
use serde_json::Value;
use std::collections::BTreeSet;

/// Built-in constructors that change nothing except the new object.
pub(super) const HARMLESS_CONSTRUCTORS: [&str; 6] =
    ["Date", "Error", "Map", "RegExp", "Set", "URL"];

/// The side effects of a statement when its module is loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Acts {
    /// None: the statement only declares.
    Not,
    /// A call of a package, which can change its arguments.
    OnWhatItMentions,
    /// Any.
    Freely,
}

/// Returns the side effects of a declaration. `packages` are the local names of imports from
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

/// True for the output of `enum E { … }`: a function of one parameter that is called immediately
/// and fills it.
pub(super) fn is_enumeration(init: &Value, declared: Option<&str>) -> bool {
    let callee = init.get("callee").filter(|_| kind(init) == Some("CallExpression"));
    let Some(callee) = callee.filter(|callee| kind(callee) == Some("FunctionExpression")) else {
        return false;
    };
    let parameters = callee.get("params").and_then(Value::as_array);
    matches!(parameters.map(Vec::as_slice), Some([one]) if identifier(one) == declared && declared.is_some())
}

/// Returns the side effects of evaluating an expression.
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
        // A field is evaluated with its object, and a method has no effect until it is called.
        Some("PropertyDefinition") if node.get("static").and_then(Value::as_bool) != Some(true) => {
            match node.get("computed").and_then(Value::as_bool) {
                Some(true) => evaluation(node.get("key").unwrap_or(&Value::Null), packages),
                _ => Acts::Not,
            }
        }
        _ => inner(node),
    }
}

/// True for `Object.freeze`, which has no effect that is visible elsewhere.
pub(super) fn is_freeze(callee: &Value) -> bool {
    let part = |field: &str| callee.get(field).and_then(identifier);
    kind(callee) == Some("MemberExpression")
        && part("object") == Some("Object")
        && part("property") == Some("freeze")
}

/// Returns the first name in a chain of calls and members: `string` in `string("pk").optional`.
pub(super) fn root(node: &Value) -> Option<&str> {
    match kind(node)? {
        "Identifier" => identifier(node),
        "MemberExpression" => root(node.get("object")?),
        "CallExpression" => root(node.get("callee")?),
        "ChainExpression" => root(node.get("expression")?),
        _ => None,
    }
}
