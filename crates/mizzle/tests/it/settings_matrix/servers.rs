//! The servers of the walk, and their known limitations.

use mizzle_test::{
    Boto3, Database, DynamoDbLocal, FaultProxy, Ministack, Moto, Request, TempProject,
};
use serde_json::Value;

/// A server, and its known limitations.
pub(super) struct Server {
    pub(super) name: &'static str,
    /// `None`: the embedded DynamoDB.
    remote: Option<(Database, FaultProxy)>,
    /// The fields that boto3 never finds in its descriptions; `*.X` is a field of the indexes.
    forgets: &'static [&'static str],
    /// The versions that it refuses although DynamoDB accepts them.
    pub(super) skips: &'static [&'static str],
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

    pub(super) fn embedded() -> Self {
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
                // Stored when an index is created, and lost when it is changed.
                "*.ProvisionedThroughput",
            ],
            skips: &[],
        }
    }

    pub(super) fn connect(&self, project: &TempProject) {
        if let Some((database, proxy)) = &self.remote {
            let fields = database.through(proxy).config_fields();
            project.replace("mizzle.config.ts", "endpoint: \"local\",", &fields);
        }
    }

    /// Describes the table with boto3.
    pub(super) fn describe(&self, project: &TempProject) -> Value {
        let tables = match &self.remote {
            Some((database, _)) => Boto3::from_env().describe(database),
            None => {
                let serving = project.mizzle(["local", "--port", "0"]).serve();
                Boto3::from_env().describe(&serving.database())
            }
        };
        tables["Orders"].clone()
    }

    /// Runs a snippet of Python on the database.
    pub(super) fn run(&self, project: &TempProject, snippet: &str) -> Value {
        match &self.remote {
            Some((database, _)) => Boto3::from_env().run(database, snippet),
            None => {
                let serving = project.mizzle(["local", "--port", "0"]).serve();
                Boto3::from_env().run(&serving.database(), snippet)
            }
        }
    }

    pub(super) fn writes(&self) -> Vec<Request> {
        self.remote.as_ref().map(|(_, proxy)| proxy.writes()).unwrap_or_default()
    }

    pub(super) fn forget_requests(&self) {
        if let Some((_, proxy)) = &self.remote {
            proxy.forget_requests();
        }
    }

    /// Returns the part of a whole description that the server can store.
    pub(super) fn holds(&self, whole: &Value) -> Value {
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

/// Removes the attributes that no key uses.
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

pub(super) fn dynamodb_local() -> Server {
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

pub(super) fn ministack() -> Server {
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

pub(super) fn moto() -> Server {
    Server::remote(
        "moto",
        Moto::from_env().isolated(),
        &[
            "AttributeDefinitions.unused",
            "OnDemandThroughput",
            "*.OnDemandThroughput",
            "TableClass",
            // The server sets its own for every table, depending on the capacity.
            "WarmThroughput",
            "*.WarmThroughput",
            "SSEDescription",
        ],
        // A disabled stream cannot be enabled there again.
        &["another view of the stream"],
    )
}
