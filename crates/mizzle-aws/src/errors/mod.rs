//! Translates the SDK's errors into the core's terms.

mod classify;
mod credentials;
mod unanswered;
mod unreadable;

pub(crate) use unreadable::Unreadable;

use crate::{
    causes::{causes, find, first_paragraph, innermost},
    connect::Identity,
    limits::Endless,
};
use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_dynamodb::{
    error::{BuildError, ProvideErrorMetadata, SdkError},
    operation::RequestId,
};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use mizzle_core::{
    apply::{ErrorDetails, FailureCause, ServiceError, ServiceErrorKind},
    text,
};
use std::error::Error;

/// The number of characters that are kept of a server's message.
const LONGEST_MESSAGE: usize = 2000;

/// The request that an error is about.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Request<'a> {
    /// The service of the operation: `DynamoDB`, `STS`.
    pub(crate) service: &'static str,
    pub(crate) operation: &'static str,
    pub(crate) table: Option<&'a str>,
    pub(crate) endpoint: &'a str,
    /// The identity that signs the request.
    pub(crate) identity: &'a Identity,
    /// The proxy through which the endpoint is reached.
    pub(crate) proxy: Option<&'a str>,
}

/// The error of a request that found the fence closed.
#[derive(Debug, thiserror::Error)]
#[error("not sent: the fence is closed")]
pub(crate) struct Closed;

/// A classified error.
pub(crate) struct ClassifiedError {
    kind: ServiceErrorKind,
    code: Option<String>,
    message: String,
    obstacle: Option<FailureCause>,
}

impl ClassifiedError {
    /// Creates an error without a code of the service.
    pub(crate) fn new(kind: ServiceErrorKind, message: impl Into<String>) -> Self {
        Self { kind, code: None, message: message.into(), obstacle: None }
    }

    /// Adds the obstacle that caused the error.
    pub(crate) fn because_of(self, obstacle: FailureCause) -> Self {
        Self { obstacle: Some(obstacle), ..self }
    }
}

