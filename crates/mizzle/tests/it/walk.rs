//! One table on its way through more than twenty versions of its schema and config, on every server.
//!
//! After each push boto3, which knows nothing of mizzle, describes the whole table; then a second
//! push has to find nothing, and to send nothing that could change anything.

use crate::support::BINARY;
use mizzle_test::{
    Boto3, Database, DynamoDbLocal, FaultProxy, Ministack, Moto, Request, TempProject,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A server, and what it is known not to do.
struct Server {
    name: &'static str,
    /// `None`: the embedded DynamoDB.
    remote: Option<(Database, FaultProxy)>,
    /// What boto3 can never see there, by the name that it has in a description; `*.X` is that of an
    /// index.
    forgets: &'static [&'static str],
    /// The versions that it refuses although DynamoDB takes them.
    skips: &'static [&'static str],
}

impl Server {
    fn remote(
        name: &'static str,
        database: Database,
        forgets: &'static [&'static str],
        skips: &'static [&'static str],
    ) -> Self {
        let proxy = FaultProxy::start(&database.endpoint);
        Self { name, remote: Some((database, proxy)), forgets, skips }
    }

    fn embedded() -> Self {
        Self {
            name: "embedded",
            remote: None,
            forgets: &[
                "PointInTimeRecoveryDescription",
                "ResourcePolicy",
                "WarmThroughput",
                "*.OnDemandThroughput",
                // Only a new table gets a key.
                "SSEDescription",
                // Kept when an index is created, and forgotten when it is changed.
                "*.ProvisionedThroughput",
            ],
            skips: &[],
        }
    }

    fn connect(&self, project: &TempProject) {
        if let Some((database, proxy)) = &self.remote {
            let fields = database.through(proxy).config_fields();
            project.replace("mizzle.config.ts", "endpoint: \"local\",", &fields);
        }
    }

    /// The table as boto3 sees it, without what is the same in every version.
    fn describe(&self, project: &TempProject) -> Value {
        let tables = match &self.remote {
            Some((database, _)) => Boto3::from_env().describe(database),
            None => {
                let serving = project.mizzle(["local", "--port", "0"]).serve();
                Boto3::from_env().describe(&serving.database())
            }
        };
        tables["Orders"].clone()
    }

    /// Runs a snippet of Python beside mizzle.
    fn run(&self, project: &TempProject, snippet: &str) -> Value {
        match &self.remote {
            Some((database, _)) => Boto3::from_env().run(database, snippet),
            None => {
                let serving = project.mizzle(["local", "--port", "0"]).serve();
                Boto3::from_env().run(&serving.database(), snippet)
            }
        }
    }

    fn writes(&self) -> Vec<Request> {
        self.remote.as_ref().map(|(_, proxy)| proxy.writes()).unwrap_or_default()
    }

    fn forget_requests(&self) {
        if let Some((_, proxy)) = &self.remote {
            proxy.forget_requests();
        }
    }

    /// What of a whole description the server can hold.
    fn holds(&self, whole: &Value) -> Value {
        let mut held = whole.clone();
        for path in self.forgets {
            match path.split_once('.') {
                Some(("AttributeDefinitions", _)) => keep_used_attributes(&mut held),
                Some(("*", field)) => {
                    let indexes = held["GlobalSecondaryIndexes"].as_object_mut().unwrap();
                    for index in indexes.values_mut() {
                        index.as_object_mut().unwrap().remove(field);
                    }
                }
                Some((setting, field)) => {
                    if let Some(setting) = held.get_mut(setting).and_then(Value::as_object_mut) {
                        setting.remove(field);
                    }
                }
                None => {
                    held.as_object_mut().unwrap().remove(*path);
                }
            }
        }
        held
    }
}

/// Takes out the attributes that no key uses.
fn keep_used_attributes(table: &mut Value) {
    let used = format!(
        "{}{}{}",
        table["KeySchema"], table["GlobalSecondaryIndexes"], table["LocalSecondaryIndexes"]
    );
    let attributes = table["AttributeDefinitions"].as_object_mut().unwrap();
    attributes.retain(|name, _| {
        used.contains(&format!("{name} HASH")) || used.contains(&format!("{name} RANGE"))
    });
}

/// The schema and the settings of one version.
#[derive(Clone)]
struct Project {
    indexes: BTreeMap<&'static str, &'static str>,
    sort_key: &'static str,
    settings: BTreeMap<&'static str, Value>,
}

