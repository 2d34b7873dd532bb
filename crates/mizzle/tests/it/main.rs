//! The real binary against real servers, as a user would run it.
//!
//! Needs Amazon's DynamoDB Local, boto3, Node, Bun and TypeScript: run `cargo xtask test`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

mod admission;
mod adoption;
mod agreement;
mod baseline;
mod cases;
mod completions;
mod config;
mod config_types;
mod crowd;
mod differential;
mod drop;
mod environments;
mod everywhere;
mod export;
mod faults;
mod generate;
mod held;
mod hostile;
#[cfg(unix)]
mod hostile_cases;
mod init;
#[cfg(unix)]
mod interrupt;
mod killed;
mod lifecycle;
mod list;
mod list_look;
mod local;
mod lock;
mod log;
mod migrate;
mod npm;
mod pull;
mod push;
mod push_look;
mod questions;
mod replace;
mod resolve;
mod schema;
mod scripts;
mod sdk_calls;
mod service_rules;
#[cfg(unix)]
mod sleepers;
mod status;
mod support;
mod take_over;
mod teams;
mod terminal;
mod throttling;
mod transition;
mod trouble;
mod undo;
mod walk;
