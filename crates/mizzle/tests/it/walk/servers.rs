//! The servers of the walk, and what each is known not to do.

use mizzle_test::{
    Boto3, Database, DynamoDbLocal, FaultProxy, Ministack, Moto, Request, TempProject,
};
use serde_json::Value;

/// A server, and what it is known not to do.
pub(super) struct Server {
    pub(super) name: &'static str,
    /// `None`: the embedded DynamoDB.
    remote: Option<(Database, FaultProxy)>,
    /// What boto3 can never see there, by the name that it has in a description; `*.X` is that of an
    /// index.
    forgets: &'static [&'static str],
    /// The versions that it refuses although DynamoDB takes them.
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
                // Kept when an index is created, and forgotten when it is changed.
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

    /// The table as boto3 sees it, without what is the same in every version.
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

    /// Runs a snippet of Python beside mizzle.
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

    /// What of a whole description the server can hold.
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
            // It has some of its own for every table, which depends on the capacity.
            "WarmThroughput",
            "*.WarmThroughput",
            "SSEDescription",
        ],
        // A stream that was off cannot be turned on there again.
        &["another view of the stream"],
    )
}
