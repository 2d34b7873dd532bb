//! The list in the JSON shapes of AWS.

use super::unseen;
use crate::report::ListReport;
use mizzle_core::{
    model::{TableDescription, Unmanaged, VectorIndex},
    text,
};
use serde_json::{Map, Value, json};

/// Returns the fields of the JSON document.
pub(super) fn fields(report: &ListReport) -> Value {
    let described = report.tables.iter().filter_map(|table| table.description.as_ref());
    let tables: Vec<Value> = described.map(|table| table_json(table, report.is_long)).collect();
    let mut document = json!({ "target": report.target, "tables": tables });
    let undescribed = report.tables.iter().flat_map(|table| {
        table.untold.iter().map(|untold| {
            let mut json = Map::new();
            json.insert("table".to_owned(), json!(table.name));
            if let Some(setting) = untold.setting {
                json.insert("setting".to_owned(), json!(setting.kind().field()));
            }
            json.insert("reason".to_owned(), json!(untold.reason));
            Value::Object(json)
        })
    });
    let unseen = report.tables.iter().flat_map(|table| {
        unseen(table).into_iter().map(|(setting, reason)| {
            json!({ "table": table.name, "setting": setting, "reason": reason })
        })
    });
    let undescribed: Vec<Value> = undescribed.chain(unseen).collect();
    if !undescribed.is_empty() {
        document["undescribed"] = json!(undescribed);
    }
    document
}

/// Returns the definition with the facts of `DescribeTable` beside it, all of them if `is_long`.
fn table_json(table: &TableDescription, is_long: bool) -> Value {
    let mut json = serde_json::to_value(&table.definition).unwrap_or_default();
    json["TableStatus"] = json!(table.status);
    json["ItemCount"] = json!(table.item_count);
    json["TableSizeBytes"] = json!(table.size_bytes);
    if !is_long {
        return json;
    }
    if let Some(created) = table.created.and_then(text::moment) {
        json["CreationDateTime"] = json!(created);
    }
    if !table.replicas.is_empty() {
        let replica = |region: &String| json!({ "RegionName": region });
        json["Replicas"] = table.replicas.iter().map(replica).collect();
    }
    let Unmanaged { is_strongly_consistent, vector_indexes, withheld: _ } = &table.unmanaged;
    if *is_strongly_consistent {
        json["MultiRegionConsistency"] = json!("STRONG");
    }
    if !vector_indexes.is_empty() {
        json["VectorIndexes"] = vector_indexes.iter().map(vector_json).collect();
    }
    for kind in ["GlobalSecondaryIndexes", "LocalSecondaryIndexes"] {
        let indexes = json.get_mut(kind).and_then(Value::as_array_mut);
        for index in indexes.into_iter().flatten() {
            let name = index["IndexName"].as_str().unwrap_or_default().to_owned();
            if let Some(state) = table.indexes.get(&name) {
                index["IndexStatus"] = json!(state.status);
                if state.backfilling {
                    index["Backfilling"] = json!(true);
                }
            }
            if let Some(size) = table.index_sizes.get(&name) {
                index["ItemCount"] = json!(size.item_count);
                index["IndexSizeBytes"] = json!(size.size_bytes);
            }
        }
    }
    json
}

/// Returns a vector index in the shape of AWS.
fn vector_json(index: &VectorIndex) -> Value {
    let VectorIndex { index_name, attribute, dimensions, distance_function, state, size } = index;
    let mut json = json!({ "IndexName": index_name, "IndexStatus": state.status });
    if state.backfilling {
        json["Backfilling"] = json!(true);
    }
    if let Some(attribute) = attribute {
        json["VectorAttribute"] = json!({ "AttributeName": attribute });
    }
    if let Some(dimensions) = dimensions {
        json["Dimensions"] = json!(dimensions);
    }
    if let Some(function) = distance_function {
        json["DistanceFunction"] = json!(function);
    }
    json["ItemCount"] = json!(size.item_count);
    json["IndexSizeBytes"] = json!(size.size_bytes);
    json
}
