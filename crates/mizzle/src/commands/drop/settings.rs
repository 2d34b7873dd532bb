//! The arguments and settings of `mizzle drop`.

use crate::{
    errors::{CommandError, ErrorKind},
    session::Session,
    settings::{ConnectionSettings, DEFAULT_CONCURRENCY, Ledgers, TargetPolicy, environment_of},
};
use clap::Args;
use mizzle_core::model::rules;
use mizzle_engine::Environment;

/// `mizzle drop`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mizzle drop                                      select from a list, see the losses, confirm
  mizzle drop Orders Carts                         delete these two
  mizzle drop Orders --accept-data-loss            delete it even if it holds items
  mizzle drop Orders --accept-data-loss --backup   take a backup first
  mizzle drop Orders --yes --json                  delete it in a script if it is empty")]
pub(crate) struct DropArgs {
    /// The tables, as `mizzle list` names them [default: selected from a list on a terminal]
    #[arg(value_name = "TABLE")]
    pub(crate) tables: Vec<String>,
    /// Take a backup of each table first, and wait until it can be restored
    #[arg(long)]
    pub(crate) backup: bool,
    /// Also delete tables with deletion protection
    #[arg(long)]
    pub(crate) unprotect: bool,
    /// Delete tables even if they hold items
    #[arg(long)]
    pub(crate) accept_data_loss: bool,
}

/// Characters of a pattern that cannot occur in a table name.
const PATTERN: [char; 6] = ['*', '?', '[', ']', '{', '}'];

/// The settings of a `drop` run.
#[derive(Debug)]
pub(super) struct DropSettings {
    /// The connection.
    pub(super) connection: ConnectionSettings,
    /// The servers that may be changed.
    pub(super) admission: TargetPolicy,
    /// The environment.
    pub(super) environment: Environment,
    /// The tables that are never offered.
    pub(super) ledgers: Ledgers,
    /// The tables, each once; empty if they are to be chosen.
    pub(super) tables: Vec<String>,
    /// True to back the tables up first.
    pub(super) backup: bool,
    /// True to delete protected tables too.
    pub(super) unprotect: bool,
    /// True to delete tables that hold items.
    pub(super) accept_data_loss: bool,
    /// True to skip confirmation.
    pub(super) yes: bool,
    /// The number of tables that are processed at the same time.
    pub(super) concurrency: usize,
}

impl DropSettings {
    /// Resolves the settings: flags over environment over config.
    ///
    /// # Errors
    ///
    /// When no table is named and none can be chosen, or a name is invalid.
    pub(super) fn resolve(args: &DropArgs, session: &Session<'_>) -> Result<Self, CommandError> {
        let global = session.global;
        let config = session.config()?;
        let DropArgs { tables, backup, unprotect, accept_data_loss } = args;
        if tables.is_empty() && !session.ui.can_ask() {
            let message = "No table is named, and there is no terminal to select from";
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
            connection: session.connection()?,
            admission: TargetPolicy::resolve(config),
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

/// Rejects patterns, which may match more tables than expected, and invalid names.
fn check_name(name: &str) -> Result<(), CommandError> {
    if rules::is_valid_name(name) {
        return Ok(());
    }
    if name.contains(PATTERN) {
        let message = format!("{name:?} is a pattern: the tables to drop have to be named");
        return Err(CommandError::new(ErrorKind::Usage, "not-a-table-name", message)
            .hint(format!("see what it matches: mizzle list {name:?}")));
    }
    let message = format!("{name:?} cannot be the name of a table");
    Err(CommandError::new(ErrorKind::Usage, "invalid-name", message)
        .hint("see what there is: mizzle list"))
}
