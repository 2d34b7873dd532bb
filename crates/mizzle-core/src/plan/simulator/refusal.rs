//! Refusals of the service.

use std::fmt;

/// An exception of the service. Each operation's page in the API reference lists those it throws:
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTable.html#API_UpdateTable_Errors>.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exception {
    /// The request is invalid, or does not fit the present table.
    Validation,
    /// The table is being changed, or already exists.
    ResourceInUse,
    /// The table or the index does not exist.
    ResourceNotFound,
    /// The request exceeds a quota.
    LimitExceeded,
    /// The resource policy is not the expected one.
    PolicyNotFound,
}

impl Exception {
    /// Returns the service's own name: `ValidationException`, ….
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

/// A call that the service refused. Nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message} ({code})")]
pub struct Refusal {
    /// The exception.
    pub code: Exception,
    /// The rule that the call breaks. The service's own message only where other code searches for
    /// it.
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

/// Returns a validation error unless the condition holds.
pub(crate) fn require(holds: bool, message: impl FnOnce() -> String) -> Result<(), Refusal> {
    if holds { Ok(()) } else { Err(Refusal::validation(message())) }
}
