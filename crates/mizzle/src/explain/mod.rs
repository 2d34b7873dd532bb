//! Failures in words: requests that the server refused, and errors of the engine, each with what to do
//! next.

mod engine;
mod ledger;
mod service;
mod steps;

pub(crate) use engine::{explain_backup, explain_engine};
pub(crate) use ledger::{ledger_name, mismatch_hints};
pub(crate) use service::{explain, is_passing};
pub(crate) use steps::{blocked, explain_step};
