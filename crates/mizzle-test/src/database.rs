//! What it takes to reach one database.

use crate::FaultProxy;

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

    /// The same database, reached through a proxy that stands in front of its server.
    pub fn through(&self, proxy: &FaultProxy) -> Self {
        Self { endpoint: proxy.endpoint().to_owned(), ..self.clone() }
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
