//! Tables that a plan does not change.

use serde::Serialize;

/// The kind of reason not to change a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum BlockedKind {
    /// The table would have to be replaced, and its items would be lost.
    NeedsReplacement,
    /// DynamoDB does not support the change, or not for this table.
    NotPossible,
}

/// A table that cannot be brought to the desired state, and the reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Blocked {
    /// The table.
    pub table: String,
    /// The kind of reason.
    pub kind: BlockedKind,
    /// The limitation of DynamoDB.
    pub reason: String,
    /// The alternative.
    pub hint: String,
}

impl Blocked {
    /// Creates the entry of a change that DynamoDB does not support, or not for this table.
    pub(crate) fn not_possible(table: &str, reason: String, hint: impl Into<String>) -> Self {
        let (kind, hint) = (BlockedKind::NotPossible, hint.into());
        Self { table: table.to_owned(), kind, reason, hint }
    }
}
