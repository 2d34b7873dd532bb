//! The fence in the clients that write: requests that change data are sent only while it is open.
//!
//! The SDK checks it as the last step before each attempt, including its own retries. So no request
//! can bypass it, and little time passes between the check and the request. If the fence is closed,
//! the request fails, and is sent again once the fence has been opened.

use crate::errors::Closed;
use aws_sdk_dynamodb::{
    config::{ConfigBag, Intercept, RuntimeComponents, interceptors},
    error::BoxError,
};
use mizzle_core::apply::{DataError, Fence, ServiceError, ServiceErrorKind};
use std::sync::Arc;

/// An error that may mean that a request was not sent.
pub(crate) trait MaybeFenced {
    fn kind(&self) -> ServiceErrorKind;

    /// Returns the same error with the reason as its message.
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

/// An interceptor that checks the fence before each attempt.
#[derive(Debug)]
pub(super) struct FenceInterceptor(pub(super) Arc<dyn Fence>);

impl Intercept for FenceInterceptor {
    fn name(&self) -> &'static str {
        "FenceInterceptor"
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
