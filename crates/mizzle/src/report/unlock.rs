//! From whom the lock was taken.

use super::Report;
use crate::{server::TargetName, ui::Ui};
use mizzle_core::ledger::Owner;
use serde_json::{Value, json};

/// From whom the lock was taken.
#[derive(Debug)]
pub(crate) struct UnlockReport {
    /// The server.
    pub(crate) target: TargetName,
    /// Who held it; `None` when nobody did.
    pub(crate) owner: Option<Owner>,
    /// The reason why the removed lock could not be read; `None` when it could.
    pub(crate) damage: Option<String>,
}

impl Report for UnlockReport {
    fn human(&self, ui: &Ui) {
        match (&self.owner, &self.damage) {
            (Some(owner), _) => ui.outro(format!("The lock was taken away from {owner}")),
            (None, Some(_)) => ui.outro("The lock, which could not be read, was removed"),
            (None, None) => ui.outro("Nobody holds the lock"),
        }
    }

    fn json(&self) -> Value {
        json!({ "target": self.target, "owner": self.owner, "damage": self.damage })
    }
}
