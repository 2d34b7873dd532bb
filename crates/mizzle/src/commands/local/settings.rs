//! The arguments of `mizzle local`.

use crate::{
    errors::CommandError,
    server::Serving,
    session::Session,
    settings::{database_file, expect_no_connection},
};
use clap::Args;
use std::path::PathBuf;

/// `mizzle local`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mizzle local               listen on http://127.0.0.1:8000
  mizzle local --port 0      listen on a free port, and print it
  mizzle local --in-memory   keep nothing on disk")]
pub(crate) struct LocalArgs {
    /// The port on 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = 8000)]
    pub(crate) port: u16,
    /// The database file [default: .mizzle/local.db beside the config]
    #[arg(long, conflicts_with = "in_memory")]
    pub(crate) path: Option<PathBuf>,
    /// Keep the database in memory only
    #[arg(long)]
    pub(crate) in_memory: bool,
}

impl LocalArgs {
    /// Returns what to serve. The config's location decides where the database is; its content does
    /// not matter, so it is not evaluated.
    ///
    /// # Errors
    ///
    /// When an option of a connection is given.
    pub(super) fn resolve(&self, session: &Session<'_>) -> Result<Serving, CommandError> {
        let file = session.file()?;
        expect_no_connection(session.global)?;
        let Self { port, path, in_memory } = self;
        let database = match path {
            Some(path) => session.env.directory.join(path),
            None => database_file(&file.root),
        };
        Ok(Serving {
            port: (*port != 0).then_some(*port),
            database: (!in_memory).then_some(database),
        })
    }
}
