//! Errors of an evaluation.

use crate::excerpt::Excerpt;
use crate::location::SourceLocation;
use miette::{Diagnostic, LabeledSpan, SourceCode};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// The kind of an [`EvalError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EvalErrorKind {
    /// A file is not valid TypeScript or JavaScript.
    Syntax,
    /// A JSON file is not valid JSON.
    InvalidJson,
    /// Brackets or operators are nested so deeply that parsing them could exhaust the stack.
    NestingDepth,
    /// A file cannot be read: not found, a directory, too large, not UTF-8.
    Unreadable,
    /// An imported module is not found.
    MissingModule,
    /// A module does not export an imported name.
    MissingExport,
    /// The code threw an exception.
    Thrown,
    /// A promise was rejected without a handler.
    UnhandledRejection,
    /// A function of the [extension](crate::Extension) was used wrongly, or an exported value is
    /// malformed: an error whose `code` is `ERR_MIZZLE_SCHEMA`.
    InvalidSchema,
    /// The code called `process.exit`.
    ProcessExit,
    /// The code used an API that evaluation does not offer: writing, sockets, processes.
    NotAvailable,
    /// An awaited promise can never settle: no job or timer is left to run.
    NeverSettles,
    /// A script does not export a function to call.
    InvalidScript,
    /// A call of a script failed, and the script did not catch its error.
    CallFailed,
    /// A script ended without awaiting a call.
    ForgottenAwait,
    /// The caller abandoned a script before its end.
    Abandoned,
    /// The time limit was reached.
    TimeLimit,
    /// The memory limit was reached.
    MemoryLimit,
    /// Unbounded recursion in the code.
    StackOverflow,
    /// The operating system refuses a resource that the engine needs: a thread, memory.
    Resources,
    /// The engine itself failed; not a fault of the evaluated code.
    Engine,
}

impl EvalErrorKind {
    /// The stable name of the kind, as `--json` shows it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Syntax => "syntax",
            Self::InvalidJson => "invalid-json",
            Self::NestingDepth => "nesting-depth",
            Self::Unreadable => "unreadable",
            Self::MissingModule => "missing-module",
            Self::MissingExport => "missing-export",
            Self::Thrown => "thrown",
            Self::UnhandledRejection => "unhandled-rejection",
            Self::InvalidSchema => "invalid-schema",
            Self::ProcessExit => "process-exit",
            Self::NotAvailable => "not-available",
            Self::NeverSettles => "never-settles",
            Self::InvalidScript => "invalid-script",
            Self::CallFailed => "call-failed",
            Self::ForgottenAwait => "forgotten-await",
            Self::Abandoned => "abandoned",
            Self::TimeLimit => "time-limit",
            Self::MemoryLimit => "memory-limit",
            Self::StackOverflow => "stack-overflow",
            Self::Resources => "resources",
            Self::Engine => "engine",
        }
    }
}

impl fmt::Display for EvalErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One call on the stack of an exception, mapped back to the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// The function's name; `None` at the top level of a module and in anonymous functions.
    pub function: Option<String>,
    /// Absolute path of the file.
    pub file: PathBuf,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
}

impl Frame {
    /// True if the file belongs to an installed package rather than to the user's own code.
    pub fn is_package(&self) -> bool {
        is_package_file(&self.file)
    }
}

/// True if the path has a `node_modules` component.
pub fn is_package_file(path: &Path) -> bool {
    path.components().any(|component| component.as_os_str() == "node_modules")
}

/// A problem in evaluated files: a message, a location and hints.
///
/// As a [`miette::Diagnostic`] it has the source, a label at the location, and the hints as help.
#[derive(Debug, Clone)]
pub struct EvalError(Box<Details>);

#[derive(Debug, Clone)]
struct Details {
    kind: EvalErrorKind,
    message: String,
    location: Option<SourceLocation>,
    label: String,
    /// The source, named by its path relative to the working directory.
    source: Option<Excerpt>,
    hints: Vec<String>,
    frames: Vec<Frame>,
}

