//! A project on disk: its config, schema files and migrations.

mod config_file;
mod ignored_settings;
mod migrations;
mod nearest;
mod new_files;
mod regular_file;
mod schema_files;
mod survey;

pub(crate) use config_file::{
    ConfigFile, NewConfig, find as find_config, missing as missing_config,
};
pub(crate) use ignored_settings::IgnoredSettings;
pub(crate) use migrations::{Inspection, Migrations, Replacement, Script, scripts_in};
pub(crate) use nearest::folder as nearest_folder;
pub(crate) use new_files::{NewFileError, append_line, create, replace, tidy};
pub(crate) use regular_file::{PathKind, read, read_to_string};
pub(crate) use schema_files::{
    check_pattern as check_schema_pattern, find as find_schema_files, first_of as first_schema_file,
};
#[cfg(test)]
pub(crate) use survey::FoundSchema;
pub(crate) use survey::{Packages, ProjectScan, package_name, packages};
