//! The completions of a shell.

use super::Report;
use crate::ui::Ui;
use serde_json::{Value, json};

/// The completions of a shell.
#[derive(Debug)]
pub(crate) struct CompletionsReport {
    /// The script, for the shell to read.
    pub(crate) script: String,
}

impl Report for CompletionsReport {
    fn human(&self, ui: &Ui) {
        ui.wide_result(self.script.trim_end());
    }

    fn json(&self) -> Value {
        json!({ "script": self.script })
    }
}
