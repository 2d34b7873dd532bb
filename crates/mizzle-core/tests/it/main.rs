//! The core's tests: pure, no server, no files.

mod apply;
mod config;
mod diff;
mod plan;
mod resolve;
mod script;
mod snapshot;
mod support;
