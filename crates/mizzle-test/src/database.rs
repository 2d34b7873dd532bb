//! Amazon's DynamoDB Local, and what it takes to reach one database.

use crate::environment;

/// What it takes to reach one database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Database {
    /// The URL of the server.
    pub endpoint: String,
    /// The access key's id.
    pub access_key: String,
    /// The access key's secret; no emulator checks it.
    pub secret_key: String,
    /// The region.
    pub region: String,
}

impl Database {
    /// A database whose server checks no secret.
    pub fn new(endpoint: &str, access_key: &str, region: &str) -> Self {
        Self {
            endpoint: endpoint.to_owned(),
            access_key: access_key.to_owned(),
            secret_key: "secret".to_owned(),
            region: region.to_owned(),
        }
    }

    /// The fields of `mizzle.config.ts` that lead to the database.
    pub fn config_fields(&self) -> String {
        let Self { endpoint, access_key, secret_key, region } = self;
        format!(
            "endpoint: {endpoint:?},\n  region: {region:?},\n  \
             credentials: {{ accessKeyId: {access_key:?}, secretAccessKey: {secret_key:?} }},"
        )
    }
}

/// The DynamoDB Local that `cargo xtask test` started.
#[derive(Debug, Clone)]
pub struct DynamoDbLocal {
    endpoint: String,
}

impl DynamoDbLocal {
    /// Fails the test, naming `cargo xtask test`, when there is none.
    #[track_caller]
    pub fn from_env() -> Self {
        Self { endpoint: environment::required(environment::DYNAMODB_LOCAL) }
    }

    /// The URL of the server.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// An empty database that no other test sees: the server keeps one for every access key. The
    /// key is of letters and digits, as the server wants it.
    pub fn isolated(&self) -> Database {
        let random: String = std::iter::repeat_with(fastrand::alphanumeric).take(16).collect();
        Database::new(&self.endpoint, &format!("MIZZLETEST{random}"), "us-east-1")
    }
}
