//! The core's tests: pure, no server, no files.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

mod adoption;
mod apply;
mod backup;
mod beyond;
mod branches;
mod config;
mod contributor_insights;
mod diff;
mod environments;
mod export;
mod fake;
mod fit;
mod history;
mod kinesis_destination;
mod ledger;
mod plan;
mod plan_properties;
mod plan_settings;
mod rebase;
mod replacing;
mod resolve;
mod script;
mod script_calls;
mod settings;
mod simulator;
mod snapshot;
mod states;
mod support;
