//! Brings tables to a desired state: observe, compare, remove changes that the server cannot make,
//! plan, confirm, apply, verify.
//!
//! [`Push`] does this for a whole schema. The settings of an environment and an adopted table (in
//! [`migrate`](crate::migrate)) go through the same stages for a part of a table.

mod apply;
mod filter;
mod log;
mod observe;
mod push;
mod verify;

pub use crate::outcome::{Incomplete, Origin, Reason, Unapplied};
pub use push::{Objection, Policy, Push, PushOutcome, PushState};

pub(crate) use filter::{difference_of_present, retain_changes, unapplied, update};
pub(crate) use verify::Verification;
