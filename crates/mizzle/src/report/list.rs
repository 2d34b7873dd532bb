//! The tables of a server.

use crate::{errors::CommandError, server::TargetName};
use mizzle_core::model::{AuxiliarySetting, TableDescription, TableNaming};

/// The result of `list`.
#[derive(Debug)]
pub(crate) struct ListReport {
    /// The server.
    pub(crate) target: TargetName,
    /// The pattern of the names; `None` for all tables.
    pub(crate) pattern: Option<String>,
    /// True with `--long`.
    pub(crate) is_long: bool,
    /// The number of tables on the server.
    pub(crate) total: usize,
    /// The nearest names, if the pattern matches none.
    pub(crate) nearest: Vec<String>,
    /// The naming of tables in the environment.
    pub(crate) naming: TableNaming,
    /// The table of the environment's ledger.
    pub(crate) ledger: String,
    /// The reason why the list is incomplete.
    pub(crate) failure: Option<CommandError>,
    /// The tables, sorted by name.
    pub(crate) tables: Vec<ListedTable>,
}

/// A table of the list.
#[derive(Debug)]
pub(crate) struct ListedTable {
    /// Its name.
    pub(crate) name: String,
    /// The server's description, if it could be read.
    pub(crate) description: Option<TableDescription>,
    /// The parts of the description that could not be read.
    pub(crate) untold: Vec<Untold>,
}

/// A part of a description that could not be read.
#[derive(Debug)]
pub(crate) struct Untold {
    /// The setting; `None` for the table as a whole.
    pub(crate) setting: Option<AuxiliarySetting>,
    /// The `kind` of the error in `--json`.
    pub(crate) code: &'static str,
    /// The reason in full.
    pub(crate) reason: String,
}
