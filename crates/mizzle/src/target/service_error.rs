//! A refused or broken request, with what to do about it.

use super::TargetName;
use crate::error::{CommandError, ErrorKind, GO_ON};
use mizzle_core::apply::{ServiceError, ServiceErrorKind};

/// Explains what went wrong with a request to `target`.
pub(crate) fn explain(error: &ServiceError, target: &TargetName) -> CommandError {
    let region = &target.region;
    let (code, hint) = match error.kind {
        ServiceErrorKind::Unreachable => (
            "endpoint-unreachable",
            Some(format!("is a server running at {}? `endpoint: \"local\"` needs none", target.endpoint)),
        ),
        ServiceErrorKind::Credentials => (
            "no-credentials",
            Some("sign in (aws sso login), or name credentials: --profile, AWS_PROFILE or AWS_ACCESS_KEY_ID".to_owned()),
        ),
        ServiceErrorKind::ExpiredCredentials => (
            "expired-credentials",
            Some("the session is over: sign in again (aws sso login)".to_owned()),
        ),
        ServiceErrorKind::AccessDenied => (
            "access-denied",
            Some(format!("the credentials lack the permission dynamodb:{}", error.operation)),
        ),
        ServiceErrorKind::ClockSkew => (
            "clock-skew",
            Some("the clock of this machine is off: set it, then try again".to_owned()),
        ),
        ServiceErrorKind::NotFound => (
            "not-found",
            Some(format!("is {region} the right region? name another with --region")),
        ),
        ServiceErrorKind::LimitExceeded if error.is_quota() => (
            "quota",
            Some("a quota of the account is used up, which does not pass soon: see the service quotas of DynamoDB".to_owned()),
        ),
        ServiceErrorKind::Throttled | ServiceErrorKind::LimitExceeded => {
            ("throttled", Some(format!("wait a little and {GO_ON}")))
        }
        ServiceErrorKind::InUse | ServiceErrorKind::Interrupted | ServiceErrorKind::Server => {
            ("service", Some(GO_ON.to_owned()))
        }
        ServiceErrorKind::Validation
        | ServiceErrorKind::Unsupported
        | ServiceErrorKind::Fenced
        | ServiceErrorKind::Other => ("service", None),
    };
    let mut explained = CommandError::new(ErrorKind::Failed, code, error.to_string());
    explained.hints.extend(hint);
    if let Some(request_id) = &error.request_id {
        explained.details.push(format!("request id {request_id}"));
    }
    explained
}
