//! Batches of any length: sent in parts, with unprocessed entries sent again.

pub(super) mod requests;

use self::requests::{BatchGet, BatchWrite};
use crate::{
    client::DynamoDb,
    data::{
        answers::{Answer, collection_metrics, consumed_capacity},
        patience::{shown, throttling_pauses},
        refusal::answered,
        values::{Item, by_name, item_json},
    },
    errors::Request,
};
use aws_sdk_dynamodb::{
    operation::batch_write_item::BatchWriteItemInput,
    types::{
        ConsumedCapacity, ItemCollectionMetrics, KeysAndAttributes, ReturnConsumedCapacity,
        ReturnItemCollectionMetrics, WriteRequest,
    },
};
use mizzle_core::{
    apply::{DataError, ServiceErrorKind},
    text,
};
use serde_json::{Value, json};
use std::{collections::HashMap, time::Duration};

/// Runs a `BatchGetItem`.
pub(crate) async fn get(
    server: &DynamoDb,
    request: &Request<'_>,
    input: &Value,
) -> Result<Value, DataError> {
    let BatchGet { tables, capacity } = requests::get(input)?;
    let mut keys = Vec::new();
    let mut templates = HashMap::new();
    for (table, mut template) in tables {
        keys.extend(template.keys.drain(..).map(|key| (table.clone(), key)));
        templates.insert(table, template);
    }
    let mut gets =
        Gets { server, request, templates, capacity, found: HashMap::new(), consumed: Vec::new() };
    send_all(&mut gets, server.patience, keys).await?;
    Ok(Answer::default()
        .with("Responses", by_name(&gets.found, |items| items.iter().map(item_json).collect()))
        .with("UnprocessedKeys", json!({}))
        .maybe("ConsumedCapacity", consumed_json(&gets.consumed), |json| json)
        .done())
}

/// Runs a `BatchWriteItem`.
pub(crate) async fn write(
    server: &DynamoDb,
    request: &Request<'_>,
    input: &Value,
) -> Result<Value, DataError> {
    let BatchWrite { tables, capacity, metrics } = requests::write(input)?;
    let entries: Vec<_> = tables
        .into_iter()
        .flat_map(|(table, entries)| entries.into_iter().map(move |entry| (table.clone(), entry)))
        .collect();
    let mut writes = Writes {
        server,
        request,
        capacity,
        metrics,
        collections: HashMap::new(),
        consumed: Vec::new(),
    };
    send_all(&mut writes, server.patience, entries).await?;
    let collections = Some(&writes.collections).filter(|collections| !collections.is_empty());
    Ok(Answer::default()
        .with("UnprocessedItems", json!({}))
        .maybe("ItemCollectionMetrics", collections, |collections| {
            by_name(collections, |metrics| metrics.iter().map(collection_metrics).collect())
        })
        .maybe("ConsumedCapacity", consumed_json(&writes.consumed), |json| json)
        .done())
}

/// A kind of batch, with the responses to its parts.
trait Batch {
    /// An entry of the batch, without its table.
    type Entry: Clone + Send;

    /// The maximum number of entries in a request to DynamoDB.
    /// Source: [`BatchWriteItem`](https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html),
    /// [`BatchGetItem`](https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html).
    const SIZE: usize;

    /// The past participle of the action on an entry.
    const DONE: &'static str;

    /// Sends these entries and returns the unprocessed ones.
    fn send(
        &mut self,
        part: Vec<(String, Self::Entry)>,
    ) -> impl Future<Output = Result<Vec<(String, Self::Entry)>, DataError>> + Send;

    /// Waits before unprocessed entries are sent again.
    fn pause(&mut self, delay: Duration) -> impl Future<Output = Result<(), DataError>> + Send;
}

/// Sends all entries in their order. Fails if entries stay unprocessed for a long time in which no
/// other was processed: in a response they would be overlooked.
async fn send_all<B: Batch>(
    batch: &mut B,
    patience: Duration,
    mut entries: Vec<(String, B::Entry)>,
) -> Result<(), DataError> {
    let total = entries.len();
    loop {
        let rest = entries.split_off(entries.len().min(B::SIZE));
        // The order of two writes to one item matters: a part is finished before the next one
        // starts.
        let mut part = entries;
        let mut delays = throttling_pauses(patience);
        loop {
            let (left, refusal) = match batch.send(part.clone()).await {
                Ok(left) => (left, None),
                // If no entry was processed, the service returns an error.
                Err(error) if error.kind == ServiceErrorKind::Throttled => {
                    (part.clone(), Some(error))
                }
                Err(error) => {
                    return Err(after(error, B::DONE, total - part.len() - rest.len(), total));
                }
            };
            if left.is_empty() {
                break;
            }
            if left.len() < part.len() {
                delays = throttling_pauses(patience);
            }
            part = left;
            match (delays.next(), refusal) {
                (Some(delay), _) => batch.pause(delay).await?,
                (None, refusal) => {
                    let error = refusal.unwrap_or_else(|| left_unprocessed(patience));
                    return Err(after(error, B::DONE, total - part.len() - rest.len(), total));
                }
            }
        }
        if rest.is_empty() {
            return Ok(());
        }
        entries = rest;
    }
}

