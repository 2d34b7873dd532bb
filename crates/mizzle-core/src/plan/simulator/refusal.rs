//! What the service says when it does not do what it is asked.

use std::fmt;

/// An exception of the service. Each operation's page in the API reference lists those it throws:
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTable.html#API_UpdateTable_Errors>.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exception {
    /// The request itself is wrong, or does not fit the table as it is.
    Validation,
    /// The table is being changed, or is there already.
    ResourceInUse,
    /// There is no such table or index.
    ResourceNotFound,
    /// More than the service does at once.
    LimitExceeded,
    /// The resource policy is not the expected one.
    PolicyNotFound,
}

impl Exception {
    /// The service's own word: `ValidationException`, ….
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Validation => "ValidationException",
            Self::ResourceInUse => "ResourceInUseException",
            Self::ResourceNotFound => "ResourceNotFoundException",
            Self::LimitExceeded => "LimitExceededException",
            Self::PolicyNotFound => "PolicyNotFoundException",
        }
    }
}

impl fmt::Display for Exception {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A call that the service turned away. Nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message} ({code})")]
pub struct Refusal {
    /// The exception.
    pub code: Exception,
    /// Which rule the call breaks. The service's own words only where other code looks for them.
    pub message: String,
}

impl Refusal {
    pub(crate) fn validation(message: impl Into<String>) -> Self {
        Self { code: Exception::Validation, message: message.into() }
    }

    pub(crate) fn in_use(message: impl Into<String>) -> Self {
        Self { code: Exception::ResourceInUse, message: message.into() }
    }

    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self { code: Exception::ResourceNotFound, message: message.into() }
    }

    pub(crate) fn limit(message: impl Into<String>) -> Self {
        Self { code: Exception::LimitExceeded, message: message.into() }
    }

    pub(crate) fn policy_not_found(message: impl Into<String>) -> Self {
        Self { code: Exception::PolicyNotFound, message: message.into() }
    }
}

/// Refuses, as a wrong request, what does not hold.
pub(crate) fn require(holds: bool, message: impl FnOnce() -> String) -> Result<(), Refusal> {
    if holds { Ok(()) } else { Err(Refusal::validation(message())) }
}
