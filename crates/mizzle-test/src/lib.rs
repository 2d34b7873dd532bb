//! Test support: the real binary in temporary projects, real servers, independent clients.
//!
//! All functions panic with full details if a requirement of a test is not met: that is how a test
//! fails. Programs that are fetched or started outside of the tests (DynamoDB Local, MiniStack,
//! moto, boto3, the readers of exports, TypeScript, Node, Bun, package managers) come from
//! `cargo xtask test`, which passes their locations in environment variables.

mod boto3;
mod checking_moto;
mod database;
mod environment;
mod fault_proxy;
mod mizzle;
mod package_manager;
mod process;
mod project;
mod random;
mod readers;
mod redact;
mod registry;
mod servers;
mod serving;
mod stranger;
mod terminal;
mod typescript;

pub use boto3::Boto3;
pub use checking_moto::CheckingMoto;
pub use database::Database;
pub use fault_proxy::{Fault, FaultProxy, Injected, On, Request};
pub use mizzle::MizzleCommand;
pub use package_manager::PackageManager;
pub use process::{Killed, Output, Running};
pub use project::TempProject;
pub use random::Random;
pub use readers::Readers;
pub use registry::Registry;
pub use servers::{DynamoDbLocal, Ministack, Moto, TestServer};
pub use serving::Serving;
pub use stranger::{Stranger, dead_endpoint};
pub use terminal::{Screen, Terminal};
pub use typescript::{Compiler, Direction, Modules, Runtime, TypeScript};