/// Returns the error for unprocessed entries. The service itself returns an error only if no entry
/// was processed, and a list otherwise.
fn left_unprocessed(patience: Duration) -> DataError {
    DataError {
        name: "ProvisionedThroughputExceededException".to_owned(),
        message: format!("Entries of the batch were left unprocessed for {}", shown(patience)),
        fields: Vec::new(),
        kind: ServiceErrorKind::Throttled,
        request_id: None,
    }
}

/// Adds the number of processed entries to the error.
fn after(mut error: DataError, done: &str, count: usize, total: usize) -> DataError {
    if count > 0 {
        let (entries, were) =
            (text::count(total, "entry", "entries"), if count == 1 { "was" } else { "were" });
        error.message = format!("{} ({count} of {entries} {were} {done} before)", error.message);
    }
    error
}

struct Gets<'a> {
    server: &'a DynamoDb,
    request: &'a Request<'a>,
    /// The request for each table, without the keys.
    templates: HashMap<String, KeysAndAttributes>,
    capacity: Option<ReturnConsumedCapacity>,
    found: HashMap<String, Vec<Item>>,
    consumed: Vec<ConsumedCapacity>,
}

impl Batch for Gets<'_> {
    type Entry = Item;
    const SIZE: usize = 100;
    const DONE: &'static str = "read";

    async fn send(&mut self, part: Vec<(String, Item)>) -> Result<Vec<(String, Item)>, DataError> {
        let mut items = HashMap::new();
        for (table, keys) in by_table(part) {
            if let Some(template) = self.templates.get(&table) {
                let mut asked = template.clone();
                asked.keys = keys;
                items.insert(table, asked);
            }
        }
        let sent = self
            .server
            .client
            .batch_get_item()
            .set_request_items(Some(items))
            .set_return_consumed_capacity(self.capacity.clone())
            .send();
        let output = answered(self.request, sent.await)?;
        for (table, items) in output.responses.unwrap_or_default() {
            self.found.entry(table).or_default().extend(items);
        }
        self.consumed.extend(output.consumed_capacity.unwrap_or_default());
        let left = output.unprocessed_keys.unwrap_or_default().into_iter();
        Ok(left.flat_map(|(table, left)| named(&table, left.keys)).collect())
    }

    async fn pause(&mut self, delay: Duration) -> Result<(), DataError> {
        self.server.pause(delay).await
    }
}

struct Writes<'a> {
    server: &'a DynamoDb,
    request: &'a Request<'a>,
    capacity: Option<ReturnConsumedCapacity>,
    metrics: Option<ReturnItemCollectionMetrics>,
    collections: HashMap<String, Vec<ItemCollectionMetrics>>,
    consumed: Vec<ConsumedCapacity>,
}

impl Batch for Writes<'_> {
    type Entry = WriteRequest;
    const SIZE: usize = 25;
    const DONE: &'static str = "written";

    async fn send(
        &mut self,
        part: Vec<(String, WriteRequest)>,
    ) -> Result<Vec<(String, WriteRequest)>, DataError> {
        let write = BatchWriteItemInput::builder()
            .set_request_items(Some(by_table(part)))
            .set_return_consumed_capacity(self.capacity.clone())
            .set_return_item_collection_metrics(self.metrics.clone());
        let (server, request) = (self.server, self.request);
        let sent = || async { answered(request, write.clone().send_with(&server.items).await) };
        let output = server.write(sent).await?;
        for (table, metrics) in output.item_collection_metrics.unwrap_or_default() {
            self.collections.entry(table).or_default().extend(metrics);
        }
        self.consumed.extend(output.consumed_capacity.unwrap_or_default());
        let left = output.unprocessed_items.unwrap_or_default().into_iter();
        Ok(left.flat_map(|(table, left)| named(&table, left)).collect())
    }

    async fn pause(&mut self, delay: Duration) -> Result<(), DataError> {
        self.server.pause(delay).await
    }
}

fn named<T>(table: &str, entries: Vec<T>) -> Vec<(String, T)> {
    entries.into_iter().map(|entry| (table.to_owned(), entry)).collect()
}

