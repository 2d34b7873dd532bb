//! `mizzle local`

use super::connection::{database_file, expect_no_connection};
use crate::{
    cli::{Global, LocalArgs},
    env::Env,
    errors::CommandError,
    project::ConfigFile,
};
use std::path::PathBuf;

/// What `local` runs with.
#[derive(Debug)]
pub(crate) struct LocalSettings {
    /// The port on 127.0.0.1; `None` takes a free one.
    pub(crate) port: Option<u16>,
    /// The database file; `None` keeps the tables in memory.
    pub(crate) database: Option<PathBuf>,
}

impl LocalSettings {
    /// Flags over defaults. The config's place decides where the database is; its content does not
    /// matter, so it is not evaluated.
    ///
    /// # Errors
    ///
    /// When another server is named.
    pub(crate) fn resolve(
        args: &LocalArgs,
        global: &Global,
        file: &ConfigFile,
        env: &Env,
    ) -> Result<Self, CommandError> {
        expect_no_connection(global)?;
        let LocalArgs { port, path, in_memory } = args;
        let default = || database_file(&file.root);
        let database = path.as_ref().map(|path| env.directory.join(path)).unwrap_or_else(default);
        Ok(Self { port: (*port != 0).then_some(*port), database: (!in_memory).then_some(database) })
    }
}
