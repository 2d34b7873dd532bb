//! The model as requests of boto3.

use super::model::{Attribute, Projection, Table, Tables};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Returns a snippet that creates the tables in an empty database, and waits for them.
pub(super) fn creation(tables: &Tables) -> String {
    let requests: Vec<Value> = tables
        .0
        .iter()
        .map(|(name, table)| json!({ "create": create(name, table), "ttl": table.time_to_live }))
        .collect();
    // A JSON string is also a Python string.
    let requests = json!(json!(requests).to_string());
    format!(
        r#"
import json
import time

for request in json.loads({requests}):
    client.create_table(**request["create"])
    name = request["create"]["TableName"]
    deadline = time.monotonic() + 60
    while True:
        table = client.describe_table(TableName=name)["Table"]
        states = [table["TableStatus"]]
        states += [index["IndexStatus"] for index in table.get("GlobalSecondaryIndexes", [])]
        if set(states) == {{"ACTIVE"}}:
            break
        assert time.monotonic() < deadline, states
        time.sleep(0.05)
    if request["ttl"] is not None:
        client.update_time_to_live(
            TableName=name,
            TimeToLiveSpecification={{"Enabled": True, "AttributeName": request["ttl"]}},
        )
result = None
"#
    )
}

fn create(name: &str, table: &Table) -> Value {
    let mut used: BTreeSet<Attribute> = [table.partition].into_iter().chain(table.sort).collect();
    for index in table.globals.values() {
        used.extend(index.partition.iter().chain(&index.sort));
    }
    used.extend(table.locals.values().map(|index| index.sort));
    let mut request = json!({
        "TableName": name,
        "AttributeDefinitions": used
            .iter()
            .map(|one| json!({ "AttributeName": one.name(), "AttributeType": one.kind() }))
            .collect::<Vec<_>>(),
        "KeySchema": key(&[table.partition], table.sort.as_slice()),
        "BillingMode": "PAY_PER_REQUEST",
    });
    let units = |(read, write): (usize, usize)| json!({ "ReadCapacityUnits": read, "WriteCapacityUnits": write });
    if let Some(capacity) = table.capacity {
        request["BillingMode"] = json!("PROVISIONED");
        request["ProvisionedThroughput"] = units(capacity);
    }
    if !table.globals.is_empty() {
        let indexes = table.globals.iter().map(|(name, index)| {
            let mut request = json!({
                "IndexName": name,
                "KeySchema": key(&index.partition, &index.sort),
                "Projection": projection(&index.projection),
            });
            if table.capacity.is_some() {
                request["ProvisionedThroughput"] = units(index.capacity);
            }
            request
        });
        request["GlobalSecondaryIndexes"] = indexes.collect();
    }
    if !table.locals.is_empty() {
        let indexes = table.locals.iter().map(|(name, index)| {
            json!({
                "IndexName": name,
                "KeySchema": key(&[table.partition], &[index.sort]),
                "Projection": projection(&index.projection),
            })
        });
        request["LocalSecondaryIndexes"] = indexes.collect();
    }
    if let Some(view) = table.stream {
        request["StreamSpecification"] = json!({ "StreamEnabled": true, "StreamViewType": view });
    }
    request
}

fn key(partition: &[Attribute], sort: &[Attribute]) -> Value {
    let element =
        |kind: &str, one: &Attribute| json!({ "AttributeName": one.name(), "KeyType": kind });
    let partition = partition.iter().map(|one| element("HASH", one));
    partition.chain(sort.iter().map(|one| element("RANGE", one))).collect()
}

fn projection(projection: &Projection) -> Value {
    match projection {
        Projection::All => json!({ "ProjectionType": "ALL" }),
        Projection::KeysOnly => json!({ "ProjectionType": "KEYS_ONLY" }),
        Projection::Include(attributes) => {
            json!({ "ProjectionType": "INCLUDE", "NonKeyAttributes": attributes })
        }
    }
}
