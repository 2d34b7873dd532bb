//! The modules and texts that the program around the engine adds to it.

use std::fmt;

/// Modules, parts of the prelude and texts of the program that embeds the engine.
///
/// The engine has files and Node's own modules. An extension may serve further modules by their
/// specifiers, and has the parts of the prelude that read what evaluated code exports.
pub trait Extension: Send + Sync {
    /// The text of a part of the prelude: an expression that gives a function of `internal`.
    fn part(&self, name: &str) -> Option<&'static str>;

    /// The text of an ES module of the extension, which is `mizzle:<name>` to other such modules.
    fn module(&self, name: &str) -> Option<&'static str>;

    /// Returns the source of a specifier's module.
    fn serve(&self, specifier: &str) -> Served;

    /// The part of the prelude that makes the modules of [`Served::StandIn`]. It has `namesOf(module)`,
    /// the names of the exports, and `whole(module)`, an object that has every member.
    fn stand_ins(&self) -> &'static str;

    /// The code of the module that replaces an installed one. It imports the installed module by `real`,
    /// a string literal; the statement `default` passes on that one's default export, if it has one.
    fn wrapper(&self, real: &str, default: &str) -> String;

    /// The small module that replaces a served one where no more is imported.
    fn shortcut(&self) -> Shortcut;

    /// The advice for an import of a name that an own module does not export.
    fn missing_export_hint(&self, specifier: &str, name: &str) -> String;

    /// True for a part or module whose errors tell which argument of the user's call is wrong.
    fn checks_arguments(&self, name: &str) -> bool;

    /// True if a source holds credentials, or could: nothing of what it throws is shown then.
    fn speaks_of_credentials(&self, source: &str) -> bool;
}

impl fmt::Debug for dyn Extension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Extension")
    }
}

/// The source of the module that a specifier means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Served {
    /// A file, or a module of Node's.
    Elsewhere,
    /// A stand-in for a package that is never loaded.
    StandIn,
    /// The own module of that name.
    Own(&'static str),
    /// The installed package in a [wrapper](Extension::wrapper); the own module of that name where
    /// none is installed.
    Wrapped {
        /// The module that replaces the package.
        fallback: &'static str,
    },
}

/// Names that a wrapper and an own module take from a small module. An import of these alone loads
/// that one only.
#[derive(Debug, Clone, Copy)]
pub struct Shortcut {
    /// The names.
    pub names: &'static [&'static str],
    /// The own module that exports them.
    pub module: &'static str,
}

/// The purpose of an engine, as far as its messages and its code differ by it.
#[derive(Debug)]
pub struct Activity {
    /// The words behind mizzle's name: "evaluates schema files".
    pub phrase: &'static str,
    /// The subject of the limits: "the evaluation".
    pub noun: &'static str,
    /// The files in which unknown globals are not to be used, and those that they import.
    pub files: &'static str,
    /// The things that the code can and cannot do, for code that asks for more.
    pub reach: &'static str,
    /// The calls of the function that runs, as [`Engine::call`](crate::Engine::call) does it; `None`
    /// where none does.
    pub calls: Option<Calls>,
}

/// The calls that a function makes to its host.
#[derive(Debug)]
pub struct Calls {
    /// The calls, in the plural: "the calls of db".
    pub noun: &'static str,
    /// Returns the names of the methods that an API of its own has under the same name.
    pub methods: fn() -> Vec<&'static str>,
    /// The advice for a function that does not end when its calls are only noted.
    pub endless_when_noted: &'static str,
}
