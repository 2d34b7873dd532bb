//! `mizzle drop`

use super::{Admission, ConnectionSettings, Ledgers, environment_of, push::DEFAULT_CONCURRENCY};
use crate::{
    cli::{DropArgs, Global},
    env::Env,
    errors::{CommandError, ErrorKind},
    project::ConfigFile,
};
use mizzle_core::{config::Config, model::rules};
use mizzle_engine::Environment;

/// What a pattern has and the name of a table has not.
const PATTERN: [char; 6] = ['*', '?', '[', ']', '{', '}'];

/// What `drop` runs with.
#[derive(Debug)]
pub(crate) struct DropSettings {
    /// Where the tables are.
    pub(crate) connection: ConnectionSettings,
    /// Which servers may be changed.
    pub(crate) admission: Admission,
    /// The environment.
    pub(crate) environment: Environment,
    /// What is never offered.
    pub(crate) ledgers: Ledgers,
    /// The tables, each once; none when they are to be chosen.
    pub(crate) tables: Vec<String>,
    /// Back the tables up first.
    pub(crate) backup: bool,
    /// Delete protected tables, too.
    pub(crate) unprotect: bool,
    /// Delete tables that hold items.
    pub(crate) accept_data_loss: bool,
    /// Ask for no confirmation.
    pub(crate) yes: bool,
    /// Tables that are worked on at the same time.
    pub(crate) concurrency: usize,
}

impl DropSettings {
    /// Flags over environment over config. `can_ask` says whether somebody is there to choose.
    ///
    /// # Errors
    ///
    /// When no table is named and nobody can choose, or a name cannot be one.
    pub(crate) fn resolve(
        args: &DropArgs,
        global: &Global,
        file: &ConfigFile,
        config: &Config,
        env: &Env,
        can_ask: bool,
    ) -> Result<Self, CommandError> {
        let DropArgs { tables, backup, unprotect, accept_data_loss } = args;
        if tables.is_empty() && !can_ask {
            let message = "Which tables are to be dropped? None is named, and nobody can choose";
            return Err(CommandError::new(ErrorKind::Usage, "no-tables", message)
                .hint("name them: mizzle drop <TABLE>…")
                .hint("see what there is: mizzle list"));
        }
        let mut names: Vec<String> = Vec::new();
        for name in tables {
            check_name(name)?;
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        Ok(Self {
            connection: ConnectionSettings::resolve(global, file, config, env)?,
            admission: Admission::resolve(config),
            environment: environment_of(config),
            ledgers: Ledgers::resolve(config),
            tables: names,
            backup: *backup,
            unprotect: *unprotect,
            accept_data_loss: *accept_data_loss,
            yes: global.yes,
            concurrency: config.concurrency.unwrap_or(DEFAULT_CONCURRENCY),
        })
    }
}

/// A pattern may match more than whoever writes it expects.
fn check_name(name: &str) -> Result<(), CommandError> {
    if rules::is_valid_name(name) {
        return Ok(());
    }
    if name.contains(PATTERN) {
        let message = format!("{name:?} is a pattern: the tables to drop have to be named");
        return Err(CommandError::new(ErrorKind::Usage, "pattern", message)
            .hint(format!("see what it matches: mizzle list {name:?}")));
    }
    let message = format!("{name:?} cannot be the name of a table");
    Err(CommandError::new(ErrorKind::Usage, "invalid-name", message)
        .hint("see what there is: mizzle list"))
}
