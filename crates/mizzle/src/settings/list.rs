//! `mizzle list`

use super::ConnectionSettings;
use crate::{
    cli::{Global, ListArgs},
    env::Env,
    error::{CommandError, ErrorKind},
    project::ConfigFile,
};
use mizzle_core::config::Config;
use wax::Glob;

/// What `list` runs with.
#[derive(Debug)]
pub(crate) struct ListSettings {
    /// Where the tables are.
    pub(crate) connection: ConnectionSettings,
    /// Which tables are shown; all when absent.
    pub(crate) pattern: Option<Glob<'static>>,
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
        let ListArgs { pattern } = args;
        let glob = pattern.as_deref().map(|pattern| {
            Glob::new(pattern).map(Glob::into_owned).map_err(|error| {
                CommandError::new(
                    ErrorKind::Usage,
                    "invalid-pattern",
                    format!("{pattern:?} is not a pattern: {error}"),
                )
                .hint("use * for any characters and ? for one: mizzle list \"Shop*\"")
            })
        });
        Ok(Self {
            connection: ConnectionSettings::resolve(global, file, config, env),
            pattern: glob.transpose()?,
        })
    }
}
