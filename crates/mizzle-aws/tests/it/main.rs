//! Tests the control plane, the data plane and the ledger against the embedded server, and against
//! servers that misbehave.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod data;
mod embedded;
mod embedded_items;
mod environment;
mod failures;
mod fake;
mod fence;
mod ledger;
mod probe;
mod profiles;
mod settings;
#[path = "../support/mod.rs"]
mod support;
