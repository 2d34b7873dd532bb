//! Writes and reads items, on any server.

use super::{attribute, create, gsi, wait_for};
use mizzle_aws::DynamoDb;
use mizzle_core::{
    apply::{ControlPlane, DataError, DataOperation, DataPlane, ServiceErrorKind},
    model::{
        AuxiliarySettings, BillingMode, KeySchemaElement, Projection, ScalarType, TableDefinition,
        TableDescription,
    },
};
use serde_json::{Value, json};

const TABLE: &str = "Items";

/// Differences between a server and the service.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Traits {
    /// True if an error includes the item that did not meet a condition, when requested.
    pub(crate) tells_the_item: bool,
    /// True if a transaction that is sent again with its token is not carried out again.
    pub(crate) keeps_tokens: bool,
}

impl Traits {
    pub(crate) const FAITHFUL: Self = Self { tells_the_item: true, keeps_tokens: true };
}

async fn ok(server: &DynamoDb, operation: DataOperation, input: &Value) -> Value {
    let answer = server.data(operation, input).await;
    answer.unwrap_or_else(|error| panic!("{operation:?}: {error}\n{input:#}"))
}

async fn err(server: &DynamoDb, operation: DataOperation, input: &Value) -> DataError {
    match server.data(operation, input).await {
        Ok(answer) => panic!("{operation:?} is not refused: {answer:#}\n{input:#}"),
        Err(error) => error,
    }
}

async fn table(server: &DynamoDb) {
    let definition = TableDefinition {
        table_name: TABLE.to_owned(),
        attribute_definitions: vec![
            attribute("pk", ScalarType::S),
            attribute("sk", ScalarType::N),
            attribute("status", ScalarType::S),
        ],
        key_schema: vec![KeySchemaElement::hash("pk"), KeySchemaElement::range("sk")],
        global_secondary_indexes: vec![gsi(
            "byStatus",
            vec![KeySchemaElement::hash("status")],
            Projection::all(),
        )],
        billing_mode: Some(BillingMode::PayPerRequest),
        ..TableDefinition::default()
    };
    server.call(&create(&definition)).await.expect("CreateTable works");
    let is_settled =
        |table: Option<&TableDescription>| table.is_some_and(TableDescription::is_settled);
    wait_for(server, TABLE, AuxiliarySettings::NONE, is_settled).await;
}

fn key(pk: &str, sk: u32) -> Value {
    json!({ "pk": { "S": pk }, "sk": { "N": sk.to_string() } })
}

fn item(pk: &str, sk: u32, attributes: Value) -> Value {
    let mut item = key(pk, sk);
    let Value::Object(attributes) = attributes else { panic!("attributes are an object") };
    item.as_object_mut().expect("a key is an object").extend(attributes);
    item.sort_all_objects();
    item
}

/// Returns the item with sorted sets, since their order has no meaning.
fn with_sorted_sets(mut item: Value) -> Value {
    match &mut item {
        Value::Object(members) => {
            for (name, member) in members.iter_mut() {
                if let ("SS" | "NS" | "BS", Some(set)) = (name.as_str(), member.as_array_mut()) {
                    set.sort_by_key(ToString::to_string);
                }
                *member = with_sorted_sets(member.take());
            }
        }
        Value::Array(elements) => {
            for element in elements {
                *element = with_sorted_sets(element.take());
            }
        }
        _ => {}
    }
    item
}

/// Tests every operation, with values of every type.
pub(crate) async fn items_go_there_and_back(server: &DynamoDb) {
    table(server).await;
    let everything = item(
        "everything",
        1,
        json!({
            "binary": { "B": "AAEC/w==" },
            "binaries": { "BS": ["AQ==", "Ag=="] },
            "flag": { "BOOL": false },
            "list": { "L": [{ "S": "" }, { "L": [] }, { "M": { "deep": { "N": "-1.5" } } }] },
            "map": { "M": { "ä": { "S": "\u{1f980}" } } },
            "nothing": { "NULL": true },
            "number": { "N": "1234567890123456789012345678901234567.8" },
            "numbers": { "NS": ["-9007199254740993", "2"] },
            "small": { "N": "1.5" },
            "texts": { "SS": ["a", "b"] },
        }),
    );
    let put = json!({ "TableName": TABLE, "Item": everything });
    assert_eq!(ok(server, DataOperation::Put, &put).await, json!({}));
    let get = json!({ "TableName": TABLE, "Key": key("everything", 1), "ConsistentRead": true });
    let got = ok(server, DataOperation::Get, &get).await;
    assert_eq!(with_sorted_sets(got), json!({ "Item": everything }));
    let get = json!({ "TableName": TABLE, "Key": key("nobody", 1) });
    assert_eq!(ok(server, DataOperation::Get, &get).await, json!({}));

    let update = json!({
        "TableName": TABLE,
        "Key": key("everything", 1),
        "UpdateExpression": "SET small = small + :one, #l[0] = :new REMOVE flag",
        "ConditionExpression": "#n > :one",
        "ExpressionAttributeNames": { "#n": "number", "#l": "list" },
        "ExpressionAttributeValues": { ":one": { "N": "1" }, ":new": { "B": "/w==" } },
        "ReturnValues": "UPDATED_NEW",
    });
    let updated = ok(server, DataOperation::Update, &update).await;
    assert_eq!(updated["Attributes"]["small"], json!({ "N": "2.5" }));

    let delete = json!({
        "TableName": TABLE, "Key": key("everything", 1), "ReturnValues": "ALL_OLD",
    });
    let deleted = ok(server, DataOperation::Delete, &delete).await;
    assert_eq!(deleted["Attributes"]["number"], everything["number"]);
    assert_eq!(deleted["Attributes"]["list"]["L"][0], json!({ "B": "/w==" }));
    assert_eq!(deleted["Attributes"].get("flag"), None);
    assert_eq!(ok(server, DataOperation::Delete, &delete).await.get("Attributes"), None);

    let nowhere = json!({ "TableName": "Nowhere", "Key": key("a", 1) });
    let error = err(server, DataOperation::Get, &nowhere).await;
    assert_eq!(error.kind, ServiceErrorKind::NotFound, "{error:?}");
    assert_eq!(error.name, "ResourceNotFoundException");
    let error = err(server, DataOperation::Get, &json!({ "TableName": TABLE, "Key": {} })).await;
    assert_eq!(error.kind, ServiceErrorKind::Validation, "{error:?}");
}

