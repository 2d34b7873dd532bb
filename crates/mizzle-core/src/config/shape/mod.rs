//! The shape of a config, from which the JSON schema and the types of the npm package are
//! generated.
//!
//! Nothing is deserialized into these types: the reader reports the problems of all fields at once,
//! which a deserializer cannot. Their doc comments are shown to users in their editors.

#![expect(dead_code, reason = "the fields are described and never read")]

mod tables;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use std::{borrow::Cow, collections::BTreeMap};
use tables::{EnvironmentTableSettings, TableSettings};

/// The value `false` alone.
pub(crate) struct False;

impl JsonSchema for False {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "False".into()
    }

    fn json_schema(_generator: &mut SchemaGenerator) -> Schema {
        json_schema!({ "const": false })
    }
}

// No comment on a type of string fields: it would become the description of each of those fields.
#[derive(JsonSchema)]
#[schemars(rename = "text")]
pub(crate) struct Text(#[schemars(regex(pattern = r"\S"))] String);

#[derive(JsonSchema)]
#[schemars(rename = "seconds")]
struct Seconds(#[schemars(range(max = 3600), extend("exclusiveMinimum" = 0))] f64);

#[derive(JsonSchema)]
#[schemars(rename = "accountId")]
struct AccountId(#[schemars(regex(pattern = "^[0-9]{12}$"))] String);

#[derive(JsonSchema)]
#[schemars(rename = "namePart")]
struct NamePart(#[schemars(regex(pattern = "^[A-Za-z0-9_.-]+$"))] String);

#[derive(JsonSchema)]
#[schemars(inline)]
#[serde(untagged)]
pub(crate) enum OneOrMany<T> {
    One(T),
    Many(#[schemars(length(min = 1))] Vec<T>),
}

/// The config of mizzle. Paths are relative to the config file.
#[derive(JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(
    title = "mizzle.config.json",
    extend("$id" = "https://unpkg.com/mizzle-cli/mizzle.config.schema.json")
)]
pub(super) struct Config {
    /// The location of this schema, for editors.
    #[serde(rename = "$schema")]
    json_schema: Option<String>,
    /// The schema: a file, a directory, a glob, or several of them. Overridden by `MIZZLE_SCHEMA`.
    schema: Option<OneOrMany<Text>>,
    /// The folder of the migration scripts and snapshots. Overridden by `MIZZLE_OUT`.
    out: Option<Text>,
    /// The AWS region; `us-east-1` when nothing names one. Overridden by `MIZZLE_REGION`.
    region: Option<Text>,
    /// The endpoint of DynamoDB: a URL, or `"local"` for the embedded DynamoDB that is kept beside the
    /// config in `.mizzle/local.db`. Without it, AWS in the given region. Overridden by
    /// `MIZZLE_ENDPOINT`.
    endpoint: Option<Text>,
    /// Explicit credentials. Prefer a profile, or the AWS chain: a config is often committed.
    credentials: Option<Credentials>,
    /// A profile of `~/.aws/config`; `"none"` for no profile. Explicit credentials win over it.
    profile: Option<Text>,
    /// The maximum number of attempts of a request: 1 to 100.
    #[schemars(range(min = 1, max = 100))]
    max_attempts: Option<u32>,
    /// Shows more of what is being done. Overridden by `MIZZLE_VERBOSE`.
    verbose: Option<bool>,
    /// Takes warnings about the schema for errors. Overridden by `MIZZLE_STRICT`.
    strict: Option<bool>,
    /// Accepted for configs that were made for other tools, and ignored.
    driver: Option<serde_json::Value>,
    /// The connection in the form of the first CLI. Where both are given, the top level wins.
    db_credentials: Option<DbCredentials>,
    /// Limits for evaluating the config and the schema.
    evaluation: Option<EvaluationLimits>,
    /// Settings of the tables by table name; `"*"` gives defaults for all tables. What neither says is
    /// unmanaged: mizzle does not compare it and does not touch it.
    tables: Option<BTreeMap<String, TableSettings>>,
    /// The only account whose tables may be changed: 12 digits.
    account_id: Option<AccountId>,
    /// `false`: only tables on this machine may be changed.
    allow_remote: Option<bool>,
    /// The maximum number of tables that mizzle works on in parallel: 1 to 250; 16 unless stated.
    #[schemars(range(min = 1, max = 250))]
    concurrency: Option<u32>,
    /// The ledger of `mizzle migrate`, and its lock.
    migrations: Option<Migrations>,
    /// The deployments of the project, by a name that `--env` or `MIZZLE_ENV` chooses.
    environments: Option<BTreeMap<String, Environment>>,
}

/// An access key that is used as it is, before profiles, environment and the AWS chain.
#[derive(JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Credentials {
    /// The access key's id. DynamoDB Local accepts letters and digits only.
    access_key_id: Text,
    /// The access key's secret. mizzle never prints it.
    secret_access_key: Text,
    /// The token that belongs to temporary credentials.
    session_token: Option<Text>,
}

/// The connection in the form of the first CLI.
#[derive(JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct DbCredentials {
    /// As `region` at the top level.
    region: Option<Text>,
    /// As `endpoint` at the top level.
    endpoint: Option<Text>,
    /// As `credentials` at the top level.
    credentials: Option<Credentials>,
    /// As `profile` at the top level.
    profile: Option<Text>,
}

/// Limits of time and memory for the evaluation of config and schema.
#[derive(JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct EvaluationLimits {
    /// In seconds; 10 unless stated.
    time_limit: Option<Seconds>,
    /// In megabytes; 512 unless stated.
    #[schemars(range(min = 16, max = 65536))]
    memory_limit: Option<u32>,
}

