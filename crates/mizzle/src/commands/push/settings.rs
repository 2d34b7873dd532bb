//! The arguments and settings of `mizzle push`.

use crate::{
    errors::CommandError,
    session::Session,
    settings::{
        ConnectionSettings, DEFAULT_CONCURRENCY, SchemaSettings, TargetPolicy, environment_of,
    },
};
use clap::Args;
use mizzle_engine::{Environment, converge::Policy};
use std::path::PathBuf;

/// `mizzle push`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mizzle push --dry-run   show the plan
  mizzle push             show the plan, ask, and apply it
  mizzle push --yes       apply it without asking
  mizzle push --prune     also delete tables that the schema no longer has")]
pub(crate) struct PushArgs {
    /// Show the plan and change nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Delete the tables that the project's migrations once held and the schema no longer has
    #[arg(long)]
    pub(crate) prune: bool,
    /// Replace tables whose key or local indexes changed, and prune tables, even if they hold items
    #[arg(long)]
    pub(crate) accept_data_loss: bool,
    /// Take a backup of each table that is deleted or replaced first, and wait until it can be restored
    #[arg(long)]
    pub(crate) backup: bool,
}

/// The settings of a `push` run.
#[derive(Debug)]
pub(super) struct PushSettings {
    /// The schema.
    pub(super) schema: SchemaSettings,
    /// The connection.
    pub(super) connection: ConnectionSettings,
    /// The servers that may be changed.
    pub(super) admission: TargetPolicy,
    /// The migrations folder, which lists the tables of the past.
    pub(super) out: PathBuf,
    /// The environment.
    pub(super) environment: Environment,
    /// The project's folder.
    pub(super) root: PathBuf,
    /// The policy of the run.
    pub(super) policy: Policy,
    /// True to delete the project's former tables.
    pub(super) prune: bool,
    /// The number of tables that are processed at the same time.
    pub(super) concurrency: usize,
}

impl PushSettings {
    /// Resolves the settings: flags over environment over config.
    ///
    /// # Errors
    ///
    /// When the schema is not named or not found, or the migrations folder is a file.
    pub(super) fn resolve(args: &PushArgs, session: &Session<'_>) -> Result<Self, CommandError> {
        let (global, file) = (session.global, session.file()?);
        let config = session.config()?;
        let PushArgs { dry_run, prune, accept_data_loss, backup } = *args;
        Ok(Self {
            schema: session.schema()?,
            connection: session.connection()?,
            admission: TargetPolicy::resolve(config),
            out: session.out()?,
            environment: environment_of(config),
            root: file.root.clone(),
            policy: Policy { dry_run, yes: global.yes, accept_data_loss, backup },
            prune,
            concurrency: config.concurrency.unwrap_or(DEFAULT_CONCURRENCY),
        })
    }
}
