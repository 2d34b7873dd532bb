//! Explains failures: errors of requests and of the engine become messages with hints.

mod engine;
mod ledger;
mod service;
mod steps;

pub(crate) use engine::{explain_backup, explain_engine};
pub(crate) use ledger::{ledger_name, mismatch_hints};
pub(crate) use service::{explain, is_passing};
pub(crate) use steps::{blocked, explain_step};
