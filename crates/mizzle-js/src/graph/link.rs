//! Checks of imports that do not run any code.

use super::{Graph, ModuleId, ModuleKind, SourceFile, Unresolved, is_data, read};
use crate::error::{EvalError, EvalErrorKind, is_package_file};
use crate::location::SourceLocation;
use crate::transpile::{self, Format};
use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The maximum depth of `export * from` in CommonJS.
const MAX_REEXPORTS: usize = 20;

impl Graph {
    /// Checks that all static imports of the files exist and parse. Returns the first problem in
    /// execution order.
    pub fn check(&self, entries: &[PathBuf]) -> Result<(), EvalError> {
        let mut done = HashSet::new();
        entries.iter().try_for_each(|entry| self.check_file(entry, &mut done))
    }

    fn check_file(&self, path: &Path, done: &mut HashSet<PathBuf>) -> Result<(), EvalError> {
        // Not recursive: a chain of imports may be long.
        let mut open = vec![path.to_path_buf()];
        while let Some(path) = open.pop() {
            if !done.insert(path.clone()) {
                continue;
            }
            let Some(file) = self.known(&path) else { continue };
            let unit = file.unit.as_ref().map_err(Clone::clone)?;
            if unit.format == Format::CommonJs {
                continue;
            }
            let mut next = Vec::new();
            for request in unit.requests.iter().filter(|request| !request.dynamic) {
                match file.links.get(&request.specifier) {
                    Some(Ok(target)) => match &target.id {
                        ModuleId::File(path) if is_data(path) => {
                            self.check_data(path)?;
                        }
                        ModuleId::File(path) => {
                            self.check_importable(&file, request.span.clone(), path)?;
                            next.push(path.clone());
                        }
                        ModuleId::Wrapped(path) => next.push(path.clone()),
                        ModuleId::Node(_) | ModuleId::StandIn(_) | ModuleId::Own(_) => {}
                    },
                    Some(Err(unresolved)) => {
                        let location = SourceLocation {
                            file: file.path.clone(),
                            source: file.text.clone(),
                            span: request.span.clone(),
                        };
                        return Err(self.missing_module(unresolved, Some(location)));
                    }
                    None => {}
                }
            }
            open.extend(next.into_iter().rev());
        }
        Ok(())
    }

    /// Reports a file that an import resolves to but that cannot be read, at the import.
    fn check_importable(
        &self,
        from: &SourceFile,
        span: std::ops::Range<usize>,
        path: &Path,
    ) -> Result<(), EvalError> {
        let Some(file) = self.known(path) else { return Ok(()) };
        match &file.unit {
            Err(error) if error.kind() == EvalErrorKind::Unreadable => {
                let location =
                    SourceLocation { file: from.path.clone(), source: from.text.clone(), span };
                Err(self.point(error.clone(), location, "imported here"))
            }
            Ok(_) | Err(_) => Ok(()),
        }
    }

    /// Reads and checks a JSON file. Returns its text.
    pub fn check_data(&self, path: &Path) -> Result<String, EvalError> {
        let text = read::text(path).map_err(|error| self.unreadable(path, &error))?;
        match serde_json::from_str::<serde::de::IgnoredAny>(&text) {
            Ok(_) => Ok(text),
            Err(error) => Err(self.invalid_json(path, &text, &error)),
        }
    }

    /// The error for a JSON file that does not parse.
    pub fn invalid_json(&self, path: &Path, text: &str, error: &serde_json::Error) -> EvalError {
        let line = error.line().saturating_sub(1);
        let start = crate::location::line_start(text, line) + error.column().saturating_sub(1);
        let start = (0..=start.min(text.len()))
            .rev()
            .find(|index| text.is_char_boundary(*index))
            .unwrap_or_default();
        let location = SourceLocation {
            file: path.to_path_buf(),
            source: text.into(),
            span: start..crate::location::word_end(text, start),
        };
        let message = error.to_string();
        let message = message.split(" at line ").next().unwrap_or(&message);
        let described = EvalError::new(
            EvalErrorKind::InvalidJson,
            format!("{} is not valid JSON: {message}", self.display(path)),
        );
        self.point(described, location, "here")
    }

    /// The error for an import whose module is not found.
    pub(crate) fn missing_module(
        &self,
        unresolved: &Unresolved,
        location: Option<SourceLocation>,
    ) -> EvalError {
        let error = EvalError::new(EvalErrorKind::MissingModule, unresolved.message.as_str())
            .hint(unresolved.hint.as_str());
        match location {
            Some(location) => self.point(error, location, "imported here"),
            None => error,
        }
    }

    /// Returns the location of a specifier in a file: in an import, else in any quotes, else the
    /// first import whose specifier is computed.
    pub(crate) fn request_location(&self, from: &Path, specifier: &str) -> Option<SourceLocation> {
        let file = self.known(from)?;
        let unit = file.unit.as_ref().ok()?;
        let request = unit.requests.iter().find(|request| request.specifier == specifier);
        let quoted = || {
            ['"', '\'', '`'].into_iter().find_map(|quote| {
                let text = format!("{quote}{specifier}{quote}");
                file.text.find(&text).map(|start| start..start + text.len())
            })
        };
        let span = request
            .map(|request| request.span.clone())
            .or_else(quoted)
            .or_else(|| unit.computed_imports.first().cloned())?;
        self.location(from, span)
    }