/// The ledger of `mizzle migrate`, and its lock.
#[derive(JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Migrations {
    /// The ledger's table; `mizzle_migrations` unless stated. An environment's `tableName` counts.
    #[schemars(regex(pattern = "^[A-Za-z0-9_.-]{3,255}$"))]
    table: Option<String>,
    /// The seconds without a heartbeat after which a lock expires: up to 3600; 30 unless stated.
    /// Overridden by `MIZZLE_LOCK_LEASE`.
    lock_lease: Option<Seconds>,
    /// The seconds to wait for the lock of another run: up to 3600; 600 unless stated. Overridden by
    /// `MIZZLE_LOCK_WAIT`.
    lock_wait: Option<Seconds>,
}

/// One deployment of the project. All of them share the schema and the migration scripts.
///
/// A field that is absent is as at the top level; but an environment that names a region, a profile,
/// credentials or an account does not inherit the `endpoint`, and one that names a profile or
/// credentials inherits neither.
#[derive(JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Environment {
    /// The AWS region.
    region: Option<Text>,
    /// The endpoint of DynamoDB: a URL, or `"local"`.
    endpoint: Option<Text>,
    /// A profile of `~/.aws/config`; `"none"` for no profile.
    profile: Option<Text>,
    /// Explicit credentials. Prefer a profile.
    credentials: Option<Credentials>,
    /// The only account whose tables may be changed: 12 digits.
    account_id: Option<AccountId>,
    /// `false`: only tables on this machine may be changed.
    allow_remote: Option<bool>,
    /// The parts before and after the names of the schema's tables, and of the ledger.
    table_name: Option<TableName>,
    /// Settings that tables have here and not elsewhere. They win over the top level's.
    tables: Option<BTreeMap<String, EnvironmentTableSettings>>,
    /// `process.env` of schema and scripts, beside what is there.
    #[schemars(extend("propertyNames" = { "pattern": r"^[^=\u0000]*$" }))]
    variables: Option<BTreeMap<String, String>>,
}

#[derive(JsonSchema)]
#[schemars(inline)]
#[serde(deny_unknown_fields)]
struct TableName {
    /// The part before the name.
    prefix: Option<NamePart>,
    /// The part after the name.
    suffix: Option<NamePart>,
}
