//! The connection settings of a database.

use crate::FaultProxy;

/// The connection settings of a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Database {
    /// The URL of the server.
    pub endpoint: String,
    /// The id of the access key.
    pub access_key: String,
    /// The secret of the access key; no emulator checks it.
    pub secret_key: String,
    /// The region.
    pub region: String,
}

impl Database {
    /// Creates the settings of a database whose server checks no secret.
    pub fn new(endpoint: &str, access_key: &str, region: &str) -> Self {
        Self {
            endpoint: endpoint.to_owned(),
            access_key: access_key.to_owned(),
            secret_key: "secret".to_owned(),
            region: region.to_owned(),
        }
    }

    /// Returns the same database, reached through a proxy in front of its server.
    pub fn through(&self, proxy: &FaultProxy) -> Self {
        Self { endpoint: proxy.endpoint().to_owned(), ..self.clone() }
    }

    /// Returns the fields of `mizzle.config.ts` that connect to the database.
    pub fn config_fields(&self) -> String {
        let Self { endpoint, access_key, secret_key, region } = self;
        format!(
            "endpoint: {endpoint:?},\n  region: {region:?},\n  \
             credentials: {{ accessKeyId: {access_key:?}, secretAccessKey: {secret_key:?} }},"
        )
    }
}
