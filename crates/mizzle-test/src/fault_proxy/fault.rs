//! What can go wrong.

use serde_json::Value;
use std::time::Duration;

/// What a [`FaultProxy`](crate::FaultProxy) does to a request or its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The request never reaches the server; the proxy answers with an error. There is a
    /// constructor for each error that a client has to know: [`Fault::throttle`], …
    Refuse {
        /// The HTTP status: 400 where the client is at fault (throttling counts as that), or 500.
        status: u16,
        /// The error's name: `ThrottlingException`.
        code: String,
        /// What the error says.
        message: String,
    },
    /// The server does what it was asked, and the client is told of an internal error (500).
    FailAfter,
    /// The connection is closed without an answer; the request never reaches the server.
    CutBefore,
    /// The server does what it was asked, and the connection is closed without an answer.
    CutAfter,
    /// The server does what it was asked. `Content-Length` announces its whole answer, only that
    /// many bytes come (at least one less than there are), then the connection is closed.
    Truncate(usize),
    /// The server does what it was asked at once; its answer comes that much later.
    Delay(Duration),
    /// The request never reaches the server; the proxy gives this answer, of an operation that the
    /// server may not have.
    Answer(Value),
    /// The server does what it was asked. Of its answer, when it is no error, these fields are laid
    /// over what is there, object by object: `{ "Table": { "TableStatus": "CREATING" } }`.
    Overlay(Value),
    /// DynamoDB's delayed statuses. The server does what it was asked; the answer, and then the
    /// next `looks` times that somebody looks, show a change that is under way:
    ///
    /// | after | looks are | which show |
    /// |---|---|---|
    /// | `CreateTable` | `DescribeTable` | the table and its GSIs `CREATING` |
    /// | `UpdateTable` | `DescribeTable` | the table `UPDATING`; a new GSI `CREATING` and `Backfilling`, a changed one `UPDATING`, a dropped one still there, `DELETING` |
    /// | `DeleteTable` | `DescribeTable` | the table still there, `DELETING` |
    /// | `UpdateTimeToLive` | `DescribeTimeToLive` | `ENABLING` or `DISABLING` |
    /// | `CreateBackup` | `DescribeBackup` | the backup `CREATING` |
    ///
    /// While looks are left, the table refuses `CreateTable`, `UpdateTable` and `DeleteTable` with
    /// `ResourceInUseException` (not so after `UpdateTimeToLive` and `CreateBackup`, which AWS
    /// carries out beside other changes). Nothing is held after another operation, or when the server refused.
    Hold {
        /// How many looks there are until the true status shows.
        looks: usize,
    },
    /// Eventual consistency. The server does what it was asked; the next `looks` answers to who
    /// looks are the one from before: `DescribeTable` after `CreateTable` (there is no such
    /// table), `UpdateTable` and `DeleteTable`; `DescribeTimeToLive` after `UpdateTimeToLive`;
    /// `DescribeContinuousBackups` after `UpdateContinuousBackups`; `ListTagsOfResource` after
    /// `TagResource` and `UntagResource`; `GetResourcePolicy` after `PutResourcePolicy` and
    /// `DeleteResourcePolicy`. Other operations, and calls that the server refused, are as ever.
    Stale {
        /// How many answers are from before.
        looks: usize,
    },
}

impl Fault {
    /// An error of the server's own choosing, instead of an answer.
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

    /// A passing fault of the service: status 500, `InternalServerError`.
    pub fn internal_error() -> Self {
        Self::refuse(500, "InternalServerError", "Internal server error")
    }

    /// The caller may not: `AccessDeniedException`. An action is `dynamodb:UpdateTable`.
    pub fn access_denied(action: &str) -> Self {
        let message = format!(
            "User: arn:aws:iam::777700000000:user/test is not authorized to perform: {action}"
        );
        Self::refuse(400, "AccessDeniedException", &message)
    }

    /// The credentials were good, and are no more: `ExpiredTokenException`.
    pub fn expired_token() -> Self {
        Self::refuse(
            400,
            "ExpiredTokenException",
            "The security token included in the request is expired",
        )
    }
}
