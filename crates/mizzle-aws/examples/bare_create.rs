//! A minimal client that creates tables: sends the calls of a plan with the AWS SDK and nothing
//! else.
//!
//! `bare_create <endpoint> <access key> <plan.json>` sends the `CreateTable` calls of a plan (the
//! output of `mizzle push --dry-run --json`), sixteen tables at a time, and waits until each table
//! and its indexes are `ACTIVE`. `cargo xtask bench` runs it beside `mizzle push`.

use aws_sdk_dynamodb::{
    Client, Config,
    config::{BehaviorVersion, Credentials, Region, retry::RetryConfig},
    types::{
        AttributeDefinition, BillingMode, GlobalSecondaryIndex, IndexStatus, KeySchemaElement,
        Projection, TableStatus,
    },
};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::Value;
use std::{env, error::Error, fs, time::Duration};

/// The number of tables in parallel, the same as in mizzle.
const PARALLEL: usize = 16;

/// The first pause between two polls, which grows by half each time, as in mizzle.
const PAUSE: Duration = Duration::from_millis(20);

type Failure = Box<dyn Error + Send + Sync>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let args: Vec<String> = env::args().skip(1).collect();
    let [endpoint, access_key, plan] = args.as_slice() else {
        return Err("usage: bare_create <endpoint> <access key> <plan.json>".into());
    };
    let report: Value = serde_json::from_str(&fs::read_to_string(plan)?)?;
    let steps = report["plan"]["steps"].as_array().ok_or("the report has no plan")?;
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url(endpoint)
        .credentials_provider(Credentials::new(access_key, "secret", None, None, "bare_create"))
        .retry_config(RetryConfig::standard().with_max_attempts(10))
        .http_client(aws_smithy_http_client::Builder::new().build_http());
    let client = Client::from_conf(config.build());
    stream::iter(steps)
        .map(|step| create(&client, &step["input"]))
        .buffer_unordered(PARALLEL)
        .try_collect::<()>()
        .await
}

async fn create(client: &Client, input: &Value) -> Result<(), Failure> {
    let table = text(input, "TableName")?;
    let mut request = client.create_table().table_name(&table);
    request = request.billing_mode(BillingMode::from(text(input, "BillingMode")?.as_str()));
    for attribute in list(input, "AttributeDefinitions") {
        let kind = text(attribute, "AttributeType")?;
        let attribute = AttributeDefinition::builder()
            .attribute_name(text(attribute, "AttributeName")?)
            .attribute_type(kind.as_str().into());
        request = request.attribute_definitions(attribute.build()?);
    }
    for element in list(input, "KeySchema") {
        request = request.key_schema(key(element)?);
    }
    for index in list(input, "GlobalSecondaryIndexes") {
        let kind = text(&index["Projection"], "ProjectionType")?;
        let projection = Projection::builder().projection_type(kind.as_str().into()).build();
        let keys: Result<_, _> = list(index, "KeySchema").map(key).collect();
        let index = GlobalSecondaryIndex::builder()
            .index_name(text(index, "IndexName")?)
            .set_key_schema(Some(keys?))
            .projection(projection);
        request = request.global_secondary_indexes(index.build()?);
    }
    request.send().await?;
    let mut pause = PAUSE;
    while !is_active(client, &table).await? {
        tokio::time::sleep(pause).await;
        pause = pause.mul_f64(1.5);
    }
    Ok(())
}

async fn is_active(client: &Client, table: &str) -> Result<bool, Failure> {
    let answer = client.describe_table().table_name(table).send().await?;
    let described = answer.table.ok_or("the server describes no table")?;
    let mut indexes = described.global_secondary_indexes().iter();
    Ok(described.table_status == Some(TableStatus::Active)
        && indexes.all(|index| index.index_status == Some(IndexStatus::Active)))
}

fn key(element: &Value) -> Result<KeySchemaElement, Failure> {
    let element = KeySchemaElement::builder()
        .attribute_name(text(element, "AttributeName")?)
        .key_type(text(element, "KeyType")?.as_str().into());
    Ok(element.build()?)
}

fn list<'a>(value: &'a Value, field: &str) -> impl Iterator<Item = &'a Value> {
    value[field].as_array().into_iter().flatten()
}

fn text(value: &Value, field: &str) -> Result<String, Failure> {
    let text = value[field].as_str().ok_or_else(|| format!("no {field} in {value}"))?;
    Ok(text.to_owned())
}
