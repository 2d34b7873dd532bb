//! Brings tables to a desired state: look, compare, leave out what the server cannot do, plan, ask,
//! apply, look again.
//!
//! [`Push`] does all of it for a whole schema. The settings of an environment and an adopted table (in
//! [`migrate`](crate::migrate)) take the same steps for a part of a table.

mod apply;
mod filter;
mod log;
mod observe;
mod push;
mod verify;

pub use crate::outcome::{Incomplete, Origin, Reason, Unapplied};
pub use push::{Objection, Policy, Push, PushOutcome, PushState};

pub(crate) use filter::{retain_changes, unapplied, update};
pub(crate) use verify::Verification;
