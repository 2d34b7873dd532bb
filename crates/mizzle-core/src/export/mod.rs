//! Exports the schema to other tools, for teams that manage their infrastructure with them.
//!
//! Every format starts from the request with which mizzle itself would create the table, and
//! destructures the definition field by field, so that a setting that a format does not handle is a
//! compile error. A setting that a format cannot express is a [`Warning`], never ignored.

mod aws_cli;
mod cloudformation;
mod layout;
mod names;
mod terraform;

use crate::{model::TableDefinition, text};
use serde::Serialize;
use std::{collections::BTreeMap, fmt};

pub(crate) use terraform::TerraformTable;

/// The format of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A CloudFormation template in YAML.
    CloudFormationYaml,
    /// A CloudFormation template in JSON.
    CloudFormationJson,
    /// Terraform's language.
    Terraform,
    /// AWS CLI commands with their input, as a JSON list.
    AwsCliJson,
    /// AWS CLI commands as a shell script.
    AwsCliScript,
}

impl Format {
    /// Returns the tool's display name.
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
    /// The name in the schema, from which the names of resources derive: it is the same in every
    /// environment.
    pub name: String,
    /// The desired definition, with the real name of the table.
    pub definition: TableDefinition,
}

/// A setting that a format cannot express.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// The real name of the table.
    pub table: String,
    /// The path of the setting in the table's config: `capacity`, `indexes.byDate.capacity`.
    pub setting: String,
    /// The part that is not expressed, and the suggested fix.
    pub message: String,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}: {}", self.table, self.setting, self.message)
    }
}

/// Tables in the format of another tool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Export {
    /// The whole file; it ends with a newline.
    pub text: String,
    /// The settings that it does not express, by table.
    pub warnings: Vec<Warning>,
}

/// Exports the chosen tables of a schema. The names of resources depend on all tables of the
/// schema, so that a table's resource has the same name whichever tables are exported with it.
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

/// Returns the comment lines at the start of a file.
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

/// Returns a warning for the table and for each GSI that is autoscaled: the config does not contain
/// the limits of the scaling.
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
