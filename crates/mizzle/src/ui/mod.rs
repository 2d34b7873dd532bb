//! The only module that prints and asks questions.
//!
//! Results go to standard output, everything else to standard error. A terminal gets Clack's style;
//! otherwise the output is plain lines; with `--json` there is no output until the JSON document is
//! printed at the end.

mod canvas;
mod code_frame;
mod progress;
mod prompt;
mod safe;

pub(crate) use progress::{PushProgress, Wait, duration};
pub(crate) use prompt::Choice;
#[cfg(test)]
pub(crate) use prompt::{Answer, Scripted};

use crate::{
    env::Env,
    errors::{CommandError, Diagnostic, io_hint, io_reason},
    global,
};
use console::style;
use mizzle_core::{redaction, text};
use prompt::{Clack, NonInteractive, Prompter};
use std::{
    borrow::Cow,
    cell::Cell,
    fmt::{self, Display},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::{
        OnceLock,
        atomic::{AtomicBool, Ordering},
    },
};

/// The style of output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OutputMode {
    /// Clack's style: bars, symbols, spinners, questions.
    Clack,
    /// Plain lines for pipelines and logs.
    Plain,
    /// Nothing but warnings; the JSON document contains the rest.
    Silent,
}

/// The reason why a result could not be written.
#[derive(Debug)]
pub(crate) struct Unwritten(io::Error);

impl From<io::Error> for Unwritten {
    fn from(error: io::Error) -> Self {
        Self(error)
    }
}

impl Unwritten {
    /// Returns the hint.
    pub(crate) fn hint(&self) -> &'static str {
        io_hint(self.0.kind())
    }
}

impl Display for Unwritten {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&io_reason(&self.0))
    }
}

/// The user interface of a run.
#[derive(Debug)]
pub(crate) struct Ui {
    manner: OutputMode,
    quiet: bool,
    verbose: Cell<bool>,
    colors: bool,
    stdout_is_terminal: bool,
    directory: PathBuf,
    /// The first error of writing a result, if any.
    unwritten: OnceLock<Unwritten>,
    /// The live display, if there is one.
    live: progress::Live,
    /// The prompter that answers questions.
    prompter: Box<dyn Prompter>,
}

impl Ui {
    /// Chooses the style, and sets the colours of the whole process.
    pub(crate) fn new(global: &global::Global, env: &Env) -> Self {
        let colors = match global.color {
            global::Color::Always => true,
            global::Color::Never => false,
            global::Color::Auto => env.interactive && env.variable("NO_COLOR").is_none(),
        };
        console::set_colors_enabled(colors && env.stdout_is_terminal);
        console::set_colors_enabled_stderr(colors);
        let manner = match (global.json, env.interactive) {
            (true, _) => OutputMode::Silent,
            (false, true) => OutputMode::Clack,
            (false, false) => OutputMode::Plain,
        };
        let prompter: Box<dyn Prompter> = match manner {
            OutputMode::Clack => Box::new(Clack),
            OutputMode::Plain | OutputMode::Silent => Box::new(NonInteractive),
        };
        Self {
            manner,
            quiet: global.quiet,
            verbose: Cell::new(global.verbose),
            colors,
            stdout_is_terminal: env.stdout_is_terminal,
            directory: env.directory.clone(),
            unwritten: OnceLock::new(),
            live: progress::Live::default(),
            prompter,
        }
    }

    /// Creates a silent interface with prepared answers.
    #[cfg(test)]
    pub(crate) fn scripted(prompter: &Scripted, directory: &Path) -> Self {
        Self {
            manner: OutputMode::Silent,
            quiet: false,
            verbose: Cell::new(false),
            colors: false,
            stdout_is_terminal: false,
            directory: directory.to_owned(),
            unwritten: OnceLock::new(),
            live: progress::Live::default(),
            prompter: Box::new(prompter.clone()),
        }
    }

