//! Compiles one TypeScript or JavaScript file for the engine, and collects its imports.

mod awaits;
mod calls;
mod commonjs;
mod nesting;
mod requests;
mod throws;

pub(crate) use calls::Called;
pub(crate) use requests::Request;

use crate::error::{EvalErrorKind, is_package_file};
use oxc::allocator::Allocator;
use oxc::ast::ast::{Program, Statement, TSModuleReference};
use oxc::codegen::{Codegen, CodegenOptions, CommentOptions};
use oxc::diagnostics::Diagnostics;
use oxc::parser::{ParseOptions, Parser, ParserReturn};
use oxc::semantic::{Scoping, SemanticBuilder};
use oxc::span::SourceType;
use oxc::transformer::{HelperLoaderMode, Module, TransformOptions, Transformer};
use oxc_sourcemap::SourceMap;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::Path;

/// The module format of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// `import` and `export`.
    Module,
    /// `require` and `module.exports`.
    CommonJs,
}

/// The engine's prefix of the code of a CommonJS file, on its first line.
pub(crate) const COMMONJS_HEAD: &str = "(function(exports,require,module,__filename,__dirname){";

/// A transpiled file.
#[derive(Debug)]
pub(crate) struct Unit {
    /// The code; `None` if the source runs unchanged.
    pub(crate) code: Option<String>,
    /// The module format of the file.
    pub(crate) format: Format,
    /// The imports that are left without those of types, in order.
    pub(crate) requests: Vec<Request>,
    /// The spans of `import(…)` whose specifiers are computed.
    pub(crate) computed_imports: Vec<Range<usize>>,
    /// The probable exports of a CommonJS file.
    pub(crate) exports: BTreeSet<String>,
    /// The modules that a CommonJS file re-exports.
    pub(crate) reexports: BTreeSet<String>,
    /// True if an ES module has its own default export.
    pub(crate) has_default: bool,
    /// The width of the prologue in the first line of `code`, in columns.
    prologue: usize,
}

/// The reason why a file could not be transpiled.
#[derive(Debug)]
pub struct Refusal {
    /// The kind of the problem.
    pub kind: EvalErrorKind,
    /// The problem, in one sentence.
    pub message: String,
    /// Its span, in bytes.
    pub span: Range<usize>,
    /// The label of the span; may be empty.
    pub label: String,
    /// The hint, if there is one.
    pub hint: Option<String>,
}

/// Maps positions in the generated code back to the source.
pub(crate) struct Map {
    map: Option<SourceMap<'static>>,
    prologue: usize,
}

impl Map {
    /// Returns line and column (UTF-16 units) in the source, all counted from 0.
    pub(crate) fn original(&self, line: usize, column: usize) -> Option<(usize, usize)> {
        let Some(map) = &self.map else { return Some((line, column)) };
        let column = if line == 0 { column.saturating_sub(self.prologue) } else { column };
        let table = map.generate_lookup_table();
        let token = map.lookup_token_approx(
            &table,
            u32::try_from(line).ok()?,
            u32::try_from(column).ok()?,
        )?;
        Some((token.get_src_line() as usize, token.get_src_col() as usize))
    }
}

/// Transpiles a file. `hint` is the format that its extension and package indicate.
///
/// Call it on a thread with a deep stack: the parser is recursive.
pub(crate) fn transpile(
    path: &Path,
    source: &str,
    hint: Option<Format>,
) -> Result<Unit, Box<Refusal>> {
    run(path, source, hint, false).map(|(unit, _)| unit)
}

/// Transpiles a file again for its source map. (A map costs as much as the rest, and only errors
/// need one.)
pub(crate) fn source_map(path: &Path, source: &str, hint: Option<Format>) -> Option<Map> {
    run(path, source, hint, true).ok().map(|(_, map)| map)
}