impl EvalError {
    /// An error without a location. Long messages are truncated.
    pub fn new(kind: EvalErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Details {
            kind,
            message: cut(message.into(), MAX_TEXT),
            location: None,
            label: String::new(),
            source: None,
            hints: Vec::new(),
            frames: Vec::new(),
        }))
    }

    /// The error for an engine whose thread has ended unexpectedly.
    pub fn lost() -> Self {
        Self::new(EvalErrorKind::Engine, "the JavaScript engine has stopped unexpectedly")
            .hint("this is a mistake in mizzle; please report it with the files that show it")
    }

    /// Sets the location; paths are shown relative to `root`.
    pub fn at(mut self, location: SourceLocation, label: impl Into<String>, root: &Path) -> Self {
        let name = display_path(&location.file, root);
        self.0.source = Some(Excerpt::new(&location, name));
        self.0.location = Some(location);
        self.0.label = label.into();
        self
    }

    /// The error for a thread that the operating system refuses to start.
    pub fn no_thread(error: &io::Error) -> Self {
        Self::new(EvalErrorKind::Resources, format!("the system refuses another thread: {error}"))
            .hint(
                "raise the limit of the system: of memory (ulimit -v) or of processes (ulimit -u)",
            )
    }

    /// Adds a hint.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hints.push(cut(hint.into(), MAX_TEXT));
        self
    }

    /// Sets the stack of calls that led to the error.
    pub fn with_frames(mut self, frames: Vec<Frame>) -> Self {
        self.0.frames = frames;
        self
    }

    /// Returns the kind of the problem.
    pub fn kind(&self) -> EvalErrorKind {
        self.0.kind
    }

    /// Returns the message: one sentence.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Returns the location in the TypeScript source; `None` if it is unknown.
    pub fn location(&self) -> Option<&SourceLocation> {
        self.0.location.as_ref()
    }

    /// Returns the hints: the next steps for the user.
    pub fn hints(&self) -> &[String] {
        &self.0.hints
    }

    /// Returns the calls that led to an exception, innermost first, in files only (none of the
    /// engine's own). [`location`](Self::location) is the innermost one in the user's own code.
    pub fn frames(&self) -> &[Frame] {
        &self.0.frames
    }
}

/// The longest message or hint, in bytes. Thrown values are truncated before; this limit is for
/// all other texts that may quote from files.
const MAX_TEXT: usize = 8 << 10;

/// Truncates a text to `longest` bytes and appends the size of the rest.
pub(crate) fn cut(mut text: String, longest: usize) -> String {
    if text.len() <= longest {
        return text;
    }
    let more = match text.len() - longest {
        more if more < 10_000 => format!("{more} bytes"),
        more if more < 1_000_000 => format!("{} kB", more / 1_000),
        more => format!("{} MB", more / 1_000_000),
    };
    text.truncate(text.floor_char_boundary(longest));
    text + &format!("… ({more} more)")
}

/// A path as messages show it: relative to `root` if it is inside.
pub(crate) fn display_path(path: &Path, root: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).display().to_string()
}

impl fmt::Display for EvalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for EvalError {}

impl Diagnostic for EvalError {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        (!self.0.hints.is_empty())
            .then(|| Box::new(self.0.hints.join("\n")) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.0.source.as_ref().map(|source| source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let span = self.0.source.as_ref()?.span();
        let label = (!self.0.label.is_empty()).then(|| self.0.label.clone());
        Some(Box::new(std::iter::once(LabeledSpan::new(label, span.start, span.len()))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_between_characters() {
        assert_eq!(cut("ab".to_owned(), 2), "ab");
        assert_eq!(cut("aäb".to_owned(), 2), "a… (2 bytes more)");
        assert_eq!(cut("x".repeat(50_000_010), 10), format!("{}… (50 MB more)", "x".repeat(10)));
        let error =
            EvalError::new(EvalErrorKind::Thrown, "x".repeat(1 << 20)).hint("y".repeat(20_000));
        assert!(error.message().len() < 9_000 && error.hints()[0].len() < 9_000);
    }
}
