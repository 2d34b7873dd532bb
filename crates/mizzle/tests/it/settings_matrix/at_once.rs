//! A new table with every setting at once.

use super::{
    Walk, capacity, index,
    servers::{Server, dynamodb_local, ministack, moto},
};
use serde_json::json;

/// Creates a table with every setting at once, on demand or provisioned.
fn all_at_once(server: Server, is_provisioned: bool) {
    let mut walk = Walk::begin(server);
    walk.version("a new table with every setting", |project, table| {
        project.indexes.insert("byRegion", r#"gsi("region")"#);
        table["AttributeDefinitions"]["region"] = json!("S");
        table["GlobalSecondaryIndexes"]["byRegion"] = index(&["region HASH"], &json!("ALL"));
        let settings = json!({
            "warmThroughput": { "reads": 15000, "writes": 5000 },
            "timeToLive": "expiresAt",
            "stream": "NEW_AND_OLD_IMAGES",
            "pointInTimeRecovery": { "days": 7 },
            "tableClass": "STANDARD_INFREQUENT_ACCESS",
            "encryption": "managed",
            "deletionProtection": true,
            "tags": { "team": "shop" },
            "resourcePolicy": { "Version": "2012-10-17", "Statement": [] },
        });
        for (name, setting) in settings.as_object().unwrap() {
            let name = SETTINGS.iter().find(|known| *known == name).unwrap();
            project.settings.insert(name, setting.clone());
        }
        table["WarmThroughput"] =
            json!({ "ReadUnitsPerSecond": 15000, "WriteUnitsPerSecond": 5000 });
        table["TimeToLiveDescription"] =
            json!({ "TimeToLiveStatus": "ENABLED", "AttributeName": "expiresAt" });
        table["StreamSpecification"] =
            json!({ "StreamEnabled": true, "StreamViewType": "NEW_AND_OLD_IMAGES" });
        table["PointInTimeRecoveryDescription"] =
            json!({ "PointInTimeRecoveryStatus": "ENABLED", "RecoveryPeriodInDays": 7 });
        table["TableClass"] = json!("STANDARD_INFREQUENT_ACCESS");
        table["SSEDescription"] = json!({ "Status": "ENABLED", "SSEType": "KMS" });
        table["DeletionProtectionEnabled"] = json!(true);
        table["Tags"] = json!({ "team": "shop" });
        table["ResourcePolicy"] = json!({ "Version": "2012-10-17", "Statement": [] });
        if is_provisioned {
            project.settings.insert("readCapacity", json!(4));
            project.settings.insert("writeCapacity", json!(3));
            let own = json!({ "byRegion": { "readCapacity": 2, "writeCapacity": 1 } });
            project.settings.insert("indexes", own);
            table["BillingMode"] = json!("PROVISIONED");
            table["ProvisionedThroughput"] = capacity(4, 3);
            let indexes = &mut table["GlobalSecondaryIndexes"];
            indexes["byStatus"]["ProvisionedThroughput"] = capacity(4, 3);
            indexes["byRegion"]["ProvisionedThroughput"] = capacity(2, 1);
        } else {
            // Only one of both limits.
            project.settings.insert("onDemandMaximum", json!({ "reads": 100 }));
            table["OnDemandThroughput"] = json!({ "MaxReadRequestUnits": 100 });
        }
    });
    assert_eq!(walk.done, 1);
}

/// The settings that [`all_at_once`] uses.
const SETTINGS: [&str; 9] = [
    "warmThroughput",
    "timeToLive",
    "stream",
    "pointInTimeRecovery",
    "tableClass",
    "encryption",
    "deletionProtection",
    "tags",
    "resourcePolicy",
];

#[test]
fn a_new_table_has_every_setting_that_its_server_knows() {
    for is_provisioned in [false, true] {
        for server in [Server::embedded(), dynamodb_local(), ministack(), moto()] {
            all_at_once(server, is_provisioned);
        }
    }
}
