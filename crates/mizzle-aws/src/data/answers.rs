//! Converts responses from the SDK to JSON. Fields that the service left out are left out.

use crate::data::values::{Item, by_name, item_json};
use aws_sdk_dynamodb::{
    operation::{
        delete_item::DeleteItemOutput, get_item::GetItemOutput, put_item::PutItemOutput,
        query::QueryOutput, scan::ScanOutput, transact_write_items::TransactWriteItemsOutput,
        update_item::UpdateItemOutput,
    },
    types::{
        CancellationReason, Capacity, ConsumedCapacity, ItemCollectionMetrics, ThrottlingReason,
        VectorCapacity,
    },
};
use serde_json::{Map, Value, json};
use std::collections::HashMap;

/// A JSON object with those fields that have a value.
#[derive(Debug, Default)]
pub(crate) struct Answer(Map<String, Value>);

impl Answer {
    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.insert(name.to_owned(), value.into());
        self
    }

    pub(crate) fn maybe<T>(
        self,
        name: &str,
        value: Option<T>,
        write: impl FnOnce(T) -> Value,
    ) -> Self {
        match value {
            Some(value) => self.with(name, write(value)),
            None => self,
        }
    }

    pub(crate) fn done(self) -> Value {
        Value::Object(self.0)
    }
}

pub(crate) fn get(output: &GetItemOutput) -> Value {
    Answer::default()
        .maybe("Item", output.item.as_ref(), item_json)
        .maybe("ConsumedCapacity", output.consumed_capacity.as_ref(), consumed_capacity)
        .done()
}

pub(crate) fn put(output: &PutItemOutput) -> Value {
    let PutItemOutput { attributes, consumed_capacity, item_collection_metrics, .. } = output;
    written(attributes.as_ref(), consumed_capacity.as_ref(), item_collection_metrics.as_ref())
}

pub(crate) fn update(output: &UpdateItemOutput) -> Value {
    let UpdateItemOutput { attributes, consumed_capacity, item_collection_metrics, .. } = output;
    written(attributes.as_ref(), consumed_capacity.as_ref(), item_collection_metrics.as_ref())
}

pub(crate) fn delete(output: &DeleteItemOutput) -> Value {
    let DeleteItemOutput { attributes, consumed_capacity, item_collection_metrics, .. } = output;
    written(attributes.as_ref(), consumed_capacity.as_ref(), item_collection_metrics.as_ref())
}

fn written(
    attributes: Option<&Item>,
    capacity: Option<&ConsumedCapacity>,
    metrics: Option<&ItemCollectionMetrics>,
) -> Value {
    Answer::default()
        .maybe("Attributes", attributes, item_json)
        .maybe("ConsumedCapacity", capacity, consumed_capacity)
        .maybe("ItemCollectionMetrics", metrics, collection_metrics)
        .done()
}

pub(crate) fn query(output: &QueryOutput) -> Value {
    let QueryOutput { items, count, scanned_count, last_evaluated_key, .. } = output;
    page(items.as_deref(), [*count, *scanned_count], last_evaluated_key.as_ref())
        .maybe("ConsumedCapacity", output.consumed_capacity.as_ref(), consumed_capacity)
        .done()
}

pub(crate) fn scan(output: &ScanOutput) -> Value {
    let ScanOutput { items, count, scanned_count, last_evaluated_key, .. } = output;
    page(items.as_deref(), [*count, *scanned_count], last_evaluated_key.as_ref())
        .maybe("ConsumedCapacity", output.consumed_capacity.as_ref(), consumed_capacity)
        .done()
}

fn page(items: Option<&[Item]>, [count, scanned]: [i32; 2], last: Option<&Item>) -> Answer {
    Answer::default()
        .maybe("Items", items, |items| items.iter().map(item_json).collect())
        .with("Count", count)
        .with("ScannedCount", scanned)
        // Some servers end with an empty key where the service has none.
        .maybe("LastEvaluatedKey", last.filter(|key| !key.is_empty()), item_json)
}

pub(crate) fn transact_write(output: &TransactWriteItemsOutput) -> Value {
    Answer::default()
        .maybe("ConsumedCapacity", output.consumed_capacity.as_ref(), |capacities| {
            capacities.iter().map(consumed_capacity).collect()
        })
        .maybe(
            "ItemCollectionMetrics",
            output.item_collection_metrics.as_ref(),
            collection_metrics_by_table,
        )
        .done()
}

pub(crate) fn consumed_capacity(consumed: &ConsumedCapacity) -> Value {
    let by_index = |indexes: &HashMap<String, Capacity>| by_name(indexes, capacity);
    Answer::default()
        .maybe("TableName", consumed.table_name.as_deref(), Value::from)
        .maybe("CapacityUnits", consumed.capacity_units, Value::from)
        .maybe("ReadCapacityUnits", consumed.read_capacity_units, Value::from)
        .maybe("WriteCapacityUnits", consumed.write_capacity_units, Value::from)
        .maybe("Table", consumed.table.as_ref(), capacity)
        .maybe("LocalSecondaryIndexes", consumed.local_secondary_indexes.as_ref(), by_index)
        .maybe("GlobalSecondaryIndexes", consumed.global_secondary_indexes.as_ref(), by_index)
        .maybe("VectorIndexes", consumed.vector_indexes.as_ref(), |indexes| {
            by_name(indexes, vector_capacity)
        })
        .done()
}

fn capacity(capacity: &Capacity) -> Value {
    Answer::default()
        .maybe("CapacityUnits", capacity.capacity_units, Value::from)
        .maybe("ReadCapacityUnits", capacity.read_capacity_units, Value::from)
        .maybe("WriteCapacityUnits", capacity.write_capacity_units, Value::from)
        .done()
}

fn vector_capacity(capacity: &VectorCapacity) -> Value {
    Answer::default()
        .maybe("VectorSearchRequestBytes", capacity.vector_search_request_bytes, Value::from)
        .maybe("VectorWriteRequestBytes", capacity.vector_write_request_bytes, Value::from)
        .done()
}

pub(crate) fn collection_metrics(metrics: &ItemCollectionMetrics) -> Value {
    Answer::default()
        .maybe("ItemCollectionKey", metrics.item_collection_key.as_ref(), item_json)
        .maybe("SizeEstimateRangeGB", metrics.size_estimate_range_gb.as_deref(), Value::from)
        .done()
}

fn collection_metrics_by_table(metrics: &HashMap<String, Vec<ItemCollectionMetrics>>) -> Value {
    by_name(metrics, |metrics| metrics.iter().map(collection_metrics).collect())
}

pub(crate) fn cancellation_reason(reason: &CancellationReason) -> Value {
    Answer::default()
        .maybe("Code", reason.code.as_deref(), Value::from)
        .maybe("Message", reason.message.as_deref(), Value::from)
        .maybe("Item", reason.item.as_ref().filter(|item| !item.is_empty()), item_json)
        .done()
}

pub(crate) fn throttling_reason(reason: &ThrottlingReason) -> Value {
    json!({ "reason": reason.reason, "resource": reason.resource })
}
