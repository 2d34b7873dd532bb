//! The process that holds a database, as the note beside it says.

use crate::witness::Witness;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The process that holds a database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// Its process id.
    pub pid: u32,
    /// What it is doing: `mizzle push`, `mizzle local`.
    pub command: String,
    /// Where it serves the database to others, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// How others make sure that it is still there.
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
