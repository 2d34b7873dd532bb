//! `mizzle status` and `mizzle unlock`

use super::{
    Admission, ConnectionSettings, SchemaSettings, environment_of,
    migrate::{lease, owner},
    migrations_folder,
};
use crate::{
    cli::{Global, StatusArgs},
    env::Env,
    errors::CommandError,
    project::{ConfigFile, package_name},
};
use mizzle_core::{config::Config, ledger::Owner};
use mizzle_engine::Environment;
use std::{path::PathBuf, time::Duration};
use uuid::Uuid;

/// What `status` runs with.
#[derive(Debug)]
pub(crate) struct StatusSettings {
    /// Where the tables are.
    pub(crate) connection: ConnectionSettings,
    /// The migrations folder.
    pub(crate) out: PathBuf,
    /// The environment.
    pub(crate) environment: Environment,
    /// The schema, if the config names one that exists.
    pub(crate) schema: Option<SchemaSettings>,
    /// The project's folder.
    pub(crate) root: PathBuf,
    /// The project's name: the one in `package.json`.
    pub(crate) project: Option<String>,
    /// Whether something to do shows in the exit code.
    pub(crate) exit_code: bool,
}

impl StatusSettings {
    /// Flags over environment over config.
    ///
    /// # Errors
    ///
    /// When the migrations folder is a file, or flags contradict each other or the config.
    pub(crate) fn resolve(
        args: &StatusArgs,
        global: &Global,
        file: &ConfigFile,
        config: &Config,
        env: &Env,
    ) -> Result<Self, CommandError> {
        let StatusArgs { exit_code } = *args;
        Ok(Self {
            connection: ConnectionSettings::resolve(global, file, config, env)?,
            out: migrations_folder(file, config, env)?,
            environment: environment_of(config),
            // Without one there is still a status.
            schema: SchemaSettings::resolve(file, config, env).ok(),
            root: file.root.clone(),
            project: package_name(&file.root),
            exit_code,
        })
    }
}

/// What `unlock` runs with.
#[derive(Debug)]
pub(crate) struct UnlockSettings {
    /// Where the tables are.
    pub(crate) connection: ConnectionSettings,
    /// Which servers may be changed.
    pub(crate) admission: Admission,
    /// The environment.
    pub(crate) environment: Environment,
    /// Ask nothing.
    pub(crate) yes: bool,
    /// Names this run in the lock.
    pub(crate) token: String,
    /// Who runs it.
    pub(crate) owner: Owner,
    /// The lease that is assumed for an unreadable lock.
    pub(crate) lease: Duration,
}

impl UnlockSettings {
    /// Flags over environment over config.
    ///
    /// # Errors
    ///
    /// When flags contradict each other or the config.
    pub(crate) fn resolve(
        global: &Global,
        file: &ConfigFile,
        config: &Config,
        env: &Env,
    ) -> Result<Self, CommandError> {
        Ok(Self {
            connection: ConnectionSettings::resolve(global, file, config, env)?,
            admission: Admission::resolve(config),
            environment: environment_of(config),
            yes: global.yes,
            token: Uuid::new_v4().to_string(),
            owner: owner("mizzle unlock", env),
            lease: lease(config, env)?,
        })
    }
}
