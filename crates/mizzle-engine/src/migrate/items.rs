//! Tracks items that exist only in a script's memory, because it read them from a table that it then
//! deletes.
//!
//! If the run is killed after the deletion, the next run cannot read them again, and everything that the
//! script writes from then on would be made of nothing.

use super::{Fallible, ItemCounts, script::Run};
use crate::{
    Error,
    ports::{TimeOfDay, World},
};
use mizzle_core::{
    apply::DataOperation,
    ledger::RecordState,
    plan::{Call, Step, fingerprint},
    text,
};
use serde_json::Value;
use std::{
    collections::BTreeSet,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Tracks the items that a script has read and written. Tables are named as scripts name them.
#[derive(Debug, Default)]
pub(super) struct ItemTracker(Mutex<Items>);

#[derive(Debug, Default)]
struct Items {
    /// The tables that items were read from.
    read: BTreeSet<String>,
    /// The tables that items were written to.
    written: BTreeSet<String>,
    /// The tables that no longer exist, whose items only an earlier run had, and that the script has
    /// read all the same.
    missed: BTreeSet<String>,
    /// The items that were read and written.
    counts: ItemCounts,
}

impl ItemTracker {
    /// Notes the answer to a request.
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

    /// Notes a read of tables that no longer exist. `held` are those whose items an earlier run had.
    pub(super) fn miss(&self, operation: DataOperation, tables: &[&str], held: &[String]) {
        let missed = tables.iter().filter(|table| held.iter().any(|held| held == *table));
        if !operation.is_write() {
            self.items().missed.extend(missed.map(|table| (*table).to_owned()));
        }
    }

    /// True if items of a table were read, and none were written to another table.
    fn holds(&self, table: &str) -> bool {
        let items = self.items();
        items.read.contains(table) && items.written.iter().all(|written| written == table)
    }

    fn missed(&self) -> Vec<String> {
        self.items().missed.iter().cloned().collect()
    }

    fn items(&self) -> MutexGuard<'_, Items> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Counts the items of an answer: `Item`, `Items`, or `Responses` by table.
fn items_in(answer: &Value) -> u64 {
    let count = |items: &Value| items.as_array().map_or(0, Vec::len);
    let one = answer.get("Item").and_then(Value::as_object).filter(|item| !item.is_empty());
    let responses = answer.get("Responses").and_then(Value::as_object);
    let many = answer.get("Items").map_or(0, count)
        + responses.map_or(0, |tables| tables.values().map(count).sum());
    (many + usize::from(one.is_some())) as u64
}

/// Counts the items that a request writes which has succeeded as a whole.
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

impl<W: World> Run<'_, W> {
    /// Before a table is deleted: notes whether its items are in memory alone.
    pub(super) fn note_held(&mut self, fingerprint: &str) {
        let Some(table) = fingerprint::deleted_table(fingerprint) else { return };
        // A deletion that was begun continues: then it is known already.
        if self.items.items().missed.contains(table) {
            return;
        }
        self.record.held.retain(|held| held != table);
        if self.items.holds(table) {
            self.record.held.push(table.to_owned());
        }
    }

    /// Before a step is done, or passed over because it was done.
    pub(super) async fn check_items_before(&mut self, step: &Step) -> Fallible<(), W> {
        match step.call {
            Call::CreateTable(_) => self.check_items().await,
            _ => Ok(()),
        }
    }

    /// Fails when the script continues with items that an earlier run had read and that no longer
    /// exist: it would complete with nothing in their place.
    pub(super) async fn check_items(&mut self) -> Fallible<(), W> {
        let mut missed = self.items.missed();
        missed.retain(|table| !self.is_deletion_ahead(table));
        if missed.is_empty() {
            return Ok(());
        }
        let naming = &self.migrate.environment.naming;
        let tables: Vec<String> =
            missed.iter().map(|table| naming.physical(table).into_owned()).collect();
        let now = self.migrate.context.clock.seconds_since_1970();
        let record = &mut *self.record;
        if record.state == RecordState::Running {
            record.state = RecordState::Failed;
        }
        let names = text::list(&tables);
        record.error = Some(format!("the items of {names} were in the memory of a run that ended"));
        record.finished_at = Some(now);
        self.write().await?;
        Err(Error::ItemsLost { migration: self.record.name.clone(), tables })
    }
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
