//! A server behind a fence: requests that change something leave only while it is open.
//!
//! The fence is a part of the clients that write. The SDK asks it as the last thing before each
//! attempt, its own repetitions included, so that no request can be forgotten, and little time is left
//! between the answer and the request. Where it is closed, the request is given back, and sent anew
//! once the fence could be opened.

use crate::client::DynamoDb;
use aws_sdk_dynamodb::{
    Client,
    config::{ConfigBag, Intercept, RuntimeComponents, interceptors},
    error::BoxError,
};
use mizzle_core::apply::{DataError, Fence, ServiceError, ServiceErrorKind};
use std::sync::Arc;

impl DynamoDb {
    /// The same server, to which nothing that changes anything is sent while the fence is closed.
    /// Whoever reads is not asked. A ledger stands outside of its own fence.
    #[must_use]
    pub fn fenced(&self, fence: Arc<dyn Fence>) -> Self {
        let fenced = |client: &Client| {
            let config = client.config().to_builder().interceptor(Gate(Arc::clone(&fence)));
            Client::from_conf(config.build())
        };
        let (once, items) = (fenced(&self.once), fenced(&self.items));
        Self { once, items, fence: Some(fence), ..self.clone() }
    }

    /// Sends a request that changes something. One that has found the fence closed is sent again as
    /// soon as it is open.
    pub(crate) async fn write<T, E, F>(&self, send: impl Fn() -> F) -> Result<T, E>
    where
        E: MaybeFenced,
        F: Future<Output = Result<T, E>>,
    {
        loop {
            let answer = send().await;
            let (Some(fence), Err(error)) = (&self.fence, &answer) else { return answer };
            if error.kind() != ServiceErrorKind::Fenced {
                return answer;
            }
            if let Err(fenced) = fence.open().await {
                return answer.map_err(|error| error.because(fenced.to_string()));
            }
        }
    }
}

/// An error that may say that a request was not sent.
pub(crate) trait MaybeFenced {
    fn kind(&self) -> ServiceErrorKind;

    /// The same, with the reason.
    fn because(self, reason: String) -> Self;
}

impl MaybeFenced for ServiceError {
    fn kind(&self) -> ServiceErrorKind {
        self.kind
    }

    fn because(self, message: String) -> Self {
        Self { message, ..self }
    }
}

impl MaybeFenced for DataError {
    fn kind(&self) -> ServiceErrorKind {
        self.kind
    }

    fn because(self, message: String) -> Self {
        Self { message, ..self }
    }
}

/// The fence has been found closed.
#[derive(Debug, thiserror::Error)]
#[error("not sent: the fence is closed")]
pub(crate) struct Closed;

/// Asks the fence before each attempt.
#[derive(Debug)]
struct Gate(Arc<dyn Fence>);

impl Intercept for Gate {
    fn name(&self) -> &'static str {
        "Gate"
    }

    fn read_before_transmit(
        &self,
        _context: &interceptors::BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if self.0.is_open() { Ok(()) } else { Err(Closed.into()) }
    }
}
