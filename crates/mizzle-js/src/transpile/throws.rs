//! Finds the location of a `throw`.

use super::requests::range;
use oxc::ast::ast::{ArrowFunctionExpression, Function, Program, ThrowStatement};
use oxc::ast_visit::{Visit, walk};
use oxc::semantic::ScopeFlags;
use oxc::span::GetSpan;
use std::ops::Range;

/// Returns the argument of the innermost `throw` around a position, unless a function is between
/// them.
pub(super) fn around(program: &Program<'_>, offset: usize) -> Option<Range<usize>> {
    let mut finder = Finder { offset, found: None };
    finder.visit_program(program);
    finder.found
}

struct Finder {
    offset: usize,
    found: Option<Range<usize>>,
}

impl<'a> Visit<'a> for Finder {
    fn visit_throw_statement(&mut self, statement: &ThrowStatement<'a>) {
        let argument = range(statement.argument.span());
        if argument.contains(&self.offset) {
            self.found = Some(argument);
        }
        walk::walk_throw_statement(self, statement);
    }

    fn visit_function(&mut self, function: &Function<'a>, flags: ScopeFlags) {
        if range(function.span).contains(&self.offset) {
            self.found = None;
            walk::walk_function(self, function, flags);
        }
    }

    fn visit_arrow_function_expression(&mut self, function: &ArrowFunctionExpression<'a>) {
        if range(function.span).contains(&self.offset) {
            self.found = None;
            walk::walk_arrow_function_expression(self, function);
        }
    }
}
