//! Tests tables whose names are not free in SQLite, through the engine.

use super::{encoding::decoded_text, *};
use crate::engine::Engine;

fn ok(engine: &mut Engine, operation: &str, request: &Value) -> Value {
    let answer = engine.answer(operation, &request.to_string());
    assert_eq!(answer.status, 200, "{operation} {request}: {}", answer.body);
    // The id of a shard is opaque, and a name may look like an encoded one.
    let is_shown = answer.body.contains(PREFIX) && !request.to_string().contains(PREFIX);
    let is_expected = matches!(operation, "DescribeStream" | "ListTables");
    assert!(!is_shown || is_expected, "{operation}: {}", answer.body);
    serde_json::from_str(&answer.body).unwrap()
}

fn refused(engine: &mut Engine, operation: &str, request: &Value) -> String {
    let answer = engine.answer(operation, &request.to_string());
    assert_eq!(answer.status, 400, "{operation} {request}: {}", answer.body);
    let is_shown = answer.body.contains(PREFIX) && !request.to_string().contains(PREFIX);
    assert!(!is_shown, "{operation}: {}", answer.body);
    answer.body
}

fn engine() -> Engine {
    Engine::new(Database::memory().unwrap()).unwrap()
}

fn table(name: &str, indexes: &[&str]) -> Value {
    let index = |name: &&str| {
        json!({
            "IndexName": name,
            "KeySchema": [{ "AttributeName": "a", "KeyType": "HASH" }],
            "Projection": { "ProjectionType": "ALL" },
        })
    };
    let attribute = |name: &str| json!({ "AttributeName": name, "AttributeType": "S" });
    let mut table = json!({
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [attribute("pk")],
        "KeySchema": [{ "AttributeName": "pk", "KeyType": "HASH" }],
        "StreamSpecification": { "StreamEnabled": true, "StreamViewType": "NEW_IMAGE" },
    });
    if !indexes.is_empty() {
        table["AttributeDefinitions"] = json!([attribute("pk"), attribute("a")]);
        table["GlobalSecondaryIndexes"] = indexes.iter().map(index).collect();
    }
    table
}

fn put(engine: &mut Engine, table: &str, key: &str) {
    let item = json!({ "pk": { "S": key }, "a": { "S": "x" } });
    ok(engine, "PutItem", &json!({ "TableName": table, "Item": item }));
}

