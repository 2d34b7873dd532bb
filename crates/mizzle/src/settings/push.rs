//! `mizzle push`

use super::{ConnectionSettings, SchemaSettings};
use crate::{
    cli::{Global, PushArgs},
    env::Env,
    error::CommandError,
    project::ConfigFile,
};
use mizzle_core::config::Config;

/// What `push` runs with.
#[derive(Debug)]
pub(crate) struct PushSettings {
    /// The schema.
    pub(crate) schema: SchemaSettings,
    /// Where the tables are.
    pub(crate) connection: ConnectionSettings,
    /// Only show the plan.
    pub(crate) dry_run: bool,
    /// Ask nothing.
    pub(crate) yes: bool,
}

impl PushSettings {
    /// Flags over environment over config.
    ///
    /// # Errors
    ///
    /// When the schema is not named or not there.
    pub(crate) fn resolve(
        args: &PushArgs,
        global: &Global,
        file: &ConfigFile,
        config: &Config,
        env: &Env,
    ) -> Result<Self, CommandError> {
        let PushArgs { dry_run } = args;
        Ok(Self {
            schema: SchemaSettings::resolve(file, config, env)?,
            connection: ConnectionSettings::resolve(global, file, config, env),
            dry_run: *dry_run,
            yes: global.yes,
        })
    }
}
