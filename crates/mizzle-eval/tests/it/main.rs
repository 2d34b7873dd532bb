//! Evaluation, from files to results.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod config;
mod fingerprint;
mod hostile;
mod limits;
mod locate;
mod node;
mod orm;
mod packages;
mod places;
mod project;
mod pull;
mod recognise;
mod replaced;
mod round_trip;
mod script;
mod script_errors;
mod script_values;
mod sdk;
mod secrets;
mod typescript;
mod walk;

// The core's random states of a table, and its short notation for tables.
#[path = "../../../mizzle-core/tests/it/states.rs"]
#[expect(dead_code, reason = "the core's own tests use all of it")]
mod states;
#[path = "../../../mizzle-core/tests/it/support.rs"]
mod support;
