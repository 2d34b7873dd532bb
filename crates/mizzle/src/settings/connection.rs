//! Where DynamoDB is, and who is asking.

use crate::{cli::Global, env::Env, project::ConfigFile};
use mizzle_aws::{Connection, StaticCredentials};
use mizzle_core::config::{Config, Credentials};
use secrecy::ExposeSecret;
use std::path::{Path, PathBuf};

/// The word that stands for the embedded DynamoDB where an endpoint is expected.
pub(super) const EMBEDDED: &str = "local";

/// Where DynamoDB is.
#[derive(Debug, Clone)]
pub(crate) enum Endpoint {
    /// In this process, kept in a file.
    Embedded(PathBuf),
    /// At a URL, or at AWS.
    Remote(Connection),
}

/// Where DynamoDB is, and who is asking.
#[derive(Debug, Clone)]
pub(crate) struct ConnectionSettings {
    /// Where.
    pub(crate) endpoint: Endpoint,
    /// The region that was asked for, which the embedded DynamoDB ignores.
    pub(crate) region: Option<String>,
    /// The environment's name, when one was chosen.
    pub(crate) environment: Option<String>,
}

impl ConnectionSettings {
    /// Flags over environment over config.
    pub(crate) fn resolve(global: &Global, file: &ConfigFile, config: &Config, env: &Env) -> Self {
        let pick = |flag: &Option<String>, variable: &str, field: &Option<String>| {
            let from_env = || env.variable(variable).map(str::to_owned);
            flag.clone().or_else(from_env).or_else(|| field.clone())
        };
        let connection = &config.connection;
        let endpoint = pick(&global.endpoint, "MIZZLE_ENDPOINT", &connection.endpoint);
        let environment = config.environment.name.clone();
        let region = pick(&global.region, "MIZZLE_REGION", &connection.region);
        if endpoint.as_deref() == Some(EMBEDDED) {
            let endpoint = Endpoint::Embedded(database_file(&file.root));
            return Self { endpoint, region, environment };
        }
        // Whoever names a profile on the command line does not mean the config's credentials.
        let credentials = match &global.profile {
            Some(_) => None,
            None => connection.credentials.as_ref().map(to_static),
        };
        let connection = Connection {
            endpoint,
            region: region.clone(),
            profile: global.profile.clone().or_else(|| connection.profile.clone()),
            credentials,
            max_attempts: config.max_attempts,
        };
        Self { endpoint: Endpoint::Remote(connection), region, environment }
    }
}

/// Which servers may be changed. This machine's always may.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Admission {
    /// The only AWS account that may.
    pub(crate) account_id: Option<String>,
    /// Whether any other server than this machine's may.
    pub(crate) allow_remote: bool,
}

impl Admission {
    /// What the config says.
    pub(crate) fn resolve(config: &Config) -> Self {
        Self {
            account_id: config.account_id.clone(),
            allow_remote: config.allow_remote.unwrap_or(true),
        }
    }
}

/// Where the embedded DynamoDB keeps a project's tables.
pub(super) fn database_file(root: &Path) -> PathBuf {
    root.join(".mizzle").join("local.db")
}

fn to_static(credentials: &Credentials) -> StaticCredentials {
    StaticCredentials {
        access_key_id: credentials.access_key_id.expose_secret().to_owned(),
        secret_access_key: credentials.secret_access_key.clone(),
        session_token: credentials.session_token.clone(),
    }
}
