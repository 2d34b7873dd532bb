//! Evaluation, from files to what comes out of them.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod config;
mod fingerprint;
mod hostile;
mod locate;
mod node;
mod orm;
mod packages;
mod places;
mod project;
mod script;
mod script_errors;
mod script_values;
mod typescript;
mod walk;