    /// The error for an import of a name that the module does not export.
    ///
    /// The engine reports only the first 63 bytes of the module's id and not the importer; both are
    /// looked up here.
    pub(crate) fn missing_export(&self, name: &str, module: &str) -> EvalError {
        let mut found = None;
        for file in self.all() {
            let Ok(unit) = &file.unit else { continue };
            for request in &unit.requests {
                let Some(imported) = request.names.iter().find(|one| one.name == name) else {
                    continue;
                };
                let Some(Ok(target)) = file.links.get(&request.specifier) else { continue };
                if target.id.to_string().starts_with(module) && !self.exports(&target.id, name) {
                    let importer: (Arc<SourceFile>, _, _) =
                        (file.clone(), imported.span.clone(), target.id.clone());
                    // Prefer the user's own import to one in a package.
                    if !is_package_file(&file.path) {
                        return self.missing_export_at(name, &request.specifier, importer);
                    }
                    found.get_or_insert((request.specifier.clone(), importer));
                }
            }
        }
        match found {
            Some((specifier, importer)) => self.missing_export_at(name, &specifier, importer),
            None => EvalError::new(
                EvalErrorKind::MissingExport,
                format!("module \"{module}\" has no export named \"{name}\""),
            ),
        }
    }

    fn missing_export_at(
        &self,
        name: &str,
        specifier: &str,
        (file, span, id): (Arc<SourceFile>, std::ops::Range<usize>, ModuleId),
    ) -> EvalError {
        let what = if name == "default" {
            format!("\"{specifier}\" has no default export")
        } else {
            format!("\"{specifier}\" has no export named \"{name}\"")
        };
        let hint = match &id {
            ModuleId::Own(_) => Some(self.extension.missing_export_hint(specifier, name)),
            ModuleId::File(path) => {
                let names = self.names_of(path);
                (!names.is_empty()).then(|| {
                    let names: Vec<_> = names.iter().take(10).map(String::as_str).collect();
                    format!("it exports: {}", names.join(", "))
                })
            }
            ModuleId::Node(_) | ModuleId::StandIn(_) | ModuleId::Wrapped(_) => None,
        };
        let location = SourceLocation { file: file.path.clone(), source: file.text.clone(), span };
        let error = self.point(
            EvalError::new(EvalErrorKind::MissingExport, what),
            location,
            "imported here",
        );
        match hint {
            Some(hint) => error.hint(hint),
            None => error,
        }
    }

    fn exports(&self, id: &ModuleId, name: &str) -> bool {
        id.file().is_some_and(|path| self.names_of(path).contains(name))
    }

    /// Returns the names that a file exports itself, as far as its text shows them.
    pub fn names_of(&self, path: &Path) -> BTreeSet<String> {
        match self.known(path) {
            Some(file) => self.on_deep_stack(|| transpile::exported_names(path, &file.text)),
            None => BTreeSet::new(),
        }
    }

    /// Returns the location of an export's name in a file.
    pub fn export(&self, path: &Path, name: &str) -> Option<SourceLocation> {
        let file = self.known(path)?;
        let span = self.on_deep_stack(|| transpile::export_span(path, &file.text, name))?;
        self.location(path, span)
    }

    /// Returns the first `await` at the top level among the files, in execution order.
    pub(crate) fn top_level_await(&self, entries: &[PathBuf]) -> Option<SourceLocation> {
        let mut seen = HashSet::new();
        let mut open: Vec<(PathBuf, bool)> =
            entries.iter().rev().map(|entry| (entry.clone(), false)).collect();
        // A module runs after its imports: it is examined on its second visit.
        while let Some((path, ready)) = open.pop() {
            if ready {
                let Some(file) = self.known(&path) else { continue };
                let found = self.on_deep_stack(|| transpile::top_level_await(&path, &file.text));
                if let Some(span) = found {
                    return self.location(&path, span);
                }
                continue;
            }
            if !seen.insert(path.clone()) || is_package_file(&path) {
                continue;
            }
            open.push((path.clone(), true));
            let Some(file) = self.known(&path) else { continue };
            let Ok(unit) = &file.unit else { continue };
            for request in unit.requests.iter().rev() {
                if let Some(Ok(target)) = file.links.get(&request.specifier)
                    && let Some(path) = target.id.file()
                {
                    open.push((path.to_path_buf(), false));
                }
            }
        }
        None
    }

    /// Returns the names that an ES module may import from a CommonJS file.
    pub(crate) fn commonjs_names(&self, path: &Path) -> BTreeSet<String> {
        let mut names = self.wanted(&ModuleId::File(path.to_path_buf()));
        self.collect_commonjs_names(path, &mut names, MAX_REEXPORTS);
        names
    }

    fn collect_commonjs_names(&self, path: &Path, names: &mut BTreeSet<String>, depth: usize) {
        let file = self.file(path, Some(Format::CommonJs));
        let Ok(unit) = &file.unit else { return };
        names.extend(unit.exports.iter().cloned());
        if depth == 0 {
            return;
        }
        for specifier in &unit.reexports {
            if let Ok(target) = self.resolve(path, specifier, ModuleKind::Require)
                && let ModuleId::File(next) = &target.id
                && !is_data(next)
            {
                self.collect_commonjs_names(next, names, depth - 1);
            }
        }
    }
}