fn keys(engine: &mut Engine, request: &Value) -> Vec<String> {
    let items = ok(engine, "Scan", request)["Items"].clone();
    let items = items.as_array().unwrap().iter();
    items.map(|item| item["pk"]["S"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn every_name_that_dynamodb_allows_is_a_table_of_its_own() {
    let long = "x".repeat(LONGEST);
    let names = [
        "Orders",
        "orders",
        "ORDERS",
        "_tables",
        "_config",
        "_stream_records",
        "_TABLES",
        "sqlite_x",
        "SQLITE_master",
        "a.b-c_d",
        "A.b",
        "...",
        "---",
        "..mizzle..orders",
        "..MIZZLE..orders",
        "..mizzle....mizzle..orders",
        &long,
    ];
    let mut engine = engine();
    for name in names {
        let created = ok(&mut engine, "CreateTable", &table(name, &[]));
        assert_eq!(created["TableDescription"]["TableName"], name);
        let again = refused(&mut engine, "CreateTable", &table(name, &[]));
        assert!(again.contains("ResourceInUseException"), "{again}");
        put(&mut engine, name, name);
    }
    let mut sorted = names.map(str::to_owned);
    sorted.sort();
    let listed = ok(&mut engine, "ListTables", &json!({}));
    assert_eq!(listed, json!({ "TableNames": sorted }));

    let mut rest = names.to_vec();
    while let Some(dropped) = rest.pop() {
        // A database that is opened again has the same names.
        engine = Engine::new(engine.database().clone()).unwrap();
        ok(&mut engine, "DeleteTable", &json!({ "TableName": dropped }));
        for name in &rest {
            assert_eq!(keys(&mut engine, &json!({ "TableName": name })), [*name]);
        }
        let gone = refused(&mut engine, "Scan", &json!({ "TableName": dropped }));
        assert!(gone.contains("ResourceNotFoundException"), "{gone}");
    }
}

#[test]
fn a_name_is_never_an_alias() {
    let mut engine = engine();
    ok(&mut engine, "CreateTable", &table("Orders", &[]));
    ok(&mut engine, "CreateTable", &table("orders", &[]));
    for name in [encoded("orders"), encoded("Orders"), "ORDERS".to_owned(), "_tables".to_owned()] {
        for operation in ["Scan", "DescribeTable", "DeleteTable"] {
            let answer = engine.answer(operation, &json!({ "TableName": name }).to_string());
            assert!(answer.body.contains("ResourceNotFoundException"), "{}", answer.body);
            assert!(answer.body.contains(&name) || operation == "Scan", "{}", answer.body);
        }
    }
}

#[test]
fn a_page_of_tables_goes_on_where_the_last_one_ended() {
    let mut engine = engine();
    for name in ["_b", "_bb", "Aaa", "aaa", "bbb", "ccc"] {
        if name.len() > 2 {
            ok(&mut engine, "CreateTable", &table(name, &[]));
        }
    }
    let mut found = Vec::new();
    let mut request = json!({ "Limit": 2 });
    loop {
        let page = ok(&mut engine, "ListTables", &request);
        found.extend(page["TableNames"].as_array().unwrap().clone());
        match page.get("LastEvaluatedTableName") {
            Some(last) => request["ExclusiveStartTableName"] = last.clone(),
            None => break,
        }
    }
    assert_eq!(json!(found), json!(["Aaa", "_bb", "aaa", "bbb", "ccc"]));
    refused(&mut engine, "ListTables", &json!({ "Limit": 0 }));
}

#[test]
fn indexes_whose_names_differ_by_case_are_two() {
    let mut engine = engine();
    for name in ["Orders", "orders"] {
        let created = ok(&mut engine, "CreateTable", &table(name, &["byE", "BYE"]));
        let indexes = &created["TableDescription"]["GlobalSecondaryIndexes"];
        assert_eq!(
            (&indexes[0]["IndexName"], &indexes[1]["IndexName"]),
            (&json!("byE"), &json!("BYE"))
        );
        assert!(indexes[1]["IndexArn"].as_str().unwrap().ends_with(&format!("/{name}/index/BYE")));
        put(&mut engine, name, name);
        let update = |change: Value| {
            json!({
                "TableName": name,
                "AttributeDefinitions": [
                    { "AttributeName": "pk", "AttributeType": "S" },
                    { "AttributeName": "a", "AttributeType": "S" },
                ],
                "GlobalSecondaryIndexUpdates": [change],
            })
        };
        let mut index = table(name, &["Bye"])["GlobalSecondaryIndexes"][0].clone();
        ok(&mut engine, "UpdateTable", &update(json!({ "Create": index })));
        for existing in ["Bye", "BYE", "byE"] {
            index["IndexName"] = existing.into();
            refused(&mut engine, "UpdateTable", &update(json!({ "Create": index })));
        }
        engine = Engine::new(engine.database().clone()).unwrap();
        for index in ["byE", "BYE", "Bye"] {
            let request = json!({ "TableName": name, "IndexName": index });
            assert_eq!(keys(&mut engine, &request), [name]);
        }
        ok(&mut engine, "UpdateTable", &update(json!({ "Delete": { "IndexName": "byE" } })));
        for index in ["BYE", "Bye"] {
            let request = json!({ "TableName": name, "IndexName": index });
            assert_eq!(keys(&mut engine, &request), [name]);
        }
        refused(&mut engine, "Scan", &json!({ "TableName": name, "IndexName": "byE" }));
    }
    // A duplicate name is rejected.
    refused(&mut engine, "CreateTable", &table("Twice", &["byE", "byE"]));
}

#[test]
fn every_operation_knows_the_names() {
    let mut engine = engine();
    ok(&mut engine, "CreateTable", &table("Orders", &["byE", "BYE"]));
    let described = ok(&mut engine, "CreateTable", &table("orders", &["byE", "BYE"]));
    let described = &described["TableDescription"];
    let arn = described["TableArn"].as_str().unwrap().to_owned();
    assert!(arn.ends_with(":table/orders"), "{arn}");
    put(&mut engine, "Orders", "other");

    let key = json!({ "pk": { "S": "k" } });
    let write = json!({ "RequestItems": { "orders": [{ "PutRequest": { "Item": key } }] } });
    ok(&mut engine, "BatchWriteItem", &write);
    let get = json!({ "RequestItems": { "orders": { "Keys": [key] } }, "ReturnConsumedCapacity": "TOTAL" });
    let got = ok(&mut engine, "BatchGetItem", &get);
    assert_eq!(got["Responses"], json!({ "orders": [key] }));
    assert_eq!(got["ConsumedCapacity"][0]["TableName"], "orders");

    let put = json!({ "TransactItems": [{ "Put": { "TableName": "orders", "Item": { "pk": { "S": "t" }, "a": { "S": "x" } } } }] });
    ok(&mut engine, "TransactWriteItems", &put);
    let get = json!({ "TransactItems": [{ "Get": { "TableName": "orders", "Key": key } }] });
    assert_eq!(ok(&mut engine, "TransactGetItems", &get)["Responses"][0]["Item"], key);
    let query = json!({
        "TableName": "orders",
        "IndexName": "BYE",
        "KeyConditionExpression": "a = :a",
        "ExpressionAttributeValues": { ":a": { "S": "x" } },
        "ReturnConsumedCapacity": "INDEXES",
    });
    let found = ok(&mut engine, "Query", &query);
    assert_eq!(found["Count"], 1);
    assert!(found["ConsumedCapacity"]["GlobalSecondaryIndexes"].get("BYE").is_some(), "{found}");
    for arn in [arn.as_str(), "orders"] {
        let update = json!({
            "TableName": arn,
            "Key": key,
            "UpdateExpression": "SET #n = :v",
            "ExpressionAttributeNames": { "#n": "TableName" },
            "ExpressionAttributeValues": { ":v": { "S": "..mizzle..orders" } },
        });
        engine.answer("UpdateItem", &update.to_string());
    }
    let item = engine.answer("GetItem", &json!({ "TableName": "orders", "Key": key }).to_string());
    assert!(item.body.contains("..mizzle..orders"), "an item is left alone: {}", item.body);

    for (statement, count) in [
        ("SELECT * FROM \"orders\"", 2),
        ("select pk from orders where pk = 'FROM orders'", 0),
        ("SELECT * FROM \"orders\".\"BYE\" WHERE a = 'x'", 1),
        ("SELECT * FROM \"Orders\"", 1),
    ] {
        let answer =
            engine.answer("ExecuteStatement", &json!({ "Statement": statement }).to_string());
        let answer: Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(answer["Items"].as_array().map(Vec::len), Some(count), "{statement}: {answer}");
    }
    for (operation, key) in
        [("BatchExecuteStatement", "Statements"), ("ExecuteTransaction", "TransactStatements")]
    {
        let insert = format!("INSERT INTO \"orders\" VALUE {{'pk': '{operation}'}}");
        ok(&mut engine, operation, &json!({ key: [{ "Statement": insert }] }));
    }
    assert_eq!(keys(&mut engine, &json!({ "TableName": "Orders" })), ["other"]);

    let tags = json!({ "ResourceArn": arn, "Tags": [{ "Key": "k", "Value": "v" }] });
    ok(&mut engine, "TagResource", &tags);
    let tags = ok(&mut engine, "ListTagsOfResource", &json!({ "ResourceArn": arn }));
    assert_eq!(tags["Tags"][0]["Value"], "v");
    let expiry = json!({ "AttributeName": "ttl", "Enabled": true });
    ok(
        &mut engine,
        "UpdateTimeToLive",
        &json!({ "TableName": "orders", "TimeToLiveSpecification": expiry }),
    );
    let expiry = ok(&mut engine, "DescribeTimeToLive", &json!({ "TableName": "Orders" }));
    assert_eq!(expiry["TimeToLiveDescription"]["TimeToLiveStatus"], "DISABLED");

    let streams = ok(&mut engine, "ListStreams", &json!({ "TableName": "orders" }));
    let stream = &streams["Streams"][0];
    assert_eq!(stream["TableName"], "orders");
    let stream = ok(&mut engine, "DescribeStream", &json!({ "StreamArn": stream["StreamArn"] }));
    let stream = &stream["StreamDescription"];
    let iterator = json!({
        "StreamArn": stream["StreamArn"],
        "ShardId": stream["Shards"][0]["ShardId"],
        "ShardIteratorType": "TRIM_HORIZON",
    });
    let iterator = engine.answer("GetShardIterator", &iterator.to_string());
    let iterator: Value = serde_json::from_str(&iterator.body).unwrap();
    let records = engine.answer("GetRecords", &iterator.to_string());
    assert!(records.body.contains("BatchExecuteStatement"), "{}", records.body);
}

#[test]
fn a_name_too_long_to_be_told_apart_is_refused_before_anything_is_made() {
    let (long, twin) = ("x".repeat(LONGEST), "X".repeat(LONGEST));
    let mut engine = engine();
    ok(&mut engine, "CreateTable", &table(&long, &[]));
    let message = refused(&mut engine, "CreateTable", &table(&twin, &[]));
    assert!(
        message.contains("ValidationException") && message.contains("by case alone"),
        "{message}"
    );
    let reserved = format!("_{}", "x".repeat(LONGEST - 1));
    let message = refused(&mut engine, "CreateTable", &table(&reserved, &[]));
    assert!(message.contains("Choose a shorter name"), "{message}");
    refused(&mut engine, "CreateTable", &table("Indexed", &[&long, &twin]));
    assert_eq!(ok(&mut engine, "ListTables", &json!({}))["TableNames"], json!([long]));
}

#[test]
fn what_an_earlier_version_has_shared_is_not_deleted() {
    let database = Database::memory().unwrap();
    for name in ["Orders", "orders", "_config", "_mine"] {
        // These tables are described, and then rejected by SQLite.
        let created = database.create_table(serde_json::from_value(table(name, &[])).unwrap());
        assert_eq!(created.is_ok(), matches!(name, "Orders" | "_mine"));
    }
    let mut engine = Engine::new(database).unwrap();
    put(&mut engine, "Orders", "kept");
    for name in ["orders", "Orders", "_config"] {
        let message = refused(&mut engine, "DeleteTable", &json!({ "TableName": name }));
        assert!(message.contains("by an earlier version"), "{message}");
    }
    assert_eq!(keys(&mut engine, &json!({ "TableName": "Orders" })), ["kept"]);
    put(&mut engine, "_mine", "kept");
    ok(&mut engine, "DeleteTable", &json!({ "TableName": "_mine" }));
    ok(&mut engine, "CreateTable", &table("ORDERS", &[]));
    put(&mut engine, "ORDERS", "another");
    ok(&mut engine, "DeleteTable", &json!({ "TableName": "ORDERS" }));
}

#[test]
fn a_stored_name_leads_back_to_its_own() {
    for name in ["orders", "Orders", "oRDERS", "a.B", "a..b", ".A.", "...", "_x-1", PREFIX] {
        let stored = encoded(name);
        assert_eq!(decoded(&stored), name);
        assert_eq!(fold(&stored), stored);
    }
    assert_eq!(decoded("Orders"), "Orders");
    assert_eq!(
        decoded_text("Table: ..mizzle...orders not found. Or"),
        "Table: Orders not found. Or"
    );
}
