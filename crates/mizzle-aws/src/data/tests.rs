//! Requests that are rejected before they are sent.

use super::{batch, requests, transaction};
use mizzle_core::decode::Read;
use serde_json::json;

fn refusal<T>(result: Read<T>) -> String {
    match result {
        Ok(_) => panic!("it is not refused"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn no_field_is_ignored() {
    let input = json!({ "TableName": "Orders", "Nonsense": null });
    for refused in [
        refusal(requests::get(&input)),
        refusal(requests::put(&input)),
        refusal(requests::update(&input)),
        refusal(requests::delete(&input)),
        refusal(requests::query(&input)),
        refusal(requests::scan(&input)),
    ] {
        let start = "Nonsense is not a known field; the known fields are TableName, ";
        assert!(refused.starts_with(start), "{refused}");
    }
}

#[test]
fn what_does_not_fit_is_refused_where_it_is() {
    let item = json!({ "id": { "S": "1" } });
    for (input, message) in [
        (json!([]), "the request takes an object, but was given an empty array"),
        (json!({ "item": item }), "item is not a known field; did you mean \"Item\"?"),
        (json!({ "TableName": 1 }), "TableName must be a string, but is a number"),
        (json!({ "Item": { "a": { "N": 1 } } }), "Item.a.N must be a string, but is a number"),
        (
            json!({ "ExpressionAttributeNames": { "#a": 1 } }),
            "ExpressionAttributeNames[\"#a\"] must be a string, but is a number",
        ),
        (
            json!({ "Expected": { "a": { "Exist": true } } }),
            "Expected.a.Exist is not a known field; did you mean \"Exists\"?",
        ),
        (json!({ "ReturnValues": true }), "ReturnValues must be a string, but is a boolean"),
    ] {
        assert_eq!(refusal(requests::put(&input)), message);
    }
    for (input, message) in [
        (json!({ "Limit": "1" }), "Limit must be a whole number, but is a string"),
        (json!({ "Limit": 1.5 }), "Limit must be a whole number, but is 1.5"),
        (json!({ "Segment": 3e9 }), "Segment must be a whole number of 32 bits, but is 3000000000"),
        (json!({ "ConsistentRead": 1 }), "ConsistentRead must be true or false, but is a number"),
        (json!({ "ScanFilter": { "a": {} } }), "ScanFilter.a.ComparisonOperator is missing"),
        (
            json!({ "AttributesToGet": ["a", 1] }),
            "AttributesToGet[1] must be a string, but is a number",
        ),
    ] {
        assert_eq!(refusal(requests::scan(&input)), message);
    }
    for (input, message) in [
        (json!({ "TransactItems": {} }), "TransactItems must be an array, but is an object"),
        (
            json!({ "TransactItems": [
                { "Put": { "TableName": "Orders", "Item": item } },
                { "Get": {} },
            ] }),
            "TransactItems[1].Get is not a known field; the known fields are ConditionCheck, Put, \
             Update and Delete",
        ),
        (
            json!({ "TransactItems": [{ "Put": { "TableName": "Orders" } }] }),
            "TransactItems[0].Put.Item is missing",
        ),
        (
            json!({ "TransactItems": [{ "Update": { "TableName": "Orders", "Key": item } }] }),
            "TransactItems[0].Update.UpdateExpression is missing",
        ),
        (
            json!({ "TransactItems": [
                { "Delete": { "TableName": "Orders", "Key": item, "ReturnValues": "ALL_OLD" } },
            ] }),
            "TransactItems[0].Delete.ReturnValues is not a known field; did you mean \
             \"ReturnValuesOnConditionCheckFailure\"?",
        ),
        (
            json!({ "TransactItems": [{ "ConditionCheck": { "Key": item } }] }),
            "TransactItems[0].ConditionCheck.TableName is missing",
        ),
    ] {
        assert_eq!(refusal(transaction::transact_write(&input)), message);
    }
    for (input, message) in [
        (
            json!({ "RequestItems": { "Orders": {} } }),
            "RequestItems.Orders must be an array, but is an object",
        ),
        (
            json!({ "RequestItems": { "my-table": [{ "PutRequest": { "Key": item } }] } }),
            "RequestItems[\"my-table\"][0].PutRequest.Item is missing",
        ),
        (
            json!({ "RequestItems": { "Orders": [{ "Put": {} }] } }),
            "RequestItems.Orders[0].Put is not a known field; did you mean \"PutRequest\"?",
        ),
    ] {
        assert_eq!(refusal(batch::requests::write(&input)), message);
    }
    for (input, message) in [
        (json!({ "RequestItems": { "Orders": {} } }), "RequestItems.Orders.Keys is missing"),
        (
            json!({ "RequestItems": { "Orders": { "Keys": [{ "id": "1" }] } } }),
            "RequestItems.Orders.Keys[0].id must be an attribute value, but is a string",
        ),
    ] {
        assert_eq!(refusal(batch::requests::get(&input)), message);
    }
}
