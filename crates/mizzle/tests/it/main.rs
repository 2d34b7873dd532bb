//! The real binary against real servers, as a user would run it.
//!
//! Needs Amazon's DynamoDB Local, boto3, Node, Bun and TypeScript: run `cargo xtask test`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

mod admission;
mod adopted_tables;
mod adoption;
mod agreement;
mod baseline;
mod branches;
mod cases;
mod completions;
mod config;
mod config_types;
mod crash_recovery;
mod differential;
mod drop;
mod environments;
mod export;
mod failures;
mod faults;
mod generate;
#[cfg(unix)]
mod hostile_cases;
mod init;
#[cfg(unix)]
mod interrupt;
mod lifecycle;
mod list;
mod list_look;
mod local;
mod lock;
mod log;
mod malformed_input;
mod migrate;
mod npm;
mod output_modes;
mod pull;
mod push;
mod push_look;
mod questions;
mod replace;
mod resolve;
mod scale;
mod schema;
mod scripts;
mod sdk_calls;
mod service_rules;
mod settings_matrix;
#[cfg(unix)]
mod stale_lease;
mod status;
mod support;
mod terminal;
mod throttling;
mod transition;
mod undo;
mod unsaved_items;
