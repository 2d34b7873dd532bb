//! What the SDK's errors mean, in the core's terms.

use crate::{connection::is_aws, convert::Unreadable, fence::Closed};
use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_dynamodb::{
    error::{BuildError, ProvideErrorMetadata, SdkError},
    operation::RequestId,
};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use mizzle_core::apply::{ServiceError, ServiceErrorKind};
use std::error::Error;

/// The request that an error is about.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Request<'a> {
    /// Whose operation it is: `DynamoDB`, `STS`.
    pub(crate) service: &'static str,
    pub(crate) operation: &'static str,
    pub(crate) table: Option<&'a str>,
    pub(crate) endpoint: &'a str,
    /// The profile that the credentials come from, when one was named.
    pub(crate) profile: Option<&'a str>,
}

impl Request<'_> {
    /// Whether an emulator says that an `UpdateTable` changes nothing. mizzle never sends one that
    /// does not: what it is to change is a setting that the emulator does not know. The texts are
    /// those of DynamoDB Local, of dynalite and dynoxide, and of both where an index is to get another
    /// throughput than a provisioned one. AWS knows every setting, and means it when it says so.
    fn sees_no_change(&self, message: &str) -> bool {
        let texts = [
            "Nothing to update",
            "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled",
            "No provisioned throughput specified for the global secondary index",
            ".update.provisionedThroughput' failed to satisfy constraint: Member must not be null",
        ];
        self.operation == "UpdateTable"
            && !is_aws(self.endpoint)
            && texts.iter().any(|text| message.contains(text))
    }

    /// The answer, when there is one.
    pub(crate) fn answered<T, E>(
        &self,
        answer: Result<T, SdkError<E, HttpResponse>>,
    ) -> Result<T, ServiceError>
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        answer.map_err(|error| self.failed(&error))
    }

    /// What an answer means, when it can be used.
    pub(crate) fn read<T>(&self, answer: Result<T, Unreadable>) -> Result<T, ServiceError> {
        answer.map_err(|unreadable| {
            self.error(ServiceErrorKind::Other, None, unreadable.to_string(), None)
        })
    }

    /// A request that can be sent; one that lacks something never is.
    pub(crate) fn built<T>(&self, input: Result<T, BuildError>) -> Result<T, ServiceError> {
        input.map_err(|error| {
            self.error(ServiceErrorKind::Validation, None, innermost(&error), None)
        })
    }

    /// What makes a further request pointless, though the service has not said so.
    pub(crate) fn refused(&self, message: String) -> ServiceError {
        self.error(ServiceErrorKind::Other, None, message, None)
    }

    /// A request that the SDK gave up on.
    pub(crate) fn failed<E>(&self, error: &SdkError<E, HttpResponse>) -> ServiceError
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let request_id = error.request_id().map(str::to_owned);
        let (kind, code, message) = match error {
            SdkError::ServiceError(context) => {
                let status = context.raw().status().as_u16();
                match context.err().code() {
                    Some(code) => {
                        let message = context.err().message().unwrap_or_default();
                        let kind = classify(self, code, message, status);
                        (kind, Some(code.to_owned()), first_paragraph(message))
                    }
                    None => self.foreign(status),
                }
            }
            // An answer that is there and cannot be understood is a service error without a code;
            // this one stopped before its end.
            SdkError::ResponseError(_) => {
                let message = format!("the answer broke off: {}", innermost(error));
                (ServiceErrorKind::Interrupted, None, message)
            }
            other => {
                let (kind, message) = self.unanswered(other);
                (kind, None, message)
            }
        };
        self.error(kind, code, message, request_id)
    }

    fn error(
        &self,
        kind: ServiceErrorKind,
        code: Option<String>,
        message: String,
        request_id: Option<String>,
    ) -> ServiceError {
        let Self { operation, table, .. } = *self;
        ServiceError { kind, operation, table: table.map(str::to_owned), code, message, request_id }
    }

    /// An answer without an error code: whoever gave it, it was not the service itself.
    fn foreign(&self, status: u16) -> (ServiceErrorKind, Option<String>, String) {
        let Self { service, endpoint, .. } = self;
        let (kind, message) = match status {
            501 => (
                ServiceErrorKind::Unsupported,
                format!("{endpoint} answered with HTTP status 501: it has no such operation"),
            ),
            500.. => (
                ServiceErrorKind::Server,
                format!("{endpoint} answered with HTTP status {status} and no explanation"),
            ),
            200..300 => (
                ServiceErrorKind::Other,
                format!("{endpoint} answers, but not as {service} does: is the endpoint right?"),
            ),
            _ => (
                ServiceErrorKind::Other,
                format!(
                    "{endpoint} answered with HTTP status {status}, but not as {service} does: is \
                     the endpoint right?"
                ),
            ),
        };
        (kind, None, message)
    }

    /// No answer at all.
    fn unanswered<E>(&self, error: &SdkError<E, HttpResponse>) -> (ServiceErrorKind, String)
    where
        E: Error + 'static,
    {
        let Self { service, endpoint, .. } = self;
        if let Some(error) = find::<CredentialsError>(error) {
            return self.credentials(error);
        }
        if let Some(closed) = find::<Closed>(error) {
            return (ServiceErrorKind::Fenced, closed.to_string());
        }
        let never_connected = find::<hyper_util::client::legacy::Error>(error)
            .is_some_and(hyper_util::client::legacy::Error::is_connect);
        match error {
            SdkError::DispatchFailure(_) if never_connected => (
                ServiceErrorKind::Unreachable,
                format!("nothing answers at {endpoint}: {}", innermost(error)),
            ),
            SdkError::DispatchFailure(failure)
                if failure.is_io() || failure.is_timeout() || failure.as_other().is_some() =>
            {
                (ServiceErrorKind::Interrupted, innermost(error))
            }
            SdkError::DispatchFailure(failure) if failure.is_other() => (
                ServiceErrorKind::Other,
                format!(
                    "{endpoint} answers, but not as {service} does ({}): is the endpoint right?",
                    innermost(error)
                ),
            ),
            SdkError::TimeoutError(_) => (ServiceErrorKind::Interrupted, innermost(error)),
            // Requests that could not even be made, and what a newer SDK may add.
            _ => (ServiceErrorKind::Other, innermost(error)),
        }
    }

    /// Why there are no credentials to sign the request with.
    fn credentials(&self, error: &CredentialsError) -> (ServiceErrorKind, String) {
        let missing = match self.profile {
            Some(profile) => format!("the profile {profile:?} gives no AWS credentials"),
            None => "no AWS credentials were found".to_owned(),
        };
        let message = match error {
            CredentialsError::CredentialsNotLoaded(_) if error.source().is_none() => missing,
            CredentialsError::ProviderTimedOut(timeout) => {
                format!("{missing}: nothing came within {:?}", timeout.timeout_duration())
            }
            _ => format!("{missing}: {}", innermost(error)),
        };
        // An ended session of `aws sso login` is a text in the middle of the chain, nothing more.
        if chain(error).any(|error| error.to_string().to_lowercase().contains("expired")) {
            (ServiceErrorKind::ExpiredCredentials, message)
        } else {
            (ServiceErrorKind::Credentials, message)
        }
    }
}

