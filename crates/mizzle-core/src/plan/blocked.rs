//! Tables that a plan leaves alone.

use serde::Serialize;

/// Why a table is left alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum BlockedKind {
    /// It would have to be replaced, and its items would be lost.
    NeedsReplacement,
    /// DynamoDB does not do it at all, or not to this table.
    NotPossible,
}

/// A table that cannot be brought to the desired state, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Blocked {
    /// The table.
    pub table: String,
    /// What keeps it from being changed.
    pub kind: BlockedKind,
    /// What DynamoDB cannot do.
    pub reason: String,
    /// What can be done instead.
    pub hint: String,
}

impl Blocked {
    /// DynamoDB does not do it, or not to this table.
    pub(crate) fn not_possible(table: &str, reason: String, hint: impl Into<String>) -> Self {
        let (kind, hint) = (BlockedKind::NotPossible, hint.into());
        Self { table: table.to_owned(), kind, reason, hint }
    }
}