fn by_table<T>(entries: Vec<(String, T)>) -> HashMap<String, Vec<T>> {
    let mut tables: HashMap<String, Vec<T>> = HashMap::new();
    for (table, entry) in entries {
        tables.entry(table).or_default().push(entry);
    }
    tables
}

/// Returns the capacity that each part consumed; `None` if it was not requested.
fn consumed_json(consumed: &[ConsumedCapacity]) -> Option<Value> {
    (!consumed.is_empty()).then(|| consumed.iter().map(consumed_capacity).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::VecDeque;

    const PATIENCE: Duration = Duration::from_secs(180);

    /// A response to a part.
    enum Say {
        /// This number of its last entries is left unprocessed.
        Left(usize),
        Error(ServiceErrorKind),
    }

    /// A fake service with given responses; the last one is repeated.
    struct Told {
        answers: VecDeque<Say>,
        parts: Vec<Vec<u32>>,
        paused: Duration,
    }

    impl Told {
        fn new(answers: impl IntoIterator<Item = Say>) -> Self {
            Self {
                answers: answers.into_iter().collect(),
                parts: Vec::new(),
                paused: Duration::ZERO,
            }
        }

        async fn send(&mut self, count: u32) -> Result<(), DataError> {
            send_all(
                self,
                PATIENCE,
                (0..count).map(|number| ("Orders".to_owned(), number)).collect(),
            )
            .await
        }
    }

    impl Batch for Told {
        type Entry = u32;
        const SIZE: usize = 10;
        const DONE: &'static str = "written";

        async fn pause(&mut self, delay: Duration) -> Result<(), DataError> {
            self.paused += delay;
            Ok(())
        }

        async fn send(
            &mut self,
            part: Vec<(String, u32)>,
        ) -> Result<Vec<(String, u32)>, DataError> {
            self.parts.push(part.iter().map(|(_, number)| *number).collect());
            let say = match self.answers.len() {
                1 => &self.answers[0],
                _ => &self.answers.pop_front().unwrap(),
            };
            match *say {
                Say::Left(count) => Ok(part[part.len() - count..].to_vec()),
                Say::Error(kind) => Err(DataError {
                    name: "Name".to_owned(),
                    message: "No".to_owned(),
                    fields: Vec::new(),
                    kind,
                    request_id: None,
                }),
            }
        }
    }

    #[tokio::test]
    async fn parts_are_sent_until_nothing_is_left() {
        use ServiceErrorKind::Throttled;
        let answers = [
            Say::Left(0),
            Say::Left(7),
            Say::Error(Throttled),
            Say::Left(7),
            Say::Left(1),
            Say::Left(0),
        ];
        let mut told = Told::new(answers);
        assert_eq!(told.send(25).await, Ok(()));
        let range = |range: std::ops::Range<u32>| range.collect::<Vec<_>>();
        let expected = [
            range(0..10),
            range(10..20),
            range(13..20),
            range(13..20),
            range(13..20),
            range(19..20),
            range(20..25),
        ];
        assert_eq!(told.parts, expected);
    }

    #[tokio::test]
    async fn nothing_is_still_sent() {
        let mut told = Told::new([Say::Left(0)]);
        assert_eq!(told.send(0).await, Ok(()));
        assert_eq!(told.parts, [Vec::<u32>::new()], "the service is to say what it thinks of it");
    }

    #[tokio::test]
    async fn what_stays_unprocessed_is_an_error_in_the_end() {
        let mut told = Told::new([Say::Left(0), Say::Left(2)]);
        assert_eq!(
            told.send(25).await.unwrap_err().message,
            "Entries of the batch were left unprocessed for 3 minutes (18 of 25 entries were written before)"
        );
        let range = PATIENCE - Duration::from_secs(10)..PATIENCE + Duration::from_secs(10);
        assert!(range.contains(&told.paused), "{:?}", told.paused);

        let mut told = Told::new([Say::Left(0), Say::Error(ServiceErrorKind::Throttled)]);
        let error = told.send(25).await.unwrap_err();
        assert_eq!(error.message, "No (10 of 25 entries were written before)");
    }

    #[tokio::test]
    async fn a_refusal_says_what_was_done_before_it() {
        use ServiceErrorKind::Validation;
        for (answers, message) in [
            (vec![Say::Error(Validation)], "No"),
            (
                vec![Say::Left(0), Say::Error(Validation)],
                "No (10 of 25 entries were written before)",
            ),
            (vec![Say::Left(9), Say::Error(Validation)], "No (1 of 25 entries was written before)"),
        ] {
            let mut told = Told::new(answers);
            assert_eq!(told.send(25).await.unwrap_err().message, message);
        }
    }
}
