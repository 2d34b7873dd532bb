//! Common failures, each caused for real: mizzle's messages and hints.
//!
//! moto behind a proxy simulates AWS: its endpoints are used without TLS, and `HTTP_PROXY` leads to
//! the proxy. So no request leaves this machine.

mod credentials;
mod denied;
mod look;
mod network;
mod project;
mod service;
mod usage;

use crate::support::{SCHEMA, with_schema};
use mizzle_test::{Database, Fault, FaultProxy, MizzleCommand, Moto, On, Output, TempProject};

/// DynamoDB's own endpoint, for the tests.
const DYNAMODB: &str = "http://dynamodb.eu-central-1.amazonaws.com";

/// The token of the session in every test; moto does not require one.
const TOKEN: &str = "TokenOfTheTests//8Lw=";

/// A project with its tables at "AWS", and with credentials in the environment.
struct Aws {
    database: Database,
    proxy: FaultProxy,
    project: TempProject,
}

impl Aws {
    fn new() -> Self {
        let database = Moto::from_env().isolated();
        let proxy = FaultProxy::start(&database.endpoint);
        let project = with_schema(SCHEMA);
        project.write(
            "mizzle.config.ts",
            &format!(
                "export default {{\n  schema: \"./schema.ts\",\n  endpoint: \"{DYNAMODB}\",\n  \
                 region: \"eu-central-1\",\n  maxAttempts: 2,\n}};\n"
            ),
        );
        Self { database, proxy, project }
    }

    /// Creates the schema's tables, and adds an index to the schema.
    fn with_tables() -> Self {
        let aws = Self::new();
        aws.mizzle(&["push", "--yes"]).run().assert_code(0);
        aws.project.replace(
            "schema.ts",
            "byDate:",
            "byTotal: gsi(\"status\", \"total\"),\n    byDate:",
        );
        aws
    }

    /// Creates a command that goes through the proxy, and finds no credentials.
    fn stranger(&self, args: &[&str]) -> MizzleCommand {
        self.project
            .mizzle(args)
            .env("HTTP_PROXY", self.proxy.endpoint())
            .env("AWS_ENDPOINT_URL_STS", "http://sts.eu-central-1.amazonaws.com")
    }

    /// Creates a command that goes through the proxy, with credentials in the environment.
    fn mizzle(&self, args: &[&str]) -> MizzleCommand {
        self.stranger(args)
            .env("AWS_ACCESS_KEY_ID", &self.database.access_key)
            .env("AWS_SECRET_ACCESS_KEY", &self.database.secret_key)
            .env("AWS_SESSION_TOKEN", TOKEN)
    }

    /// Refuses every request of an operation from now on.
    fn refuse(&self, operation: &str, status: u16, code: &str, message: &str) {
        let fault = Fault::refuse(status, code, message);
        self.proxy.inject(On::operation(operation).every(), fault);
    }

    /// Returns the complete output for a snapshot, after a check for secrets.
    #[track_caller]
    fn told(&self, output: &Output) -> String {
        let Database { access_key, secret_key, .. } = &self.database;
        told(output, &[access_key, secret_key])
    }
}

/// Texts that must never be printed: parts of a signed request, and Rust's debug output.
const NEVER: [&str; 9] = [
    TOKEN,
    "AWS4-HMAC-SHA256",
    "Signature=",
    "Security-Token",
    "security-token",
    "Some(",
    "Error {",
    "os error",
    "panicked",
];

/// Returns the complete output for a snapshot, after a check for secrets.
#[track_caller]
fn told(output: &Output, secrets: &[&str]) -> String {
    let Output { stdout, stderr, .. } = output;
    for secret in NEVER.iter().chain(secrets) {
        let says_it = stdout.contains(secret) || stderr.contains(secret);
        assert!(!says_it, "{secret:?} is said:\n{stdout}\n{stderr}");
    }
    output.snapshot()
}
