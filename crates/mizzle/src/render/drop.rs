//! The report of `drop`.

use super::Render;
use crate::{
    report::DropReport,
    ui::{Ui, duration},
};
use mizzle_core::text;
use mizzle_engine::backup::TableBackup;
use serde_json::{Value, json};

/// Shows the started backups, before anything is deleted.
pub(crate) fn show_backups(backups: &[TableBackup], ui: &Ui) {
    for TableBackup { table, arn } in backups {
        // Not wrapped, so that it can be copied.
        ui.wide_result(format!("Backup of {table}: {arn}"));
    }
}

impl Render for DropReport {
    fn human(&self, ui: &Ui) {
        let tables = |count| text::count(count, "table", "tables");
        let time = self.elapsed.map(|elapsed| format!(" in {}", duration(elapsed)));
        let time = time.unwrap_or_default();
        match &self.failure {
            None if self.wanted == 0 => {
                ui.outro(format!("There is no table to drop at {}", self.target));
            }
            None if self.dropped.is_empty() => ui.outro("Nothing to drop"),
            None => ui.outro(format!("Dropped {}{time}", tables(self.dropped.len()))),
            Some(error) if error.is_cancelled() => {}
            Some(_) if self.elapsed.is_none() && self.backups.is_empty() => {
                ui.outro_cancel("Nothing was changed");
            }
            Some(_) => {
                let (dropped, wanted) = (self.dropped.len(), tables(self.wanted));
                ui.outro_cancel(format!("Dropped {dropped} of {wanted}{time}"));
            }
        }
    }

    fn json(&self) -> Value {
        json!({
            "target": self.target,
            "dropped": self.dropped,
            "skipped": self.skipped,
            "failed": self.failed,
            "backups": self.backups,
        })
    }
}
