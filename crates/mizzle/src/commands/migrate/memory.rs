//! What a script has in its memory alone: items that it has read of a table which it then deletes.
//!
//! Killed after the deletion, the next run cannot read them again; what the script writes from then on
//! would be made of nothing.

use super::script::Run;
use crate::{
    clock::seconds_since_1970,
    error::{CommandError, ErrorKind},
    report::ItemCounts,
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

/// What has become of the items that a script has asked for. Tables are named as scripts name them.
#[derive(Debug, Default)]
pub(super) struct Memory(Mutex<Items>);

#[derive(Debug, Default)]
struct Items {
    /// The tables that items were read of.
    read: BTreeSet<String>,
    /// The tables that items were written to.
    written: BTreeSet<String>,
    /// The tables that are gone and whose items only an earlier run had, and that the script has
    /// asked for all the same.
    missed: BTreeSet<String>,
    /// How many items were read and written.
    counts: ItemCounts,
}

impl Memory {
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

    /// How many items were read and written so far.
    pub(super) fn counts(&self) -> ItemCounts {
        self.items().counts
    }

    /// Notes that tables were asked for which are gone. `held` are those whose items an earlier run
    /// had.
    pub(super) fn miss(&self, operation: DataOperation, tables: &[&str], held: &[String]) {
        let missed = tables.iter().filter(|table| held.iter().any(|held| held == *table));
        if !operation.is_write() {
            self.items().missed.extend(missed.map(|table| (*table).to_owned()));
        }
    }

    /// Whether items of a table were read, and none written to another one.
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

/// The items that an answer brings: `Item`, `Items`, or `Responses` by table.
fn items_in(answer: &Value) -> u64 {
    let count = |items: &Value| items.as_array().map_or(0, Vec::len);
    let one = answer.get("Item").and_then(Value::as_object).filter(|item| !item.is_empty());
    let responses = answer.get("Responses").and_then(Value::as_object);
    let many = answer.get("Items").map_or(0, count)
        + responses.map_or(0, |tables| tables.values().map(count).sum());
    (many + usize::from(one.is_some())) as u64
}

/// The items that a request writes, which has succeeded as a whole.
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

impl Run<'_> {
    /// Before a table is deleted: notes whether its items are in memory alone.
    pub(super) fn note_held(&mut self, fingerprint: &str) {
        let Some(table) = fingerprint::deleted_table(fingerprint) else { return };
        // A deletion that was begun is gone on with: then it is known already.
        if self.memory.items().missed.contains(table) {
            return;
        }
        self.record.held.retain(|held| held != table);
        if self.memory.holds(table) {
            self.record.held.push(table.to_owned());
        }
    }

    /// Before a step is done, or passed over because it was.
    pub(super) async fn step_with_items(&mut self, step: &Step) -> Result<(), CommandError> {
        match step.call {
            Call::CreateTable(_) => self.check_memory().await,
            _ => Ok(()),
        }
    }

    /// Fails when the script goes on from items that an earlier run had read and that are gone: it
    /// would end well, with nothing in their place.
    pub(super) async fn check_memory(&mut self) -> Result<(), CommandError> {
        let mut missed = self.memory.missed();
        missed.retain(|table| !self.is_deletion_ahead(table));
        if missed.is_empty() {
            return Ok(());
        }
        let naming = &self.migrate.settings.environment.naming;
        let names: Vec<_> = missed.iter().map(|table| naming.physical(table)).collect();
        let (name, tables) = (&self.record.name, text::list(&names));
        let message = format!(
            "{name} had read items of {tables}, and written none to another table, when an earlier run deleted {tables}. That run did not come to its end, and the items were in its memory: going on would leave nothing in their place"
        );
        let record = &mut *self.record;
        if record.state == RecordState::Running {
            record.state = RecordState::Failed;
        }
        record.error =
            Some(format!("the items of {tables} were in the memory of a run that ended"));
        record.finished_at = Some(seconds_since_1970());
        self.write().await?;
        Err(CommandError::new(ErrorKind::Failed, "items-lost", message)
            .hint(format!("restore {tables} under another name, from a backup or by point-in-time recovery, and have the script read that table instead"))
            .hint("if the script can do without them, take the reading out of it; items can also come back by a migration of their own (mizzle generate --custom)")
            .hint("then run the command again: it goes on after the steps that are done"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn items_are_counted_as_they_are_read_and_written() {
        let memory = Memory::default();
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
            memory.note(operation, request, answer);
        }
        assert_eq!(memory.counts(), ItemCounts { read: 6, written: 5 });
    }
}
