//! Test support: the real binary in temporary projects, real servers, independent clients.
//!
//! Everything here panics with a full account when something is not as a test needs it: that is
//! how a test fails. What is fetched or started outside of the tests (DynamoDB Local, MiniStack,
//! moto, boto3, what reads exports, TypeScript, Node, Bun) comes from `cargo xtask test`, which tells
//! where by environment variables.

mod boto3;
mod database;
mod environment;
mod fault_proxy;
mod mizzle;
mod process;
mod project;
mod random;
mod readers;
mod redact;
mod servers;
mod serving;
mod terminal;
mod typescript;

pub use boto3::Boto3;
pub use database::Database;
pub use fault_proxy::{Fault, FaultProxy, Injected, On, Request};
pub use mizzle::MizzleCommand;
pub use process::{Killed, Output, Running};
pub use project::TempProject;
pub use random::Random;
pub use readers::Readers;
pub use servers::{DynamoDbLocal, Ministack, Moto, TestServer};
pub use serving::Serving;
pub use terminal::{Screen, Terminal};
pub use typescript::{Direction, Runtime, TypeScript};
