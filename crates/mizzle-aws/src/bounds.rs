//! Bounds on what a server may answer. DynamoDB stays far below them; whatever goes beyond is a stranger, and
//! neither fills the memory nor keeps a command from its end.

use crate::failure::Request;
use aws_sdk_dynamodb::config::{
    ConfigBag, Intercept, RuntimeComponents,
    interceptors::BeforeDeserializationInterceptorContextMut,
};
use aws_smithy_types::body::SdkBody;
use http_body_util::Limited;
use mizzle_core::apply::ServiceError;

/// The largest answer that is read, in bytes. DynamoDB's own largest has 16 MB of items, which base64 and
/// JSON make longer.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html>.
const ANSWER: usize = 64 << 20;

/// The most pages of a list that are read. A thousand pages of tables have a hundred thousand names.
const PAGES: usize = 1000;

/// The part of a client that does not read larger answers.
#[derive(Debug)]
pub(crate) struct AnswerLimit;

impl Intercept for AnswerLimit {
    fn name(&self) -> &'static str {
        "AnswerLimit"
    }

    fn modify_before_deserialization(
        &self,
        context: &mut BeforeDeserializationInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), aws_sdk_dynamodb::error::BoxError> {
        let body = context.response_mut().body_mut();
        let whole = std::mem::replace(body, SdkBody::taken());
        *body = SdkBody::from_body_1_x(Limited::new(whole, ANSWER));
        Ok(())
    }
}

/// The pages of a list so far.
#[derive(Debug)]
pub(crate) struct Pages<T> {
    read: usize,
    last: Option<T>,
}

impl<T: Clone + PartialEq> Pages<T> {
    pub(crate) fn new() -> Self {
        Self { read: 0, last: None }
    }

    /// The place where the next page begins; `None` for the first one.
    pub(crate) fn start(&self) -> Option<T> {
        self.last.clone()
    }

    /// Notes a page and the place where the next one begins. Returns whether there is a next one.
    ///
    /// # Errors
    ///
    /// When the list has no end: it comes back to the same place, or has more pages than any list of
    /// DynamoDB.
    pub(crate) fn go_on(
        &mut self,
        next: Option<T>,
        request: &Request<'_>,
    ) -> Result<bool, ServiceError> {
        self.read += 1;
        let Some(next) = next else { return Ok(false) };
        if self.last.as_ref() == Some(&next) || self.read >= PAGES {
            let message = format!("the answer has no end: {} pages were read", self.read);
            return Err(request.refused(message));
        }
        self.last = Some(next);
        Ok(true)
    }
}
