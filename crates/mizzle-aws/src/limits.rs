//! Limits: the size of a server's response, the rate of requests to AWS, and the length of pauses.
//!
//! DynamoDB stays far below the limits of responses. A server beyond them is not DynamoDB, and must
//! neither fill the memory nor keep a command from ending.

use aws_sdk_dynamodb::config::{
    ConfigBag, Intercept, RuntimeComponents,
    interceptors::BeforeDeserializationInterceptorContextMut,
};
use aws_smithy_types::body::SdkBody;
use backon::{BackoffBuilder, ExponentialBuilder};
use http_body_util::Limited;
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::Mutex,
    time::{Interval, MissedTickBehavior, interval},
};

/// The largest response that is read, in bytes. DynamoDB's own largest has 16 MB of items, which
/// base64 and JSON make longer.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html>.
const ANSWER: usize = 64 << 20;

/// The maximum number of pages of a list. A thousand pages of tables have a hundred thousand names.
const PAGES: usize = 1000;

/// An interceptor that limits the size of responses.
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

/// The pages of a list that have been read.
#[derive(Debug)]
pub(crate) struct Pages<T> {
    read: usize,
    last: Option<T>,
}

impl<T: Clone + PartialEq> Pages<T> {
    pub(crate) fn new() -> Self {
        Self { read: 0, last: None }
    }

    /// Returns the start key of the next page; `None` for the first one.
    pub(crate) fn start(&self) -> Option<T> {
        self.last.clone()
    }

    /// Records a page and the start key of the next one. Returns true if there is a next one.
    ///
    /// # Errors
    ///
    /// When the list is endless: it returns the same start key again, or has more pages than any
    /// list of DynamoDB.
    pub(crate) fn go_on(&mut self, next: Option<T>) -> Result<bool, Endless> {
        self.read += 1;
        let Some(next) = next else { return Ok(false) };
        if self.last.as_ref() == Some(&next) || self.read >= PAGES {
            return Err(Endless { pages: self.read });
        }
        self.last = Some(next);
        Ok(true)
    }
}

/// A list without an end.
#[derive(Debug, thiserror::Error)]
#[error("the answer has no end: {pages} pages were read")]
pub(crate) struct Endless {
    pages: usize,
}

/// The interval between two requests: ten a second.
/// Source: the API reference of `ListTagsOfResource` and of `DescribeContinuousBackups`.
const INTERVAL: Duration = Duration::from_millis(100);

/// Rate limiters for requests with account-wide quotas at AWS. Clones share them.
#[derive(Debug, Clone)]
pub(crate) struct Turns {
    /// `ListTagsOfResource`.
    pub(crate) tags: Turn,
    /// `DescribeContinuousBackups`.
    pub(crate) backups: Turn,
}

impl Turns {
    /// Creates rate limiters, which have no effect outside AWS.
    pub(crate) fn at(is_aws: bool) -> Self {
        let interval = if is_aws { INTERVAL } else { Duration::ZERO };
        Self { tags: Turn::every(interval), backups: Turn::every(interval) }
    }
}

/// A rate limiter with a fixed pause between two requests.
#[derive(Debug, Clone)]
pub(crate) struct Turn {
    /// `Duration::ZERO` for no pause.
    interval: Duration,
    /// Created by the first request, because an interval needs a runtime.
    ticks: Arc<Mutex<Option<Interval>>>,
}

impl Turn {
    fn every(interval: Duration) -> Self {
        Self { interval, ticks: Arc::default() }
    }

    /// Waits for a permit. Waiters get theirs in the order of their calls.
    pub(crate) async fn wait(&self) {
        if self.interval.is_zero() {
            return;
        }
        let mut ticks = self.ticks.lock().await;
        let ticks = ticks.get_or_insert_with(|| {
            let mut ticks = interval(self.interval);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            ticks
        });
        ticks.tick().await;
    }
}

/// The longest pause; a longer one would only waste time.
const LONGEST: Duration = Duration::from_secs(5);

/// Returns growing pauses with jitter, so that requests that failed together do not collide again.
/// They end when their sum would exceed `limit`.
pub(crate) fn pauses(first: Duration, limit: Duration) -> impl Iterator<Item = Duration> + Send {
    ExponentialBuilder::new()
        .with_min_delay(first)
        .with_max_delay(LONGEST.max(first))
        .with_total_delay(Some(limit))
        .without_max_times()
        .with_jitter()
        .build()
}

#[cfg(test)]
mod tests {
    use super::Turn;
    use futures_util::future::join_all;
    use std::time::{Duration, Instant};

    #[tokio::test]
    async fn ten_that_come_together_are_let_through_one_after_another() {
        let turn = Turn::every(Duration::from_millis(10));
        let began = Instant::now();
        join_all((0..10).map(|_| turn.wait())).await;
        assert!(began.elapsed() >= Duration::from_millis(90));
    }
}
