//! Errors as users see them: the failure, its location, and the fix.

use crate::exit::Exit;
use mizzle_core::model::{Problem, Rule, declaration::Subject};
use mizzle_engine::environment::EnvironmentError;
use mizzle_eval::{EvalError, EvalErrorKind, Evaluator, SourceLocation};
use std::{io, path::Path};

/// The hint for an error that a later run can recover from.
pub(crate) const GO_ON: &str = "run the command again: it goes on where it stopped";

const CANCELLED: &str = "cancelled";
const DECLINED: &str = "declined";

/// The category of an error, which determines the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ErrorKind {
    /// The command line, the config or the schema is wrong.
    Usage,
    /// The state differs from the expected one, or work is pending.
    Pending,
    /// A confirmation or a flag is needed, or DynamoDB cannot do it in place.
    Refused,
    /// The run failed.
    Failed,
    /// The user interrupted.
    Interrupted,
}

impl ErrorKind {
    /// Returns the exit code: the only place that maps a kind of error to one.
    pub(crate) fn exit(self) -> Exit {
        match self {
            Self::Usage => Exit::Usage,
            Self::Pending => Exit::Pending,
            Self::Refused => Exit::Refused,
            Self::Failed => Exit::Failed,
            Self::Interrupted => Exit::Interrupted,
        }
    }
}

/// A problem at a place in the user's sources.
#[derive(Debug, Clone)]
pub(crate) struct Diagnostic {
    /// The violated DynamoDB rule, if it is one.
    pub(crate) rule: Option<Rule>,
    /// The problem.
    pub(crate) message: String,
    /// The locations, the main one first; empty if unknown.
    pub(crate) locations: Vec<SourceLocation>,
    /// The fixes.
    pub(crate) help: Vec<String>,
}

/// The error of a command that did not complete its task.
#[derive(Debug, Clone)]
pub(crate) struct CommandError {
    /// The category, for the exit code.
    pub(crate) kind: ErrorKind,
    /// A stable kebab-case name for `--json`.
    pub(crate) code: &'static str,
    /// The failure.
    pub(crate) message: String,
    /// The next steps for the user.
    pub(crate) hints: Vec<String>,
    /// The problems in the user's sources, if any.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// Details for `--verbose`: causes, request ids.
    pub(crate) details: Vec<String>,
}

impl CommandError {
    /// Creates an error without diagnostics and hints.
    pub(crate) fn new(kind: ErrorKind, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            kind,
            code,
            message: message.into(),
            hints: Vec::new(),
            diagnostics: Vec::new(),
            details: Vec::new(),
        }
    }

    /// Adds a hint.
    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Adds a hint, unless it is already present.
    pub(crate) fn hint_once(&mut self, hint: &str) {
        if !self.hints.iter().any(|known| known == hint) {
            self.hints.push(hint.to_owned());
        }
    }

    /// Adds a line to the message.
    pub(crate) fn add_line(&mut self, line: &str) {
        if !self.message.is_empty() {
            self.message.push('\n');
        }
        self.message.push_str(line);
    }

    /// Adds errors, except those caused by an interrupt, which is already reported.
    pub(crate) fn add_news(&mut self, errors: &[Self]) {
        for error in errors.iter().filter(|error| error.kind != ErrorKind::Interrupted) {
            self.add_line(&error.message);
            self.details.extend(error.details.iter().cloned());
            for hint in &error.hints {
                self.hint_once(hint);
            }
        }
    }

    /// The error for a file or folder that cannot be read or written.
    pub(crate) fn io(action: &str, path: &Path, error: &io::Error) -> Self {
        let message = format!("Could not {action} {}: {}", path.display(), io_reason(error));
        Self::new(ErrorKind::Failed, "io", message).hint(io_hint(error.kind()))
    }

    /// True if a question was cancelled, which its own last line has already reported.
    pub(crate) fn is_cancelled(&self) -> bool {
        self.code == CANCELLED
    }

    /// The error for a cancelled question.
    pub(crate) fn cancelled() -> Self {
        Self::new(ErrorKind::Interrupted, CANCELLED, "Cancelled: nothing was changed")
    }

    /// True if a question was answered with no.
    pub(crate) fn is_declined(&self) -> bool {
        self.code == DECLINED
    }

    /// The error for a question that was answered with no.
    pub(crate) fn declined() -> Self {
        Self::new(ErrorKind::Refused, DECLINED, "Aborted: nothing was changed")
    }

    /// The error for an interrupt at any point.
    pub(crate) fn interrupted() -> Self {
        Self::new(ErrorKind::Interrupted, "interrupted", "Interrupted").hint(GO_ON)
    }

    /// The error for an interrupt while DynamoDB was processing requests.
    pub(crate) fn cut_short() -> Self {
        let message = "Interrupted: what DynamoDB has accepted goes on by itself";
        Self::new(ErrorKind::Interrupted, "interrupted", message).hint(GO_ON)
    }
}

