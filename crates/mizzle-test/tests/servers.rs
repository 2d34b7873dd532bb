//! The servers and boto3, as `cargo xtask test` provides them.

mod wire;

use mizzle_test::{
    Boto3, Database, DynamoDbLocal, Fault, FaultProxy, Ministack, Moto, On, TestServer,
};
use serde_json::{Value, json};

/// Sends one raw request, so that only the server is between the test and boto3.
fn create_table(database: &Database, input: &Value) {
    let answer = wire::ask(database, "CreateTable", input).expect("the server answers");
    assert_eq!(answer.status, 200, "{}", answer.text());
}

fn servers() -> [TestServer; 3] {
    [DynamoDbLocal::from_env(), Ministack::from_env(), Moto::from_env()]
}

#[test]
fn boto3_sees_keys_indexes_projections_and_billing() {
    for server in servers() {
        let database = server.isolated();
        create_table(
            &database,
            &json!({
                "TableName": "Shop",
                "BillingMode": "PAY_PER_REQUEST",
                "AttributeDefinitions": [
                    { "AttributeName": "sk", "AttributeType": "N" },
                    { "AttributeName": "pk", "AttributeType": "S" },
                    { "AttributeName": "email", "AttributeType": "B" },
                    { "AttributeName": "total", "AttributeType": "N" },
                ],
                "KeySchema": [
                    { "AttributeName": "pk", "KeyType": "HASH" },
                    { "AttributeName": "sk", "KeyType": "RANGE" },
                ],
                "GlobalSecondaryIndexes": [{
                    "IndexName": "byEmail",
                    "KeySchema": [{ "AttributeName": "email", "KeyType": "HASH" }],
                    "Projection": { "ProjectionType": "INCLUDE", "NonKeyAttributes": ["b", "a"] },
                }],
                "LocalSecondaryIndexes": [{
                    "IndexName": "byTotal",
                    "KeySchema": [
                        { "AttributeName": "pk", "KeyType": "HASH" },
                        { "AttributeName": "total", "KeyType": "RANGE" },
                    ],
                    "Projection": { "ProjectionType": "KEYS_ONLY" },
                }],
            }),
        );
        let mut seen = Boto3::from_env().describe(&database);
        if server.name() == "moto" {
            // Like AWS, moto also returns the warm throughput of a new on-demand table.
            let warm = json!({ "ReadUnitsPerSecond": 12000, "WriteUnitsPerSecond": 4000 });
            for place in ["/Shop", "/Shop/GlobalSecondaryIndexes/byEmail"] {
                let place = seen.pointer_mut(place).and_then(Value::as_object_mut);
                assert_eq!(
                    place.expect("it is there").remove("WarmThroughput"),
                    Some(warm.clone())
                );
            }
        }
        assert_eq!(
            seen,
            json!({
                "Shop": {
                    "TableStatus": "ACTIVE",
                    "BillingMode": "PAY_PER_REQUEST",
                    "AttributeDefinitions": { "email": "B", "pk": "S", "sk": "N", "total": "N" },
                    "KeySchema": ["pk HASH", "sk RANGE"],
                    "GlobalSecondaryIndexes": {
                        "byEmail": {
                            "KeySchema": ["email HASH"],
                            "Projection": ["a", "b"],
                            "IndexStatus": "ACTIVE",
                        },
                    },
                    "LocalSecondaryIndexes": {
                        "byTotal": {
                            "KeySchema": ["pk HASH", "total RANGE"],
                            "Projection": "KEYS_ONLY",
                        },
                    },
                },
            }),
            "{}",
            server.name()
        );
    }
}

