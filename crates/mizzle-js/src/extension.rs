//! The modules and texts that the embedding program adds to the engine.

use std::fmt;

/// Modules, parts of the prelude and texts of the program that embeds the engine.
///
/// The engine provides files and Node's built-in modules. An extension may serve further modules by
/// specifier, and provides the parts of the prelude that read the exports of evaluated code.
pub trait Extension: Send + Sync {
    /// Returns the source of a part of the prelude: an expression for a function of `internal`.
    fn part(&self, name: &str) -> Option<&'static str>;

    /// Returns the source of an ES module of the extension; other such modules import it as
    /// `mizzle:<name>`.
    fn module(&self, name: &str) -> Option<&'static str>;

    /// Returns the source of a specifier's module.
    fn serve(&self, specifier: &str) -> Served;

    /// Returns the part of the prelude that creates the modules of [`Served::StandIn`]. The part
    /// provides `namesOf(module)`, the names of the exports, and `whole(module)`, an object that
    /// has every member.
    fn stand_ins(&self) -> &'static str;

    /// Returns the code of the module that wraps an installed one. It imports the installed module
    /// as `real`, a string literal; the statement `default` re-exports its default export, if it
    /// has one.
    fn wrapper(&self, real: &str, default: &str) -> String;

    /// Returns the small module that replaces a served one if only its names are imported.
    fn shortcut(&self) -> Shortcut;

    /// Returns the hint for an import of a name that an own module does not export.
    fn missing_export_hint(&self, specifier: &str, name: &str) -> String;

    /// True for a part or module whose errors name the wrong argument of the user's call.
    fn checks_arguments(&self, name: &str) -> bool;

    /// True if a source contains or may contain credentials: its exceptions are not shown then.
    fn speaks_of_credentials(&self, source: &str) -> bool;
}

impl fmt::Debug for dyn Extension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Extension")
    }
}

/// The source of a specifier's module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Served {
    /// A file, or a built-in module of Node.
    Elsewhere,
    /// A stand-in for a package that is never loaded.
    StandIn,
    /// The own module of that name.
    Own(&'static str),
    /// The installed package in a [wrapper](Extension::wrapper), or the own module `fallback` if
    /// none is installed.
    Wrapped {
        /// The module that replaces the package.
        fallback: &'static str,
    },
}

/// Names that a wrapper and an own module re-export from a small module. An import of only these
/// names loads only the small module.
#[derive(Debug, Clone, Copy)]
pub struct Shortcut {
    /// The names.
    pub names: &'static [&'static str],
    /// The own module that exports them.
    pub module: &'static str,
}

/// The purpose of an engine, as far as its messages and behavior depend on it.
#[derive(Debug)]
pub struct Activity {
    /// The predicate after mizzle's name: "evaluates schema files".
    pub phrase: &'static str,
    /// The subject of the limits: "the evaluation".
    pub noun: &'static str,
    /// The files in which unknown globals are not to be used, and the files that they import.
    pub files: &'static str,
    /// The capabilities of the code and their limits, for the errors of code that exceeds them.
    pub reach: &'static str,
    /// The calls of the function that runs, as in [`Engine::call`](crate::Engine::call); `None` if
    /// no function runs.
    pub calls: Option<Calls>,
}

impl Activity {
    /// Returns the names of the methods; `None` where no function runs that makes calls.
    pub(crate) fn methods(&self) -> Option<Vec<&'static str>> {
        self.calls.as_ref().map(|calls| (calls.methods)())
    }
}

/// The calls that a function makes to its host.
#[derive(Debug)]
pub struct Calls {
    /// The calls, in the plural: "the calls of db".
    pub noun: &'static str,
    /// Returns the methods that have the same name in the service's own API.
    pub methods: fn() -> Vec<&'static str>,
    /// The hint for a function that does not end while its calls are only recorded.
    pub endless_when_noted: &'static str,
}