/// Parses a file and passes its syntax tree to `visit`; returns `None` if it does not parse.
pub fn with_program<R>(
    path: &Path,
    source: &str,
    visit: impl FnOnce(&Program<'_>) -> R,
) -> Option<R> {
    nesting::check(source).ok()?;
    let allocator = Allocator::default();
    let parsed = parse(&allocator, path, source, None);
    (!parsed.diagnostics.has_errors()).then(|| visit(&parsed.program))
}

/// Returns the argument of the `throw` around a position. (The engine reports a position inside of
/// it.)
pub(crate) fn thrown_at(path: &Path, source: &str, offset: usize) -> Option<Range<usize>> {
    with_program(path, source, |program| throws::around(program, offset))?
}

/// Returns the call of a function around a position, or its relevant argument. (The engine reports
/// a position among the arguments.)
pub(crate) fn called_at(
    path: &Path,
    source: &str,
    offset: usize,
    called: &Called<'_>,
) -> Option<Range<usize>> {
    with_program(path, source, |program| calls::around(program, offset, called))?
}

/// Returns the first `await` at the top level of a module.
pub(crate) fn top_level_await(path: &Path, source: &str) -> Option<Range<usize>> {
    with_program(path, source, awaits::first)?
}

/// Returns the names that an ES module exports itself, as far as its text shows them.
pub(crate) fn exported_names(path: &Path, source: &str) -> BTreeSet<String> {
    exports(path, source).into_keys().collect()
}

/// Returns the span of an export's name in an ES module.
pub(crate) fn export_span(path: &Path, source: &str, name: &str) -> Option<Range<usize>> {
    exports(path, source).remove(name)
}

fn exports(path: &Path, source: &str) -> BTreeMap<String, Range<usize>> {
    if nesting::check(source).is_err() {
        return BTreeMap::new();
    }
    let allocator = Allocator::default();
    let parsed = parse(&allocator, path, source, None);
    let bindings = &parsed.module_record.exported_bindings;
    bindings.iter().map(|(name, span)| (name.to_string(), requests::range(*span))).collect()
}

/// Returns the syntax tree of a file without its types, as ESTree JSON: a standard format, stable
/// across versions of the parser and its printer. Redundant parentheses are omitted.
pub fn syntax_tree(path: &Path, source: &str) -> Result<String, Box<Refusal>> {
    nesting::check(source)?;
    let allocator = Allocator::default();
    let options = ParseOptions { preserve_parens: false, ..ParseOptions::default() };
    let parsed = parse_with(options, &allocator, path, source, None);
    refuse_errors(&parsed.diagnostics)?;
    let mut program = parsed.program;
    let semantic = SemanticBuilder::new_compiler().with_enum_eval(true).build(&program);
    refuse_errors(&semantic.diagnostics)?;
    let transformed = Transformer::new(&allocator, path, &TransformOptions::default())
        .build_with_scoping(semantic.semantic.into_scoping(), &mut program);
    refuse_errors(&transformed.diagnostics)?;
    Ok(program.to_estree_json(false, false))
}

fn run(
    path: &Path,
    source: &str,
    hint: Option<Format>,
    with_map: bool,
) -> Result<(Unit, Map), Box<Refusal>> {
    nesting::check(source)?;
    let allocator = Allocator::default();
    let parsed = parse(&allocator, path, source, hint);
    refuse_errors(&parsed.diagnostics)?;
    let mut program = parsed.program;
    let record = parsed.module_record;
    let typescript = program.source_type.is_typescript();
    let (dynamic, computed) = requests::dynamic(source, &record);
    let has_default = record.exported_bindings.keys().any(|name| name.as_str() == "default");

    let semantic = SemanticBuilder::new_compiler()
        .with_excess_capacity(if typescript { 2.0 } else { 0.0 })
        .with_enum_eval(true)
        .build(&program);
    if !is_package_file(path) {
        refuse_errors(&semantic.diagnostics)?;
    }
    let scoping = semantic.semantic.into_scoping();
    let format = format_of(&program, &scoping, record.has_module_syntax, hint);
    let names = match format {
        Format::CommonJs => commonjs::exports_of(&program),
        Format::Module => commonjs::Exports::default(),
    };
    let prologue = match format {
        Format::Module if !is_package_file(path) => prologue(&scoping, &program),
        Format::Module | Format::CommonJs => String::new(),
    };

    // Packages contain JavaScript that the engine runs unchanged.
    let as_it_is = !typescript && is_package_file(path);
    if !as_it_is {
        let options = transform_options(format);
        let transformed =
            Transformer::new(&allocator, path, &options).build_with_scoping(scoping, &mut program);
        refuse_errors(&transformed.diagnostics)?;
    }
    let mut requests = requests::of(&program);
    requests.extend(dynamic);

    let (code, map) = if as_it_is {
        (None, None)
    } else {
        let printed = Codegen::new()
            .with_options(CodegenOptions {
                source_map_path: with_map.then(|| path.to_path_buf()),
                comments: CommentOptions::disabled(),
                ..CodegenOptions::default()
            })
            .build(&program);
        let map = printed.map.map(oxc_sourcemap::SourceMap::into_owned);
        (Some(prologue.clone() + &printed.code), map)
    };
    let unit = Unit {
        code,
        format,
        requests,
        computed_imports: computed,
        exports: names.names,
        reexports: names.reexports,
        has_default,
        prologue: prologue.len(),
    };
    let map = Map { map, prologue: unit.prologue };
    Ok((unit, map))
}

fn parse<'a>(
    allocator: &'a Allocator,
    path: &Path,
    source: &'a str,
    hint: Option<Format>,
) -> ParserReturn<'a> {
    parse_with(ParseOptions::default(), allocator, path, source, hint)
}

