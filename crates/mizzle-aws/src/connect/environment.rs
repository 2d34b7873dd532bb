//! Turns the user's connection settings into a client of the SDK.

use super::{
    ConnectError, Connection, Endpoint, Target, check_region, identity::Identity, log::Log,
};
use crate::{causes::innermost, limits::AnswerLimit};
use aws_config::{
    SdkConfig, environment::EnvironmentVariableRegionProvider, meta::region::RegionProviderChain,
    profile::ProfileFileRegionProvider, retry::RetryConfig, timeout::TimeoutConfig,
};
use aws_sdk_dynamodb::{
    Client, Config,
    config::{
        self, BehaviorVersion, Region,
        endpoint::{DefaultResolver, Params, ResolveEndpoint},
    },
};
use aws_types::service_config::ServiceConfigKey;
use hyper_util::client::proxy::matcher::Matcher;
use std::time::Duration;

const DEFAULT_REGION: &str = "us-east-1";

/// The default number of attempts at AWS. Many tables at once are throttled easily: the control
/// plane accepts few requests a second.
const ATTEMPTS: u32 = 5;

/// The number of attempts on this machine: a server that is down there stays down.
const LOCAL_ATTEMPTS: u32 = 3;

/// The first pause between attempts on this machine, where no server needs to be spared.
const LOCAL_BACKOFF: Duration = Duration::from_millis(50);

/// The time limit of a connection attempt.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// The time limit of each attempt at AWS.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(30);

/// The time limit of a request to AWS with all its attempts.
const OPERATION_TIMEOUT: Duration = Duration::from_secs(120);

/// The time limit of an emulator's response: some build an index before they respond.
const LOCAL_TIMEOUT: Duration = Duration::from_secs(600);

/// A client and its target.
pub(crate) struct Connected {
    pub(crate) client: Client,
    pub(crate) target: Target,
    /// The identity that signs the requests.
    pub(crate) identity: Identity,
    /// The proxy on the way to the server, without user and password.
    pub(crate) proxy: Option<String>,
    /// The base config of clients for other AWS services; `None` on this machine.
    pub(crate) sdk: Option<SdkConfig>,
}

/// Creates the client without sending a request.
pub(crate) async fn connect(connection: &Connection) -> Result<Connected, ConnectError> {
    let given = connection.endpoint.as_deref().map(Endpoint::parse).transpose()?;
    if let Some(endpoint) = given.as_ref().filter(|endpoint| endpoint.is_local) {
        return local(connection, endpoint).await;
    }
    let region = region(connection, true).await?;
    let identity = Identity::remote(connection).await;
    let sdk = sdk_config(connection, &region, &identity).await;
    let mut config = config::Builder::from(&sdk).interceptor(AnswerLimit).interceptor(Log);
    let endpoint = match given {
        Some(endpoint) => {
            // For DynamoDB only: other services have other endpoints.
            config = config.endpoint_url(&endpoint.url);
            endpoint
        }
        None => effective_endpoint(&sdk, &region).await?,
    };
    // The environment can point to this machine, too, and so does the region named `local`.
    if endpoint.is_local {
        return local(connection, &endpoint).await;
    }
    let proxy = proxy(&endpoint.url);
    let target = Target { endpoint: endpoint.url, region: region.to_string(), is_local: false };
    let client = Client::from_conf(config.build());
    Ok(Connected { client, target, identity, proxy, sdk: Some(sdk) })
}

/// Creates a client for a server on this machine, from nothing but the given settings.
async fn local(connection: &Connection, endpoint: &Endpoint) -> Result<Connected, ConnectError> {
    let region = region(connection, connection.profile.is_some()).await?;
    let identity = Identity::local(connection).await;
    let retry = RetryConfig::standard()
        .with_max_attempts(connection.max_attempts.unwrap_or(LOCAL_ATTEMPTS))
        .with_initial_backoff(LOCAL_BACKOFF);
    let timeout =
        TimeoutConfig::builder().connect_timeout(CONNECT_TIMEOUT).operation_timeout(LOCAL_TIMEOUT);
    let mut config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(region.clone())
        .endpoint_url(&endpoint.url)
        .credentials_provider(identity.provider(&region).await)
        .retry_config(retry)
        .interceptor(AnswerLimit)
        .interceptor(Log)
        .timeout_config(timeout.build());
    let mut proxy = proxy(&endpoint.url);
    if !endpoint.is_encrypted {
        // Without TLS there are no root certificates to load, and the proxy of the environment must
        // not be used between a machine and itself.
        config = config.http_client(aws_smithy_http_client::Builder::new().build_http());
        proxy = None;
    }
    let target =
        Target { endpoint: endpoint.url.clone(), region: region.to_string(), is_local: true };
    Ok(Connected { client: Client::from_conf(config.build()), target, identity, proxy, sdk: None })
}

