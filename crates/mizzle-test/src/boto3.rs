//! boto3: a client that shares no code with mizzle.

use crate::{Database, environment, process, redact::Redactions};
use serde_json::Value;
use std::{process::Command, time::Duration};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/python/describe.py");
const DEADLINE: Duration = Duration::from_secs(60);

/// The AWS SDK for Python, as an independent look at a database.
#[derive(Debug, Clone)]
pub struct Boto3 {
    python: String,
}

impl Boto3 {
    /// Fails the test, naming `cargo xtask test`, when there is none.
    #[track_caller]
    pub fn from_env() -> Self {
        Self { python: environment::required(environment::PYTHON) }
    }

    /// Every table of the database, by name:
    ///
    /// ```json
    /// {
    ///   "Shop": {
    ///     "TableStatus": "ACTIVE",
    ///     "BillingMode": "PAY_PER_REQUEST",
    ///     "AttributeDefinitions": { "email": "S", "pk": "S" },
    ///     "KeySchema": ["pk HASH"],
    ///     "GlobalSecondaryIndexes": {
    ///       "byEmail": { "KeySchema": ["email HASH"], "Projection": "ALL", "IndexStatus": "ACTIVE" }
    ///     },
    ///     "LocalSecondaryIndexes": {}
    ///   }
    /// }
    /// ```
    ///
    /// `Projection` is the list of attributes, sorted, when it is `INCLUDE`.
    #[track_caller]
    pub fn describe(&self, database: &Database) -> Value {
        let Database { endpoint, access_key, secret_key, region } = database;
        let mut command = Command::new(&self.python);
        environment::clear(&mut command)
            .arg(SCRIPT)
            .arg(endpoint)
            .env("AWS_ACCESS_KEY_ID", access_key)
            .env("AWS_SECRET_ACCESS_KEY", secret_key)
            .env("AWS_DEFAULT_REGION", region)
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("PYTHONDONTWRITEBYTECODE", "1");
        let shown = format!("python describe.py {endpoint}");
        process::run(command, shown, DEADLINE, Redactions::standard()).assert_code(0).json()
    }
}
