//! The server that a command talks to: AWS, an emulator, or the embedded DynamoDB.

#[cfg_attr(feature = "local", path = "embedded_enabled.rs")]
#[cfg_attr(not(feature = "local"), path = "embedded_disabled.rs")]
pub(crate) mod embedded;
mod nearby;

pub(crate) use embedded::{HAS_EMBEDDED, serve};
pub(crate) use nearby::nearby;

use crate::{
    errors::{CommandError, ErrorKind},
    settings::{ConnectionSettings, Endpoint},
};
use mizzle_aws::{ConnectError, Connection, DynamoDb};
use mizzle_core::{apply::Options, text};
use serde::Serialize;
use std::{fmt, time::Duration};

/// How long a server on this machine may hide a change that it has accepted.
const LOCAL_GRACE: Duration = Duration::from_secs(2);

/// How long a server on this machine may say that a table is in use which nothing changes.
const LOCAL_IN_USE: Duration = Duration::from_secs(10);

/// What `--json` and the screen say of the server, before anything is changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct TargetName {
    /// The environment of the config, when one was chosen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) environment: Option<String>,
    /// The endpoint's URL, or `local`.
    pub(crate) endpoint: String,
    /// The region.
    pub(crate) region: String,
    /// The AWS account, once it is known.
    #[serde(rename = "accountId", skip_serializing_if = "Option::is_none")]
    pub(crate) account: Option<String>,
    /// Where the embedded DynamoDB keeps its tables, as the user would write it.
    #[serde(skip)]
    pub(crate) file: Option<String>,
    /// The URL of the `mizzle local` that has the embedded DynamoDB open.
    #[serde(rename = "servedAt", skip_serializing_if = "Option::is_none")]
    pub(crate) served_at: Option<String>,
    /// Whether it is on this machine.
    #[serde(skip)]
    pub(crate) is_local: bool,
}

impl fmt::Display for TargetName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(environment) = &self.environment {
            write!(f, "{environment}, ")?;
        }
        match (&self.file, &self.served_at) {
            (Some(file), None) => return write!(f, "embedded DynamoDB ({file})"),
            (Some(file), Some(url)) => {
                return write!(f, "embedded DynamoDB ({file}), served by mizzle local at {url}");
            }
            (None, _) => write!(f, "{} ({}", self.endpoint, self.region)?,
        }
        match &self.account {
            Some(account) => write!(f, ", account {account})"),
            None => f.write_str(")"),
        }
    }
}

impl TargetName {
    /// The name of the server alone, whoever has it open.
    pub(crate) fn server(&self) -> String {
        Self { served_at: None, ..self.clone() }.to_string()
    }
}

/// The embedded DynamoDB as it is to be served.
#[derive(Debug)]
pub(crate) struct Serving {
    /// The port on 127.0.0.1; `None` takes a free one.
    pub(crate) port: Option<u16>,
    /// The database file; `None` keeps the tables in memory.
    pub(crate) database: Option<std::path::PathBuf>,
}

/// A connection, and the embedded server behind it if there is one.
#[derive(Debug)]
pub(crate) struct Target {
    /// The connection.
    pub(crate) control: DynamoDb,
    /// Its name.
    pub(crate) name: TargetName,
    /// Whether the user has said where the tables are.
    pub(crate) is_named: bool,
    embedded: Option<embedded::Server>,
}

impl Target {
    /// Connects; an embedded DynamoDB is opened for `command` first, or found where `mizzle local` serves it.
    ///
    /// # Errors
    ///
    /// When the embedded database cannot be opened, or the endpoint makes no sense. Whether a
    /// server answers shows with the first request.
    pub(crate) async fn connect(
        settings: ConnectionSettings,
        command: &str,
        directory: &std::path::Path,
    ) -> Result<Self, CommandError> {
        match settings.endpoint {
            Endpoint::Remote(connection) => {
                let control = connect(connection).await?;
                let target = control.target();
                let name = TargetName {
                    environment: settings.environment,
                    endpoint: target.endpoint.clone(),
                    region: target.region.clone(),
                    account: None,
                    file: None,
                    served_at: None,
                    is_local: target.is_local,
                };
                Ok(Self { control, name, is_named: settings.is_named, embedded: None })
            }
            Endpoint::Embedded(file) => {
                let server = embedded::Server::open(&file, command).await?;
                let connection = Connection {
                    endpoint: Some(server.endpoint().to_owned()),
                    // One of its own, so that no AWS configuration is looked at.
                    region: Some(settings.region.unwrap_or_else(|| "us-east-1".to_owned())),
                    ..Connection::default()
                };
                let control = connect(connection).await?;
                let name = TargetName {
                    environment: settings.environment,
                    endpoint: "local".to_owned(),
                    region: control.target().region.clone(),
                    account: None,
                    file: Some(crate::paths::shown(&file, directory)),
                    served_at: server.served_at().map(str::to_owned),
                    is_local: true,
                };
                Ok(Self { control, name, is_named: settings.is_named, embedded: Some(server) })
            }
        }
    }

    /// Whether the server is on this machine.
    pub(crate) fn is_local(&self) -> bool {
        self.control.target().is_local
    }

    /// How a plan is carried out here.
    pub(crate) fn apply_options(&self, parallel: usize) -> Options {
        let options = Options { parallel, ..Options::default() };
        if self.is_local() {
            // On this machine a server says at once what it has done, and nobody counts calls.
            return Options {
                grace: LOCAL_GRACE,
                in_use: LOCAL_IN_USE,
                tag_interval: Duration::ZERO,
                ..options
            };
        }
        options
    }

    /// Closes the embedded database, if there is one.
    pub(crate) async fn close(self) {
        if let Some(server) = self.embedded {
            server.close().await;
        }
    }
}

async fn connect(connection: Connection) -> Result<DynamoDb, CommandError> {
    DynamoDb::connect(connection).await.map_err(|error: ConnectError| {
        let (code, instead) = match error {
            ConnectError::Endpoint { .. } => ("invalid-endpoint", embedded::INSTEAD),
            ConnectError::Region { .. } => ("invalid-region", None),
        };
        let explained = text::capitalised(&error.to_string());
        let explained = CommandError::new(ErrorKind::Usage, code, explained).hint(error.hint());
        instead.into_iter().fold(explained, CommandError::hint)
    })
}