    /// Returns the working directory, which shown paths are relative to.
    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    /// Returns the error of writing a result to standard output, if any.
    pub(crate) fn unwritten(&self) -> Option<&Unwritten> {
        self.unwritten.get()
    }

    /// Returns the handler to call before an interrupt ends the process: it restores the terminal,
    /// or prints `document`.
    pub(crate) fn on_interrupt(&self, document: serde_json::Value) -> impl Fn() + Send + use<> {
        let (manner, live) = (self.manner, self.live.clone());
        move || match manner {
            OutputMode::Clack => {
                live.abandon();
                // Ignore write errors: such a terminal shows no cursor.
                let _ = console::Term::stderr().show_cursor();
            }
            OutputMode::Plain => {}
            OutputMode::Silent => {
                let _ = print_document(&document);
            }
        }
    }

    /// True with `--verbose`, or if the config requests it.
    pub(crate) fn is_verbose(&self) -> bool {
        self.verbose.get()
    }

    /// Enables or disables verbose output, after the config is read.
    pub(crate) fn set_verbose(&self, verbose: bool) {
        self.verbose.set(verbose);
    }

    /// Returns the width of the terminal; `None` without one.
    pub(crate) fn width(&self) -> Option<u16> {
        self.stdout_is_terminal.then(|| console::Term::stdout().size().1)
    }

    /// Prints the intro.
    pub(crate) fn intro(&self, title: &str) {
        if self.manner == OutputMode::Clack && !self.quiet {
            // Ignore write errors: there is nowhere left to report them.
            let _ = cliclack::intro(style(format!(" {title} ")).on_cyan().black().for_stderr());
        }
    }

    /// Prints the final message.
    pub(crate) fn outro(&self, message: impl Display) {
        match self.manner {
            OutputMode::Clack => {
                let _ = cliclack::outro(farewell_text(&message));
            }
            OutputMode::Plain if !self.quiet => self.line(message),
            OutputMode::Plain | OutputMode::Silent => {}
        }
    }

    /// Prints the final message of a command that did not complete its task.
    pub(crate) fn outro_cancel(&self, message: impl Display) {
        match self.manner {
            OutputMode::Clack => {
                let _ = cliclack::outro_cancel(farewell_text(&message));
            }
            OutputMode::Plain if !self.quiet => self.line(message),
            OutputMode::Plain | OutputMode::Silent => {}
        }
    }

    /// Ends the output after an error, unless a cancelled question has already ended it.
    pub(crate) fn leave(&self, error: &CommandError) {
        if self.manner == OutputMode::Clack && !error.is_cancelled() {
            let _ = cliclack::outro_cancel("Nothing was changed");
        }
    }

    /// Prints information.
    pub(crate) fn info(&self, message: impl Display) {
        if !self.quiet {
            self.say(message, cliclack::log::info);
        }
    }

    /// Prints a message with several lines.
    pub(crate) fn step(&self, message: impl Display) {
        if !self.quiet {
            self.important(message);
        }
    }

    /// Prints a message even with `--quiet`.
    pub(crate) fn important(&self, message: impl Display) {
        self.say(message, cliclack::log::step);
    }

    fn say(&self, message: impl Display, clack: impl FnOnce(String) -> io::Result<()>) {
        match self.manner {
            OutputMode::Clack => {
                // Ignore write errors: there is nowhere left to report them.
                let _ = self.live.aside(|| clack(wrapped(&message.to_string())));
            }
            OutputMode::Plain => self.line(message),
            OutputMode::Silent => {}
        }
    }

    /// Prints information if `--verbose` is set.
    pub(crate) fn verbose(&self, message: impl Display) {
        if self.verbose.get() {
            self.info(message);
        }
    }

