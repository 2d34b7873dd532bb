//! Locates tables, indexes and attributes in the sources.
//!
//! The model contains names, not locations. To find a location, the syntax tree is searched for the
//! call that declares a subject of that name. This is the same for the built-in ORM and for an
//! installed one, and finds the nearest enclosing subject if names are computed.

use mizzle_core::model::declaration::{MakingSite, Subject};
use mizzle_js::{Graph, SourceFile, SourceLocation, is_package_file, transpile};
use oxc::ast::ast::{
    Argument, CallExpression, ExportDefaultDeclaration, Expression, ObjectProperty, Program,
    StringLiteral, VariableDeclarator,
};
use oxc::ast_visit::{Visit, walk};
use oxc::span::{GetSpan, Span};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

/// Returns the most precise location of the subject.
pub(crate) fn locate(graph: &Graph, subject: &Subject) -> Option<SourceLocation> {
    let made = || {
        let MakingSite { file, start, end } = subject.made.as_ref()?;
        graph.location(&PathBuf::from(file), *start..*end)
    };
    // A table that is not exported is known only by the call that created it.
    if subject.sites.is_empty()
        && let Some(location) = made()
    {
        return Some(location);
    }
    let mut files: Vec<(Arc<SourceFile>, Option<&str>)> = Vec::new();
    for site in &subject.sites {
        let path = dunce::canonicalize(&site.file).unwrap_or_else(|_| PathBuf::from(&site.file));
        if let Some(file) = graph.known(&path) {
            files.push((file, Some(export_name(&site.path))));
        }
    }
    for file in graph.all() {
        let is_site = files.iter().any(|(site, _)| site.path == file.path);
        if !is_site && !is_package_file(&file.path) {
            files.push((file, None));
        }
    }
    let mut best: Option<(Precision, SourceLocation)> = None;
    for (file, export) in files {
        let found = transpile::with_program(&file.path, &file.text, |program| {
            Marks::of(program).find(subject, export)
        });
        let Some(Some((precision, span))) = found else { continue };
        if best.as_ref().is_none_or(|(known, _)| precision > *known) {
            let location = graph.location(&file.path, range(span))?;
            best = Some((precision, location));
        }
        if precision == Precision::Exact {
            break;
        }
    }
    match best {
        Some((precision, location)) if precision > Precision::Export => Some(location),
        best => made().or(best.map(|(_, location)| location)),
    }
}

/// The precision of a location, lowest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Precision {
    /// Only the export.
    Export,
    /// The table or entity.
    Declaration,
    /// The index of the attribute.
    Index,
    /// The subject itself.
    Exact,
}

/// Returns the variable of an export path: `all[2]` is in `all`.
fn export_name(path: &str) -> &str {
    path.split(['.', '[']).next().unwrap_or(path)
}

fn range(span: Span) -> Range<usize> {
    span.start as usize..span.end as usize
}

fn within(inner: Span, outer: Span) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

/// A call with the string literals among its first two arguments.
struct Call {
    span: Span,
    callee: String,
    arguments: Option<Span>,
    strings: [Option<(String, Span)>; 2],
}

/// A property of an object literal.
struct Property {
    key: String,
    key_span: Span,
    span: Span,
}

/// A variable, or the default export.
struct Variable {
    name: String,
    name_span: Span,
    span: Span,
}

/// The parts of a file by which a subject could be found.
#[derive(Default)]
struct Marks {
    calls: Vec<Call>,
    properties: Vec<Property>,
    strings: Vec<(String, Span)>,
    variables: Vec<Variable>,
}

impl Marks {
    fn of(program: &Program<'_>) -> Self {
        let mut marks = Self::default();
        marks.visit_program(program);
        marks
    }

    fn find(&self, subject: &Subject, export: Option<&str>) -> Option<(Precision, Span)> {
        let (scope, name, declared) = self.declaration(subject, export)?;
        let (scope, name, precision) = match &subject.index {
            None => (scope, name, declared),
            Some(index) => match self.index(index, scope) {
                Some((scope, name)) => (scope, name, Precision::Index),
                None => return Some((declared, name)),
            },
        };
        match &subject.attribute {
            // The search is complete: all parts of the subject were found.
            None if precision > Precision::Export => Some((Precision::Exact, name)),
            None => Some((precision, name)),
            Some(attribute) => match self.named(attribute, scope, name) {
                Some(span) => Some((Precision::Exact, span)),
                None => Some((precision, name)),
            },
        }
    }

