//! The report of `unlock`.

use super::Render;
use crate::{report::UnlockReport, ui::Ui};
use serde_json::{Value, json};

impl Render for UnlockReport {
    fn human(&self, ui: &Ui) {
        match (&self.owner, &self.damage) {
            (Some(owner), _) => ui.outro(format!("The lock was taken away from {owner}")),
            (None, Some(_)) => ui.outro("The lock, which could not be read, was removed"),
            (None, None) => ui.outro("The lock is free"),
        }
    }

    fn json(&self) -> Value {
        json!({ "target": self.target, "owner": self.owner, "damage": self.damage })
    }
}
