//! The effects of calls, as far as plans and scripts need to know them.

use crate::ports::CallError;
use mizzle_core::{
    apply::{ServiceError, StepError},
    model::TableDefinition,
    plan::Call,
};

/// True if the effect of a call depends on the items of its table.
pub(super) fn depends_on_items(call: &Call) -> bool {
    match call {
        Call::DeleteTable(_) => true,
        Call::UpdateTimeToLive(request) => request.time_to_live_specification.enabled,
        Call::CreateTable(_)
        | Call::UpdateTable(_)
        | Call::UpdateContinuousBackups(_)
        | Call::TagResource(_)
        | Call::UntagResource(_)
        | Call::PutResourcePolicy(_)
        | Call::DeleteResourcePolicy(_) => false,
    }
}

/// True if a table lets items expire.
pub(super) fn may_expire(table: &TableDefinition) -> bool {
    table.time_to_live_specification.as_ref().is_some_and(|expiry| expiry.enabled)
}

/// Returns the error of a step as the script sees it: as a client of AWS would give it.
pub fn script_error(error: StepError) -> CallError {
    match error {
        StepError::Service(ServiceError { code: Some(code), message, .. })
        | StepError::Stuck { error: ServiceError { code: Some(code), message, .. }, .. } => {
            CallError::new(code, message)
        }
        other => CallError::new("Error", other.to_string()),
    }
}
