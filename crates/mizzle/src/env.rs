//! The inputs of a run from its process: arguments, environment, directory, terminal.

use mizzle_core::redaction;
use std::{collections::BTreeMap, ffi::OsString, io::IsTerminal, path::PathBuf};

/// The environment variables that contain AWS credentials.
const SECRETS: [&str; 3] =
    ["AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_CONTAINER_AUTHORIZATION_TOKEN"];

/// The environment of one run. No other module reads it from the process itself.
#[derive(Debug, Clone)]
pub struct Env {
    /// The arguments, beginning with the program's name.
    pub arguments: Vec<OsString>,
    /// The environment variables whose names and values are text.
    pub variables: BTreeMap<String, String>,
    /// The working directory.
    pub directory: PathBuf,
    /// True if questions can be asked and progress can be drawn: standard input and standard error
    /// are a terminal that supports cursor movements.
    pub interactive: bool,
    /// True if standard output is a terminal.
    pub stdout_is_terminal: bool,
}

impl Env {
    /// Returns the environment of this process.
    pub fn from_process() -> Self {
        let variables: BTreeMap<String, String> = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        for name in SECRETS {
            variables.get(name).into_iter().for_each(|secret| redaction::remember(secret));
        }
        variables
            .get("AWS_ACCESS_KEY_ID")
            .into_iter()
            .for_each(|id| redaction::remember_key_id(id));
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

    /// Returns a variable if its value is not empty.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }
}