fn parse_with<'a>(
    options: ParseOptions,
    allocator: &'a Allocator,
    path: &Path,
    source: &'a str,
    hint: Option<Format>,
) -> ParserReturn<'a> {
    let parse = |source_type| Parser::new(allocator, source, source_type).with_options(options);
    let source_type = SourceType::from_path(path).unwrap_or_else(|_| SourceType::unambiguous());
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    if source_type.is_typescript() || extension == "mjs" || hint == Some(Format::Module) {
        // The extension of TypeScript does not imply a format: `.cts` with `import` is common.
        return parse(source_type.with_module(true)).parse();
    }
    // JavaScript may be either if its package has no `type`. CommonJS is the wider grammar
    // (top-level `return`, sloppy mode) except for `import` and `export`.
    let as_script = parse(source_type.with_commonjs(true)).parse();
    if !as_script.diagnostics.has_errors() && !as_script.module_record.has_module_syntax {
        return as_script;
    }
    let as_module = parse(source_type.with_module(true)).parse();
    if as_module.module_record.has_module_syntax || !as_module.diagnostics.has_errors() {
        as_module
    } else {
        as_script
    }
}

fn format_of(
    program: &Program<'_>,
    scoping: &Scoping,
    has_module_syntax: bool,
    hint: Option<Format>,
) -> Format {
    let requires = program.body.iter().any(|statement| match statement {
        Statement::TSExportAssignment(_) => true,
        Statement::TSImportEqualsDeclaration(import) => {
            matches!(import.module_reference, TSModuleReference::ExternalModuleReference(_))
        }
        _ => false,
    });
    if requires {
        return Format::CommonJs;
    }
    if has_module_syntax {
        return Format::Module;
    }
    let mentions = |name: &str| is_free(scoping, name);
    match hint {
        Some(format) => format,
        None if program.source_type.is_typescript() => {
            if mentions("module") || mentions("exports") {
                Format::CommonJs
            } else {
                Format::Module
            }
        }
        None => Format::CommonJs,
    }
}

fn is_free(scoping: &Scoping, name: &str) -> bool {
    scoping.root_unresolved_references().keys().any(|key| key.as_str() == name)
}

/// Declares the names of CommonJS that an ES module uses without declaring them, as the usual
/// TypeScript runners do.
fn prologue(scoping: &Scoping, program: &Program<'_>) -> String {
    if program.body.is_empty() {
        return String::new();
    }
    let mut text = String::new();
    if is_free(scoping, "__filename") {
        text += "const __filename=import.meta.filename;";
    }
    if is_free(scoping, "__dirname") {
        text += "const __dirname=import.meta.dirname;";
    }
    if is_free(scoping, "require") {
        text += "import{createRequire as __createRequire}from\"node:module\";";
        text += "const require=__createRequire(import.meta.url);";
    }
    text
}

fn transform_options(format: Format) -> TransformOptions {
    let mut options = TransformOptions::default();
    options.decorator.legacy = true;
    options.helper_loader.mode = HelperLoaderMode::External;
    options.env.es2026.explicit_resource_management = true;
    options.jsx.jsx_plugin = true;
    if format == Format::CommonJs {
        options.env.module = Module::CommonJS;
    }
    options
}

fn refuse_errors(diagnostics: &Diagnostics) -> Result<(), Box<Refusal>> {
    let Some(error) = diagnostics.errors().next() else { return Ok(()) };
    let label = error.labels.iter().find(|label| label.primary()).or(error.labels.first());
    let (span, text) = label.map_or((0..0, ""), |label| {
        let start = label.offset() as usize;
        (start..start + label.len() as usize, label.label().unwrap_or_default())
    });
    Err(Box::new(Refusal {
        kind: EvalErrorKind::Syntax,
        message: error.message.trim_end_matches('.').to_owned(),
        span,
        label: text.to_owned(),
        hint: error.help.as_ref().map(ToString::to_string),
    }))
}

#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod tests;
