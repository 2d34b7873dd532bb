//! The imports of a file and their spans.

use oxc::ast::ast::{ImportDeclarationSpecifier, Program, Statement};
use oxc::span::{GetSpan, Span};
use oxc::syntax::module_record::ModuleRecord;
use std::ops::Range;

/// An import of a file.
#[derive(Debug)]
pub(crate) struct Request {
    /// The text between the quotes.
    pub(crate) specifier: String,
    /// The span of the specifier, quotes included.
    pub(crate) span: Range<usize>,
    /// The imported names, including `default`.
    pub(crate) names: Vec<ImportedName>,
    /// True if the module's namespace is used, so that no list of names is complete.
    pub(crate) whole: bool,
    /// True for an `import()`, which may fail without the file failing.
    pub(crate) dynamic: bool,
}

/// A name that is imported from a module.
#[derive(Debug)]
pub(crate) struct ImportedName {
    /// The name in the module that exports it.
    pub(crate) name: String,
    /// The span of the name.
    pub(crate) span: Range<usize>,
}

impl ImportedName {
    fn new(name: &str, span: Span) -> Self {
        Self { name: name.to_owned(), span: range(span) }
    }
}

pub(super) fn range(span: Span) -> Range<usize> {
    span.start as usize..span.end as usize
}

/// Returns the static imports and re-exports. Call it after the transform, which removes imports of
/// types only.
pub(super) fn of(program: &Program<'_>) -> Vec<Request> {
    let mut requests = Vec::new();
    for statement in &program.body {
        match statement {
            Statement::ImportDeclaration(import) if !import.import_kind.is_type() => {
                let mut names = Vec::new();
                let mut whole = false;
                for specifier in import.specifiers.iter().flatten() {
                    match specifier {
                        ImportDeclarationSpecifier::ImportSpecifier(one) => {
                            names
                                .push(ImportedName::new(&one.imported.name(), one.imported.span()));
                        }
                        ImportDeclarationSpecifier::ImportDefaultSpecifier(one) => {
                            names.push(ImportedName::new("default", one.span));
                        }
                        ImportDeclarationSpecifier::ImportNamespaceSpecifier(_) => whole = true,
                    }
                }
                requests.push(Request {
                    specifier: import.source.value.to_string(),
                    span: range(import.source.span),
                    names,
                    whole,
                    dynamic: false,
                });
            }
            Statement::ExportAllDeclaration(export) if !export.export_kind.is_type() => {
                requests.push(Request {
                    specifier: export.source.value.to_string(),
                    span: range(export.source.span),
                    names: Vec::new(),
                    whole: true,
                    dynamic: false,
                });
            }
            Statement::ExportFromDeclaration(export) if !export.export_kind.is_type() => {
                requests.push(Request {
                    specifier: export.source.value.to_string(),
                    span: range(export.source.span),
                    names: export
                        .specifiers
                        .iter()
                        .map(|one| ImportedName::new(&one.local.name(), one.local.span()))
                        .collect(),
                    whole: false,
                    dynamic: false,
                });
            }
            _ => {}
        }
    }
    requests
}

/// Returns the `import(…)` calls with a literal specifier, and the spans of the others.
pub(super) fn dynamic(
    source: &str,
    record: &ModuleRecord<'_>,
) -> (Vec<Request>, Vec<Range<usize>>) {
    let mut requests = Vec::new();
    let mut computed = Vec::new();
    for import in &record.dynamic_imports {
        let span = range(import.module_request);
        match source.get(span.clone()).and_then(literal) {
            Some(specifier) => requests.push(Request {
                specifier: specifier.to_owned(),
                span,
                names: Vec::new(),
                whole: true,
                dynamic: true,
            }),
            None => computed.push(span),
        }
    }
    (requests, computed)
}

/// Returns the text of a string literal or of a template without substitutions.
fn literal(text: &str) -> Option<&str> {
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\'' | '`'))?;
    let inner = text.strip_prefix(quote)?.strip_suffix(quote)?;
    (!inner.contains(['\\', '$', quote])).then_some(inner)
}