impl Project {
    fn write(&self, project: &TempProject) {
        let indexes: Vec<String> =
            self.indexes.iter().map(|(name, index)| format!("    {name}: {index},\n")).collect();
        project.write(
            "schema.ts",
            &format!(
                r#"import {{ dynamoEntity, dynamoTable, gsi, lsi, number, string }} from "mizzle";

export const orders = dynamoTable("Orders", {{
  pk: string("pk"),
  sk: {},
  indexes: {{
{}  }},
}});

export const order = dynamoEntity(orders, "Order", {{
  status: string(), customer: string(), email: string(), region: string(), total: number(), day: number(),
}});
"#,
                self.sort_key,
                indexes.concat()
            ),
        );
        let settings = serde_json::to_string(&self.settings).unwrap();
        project.write("settings.json", &settings);
    }
}

fn index(key: &[&str], projection: &Value) -> Value {
    json!({ "KeySchema": key, "Projection": projection, "IndexStatus": "ACTIVE" })
}

fn capacity(read: u32, write: u32) -> Value {
    json!({ "ReadCapacityUnits": read, "WriteCapacityUnits": write })
}

/// What a version changes: the project, and with it the table.
type Change = fn(&mut Project, &mut Value);

/// A project for the embedded DynamoDB before its first version.
fn begin() -> (TempProject, Project) {
    let project = TempProject::new(BINARY);
    project.write(
        "mizzle.config.ts",
        r#"import { readFileSync } from "node:fs";

export default {
  schema: "./schema.ts",
  out: "./migrations",
  endpoint: "local",
  maxAttempts: 1,
  tables: { Orders: JSON.parse(readFileSync("./settings.json", "utf8")) },
};
"#,
    );
    let version = Project {
        indexes: [("byStatus", r#"gsi("status")"#), ("byDay", r#"lsi("day")"#)].into(),
        sort_key: r#"string("sk")"#,
        settings: BTreeMap::new(),
    };
    (project, version)
}

/// The table of the first version, as boto3 describes it.
fn table() -> Value {
    json!({
        "TableStatus": "ACTIVE",
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": { "pk": "S", "sk": "S", "status": "S", "day": "N" },
        "KeySchema": ["pk HASH", "sk RANGE"],
        "GlobalSecondaryIndexes": { "byStatus": index(&["status HASH"], &json!("ALL")) },
        "LocalSecondaryIndexes": {
            "byDay": { "KeySchema": ["pk HASH", "day RANGE"], "Projection": "ALL" },
        },
    })
}

/// The project of the walk with a migration for every version that has one, and the names of the
/// others.
pub(crate) fn generated() -> (TempProject, Vec<&'static str>) {
    let (project, mut state) = begin();
    let mut expected = table();
    let mut without = Vec::new();
    versions(|name, change| {
        change(&mut state, &mut expected);
        state.write(&project);
        let report = project.mizzle(["generate", "--yes", "--json"]).run().json();
        if report["migration"].is_null() {
            without.push(name);
        }
    });
    (project, without)
}

/// A walk on one server: the state of the project, and what the table should be.
struct Walk {
    server: Server,
    project: TempProject,
    version: Project,
    expected: Value,
    done: usize,
}

impl Walk {
    fn begin(server: Server) -> Self {
        let (project, version) = begin();
        server.connect(&project);
        Self { server, project, version, expected: table(), done: 0 }
    }

    /// The next version: `change` edits the project and says what becomes of the table.
    fn version(&mut self, name: &str, change: impl FnOnce(&mut Project, &mut Value)) {
        let server = self.server.name;
        change(&mut self.version, &mut self.expected);
        self.version.write(&self.project);
        let report = self.project.mizzle(["push", "--yes", "--json"]).run().assert_code(0).json();
        assert!(
            ["applied", "in_sync"].contains(&report["outcome"].as_str().unwrap()),
            "{server}, {name}: {report:#}"
        );
        let seen = self.server.describe(&self.project);
        let held = self.server.holds(&self.expected);
        let seen = self.server.holds(&seen);
        let differing = |field: &&String| seen.get(field) != held.get(field);
        let fields = [&seen, &held].into_iter().flat_map(|table| table.as_object().unwrap().keys());
        let differences: Vec<String> = fields
            .filter(differing)
            .map(|field| format!("{field}: {:?}, not {:?}", seen.get(field), held.get(field)))
            .collect();
        assert!(
            differences.is_empty(),
            "{server}, {name}:\n{}\n{report:#}",
            differences.join("\n")
        );
        self.assert_in_sync(name);
        self.done += 1;
    }

    fn assert_in_sync(&self, name: &str) {
        self.server.forget_requests();
        let report = self.project.mizzle(["push", "--yes", "--json"]).run().assert_code(0).json();
        let server = self.server.name;
        assert_eq!(report["outcome"], "in_sync", "{server}, {name}: {report:#}");
        assert_eq!(report["plan"]["steps"], json!([]), "{server}, {name}");
        assert_eq!(self.server.writes(), [], "{server}, {name}");
    }

    fn leaves_capacity_alone(&mut self) {
        self.server.run(
            &self.project,
            r#"
            client.update_table(TableName="Orders", ProvisionedThroughput={"ReadCapacityUnits": 9, "WriteCapacityUnits": 9})
            result = None
            "#,
        );
        self.expected["ProvisionedThroughput"] = capacity(9, 9);
        self.assert_in_sync("somebody has set the capacity");
        assert_eq!(
            self.server.describe(&self.project)["ProvisionedThroughput"],
            capacity(9, 9),
            "{}: what is autoscaled is left alone",
            self.server.name
        );
    }
}

/// Each version changes one thing, or a few at once, that DynamoDB has a rule about.
fn versions(mut version: impl FnMut(&'static str, Change)) {
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

/// All versions on one server; how many of them it takes.
fn walk(server: Server) -> usize {
    let mut walk = Walk::begin(server);
    versions(|name, change| {
        if walk.server.skips.contains(&name) {
            return;
        }
        walk.version(name, change);
        match (name, walk.server.name) {
            ("capacity that somebody else sets", _) => walk.leaves_capacity_alone(),
            ("warm throughput", "moto") => {
                let warm = &walk.server.describe(&walk.project)["WarmThroughput"];
                assert_eq!(*warm, walk.expected["WarmThroughput"], "moto");
            }
            _ => {}
        }
    });
    walk.done
}

/// A new table with every setting at once, on demand or provisioned.
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
            // One side alone.
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

fn dynamodb_local() -> Server {
    Server::remote(
        "DynamoDB Local",
        DynamoDbLocal::from_env().isolated(),
        &[
            "OnDemandThroughput",
            "*.OnDemandThroughput",
            "WarmThroughput",
            "PointInTimeRecoveryDescription",
            "Tags",
            "SSEDescription",
            "TableClass",
            "ResourcePolicy",
        ],
        &["an index of four attributes"],
    )
}

fn ministack() -> Server {
    Server::remote(
        "MiniStack",
        Ministack::from_env().isolated(),
        &[
            "WarmThroughput",
            "*.OnDemandThroughput",
            "PointInTimeRecoveryDescription.RecoveryPeriodInDays",
            "SSEDescription.KMSMasterKeyArn",
        ],
        &[],
    )
}

fn moto() -> Server {
    Server::remote(
        "moto",
        Moto::from_env().isolated(),
        &[
            "AttributeDefinitions.unused",
            "OnDemandThroughput",
            "*.OnDemandThroughput",
            "TableClass",
            // It has some of its own for every table, which depends on the capacity.
            "WarmThroughput",
            "*.WarmThroughput",
            "SSEDescription",
        ],
        // A stream that was off cannot be turned on there again.
        &["another view of the stream"],
    )
}

#[test]
fn a_table_walks_through_every_change_on_the_embedded_server() {
    assert!(walk(Server::embedded()) >= 20);
}

#[test]
fn a_table_walks_through_every_change_on_dynamodb_local() {
    assert!(walk(dynamodb_local()) >= 20);
}

#[test]
fn a_table_walks_through_every_change_on_ministack() {
    assert!(walk(ministack()) >= 20);
}

#[test]
fn a_table_walks_through_every_change_on_moto() {
    assert!(walk(moto()) >= 20);
}

#[test]
fn a_new_table_has_every_setting_that_its_server_knows() {
    for is_provisioned in [false, true] {
        for server in [Server::embedded(), dynamodb_local(), ministack(), moto()] {
            all_at_once(server, is_provisioned);
        }
    }
}
