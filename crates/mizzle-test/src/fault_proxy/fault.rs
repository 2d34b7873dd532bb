//! The faults of the proxy.

use serde_json::Value;
use std::time::Duration;

/// An effect of a [`FaultProxy`](crate::FaultProxy) on a request or its response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The request never reaches the server; the proxy answers with an error. There is a
    /// constructor for each error that a client has to handle: [`Fault::throttle`], …
    Refuse {
        /// The HTTP status: 400 for a fault of the client (including throttling), or 500.
        status: u16,
        /// The error's name: `ThrottlingException`.
        code: String,
        /// The error's message.
        message: String,
    },
    /// The server executes the request, and the client receives an internal error (500).
    FailAfter,
    /// The connection is closed without an answer; the request never reaches the server.
    CutBefore,
    /// The server executes the request, and the connection is closed without an answer.
    CutAfter,
    /// The server executes the request. `Content-Length` announces its whole answer, only this
    /// many bytes are sent (at least one less than announced), then the connection is closed.
    Truncate(usize),
    /// The server executes the request immediately; its answer is delayed by this time.
    Delay(Duration),
    /// The request never reaches the server; the proxy returns this answer, of an operation that
    /// the server may not support.
    Answer(Value),
    /// The server executes the request. If its answer is not an error, these fields are merged
    /// into it recursively: `{ "Table": { "TableStatus": "CREATING" } }`.
    Overlay(Value),
    /// DynamoDB's delayed statuses. The server executes the request; the answer, and then the
    /// next `looks` reads, show a change in progress:
    ///
    /// | after | reads are | which show |
    /// |---|---|---|
    /// | `CreateTable` | `DescribeTable` | the table and its GSIs `CREATING` |
    /// | `UpdateTable` | `DescribeTable` | the table `UPDATING`; a new GSI `CREATING` and `Backfilling`, a changed one `UPDATING`, a deleted one still present, `DELETING` |
    /// | `DeleteTable` | `DescribeTable` | the table still present, `DELETING` |
    /// | `UpdateTimeToLive` | `DescribeTimeToLive` | `ENABLING` or `DISABLING` |
    /// | `CreateBackup` | `DescribeBackup` | the backup `CREATING` |
    ///
    /// While reads are left, the table refuses `CreateTable`, `UpdateTable` and `DeleteTable` with
    /// `ResourceInUseException` (not after `UpdateTimeToLive` and `CreateBackup`, which AWS
    /// executes in parallel to other changes). Other operations, and calls that the server
    /// refused, are not held.
    Hold {
        /// The number of reads before the true status is shown.
        looks: usize,
    },
    /// Eventual consistency. The server executes the request; the next `looks` reads return the
    /// previous state: `DescribeTable` after `CreateTable` (table not found), `UpdateTable` and
    /// `DeleteTable`; `DescribeTimeToLive` after `UpdateTimeToLive`;
    /// `DescribeContinuousBackups` after `UpdateContinuousBackups`; `ListTagsOfResource` after
    /// `TagResource` and `UntagResource`; `GetResourcePolicy` after `PutResourcePolicy` and
    /// `DeleteResourcePolicy`. Other operations, and calls that the server refused, have no
    /// effect.
    Stale {
        /// The number of reads that return the previous state.
        looks: usize,
    },
}

impl Fault {
    /// An error instead of an answer.
    pub fn refuse(status: u16, code: &str, message: &str) -> Self {
        Self::Refuse { status, code: code.to_owned(), message: message.to_owned() }
    }

    /// Too many requests: `ThrottlingException`.
    pub fn throttle() -> Self {
        Self::refuse(400, "ThrottlingException", "Rate of requests exceeds the allowed throughput.")
    }

    /// Too many table operations at once: `LimitExceededException`.
    pub fn limit_exceeded() -> Self {
        Self::refuse(400, "LimitExceededException", "Too many table operations at the same time.")
    }

    /// The table is being changed: `ResourceInUseException`.
    pub fn in_use() -> Self {
        Self::refuse(400, "ResourceInUseException", "The table is being changed.")
    }

    /// A transient fault of the service: status 500, `InternalServerError`.
    pub fn internal_error() -> Self {
        Self::refuse(500, "InternalServerError", "Internal server error")
    }

    /// A missing permission: `AccessDeniedException`. An action is `dynamodb:UpdateTable`.
    pub fn access_denied(action: &str) -> Self {
        let message = format!(
            "User: arn:aws:iam::777700000000:user/test is not authorized to perform: {action}"
        );
        Self::refuse(400, "AccessDeniedException", &message)
    }

    /// Credentials that have expired: `ExpiredTokenException`.
    pub fn expired_token() -> Self {
        Self::refuse(
            400,
            "ExpiredTokenException",
            "The security token included in the request is expired",
        )
    }
}
