//! `mizzle check`

use super::{SchemaSettings, environment_of, limits, migrations_folder};
use crate::{env::Env, errors::CommandError, project::ConfigFile};
use mizzle_core::config::Config;
use mizzle_engine::Environment;
use mizzle_eval::Limits;
use std::path::PathBuf;

/// What `check` runs with.
#[derive(Debug)]
pub(crate) struct CheckSettings {
    /// The schema.
    pub(crate) schema: SchemaSettings,
    /// The migrations folder, absolute.
    pub(crate) out: PathBuf,
    /// The environment, where one was asked for: whether the scripts could be run there.
    pub(crate) environment: Environment,
    /// What the scripts may use.
    pub(crate) limits: Limits,
}

impl CheckSettings {
    /// Environment over config.
    ///
    /// # Errors
    ///
    /// When the schema is not named or not there, or the migrations folder is a file.
    pub(crate) fn resolve(
        file: &ConfigFile,
        config: &Config,
        env: &Env,
    ) -> Result<Self, CommandError> {
        Ok(Self {
            schema: SchemaSettings::resolve(file, config, env)?,
            out: migrations_folder(file, config, env)?,
            environment: environment_of(config),
            limits: limits(config, env)?,
        })
    }
}