/// Sets every setting that the server supports.
const EVERYTHING: &str = r#"
    from botocore.exceptions import ClientError

    def attempt(operation, **parameters):
        try:
            getattr(client, operation)(TableName="Shop", **parameters)
        except ClientError as error:
            refused.append(error.response["Error"]["Code"] + " " + operation)

    KEY = "arn:aws:kms:us-east-1:111122223333:key/1"
    refused = []
    client.create_table(
        TableName="Carts",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        OnDemandThroughput={"MaxReadRequestUnits": 100, "MaxWriteRequestUnits": -1},
        WarmThroughput={"ReadUnitsPerSecond": 13000, "WriteUnitsPerSecond": 5000},
    )
    arn = client.create_table(
        TableName="Shop",
        BillingMode="PROVISIONED",
        ProvisionedThroughput={"ReadCapacityUnits": 7, "WriteCapacityUnits": 3},
        AttributeDefinitions=[{"AttributeName": n, "AttributeType": "S"} for n in ("pk", "email")],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        GlobalSecondaryIndexes=[{
            "IndexName": "byEmail",
            "KeySchema": [{"AttributeName": "email", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "ALL"},
            "ProvisionedThroughput": {"ReadCapacityUnits": 4, "WriteCapacityUnits": 2},
        }],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"},
        SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": KEY},
        TableClass="STANDARD_INFREQUENT_ACCESS",
        Tags=[{"Key": f"tag{n:02}", "Value": str(n)} for n in range(12)],
        DeletionProtectionEnabled=True,
    )["TableDescription"]["TableArn"]
    attempt("update_time_to_live", TimeToLiveSpecification={"Enabled": True, "AttributeName": "exp"})
    attempt(
        "update_continuous_backups",
        PointInTimeRecoverySpecification={
            "PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": 7,
        },
    )
    try:
        client.put_resource_policy(
            ResourceArn=arn, Policy='{ "Version": "2012-10-17", "Statement": [] }'
        )
    except ClientError as error:
        refused.append(error.response["Error"]["Code"] + " put_resource_policy")
    result = refused
"#;

#[test]
fn boto3_sees_every_setting_that_a_server_keeps() {
    let boto3 = Boto3::from_env();
    let mut seen = String::new();
    for server in servers() {
        let database = server.isolated();
        let refused = boto3.run(&database, EVERYTHING);
        let tables = boto3.describe(&database);
        seen.push_str(&format!("{}, refused {refused}\n{:#}\n\n", server.name(), tables));
    }
    insta::assert_snapshot!(seen);
}

#[test]
fn isolated_databases_do_not_see_each_other() {
    let boto3 = Boto3::from_env();
    for server in servers() {
        let (one, other) = (server.isolated(), server.isolated());
        create_table(
            &one,
            &json!({
                "TableName": "Users",
                "BillingMode": "PROVISIONED",
                "AttributeDefinitions": [{ "AttributeName": "pk", "AttributeType": "S" }],
                "KeySchema": [{ "AttributeName": "pk", "KeyType": "HASH" }],
                "ProvisionedThroughput": { "ReadCapacityUnits": 1, "WriteCapacityUnits": 1 },
            }),
        );
        let name = server.name();
        assert_eq!(boto3.describe(&one)["Users"]["BillingMode"], "PROVISIONED", "{name}");
        assert_eq!(boto3.describe(&other), json!({}), "{name}");
    }
}

#[test]
fn a_snippet_reads_and_writes_items() {
    let boto3 = Boto3::from_env();
    for server in servers() {
        let items = boto3.run(
            &server.isolated(),
            r#"
            client.create_table(
                TableName="Users",
                BillingMode="PAY_PER_REQUEST",
                AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
                KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            )
            for n in range(3):
                client.put_item(TableName="Users", Item={"pk": {"S": str(n)}})
            result = client.scan(TableName="Users", Select="COUNT")["Count"]
            "#,
        );
        assert_eq!(items, 3, "{}", server.name());
    }
}

#[test]
fn boto3_goes_through_the_fault_proxy_to_every_server() {
    let boto3 = Boto3::from_env();
    for server in servers() {
        let name = server.name();
        let database = server.isolated();
        let proxy = FaultProxy::start(&database.endpoint);
        proxy.inject(On::operation("CreateTable"), Fault::Hold { looks: 1 });
        let lost = proxy.inject(On::operation("PutItem"), Fault::CutAfter);
        let seen = boto3.run(
            &database.through(&proxy),
            r#"
            client.create_table(
                TableName="Users",
                BillingMode="PAY_PER_REQUEST",
                AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
                KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            )
            look = lambda: client.describe_table(TableName="Users")["Table"]["TableStatus"]
            result = [look(), look()]
            try:
                client.put_item(TableName="Users", Item={"pk": {"S": "1"}})
            except Exception as error:
                result.append(type(error).__name__)
            result.append(client.scan(TableName="Users", Select="COUNT")["Count"])
            "#,
        );
        assert_eq!(seen, json!(["CREATING", "ACTIVE", "ConnectionClosedError", 1]), "{name}");
        assert_eq!(lost.met(), 1, "{name}");
        assert_eq!(boto3.describe(&database), boto3.describe(&database.through(&proxy)), "{name}");
    }
}

#[test]
fn a_held_backup_is_being_created() {
    let database = Ministack::from_env().isolated();
    let proxy = FaultProxy::start(&database.endpoint);
    proxy.inject(On::operation("CreateBackup"), Fault::Hold { looks: 1 });
    let statuses = Boto3::from_env().run(
        &database.through(&proxy),
        r#"
        client.create_table(
            TableName="Shop",
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        )
        backup = client.create_backup(TableName="Shop", BackupName="before")["BackupDetails"]
        result = [backup["BackupStatus"]]
        for _ in range(2):
            seen = client.describe_backup(BackupArn=backup["BackupArn"])["BackupDescription"]
            result.append(seen["BackupDetails"]["BackupStatus"])
        "#,
    );
    assert_eq!(statuses, json!(["CREATING", "CREATING", "AVAILABLE"]));
}
