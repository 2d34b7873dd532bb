//! The tables in the words of another tool.

use super::Report;
use crate::ui::Ui;
use mizzle_core::{export::Warning, text};
use serde_json::{Value, json};

/// The tables in the words of another tool.
#[derive(Debug)]
pub(crate) struct ExportReport {
    /// The tool, as people call it.
    pub(crate) tool: &'static str,
    /// The format and the syntax, as they are typed.
    pub(crate) typed: [String; 2],
    /// The tables that were exported, by name.
    pub(crate) tables: Vec<String>,
    /// The file that holds the text; `None` when standard output is to.
    pub(crate) file: Option<String>,
    /// Whether the file said something else before.
    pub(crate) is_new: bool,
    /// The text.
    pub(crate) text: String,
    /// What the text does not say.
    pub(crate) warnings: Vec<Warning>,
}

impl Report for ExportReport {
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
