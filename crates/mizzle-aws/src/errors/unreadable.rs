//! Responses that cannot be used.

/// A response that lacks a required value, or has a value that this version does not support.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unreadable {
    #[error("the answer lacks {0}")]
    Missing(&'static str),
    #[error("{field} is {value:?}, which this version of mizzle does not know")]
    Unknown { field: &'static str, value: String },
    #[error("{field} is not JSON: {reason}")]
    NotJson { field: &'static str, reason: String },
    #[error(
        "the item {id:?} of the ledger is not as mizzle writes it: {reason}; was it changed, or \
         written by a newer version?"
    )]
    Item { id: String, reason: String },
}

impl Unreadable {
    pub(crate) fn missing(field: &'static str) -> Self {
        Self::Missing(field)
    }

    pub(crate) fn unknown(field: &'static str, value: &str) -> Self {
        Self::Unknown { field, value: value.to_owned() }
    }
}
