//! The arguments and settings of `mizzle list`.

use crate::{
    errors::CommandError,
    selection::Pattern,
    session::Session,
    settings::{ConnectionSettings, environment_of},
};
use clap::Args;
use mizzle_engine::Environment;

/// `mizzle list`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mizzle list                               list every table with its keys and indexes
  mizzle list 'Shop*' --long                show all settings of matching tables
  mizzle list --endpoint local              list the embedded DynamoDB, even without a config
  mizzle list | awk -F '\\t' '$3 == \"GSI\"'   the GSIs: in a pipe, tabs separate the columns
  mizzle list --json                        print whole definitions, for scripts")]
pub(crate) struct ListArgs {
    /// Only tables whose names match, such as `Shop*`; with --env, also by their names in the schema
    pub(crate) pattern: Option<String>,
    /// Also show time to live, stream, recovery, protection, class, encryption, throughput, policy, tags
    /// and age, with up to five requests per table
    #[arg(long)]
    pub(crate) long: bool,
}

/// The settings of a `list` run.
#[derive(Debug)]
pub(super) struct ListSettings {
    /// The connection.
    pub(super) connection: ConnectionSettings,
    /// The pattern of the shown tables; `None` for all.
    pub(super) pattern: Option<Pattern>,
    /// True to read the settings that take separate requests.
    pub(super) long: bool,
    /// The environment.
    pub(super) environment: Environment,
}

impl ListSettings {
    /// Resolves the settings: flags over environment over config.
    ///
    /// # Errors
    ///
    /// When the pattern is not a glob.
    pub(super) fn resolve(args: &ListArgs, session: &Session<'_>) -> Result<Self, CommandError> {
        let config = session.config()?;
        let ListArgs { pattern, long } = args;
        let pattern = pattern.as_deref().map(|pattern| Pattern::read(pattern, "mizzle list"));
        Ok(Self {
            connection: session.connection()?,
            pattern: pattern.transpose()?,
            long: *long,
            environment: environment_of(config),
        })
    }
}
