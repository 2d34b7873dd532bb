//! The AWS account that requests go to.

use super::DynamoDb;
use crate::{
    connect::{configured_endpoint, proxy},
    errors::{Request, Unreadable},
};
use aws_config::{retry::RetryConfig, timeout::TimeoutConfig};
use aws_sdk_sts::{Client, config};
use mizzle_core::apply::ServiceError;
use std::time::Duration;

/// The time limit of a connection attempt.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// The time limit of each attempt.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(5);

/// The time limit of all attempts together, including the lookup of credentials.
const OPERATION_TIMEOUT: Duration = Duration::from_secs(12);

/// The maximum number of attempts. Callers can do without the answer, or stop without harm.
const ATTEMPTS: u32 = 2;

impl DynamoDb {
    /// Returns the number of the AWS account that the credentials belong to: twelve digits. `None`
    /// on this machine, where there are no accounts and no request is sent.
    ///
    /// The account comes from STS (`GetCallerIdentity`, which needs no permission), at
    /// `AWS_ENDPOINT_URL_STS` or `AWS_ENDPOINT_URL` when they are set: an `endpoint` of the
    /// connection applies to DynamoDB only.
    ///
    /// # Errors
    /// When there are no credentials, STS does not accept them, or nothing answers within seconds.
    pub async fn account(&self) -> Result<Option<String>, ServiceError> {
        let Some(sdk) = &self.sdk else { return Ok(None) };
        let region = &self.target.region;
        let configured = configured_endpoint(sdk, "STS");
        let proxy = match &configured {
            Some(endpoint) => proxy(endpoint),
            None => proxy(&format!("https://sts.{region}.amazonaws.com")),
        };
        let endpoint = configured.unwrap_or_else(|| format!("the STS of {region}"));
        let request = Request {
            service: "STS",
            operation: "GetCallerIdentity",
            table: None,
            endpoint: &endpoint,
            identity: &self.identity,
            proxy: proxy.as_deref(),
        };
        let timeout = TimeoutConfig::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .operation_attempt_timeout(ATTEMPT_TIMEOUT)
            .operation_timeout(OPERATION_TIMEOUT);
        let retry = sdk.retry_config().cloned().unwrap_or_else(RetryConfig::standard);
        let attempts = retry.max_attempts().min(ATTEMPTS);
        let config = config::Builder::from(sdk)
            .timeout_config(timeout.build())
            .retry_config(retry.with_max_attempts(attempts));
        let answer = Client::from_conf(config.build()).get_caller_identity().send().await;
        let account = request.answered(answer)?.account.filter(|account| !account.is_empty());
        request.read(account.ok_or(Unreadable::missing("Account"))).map(Some)
    }
}
