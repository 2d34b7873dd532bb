//! Classifies the service's error codes.

use super::Request;
use crate::connect::is_aws;
use mizzle_core::apply::ServiceErrorKind;

/// Returns the kind of an error code of the service. Codes are those of the API model and the
/// common errors of AWS; some have a variant that only emulators and proxies use.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/CommonErrors.html>.
pub(super) fn classify(
    request: &Request<'_>,
    code: &str,
    message: &str,
    status: u16,
) -> ServiceErrorKind {
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
        // Several concurrent requests for one item: a pause helps, as with throttling.
        | "TransactionConflictException"
        | "TransactionInProgressException"
        | "ReplicatedWriteConflictException" => ServiceErrorKind::Throttled,
        "LimitExceededException" => ServiceErrorKind::LimitExceeded,
        "ResourceInUseException"
        | "TableInUseException"
        | "TableAlreadyExistsException"
        | "BackupInUseException"
        // For a table that is so new that its backups are not enabled yet.
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
        // DynamoDB reports a skewed clock as an expired or early signature.
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
        // Some emulators have a code of their own, or none that fits, for operations they lack.
        _ if status == 501 => ServiceErrorKind::Unsupported,
        _ if status >= 500 => ServiceErrorKind::Server,
        _ => ServiceErrorKind::Other,
    }
}

impl Request<'_> {
    /// True if an emulator reports that an `UpdateTable` changes nothing. mizzle never sends such a
    /// request: the emulator does not support the setting to change. The texts are those of
    /// DynamoDB Local, of dynalite and dynoxide, and of both for an index that gets another
    /// throughput than a provisioned one. AWS supports every setting, so there the message is true.
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connect::{Connection, Identity};
    use ServiceErrorKind::*;

    #[tokio::test]
    async fn codes_are_understood() {
        let identity = Identity::local(&Connection::default()).await;
        let request = |operation: &'static str, endpoint: &'static str| Request {
            service: "DynamoDB",
            operation,
            table: None,
            endpoint,
            identity: &identity,
            proxy: None,
        };
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
        // For a provisioned table that is being created, this message means an invalid request.
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
}
