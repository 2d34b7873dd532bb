//! Whether a module makes tables or entities, as far as its text tells.

use oxc::ast::ast::{
    Argument, CallExpression, Expression, ImportDeclaration, ImportDeclarationSpecifier, Program,
};
use oxc::ast_visit::{Visit, walk};

/// What makes tables and entities.
const MAKERS: [&str; 2] = ["dynamoTable", "dynamoEntity"];

/// Looks through a file; `is_orm` says of a specifier whether it is the ORM's.
pub(super) fn tables(program: &Program<'_>, is_orm: impl Fn(&str) -> bool) -> bool {
    let mut finder = Finder { is_orm, imports: false, loads: false, calls: false };
    finder.visit_program(program);
    finder.imports || (finder.loads && finder.calls)
}

struct Finder<F> {
    is_orm: F,
    /// A maker is imported by its name.
    imports: bool,
    /// The ORM is loaded as a whole.
    loads: bool,
    /// Something with the name of a maker is called.
    calls: bool,
}

impl<'a, F: Fn(&str) -> bool> Visit<'a> for Finder<F> {
    fn visit_import_declaration(&mut self, import: &ImportDeclaration<'a>) {
        if import.import_kind.is_type() || !(self.is_orm)(&import.source.value) {
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
                self.loads |= (self.is_orm)(&specifier.value);
            }
            _ => {}
        }
        self.calls |= MAKERS.contains(&name);
        walk::walk_call_expression(self, call);
    }
}