/// What an error code of the service means. Codes are those of the API model and the common
/// errors of AWS; some have a variant that only emulators and proxies use.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/CommonErrors.html>.
fn classify(request: &Request<'_>, code: &str, message: &str, status: u16) -> ServiceErrorKind {
    match code {
        "ThrottlingException"
        | "Throttling"
        | "ThrottledException"
        | "RequestThrottled"
        | "RequestThrottledException"
        | "RequestLimitExceeded"
        | "TooManyRequestsException"
        | "ProvisionedThroughputExceededException"
        | "SlowDown"
        // Several requests at one item at once: like too many of them, a matter of a pause.
        | "TransactionConflictException"
        | "TransactionInProgressException"
        | "ReplicatedWriteConflictException" => ServiceErrorKind::Throttled,
        "LimitExceededException" => ServiceErrorKind::LimitExceeded,
        "ResourceInUseException"
        | "TableInUseException"
        | "TableAlreadyExistsException"
        | "BackupInUseException"
        // Of a table that is so new that nothing is backed up yet.
        | "ContinuousBackupsUnavailableException" => ServiceErrorKind::InUse,
        "ResourceNotFoundException"
        | "ResourceNotFound"
        | "TableNotFoundException"
        | "BackupNotFoundException" => ServiceErrorKind::NotFound,
        "UnknownOperationException"
        | "UnknownOperation"
        | "UnsupportedOperationException"
        | "UnsupportedOperation"
        | "NotImplemented"
        | "NotImplementedException" => ServiceErrorKind::Unsupported,
        "ValidationException" if request.sees_no_change(message) => ServiceErrorKind::Unsupported,
        "ValidationException" | "ValidationError" | "SerializationException" => {
            ServiceErrorKind::Validation
        }
        "AccessDeniedException"
        | "AccessDenied"
        | "NotAuthorized"
        | "UnauthorizedOperation"
        | "OptInRequired"
        | "SubscriptionRequiredException" => ServiceErrorKind::AccessDenied,
        "ExpiredToken" | "ExpiredTokenException" | "TokenRefreshRequired" => {
            ServiceErrorKind::ExpiredCredentials
        }
        "RequestTimeTooSkewed" | "RequestExpired" | "RequestInTheFuture" => {
            ServiceErrorKind::ClockSkew
        }
        // DynamoDB reports a skewed clock as a signature of another time.
        "InvalidSignatureException"
            if message.contains("Signature expired")
                || message.contains("Signature not yet current") =>
        {
            ServiceErrorKind::ClockSkew
        }
        "InvalidSignatureException"
        | "SignatureDoesNotMatch"
        | "IncompleteSignature"
        | "IncompleteSignatureException"
        | "UnrecognizedClientException"
        | "InvalidAccessKeyId"
        | "InvalidClientTokenId"
        | "MissingAuthenticationToken"
        | "MissingAuthenticationTokenException"
        | "AuthFailure" => ServiceErrorKind::Credentials,
        // Some emulators have a code of their own, or none that fits, for what they do not emulate.
        _ if status == 501 => ServiceErrorKind::Unsupported,
        _ if status >= 500 => ServiceErrorKind::Server,
        _ => ServiceErrorKind::Other,
    }
}

