//! boto3: a client that shares no code with mizzle.

mod worker;

use crate::{Database, environment, process::Output};
use serde_json::Value;
use std::{collections::BTreeMap, time::Duration};

/// The folder of the scripts that boto3 runs.
const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/python");
const DEADLINE: Duration = Duration::from_secs(60);

/// The AWS SDK for Python, to inspect a database independently.
#[derive(Debug, Clone)]
pub struct Boto3 {
    python: String,
}

impl Boto3 {
    /// Reads the variables of `cargo xtask test`. Fails the test if they are not set.
    #[track_caller]
    pub fn from_env() -> Self {
        Self { python: environment::required(environment::PYTHON) }
    }

    /// Describes every table of the database, by name:
    ///
    /// ```json
    /// {
    ///   "Shop": {
    ///     "TableStatus": "ACTIVE",
    ///     "BillingMode": "PROVISIONED",
    ///     "AttributeDefinitions": { "email": "S", "pk": "S" },
    ///     "KeySchema": ["pk HASH"],
    ///     "GlobalSecondaryIndexes": {
    ///       "byEmail": {
    ///         "KeySchema": ["email HASH"],
    ///         "Projection": "ALL",
    ///         "IndexStatus": "ACTIVE",
    ///         "Backfilling": true,
    ///         "ProvisionedThroughput": { "ReadCapacityUnits": 2, "WriteCapacityUnits": 1 },
    ///         "OnDemandThroughput": { "MaxReadRequestUnits": 20, "MaxWriteRequestUnits": 10 },
    ///         "WarmThroughput": { "ReadUnitsPerSecond": 12000, "WriteUnitsPerSecond": 4000 }
    ///       }
    ///     },
    ///     "LocalSecondaryIndexes": {},
    ///
    ///     "ProvisionedThroughput": { "ReadCapacityUnits": 2, "WriteCapacityUnits": 1 },
    ///     "OnDemandThroughput": { "MaxReadRequestUnits": 20, "MaxWriteRequestUnits": 10 },
    ///     "WarmThroughput": { "ReadUnitsPerSecond": 12000, "WriteUnitsPerSecond": 4000 },
    ///     "StreamSpecification": { "StreamEnabled": true, "StreamViewType": "NEW_IMAGE" },
    ///     "SSEDescription": { "Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": "arn:…" },
    ///     "TableClass": "STANDARD_INFREQUENT_ACCESS",
    ///     "DeletionProtectionEnabled": true,
    ///     "TimeToLiveDescription": { "TimeToLiveStatus": "ENABLED", "AttributeName": "expires" },
    ///     "PointInTimeRecoveryDescription": {
    ///       "PointInTimeRecoveryStatus": "ENABLED", "RecoveryPeriodInDays": 7
    ///     },
    ///     "Tags": { "team": "shop" },
    ///     "ResourcePolicy": { "Version": "2012-10-17", "Statement": [] }
    ///   }
    /// }
    /// ```
    ///
    /// `Projection` is the list of attributes, sorted, if it is `INCLUDE`. The keys below the empty
    /// line, and those of an index from `IndexStatus` on, are left out if the server does not
    /// return them or does not support the operation, and if the value is that of a plain table: no
    /// capacity (0, or any value that an on-demand table shows), no maximum (-1), `STANDARD`, not
    /// enabled, no tags. A duplicate tag (moto has them after an overwrite) fails the test.
    ///
    /// A server that returns the warm throughput of a plain table (moto does, 12000 and 4000) shows
    /// it; one that returns zeros (MiniStack) does not.
    #[track_caller]
    pub fn describe(&self, database: &Database) -> Value {
        self.script("describe.py", database, &[]).assert_code(0).json()
    }

    /// Runs a snippet of Python and returns its `result`; `client` is boto3's client of the
    /// database, which does not retry.
    ///
    /// ```no_run
    /// # let database = mizzle_test::DynamoDbLocal::from_env().isolated();
    /// let items = mizzle_test::Boto3::from_env().run(
    ///     &database,
    ///     r#"
    ///     client.put_item(TableName="Shop", Item={"pk": {"S": "1"}})
    ///     result = client.scan(TableName="Shop", Select="COUNT")["Count"]
    ///     "#,
    /// );
    /// assert_eq!(items, 1);
    /// ```
    ///
    /// The snippet may be indented as a whole. Times, bytes and all other values without a JSON
    /// form are returned as Python prints them. An exception fails the test and shows its
    /// traceback.
    #[track_caller]
    pub fn run(&self, database: &Database, snippet: &str) -> Value {
        self.script("run.py", database, &[snippet]).assert_code(0).json()
    }

    #[track_caller]
    fn script(&self, script: &str, database: &Database, arguments: &[&str]) -> Output {
        let Database { endpoint, access_key, secret_key, region } = database;
        let arguments = [&[endpoint.as_str()], arguments].concat();
        let environment = BTreeMap::from([
            ("AWS_ACCESS_KEY_ID", access_key.as_str()),
            ("AWS_SECRET_ACCESS_KEY", secret_key),
            ("AWS_DEFAULT_REGION", region),
            ("AWS_EC2_METADATA_DISABLED", "true"),
        ]);
        let shown = format!("python {script} {}", arguments.join(" "));
        let place = (self.python.as_str(), SCRIPTS);
        worker::run(place, (script, &arguments), &environment, shown, DEADLINE)
    }
}
