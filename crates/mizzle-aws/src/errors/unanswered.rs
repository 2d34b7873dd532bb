//! Requests that got no response.

use super::{ClassifiedError, Request};
use crate::causes::{causes, find, innermost};
use aws_sdk_dynamodb::error::SdkError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use hyper_util::client::legacy;
use mizzle_core::apply::{CertificateFlaw, FailureCause, ServiceErrorKind};
use rustls::CertificateError;
use std::{error::Error, io};
use url::Url;

impl Request<'_> {
    /// Explains why there was no response.
    pub(super) fn unanswered<E>(&self, error: &SdkError<E, HttpResponse>) -> ClassifiedError
    where
        E: Error + 'static,
    {
        let Self { service, endpoint, .. } = self;
        let never_connected = find::<legacy::Error>(error).is_some_and(legacy::Error::is_connect);
        match error {
            SdkError::DispatchFailure(_) if never_connected => self.unconnected(error),
            SdkError::TimeoutError(_) => self.silent(error),
            SdkError::DispatchFailure(failure) if failure.is_timeout() => self.silent(error),
            SdkError::DispatchFailure(failure)
                if failure.is_io() || failure.as_other().is_some() =>
            {
                let reason = innermost(error);
                let message = format!("the connection to {endpoint} broke: {reason}");
                ClassifiedError::new(ServiceErrorKind::Interrupted, message)
            }
            SdkError::DispatchFailure(failure) if failure.is_other() => {
                let reason = innermost(error);
                let message = format!("{endpoint} answers, but not as {service} does ({reason})");
                ClassifiedError::new(ServiceErrorKind::Other, message)
                    .because_of(FailureCause::NoHttp)
            }
            // Requests that could not be built, and variants of newer SDKs.
            _ => ClassifiedError::new(ServiceErrorKind::Other, innermost(error)),
        }
    }

    /// Creates the error for a response that timed out.
    fn silent(&self, error: &(dyn Error + 'static)) -> ClassifiedError {
        let message = match patience(error) {
            Some(time) => format!("timed out after {time} waiting for {}", self.endpoint),
            None => format!("timed out waiting for {}: {}", self.endpoint, innermost(error)),
        };
        ClassifiedError::new(ServiceErrorKind::Interrupted, message)
            .because_of(FailureCause::Silence)
    }

    /// Explains why there was no connection.
    fn unconnected(&self, error: &(dyn Error + 'static)) -> ClassifiedError {
        let Self { endpoint, proxy, .. } = *self;
        let unreachable = |message: String, obstacle: Option<FailureCause>| ClassifiedError {
            obstacle,
            ..ClassifiedError::new(ServiceErrorKind::Unreachable, message)
        };
        match find::<rustls::Error>(error) {
            Some(rustls::Error::InvalidCertificate(reason)) => {
                let (flaw, words) = flaw(reason);
                let message = format!("the certificate of {endpoint} is not trusted: {words}");
                return unreachable(message, Some(FailureCause::Certificate(flaw)));
            }
            Some(rustls::Error::InvalidMessage(_)) => {
                let message = format!("{endpoint} does not speak TLS, and the endpoint says https");
                return unreachable(message, Some(FailureCause::NoTls));
            }
            Some(_) | None => {}
        }
        let causes = causes(error);
        let says = |text: &str| causes.iter().any(|cause| cause.contains(text));
        let refused = find::<io::Error>(error)
            .is_some_and(|error| error.kind() == io::ErrorKind::ConnectionRefused);
        if says("tls handshake eof") {
            let message = format!("{endpoint} ends the connection instead of speaking TLS");
            return unreachable(message, Some(FailureCause::NoTls));
        }
        if let Some(proxy) = proxy {
            if says("proxy authorization required") {
                let message = format!("the proxy {proxy} wants a user and a password");
                return unreachable(message, Some(FailureCause::ProxyPassword));
            }
            let message = if says("tunnel error: unsuccessful") {
                format!("the proxy {proxy} does not connect to {endpoint}")
            } else if refused {
                format!("nothing listens at {proxy}, the proxy to {endpoint}")
            } else {
                format!("the proxy {proxy} does not lead to {endpoint}: {}", innermost(error))
            };
            return unreachable(message, Some(FailureCause::Proxy));
        }
        if refused {
            return unreachable(
                format!("nothing listens at {endpoint}"),
                Some(FailureCause::NothingListens),
            );
        }
        if says("dns error") {
            let host = host(endpoint);
            return unreachable(
                format!("there is no host {host}, as far as this machine can find out"),
                Some(FailureCause::UnknownHost),
            );
        }
        if let Some(time) = patience(error) {
            return unreachable(
                format!("no connection to {endpoint} came about within {time}"),
                Some(FailureCause::Silence),
            );
        }
        unreachable(format!("nothing answers at {endpoint}: {}", innermost(error)), None)
    }
}

/// Returns the time limit that was exceeded: `10s`.
fn patience(error: &(dyn Error + 'static)) -> Option<String> {
    let causes = causes(error);
    let mut times = causes.iter().filter(|cause| cause.contains("timeout"));
    times.find_map(|cause| Some(cause.rsplit_once(" occurred after ")?.1.to_owned()))
}

/// Returns the host of an endpoint.
fn host(endpoint: &str) -> String {
    let host = Url::parse(endpoint).ok().and_then(|url| url.host_str().map(str::to_owned));
    host.unwrap_or_else(|| endpoint.to_owned())
}

/// Returns the flaw of a certificate and its description.
fn flaw(error: &CertificateError) -> (CertificateFlaw, String) {
    let (flaw, words) = match error {
        CertificateError::UnknownIssuer => {
            (CertificateFlaw::UnknownIssuer, "its issuer is unknown here")
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            (CertificateFlaw::Time, "it has expired")
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            (CertificateFlaw::Time, "it is not valid yet")
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            (CertificateFlaw::OtherHost, "it is for another host")
        }
        other => return (CertificateFlaw::Other, other.to_string()),
    };
    (flaw, words.to_owned())
}
