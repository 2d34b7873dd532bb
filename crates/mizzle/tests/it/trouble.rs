//! The usual troubles, each provoked for real: what mizzle says of it, and what to do.
//!
//! AWS is played by moto behind a proxy: its endpoints are named without TLS, and `HTTP_PROXY` leads them
//! there. So nothing leaves this machine.

mod credentials;
mod denied;
mod look;
mod network;
mod project;
mod service;
mod usage;

use crate::support::{SCHEMA, with_schema};
use mizzle_test::{Database, Fault, FaultProxy, MizzleCommand, Moto, On, Output, TempProject};

/// DynamoDB's own endpoint, as far as a test goes.
const DYNAMODB: &str = "http://dynamodb.eu-central-1.amazonaws.com";

/// The token of the session that every test has; moto does not ask for one.
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

    /// With the schema's tables in place, and one index more in the schema.
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

    /// A command that goes through the proxy, and finds no credentials.
    fn stranger(&self, args: &[&str]) -> MizzleCommand {
        self.project
            .mizzle(args)
            .env("HTTP_PROXY", self.proxy.endpoint())
            .env("AWS_ENDPOINT_URL_STS", "http://sts.eu-central-1.amazonaws.com")
    }

    /// A command that goes through the proxy, with credentials in the environment.
    fn mizzle(&self, args: &[&str]) -> MizzleCommand {
        self.stranger(args)
            .env("AWS_ACCESS_KEY_ID", &self.database.access_key)
            .env("AWS_SECRET_ACCESS_KEY", &self.database.secret_key)
            .env("AWS_SESSION_TOKEN", TOKEN)
    }

    /// What DynamoDB answers to every request of an operation from now on.
    fn refuse(&self, operation: &str, status: u16, code: &str, message: &str) {
        let fault = Fault::refuse(status, code, message);
        self.proxy.inject(On::operation(operation).every(), fault);
    }

    /// The whole output for a snapshot, once it is sure that it gives nothing away.
    #[track_caller]
    fn told(&self, output: &Output) -> String {
        let Database { access_key, secret_key, .. } = &self.database;
        told(output, &[access_key, secret_key])
    }
}

/// What no output may hold: parts of a signed request, and how Rust shows values to programmers.
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

/// The whole output for a snapshot, once it is sure that it gives no secret away.
#[track_caller]
fn told(output: &Output, secrets: &[&str]) -> String {
    let Output { stdout, stderr, .. } = output;
    for secret in NEVER.iter().chain(secrets) {
        let says_it = stdout.contains(secret) || stderr.contains(secret);
        assert!(!says_it, "{secret:?} is said:\n{stdout}\n{stderr}");
    }
    output.snapshot()
}
