//! Finds the location of a call.
//!
//! The engine keeps one position per running function: that of the expression that it evaluated
//! last. During a call, that may be an expression among the arguments, so the call is one of those
//! around the position.

use super::requests::range;
use oxc::ast::ast::{
    Argument, ArrowFunctionExpression, BindingProperty, CallExpression, Expression, Function,
    ImportSpecifier, NewExpression, ObjectPropertyKind, Program, VariableDeclarator,
};
use oxc::ast_visit::{Visit, walk};
use oxc::semantic::ScopeFlags;
use oxc::span::{GetSpan, Span};
use std::collections::HashSet;
use std::ops::Range;

/// A call to find.
pub(crate) struct Called<'a> {
    /// The original name of the function; the file may import it under another one.
    pub(crate) function: &'a str,
    /// The path of the relevant argument: its number, then property names. May be empty.
    pub(crate) argument: &'a [String],
}

/// Returns the location of the innermost call of a function around a position, unless another
/// function is between them: the relevant argument if it is written out, else the callee.
pub(super) fn around(
    program: &Program<'_>,
    offset: usize,
    called: &Called<'_>,
) -> Option<Range<usize>> {
    let mut finder = Finder { offset, called, names: HashSet::new(), calls: Vec::new() };
    finder.names.insert(called.function.to_owned());
    finder.visit_program(program);
    let Finder { names, calls, .. } = finder;
    // Several calls are around the position if one is an argument of the other. The inner one may
    // have returned already; it has if it is the relevant argument of the outer one.
    calls
        .into_iter()
        .filter(|call| names.contains(&call.name))
        .max_by_key(|call| call.fit)
        .map(|call| range(call.place))
}

struct Finder<'a> {
    offset: usize,
    called: &'a Called<'a>,
    /// The names of the function in the file.
    names: HashSet<String>,
    /// The calls around the position, the innermost last.
    calls: Vec<Call>,
}

struct Call {
    name: String,
    /// The span to highlight.
    place: Span,
    fit: Fit,
}

/// The match between the arguments of a call and the relevant argument, worst first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    /// The relevant argument is not written out.
    Unknown,
    /// The relevant argument is written out.
    Written,
    /// The relevant argument is written out, and was evaluated last.
    Last,
}

impl Finder<'_> {
    fn surrounds(&self, span: Span) -> bool {
        range(span).contains(&self.offset)
    }

    fn call(&mut self, span: Span, callee: &Expression<'_>, arguments: &[Argument<'_>]) {
        if self.surrounds(span)
            && let Some((name, callee)) = name_of(callee)
        {
            let (place, fit) = match find(arguments, self.called.argument) {
                Some((place, value)) if self.surrounds(value) => (place, Fit::Last),
                Some((place, _)) => (place, Fit::Written),
                None => (callee, Fit::Unknown),
            };
            self.calls.push(Call { name, place, fit });
        }
    }

    /// Records an alias of the function in the file.
    fn alias(&mut self, known: &str, name: &str) {
        if known == self.called.function {
            self.names.insert(name.to_owned());
        }
    }
}

/// Returns the name of the callee and its span.
fn name_of(callee: &Expression<'_>) -> Option<(String, Span)> {
    match callee.get_inner_expression() {
        Expression::Identifier(identifier) => Some((identifier.name.to_string(), identifier.span)),
        Expression::StaticMemberExpression(member) => {
            // Of a chain of calls, highlight only this one.
            let whole = matches!(member.object, Expression::Identifier(_));
            let span = if whole { member.span } else { member.property.span };
            Some((member.property.name.to_string(), span))
        }
        _ => None,
    }
}

/// Follows a path into the arguments, as far as they are written out. Returns the span of the name
/// of the last property that exists, or of an argument that is not an object, and the span of its
/// value.
fn find(arguments: &[Argument<'_>], path: &[String]) -> Option<(Span, Span)> {
    let (position, properties) = path.split_first()?;
    let position: usize = position.parse().ok()?;
    let before = arguments.get(..=position)?;
    if before.iter().any(Argument::is_spread) {
        return None;
    }
    let mut value = written(before.last()?.as_expression()?);
    let mut found = match value {
        Expression::ObjectExpression(_)
        | Expression::ArrowFunctionExpression(_)
        | Expression::FunctionExpression(_) => None,
        value => Some((value.span(), value.span())),
    };
    for name in properties {
        let Expression::ObjectExpression(object) = value else { break };
        let property = object.properties.iter().rev().find_map(|property| match property {
            ObjectPropertyKind::ObjectProperty(property) => {
                (property.key.static_name().as_deref() == Some(name.as_str())).then_some(property)
            }
            ObjectPropertyKind::SpreadProperty(_) => None,
        });
        let Some(property) = property else { break };
        found = Some((property.key.span(), property.value.span()));
        value = written(&property.value);
    }
    found
}

/// Removes types and parentheses from an expression; replaces an arrow function by its result.
fn written<'a, 'b>(expression: &'b Expression<'a>) -> &'b Expression<'a> {
    let inner = expression.get_inner_expression();
    match inner {
        Expression::ArrowFunctionExpression(function) => {
            function.get_expression().map_or(inner, Expression::get_inner_expression)
        }
        _ => inner,
    }
}

impl<'a> Visit<'a> for Finder<'_> {
    fn visit_call_expression(&mut self, call: &CallExpression<'a>) {
        self.call(call.span, &call.callee, &call.arguments);
        walk::walk_call_expression(self, call);
    }

    fn visit_new_expression(&mut self, call: &NewExpression<'a>) {
        self.call(call.span, &call.callee, &call.arguments);
        walk::walk_new_expression(self, call);
    }

    fn visit_function(&mut self, function: &Function<'a>, flags: ScopeFlags) {
        if self.surrounds(function.span) {
            self.calls.clear();
        }
        walk::walk_function(self, function, flags);
    }

    fn visit_arrow_function_expression(&mut self, function: &ArrowFunctionExpression<'a>) {
        if self.surrounds(function.span) {
            self.calls.clear();
        }
        walk::walk_arrow_function_expression(self, function);
    }

    fn visit_import_specifier(&mut self, import: &ImportSpecifier<'a>) {
        self.alias(&import.imported.name(), &import.local.name);
    }

    fn visit_variable_declarator(&mut self, variable: &VariableDeclarator<'a>) {
        if let (Some(name), Some((known, _))) = (
            variable.id.get_identifier_name(),
            variable.init.as_ref().and_then(|init| name_of(init)),
        ) {
            self.alias(&known, &name);
        }
        walk::walk_variable_declarator(self, variable);
    }

    fn visit_binding_property(&mut self, property: &BindingProperty<'a>) {
        if let (Some(known), Some(name)) =
            (property.key.static_name(), property.value.get_identifier_name())
        {
            self.alias(&known, &name);
        }
        walk::walk_binding_property(self, property);
    }
}
