//! The ports of the core: a control plane and a clock.

use super::ErrorDetails;
use crate::{
    model::{AuxiliarySettings, TableDescription},
    plan::Call,
};
use std::{fmt, future::Future, time::Duration};

/// The control plane of DynamoDB. Every method is one logical request: implementations follow
/// pages, and retry after throttling, broken connections and 5xx responses.
pub trait ControlPlane: Send + Sync {
    /// Returns the names of all tables, from all pages, in the server's order.
    fn list_tables(&self) -> impl Future<Output = Result<Vec<String>, ServiceError>> + Send;

    /// Returns the present description of a table; `None` if there is no table with that name.
    /// `extras` are the settings to read in addition to those of `DescribeTable`.
    fn describe_table(
        &self,
        table: &str,
        extras: AuxiliarySettings,
    ) -> impl Future<Output = Result<Option<TableDescription>, ServiceError>> + Send;

    /// True if the table holds no item at this moment. A strongly consistent read of the items,
    /// because `ItemCount` is hours old.
    fn is_empty(&self, table: &str) -> impl Future<Output = Result<bool, ServiceError>> + Send;

    /// Sends the call. Its effect is asynchronous: callers have to wait for it.
    fn call(&self, call: &Call) -> impl Future<Output = Result<(), ServiceError>> + Send;
}

/// A clock, so that waits can be tested without waiting.
pub trait Clock: Send + Sync {
    /// Returns the time since a fixed moment. It never runs ahead, but may stand still while the
    /// machine is asleep.
    fn now(&self) -> Duration;

    /// Returns the longest time that may have passed since a fixed moment, which may differ from
    /// that of `now`. It never lags behind, and includes the time that the machine was asleep.
    fn latest(&self) -> Duration;

    /// Completes after the given duration.
    fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + Send;
}

/// The kind of an error, as far as the next action depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServiceErrorKind {
    /// Too many requests: `ThrottlingException`, `ProvisionedThroughputExceededException`, ….
    Throttled,
    /// `LimitExceededException`: too many table operations at once, or an index being built.
    LimitExceeded,
    /// `ResourceInUseException`: the table is being changed, or exists already.
    InUse,
    /// `ResourceNotFoundException`.
    NotFound,
    /// `ValidationException`: the request itself is wrong.
    Validation,
    /// The credentials do not permit the request.
    AccessDenied,
    /// There are no credentials, or the server rejects them.
    Credentials,
    /// The session has expired.
    ExpiredCredentials,
    /// The clock of this machine is too far off for signatures to be accepted.
    ClockSkew,
    /// There is no response from the endpoint.
    Unreachable,
    /// The connection broke, or the response timed out.
    Interrupted,
    /// The server failed (5xx).
    Server,
    /// The server does not support the operation, as some emulators do not.
    Unsupported,
    /// The request was not sent: the [fence](super::Fence) is closed.
    Fenced,
    /// An item of the ledger is not in mizzle's format.
    Damaged,
    /// Any other error.
    Other,
}

impl ServiceErrorKind {
    /// True if a request that failed like this may have been executed, with only the response lost.
    pub fn leaves_outcome_open(self) -> bool {
        matches!(self, Self::Interrupted | Self::Server)
    }

    /// True if requests for all other tables would fail like this one.
    pub fn concerns_every_table(self) -> bool {
        match self {
            Self::Credentials
            | Self::ExpiredCredentials
            | Self::ClockSkew
            | Self::Unreachable
            | Self::Interrupted
            | Self::Fenced => true,
            Self::Throttled
            | Self::LimitExceeded
            | Self::InUse
            | Self::NotFound
            | Self::Validation
            | Self::AccessDenied
            | Self::Server
            | Self::Unsupported
            | Self::Damaged
            | Self::Other => false,
        }
    }
}

/// A request that failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", Headline(self))]
pub struct ServiceError {
    /// The kind of the error.
    pub kind: ServiceErrorKind,
    /// The operation: `CreateTable`, `ListTables`, ….
    pub operation: &'static str,
    /// The table of the request.
    pub table: Option<String>,
    /// The service's error code, if it responded with one.
    pub code: Option<String>,
    /// The message of the service or of the connection.
    pub message: String,
    /// Further details.
    pub background: Box<ErrorDetails>,
}

impl ServiceError {
    /// True if it is a limit that does not pass within minutes: "There is a limit of 2500 tables
    /// per subscriber", "Update to PayPerRequest mode are limited to once in 1 day(s)". A refusal
    /// because of the number of operations in progress passes, and so does one without a message.
    ///
    /// DynamoDB has many messages for permanent limits and few for temporary ones, so the temporary
    /// ones are listed.
    pub fn is_quota(&self) -> bool {
        const PASSING: [&str; 6] = [
            // "Only 1 online index can be created or deleted simultaneously per table"
            "simultaneous",
            "tags are being updated",
            "at the same time",
            "oncurrent",
            "at once",
            "oo many operations",
        ];
        let is_final = |message: &str| !PASSING.iter().any(|text| message.contains(text));
        match self.kind {
            ServiceErrorKind::LimitExceeded => !self.message.is_empty() && is_final(&self.message),
            // Requests over an account's quota are validation errors, too.
            ServiceErrorKind::Validation => {
                LIMIT_WORDS.iter().any(|text| self.message.contains(text))
            }
            ServiceErrorKind::Throttled
            | ServiceErrorKind::InUse
            | ServiceErrorKind::NotFound
            | ServiceErrorKind::AccessDenied
            | ServiceErrorKind::Credentials
            | ServiceErrorKind::ExpiredCredentials
            | ServiceErrorKind::ClockSkew
            | ServiceErrorKind::Unreachable
            | ServiceErrorKind::Interrupted
            | ServiceErrorKind::Server
            | ServiceErrorKind::Unsupported
            | ServiceErrorKind::Fenced
            | ServiceErrorKind::Damaged
            | ServiceErrorKind::Other => false,
        }
    }

    /// Returns the time from which a limit allows the next change, as in the service's message:
    /// "Next changes can be made at 2026-10-09T12:00:00Z."
    pub fn next_moment(&self) -> Option<&str> {
        let (_, moment) = self.message.split_once(" can be made at ")?;
        let end = moment.find(". ").unwrap_or(moment.len());
        let moment = moment.get(..end)?.trim_end_matches('.').trim();
        (!moment.is_empty()).then_some(moment)
    }
}

/// Parts of the messages for requests over a quota of the account or the table.
const LIMIT_WORDS: [&str; 4] = [
    "of the account in region",
    "maximum for the account",
    "limit to be exceeded for the account",
    "Subscriber limit exceeded",
];

struct Headline<'a>(&'a ServiceError);

impl fmt::Display for Headline<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ServiceError { operation, table, code, message, .. } = self.0;
        write!(f, "{operation}")?;
        if let Some(table) = table {
            write!(f, " of {table}")?;
        }
        f.write_str(" failed: ")?;
        match code {
            Some(code) if message.is_empty() => f.write_str(code),
            Some(code) => write!(f, "{message} ({code})"),
            None => f.write_str(message),
        }
    }
}
