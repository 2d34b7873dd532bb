//! The arguments and settings of `mizzle status`.

use crate::{
    errors::CommandError,
    project::package_name,
    session::Session,
    settings::{ConnectionSettings, SchemaSettings, environment_of},
};
use clap::Args;
use mizzle_engine::Environment;
use std::path::PathBuf;

/// `mizzle status`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mizzle status
  mizzle status --env production --exit-code   for a pipeline")]
pub(crate) struct StatusArgs {
    /// Exit with 3 if there is something to do
    #[arg(long)]
    pub(crate) exit_code: bool,
}

/// The settings of a `status` run.
#[derive(Debug)]
pub(super) struct StatusSettings {
    /// The connection.
    pub(super) connection: ConnectionSettings,
    /// The migrations folder.
    pub(super) out: PathBuf,
    /// The environment.
    pub(super) environment: Environment,
    /// The schema, if the config names one that exists.
    pub(super) schema: Option<SchemaSettings>,
    /// The project's folder.
    pub(super) root: PathBuf,
    /// The project's name in `package.json`.
    pub(super) project: Option<String>,
    /// True if pending work changes the exit code.
    pub(super) exit_code: bool,
}

impl StatusSettings {
    /// Resolves the settings: flags over environment over config.
    ///
    /// # Errors
    ///
    /// When the migrations folder is a file, or flags contradict each other or the config.
    pub(super) fn resolve(args: &StatusArgs, session: &Session<'_>) -> Result<Self, CommandError> {
        let file = session.file()?;
        let config = session.config()?;
        let StatusArgs { exit_code } = *args;
        Ok(Self {
            connection: session.connection()?,
            out: session.out()?,
            environment: environment_of(config),
            // A status does not require a schema.
            schema: session.schema().ok(),
            root: file.root.clone(),
            project: package_name(&file.root),
            exit_code,
        })
    }
}