    /// Prints a warning.
    pub(crate) fn warning(&self, message: impl Display) {
        match self.manner {
            OutputMode::Clack => {
                let text = wrapped(&message.to_string());
                let _ = self.live.aside(|| cliclack::log::warning(text));
            }
            // The JSON document does not contain warnings, which is no reason to omit them.
            OutputMode::Plain | OutputMode::Silent => self.line(format!("warning: {message}")),
        }
    }

    /// Prints a warning about a place in the sources.
    pub(crate) fn warning_at(&self, diagnostic: &Diagnostic) {
        self.warning(self.with_frames(&diagnostic.message, diagnostic));
    }

    /// Prints the error of a command.
    pub(crate) fn error(&self, error: &CommandError) {
        match self.manner {
            // The prompt itself shows a declined or cancelled question.
            OutputMode::Clack if error.is_cancelled() || error.is_declined() => {}
            OutputMode::Clack => {
                for block in self.blocks(error) {
                    let _ = cliclack::log::error(wrapped(&block));
                }
            }
            OutputMode::Plain => self.error_lines(error),
            OutputMode::Silent => {}
        }
    }

    fn error_lines(&self, error: &CommandError) {
        for block in self.blocks(error) {
            self.line(format!("error: {block}"));
        }
    }

    /// Prints the error of a command whose JSON document could not be written, even with `--json`.
    pub(crate) fn error_without_document(&self, error: &CommandError) {
        match self.manner {
            OutputMode::Clack | OutputMode::Plain => self.error(error),
            OutputMode::Silent => self.error_lines(error),
        }
    }

    /// Returns an error as blocks of text: one for each diagnostic, or a single one.
    fn blocks(&self, error: &CommandError) -> Vec<String> {
        let details =
            error.details.iter().filter(|_| self.verbose.get()).map(|line| format!("\n  {line}"));
        let details: String = details.collect();
        match error.diagnostics.as_slice() {
            [] => {
                let hints = error.hints.iter().map(|hint| help_line(hint));
                vec![format!("{}{}{details}", error.message, hints.collect::<String>())]
            }
            diagnostics => {
                let headline = (diagnostics.len() > 1).then(|| error.message.clone());
                let mut blocks: Vec<String> = headline.into_iter().collect();
                blocks.extend(
                    diagnostics
                        .iter()
                        .map(|diagnostic| self.with_frames(&diagnostic.message, diagnostic)),
                );
                if let Some(last) = blocks.last_mut() {
                    last.push_str(&details);
                }
                blocks
            }
        }
    }

    fn with_frames(&self, message: &str, diagnostic: &Diagnostic) -> String {
        let mut text = message.to_owned();
        for location in &diagnostic.locations {
            text.push('\n');
            text.push_str(&code_frame::render(location, &self.directory, self.colors));
        }
        text.extend(diagnostic.help.iter().map(|hint| help_line(hint)));
        text
    }

    /// Prints a result: lines for scripts. On a terminal they are formatted like other messages.
    pub(crate) fn result(&self, text: impl Display) {
        match self.manner {
            OutputMode::Clack if self.stdout_is_terminal => {
                let _ = cliclack::log::success(wrapped(&text.to_string()));
            }
            OutputMode::Clack | OutputMode::Plain => self.write(&text),
            OutputMode::Silent => {}
        }
    }

    /// Prints a result about a place in the sources.
    pub(crate) fn result_at(&self, diagnostic: &Diagnostic) {
        let text = self.with_frames(&diagnostic.message, diagnostic);
        if self.stdout_is_terminal {
            self.result(text);
        } else {
            self.result(console::strip_ansi_codes(&text));
        }
    }

    /// Prints a result that needs the full width.
    pub(crate) fn wide_result(&self, text: impl Display) {
        if self.manner != OutputMode::Silent {
            self.write(&text);
        }
    }

    /// Prints the JSON document with `--json`.
    pub(crate) fn document(&self, json: &serde_json::Value) {
        if self.manner == OutputMode::Silent {
            self.note(print_document(json));
        }
    }