/// The first paragraph of a message. The ones behind it are for who writes an SDK: of a wrong
/// signature they repeat the signed request, the session token included.
fn first_paragraph(message: &str) -> String {
    message.split("\n\n").next().unwrap_or_default().trim().to_owned()
}

fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

pub(crate) fn find<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    chain(error).find_map(|error| error.downcast_ref())
}

/// The cause at the end of the chain: the outer ones say only on which layer it was met.
pub(crate) fn innermost(error: &(dyn Error + 'static)) -> String {
    let texts = chain(error).map(ToString::to_string);
    // At the end of every timeout's chain is one that does not say what took how long.
    let useful = texts.filter(|text| !text.is_empty() && text != "timed out");
    useful.last().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ServiceErrorKind::*;

    fn request<'a>(operation: &'static str, endpoint: &'a str) -> Request<'a> {
        Request { service: "DynamoDB", operation, table: None, endpoint, profile: None }
    }

    #[test]
    fn codes_are_understood() {
        for (code, message, status, kind) in [
            ("ThrottlingException", "Rate exceeded", 400, Throttled),
            ("LimitExceededException", "Too many", 400, LimitExceeded),
            ("ResourceInUseException", "", 400, InUse),
            ("ResourceNotFoundException", "", 400, NotFound),
            ("ValidationException", "", 400, Validation),
            ("AccessDeniedException", "", 400, AccessDenied),
            ("UnrecognizedClientException", "", 400, Credentials),
            ("InvalidSignatureException", "does not match", 400, Credentials),
            ("InvalidSignatureException", "Signature expired: 2001 < 2024", 400, ClockSkew),
            ("InvalidSignatureException", "Signature not yet current: …", 400, ClockSkew),
            ("RequestTimeTooSkewed", "", 403, ClockSkew),
            ("TransactionConflictException", "", 400, Throttled),
            ("TransactionInProgressException", "", 400, Throttled),
            ("ReplicatedWriteConflictException", "", 400, Throttled),
            ("TransactionCanceledException", "", 400, Other),
            ("ExpiredTokenException", "", 400, ExpiredCredentials),
            ("InternalServerError", "", 500, Server),
            ("ServiceUnavailable", "", 503, Server),
            ("UnknownOperationException", "", 400, Unsupported),
            ("ValidationException", "Nothing to update", 400, Unsupported),
            ("NotImplemented", "", 501, Unsupported),
            ("InternalFailure", "The API action is not yet implemented", 501, Unsupported),
            ("InternalFailure", "The request processing has failed", 500, Server),
            ("ContinuousBackupsUnavailableException", "Backups are being enabled", 400, InUse),
            ("TableNotFoundException", "", 400, NotFound),
            ("TableInUseException", "", 400, InUse),
            ("BackupInUseException", "", 400, InUse),
            ("BackupNotFoundException", "", 400, NotFound),
            ("ResourceNotFound", "Table not found", 400, NotFound),
            ("PolicyNotFoundException", "", 400, Other),
            ("SomethingNewException", "", 400, Other),
            ("", "", 502, Server),
        ] {
            let request = request("UpdateTable", "http://localhost:8000");
            assert_eq!(classify(&request, code, message, status), kind, "{code}: {message}");
        }
        // Of a provisioned table that is being created it is what is wrong with the request.
        let message = "No provisioned throughput specified for the global secondary index";
        for (operation, endpoint, kind) in [
            ("UpdateTable", "http://localhost:8000", Unsupported),
            ("CreateTable", "http://localhost:8000", Validation),
            ("UpdateTable", "https://dynamodb.eu-central-1.amazonaws.com", Validation),
        ] {
            let request = request(operation, endpoint);
            assert_eq!(classify(&request, "ValidationException", message, 400), kind);
        }
    }

    #[test]
    fn only_the_first_paragraph_of_a_message_is_kept() {
        let message = "The signature does not match.\n\nThe Canonical String should have been\n\
                       'POST\n/\n\nx-amz-security-token:hunter2";
        assert_eq!(first_paragraph(message), "The signature does not match.");
        assert_eq!(first_paragraph(""), "");
    }
}
