//! Effects of calls, for plans and scripts.

use crate::ports::CallError;
use mizzle_core::{
    apply::{ServiceError, StepError},
    model::TableDefinition,
};

/// True if a table lets items expire.
pub(super) fn may_expire(table: &TableDefinition) -> bool {
    table.time_to_live_specification.as_ref().is_some_and(|expiry| expiry.enabled)
}

/// Returns the error of a step for the script, like that of an AWS client.
pub fn script_error(error: StepError) -> CallError {
    match error {
        StepError::Service(ServiceError { code: Some(code), message, .. })
        | StepError::Stuck { error: ServiceError { code: Some(code), message, .. }, .. } => {
            CallError::new(code, message)
        }
        other => CallError::new("Error", other.to_string()),
    }
}
