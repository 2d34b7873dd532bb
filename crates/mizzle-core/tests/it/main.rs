//! The core's tests: pure, no server, no files.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

mod apply;
mod config;
mod diff;
mod plan;
mod resolve;
mod script;
mod snapshot;
mod support;