    /// Writes lines to standard output.
    fn write(&self, text: &dyn Display) {
        let text = format!("{text}\n");
        self.note(write_stdout(&safe::safe(&text, console::colors_enabled())));
    }

    fn note(&self, written: io::Result<()>) {
        if let Err(error) = written {
            self.unwritten.get_or_init(|| Unwritten(error));
        }
    }

    /// Writes a line to standard error.
    fn line(&self, text: impl Display) {
        let _ = writeln!(io::stderr(), "{}", safe_for_stderr(&text.to_string()));
    }

    /// Returns a path as the user would write it.
    pub(crate) fn shown(&self, path: &Path) -> String {
        crate::paths::shown(path, &self.directory)
    }
}

fn help_line(hint: &str) -> String {
    let hint = hint.replace('\n', "\n    ");
    format!("\n  {} {hint}", style("help:").cyan().for_stderr())
}

/// Prints a line of evaluated code. It is not a result, so it goes to standard error.
pub(crate) fn console_line(line: &str) {
    let _ = writeln!(io::stderr(), "{}", safe_for_stderr(line));
}

/// Escapes characters that control a terminal, except our own colours.
pub(crate) fn safe_for_stderr(text: &str) -> Cow<'_, str> {
    safe::safe(text, console::colors_enabled_stderr())
}

/// Escapes characters that control a terminal.
pub(crate) fn without_control(text: &str) -> Cow<'_, str> {
    safe::safe(text, false)
}

/// Prints clap's output: help, the version, or a usage error.
///
/// # Errors
///
/// When it cannot be written, except to a closed pipe.
pub(crate) fn print_clap(error: &clap::Error) -> io::Result<()> {
    match error.print().and_then(|()| io::stdout().flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}

/// True once the process has begun to print its only JSON document: an interrupt may occur at any
/// time, even while standard output is blocked, and must neither print another document nor wait.
static DOCUMENT_BEGUN: AtomicBool = AtomicBool::new(false);

/// Prints the JSON document of `--json`; a second call prints nothing.
///
/// # Errors
///
/// When the document cannot be written.
pub(crate) fn print_document(json: &serde_json::Value) -> io::Result<()> {
    if DOCUMENT_BEGUN.swap(true, Ordering::SeqCst) {
        return Ok(());
    }
    write_stdout(&text::escaped_json(redaction::redact(&format!("{json:#}\n")).into_owned()))
}

/// Writes to standard output. A closed pipe (`mizzle list | head`) is not an error.
fn write_stdout(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}

/// Formats the final message: its further lines have no bar.
fn farewell_text(message: &impl Display) -> String {
    wrapped(&message.to_string()).replace('\n', "\n   ")
}

/// Markers at the start of a line, behind which continuation lines are indented.
const MARKERS: [&str; 8] = ["▲", "+", "-", "~", "±", "◇", "■", "○"];

/// Wraps lines at the terminal's width, so that the bar on the left continues beside them. Lines of
/// a code frame are not wrapped.
fn wrapped(text: &str) -> String {
    let text = safe_for_stderr(text);
    const GUTTER: usize = 3;
    let width = usize::from(console::Term::stderr().size().1).saturating_sub(GUTTER).max(20);
    let wrap = |line: &str| {
        if line.contains(['│', '╭', '╰', '·']) {
            return line.to_owned();
        }
        let bare = console::strip_ansi_codes(line);
        let mut indent = bare.len() - bare.trim_start().len();
        let (marker, _) = bare.trim_start().split_once(' ').unwrap_or_default();
        if MARKERS.contains(&marker) {
            indent += 2;
        }
        let indent = " ".repeat(indent);
        let options = textwrap::Options::new(width)
            .subsequent_indent(&indent)
            .word_splitter(textwrap::WordSplitter::NoHyphenation);
        textwrap::fill(line, options)
    };
    text.lines().map(wrap).collect::<Vec<_>>().join("\n")
}
