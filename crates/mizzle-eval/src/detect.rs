//! Detects schema files without running them.

use crate::product::serves_schema;
use mizzle_js::{on_own_stack, transpile};
use oxc::ast::ast::{
    Argument, CallExpression, Expression, ImportDeclaration, ImportDeclarationSpecifier, Program,
};
use oxc::ast_visit::{Visit, walk};
use std::path::Path;

/// The common prefix of the names of all packages with schema functions, in any scope: a text
/// without it does not need to be parsed.
const MENTION: &str = "mizzl";

/// The functions that create tables and entities.
const MAKERS: [&str; 2] = ["dynamoTable", "dynamoEntity"];

/// True if a file creates tables or entities with imports from the ORM, under any of its names.
///
/// Nothing is evaluated, and no other file is read: a file that imports the functions from a module
/// of the project is not detected, and neither is one that does not parse.
pub fn declares_tables(file: &Path, source: &str) -> bool {
    if !source.contains(MENTION) {
        return false;
    }
    let found = || transpile::with_program(file, source, is_schema).unwrap_or(false);
    on_own_stack("mizzle-detect", found).unwrap_or(false)
}

/// True if a module creates tables or entities with imports from the ORM, as far as its text shows.
fn is_schema(program: &Program<'_>) -> bool {
    let mut finder = Finder { imports: false, loads: false, calls: false };
    finder.visit_program(program);
    finder.imports || (finder.loads && finder.calls)
}

struct Finder {
    /// True if a maker is imported by its name.
    imports: bool,
    /// True if the ORM is imported as a whole.
    loads: bool,
    /// True if a function with the name of a maker is called.
    calls: bool,
}

impl<'a> Visit<'a> for Finder {
    fn visit_import_declaration(&mut self, import: &ImportDeclaration<'a>) {
        if import.import_kind.is_type() || !serves_schema(&import.source.value) {
            return;
        }
        for specifier in import.specifiers.iter().flatten() {
            match specifier {
                ImportDeclarationSpecifier::ImportSpecifier(one) => {
                    let is_maker = MAKERS.contains(&one.imported.name().as_str());
                    self.imports |= is_maker && one.import_kind.is_value();
                }
                ImportDeclarationSpecifier::ImportDefaultSpecifier(_)
                | ImportDeclarationSpecifier::ImportNamespaceSpecifier(_) => self.loads = true,
            }
        }
    }

    fn visit_call_expression(&mut self, call: &CallExpression<'a>) {
        let name = match &call.callee {
            Expression::Identifier(identifier) => identifier.name.as_str(),
            Expression::StaticMemberExpression(member) => member.property.name.as_str(),
            _ => "",
        };
        let argument = call.arguments.first().and_then(Argument::as_expression);
        match argument {
            Some(Expression::StringLiteral(specifier)) if name == "require" => {
                self.loads |= serves_schema(&specifier.value);
            }
            _ => {}
        }
        self.calls |= MAKERS.contains(&name);
        walk::walk_call_expression(self, call);
    }
}
