//! The server: its clients, and the requests to it.

mod account;
mod arns;
mod fence;

use crate::{
    connect::{self, ConnectError, Connected, Connection, Identity, Target},
    errors::Request,
    limits::Turns,
};
use arns::Arns;
use aws_config::{SdkConfig, retry::RetryConfig};
use aws_sdk_dynamodb::{
    Client,
    config::{self, timeout::TimeoutConfig},
};
use fence::{Gate, MaybeFenced};
use mizzle_core::apply::{Fence, ServiceErrorKind};
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
        let (fence, arns, turns) = (None, Arns::default(), Turns::at(target.is_aws()));
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

    /// The same server, to which nothing that changes anything is sent while the fence is closed.
    /// Whoever reads is not asked. A ledger stands outside of its own fence.
    #[must_use]
    pub fn fenced(&self, fence: Arc<dyn Fence>) -> Self {
        let fenced = |client: &Client| {
            let config = client.config().to_builder().interceptor(Gate(Arc::clone(&fence)));
            Client::from_conf(config.build())
        };
        let (once, items) = (fenced(&self.once), fenced(&self.items));
        Self { once, items, fence: Some(fence), ..self.clone() }
    }

    /// Sends a request that changes something. One that has found the fence closed is sent again as
    /// soon as it is open.
    pub(crate) async fn write<T, E, F>(&self, send: impl Fn() -> F) -> Result<T, E>
    where
        E: MaybeFenced,
        F: Future<Output = Result<T, E>>,
    {
        loop {
            let answer = send().await;
            let (Some(fence), Err(error)) = (&self.fence, &answer) else { return answer };
            if error.kind() != ServiceErrorKind::Fenced {
                return answer;
            }
            if let Err(fenced) = fence.open().await {
                return answer.map_err(|error| error.because(fenced.to_string()));
            }
        }
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
