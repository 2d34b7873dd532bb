//! Entities that are proposed from items.

use super::{Stage, python};
use mizzle_test::{DynamoDbLocal, Fault, On, TypeScript};
use serde_json::json;

/// A shop in a single table.
const SHOP: &str = r#"
create("Shop", "PK:S|SK:S", gsis={"GSI1": "GSI1PK:S|GSI1SK:S", "byStatus": "status:S|createdAt:N"})
from boto3.dynamodb.types import TypeSerializer
put = lambda item: client.put_item(TableName="Shop", Item={k: TypeSerializer().serialize(v) for k, v in item.items()})
for user in range(3):
    put({"PK": f"USER#{user}", "SK": "PROFILE", "GSI1PK": f"EMAIL#u{user}@example.com", "GSI1SK": f"USER#{user}",
         "id": str(user), "email": f"u{user}@example.com", "name": f"User {user}", "admin": user == 0, "roles": {"a", "b"}})
    put({"PK": f"USER#{user}", "SK": "SETTINGS", "theme": {"dark": True}})
    for order in range(2):
        put({"PK": f"USER#{user}", "SK": f"ORDER#2024-0{order + 1}-01#{user}{order}", "GSI1PK": f"ORDER#{user}{order}", "GSI1SK": "ORDER",
             "orderId": f"{user}{order}", "status": "open", "createdAt": 1700000000 + order, "lines": [1, 2], "total": 5})
for org in range(2):
    for member in range(2):
        put({"PK": f"ORG#{org}", "SK": f"TEAM#{org}#MEMBER#{member}", "since": "2024-01-01"})
create("Countries", "code:S")
client.put_item(TableName="Countries", Item={"code": {"S": "FR"}, "people": {"N": "68"}})
create("Empty", "pk:S")
"#;

#[test]
fn a_single_table_is_taken_apart() {
    let stage = Stage::at(DynamoDbLocal::from_env().isolated());
    python(&stage.database, SHOP);
    let output = stage.project.mizzle(["pull", "--infer-entities", "--yes"]).run().assert_code(0);
    insta::assert_snapshot!(output.snapshot(), @"
    $ mizzle pull --infer-entities --yes
    [exit code: 0]
    [stdout]
    schema.ts
    migrations/0001_init.ts
    migrations/0001_init.snapshot.json
    [stderr]
    Target: http://127.0.0.1:[port] (us-east-1)
    Empty: it has no items, so no entity is proposed
    Proposed entities, to be looked through
      Countries: Country (of 1 item)
      Shop: Member, Order, User, UserSettings (of 16 items)
    Pulled 3 tables, and 0001_init is marked as applied
    ");
    insta::assert_snapshot!("proposal", stage.project.read("schema.ts"));
    TypeScript::from_env().tsc_strict(&[stage.project.path().join("schema.ts")]).assert_code(0);
    stage.assert_settled();
    // The tables are the same without the entities.
    let before = stage.project.mizzle(["generate", "--json"]).run().assert_code(0).json();
    stage.pull(&["--force"]);
    assert!(!stage.project.read("schema.ts").contains("dynamoEntity"));
    let after = stage.project.mizzle(["generate", "--json"]).run().assert_code(0).json();
    assert_eq!(before["migration"], serde_json::Value::Null);
    assert_eq!(after, before);
}

#[test]
fn not_too_much_is_read_and_nothing_written() {
    let stage = Stage::at(DynamoDbLocal::from_env().isolated());
    python(
        &stage.database,
        r#"
create("Log", "pk:S")
for start in range(0, 700, 25):
    client.batch_write_item(RequestItems={"Log": [
        {"PutRequest": {"Item": {"pk": {"S": str(n)}}}} for n in range(start, start + 25)]})
"#,
    );
    stage.proxy.forget_requests();
    let report = stage.pull(&["--infer-entities"]);
    assert_eq!(report["tables"][0]["sampled"], 500);
    assert_eq!(stage.proxy.writes(), []);
    let scans = |requests: &[mizzle_test::Request]| {
        requests.iter().filter(|request| request.to_string() == "Scan Log").count()
    };
    assert_eq!(scans(&stage.proxy.requests()), 5);
}

#[test]
fn a_table_whose_items_may_not_be_read_goes_without() {
    let stage = Stage::small();
    let denied = || Fault::access_denied("dynamodb:Scan");
    stage.proxy.inject(On::operation("Scan").table("Shop").every(), denied());
    stage.proxy.inject(On::operation("Scan").table("Users").every(), denied());
    let report = stage.pull(&["--infer-entities", "--yes"]);
    assert_eq!(report["tables"][0]["entities"], json!([]));
    let note = report["tables"][0]["notes"][0].as_str().unwrap();
    assert!(note.starts_with("its items could not be read"), "{note}");
    stage.assert_settled();
}
