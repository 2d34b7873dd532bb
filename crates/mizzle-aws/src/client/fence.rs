//! The fence in the clients that write: requests that change something leave only while it is open.
//!
//! The SDK asks it as the last thing before each attempt, its own repetitions included, so that no
//! request can be forgotten, and little time is left between the answer and the request. Where it is
//! closed, the request is given back, and sent again once the fence could be opened.

use crate::errors::Closed;
use aws_sdk_dynamodb::{
    config::{ConfigBag, Intercept, RuntimeComponents, interceptors},
    error::BoxError,
};
use mizzle_core::apply::{DataError, Fence, ServiceError, ServiceErrorKind};
use std::sync::Arc;

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

/// Asks the fence before each attempt.
#[derive(Debug)]
pub(super) struct Gate(pub(super) Arc<dyn Fence>);

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