    /// Returns the span of the declaration of the table or entity, that of its name, and the
    /// precision.
    fn declaration(
        &self,
        subject: &Subject,
        export: Option<&str>,
    ) -> Option<(Span, Span, Precision)> {
        let variable = self.variables.iter().find(|variable| Some(&*variable.name) == export);
        let exported = variable.map(|variable| variable.span);
        let by_name = match (&subject.entity, &subject.table) {
            (Some(entity), _) => self.call_with(1, entity, "dynamoEntity", exported),
            (None, Some(table)) => self.call_with(0, table, "dynamoTable", exported),
            (None, None) => None,
        };
        if let Some((span, name)) = by_name {
            return Some((span, name, Precision::Declaration));
        }
        let variable = variable?;
        Some((variable.span, variable.name_span, Precision::Export))
    }

    /// Finds the call of a function with that name in that argument, else of any function; a call
    /// in the exported variable before others, since two tables may have the same name.
    fn call_with(
        &self,
        position: usize,
        name: &str,
        callee: &str,
        exported: Option<Span>,
    ) -> Option<(Span, Span)> {
        let mut calls: Vec<_> = self
            .calls
            .iter()
            .filter_map(|call| {
                let (text, span) = call.strings.get(position)?.as_ref()?;
                (text == name).then_some((call, *span))
            })
            .collect();
        let is_exported =
            |call: &Call| exported.is_some_and(|exported| within(call.span, exported));
        calls.sort_by_key(|(call, _)| (!is_exported(call), call.callee != callee));
        calls.first().map(|(call, span)| (call.span, *span))
    }

    /// Returns the span of the declaration of an index, and that of its name.
    fn index(&self, index: &str, scope: Span) -> Option<(Span, Span)> {
        let property = self
            .properties
            .iter()
            // In an entity the strategy follows a column that may have the same name.
            .rfind(|property| property.key == index && within(property.span, scope));
        if let Some(property) = property {
            return Some((property.span, property.key_span));
        }
        // dynamoTable(…).gsi("name", …): the call encloses the declaration. One that does not may
        // still concern a variable that holds the table.
        let calls = self.calls.iter().filter(|call| matches!(&*call.callee, "gsi" | "lsi"));
        let named = calls.filter_map(|call| {
            let (text, span) = call.strings[0].as_ref()?;
            (text == index).then_some((call, (call.arguments?, *span)))
        });
        let found = named.min_by_key(|(call, _)| !within(scope, call.span));
        found.map(|(_, place)| place)
    }

    /// Finds the first string or key with that text in a scope, except the name of the scope
    /// itself.
    fn named(&self, text: &str, scope: Span, name: Span) -> Option<Span> {
        let strings =
            self.strings.iter().filter(|(string, _)| string == text).map(|(_, span)| *span);
        let keys = self.properties.iter().filter(|one| one.key == text).map(|one| one.key_span);
        strings
            .chain(keys)
            .filter(|span| within(*span, scope) && *span != name)
            .min_by_key(|span| span.start)
    }
}

impl<'a> Visit<'a> for Marks {
    fn visit_call_expression(&mut self, call: &CallExpression<'a>) {
        let callee = match &call.callee {
            Expression::Identifier(identifier) => identifier.name.to_string(),
            Expression::StaticMemberExpression(member) => member.property.name.to_string(),
            _ => String::new(),
        };
        let string = |index: usize| match call.arguments.get(index) {
            Some(Argument::StringLiteral(literal)) => {
                Some((literal.value.to_string(), literal.span))
            }
            _ => None,
        };
        let arguments = match (call.arguments.first(), call.arguments.last()) {
            (Some(first), Some(last)) => Some(Span::new(first.span().start, last.span().end)),
            _ => None,
        };
        self.calls.push(Call {
            span: call.span,
            callee,
            arguments,
            strings: [string(0), string(1)],
        });
        walk::walk_call_expression(self, call);
    }

    fn visit_object_property(&mut self, property: &ObjectProperty<'a>) {
        if let Some(key) = property.key.static_name() {
            self.properties.push(Property {
                key: key.to_string(),
                key_span: property.key.span(),
                span: property.span,
            });
        }
        walk::walk_object_property(self, property);
    }

    fn visit_string_literal(&mut self, literal: &StringLiteral<'a>) {
        self.strings.push((literal.value.to_string(), literal.span));
    }

    fn visit_variable_declarator(&mut self, declarator: &VariableDeclarator<'a>) {
        if let Some(name) = declarator.id.get_identifier_name() {
            self.variables.push(Variable {
                name: name.to_string(),
                name_span: declarator.id.span(),
                span: declarator.span,
            });
        }
        walk::walk_variable_declarator(self, declarator);
    }

    fn visit_export_default_declaration(&mut self, export: &ExportDefaultDeclaration<'a>) {
        let span = export.span;
        self.variables.push(Variable {
            name: "default".to_owned(),
            name_span: Span::new(span.start, span.start + 14),
            span,
        });
        walk::walk_export_default_declaration(self, export);
    }
}