/// Tests pages of `Query` and `Scan`.
pub(crate) async fn pages_are_pages(server: &DynamoDb) {
    table(server).await;
    for sk in 1..=7 {
        let status = if sk < 3 { "open" } else { "done" };
        let attributes = json!({ "status": { "S": status }, "n": { "N": sk.to_string() } });
        let put = json!({ "TableName": TABLE, "Item": item("order", sk, attributes) });
        ok(server, DataOperation::Put, &put).await;
    }
    let sort_keys = |page: &Value| -> Vec<String> {
        let items = page["Items"].as_array().expect("there are items");
        items.iter().map(|item| item["sk"]["N"].as_str().expect("a number").to_owned()).collect()
    };

    let mut query = json!({
        "TableName": TABLE,
        "KeyConditionExpression": "pk = :pk AND sk > :least",
        "FilterExpression": "n <> :not",
        "ProjectionExpression": "sk",
        "ExpressionAttributeValues":
            { ":pk": { "S": "order" }, ":least": { "N": "1" }, ":not": { "N": "6" } },
        "ScanIndexForward": false,
        "ConsistentRead": true,
        "Limit": 4,
    });
    let page = ok(server, DataOperation::Query, &query).await;
    assert_eq!(sort_keys(&page), ["7", "5", "4"]);
    assert_eq!((&page["Count"], &page["ScannedCount"]), (&json!(3), &json!(4)));
    assert_eq!(page["LastEvaluatedKey"], key("order", 4));
    query["ExclusiveStartKey"] = page["LastEvaluatedKey"].clone();
    let page = ok(server, DataOperation::Query, &query).await;
    assert_eq!(sort_keys(&page), ["3", "2"]);
    assert_eq!(page.get("LastEvaluatedKey"), None);

    let index = json!({
        "TableName": TABLE,
        "IndexName": "byStatus",
        "KeyConditionExpression": "#s = :open",
        "ExpressionAttributeNames": { "#s": "status" },
        "ExpressionAttributeValues": { ":open": { "S": "open" } },
        "Select": "COUNT",
    });
    let page = ok(server, DataOperation::Query, &index).await;
    assert_eq!((page.get("Items"), &page["Count"]), (None, &json!(2)));

    let mut seen = Vec::new();
    let mut scan = json!({ "TableName": TABLE, "Limit": 3, "ConsistentRead": true });
    loop {
        let page = ok(server, DataOperation::Scan, &scan).await;
        seen.extend(sort_keys(&page));
        match page.get("LastEvaluatedKey") {
            Some(last) => scan["ExclusiveStartKey"] = last.clone(),
            None => break,
        }
    }
    assert_eq!(seen, ["1", "2", "3", "4", "5", "6", "7"]);
    let mut count = 0;
    for segment in 0..2 {
        let scan = json!({ "TableName": TABLE, "Segment": segment, "TotalSegments": 2 });
        count += ok(server, DataOperation::Scan, &scan).await["Count"].as_u64().expect("a number");
    }
    assert_eq!(count, 7);
}

