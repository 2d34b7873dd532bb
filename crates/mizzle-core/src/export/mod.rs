//! The schema in the words of other tools, for teams whose infrastructure is owned elsewhere.
//!
//! Every format starts from the request with which mizzle itself would create the table, and takes
//! the definition apart field by field, so that a setting that no format has thought of does not
//! compile. What a format cannot say is a [`Warning`], never silence.

mod aws_cli;
mod cloudformation;
mod layout;
mod names;
mod terraform;

use crate::{model::TableDefinition, text};
use serde::Serialize;
use std::{collections::BTreeMap, fmt};

pub(crate) use terraform::TerraformTable;

/// What the tables are written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A CloudFormation template in YAML.
    CloudFormationYaml,
    /// A CloudFormation template in JSON.
    CloudFormationJson,
    /// Terraform's language.
    Terraform,
    /// Commands of the AWS CLI with their input, as a list in JSON.
    AwsCliJson,
    /// The same as a script for a shell.
    AwsCliScript,
}

impl Format {
    /// The tool, as people call it.
    pub fn tool(self) -> &'static str {
        match self {
            Self::CloudFormationYaml | Self::CloudFormationJson => "CloudFormation",
            Self::Terraform => "Terraform",
            Self::AwsCliJson | Self::AwsCliScript => "AWS CLI",
        }
    }
}

/// A table of the schema.
#[derive(Debug, Clone)]
pub struct ExportedTable {
    /// Its name in the schema, which resources are called after: it is the same in every environment.
    pub name: String,
    /// What it is to be, under its real name.
    pub definition: TableDefinition,
}

/// Something of a table that a format cannot say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// The table, by its real name.
    pub table: String,
    /// The setting, as the config calls it below the table: `capacity`, `indexes.byDate.capacity`.
    pub setting: String,
    /// What is not said, and what to do about it.
    pub message: String,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}: {}", self.table, self.setting, self.message)
    }
}

/// Tables in the words of another tool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Export {
    /// The whole file; it ends with a newline.
    pub text: String,
    /// What it does not say, by table.
    pub warnings: Vec<Warning>,
}

/// Writes the chosen ones of a schema's tables. All of them have a say in what resources are called,
/// so that a table is called the same whichever others are exported with it.
pub fn export(
    format: Format,
    tables: &[ExportedTable],
    is_chosen: impl Fn(&ExportedTable) -> bool,
) -> Export {
    let names = tables.iter().map(|table| table.name.as_str());
    let chosen: Vec<&ExportedTable> = tables.iter().filter(|table| is_chosen(table)).collect();
    let called = |called: BTreeMap<&str, String>| -> Vec<(String, &TableDefinition)> {
        let id = |table: &ExportedTable| called.get(table.name.as_str()).cloned();
        chosen.iter().map(|table| (id(table).unwrap_or_default(), &table.definition)).collect()
    };
    let definitions =
        || -> Vec<&TableDefinition> { chosen.iter().map(|table| &table.definition).collect() };
    match format {
        Format::CloudFormationYaml => cloudformation::yaml(&called(names::logical_ids(names))),
        Format::CloudFormationJson => cloudformation::json(&called(names::logical_ids(names))),
        Format::Terraform => terraform::render(&called(names::identifiers(names))),
        Format::AwsCliJson => aws_cli::json(&definitions()),
        Format::AwsCliScript => aws_cli::script(&definitions()),
    }
}

/// The lines that a file begins with, each a comment.
fn heading(command: &str, lines: &[&str], warnings: &[Warning]) -> String {
    let mut heading = format!(
        "# Written by `mizzle export {command}`. To change a table, change the schema and export again.\n"
    );
    for line in lines {
        heading.push_str(&format!("# {line}\n"));
    }
    if !warnings.is_empty() {
        heading.push_str("#\n# Not every setting could be written as it is:\n");
        let lines = warnings.iter().map(Warning::to_string);
        heading.extend(lines.map(|line| format!("# - {}\n", text::printable(&line))));
    }
    heading
}

/// What is autoscaled: the config says that somebody scales it, and not between which numbers.
fn autoscaled(table: &TableDefinition, message: impl Fn(Option<&str>) -> String) -> Vec<Warning> {
    let warning = |index: Option<&str>| Warning {
        table: table.table_name.clone(),
        setting: match index {
            Some(name) => format!("indexes.{name}.capacity"),
            None => "capacity".to_owned(),
        },
        message: message(index),
    };
    let own = table.autoscaled.then(|| warning(None));
    let indexes = table.global_secondary_indexes.iter().filter(|index| index.autoscaled);
    own.into_iter().chain(indexes.map(|index| warning(Some(&index.index_name)))).collect()
}
