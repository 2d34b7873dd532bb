//! `mizzle push`

use super::{Admission, ConnectionSettings, SchemaSettings, environment_of, migrations_folder};
use crate::{
    cli::{Global, PushArgs},
    env::Env,
    errors::CommandError,
    project::ConfigFile,
};
use mizzle_core::config::Config;
use mizzle_engine::Environment;
use std::path::PathBuf;

/// Tables that are worked on at the same time, when nobody says.
pub(super) const DEFAULT_CONCURRENCY: usize = 16;

/// What `push` runs with.
#[derive(Debug)]
pub(crate) struct PushSettings {
    /// The schema.
    pub(crate) schema: SchemaSettings,
    /// Where the tables are.
    pub(crate) connection: ConnectionSettings,
    /// Which servers may be changed.
    pub(crate) admission: Admission,
    /// The migrations folder, which knows the tables that once were.
    pub(crate) out: PathBuf,
    /// The environment.
    pub(crate) environment: Environment,
    /// The project's folder.
    pub(crate) root: PathBuf,
    /// How it is to behave.
    pub(crate) mode: PushMode,
}

/// How a push is to behave.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
pub(crate) struct PushMode {
    /// Only show the plan.
    pub(crate) dry_run: bool,
    /// Ask nothing.
    pub(crate) yes: bool,
    /// Delete the tables that once were the project's.
    pub(crate) prune: bool,
    /// Replace and delete tables although their items are lost.
    pub(crate) accept_data_loss: bool,
    /// Back up the tables that are replaced or deleted.
    pub(crate) backup: bool,
    /// Tables that are worked on at the same time.
    pub(crate) concurrency: usize,
}

impl PushSettings {
    /// Flags over environment over config.
    ///
    /// # Errors
    ///
    /// When the schema is not named or not there, or the migrations folder is a file.
    pub(crate) fn resolve(
        args: &PushArgs,
        global: &Global,
        file: &ConfigFile,
        config: &Config,
        env: &Env,
    ) -> Result<Self, CommandError> {
        let PushArgs { dry_run, prune, accept_data_loss, backup } = *args;
        Ok(Self {
            schema: SchemaSettings::resolve(file, config, env)?,
            connection: ConnectionSettings::resolve(global, file, config, env)?,
            admission: Admission::resolve(config),
            out: migrations_folder(file, config, env)?,
            environment: environment_of(config),
            root: file.root.clone(),
            mode: PushMode {
                dry_run,
                yes: global.yes,
                prune,
                accept_data_loss,
                backup,
                concurrency: config.concurrency.unwrap_or(DEFAULT_CONCURRENCY),
            },
        })
    }
}
