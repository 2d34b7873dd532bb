//! Reads the value of `mizzle.config.ts`: checks every field and reports all problems at once.
//!
//! Messages contain the kinds of values, never the values: a field may hold a secret.

mod environment;
mod fields;
mod schema;
pub(crate) mod shape;
mod tables;

pub use environment::{Environment, UnknownEnvironment};

use crate::{
    model::{AllTableSettings, missing_part, rules},
    redaction,
    text::{is_unsupported, kind},
};
pub(crate) use fields::{Fields, unsupported_within};
pub use schema::json_schema;
use secrecy::SecretString;
use serde_json::Value;
use std::{collections::BTreeMap, fmt, ops::RangeInclusive, time::Duration};

/// The longest time limit or lease that can be set: an hour.
pub const LONGEST_TIME: Duration = Duration::from_secs(3600);

/// A config. An absent field leaves the default to the caller.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// Files, directories and globs that hold the schema, relative to the config file.
    pub schema: Vec<String>,
    /// The migrations folder, relative to the config file.
    pub out: Option<String>,
    /// The DynamoDB endpoint and the credentials.
    pub connection: Connection,
    /// The maximum number of times that the SDK tries a request, including the first.
    pub max_attempts: Option<u32>,
    /// True if more is to be printed.
    pub verbose: Option<bool>,
    /// True if warnings about the schema are errors.
    pub strict: Option<bool>,
    /// Limits of the evaluation of schema files.
    pub evaluation: Evaluation,
    /// Settings of tables and indexes.
    pub tables: AllTableSettings,
    /// The account whose tables may be changed: 12 digits.
    pub account_id: Option<String>,
    /// True if tables on other machines may be changed.
    pub allow_remote: Option<bool>,
    /// The maximum number of tables that are processed in parallel.
    pub concurrency: Option<usize>,
    /// The ledger of the migrations, and its lock.
    pub migrations: Migrations,
    /// The environments by name.
    pub environments: BTreeMap<String, Environment>,
    /// The environment that was chosen; an empty one otherwise.
    pub environment: Environment,
}

/// The ledger of the migrations, and its lock.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Migrations {
    /// The ledger's table, named as in the schema; an environment's naming may change the name.
    pub table: Option<String>,
    /// The time without a heartbeat after which a runner's lock expires.
    pub lock_lease: Option<Duration>,
    /// The maximum time to wait for another runner.
    pub lock_wait: Option<Duration>,
}

/// The DynamoDB endpoint and the credentials.
#[derive(Debug, Clone, Default)]
pub struct Connection {
    /// The AWS region.
    pub region: Option<String>,
    /// An endpoint's URL, or `local` for the embedded DynamoDB.
    pub endpoint: Option<String>,
    /// A profile of the AWS config files.
    pub profile: Option<String>,
    /// Credentials that are written in the config.
    pub credentials: Option<Credentials>,
}

/// Credentials that are written in the config. `Debug` shows none of them.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// The access key's id.
    pub access_key_id: SecretString,
    /// The secret.
    pub secret_access_key: SecretString,
    /// The token of temporary credentials.
    pub session_token: Option<SecretString>,
}

/// Limits of the evaluation of schema files.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Evaluation {
    /// The maximum run time of the files.
    pub time_limit: Option<Duration>,
    /// The maximum memory of the files, in bytes.
    pub memory_limit: Option<usize>,
}

/// An invalid field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldProblem {
    /// The field's path: `dbCredentials.region`; empty for the config as a whole.
    pub field: String,
    /// The expected value, and the kind of the actual value.
    pub message: String,
    /// The suggested fix, if the message does not imply it.
    pub help: Option<String>,
}

impl fmt::Display for FieldProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.field.is_empty() {
            write!(f, "the config {}", self.message)
        } else {
            write!(f, "`{}` {}", self.field, self.message)
        }
    }
}

/// Reads the value that a config file evaluates to.
///
/// # Errors
///
/// All fields that are unknown or of the wrong kind.
pub fn read(value: &Value) -> Result<Config, Vec<FieldProblem>> {
    let mut problems = Vec::new();
    let config = read_fields(&mut Fields::of(value, "", &mut problems));
    if problems.is_empty() { Ok(config) } else { Err(problems) }
}

