//! The process that holds a database, as noted beside it.

use crate::witness::Witness;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The process that holds a database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// The process id.
    pub pid: u32,
    /// The command: `mizzle push`, `mizzle local`.
    pub command: String,
    /// The endpoint at which it serves the database to other processes, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// The proof that the process is still running.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) witness: Option<Witness>,
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pid, command, endpoint, witness: _ } = self;
        write!(f, "`{command}`")?;
        if let Some(endpoint) = endpoint {
            write!(f, " on {endpoint}")?;
        }
        write!(f, " (process {pid})")
    }
}
