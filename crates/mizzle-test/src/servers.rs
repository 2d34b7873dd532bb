//! The servers of `cargo xtask test`, and the isolation of tests on each.

use crate::{Database, environment};
use regex_lite::Regex;
use std::{
    io::{self, Read, Write},
    iter,
    net::TcpStream,
    time::Duration,
};

/// The region of every isolated database.
const REGION: &str = "us-east-1";

/// The first digits of made-up account numbers, for redacting output.
pub(crate) const ACCOUNT_PREFIX: &str = "7777";

/// A server that all tests of a run share.
///
/// Created by [`DynamoDbLocal::from_env`], [`Ministack::from_env`] and [`Moto::from_env`].
#[derive(Debug, Clone)]
pub struct TestServer {
    name: &'static str,
    endpoint: String,
    isolation: Isolation,
}

/// The method to get an isolated database on a server.
#[derive(Debug, Clone, Copy)]
enum Isolation {
    /// A database for every access key.
    AccessKey,
    /// An access key of twelve digits is the number of an account.
    AccountAsAccessKey,
    /// An access key belongs to the account of the role for which STS gave it.
    AssumedRole,
}

impl TestServer {
    #[track_caller]
    fn from_env(name: &'static str, variable: &str, isolation: Isolation) -> Self {
        Self { name, endpoint: environment::required(variable), isolation }
    }

    /// Returns the name for messages and snapshots: "DynamoDB Local", "MiniStack", "moto".
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Returns the URL of the server.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Returns an empty database that no other test uses.
    #[track_caller]
    pub fn isolated(&self) -> Database {
        match self.isolation {
            // Letters and digits, as DynamoDB Local requires.
            Isolation::AccessKey => {
                let random: String = iter::repeat_with(fastrand::alphanumeric).take(16).collect();
                Database::new(&self.endpoint, &format!("MIZZLETEST{random}"), REGION)
            }
            Isolation::AccountAsAccessKey => {
                Database::new(&self.endpoint, &random_account(), REGION)
            }
            Isolation::AssumedRole => {
                let (access_key, secret_key) = assume_role(&self.endpoint, &random_account())
                    .unwrap_or_else(|error| panic!("{} gives no account: {error}", self.name));
                Database { secret_key, ..Database::new(&self.endpoint, &access_key, REGION) }
            }
        }
    }
}

/// Amazon's DynamoDB Local: the reference for GSIs and validation.
///
/// It has a database for every access key. It does not support recovery, tags or policies, and
/// ignores table class, encryption and the throughput of on-demand tables.
#[derive(Debug)]
pub enum DynamoDbLocal {}

impl DynamoDbLocal {
    /// Reads the variables of `cargo xtask test`. Fails the test if they are not set.
    #[track_caller]
    pub fn from_env() -> TestServer {
        TestServer::from_env("DynamoDB Local", environment::DYNAMODB_LOCAL, Isolation::AccessKey)
    }
}

/// MiniStack: the broadest control plane, with lenient validation.
///
/// Every access key of twelve digits is an account with its own database.
#[derive(Debug)]
pub enum Ministack {}

impl Ministack {
    /// Reads the variables of `cargo xtask test`. Fails the test if they are not set.
    #[track_caller]
    pub fn from_env() -> TestServer {
        TestServer::from_env("MiniStack", environment::MINISTACK, Isolation::AccountAsAccessKey)
    }
}

/// moto: recovery, keys of several attributes, and exports.
///
/// It derives the account from the access key, and accepts only access keys that it created:
/// an isolated database is that of a role in a new account.
///
/// Unsupported operations fail with status 500 and an HTML page, which an SDK treats as a
/// transient fault: use `maxAttempts: 1` with moto, or a test waits for retries without effect.
#[derive(Debug)]
pub enum Moto {}

impl Moto {
    /// Reads the variables of `cargo xtask test`. Fails the test if they are not set.
    #[track_caller]
    pub fn from_env() -> TestServer {
        TestServer::from_env("moto", environment::MOTO, Isolation::AssumedRole)
    }
}

/// Returns the number of a unique account.
fn random_account() -> String {
    let digits = 12 - ACCOUNT_PREFIX.len();
    let random: String = iter::repeat_with(|| fastrand::digit(10)).take(digits).collect();
    format!("{ACCOUNT_PREFIX}{random}")
}

/// Gets an access key, and its secret, in an account from a server's STS.
fn assume_role(endpoint: &str, account: &str) -> io::Result<(String, String)> {
    let body = format!(
        "Action=AssumeRole&Version=2011-06-15&RoleSessionName=mizzle&\
         RoleArn=arn:aws:iam::{account}:role/mizzle"
    );
    let answer = query(endpoint, "sts", &body)?;
    Ok((answer.text("AccessKeyId"), answer.text("SecretAccessKey")))
}

/// The answer of a service with the query protocol.
pub(crate) struct QueryAnswer(String);

impl QueryAnswer {
    /// Returns the text of an element.
    #[track_caller]
    pub(crate) fn text(&self, element: &str) -> String {
        let pattern = Regex::new(&format!("<{element}>([^<]+)</{element}>"));
        let found = pattern.ok().and_then(|pattern| Some(pattern.captures(&self.0)?[1].to_owned()));
        found.unwrap_or_else(|| panic!("no {element} in {}", self.0))
    }
}

/// Calls a service with the query protocol, with made-up credentials.
pub(crate) fn query(endpoint: &str, service: &str, body: &str) -> io::Result<QueryAnswer> {
    let address = endpoint.strip_prefix("http://").unwrap_or(endpoint);
    let request = format!(
        "POST / HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\
         Authorization: AWS4-HMAC-SHA256 Credential=mizzle/20250101/{REGION}/{service}/\
         aws4_request, SignedHeaders=host, Signature=0\r\n\r\n{body}",
        body.len(),
    );
    let mut connection = TcpStream::connect(address)?;
    connection.set_read_timeout(Some(Duration::from_secs(30)))?;
    connection.write_all(request.as_bytes())?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer)?;
    if answer.starts_with("HTTP/1.1 200") {
        Ok(QueryAnswer(answer))
    } else {
        Err(io::Error::other(format!("it answers {answer}")))
    }
}
