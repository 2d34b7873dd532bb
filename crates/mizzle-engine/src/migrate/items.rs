//! Tracks the items that a script has read and written.

use crate::outcome::ItemCounts;
use mizzle_core::apply::DataOperation;
use serde_json::Value;
use std::{
    collections::BTreeSet,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// The items that a script has read and written. Tables have their names in scripts.
#[derive(Debug, Default)]
pub(super) struct ItemTracker(Mutex<Items>);

#[derive(Debug, Default)]
struct Items {
    /// The tables that items were read from.
    read: BTreeSet<String>,
    /// The tables that items were written to.
    written: BTreeSet<String>,
    /// The tables that no longer exist, whose items only an earlier run had, but that the script
    /// has read again.
    missed: BTreeSet<String>,
    /// The items that were read and written.
    counts: ItemCounts,
}

impl ItemTracker {
    /// Records the response to a request.
    pub(super) fn note(&self, operation: DataOperation, request: &Value, answer: &Value) {
        let mut items = self.items();
        let tables = operation.tables(request).into_iter().map(str::to_owned);
        if operation.is_write() {
            items.written.extend(tables);
            items.counts.written += writes(operation, request);
            return;
        }
        let read = items_in(answer);
        items.counts.read += read;
        if read > 0 {
            items.read.extend(tables);
        }
    }

    /// Returns the items that were read and written so far.
    pub(super) fn counts(&self) -> ItemCounts {
        self.items().counts
    }

    /// Records a read of tables that no longer exist. `held` are those whose items an earlier run
    /// had.
    pub(super) fn miss(&self, operation: DataOperation, tables: &[&str], held: &[String]) {
        let missed = tables.iter().filter(|table| held.iter().any(|held| held == *table));
        if !operation.is_write() {
            self.items().missed.extend(missed.map(|table| (*table).to_owned()));
        }
    }

    /// True if items of a table were read, and none were written to another table.
    pub(super) fn holds(&self, table: &str) -> bool {
        let items = self.items();
        items.read.contains(table) && items.written.iter().all(|written| written == table)
    }

    /// Returns the tables that were read although they no longer exist.
    pub(super) fn missed(&self) -> Vec<String> {
        self.items().missed.iter().cloned().collect()
    }

    /// True if a table was read although it no longer exists.
    pub(super) fn has_missed(&self, table: &str) -> bool {
        self.items().missed.contains(table)
    }

    fn items(&self) -> MutexGuard<'_, Items> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Counts the items of a response: `Item`, `Items`, or `Responses` by table.
fn items_in(answer: &Value) -> u64 {
    let count = |items: &Value| items.as_array().map_or(0, Vec::len);
    let one = answer.get("Item").and_then(Value::as_object).filter(|item| !item.is_empty());
    let responses = answer.get("Responses").and_then(Value::as_object);
    let many = answer.get("Items").map_or(0, count)
        + responses.map_or(0, |tables| tables.values().map(count).sum());
    (many + usize::from(one.is_some())) as u64
}

/// Counts the items written by a request that succeeded completely.
fn writes(operation: DataOperation, request: &Value) -> u64 {
    let count = |items: &Value| items.as_array().map_or(0, Vec::len);
    let many = match operation {
        DataOperation::BatchWrite => {
            let tables = request.get("RequestItems").and_then(Value::as_object);
            tables.map_or(0, |tables| tables.values().map(count).sum())
        }
        DataOperation::TransactWrite => {
            let items = request.get("TransactItems").and_then(Value::as_array);
            let is_write = |item: &&Value| item.get("ConditionCheck").is_none();
            items.map_or(0, |items| items.iter().filter(is_write).count())
        }
        DataOperation::Put | DataOperation::Update | DataOperation::Delete => 1,
        DataOperation::Get
        | DataOperation::Query
        | DataOperation::Scan
        | DataOperation::BatchGet => 0,
    };
    many as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn items_are_counted_as_they_are_read_and_written() {
        let tracker = ItemTracker::default();
        let page = json!({ "Items": [{ "pk": 1 }, { "pk": 2 }] });
        let found = json!({ "Item": { "pk": 1 } });
        let batch = json!({ "Responses": { "A": [{ "pk": 1 }], "B": [{ "pk": 1 }, { "pk": 2 }] } });
        let table = json!({ "TableName": "A" });
        let many = json!({ "RequestItems": { "A": [{}, {}], "B": [{}] } });
        let transaction = json!({ "TransactItems": [{ "Put": {} }, { "ConditionCheck": {} }] });
        for (operation, request, answer) in [
            (DataOperation::Scan, &table, &page),
            (DataOperation::Get, &table, &found),
            (DataOperation::Get, &table, &json!({})),
            (DataOperation::BatchGet, &json!({ "RequestItems": {} }), &batch),
            (DataOperation::Put, &table, &json!({})),
            (DataOperation::BatchWrite, &many, &json!({})),
            (DataOperation::TransactWrite, &transaction, &json!({})),
        ] {
            tracker.note(operation, request, answer);
        }
        assert_eq!(tracker.counts(), ItemCounts { read: 6, written: 5 });
    }
}