/// Tests conditions that are not met, alone and in a transaction.
pub(crate) async fn conditions_fail_with_what_is_there(server: &DynamoDb, traits: Traits) {
    table(server).await;
    let present = item("a", 1, json!({ "n": { "N": "1" } }));
    let put = json!({
        "TableName": TABLE,
        "Item": present,
        "ConditionExpression": "attribute_not_exists(pk)",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    });
    ok(server, DataOperation::Put, &put).await;
    let told = |fields: &[(&str, Value)]| -> Vec<(String, Value)> {
        fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
    };
    let error = err(server, DataOperation::Put, &put).await;
    assert_eq!(error.name, "ConditionalCheckFailedException");
    assert_eq!(error.kind, ServiceErrorKind::Other);
    assert!(!error.message.is_empty());
    if traits.tells_the_item {
        assert_eq!(error.fields, told(&[("Item", present.clone())]));
    }
    let delete = json!({
        "TableName": TABLE,
        "Key": key("a", 1),
        "ConditionExpression": "n = :two",
        "ExpressionAttributeValues": { ":two": { "N": "2" } },
    });
    let error = err(server, DataOperation::Delete, &delete).await;
    assert_eq!((error.name.as_str(), error.fields), ("ConditionalCheckFailedException", vec![]));

    let transaction = |number: &str| {
        json!({ "TransactItems": [
            { "Put": { "TableName": TABLE, "Item": item("b", 1, json!({})) } },
            { "ConditionCheck": {
                "TableName": TABLE,
                "Key": key("a", 1),
                "ConditionExpression": "n = :n",
                "ExpressionAttributeValues": { ":n": { "N": number } },
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            } },
            { "Delete": { "TableName": TABLE, "Key": key("c", 1) } },
        ] })
    };
    let error = err(server, DataOperation::TransactWrite, &transaction("2")).await;
    assert_eq!(error.name, "TransactionCanceledException", "{error:?}");
    let [(name, reasons)] = error.fields.as_slice() else { panic!("{error:?}") };
    assert_eq!(name, "CancellationReasons");
    let codes: Vec<_> =
        reasons.as_array().expect("a list").iter().map(|reason| &reason["Code"]).collect();
    assert_eq!(codes, ["None", "ConditionalCheckFailed", "None"]);
    if traits.tells_the_item {
        assert_eq!(reasons[1]["Item"], present);
    }
    let get = json!({ "TableName": TABLE, "Key": key("b", 1) });
    assert_eq!(ok(server, DataOperation::Get, &get).await, json!({}), "nothing was written");
    ok(server, DataOperation::TransactWrite, &transaction("1")).await;
    assert!(ok(server, DataOperation::Get, &get).await.get("Item").is_some());

    let add = json!({
        "ClientRequestToken": "this-is-sent-twice",
        "TransactItems": [{ "Update": {
            "TableName": TABLE,
            "Key": key("a", 1),
            "UpdateExpression": "ADD n :one",
            "ExpressionAttributeValues": { ":one": { "N": "1" } },
        } }],
    });
    ok(server, DataOperation::TransactWrite, &add).await;
    ok(server, DataOperation::TransactWrite, &add).await;
    let get = json!({ "TableName": TABLE, "Key": key("a", 1) });
    let number = ok(server, DataOperation::Get, &get).await["Item"]["n"]["N"].clone();
    assert_eq!(number, if traits.keeps_tokens { "2" } else { "3" });
}

/// Tests batches that exceed the service's limit.
pub(crate) async fn batches_of_any_length(server: &DynamoDb) {
    table(server).await;
    let puts: Vec<_> = (0..60)
        .map(|sk| item("batch", sk, json!({ "n": { "N": "1" } })))
        .map(|item| json!({ "PutRequest": { "Item": item } }))
        .collect();
    let write = json!({ "RequestItems": { TABLE: puts } });
    let answer = ok(server, DataOperation::BatchWrite, &write).await;
    assert_eq!(answer["UnprocessedItems"], json!({}));

    let keys: Vec<_> = (0..120).map(|sk| key("batch", sk)).collect();
    let get = json!({
        "RequestItems": { TABLE: {
            "Keys": keys,
            "ConsistentRead": true,
            "ProjectionExpression": "sk, #n",
            "ExpressionAttributeNames": { "#n": "n" },
        } },
    });
    let answer = ok(server, DataOperation::BatchGet, &get).await;
    assert_eq!(answer["UnprocessedKeys"], json!({}));
    let mut found: Vec<u32> = answer["Responses"][TABLE]
        .as_array()
        .expect("there are items")
        .iter()
        .map(|item| {
            assert_eq!(item.as_object().expect("an item").len(), 2, "{item}");
            item["sk"]["N"].as_str().and_then(|sk| sk.parse().ok()).expect("a number")
        })
        .collect();
    found.sort_unstable();
    assert_eq!(found, (0..60).collect::<Vec<_>>());

    let deletes: Vec<_> =
        (0..60).map(|sk| json!({ "DeleteRequest": { "Key": key("batch", sk) } })).collect();
    ok(server, DataOperation::BatchWrite, &json!({ "RequestItems": { TABLE: deletes } })).await;
    let scan = json!({ "TableName": TABLE, "ConsistentRead": true });
    assert_eq!(ok(server, DataOperation::Scan, &scan).await["Count"], 0);
}