impl Request<'_> {
    /// Returns the response, or the translated error.
    pub(crate) fn answered<T, E>(
        &self,
        answer: Result<T, SdkError<E, HttpResponse>>,
    ) -> Result<T, ServiceError>
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        answer.map_err(|error| self.failed(&error))
    }

    /// Returns the content of a response, or an error if it is unusable.
    pub(crate) fn read<T>(&self, answer: Result<T, Unreadable>) -> Result<T, ServiceError> {
        answer.map_err(|unreadable| {
            let kind = match &unreadable {
                Unreadable::Item { .. } => ServiceErrorKind::Damaged,
                Unreadable::Missing(_)
                | Unreadable::Unknown { .. }
                | Unreadable::NotJson { .. } => ServiceErrorKind::Other,
            };
            self.error(ClassifiedError::new(kind, unreadable.to_string()), ErrorDetails::default())
        })
    }

    /// Returns a request that can be sent, or an error if it lacks a field.
    pub(crate) fn built<T>(&self, input: Result<T, BuildError>) -> Result<T, ServiceError> {
        input.map_err(|error| {
            let meaning = ClassifiedError::new(ServiceErrorKind::Validation, innermost(&error));
            self.error(meaning, ErrorDetails::default())
        })
    }

    /// Returns true if a list has another page, and an error if the list is endless.
    pub(crate) fn bounded(&self, goes_on: Result<bool, Endless>) -> Result<bool, ServiceError> {
        goes_on.map_err(|endless| self.refused(endless.to_string()))
    }

    /// Returns an error that makes a further request pointless, though the service did not report
    /// it.
    pub(crate) fn refused(&self, message: String) -> ServiceError {
        self.error(ClassifiedError::new(ServiceErrorKind::Other, message), ErrorDetails::default())
    }

    /// Translates the error of a request that the SDK gave up on.
    pub(crate) fn failed<E>(&self, error: &SdkError<E, HttpResponse>) -> ServiceError
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let meaning = match error {
            SdkError::ServiceError(context) => {
                let status = context.raw().status().as_u16();
                let error = context.err();
                match error.code() {
                    Some(code) => self.coded(code, error.message().unwrap_or_default(), status),
                    None => self.foreign(status, context.raw().body().bytes().unwrap_or_default()),
                }
            }
            // A complete response that cannot be parsed is a service error without a code; this one
            // broke off.
            SdkError::ResponseError(_) => {
                let message = format!("the answer broke off: {}", innermost(error));
                ClassifiedError::new(ServiceErrorKind::Interrupted, message)
            }
            other => match (find::<CredentialsError>(other), find::<Closed>(other)) {
                (Some(error), _) => credentials::explain(self.identity, error),
                (None, Some(closed)) => {
                    ClassifiedError::new(ServiceErrorKind::Fenced, closed.to_string())
                }
                (None, None) => self.unanswered(other),
            },
        };
        let mut causes = causes(error);
        // Do not repeat the message.
        causes.retain(|cause| !meaning.message.contains(cause.as_str()));
        if meaning.code.is_some() {
            // The SDK wraps the service's message into words of its own.
            causes.clear();
        }
        let request_id = error.request_id().map(str::to_owned);
        self.error(meaning, ErrorDetails { request_id, causes, ..ErrorDetails::default() })
    }

    fn error(&self, meaning: ClassifiedError, background: ErrorDetails) -> ServiceError {
        let Self { operation, table, identity, proxy, service: _, endpoint: _ } = *self;
        let ClassifiedError { kind, code, message, obstacle } = meaning;
        let background = ErrorDetails {
            obstacle,
            credentials: identity.source(),
            proxy: proxy.map(str::to_owned),
            ..background
        };
        let (table, background) = (table.map(text::excerpt), Box::new(background));
        // A server's message becomes one line of limited length, without terminal control
        // characters.
        let code = code.map(|code| text::excerpt(&code));
        let message = text::beginning(&message, LONGEST_MESSAGE);
        ServiceError { kind, operation, table, code, message, background }
    }

    /// Translates an error with a code of the service.
    fn coded(&self, code: &str, message: &str, status: u16) -> ClassifiedError {
        let kind = classify::classify(self, code, message, status);
        // A session that has expired can be renewed if the profile has sign-in settings.
        let obstacle = match kind {
            ServiceErrorKind::ExpiredCredentials => self.identity.signs_in(),
            _ => None,
        };
        ClassifiedError {
            kind,
            code: Some(code.to_owned()),
            message: first_paragraph(message),
            obstacle,
        }
    }

    /// Explains a response without an error code, which does not come from the service itself.
    fn foreign(&self, status: u16, body: &[u8]) -> ClassifiedError {
        let Self { service, endpoint, .. } = self;
        let body = String::from_utf8_lossy(body);
        // moto rejects credentials in XML, regardless of the service's protocol.
        if let Some((code, message)) = element(&body, "Code").zip(element(&body, "Message")) {
            return self.coded(code, message, status);
        }
        match status {
            501 => ClassifiedError::new(
                ServiceErrorKind::Unsupported,
                format!("{endpoint} answered with HTTP status 501: it has no such operation"),
            ),
            500.. => ClassifiedError::new(
                ServiceErrorKind::Server,
                format!("{endpoint} answered with HTTP status {status} and no explanation"),
            ),
            400 if wants_tls(&body) => ClassifiedError::new(
                ServiceErrorKind::Other,
                format!("{endpoint} speaks TLS, and the endpoint says http"),
            )
            .because_of(FailureCause::OnlyTls),
            200..300 => self.stranger(format!("{endpoint} answers, but not as {service} does")),
            _ => self.stranger(format!(
                "{endpoint} answered with HTTP status {status}, but not as {service} does"
            )),
        }
    }

    /// Creates the error for an endpoint of another service.
    fn stranger(&self, message: String) -> ClassifiedError {
        ClassifiedError::new(ServiceErrorKind::Other, message).because_of(FailureCause::Stranger)
    }
}

/// Returns the text of an XML element.
fn element<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    rest.split_once(&format!("</{name}>")).map(|(text, _)| text)
}

/// True if a server reports a missing TLS handshake, as nginx and Go's server do.
fn wants_tls(body: &str) -> bool {
    ["to HTTPS port", "to an HTTPS server"].iter().any(|complaint| body.contains(complaint))
}
