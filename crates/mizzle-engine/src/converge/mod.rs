//! Brings tables to a desired state: look, compare, leave out what the server cannot do, plan, ask,
//! apply, look again.
//!
//! [`Push`] does all of it for a whole schema. The settings of an environment and an adopted table (in
//! [`migrate`](crate::migrate)) take the same steps for a part of a table.

mod apply;
mod filter;
mod observe;
mod push;
mod verify;

pub use apply::{Incomplete, Origin};
pub use push::{Policy, Push, PushOutcome, PushState};

pub(crate) use filter::{retain_changes, unapplied, update};
pub(crate) use verify::Verification;

/// A difference that a run leaves, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unapplied {
    /// The table.
    pub table: String,
    /// The change that would remove the difference.
    pub setting: String,
    /// The reason.
    pub reason: Reason,
}

/// The reason why a difference is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The server has no operation for it, as some emulators have not.
    Unsupported,
    /// The server accepted it in an earlier run and did not keep it.
    IgnoredBefore,
    /// The server accepted it in this run and did not keep it.
    Ignored,
    /// Somebody, or another step, changed it during the run.
    ChangedMeanwhile,
}

impl Reason {
    /// Returns the reason as a sentence about `server`.
    pub fn sentence(self, server: &str) -> String {
        match self {
            Self::Unsupported => format!("{server} has no operation for it"),
            Self::IgnoredBefore => format!("{server} accepted it earlier but did not keep it"),
            Self::Ignored => format!("{server} accepted it but did not keep it"),
            Self::ChangedMeanwhile => {
                "it was changed meanwhile, by somebody or by another step: push again".to_owned()
            }
        }
    }
}
