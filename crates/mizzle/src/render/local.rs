//! The server that `local` runs.

use super::Render;
use crate::{report::LocalReport, ui::Ui};
use serde_json::{Value, json};

/// The region for clients that require one. The embedded DynamoDB is the same in every region.
const ANY_REGION: &str = "us-east-1";

impl Render for LocalReport {
    fn human(&self, ui: &Ui) {
        ui.result(&self.endpoint);
    }

    fn json(&self) -> Value {
        json!({ "target": { "endpoint": self.endpoint, "region": ANY_REGION } })
    }
}
