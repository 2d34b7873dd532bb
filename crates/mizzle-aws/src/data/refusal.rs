//! Failed requests of the data plane, with all fields of the error that a script may read.

use crate::{
    causes::find,
    data::{answers, values::item_json},
    errors::Request,
};
use aws_sdk_dynamodb::{
    error::{ProvideErrorMetadata, SdkError},
    types::{
        ThrottlingReason,
        error::{
            ConditionalCheckFailedException, ProvisionedThroughputExceededException,
            RequestLimitExceeded, ThrottlingException, TransactionCanceledException,
        },
    },
};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use mizzle_core::apply::{DataError, ServiceError, ServiceErrorKind};
use serde_json::Value;
use std::error::Error;

/// Returns the response, or the translated error.
pub(crate) fn answered<T, E>(
    request: &Request<'_>,
    answer: Result<T, SdkError<E, HttpResponse>>,
) -> Result<T, DataError>
where
    E: ProvideErrorMetadata + Error + 'static,
{
    answer.map_err(|error| {
        let fields = fields(&error);
        let ServiceError { kind, code, message, background, .. } = request.failed(&error);
        let name = code.unwrap_or_else(|| name_of(kind).to_owned());
        DataError { name, message, fields, kind, request_id: background.request_id }
    })
}

/// Creates the error for a request that was not sent because of a closed fence.
pub(crate) fn fenced(reason: String) -> DataError {
    let kind = ServiceErrorKind::Fenced;
    let name = name_of(kind).to_owned();
    DataError { name, message: reason, fields: Vec::new(), kind, request_id: None }
}

/// Returns the fields of an error besides its code and its message.
fn fields(error: &(dyn Error + 'static)) -> Vec<(String, Value)> {
    // The API spells the name in two ways.
    let throttled = |name: &str, reasons: &[ThrottlingReason]| {
        let reasons: Vec<_> = reasons.iter().map(answers::throttling_reason).collect();
        (!reasons.is_empty()).then(|| (name.to_owned(), Value::Array(reasons)))
    };
    let field = if let Some(failed) = find::<ConditionalCheckFailedException>(error) {
        let item = failed.item().filter(|item| !item.is_empty());
        item.map(|item| ("Item".to_owned(), item_json(item)))
    } else if let Some(canceled) = find::<TransactionCanceledException>(error) {
        let reasons = canceled.cancellation_reasons().iter().map(answers::cancellation_reason);
        Some(("CancellationReasons".to_owned(), reasons.collect()))
    } else if let Some(exceeded) = find::<ProvisionedThroughputExceededException>(error) {
        throttled("ThrottlingReasons", exceeded.throttling_reasons())
    } else if let Some(throttling) = find::<ThrottlingException>(error) {
        throttled("throttlingReasons", throttling.throttling_reasons())
    } else if let Some(exceeded) = find::<RequestLimitExceeded>(error) {
        throttled("ThrottlingReasons", exceeded.throttling_reasons())
    } else {
        None
    };
    field.into_iter().collect()
}

/// Returns a name for an error without a code: the service's own, if it has one.
fn name_of(kind: ServiceErrorKind) -> &'static str {
    match kind {
        ServiceErrorKind::Throttled => "ThrottlingException",
        ServiceErrorKind::LimitExceeded => "LimitExceededException",
        ServiceErrorKind::InUse => "ResourceInUseException",
        ServiceErrorKind::NotFound => "ResourceNotFoundException",
        ServiceErrorKind::Validation => "ValidationException",
        ServiceErrorKind::AccessDenied => "AccessDeniedException",
        ServiceErrorKind::Credentials => "CredentialsProviderError",
        ServiceErrorKind::ExpiredCredentials => "ExpiredTokenException",
        ServiceErrorKind::ClockSkew => "RequestTimeTooSkewed",
        ServiceErrorKind::Unreachable | ServiceErrorKind::Interrupted => "NetworkingError",
        ServiceErrorKind::Server => "InternalServerError",
        ServiceErrorKind::Unsupported => "UnknownOperationException",
        ServiceErrorKind::Fenced => "AbortError",
        ServiceErrorKind::Damaged | ServiceErrorKind::Other => "UnknownError",
    }
}
