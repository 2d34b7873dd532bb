//! The report of `export`.

use super::Render;
use crate::{report::ExportReport, ui::Ui};
use mizzle_core::text;
use serde_json::{Value, json};

impl Render for ExportReport {
    fn human(&self, ui: &Ui) {
        let tables = text::count(self.tables.len(), "table", "tables");
        let tool = self.tool;
        match &self.file {
            None => {
                ui.wide_result(self.text.trim_end());
                ui.outro(format!("{tables} for {tool}"));
            }
            Some(file) => {
                ui.result(file);
                ui.outro(match self.is_new {
                    true => format!("Wrote {tables} for {tool}"),
                    false => format!("Nothing to write: the file says all of it for {tables}"),
                });
            }
        }
    }

    fn json(&self) -> Value {
        let [format, syntax] = &self.typed;
        json!({
            "format": format,
            "syntax": syntax,
            "tables": self.tables,
            "file": self.file,
            "text": self.text,
            "warnings": self.warnings,
        })
    }
}
