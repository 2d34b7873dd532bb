//! Thirty tables of every kind, created by boto3: a pull describes them completely.

use super::{Stage, python};
use mizzle_test::{
    Boto3, Database, DynamoDbLocal, FaultProxy, Ministack, Moto, TestServer, TypeScript,
};
use serde_json::{Value, json};

const ZOO: &str = r#"
types = "SNB"
for one in types:
    create(f"Key{one}", f"pk:{one}")
    for other in types:
        create(f"Key{one}{other}", f"pk:{one}|sk:{other}")

for name in ["my-app.prod_Orders", "2024-orders", "class", "string", "a.b", "___", "-x-", "orders",
             "or-ders", "orders2", "__proto__", "constructor", "dynamoTable"]:
    create(name, "it's:S|\"quoted\":N", gsis={"__proto__": "__proto__:S|first name:B"})

create("Indexes", "pk:S|sk:S",
       gsis={
           "all": "a:S", "keys": ("b:N|c:B", "KEYS_ONLY"), "some": ("a:S|pk:S", ["x", "y z", "ünï"]),
           "by.dot-and_dash": "sk:S|pk:S",
       },
       lsis={
           "l-all": "c:B", "l-keys": ("b:N", "KEYS_ONLY"), "l-some": ("a:S", ["one"]),
           "l-4": "d:S", "l-5": "e:S",
       })
create("Many", "pk:S", gsis={f"index{n:02}": f"attribute{n:02}:{types[n % 3]}" for n in range(20)})
create("Provisioned", "pk:S", BillingMode="PROVISIONED", **units(7, 3), gsis={
    "own": ("a:S", "ALL", units(2, 1)), "same": ("b:S", "ALL", units(7, 3)),
})
for view in ["KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"]:
    create(f"Stream-{view}", "pk:S", StreamSpecification={"StreamEnabled": True, "StreamViewType": view})
create("Protected", "pk:S", DeletionProtectionEnabled=True, Tags=[{"Key": "it's", "Value": "a \"tag\""}])
create("Expiring", "pk:S")
client.update_time_to_live(TableName="Expiring", TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires at"})

# What only some servers know, or tell apart.
def perhaps(make):
    try:
        make()
    except Exception as error:
        print(error, file=__import__("sys").stderr)
perhaps(lambda: create("ORDERS", "pk:S"))
perhaps(lambda: create("Rare", "pk:S", TableClass="STANDARD_INFREQUENT_ACCESS"))
perhaps(lambda: create("Limited", "pk:S", OnDemandThroughput={"MaxReadRequestUnits": 20, "MaxWriteRequestUnits": 10}))
perhaps(lambda: create("Encrypted", "pk:S", SSESpecification={"Enabled": True, "SSEType": "KMS"}))
perhaps(lambda: create("Recovered", "pk:S"))
perhaps(lambda: client.update_continuous_backups(
    TableName="Recovered", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}))
perhaps(lambda: client.put_resource_policy(
    ResourceArn=client.describe_table(TableName="Recovered")["Table"]["TableArn"],
    Policy='{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": ["dynamodb:GetItem"], "Resource": "*"}]}'))
result = len(list(client.get_paginator("list_tables").paginate().search("TableNames")))
"#;

/// Describes the tables with boto3, without the ledger.
fn described(database: &Database) -> Value {
    let mut tables = Boto3::from_env().describe(database);
    tables.as_object_mut().unwrap().remove("mizzle_migrations");
    tables
}

/// Replaces the policy of a table by a flag for its existence: equivalent policies may be written
/// differently, which boto3 does not detect.
fn without_policy(table: &Value) -> Value {
    let mut table = table.clone();
    if let Some(policy) = table.get_mut("ResourcePolicy") {
        *policy = json!(!policy["Statement"].is_null());
    }
    table
}

fn goes_there_and_back(server: &TestServer) {
    let stage = Stage::at(server.isolated());
    let count = python(&stage.database, ZOO).as_u64().unwrap();
    let name = server.name();
    assert!(count >= 30, "{name}: {count}");
    let before = described(&stage.database);

    let report = stage.pull(&["--yes"]);
    assert_eq!(report["tables"].as_array().unwrap().len() as u64, count, "{name}: {report:#}");
    assert_eq!(report["skipped"], json!([]), "{name}");
    assert_eq!(report["differences"], json!([]), "{name}");
    assert_eq!(report["paste"], Value::Null, "{name}");
    assert_eq!(report["baseline"], "applied", "{name}");
    stage.assert_settled();
    assert_eq!(described(&stage.database), before, "{name}");
    TypeScript::from_env().tsc_strict(&[stage.project.path().join("schema.ts")]).assert_code(0);

    // The project alone creates the same tables elsewhere.
    let other = server.isolated();
    let there = FaultProxy::start(&other.endpoint);
    let [from, to] = [stage.database.through(&stage.proxy), other.through(&there)]
        .map(|one| one.config_fields());
    stage.project.replace("mizzle.config.ts", &from, &to);
    let report = stage.project.mizzle(["migrate", "--json"]).run().assert_code(0).json();
    assert_eq!(report["outcome"], "applied", "{name}: {report:#}");
    let made = described(&other);
    for (table, expected) in before.as_object().unwrap() {
        let [made, expected] = [&made[table], expected].map(|table| {
            // Each database is another account.
            stage.project.redact(&without_policy(table).to_string())
        });
        assert_eq!(made, expected, "{name}: {table}");
    }
    assert_eq!(made.as_object().unwrap().len(), before.as_object().unwrap().len(), "{name}");
}

#[test]
fn of_dynamodb_local() {
    goes_there_and_back(&DynamoDbLocal::from_env());
}

#[test]
fn of_ministack() {
    goes_there_and_back(&Ministack::from_env());
}

#[test]
fn of_moto() {
    goes_there_and_back(&Moto::from_env());
}
