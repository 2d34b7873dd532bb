//! What the core asks of the world: a control plane and a clock.

use super::Background;
use crate::{
    model::{Extras, TableDescription},
    plan::Call,
};
use std::{fmt, future::Future, time::Duration};

/// DynamoDB's control plane. Every method is one logical request: paging and the retries of
/// throttled, broken or 5xx answers happen behind it.
pub trait ControlPlane: Send + Sync {
    /// The names of all tables, every page of them, in the server's order.
    fn list_tables(&self) -> impl Future<Output = Result<Vec<String>, ServiceError>> + Send;

    /// The table as it is now; `None` when there is no table of that name. `extras` are the
    /// settings to ask for beside those of `DescribeTable`.
    fn describe_table(
        &self,
        table: &str,
        extras: Extras,
    ) -> impl Future<Output = Result<Option<TableDescription>, ServiceError>> + Send;

    /// Whether the table holds no item at this moment: a strongly consistent look at the items
    /// themselves, because `ItemCount` is hours old.
    fn is_empty(&self, table: &str) -> impl Future<Output = Result<bool, ServiceError>> + Send;

    /// Sends the call. Once it is accepted, its effect is asynchronous and has to be waited for.
    fn call(&self, call: &Call) -> impl Future<Output = Result<(), ServiceError>> + Send;
}

/// Time, so that waits can be tested without waiting.
pub trait Clock: Send + Sync {
    /// Time since some fixed moment. It never runs ahead; while the machine is asleep it may stand
    /// still.
    fn now(&self) -> Duration;

    /// The longest time that may have passed since some fixed moment, which need not be the same: it
    /// never lags behind, and counts what the machine has slept.
    fn latest(&self) -> Duration;

    /// Completes after the given time.
    fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + Send;
}

/// What kind of trouble a request ran into, as far as it decides what to do next.
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
    /// The credentials may not do this.
    AccessDenied,
    /// There are no credentials, or the server does not accept them.
    Credentials,
    /// The session has expired.
    ExpiredCredentials,
    /// The clock of this machine is too far off for a signature to be accepted.
    ClockSkew,
    /// Nothing answers at the endpoint.
    Unreachable,
    /// The connection broke or the answer did not come in time.
    Interrupted,
    /// The server failed (5xx).
    Server,
    /// The server has no such operation, as some emulators have not.
    Unsupported,
    /// It was not sent: the [fence](super::Fence) is closed.
    Fenced,
    /// An item of the ledger is not in the form in which mizzle writes it.
    Damaged,
    /// Anything else.
    Other,
}

impl ServiceErrorKind {
    /// Whether a request that failed like this may have been carried out all the same, and only its
    /// answer have been lost.
    pub fn leaves_outcome_open(self) -> bool {
        matches!(self, Self::Interrupted | Self::Server)
    }

    /// Whether a request about any other table would fail like this one.
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
    /// What kind of trouble it is.
    pub kind: ServiceErrorKind,
    /// The operation: `CreateTable`, `ListTables`, ….
    pub operation: &'static str,
    /// The table that the request was about.
    pub table: Option<String>,
    /// The service's error code, when it answered with one.
    pub code: Option<String>,
    /// What the service, or the connection, said.
    pub message: String,
    /// What is known beyond that.
    pub background: Box<Background>,
}

impl ServiceError {
    /// Whether it is a limit that does not pass within minutes: "There is a limit of 2500 tables per
    /// subscriber", "Update to PayPerRequest mode are limited to once in 1 day(s)". A refusal for the
    /// number of operations under way passes, and so does one that says nothing.
    ///
    /// DynamoDB has many words for limits that last and few for those that pass, so it is these that
    /// are known.
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
            // What asks for more than the account may have is refused like a slip, too.
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

    /// When a limit allows the next change, in the words of the service: "Next changes can be made at
    /// 2026-10-09T12:00:00Z."
    pub fn next_moment(&self) -> Option<&str> {
        let (_, moment) = self.message.split_once(" can be made at ")?;
        let end = moment.find(". ").unwrap_or(moment.len());
        let moment = moment.get(..end)?.trim_end_matches('.').trim();
        (!moment.is_empty()).then_some(moment)
    }
}

/// What says of a refused request that it asks for more than the account, or the table, may have.
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
