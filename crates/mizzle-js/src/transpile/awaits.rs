//! Finds top-level `await`.

use super::requests::range;
use oxc::ast::ast::{ArrowFunctionExpression, AwaitExpression, ForOfStatement, Function, Program};
use oxc::ast_visit::{Visit, walk};
use oxc::semantic::ScopeFlags;
use std::ops::Range;

/// Returns the first `await` at the top level of a module.
pub(super) fn first(program: &Program<'_>) -> Option<Range<usize>> {
    let mut finder = Finder(None);
    finder.visit_program(program);
    finder.0
}

struct Finder(Option<Range<usize>>);

impl Finder {
    fn found(&mut self, span: Range<usize>) {
        // An inner await runs before the outer one, and is visited after it.
        if self
            .0
            .as_ref()
            .is_none_or(|first| span.start < first.start || first.contains(&span.start))
        {
            self.0 = Some(span);
        }
    }
}

impl<'a> Visit<'a> for Finder {
    fn visit_await_expression(&mut self, expression: &AwaitExpression<'a>) {
        self.found(range(expression.span));
        walk::walk_await_expression(self, expression);
    }

    fn visit_for_of_statement(&mut self, statement: &ForOfStatement<'a>) {
        if statement.r#await {
            let start = statement.span.start as usize;
            self.found(start..start + "for await".len());
        }
        walk::walk_for_of_statement(self, statement);
    }

    // Code in a function does not run at the top level.
    fn visit_function(&mut self, _: &Function<'a>, _: ScopeFlags) {}

    fn visit_arrow_function_expression(&mut self, _: &ArrowFunctionExpression<'a>) {}
}