/// Returns the reason for an I/O error, without the system's error number.
pub(crate) fn io_reason(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or(&text).to_owned()
}

/// Returns the hint for a file or folder that cannot be read or written.
pub(crate) fn io_hint(kind: io::ErrorKind) -> &'static str {
    match kind {
        io::ErrorKind::PermissionDenied => {
            "this user may not: change whose it is, or its permissions, or run mizzle as another user"
        }
        io::ErrorKind::ReadOnlyFilesystem => {
            "nothing can be written there: choose a folder elsewhere, or mount it to be written to"
        }
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "make room on the disk, then run the command again"
        }
        io::ErrorKind::NotFound => "is the path right?",
        io::ErrorKind::NotADirectory | io::ErrorKind::IsADirectory => {
            "there is a file where a folder should be, or the other way round: move it away"
        }
        io::ErrorKind::InvalidInput => "a regular file belongs there: move it away",
        io::ErrorKind::InvalidData => "is it a text in UTF-8? restore it from version control",
        // The enum is non-exhaustive.
        _ => "see what the disk has, then run the command again",
    }
}

/// An error of the engine's ports that read files, run scripts and ask the user.
#[derive(Debug, Clone)]
pub(crate) enum PortError {
    /// A script failed, or cannot be loaded.
    Script(EvalError),
    /// Another error.
    Command(CommandError),
}

impl From<PortError> for CommandError {
    fn from(error: PortError) -> Self {
        match error {
            PortError::Script(error) => error.into(),
            PortError::Command(error) => error,
        }
    }
}

impl From<EnvironmentError> for CommandError {
    fn from(error: EnvironmentError) -> Self {
        let usage = |message| Self::new(ErrorKind::Usage, "invalid-config", message);
        match error {
            EnvironmentError::Settings(problems) => settings_contradict(&problems),
            EnvironmentError::TableName(name) => {
                usage(format!("{name:?} cannot be the name of a table")).hint(
                    "a table name has 3 to 255 characters: shorten `tableName` of the environment, or the table's name",
                )
            }
            EnvironmentError::LedgerInSchema(table) => {
                usage(format!("{table} is a table of the schema and the ledger of migrations")).hint(
                    "give the ledger another name in the config: migrations: { table: … }",
                )
            }
        }
    }
}

impl From<EvalError> for CommandError {
    fn from(error: EvalError) -> Self {
        let mut hints = error.hints().to_vec();
        if hints.is_empty() {
            hints.extend(eval_hint(error.kind()).map(str::to_owned));
        }
        // Continuation lines of thrown errors are indented, so that none looks like one of ours.
        let message = error.message().replace('\n', "\n  ");
        let diagnostic = Diagnostic {
            rule: None,
            message: message.clone(),
            locations: error.location().cloned().into_iter().collect(),
            help: hints.clone(),
        };
        let kind = match error.kind() {
            // The files may be valid.
            EvalErrorKind::Resources => ErrorKind::Failed,
            _ => ErrorKind::Usage,
        };
        Self {
            kind,
            code: error.kind().name(),
            message,
            hints,
            diagnostics: vec![diagnostic],
            details: Vec::new(),
        }
    }
}