const ACCOUNT_ID: &str = "a string of 12 digits";
/// DynamoDB creates at most 250 tables with indexes at the same time.
const CONCURRENCY: RangeInclusive<u64> = 1..=250;

fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn read_fields(fields: &mut Fields<'_>) -> Config {
    let (account_id, allow_remote) = read_account(fields);
    let mut config = Config {
        schema: fields.one_or_many("schema").unwrap_or_default(),
        out: fields.text("out"),
        connection: read_connection(fields),
        max_attempts: fields.integer("maxAttempts", 1..=100).and_then(|n| u32::try_from(n).ok()),
        verbose: fields.boolean("verbose"),
        strict: fields.boolean("strict"),
        evaluation: Evaluation::default(),
        tables: tables::read(fields),
        account_id,
        allow_remote,
        concurrency: fields
            .integer("concurrency", CONCURRENCY)
            .and_then(|tables| usize::try_from(tables).ok()),
        migrations: read_migrations(fields),
        environments: environment::read(fields),
        environment: Environment::default(),
    };
    // The first CLI required a driver; there is only one.
    fields.ignore("driver");
    // The JSON schema of a `mizzle.config.json`, for editors.
    fields.text("$schema");
    fields.object("dbCredentials", |fields| {
        let nested = read_connection(fields);
        let top = &mut config.connection;
        top.region = top.region.take().or(nested.region);
        top.endpoint = top.endpoint.take().or(nested.endpoint);
        top.profile = top.profile.take().or(nested.profile);
        top.credentials = top.credentials.take().or(nested.credentials);
    });
    fields.object("evaluation", |fields| {
        config.evaluation = Evaluation {
            time_limit: fields.seconds("timeLimit"),
            memory_limit: fields
                .integer("memoryLimit", 16..=65_536)
                .and_then(|megabytes| usize::try_from(megabytes).ok())
                .map(|megabytes| megabytes << 20),
        };
    });
    fields.refuse_unknown();
    config
}

/// Reads `accountId` and `allowRemote`, which occur at the top level and in environments.
fn read_account(fields: &mut Fields<'_>) -> (Option<String>, Option<bool>) {
    let account_id = fields.text_that("accountId", ACCOUNT_ID, is_account_id);
    (account_id, fields.boolean("allowRemote"))
}

fn read_migrations(fields: &mut Fields<'_>) -> Migrations {
    const TABLE: &str = "the name of a table";
    let mut migrations = Migrations::default();
    fields.object("migrations", |fields| {
        migrations = Migrations {
            table: fields.explained_text(
                "table",
                TABLE,
                |name| rules::is_valid_name(name) && missing_part(name).is_none(),
                |name| {
                    environment::explain_missing(name).or_else(|| Some(rules::name_problem(name)))
                },
            ),
            lock_lease: fields.seconds("lockLease"),
            lock_wait: fields.seconds("lockWait"),
        };
    });
    migrations
}

/// The fix for `credentials` that is a function, as the AWS SDK accepts.
const LOOKED_UP: &str = "mizzle looks credentials up itself: name the profile instead (`profile`), or leave \
                         both out for those of the environment";

/// Reads `region`, `endpoint`, `profile` and `credentials`, which occur in several places.
fn read_connection(fields: &mut Fields<'_>) -> Connection {
    let mut connection = Connection {
        region: fields.text("region"),
        endpoint: fields.text("endpoint"),
        profile: fields.text("profile"),
        credentials: None,
    };
    if let Some(found @ Value::Object(object)) = fields.get("credentials")
        && is_unsupported(object)
    {
        let message = format!("must be an object, but is {}", kind(found));
        fields.complain("credentials", message, Some(LOOKED_UP));
        return connection;
    }
    fields.object("credentials", |fields| {
        let access_key_id = fields.required_text("accessKeyId");
        let secret_access_key = fields.required_text("secretAccessKey");
        let session_token = fields.text("sessionToken");
        access_key_id.iter().for_each(|id| redaction::remember_key_id(id));
        secret_access_key
            .iter()
            .chain(&session_token)
            .for_each(|secret| redaction::remember(secret));
        if let (Some(access_key_id), Some(secret_access_key)) = (access_key_id, secret_access_key) {
            connection.credentials = Some(Credentials {
                access_key_id: access_key_id.into(),
                secret_access_key: secret_access_key.into(),
                session_token: session_token.map(Into::into),
            });
        }
    });
    connection
}
