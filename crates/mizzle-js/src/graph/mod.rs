//! The files that an evaluation reads, and their imports.
//!
//! The whole static graph is read, transpiled and resolved in parallel before any code runs, while
//! the engine starts. Modules that only running code requests (`require`, computed `import()`) are
//! added on demand.

mod id;
mod link;
pub(crate) mod read;
mod regular;
mod resolve;

pub use id::ModuleId;
pub use read::{ReadError, text as read_text};
pub use resolve::{ModuleKind, Modules, Target, Unresolved};

use crate::error::{EvalError, EvalErrorKind, display_path, is_package_file};
use crate::extension::Extension;
use crate::location::{self, SourceLocation};
use crate::stack::STACK;
use crate::transpile::{self, Format, Refusal, Unit};
use rayon::{Scope, ThreadPool, ThreadPoolBuilder};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::num::NonZero;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};
use std::thread;

/// The maximum number of parser threads: more only take memory.
const MAX_THREADS: usize = 32;

/// A file of the graph.
pub struct SourceFile {
    /// The absolute path.
    pub path: PathBuf,
    /// The text, without a byte order mark; empty when the file cannot be read.
    pub text: Arc<str>,
    /// The code, or the error of reading or transpiling it.
    pub(crate) unit: Result<Unit, EvalError>,
    /// The resolved imports of an ES module, by specifier.
    pub(crate) links: HashMap<String, Result<Target, Unresolved>>,
    hint: Option<Format>,
}

impl SourceFile {
    /// Maps a position in the generated code (line and column from 1) to the source.
    fn original(&self, line: usize, column: usize) -> Option<usize> {
        let unit = self.unit.as_ref().ok()?;
        let (line, mut column) = (line.checked_sub(1)?, column.checked_sub(1)?);
        if unit.format == Format::CommonJs && line == 0 {
            column = column.saturating_sub(transpile::COMMONJS_HEAD.len());
        }
        if unit.code.is_none() {
            return Some(location::offset_of(&self.text, line, column));
        }
        let map = transpile::source_map(&self.path, &self.text, self.hint)?;
        let (line, column) = map.original(line, column)?;
        Some(location::offset_in_map(&self.text, line, column))
    }
}

/// A file to read, and its format if it is known.
type Request = (PathBuf, Option<Format>);

/// All files that an evaluator has read so far.
pub struct Graph {
    extension: &'static dyn Extension,
    root: PathBuf,
    real_root: PathBuf,
    modules: OnceLock<resolve::Modules>,
    pool: OnceLock<Option<ThreadPool>>,
    files: RwLock<HashMap<PathBuf, Arc<SourceFile>>>,
    seen: Mutex<HashSet<PathBuf>>,
    /// The names that importers use of modules whose exports are unknown before they run.
    wanted: Mutex<HashMap<ModuleId, BTreeSet<String>>>,
}

impl Graph {
    /// Creates an empty graph. Paths in messages are shown relative to `root`.
    pub fn new(root: PathBuf, extension: &'static dyn Extension) -> Self {
        let real_root = dunce::canonicalize(&root).unwrap_or_else(|_| root.clone());
        Self {
            extension,
            root,
            real_root,
            modules: OnceLock::new(),
            pool: OnceLock::new(),
            files: RwLock::default(),
            seen: Mutex::default(),
            wanted: Mutex::default(),
        }
    }

