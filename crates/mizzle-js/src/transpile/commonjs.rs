//! The names that a CommonJS file exports, guessed from its text.
//!
//! An ES module that imports from CommonJS needs the names before the code runs. Node guesses them
//! with a lexer for the output of common compilers; this module matches the same patterns in the
//! syntax tree, which exists anyway.

use oxc::ast::ast::{
    Argument, AssignmentExpression, AssignmentTarget, CallExpression, Expression, ObjectExpression,
    ObjectPropertyKind, Program,
};
use oxc::ast_visit::{Visit, walk};
use std::collections::BTreeSet;

/// The probable exports of a CommonJS file.
#[derive(Debug, Default)]
pub(super) struct Exports {
    /// The names of its own exports.
    pub(super) names: BTreeSet<String>,
    /// The specifiers of modules that it re-exports.
    pub(super) reexports: BTreeSet<String>,
}

/// Collects the exports of a file.
pub(super) fn exports_of(program: &Program<'_>) -> Exports {
    let mut exports = Exports::default();
    exports.visit_program(program);
    exports
}

/// True for `exports` and `module.exports`.
fn is_exports(expression: &Expression<'_>) -> bool {
    match expression {
        Expression::Identifier(identifier) => identifier.name == "exports",
        Expression::StaticMemberExpression(member) => {
            member.property.name == "exports" && is_module(&member.object)
        }
        Expression::ParenthesizedExpression(inner) => is_exports(&inner.expression),
        _ => false,
    }
}

fn is_module(expression: &Expression<'_>) -> bool {
    matches!(expression, Expression::Identifier(identifier) if identifier.name == "module")
}

/// Returns the specifier of `require("…")`, also inside the helpers of compilers.
fn required(expression: &Expression<'_>) -> Option<String> {
    let Expression::CallExpression(call) = expression else { return None };
    let Expression::Identifier(callee) = &call.callee else { return None };
    let argument = call.arguments.first().and_then(Argument::as_expression)?;
    match (callee.name.as_str(), argument) {
        ("require", Expression::StringLiteral(specifier)) => Some(specifier.value.to_string()),
        (
            "__toESM"
            | "__toCommonJS"
            | "__importStar"
            | "__importDefault"
            | "_interopRequireWildcard",
            inner,
        ) => required(inner),
        _ => None,
    }
}

impl Exports {
    fn take_object(&mut self, object: &ObjectExpression<'_>) {
        for property in &object.properties {
            match property {
                ObjectPropertyKind::ObjectProperty(property) => {
                    if let Some(name) = property.key.static_name() {
                        self.names.insert(name.to_string());
                    }
                }
                ObjectPropertyKind::SpreadProperty(spread) => {
                    self.reexports.extend(required(&spread.argument));
                }
            }
        }
    }

    fn take_whole(&mut self, value: &Expression<'_>) {
        match value {
            Expression::ObjectExpression(object) => self.take_object(object),
            // module.exports = exports = …
            Expression::AssignmentExpression(inner) => self.take_whole(&inner.right),
            other => self.reexports.extend(required(other)),
        }
    }
}

impl<'a> Visit<'a> for Exports {
    fn visit_assignment_expression(&mut self, assignment: &AssignmentExpression<'a>) {
        match &assignment.left {
            AssignmentTarget::StaticMemberExpression(member) if is_exports(&member.object) => {
                self.names.insert(member.property.name.to_string());
            }
            AssignmentTarget::ComputedMemberExpression(member) if is_exports(&member.object) => {
                if let Expression::StringLiteral(name) = &member.expression {
                    self.names.insert(name.value.to_string());
                }
            }
            AssignmentTarget::StaticMemberExpression(member)
                if member.property.name == "exports" && is_module(&member.object) =>
            {
                self.take_whole(&assignment.right);
            }
            _ => {}
        }
        walk::walk_assignment_expression(self, assignment);
    }

    fn visit_call_expression(&mut self, call: &CallExpression<'a>) {
        let argument = |index: usize| call.arguments.get(index).and_then(Argument::as_expression);
        match &call.callee {
            // Object.defineProperty(exports, "name", …)
            Expression::StaticMemberExpression(member)
                if member.property.name == "defineProperty" =>
            {
                if let (Some(target), Some(Expression::StringLiteral(name))) =
                    (argument(0), argument(1))
                    && is_exports(target)
                {
                    self.names.insert(name.value.to_string());
                }
            }
            // The output of TypeScript and esbuild for `export *` and for a module's exports.
            Expression::Identifier(callee)
                if matches!(callee.name.as_str(), "__exportStar" | "__export" | "__reExport") =>
            {
                let arguments = call.arguments.iter().filter_map(Argument::as_expression);
                self.reexports.extend(arguments.filter_map(required));
                if let Some(Expression::ObjectExpression(object)) = argument(1) {
                    self.take_object(object);
                }
            }
            // __exportStar without a local helper: tslib.__exportStar(…)
            Expression::StaticMemberExpression(member)
                if member.property.name == "__exportStar" =>
            {
                self.reexports.extend(argument(0).and_then(required));
            }
            _ => {}
        }
        walk::walk_call_expression(self, call);
    }
}
