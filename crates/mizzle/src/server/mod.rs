//! The server that a command connects to: AWS, an emulator, or the embedded DynamoDB.

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

/// The maximum time in which a server on this machine may not show a change that it has accepted.
const LOCAL_GRACE: Duration = Duration::from_secs(2);

/// The maximum time in which a server on this machine may report an unchanged table as in use.
const LOCAL_IN_USE: Duration = Duration::from_secs(10);

/// The server's description in `--json` and on the screen, before anything is changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct TargetName {
    /// The environment of the config, if one was chosen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) environment: Option<String>,
    /// The endpoint's URL, or `local`.
    pub(crate) endpoint: String,
    /// The region.
    pub(crate) region: String,
    /// The AWS account, if it was looked up.
    #[serde(rename = "accountId", skip_serializing_if = "Option::is_none")]
    pub(crate) account: Option<String>,
    /// The file of the embedded DynamoDB, as the user would write it.
    #[serde(skip)]
    pub(crate) file: Option<String>,
    /// The URL of the `mizzle local` that has the embedded DynamoDB open.
    #[serde(rename = "servedAt", skip_serializing_if = "Option::is_none")]
    pub(crate) served_at: Option<String>,
    /// True if the server is on this machine.
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
    /// Returns the name of the server, without the process that serves it.
    pub(crate) fn server(&self) -> String {
        Self { served_at: None, ..self.clone() }.to_string()
    }
}

/// The settings for serving the embedded DynamoDB.
#[derive(Debug)]
pub(crate) struct Serving {
    /// The port on 127.0.0.1; `None` for a free one.
    pub(crate) port: Option<u16>,
    /// The database file; `None` for tables in memory.
    pub(crate) database: Option<std::path::PathBuf>,
}

/// A connection, and the embedded server behind it if there is one.
#[derive(Debug)]
pub(crate) struct Target {
    /// The client.
    pub(crate) control: DynamoDb,
    /// Its name.
    pub(crate) name: TargetName,
    /// True if the user named the server.
    pub(crate) is_named: bool,
    embedded: Option<embedded::Server>,
}

impl Target {
    /// Connects. Opens an embedded DynamoDB for `command` first, or connects to the `mizzle local`
    /// that serves it.
    ///
    /// # Errors
    ///
    /// When the embedded database cannot be opened, or the endpoint is invalid. An unreachable
    /// server shows only with the first request.
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
                    // An explicit region, so that no AWS configuration is read.
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

    /// True if the server is on this machine.
    pub(crate) fn is_local(&self) -> bool {
        self.control.target().is_local
    }

    /// Returns the options for applying a plan on this server.
    pub(crate) fn apply_options(&self, parallel: usize) -> Options {
        let options = Options { parallel, ..Options::default() };
        if self.is_local() {
            // A server on this machine shows changes at once, and does not limit the rate of calls.
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