    /// Returns the extension whose modules the files may import.
    pub fn extension(&self) -> &'static dyn Extension {
        self.extension
    }

    /// Reads files and all their imports, unless they are already in the graph.
    pub fn crawl(&self, files: &[PathBuf]) {
        let entries = files.iter().map(|file| (file.clone(), resolve::hint_of_entry(file)));
        self.visit_all(entries.collect());
    }

    /// Returns the file of that path; reads it if necessary.
    pub(crate) fn file(&self, path: &Path, hint: Option<Format>) -> Arc<SourceFile> {
        if let Some(file) = self.known(path) {
            return file;
        }
        let hint = hint.or_else(|| resolve::hint_of_entry(path));
        self.visit_all(vec![(path.to_path_buf(), hint)]);
        self.known(path).unwrap_or_else(|| Arc::new(self.read(path.to_path_buf(), hint)))
    }

    /// Returns the file of that path if it was read.
    pub fn known(&self, path: &Path) -> Option<Arc<SourceFile>> {
        self.files.read().unwrap_or_else(PoisonError::into_inner).get(path).cloned()
    }

    /// Returns all files that were read, sorted by path.
    pub fn all(&self) -> Vec<Arc<SourceFile>> {
        let files = self.files.read().unwrap_or_else(PoisonError::into_inner);
        let mut files: Vec<_> = files.values().cloned().collect();
        files.sort_by(|a, b| a.path.cmp(&b.path));
        files
    }

    /// True if a file of the project, not of a package, contains credentials.
    pub(crate) fn speaks_of_credentials(&self) -> bool {
        let files = self.files.read().unwrap_or_else(PoisonError::into_inner);
        let mut own = files.values().filter(|file| !is_package_file(&file.path));
        own.any(|file| self.extension.speaks_of_credentials(&file.text))
    }

    /// Resolves `specifier` as written in the file `from`.
    pub fn resolve(
        &self,
        from: &Path,
        specifier: &str,
        manner: ModuleKind,
    ) -> Result<Target, Unresolved> {
        let modules = self.modules.get_or_init(|| resolve::Modules::new(self.extension));
        modules.resolve(from, specifier, manner)
    }

    /// Returns the names that importers are known to use of a module.
    pub(crate) fn wanted(&self, id: &ModuleId) -> BTreeSet<String> {
        lock(&self.wanted).get(id).cloned().unwrap_or_default()
    }

    /// Runs deeply recursive work, such as parsing.
    pub fn on_deep_stack<R: Send>(&self, work: impl FnOnce() -> R + Send) -> R {
        match self.pool() {
            Some(pool) => pool.install(work),
            // No threads are available: use the current stack.
            None => work(),
        }
    }

    /// Returns the parser threads, one per processor; one if the system refuses that many, `None`
    /// if it refuses all. (The default pool of rayon reads its own environment variables, and exits
    /// the process if it cannot be created.)
    fn pool(&self) -> Option<&ThreadPool> {
        let build = |threads| {
            ThreadPoolBuilder::new()
                .num_threads(threads)
                .stack_size(STACK)
                .thread_name(|index| format!("mizzle-parse-{index}"))
                .build()
                .ok()
        };
        let threads = || thread::available_parallelism().map_or(1, NonZero::get).min(MAX_THREADS);
        self.pool.get_or_init(|| build(threads()).or_else(|| build(1))).as_ref()
    }

    /// Formats a path for messages.
    pub fn display(&self, path: &Path) -> String {
        if path.starts_with(&self.root) {
            display_path(path, &self.root)
        } else {
            display_path(path, &self.real_root)
        }
    }

    /// Creates a location in a file that was read.
    pub fn location(&self, path: &Path, span: Range<usize>) -> Option<SourceLocation> {
        let source = self.known(path)?.text.clone();
        Some(SourceLocation { file: path.to_path_buf(), source, span })
    }

    /// Maps a position in generated code (line and column from 1) to the source.
    pub(crate) fn original(
        &self,
        path: &Path,
        line: usize,
        column: usize,
    ) -> Option<SourceLocation> {
        let file = self.known(path)?;
        let start = self.on_deep_stack(|| file.original(line, column))?;
        let end = location::word_end(&file.text, start);
        self.location(path, start..end)
    }

    /// Extends a location to the whole thrown expression, up to the end of its first line.
    pub(crate) fn thrown_at(&self, location: SourceLocation) -> SourceLocation {
        let found = self.on_deep_stack(|| {
            transpile::thrown_at(&location.file, &location.source, location.span.start)
        });
        location.moved(found)
    }

    /// Moves a location to the call that the engine was executing there, or to the relevant part of
    /// its arguments.
    pub(crate) fn called_at(
        &self,
        location: SourceLocation,
        called: &transpile::Called<'_>,
    ) -> SourceLocation {
        let found = self.on_deep_stack(|| {
            transpile::called_at(&location.file, &location.source, location.span.start, called)
        });
        location.moved(found)
    }

    /// Sets the location of an error, with the path as messages show it.
    pub fn point(
        &self,
        error: EvalError,
        location: SourceLocation,
        label: impl Into<String>,
    ) -> EvalError {
        let root = if location.file.starts_with(&self.root) { &self.root } else { &self.real_root };
        error.at(location, label, root)
    }

    /// Visits files and all their imports, in parallel if there are threads.
    fn visit_all(&self, mut files: Vec<Request>) {
        let Some(pool) = self.pool() else {
            while let Some((path, hint)) = files.pop() {
                files.extend(self.visit(path, hint));
            }
            return;
        };
        pool.scope(|scope| self.spawn(scope, files));
    }

    fn spawn<'scope>(&'scope self, scope: &Scope<'scope>, files: Vec<Request>) {
        for (path, hint) in files {
            scope.spawn(move |scope| self.spawn(scope, self.visit(path, hint)));
        }
    }

    /// Reads a file unless it was already read. Returns the files that it imports.
    fn visit(&self, path: PathBuf, hint: Option<Format>) -> Vec<Request> {
        if !lock(&self.seen).insert(path.clone()) {
            return Vec::new();
        }
        let mut file = self.read(path, hint);
        let mut imported = Vec::new();
        if let Ok(unit) = &file.unit
            && unit.format == Format::Module
        {
            file.links = self.links(&file.path, unit);
            for target in file.links.values().flatten() {
                let path = match &target.id {
                    ModuleId::File(path) | ModuleId::Wrapped(path) => path.clone(),
                    ModuleId::Node(_) | ModuleId::StandIn(_) | ModuleId::Own(_) => continue,
                };
                if !is_data(&path) {
                    imported.push((path, target.hint));
                }
            }
        }
        let mut files = self.files.write().unwrap_or_else(PoisonError::into_inner);
        files.insert(file.path.clone(), Arc::new(file));
        imported
    }

    fn links(&self, from: &Path, unit: &Unit) -> HashMap<String, Result<Target, Unresolved>> {
        let mut links = HashMap::new();
        let shortcut = self.extension.shortcut();
        for request in &unit.requests {
            let link = links.entry(request.specifier.clone()).or_insert_with(|| {
                let is_short =
                    unit.requests.iter().filter(|other| other.specifier == request.specifier).all(
                        |other| {
                            let is_in = |name: &str| shortcut.names.contains(&name);
                            !other.whole && other.names.iter().all(|name| is_in(&name.name))
                        },
                    );
                match self.resolve(from, &request.specifier, ModuleKind::Import) {
                    Ok(Target { id: ModuleId::Wrapped(_) | ModuleId::Own(_), hint })
                        if is_short =>
                    {
                        Ok(Target { id: ModuleId::Own(shortcut.module.to_owned()), hint })
                    }
                    found => found,
                }
            });
            if let Ok(target) = link {
                self.want(target, request);
            }
        }
        links
    }

    fn want(&self, target: &Target, request: &transpile::Request) {
        if request.names.is_empty() {
            return;
        }
        let names = || request.names.iter().map(|name| name.name.clone());
        let mut wanted = lock(&self.wanted);
        wanted.entry(target.id.clone()).or_default().extend(names());
        // The wrapper of a CommonJS module imports the names from it.
        if let ModuleId::Wrapped(path) = &target.id {
            let shortcut = self.extension.shortcut();
            let inner = wanted.entry(ModuleId::File(path.clone())).or_default();
            inner.extend(names().filter(|name| !shortcut.names.contains(&name.as_str())));
        }
    }

    fn read(&self, path: PathBuf, hint: Option<Format>) -> SourceFile {
        let (text, unit) = match read::text(&path) {
            Ok(text) => {
                let text: Arc<str> = text.into();
                let unit = transpile::transpile(&path, &text, hint)
                    .map_err(|refusal| self.refused(&path, &text, *refusal));
                (text, unit)
            }
            Err(error) => (Arc::from(""), Err(self.unreadable(&path, &error))),
        };
        SourceFile { path, text, unit, links: HashMap::new(), hint }
    }

    /// The error for a file that cannot be read.
    pub(crate) fn unreadable(&self, path: &Path, error: &read::ReadError) -> EvalError {
        let message = format!("cannot read {}: {}", self.display(path), error.reason());
        let described = EvalError::new(EvalErrorKind::Unreadable, message);
        let read::ReadError::NotUtf8 { text, offset } = error else { return described };
        let location = SourceLocation {
            file: path.to_path_buf(),
            source: text.as_str().into(),
            span: *offset..offset + char::REPLACEMENT_CHARACTER.len_utf8(),
        };
        self.point(described, location, "not UTF-8 from here on").hint("save the file as UTF-8")
    }

    /// The error for a file that does not parse.
    pub fn refused(&self, path: &Path, text: &Arc<str>, refusal: Refusal) -> EvalError {
        let location = SourceLocation {
            file: path.to_path_buf(),
            source: text.clone(),
            span: refusal.span.start.min(text.len())..refusal.span.end.min(text.len()),
        };
        let error = EvalError::new(refusal.kind, refusal.message);
        let error = self.point(error, location, refusal.label);
        match refusal.hint {
            Some(hint) => error.hint(hint),
            None => error,
        }
    }
}

/// True if a file contains data rather than code.
pub fn is_data(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "json")
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic in another thread leaves these collections consistent.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
