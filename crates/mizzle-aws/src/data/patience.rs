//! Waits while a table is throttled.

use crate::{client::DynamoDb, data::refusal::fenced, limits::pauses};
use mizzle_core::{
    apply::{DataError, Fenced, ServiceErrorKind},
    text,
};
use serde_json::Value;
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// The first pause; later ones grow while no request succeeds.
const FIRST_PAUSE: Duration = Duration::from_millis(50);

/// The interval at which a pause checks the fence.
const SLICE: Duration = Duration::from_millis(200);

/// Returns the pauses between throttled attempts, which add up to this time.
pub(super) fn throttling_pauses(patience: Duration) -> impl Iterator<Item = Duration> + Send {
    pauses(FIRST_PAUSE, patience)
}

/// Returns the time after which [`throttling_pauses`] end, in words.
pub(super) fn shown(patience: Duration) -> String {
    let minutes = (patience.as_secs() + 30) / 60;
    text::count(usize::try_from(minutes).unwrap_or(usize::MAX), "minute", "minutes")
}

impl DynamoDb {
    /// Waits before a throttled request is sent again.
    ///
    /// # Errors
    /// When no request may be sent any more: the lock is lost, or the run is being interrupted.
    pub(super) async fn pause(&self, delay: Duration) -> Result<(), DataError> {
        let end = Instant::now() + delay;
        loop {
            if let Some(fence) = self.fence.as_ref().filter(|fence| !fence.is_open()) {
                fence.open().await.map_err(|Fenced { reason }| fenced(reason))?;
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            sleep(left.min(SLICE)).await;
        }
    }
}

/// Sends a request about the tables until it is not throttled, or `patience` ends. `pause` waits
/// between the attempts.
pub(super) async fn patiently<T, F, P>(
    tables: &[&str],
    patience: Duration,
    send: impl Fn() -> F,
    pause: impl Fn(Duration) -> P,
) -> Result<T, DataError>
where
    F: Future<Output = Result<T, DataError>>,
    P: Future<Output = Result<(), DataError>>,
{
    let mut delays = throttling_pauses(patience);
    let mut attempts = 0;
    loop {
        let error = match send().await {
            Err(error) if is_throttled(&error) => error,
            answer => return answer,
        };
        attempts += 1;
        match delays.next() {
            Some(delay) => pause(delay).await?,
            None if patience.is_zero() => return Err(error),
            None => return Err(given_up(error, tables, attempts, patience)),
        }
    }
}

/// True if the same request may succeed later. This includes a transaction that was canceled for
/// throttling, or for another transaction with the same items, and for no other reason.
/// Source: [`TransactWriteItems`](https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html).
fn is_throttled(error: &DataError) -> bool {
    if error.kind == ServiceErrorKind::Throttled {
        return true;
    }
    let reasons = error.fields.iter().find(|(name, _)| name == "CancellationReasons");
    let Some((_, Value::Array(reasons))) = reasons else { return false };
    let passes = |code: &str| {
        matches!(code, "ProvisionedThroughputExceeded" | "ThrottlingError" | "TransactionConflict")
    };
    let codes = reasons.iter().filter_map(|reason| reason.get("Code").and_then(Value::as_str));
    let mut codes = codes.filter(|code| *code != "None").peekable();
    codes.peek().is_some() && codes.all(passes)
}

/// Returns the last error of a request that was throttled each time.
fn given_up(error: DataError, tables: &[&str], attempts: usize, patience: Duration) -> DataError {
    let (tables, throttle) =
        (text::list(tables), if tables.len() == 1 { "throttles" } else { "throttle" });
    let message = format!(
        "{} ({tables} {throttle}: tried {attempts} times for {})",
        error.message.trim_end_matches('.'),
        shown(patience),
    );
    DataError { message, kind: ServiceErrorKind::Throttled, ..error }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connect::Connection;
    use futures_util::future::BoxFuture;
    use mizzle_core::apply::Fence;
    use serde_json::json;
    use std::{cell::Cell, future::ready, sync::Arc};

    const PATIENCE: Duration = Duration::from_secs(180);

    fn error(kind: ServiceErrorKind, fields: &Value) -> DataError {
        let fields = fields.as_object().into_iter().flatten();
        DataError {
            name: "Name".to_owned(),
            message: "Too much.".to_owned(),
            fields: fields.map(|(name, value)| (name.clone(), value.clone())).collect(),
            kind,
            request_id: None,
        }
    }

    fn canceled(codes: &[&str]) -> DataError {
        let reasons: Vec<_> = codes.iter().map(|code| json!({ "Code": code })).collect();
        error(ServiceErrorKind::Other, &json!({ "CancellationReasons": reasons }))
    }

    fn throttled() -> DataError {
        error(ServiceErrorKind::Throttled, &json!({}))
    }

    #[test]
    fn what_may_pass_later() {
        for (error, expected) in [
            (throttled(), true),
            (error(ServiceErrorKind::Validation, &json!({})), false),
            (error(ServiceErrorKind::Other, &json!({ "Item": {} })), false),
            (canceled(&["None", "ThrottlingError"]), true),
            (canceled(&["ProvisionedThroughputExceeded", "TransactionConflict"]), true),
            (canceled(&["ThrottlingError", "ConditionalCheckFailed"]), false),
            (canceled(&["None"]), false),
            (canceled(&[]), false),
        ] {
            assert_eq!(is_throttled(&error), expected, "{error:?}");
        }
    }

    /// Sends until patience ends, with these responses, repeating the last one. Returns the
    /// outcome, the number of attempts, and the sum of the pauses.
    async fn sent(
        answers: Vec<Result<u32, DataError>>,
    ) -> (Result<u32, DataError>, usize, Duration) {
        let (attempts, paused) = (Cell::new(0), Cell::new(Duration::ZERO));
        let send = || {
            let answer = answers.get(attempts.get()).or(answers.last()).unwrap().clone();
            attempts.set(attempts.get() + 1);
            ready(answer)
        };
        let pause = |delay| {
            paused.set(paused.get() + delay);
            ready(Ok(()))
        };
        (patiently(&["A", "B"], PATIENCE, send, pause).await, attempts.get(), paused.get())
    }

    #[tokio::test]
    async fn a_throttled_request_is_sent_until_it_passes() {
        let answers = vec![Err(throttled()), Err(canceled(&["ThrottlingError"])), Ok(1)];
        let (outcome, attempts, paused) = sent(answers).await;
        assert_eq!((outcome, attempts), (Ok(1), 3));
        assert!(!paused.is_zero());

        let refused = error(ServiceErrorKind::Validation, &json!({}));
        let (outcome, attempts, _) = sent(vec![Err(throttled()), Err(refused.clone())]).await;
        assert_eq!((outcome, attempts), (Err(refused), 2));
    }

    #[tokio::test]
    async fn patience_ends() {
        let (outcome, attempts, paused) = sent(vec![Err(canceled(&["ThrottlingError"]))]).await;
        let range = PATIENCE - Duration::from_secs(10)..PATIENCE + Duration::from_secs(10);
        assert!(range.contains(&paused), "{paused:?}");
        // No pause is longer than ten seconds, including its jitter.
        assert!(attempts > 18, "{attempts}");
        let error = outcome.unwrap_err();
        let expected = format!("Too much (A and B throttle: tried {attempts} times for 3 minutes)");
        assert_eq!(error.message, expected);
        // The explanation of errors does not depend on the format of transactions.
        assert_eq!(error.kind, ServiceErrorKind::Throttled);
    }

    #[tokio::test]
    async fn a_pause_may_end_it() {
        let stop = |_| ready(Err(fenced("interrupted".to_owned())));
        let ended = patiently::<(), _, _>(&["A"], PATIENCE, || ready(Err(throttled())), stop).await;
        assert_eq!(ended.unwrap_err().kind, ServiceErrorKind::Fenced);
    }

    /// A fence that stays closed.
    #[derive(Debug)]
    struct Closed;

    impl Fence for Closed {
        fn is_open(&self) -> bool {
            false
        }

        fn open(&self) -> BoxFuture<'_, Result<(), Fenced>> {
            Box::pin(async { Err(Fenced { reason: "interrupted".to_owned() }) })
        }
    }

    #[tokio::test]
    async fn no_pause_outlasts_the_fence() {
        let endpoint = Some("http://localhost:1".to_owned());
        let server = DynamoDb::connect(Connection { endpoint, ..Connection::default() }).await;
        let server = server.unwrap();
        assert_eq!(server.pause(Duration::from_millis(1)).await, Ok(()));
        let ended = server.fenced(Arc::new(Closed)).pause(Duration::from_secs(3600)).await;
        assert_eq!(ended, Err(fenced("interrupted".to_owned())));
    }
}
