//! The tables as the input of another tool.

use mizzle_core::export::Warning;

/// The result of `export`.
#[derive(Debug)]
pub(crate) struct ExportReport {
    /// The tool's name.
    pub(crate) tool: &'static str,
    /// The format and the syntax, as they are typed.
    pub(crate) typed: [String; 2],
    /// The exported tables, by name.
    pub(crate) tables: Vec<String>,
    /// The output file; `None` for standard output.
    pub(crate) file: Option<String>,
    /// True if the file was written, false if it already had this text.
    pub(crate) is_new: bool,
    /// The text.
    pub(crate) text: String,
    /// The settings that the text does not express.
    pub(crate) warnings: Vec<Warning>,
}
