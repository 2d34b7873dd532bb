//! `mizzle list`

use super::{ConnectionSettings, environment_of};
use crate::{
    cli::{Global, ListArgs},
    env::Env,
    errors::{CommandError, ErrorKind},
    project::ConfigFile,
};
use mizzle_core::config::Config;
use mizzle_engine::Environment;
use wax::Glob;

/// What `list` runs with.
#[derive(Debug)]
pub(crate) struct ListSettings {
    /// Where the tables are.
    pub(crate) connection: ConnectionSettings,
    /// Which tables are shown; all when absent.
    pub(crate) pattern: Option<Pattern>,
    /// Whether to ask for the settings that take requests of their own.
    pub(crate) long: bool,
    /// The environment.
    pub(crate) environment: Environment,
}

/// A glob for names of tables.
#[derive(Debug)]
pub(crate) struct Pattern {
    /// As it was typed.
    pub(crate) text: String,
    /// What it matches.
    pub(crate) glob: Glob<'static>,
}

impl Pattern {
    /// Reads several patterns; `command` is how one is typed.
    ///
    /// # Errors
    ///
    /// When one is not a glob.
    pub(super) fn read_all(patterns: &[String], command: &str) -> Result<Vec<Self>, CommandError> {
        patterns.iter().map(|pattern| Self::read(pattern, command)).collect()
    }

    /// Reads a pattern; `command` is how one is typed.
    ///
    /// # Errors
    ///
    /// When it is not a glob.
    pub(super) fn read(pattern: &str, command: &str) -> Result<Self, CommandError> {
        let glob = Glob::new(pattern).map(Glob::into_owned);
        let text = pattern.to_owned();
        glob.map(|glob| Self { text, glob }).map_err(|error| {
            CommandError::new(
                ErrorKind::Usage,
                "invalid-pattern",
                format!("{pattern:?} is not a pattern: {error}"),
            )
            .hint(format!("use * for any characters and ? for one: {command} \"Shop*\""))
        })
    }
}

impl ListSettings {
    /// Flags over environment over config.
    ///
    /// # Errors
    ///
    /// When the pattern is not a glob.
    pub(crate) fn resolve(
        args: &ListArgs,
        global: &Global,
        file: &ConfigFile,
        config: &Config,
        env: &Env,
    ) -> Result<Self, CommandError> {
        let ListArgs { pattern, long } = args;
        let pattern = pattern.as_deref().map(|pattern| Pattern::read(pattern, "mizzle list"));
        Ok(Self {
            connection: ConnectionSettings::resolve(global, file, config, env)?,
            pattern: pattern.transpose()?,
            long: *long,
            environment: environment_of(config),
        })
    }
}
