//! The control plane itself.

use crate::{ConnectError, Connection, Target, connect, convert, failure::Request};
use aws_sdk_dynamodb::{
    Client,
    config::{self, timeout::TimeoutConfig},
    operation::describe_table::DescribeTableError,
};
use mizzle_core::{
    apply::{ControlPlane, ServiceError},
    model::TableDescription,
    plan::Call,
};
use std::{fmt, time::Duration};

/// A DynamoDB server: AWS, or one that speaks like it.
///
/// Clones share one connection pool.
#[derive(Clone)]
pub struct DynamoDb {
    client: Client,
    target: Target,
    /// The profile that the credentials come from, when one was named.
    profile: Option<String>,
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
        let (client, target) = connect::connect(&connection).await?;
        let Connection { credentials, profile, .. } = connection;
        Ok(Self { client, target, profile: profile.filter(|_| credentials.is_none()) })
    }

    /// Where requests go.
    pub fn target(&self) -> &Target {
        &self.target
    }

    fn request<'a>(&'a self, operation: &'static str, table: Option<&'a str>) -> Request<'a> {
        let Self { target, profile, client: _ } = self;
        Request { operation, table, endpoint: &target.endpoint, profile: profile.as_deref() }
    }
}

/// How long an answer to a question may take, each time that it is asked. Whatever accepts a
/// connection and is silent then is no DynamoDB.
const LOOK_TIMEOUT: Duration = Duration::from_secs(10);

/// What is different for requests that change nothing.
fn look() -> config::Builder {
    let timeout = TimeoutConfig::builder().operation_attempt_timeout(LOOK_TIMEOUT);
    config::Config::builder().timeout_config(timeout.operation_timeout(3 * LOOK_TIMEOUT).build())
}

impl ControlPlane for DynamoDb {
    async fn list_tables(&self) -> Result<Vec<String>, ServiceError> {
        let mut names = Vec::new();
        let mut last = None;
        loop {
            let page = self.client.list_tables().set_exclusive_start_table_name(last);
            let page = page.customize().config_override(look()).send().await;
            let page = page.map_err(|error| self.request("ListTables", None).failed(&error))?;
            names.extend(page.table_names.unwrap_or_default());
            last = page.last_evaluated_table_name;
            if last.is_none() {
                return Ok(names);
            }
        }
    }

    async fn describe_table(&self, table: &str) -> Result<Option<TableDescription>, ServiceError> {
        let request = self.request("DescribeTable", Some(table));
        let question = self.client.describe_table().table_name(table);
        let answer = match question.customize().config_override(look()).send().await {
            Ok(answer) => answer,
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(DescribeTableError::is_resource_not_found_exception) =>
            {
                return Ok(None);
            }
            Err(error) => return Err(request.failed(&error)),
        };
        let description = answer.table.ok_or(convert::Unreadable::missing("Table"));
        description
            .and_then(convert::description)
            .map(Some)
            .map_err(|unreadable| request.unreadable(&unreadable))
    }

    async fn call(&self, call: &Call) -> Result<(), ServiceError> {
        let request = self.request(call.operation(), Some(call.table()));
        match call {
            Call::CreateTable(definition) => {
                let input = convert::create_table(definition)
                    .map_err(|error| request.unsendable(&error))?;
                let sent = input.send_with(&self.client).await;
                sent.map(drop).map_err(|error| request.failed(&error))
            }
            Call::UpdateTable(update) => {
                let input =
                    convert::update_table(update).map_err(|error| request.unsendable(&error))?;
                let sent = input.send_with(&self.client).await;
                sent.map(drop).map_err(|error| request.failed(&error))
            }
            Call::DeleteTable(delete) => {
                let sent = convert::delete_table(delete).send_with(&self.client).await;
                sent.map(drop).map_err(|error| request.failed(&error))
            }
        }
    }
}