/// Loads the SDK's config from the environment and the shared config files, with our overrides.
async fn sdk_config(connection: &Connection, region: &Region, identity: &Identity) -> SdkConfig {
    let timeout = TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .operation_attempt_timeout(ATTEMPT_TIMEOUT)
        .operation_timeout(OPERATION_TIMEOUT);
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .region(region.clone())
        .credentials_provider(identity.provider(region).await)
        .timeout_config(timeout.build());
    if let Some(profile) = &connection.profile {
        loader = loader.profile_name(profile);
    }
    let sdk = loader.load().await;

    let retry = sdk.retry_config().cloned().unwrap_or_else(RetryConfig::standard);
    let attempts = match connection.max_attempts {
        Some(attempts) => attempts,
        // The SDK does not distinguish its default from a configured number.
        None if retry.max_attempts() == RetryConfig::standard().max_attempts() => ATTEMPTS,
        None => retry.max_attempts(),
    };
    sdk.into_builder().retry_config(retry.with_max_attempts(attempts)).build()
}

async fn region(connection: &Connection, read_files: bool) -> Result<Region, ConnectError> {
    let given = connection.region.clone().map(Region::new);
    let mut chain =
        RegionProviderChain::first_try(given).or_else(EnvironmentVariableRegionProvider::new());
    if read_files {
        let mut files = ProfileFileRegionProvider::builder();
        if let Some(profile) = &connection.profile {
            files = files.profile_name(profile);
        }
        chain = chain.or_else(files.build());
    }
    let region = chain.region().await.unwrap_or(Region::from_static(DEFAULT_REGION));
    check_region(region.as_ref())?;
    Ok(region)
}

/// Returns the endpoint that the SDK would use: DynamoDB's endpoint in the environment or the
/// shared config files, else the endpoint of the region.
async fn effective_endpoint(sdk: &SdkConfig, region: &Region) -> Result<Endpoint, ConnectError> {
    if let Some(url) = configured_endpoint(sdk, "DynamoDB") {
        return Endpoint::parse(&url);
    }

    let refuse = |reason: String| ConnectError::Region { region: region.to_string(), reason };
    let params = Params::builder()
        .region(region.as_ref())
        .use_fips(sdk.use_fips().unwrap_or_default())
        .use_dual_stack(sdk.use_dual_stack().unwrap_or_default())
        .build()
        .map_err(|error| refuse(innermost(&error)))?;
    let endpoint = ResolveEndpoint::resolve_endpoint(&DefaultResolver::new(), &params)
        .await
        .map_err(|error| refuse(innermost(error.as_ref())))?;
    Endpoint::parse(endpoint.url())
}

/// Returns a service's endpoint from the environment or the shared config files.
pub(crate) fn configured_endpoint(sdk: &SdkConfig, service_id: &str) -> Option<String> {
    let key = ServiceConfigKey::builder()
        .service_id(service_id)
        .env("AWS_ENDPOINT_URL")
        .profile("endpoint_url")
        .build();
    key.ok()
        .and_then(|key| sdk.service_config()?.load_config(key))
        .or_else(|| sdk.endpoint_url().map(str::to_owned))
}

/// Returns the environment's proxy for an endpoint, in a form that may be shown. The SDK's client
/// reads the environment in the same way.
pub(crate) fn proxy(endpoint: &str) -> Option<String> {
    let proxy = Matcher::from_env().intercept(&endpoint.parse().ok()?)?;
    let uri = proxy.uri();
    // The part before the `@` is a secret.
    let (host, port) = (uri.host()?, uri.port_u16());
    let port = port.map(|port| format!(":{port}")).unwrap_or_default();
    Some(format!("{}://{host}{port}", uri.scheme_str().unwrap_or("http")))
}
