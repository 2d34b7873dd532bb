//! Tests the embedded DynamoDB from outside: opening it, serving it, and killing its process.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod http;
mod process;
mod recovery;
mod store;
mod web;
