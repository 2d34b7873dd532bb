//! The control plane against the embedded server, and against servers that misbehave.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod embedded;
mod environment;
mod failures;
mod fake;
mod settings;
#[path = "../support/mod.rs"]
mod support;
