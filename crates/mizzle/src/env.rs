//! What a run is given by its process: arguments, environment, directory, terminal.

use std::{collections::BTreeMap, ffi::OsString, io::IsTerminal, path::PathBuf};

/// The surroundings of one run. Nothing below reads them from the process itself.
#[derive(Debug, Clone)]
pub struct Env {
    /// The command line, the program's name first.
    pub arguments: Vec<OsString>,
    /// The environment variables whose names and values are text.
    pub variables: BTreeMap<String, String>,
    /// The working directory.
    pub directory: PathBuf,
    /// Whether questions can be asked and progress can be drawn: standard input and standard error
    /// are a terminal that understands cursor movements.
    pub interactive: bool,
    /// Whether standard output is a terminal.
    pub stdout_is_terminal: bool,
}

impl Env {
    /// The surroundings of this process.
    pub fn from_process() -> Self {
        let variables: BTreeMap<String, String> = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        let dumb = variables.get("TERM").is_some_and(|term| term == "dumb");
        let in_pipeline = variables.get("CI").is_some_and(|ci| !ci.is_empty() && ci != "false");
        Self {
            arguments: std::env::args_os().collect(),
            directory: std::env::current_dir().unwrap_or_default(),
            interactive: std::io::stdin().is_terminal()
                && std::io::stderr().is_terminal()
                && !dumb
                && !in_pipeline,
            stdout_is_terminal: std::io::stdout().is_terminal(),
            variables,
        }
    }

    /// A variable that is set to something.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }
}
