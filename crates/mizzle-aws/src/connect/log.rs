//! Logs a line for each response: the operation, the status, the request id and the time.
//!
//! Neither headers nor bodies are logged: they hold signatures, tokens and items.

use aws_sdk_dynamodb::{
    config::{ConfigBag, Intercept, RuntimeComponents, interceptors},
    error::BoxError,
};
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_types::config_bag::{Storable, StoreReplace};
use std::time::Instant;
use tracing::debug;

/// The header with the id of a request, for AWS support.
const REQUEST_ID: &str = "x-amzn-requestid";

/// The moment in which an attempt was sent.
#[derive(Debug, Clone, Copy)]
struct Sent(Instant);

impl Storable for Sent {
    type Storer = StoreReplace<Self>;
}

/// An interceptor that logs each attempt of each request.
#[derive(Debug)]
pub(super) struct Log;

impl Intercept for Log {
    fn name(&self) -> &'static str {
        "Log"
    }

    fn read_before_transmit(
        &self,
        _context: &interceptors::BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        config.interceptor_state().store_put(Sent(Instant::now()));
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &interceptors::FinalizerInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let operation = config.load::<Metadata>().map(Metadata::name);
        let elapsed_ms = config.load::<Sent>().map(|Sent(sent)| sent.elapsed().as_millis());
        let answer = context.response();
        let status = answer.map(|answer| answer.status().as_u16());
        let request_id = answer.and_then(|answer| answer.headers().get(REQUEST_ID));
        debug!(operation, status, request_id, elapsed_ms, "request");
        Ok(())
    }
}
