//! The embedded DynamoDB from outside: what opens it, serves it, kills it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod http;
mod process;
mod recovery;
mod store;
mod web;
