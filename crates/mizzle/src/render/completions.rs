//! The report of `completions`.

use super::Render;
use crate::{report::CompletionsReport, ui::Ui};
use serde_json::{Value, json};

impl Render for CompletionsReport {
    fn human(&self, ui: &Ui) {
        ui.wide_result(self.script.trim_end());
    }

    fn json(&self) -> Value {
        json!({ "script": self.script })
    }
}
