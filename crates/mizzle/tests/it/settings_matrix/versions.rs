//! The versions of the table, in order.

use super::{Project, capacity, index};
use serde_json::{Value, json};

/// A change of a version: edits the project, and with it the expected table.
type Change = fn(&mut Project, &mut Value);

/// Each version changes one thing, or a few at once, for which DynamoDB has a rule.
pub(super) fn versions(mut version: impl FnMut(&'static str, Change)) {
    version("a table with a GSI and an LSI", |_, _| {});
    version("one index more", |project, table| {
        project.indexes.insert("byCustomer", r#"gsi("customer", "total")"#);
        table["AttributeDefinitions"]["customer"] = json!("S");
        table["AttributeDefinitions"]["total"] = json!("N");
        table["GlobalSecondaryIndexes"]["byCustomer"] =
            index(&["customer HASH", "total RANGE"], &json!("ALL"));
    });
    version("two indexes at once, and one less", |project, table| {
        project.indexes.insert("byEmail", r#"gsi("email", { projection: ["total", "day"] })"#);
        project.indexes.insert("byRegion", r#"gsi("region", { projection: "KEYS_ONLY" })"#);
        project.indexes.remove("byStatus");
        let attributes = table["AttributeDefinitions"].as_object_mut().unwrap();
        attributes.remove("status");
        attributes.insert("email".to_owned(), json!("S"));
        attributes.insert("region".to_owned(), json!("S"));
        let indexes = table["GlobalSecondaryIndexes"].as_object_mut().unwrap();
        indexes.remove("byStatus");
        indexes.insert("byEmail".to_owned(), index(&["email HASH"], &json!(["day", "total"])));
        indexes.insert("byRegion".to_owned(), index(&["region HASH"], &json!("KEYS_ONLY")));
    });
    version("an index with another key", |project, table| {
        project.indexes.insert("byCustomer", r#"gsi("customer", "day")"#);
        table["AttributeDefinitions"].as_object_mut().unwrap().remove("total");
        table["GlobalSecondaryIndexes"]["byCustomer"] =
            index(&["customer HASH", "day RANGE"], &json!("ALL"));
    });
    version("an index with another projection, said in the config", |project, table| {
        project.indexes.insert("byRegion", r#"gsi("region")"#);
        project.settings.insert("indexes", json!({ "byRegion": { "projection": ["total"] } }));
        table["GlobalSecondaryIndexes"]["byRegion"]["Projection"] = json!(["total"]);
    });
    version("items expire", |project, table| {
        project.settings.insert("timeToLive", json!("expiresAt"));
        table["TimeToLiveDescription"] =
            json!({ "TimeToLiveStatus": "ENABLED", "AttributeName": "expiresAt" });
    });
    version("items expire by another attribute", |project, table| {
        project.settings.insert("timeToLive", json!("deletedAt"));
        table["TimeToLiveDescription"]["AttributeName"] = json!("deletedAt");
    });
    version("items expire no longer", |project, table| {
        project.settings.insert("timeToLive", json!(false));
        table.as_object_mut().unwrap().remove("TimeToLiveDescription");
    });
    version("a stream", |project, table| {
        project.settings.insert("stream", json!("NEW_IMAGE"));
        table["StreamSpecification"] =
            json!({ "StreamEnabled": true, "StreamViewType": "NEW_IMAGE" });
    });
    version("another view of the stream", |project, table| {
        project.settings.insert("stream", json!("NEW_AND_OLD_IMAGES"));
        table["StreamSpecification"]["StreamViewType"] = json!("NEW_AND_OLD_IMAGES");
    });
    version("no stream", |project, table| {
        project.settings.insert("stream", json!(false));
        table.as_object_mut().unwrap().remove("StreamSpecification");
    });
    version("provisioned capacity", |project, table| {
        project.settings.insert("readCapacity", json!(5));
        project.settings.insert("writeCapacity", json!(6));
        table["BillingMode"] = json!("PROVISIONED");
        table["ProvisionedThroughput"] = capacity(5, 6);
        for index in table["GlobalSecondaryIndexes"].as_object_mut().unwrap().values_mut() {
            index["ProvisionedThroughput"] = capacity(5, 6);
        }
    });
    version("an index more in a provisioned table", |project, table| {
        project.indexes.insert("byStatus", r#"gsi("status")"#);
        table["AttributeDefinitions"]["status"] = json!("S");
        table["GlobalSecondaryIndexes"]["byStatus"] = index(&["status HASH"], &json!("ALL"));
        table["GlobalSecondaryIndexes"]["byStatus"]["ProvisionedThroughput"] = capacity(5, 6);
    });
    version("other capacity of the table", |project, table| {
        project.settings.insert("readCapacity", json!(8));
        let own = json!({ "readCapacity": 5, "writeCapacity": 6 });
        project
            .settings
            .insert("indexes", json!({ "*": own, "byRegion": { "projection": ["total"] } }));
        table["ProvisionedThroughput"] = capacity(8, 6);
    });
    version("other capacity of an index", |project, table| {
        let own = json!({ "readCapacity": 5, "writeCapacity": 6 });
        let other = json!({ "readCapacity": 2, "writeCapacity": 3 });
        project.settings.insert(
            "indexes",
            json!({ "*": own, "byRegion": { "projection": ["total"] }, "byStatus": other }),
        );
        table["GlobalSecondaryIndexes"]["byStatus"]["ProvisionedThroughput"] = capacity(2, 3);
    });
    version("capacity that somebody else sets", |project, table| {
        project.settings.insert("capacity", json!("autoscaled"));
        project.settings.insert(
            "indexes",
            json!({ "*": { "capacity": "autoscaled" }, "byRegion": { "projection": ["total"] } }),
        );
        table["ProvisionedThroughput"] = capacity(8, 6);
    });
    version("on demand", |project, table| {
        for setting in ["capacity", "readCapacity", "writeCapacity"] {
            project.settings.remove(setting);
        }
        project.settings.insert("billingMode", json!("PAY_PER_REQUEST"));
        project.settings.insert("indexes", json!({ "byRegion": { "projection": ["total"] } }));
        table["BillingMode"] = json!("PAY_PER_REQUEST");
        table.as_object_mut().unwrap().remove("ProvisionedThroughput");
        for index in table["GlobalSecondaryIndexes"].as_object_mut().unwrap().values_mut() {
            index.as_object_mut().unwrap().remove("ProvisionedThroughput");
        }
    });
    version("a maximum on demand", |project, table| {
        project.settings.insert("onDemandMaximum", json!({ "reads": 100, "writes": 50 }));
        table["OnDemandThroughput"] =
            json!({ "MaxReadRequestUnits": 100, "MaxWriteRequestUnits": 50 });
    });
    version("a maximum of an index", |project, table| {
        let limited = json!({ "onDemandMaximum": { "reads": 20, "writes": 10 } });
        project.settings.insert(
            "indexes",
            json!({ "byRegion": { "projection": ["total"] }, "byStatus": limited }),
        );
        table["GlobalSecondaryIndexes"]["byStatus"]["OnDemandThroughput"] =
            json!({ "MaxReadRequestUnits": 20, "MaxWriteRequestUnits": 10 });
    });
    version("no maximum", |project, table| {
        project.settings.insert("onDemandMaximum", json!(false));
        let unlimited = json!({ "onDemandMaximum": false });
        project.settings.insert(
            "indexes",
            json!({ "byRegion": { "projection": ["total"] }, "byStatus": unlimited }),
        );
        table.as_object_mut().unwrap().remove("OnDemandThroughput");
        let index = table["GlobalSecondaryIndexes"]["byStatus"].as_object_mut().unwrap();
        index.remove("OnDemandThroughput");
    });
    version("warm throughput", |project, table| {
        project.settings.insert("warmThroughput", json!({ "reads": 15000, "writes": 5000 }));
        table["WarmThroughput"] =
            json!({ "ReadUnitsPerSecond": 15000, "WriteUnitsPerSecond": 5000 });
    });
    version("backups and tags", |project, table| {
        project.settings.insert("pointInTimeRecovery", json!({ "days": 7 }));
        project.settings.insert("tags", json!({ "team": "shop", "cost": "1" }));
        table["PointInTimeRecoveryDescription"] =
            json!({ "PointInTimeRecoveryStatus": "ENABLED", "RecoveryPeriodInDays": 7 });
        table["Tags"] = json!({ "team": "shop", "cost": "1" });
    });
    version("backups for longer, one tag less and one more", |project, table| {
        project.settings.insert("pointInTimeRecovery", json!({ "days": 14 }));
        project.settings.insert("tags", json!({ "team": "shop", "stage": "test" }));
        table["PointInTimeRecoveryDescription"]["RecoveryPeriodInDays"] = json!(14);
        table["Tags"] = json!({ "team": "shop", "stage": "test" });
    });
    version("encryption and table class", |project, table| {
        project.settings.insert("encryption", json!("managed"));
        project.settings.insert("tableClass", json!("STANDARD_INFREQUENT_ACCESS"));
        table["SSEDescription"] = json!({ "Status": "ENABLED", "SSEType": "KMS" });
        table["TableClass"] = json!("STANDARD_INFREQUENT_ACCESS");
    });
    version("a resource policy", |project, table| {
        let policy = json!({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Allow",
                "Principal": { "AWS": "arn:aws:iam::111122223333:root" },
                "Action": ["dynamodb:GetItem"],
                "Resource": "*",
            }],
        });
        project.settings.insert("resourcePolicy", policy);
        table["ResourcePolicy"] = json!({
            "Version": "2012-10-17",
            "Statement": {
                "Effect": "Allow",
                "Principal": { "AWS": "111122223333" },
                "Action": "dynamodb:GetItem",
                "Resource": "*",
            },
        });
    });
    version("deletion protection", |project, table| {
        project.settings.insert("deletionProtection", json!(true));
        table["DeletionProtectionEnabled"] = json!(true);
    });
    version("an index of four attributes", |project, table| {
        project.indexes.insert("byAll", r#"gsi(["customer", "region"], ["status", "day"])"#);
        table["GlobalSecondaryIndexes"]["byAll"] =
            index(&["customer HASH", "region HASH", "status RANGE", "day RANGE"], &json!("ALL"));
    });
    version("everything off again", |project, table| {
        project.indexes.remove("byAll");
        project.settings.insert("deletionProtection", json!(false));
        project.settings.insert("resourcePolicy", json!(false));
        project.settings.insert("encryption", json!("owned"));
        project.settings.insert("tableClass", json!("STANDARD"));
        project.settings.insert("pointInTimeRecovery", json!(false));
        project.settings.insert("tags", json!({}));
        table["GlobalSecondaryIndexes"].as_object_mut().unwrap().remove("byAll");
        for setting in [
            "DeletionProtectionEnabled",
            "ResourcePolicy",
            "SSEDescription",
            "TableClass",
            "PointInTimeRecoveryDescription",
            "Tags",
        ] {
            table.as_object_mut().unwrap().remove(setting);
        }
    });
    version("nothing managed", |project, _| {
        project.settings.retain(|name, _| *name == "indexes");
        project.settings.insert("indexes", json!({ "byRegion": { "projection": ["total"] } }));
    });
    version("another key, of a table that is empty", |project, table| {
        project.sort_key = r#"number("at")"#;
        table["KeySchema"] = json!(["pk HASH", "at RANGE"]);
        let attributes = table["AttributeDefinitions"].as_object_mut().unwrap();
        attributes.remove("sk");
        attributes.insert("at".to_owned(), json!("N"));
    });
}
