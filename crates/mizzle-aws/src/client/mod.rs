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
use fence::{FenceInterceptor, MaybeFenced};
use mizzle_core::apply::{Fence, ServiceErrorKind};
use std::{fmt, sync::Arc, time::Duration};

/// A DynamoDB server: AWS, or a server with the same API.
///
/// Clones share one connection pool.
#[derive(Clone)]
pub struct DynamoDb {
    pub(crate) client: Client,
    /// The client for requests that change tables: each is sent once. A caller that repeats one
    /// must handle the case that only the response was lost.
    pub(crate) once: Client,
    /// The client for requests that change items.
    pub(crate) items: Client,
    /// The fence that `once` and `items` check.
    pub(crate) fence: Option<Arc<dyn Fence>>,
    pub(crate) target: Target,
    pub(crate) identity: Identity,
    /// The proxy on the way to the server, without user and password.
    pub(crate) proxy: Option<String>,
    /// The base config of clients for other AWS services; `None` on this machine.
    pub(crate) sdk: Option<SdkConfig>,
    pub(crate) arns: Arns,
    pub(crate) turns: Turns,
    /// The total time for which a request about items pauses while it is throttled.
    pub(crate) patience: Duration,
}

impl fmt::Debug for DynamoDb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The client's debug output is too long to be useful.
        f.debug_struct("DynamoDb").field("target", &self.target).finish_non_exhaustive()
    }
}

impl DynamoDb {
    /// Prepares a connection. No request is sent and no credentials are looked up before the first
    /// request.
    ///
    /// # Errors
    /// When the endpoint or the region is invalid.
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

    /// Returns the same server with another time limit for throttled requests about items. The
    /// default is three minutes.
    #[must_use]
    pub fn patient_for(&self, patience: Duration) -> Self {
        Self { patience, ..self.clone() }
    }

    /// Returns the target of requests.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// Returns the same server, which sends no request that changes data while the fence is closed.
    /// Reads are not fenced. A ledger is not subject to its own fence.
    #[must_use]
    pub fn fenced(&self, fence: Arc<dyn Fence>) -> Self {
        let fenced = |client: &Client| {
            let config =
                client.config().to_builder().interceptor(FenceInterceptor(Arc::clone(&fence)));
            Client::from_conf(config.build())
        };
        let (once, items) = (fenced(&self.once), fenced(&self.items));
        Self { once, items, fence: Some(fence), ..self.clone() }
    }

    /// Sends a request that changes data. If the fence is closed, the request is sent again as soon
    /// as it is open.
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

/// The total time for which a request about items pauses without any progress, before it fails.
const PATIENCE: Duration = Duration::from_secs(180);

/// The time limit of each attempt of a read-only request. A server that accepts a connection and
/// then stays silent is not DynamoDB.
const LOOK_TIMEOUT: Duration = Duration::from_secs(10);

/// Returns the config overrides for requests that change nothing.
pub(crate) fn look() -> config::Builder {
    answered_within(LOOK_TIMEOUT)
}

/// Returns the config overrides for requests with this time limit for each attempt, and three times
/// as much for all attempts together.
pub(crate) fn answered_within(attempt: Duration) -> config::Builder {
    let timeout = TimeoutConfig::builder().operation_attempt_timeout(attempt);
    config::Config::builder().timeout_config(timeout.operation_timeout(3 * attempt).build())
}
