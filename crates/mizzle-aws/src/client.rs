//! The control plane itself.

use crate::{
    ConnectError, Connection, Target,
    arns::Arns,
    bounds::Pages,
    connect::{self, Connected},
    failure::Request,
    identity::Identity,
    turns::Turns,
};
use aws_config::{SdkConfig, retry::RetryConfig};
use aws_sdk_dynamodb::{
    Client,
    config::{self, timeout::TimeoutConfig},
    types::Select,
};
use mizzle_core::{
    apply::{ControlPlane, Fence, ServiceError},
    model::{Extras, TableDescription, rules},
    plan::Call,
    text,
};
use std::{fmt, sync::Arc, time::Duration};

/// A DynamoDB server: AWS, or one that speaks like it.
///
/// Clones share one connection pool.
#[derive(Clone)]
pub struct DynamoDb {
    pub(crate) client: Client,
    /// The same, for requests that change tables: each is sent once. Whoever repeats one has to know
    /// that its answer got lost.
    pub(crate) once: Client,
    /// The same, for requests that change items.
    pub(crate) items: Client,
    /// What has to be open for either of them.
    pub(crate) fence: Option<Arc<dyn Fence>>,
    pub(crate) target: Target,
    pub(crate) identity: Identity,
    /// The proxy on the way to the server, without user and password.
    pub(crate) proxy: Option<String>,
    /// What clients of AWS's other services start from; none on this machine.
    pub(crate) sdk: Option<SdkConfig>,
    pub(crate) arns: Arns,
    pub(crate) turns: Turns,
    /// For how long altogether a request about items pauses while it is throttled.
    pub(crate) patience: Duration,
}

impl fmt::Debug for DynamoDb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The client would show far more than anybody wants to read.
        f.debug_struct("DynamoDb").field("target", &self.target).finish_non_exhaustive()
    }
}

impl DynamoDb {
    /// Prepares a connection. Nothing is sent and no credentials are looked up before the first
    /// request.
    ///
    /// # Errors
    /// When the endpoint or the region cannot be what they are meant to be.
    pub async fn connect(connection: Connection) -> Result<Self, ConnectError> {
        let Connected { client, target, identity, proxy, sdk } =
            connect::connect(&connection).await?;
        let once = client.config().to_builder();
        let once = Client::from_conf(once.retry_config(RetryConfig::disabled()).build());
        let items = client.clone();
        let (fence, arns, turns) = (None, Arns::default(), Turns::at(&target));
        let patience = PATIENCE;
        Ok(Self { client, once, items, fence, target, identity, proxy, sdk, arns, turns, patience })
    }

    /// The same server, at which requests about items are given up when they were throttled for so
    /// long. Otherwise that is three minutes.
    #[must_use]
    pub fn patient_for(&self, patience: Duration) -> Self {
        Self { patience, ..self.clone() }
    }

    /// Where requests go.
    pub fn target(&self) -> &Target {
        &self.target
    }

    pub(crate) fn request<'a>(
        &'a self,
        operation: &'static str,
        table: Option<&'a str>,
    ) -> Request<'a> {
        Request {
            service: "DynamoDB",
            operation,
            table,
            endpoint: &self.target.endpoint,
            identity: &self.identity,
            proxy: self.proxy.as_deref(),
        }
    }
}

/// For how long altogether a request about items pauses while nothing at all is processed, before it is
/// given up.
const PATIENCE: Duration = Duration::from_secs(180);

/// How long an answer to a question may take, each time that it is asked. Whatever accepts a
/// connection and is silent then is no DynamoDB.
const LOOK_TIMEOUT: Duration = Duration::from_secs(10);

/// What is different for requests that change nothing.
pub(crate) fn look() -> config::Builder {
    answered_within(LOOK_TIMEOUT)
}

/// What is different for requests whose answer may take so long each time, and three times as long
/// altogether.
pub(crate) fn answered_within(attempt: Duration) -> config::Builder {
    let timeout = TimeoutConfig::builder().operation_attempt_timeout(attempt);
    config::Config::builder().timeout_config(timeout.operation_timeout(3 * attempt).build())
}

impl DynamoDb {
    /// The names of all tables, in the server's order. `listed` hears after every page how many
    /// there are so far.
    ///
    /// # Errors
    /// When the server cannot be asked, or does not want to tell.
    pub async fn list_tables_telling(
        &self,
        listed: impl Fn(usize),
    ) -> Result<Vec<String>, ServiceError> {
        let request = self.request("ListTables", None);
        let (mut names, mut pages) = (Vec::new(), Pages::new());
        loop {
            let page = self.client.list_tables().set_exclusive_start_table_name(pages.start());
            let page = request.answered(page.customize().config_override(look()).send().await)?;
            for name in page.table_names.unwrap_or_default() {
                if !rules::is_valid_name(&name) {
                    let name = text::excerpt(&name);
                    return Err(request.refused(format!("no table can have the name {name:?}")));
                }
                names.push(name);
            }
            listed(names.len());
            if !pages.go_on(page.last_evaluated_table_name, &request)? {
                return Ok(names);
            }
        }
    }
}

impl ControlPlane for DynamoDb {
    async fn list_tables(&self) -> Result<Vec<String>, ServiceError> {
        self.list_tables_telling(|_| ()).await
    }

    async fn describe_table(
        &self,
        table: &str,
        extras: Extras,
    ) -> Result<Option<TableDescription>, ServiceError> {
        self.describe(table, extras).await
    }

    async fn is_empty(&self, table: &str) -> Result<bool, ServiceError> {
        let request = self.request("Scan", Some(table));
        let mut pages = Pages::new();
        loop {
            let page = self
                .client
                .scan()
                .table_name(table)
                .select(Select::Count)
                .limit(1)
                .consistent_read(true)
                .set_exclusive_start_key(pages.start());
            let page = request.answered(page.customize().config_override(look()).send().await)?;
            if page.count > 0 {
                return Ok(false);
            }
            // A page can be empty without being the last one.
            let next = page.last_evaluated_key.filter(|key| !key.is_empty());
            if !pages.go_on(next, &request)? {
                return Ok(true);
            }
        }
    }

    async fn call(&self, call: &Call) -> Result<(), ServiceError> {
        self.write(|| self.send(call)).await
    }
}