/// Returns the hint for files that cannot be evaluated, if the error itself has none.
fn eval_hint(kind: EvalErrorKind) -> Option<&'static str> {
    Some(match kind {
        EvalErrorKind::Syntax => "correct the marked place: an editor shows the same error",
        EvalErrorKind::InvalidJson => {
            "JSON has its names in double quotes, and neither comments nor a comma at the end"
        }
        EvalErrorKind::NestingDepth => "split what is nested into several statements",
        EvalErrorKind::Unreadable => "is the path right, and may this user read the file?",
        EvalErrorKind::MissingModule => "correct the path, or install the package",
        EvalErrorKind::MissingExport => "correct the name, or export it there",
        EvalErrorKind::Thrown | EvalErrorKind::UnhandledRejection => {
            "the code itself fails when it is evaluated: correct the marked place"
        }
        EvalErrorKind::InvalidSchema => "correct the marked call",
        EvalErrorKind::ProcessExit => "leave the call out: a schema and a config only describe",
        EvalErrorKind::NotAvailable => "leave it out: a schema and a config only describe",
        EvalErrorKind::NeverSettles => "let the promise be settled, or do not await it",
        EvalErrorKind::InvalidScript => "export the functions `up` and `down`",
        // The caller that runs the script adds the hint.
        EvalErrorKind::CallFailed | EvalErrorKind::Abandoned => return None,
        EvalErrorKind::ForgottenAwait => "put `await` before the call",
        EvalErrorKind::TimeLimit => "raise `evaluation.timeLimit` in the config, or do less",
        EvalErrorKind::MemoryLimit => "raise `evaluation.memoryLimit` in the config, or do less",
        EvalErrorKind::StackOverflow => "let the recursion end",
        EvalErrorKind::Resources => {
            "raise the limit, or end other programs, and run the command again"
        }
        EvalErrorKind::Engine => "this is a mistake in mizzle: please report it",
    })
}

/// Returns all problems of a schema as one error, each with its place in the sources.
pub(crate) fn schema_problems(problems: &[Problem], evaluator: &Evaluator) -> CommandError {
    problems_of("The schema", "invalid-schema", problems, evaluator)
}

/// Returns all problems of the config's `tables` as one error, each with the place of its table.
pub(crate) fn settings_problems(problems: &[Problem], evaluator: &Evaluator) -> CommandError {
    problems_of("`tables` in the config", "invalid-config", problems, evaluator)
}

/// Returns the error for contradictory settings of an environment.
fn settings_contradict(problems: &[Problem]) -> CommandError {
    let messages: Vec<&str> = problems.iter().map(|problem| problem.message.as_str()).collect();
    let mut error = CommandError::new(ErrorKind::Usage, "invalid-config", messages.join("\n"));
    for problem in problems {
        error.hint_once(&problem.help);
    }
    error
}

fn problems_of(
    owner: &str,
    code: &'static str,
    problems: &[Problem],
    evaluator: &Evaluator,
) -> CommandError {
    let diagnostics: Vec<Diagnostic> =
        problems.iter().map(|problem| diagnostic(problem, evaluator)).collect();
    let message = match problems {
        [one] => one.message.clone(),
        many => format!("{owner} has {} problems", many.len()),
    };
    let mut error = CommandError::new(ErrorKind::Usage, code, message);
    for problem in problems {
        error.hint_once(&problem.help);
    }
    error.diagnostics = diagnostics;
    error
}

/// Returns a problem with its places in the sources.
pub(crate) fn diagnostic(problem: &Problem, evaluator: &Evaluator) -> Diagnostic {
    let subjects = std::iter::once(&problem.subject).chain(&problem.related);
    let mut locations: Vec<SourceLocation> = Vec::new();
    for location in subjects.filter_map(|subject: &Subject| evaluator.locate(subject)) {
        let known =
            |other: &SourceLocation| other.file == location.file && other.span == location.span;
        if !locations.iter().any(known) {
            locations.push(location);
        }
    }
    Diagnostic {
        rule: Some(problem.rule),
        message: problem.message.clone(),
        locations,
        help: vec![problem.help.clone()],
    }
}
