//! What the SDK's errors mean, in the core's terms.

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
    apply::{Background, Obstacle, ServiceError, ServiceErrorKind},
    text,
};
use std::error::Error;

/// The characters that are kept of a server's message.
const LONGEST_MESSAGE: usize = 2000;

/// The request that an error is about.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Request<'a> {
    /// Whose operation it is: `DynamoDB`, `STS`.
    pub(crate) service: &'static str,
    pub(crate) operation: &'static str,
    pub(crate) table: Option<&'a str>,
    pub(crate) endpoint: &'a str,
    /// Who asks.
    pub(crate) identity: &'a Identity,
    /// The proxy through which the endpoint is reached.
    pub(crate) proxy: Option<&'a str>,
}

/// The fence has been found closed.
#[derive(Debug, thiserror::Error)]
#[error("not sent: the fence is closed")]
pub(crate) struct Closed;

/// What an error means.
pub(crate) struct Meaning {
    kind: ServiceErrorKind,
    code: Option<String>,
    message: String,
    obstacle: Option<Obstacle>,
}

impl Meaning {
    /// Without a code of the service.
    pub(crate) fn new(kind: ServiceErrorKind, message: impl Into<String>) -> Self {
        Self { kind, code: None, message: message.into(), obstacle: None }
    }

    /// With what exactly is in the way.
    pub(crate) fn because_of(self, obstacle: Obstacle) -> Self {
        Self { obstacle: Some(obstacle), ..self }
    }
}

impl Request<'_> {
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
            let kind = match &unreadable {
                Unreadable::Item { .. } => ServiceErrorKind::Damaged,
                Unreadable::Missing(_)
                | Unreadable::Unknown { .. }
                | Unreadable::NotJson { .. } => ServiceErrorKind::Other,
            };
            self.error(Meaning::new(kind, unreadable.to_string()), Background::default())
        })
    }

    /// A request that can be sent; one that lacks something never is.
    pub(crate) fn built<T>(&self, input: Result<T, BuildError>) -> Result<T, ServiceError> {
        input.map_err(|error| {
            let meaning = Meaning::new(ServiceErrorKind::Validation, innermost(&error));
            self.error(meaning, Background::default())
        })
    }

    /// True if a list goes on; an error if it has no end.
    pub(crate) fn bounded(&self, goes_on: Result<bool, Endless>) -> Result<bool, ServiceError> {
        goes_on.map_err(|endless| self.refused(endless.to_string()))
    }

    /// What makes a further request pointless, though the service has not said so.
    pub(crate) fn refused(&self, message: String) -> ServiceError {
        self.error(Meaning::new(ServiceErrorKind::Other, message), Background::default())
    }

    /// A request that the SDK gave up on.
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
            // An answer that is there and cannot be understood is a service error without a code;
            // this one stopped before its end.
            SdkError::ResponseError(_) => {
                let message = format!("the answer broke off: {}", innermost(error));
                Meaning::new(ServiceErrorKind::Interrupted, message)
            }
            other => match (find::<CredentialsError>(other), find::<Closed>(other)) {
                (Some(error), _) => credentials::explain(self.identity, error),
                (None, Some(closed)) => Meaning::new(ServiceErrorKind::Fenced, closed.to_string()),
                (None, None) => self.unanswered(other),
            },
        };
        let mut causes = causes(error);
        // What the message says is not said again.
        causes.retain(|cause| !meaning.message.contains(cause.as_str()));
        if meaning.code.is_some() {
            // The SDK wraps what the service has said into words of its own.
            causes.clear();
        }
        let request_id = error.request_id().map(str::to_owned);
        self.error(meaning, Background { request_id, causes, ..Background::default() })
    }

    fn error(&self, meaning: Meaning, background: Background) -> ServiceError {
        let Self { operation, table, identity, proxy, service: _, endpoint: _ } = *self;
        let Meaning { kind, code, message, obstacle } = meaning;
        let background = Background {
            obstacle,
            credentials: identity.source(),
            proxy: proxy.map(str::to_owned),
            ..background
        };
        let (table, background) = (table.map(text::excerpt), Box::new(background));
        // What a server says is one line with an end, and nothing of it acts on a terminal.
        let code = code.map(|code| text::excerpt(&code));
        let message = text::beginning(&message, LONGEST_MESSAGE);
        ServiceError { kind, operation, table, code, message, background }
    }

    /// An error that the service has a code for.
    fn coded(&self, code: &str, message: &str, status: u16) -> Meaning {
        let kind = classify::classify(self, code, message, status);
        // A session that has ended can be begun again where the profile says how.
        let obstacle = match kind {
            ServiceErrorKind::ExpiredCredentials => self.identity.signs_in(),
            _ => None,
        };
        Meaning { kind, code: Some(code.to_owned()), message: first_paragraph(message), obstacle }
    }

    /// An answer without an error code: whoever gave it, it was not the service itself.
    fn foreign(&self, status: u16, body: &[u8]) -> Meaning {
        let Self { service, endpoint, .. } = self;
        let body = String::from_utf8_lossy(body);
        // moto refuses credentials in XML, whatever the service speaks.
        if let Some((code, message)) = element(&body, "Code").zip(element(&body, "Message")) {
            return self.coded(code, message, status);
        }
        match status {
            501 => Meaning::new(
                ServiceErrorKind::Unsupported,
                format!("{endpoint} answered with HTTP status 501: it has no such operation"),
            ),
            500.. => Meaning::new(
                ServiceErrorKind::Server,
                format!("{endpoint} answered with HTTP status {status} and no explanation"),
            ),
            400 if wants_tls(&body) => Meaning::new(
                ServiceErrorKind::Other,
                format!("{endpoint} speaks TLS, and the endpoint says http"),
            )
            .because_of(Obstacle::OnlyTls),
            200..300 => self.stranger(format!("{endpoint} answers, but not as {service} does")),
            _ => self.stranger(format!(
                "{endpoint} answered with HTTP status {status}, but not as {service} does"
            )),
        }
    }

    /// Somebody answers, and it is somebody else.
    fn stranger(&self, message: String) -> Meaning {
        Meaning::new(ServiceErrorKind::Other, message).because_of(Obstacle::Stranger)
    }
}

/// The text of an XML element.
fn element<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    rest.split_once(&format!("</{name}>")).map(|(text, _)| text)
}

/// Whether a server complains that it was not spoken to in TLS, as nginx and Go's server do.
fn wants_tls(body: &str) -> bool {
    ["to HTTPS port", "to an HTTPS server"].iter().any(|complaint| body.contains(complaint))
}
