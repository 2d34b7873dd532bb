//! The arguments and settings of `mizzle export`.

use crate::{
    errors::{CommandError, ErrorKind},
    selection::Pattern,
    session::Session,
    settings::{SchemaSettings, environment_of},
};
use clap::{Args, ValueEnum};
use mizzle_core::{export::Format, text};
use mizzle_engine::Environment;
use std::path::{Path, PathBuf};

/// `mizzle export`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mizzle export cloudformation                        print a template
  mizzle export cloudformation -o tables.json         write a template in JSON
  mizzle export terraform -o tables.tf --force        overwrite the file
  mizzle export aws-cli --env staging -o tables.sh    write a script that creates the tables of staging
  mizzle export terraform --tables 'Shop*'            export some tables only")]
pub(crate) struct ExportArgs {
    /// The tool
    #[arg(value_name = "FORMAT")]
    pub(crate) format: ExportFormat,
    /// Only tables whose names match, such as `Shop*`; with --env, also by their names in the schema;
    /// may be repeated
    #[arg(long, value_name = "PATTERN")]
    pub(crate) tables: Vec<String>,
    /// The file to write [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// The syntax of the file [default: from the file's extension, else yaml for cloudformation, hcl for
    /// terraform, json for aws-cli]
    #[arg(long)]
    pub(crate) syntax: Option<ExportSyntax>,
    /// Overwrite an existing file
    #[arg(long, requires = "output")]
    pub(crate) force: bool,
}

/// The tools that tables can be exported for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFormat {
    /// A template, in yaml or json
    #[value(name = "cloudformation", alias = "cfn")]
    CloudFormation,
    /// Resources of the provider hashicorp/aws
    #[value(alias = "tf")]
    Terraform,
    /// Commands and what goes into their --cli-input-json, in json or as sh
    AwsCli,
}

/// The syntax of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportSyntax {
    /// YAML, with comments
    Yaml,
    /// JSON
    Json,
    /// Terraform's language
    Hcl,
    /// A script for a shell
    Sh,
}

/// The settings of an `export` run.
#[derive(Debug)]
pub(super) struct ExportSettings {
    /// The schema.
    pub(super) schema: SchemaSettings,
    /// The environment, which determines table names and may override settings.
    pub(super) environment: Environment,
    /// The output format.
    pub(super) format: Format,
    /// The format and the syntax, as they are typed on the command line.
    pub(super) typed: [String; 2],
    /// The patterns of the exported tables; empty for all.
    pub(super) patterns: Vec<Pattern>,
    /// The absolute path of the output file; `None` for standard output.
    pub(super) output: Option<PathBuf>,
    /// True to overwrite an existing file.
    pub(super) force: bool,
}

impl ExportSettings {
    /// Resolves the settings: flags over environment over config.
    ///
    /// # Errors
    ///
    /// When the schema is not named or not found, a pattern is not a glob, or the format does not
    /// support the syntax.
    pub(super) fn resolve(args: &ExportArgs, session: &Session<'_>) -> Result<Self, CommandError> {
        let (config, env) = (session.config()?, session.env);
        let ExportArgs { format, tables, output, syntax, force } = args;
        let command = format!("mizzle export {} --tables", typed(format));
        let patterns = Pattern::read_all(tables, &command);
        let from_name = output.as_deref().and_then(syntax_of);
        let syntax = syntax.or(from_name).unwrap_or(syntaxes(*format)[0]);
        let written = written(*format, syntax).ok_or_else(|| not_written(*format, syntax))?;
        Ok(Self {
            schema: session.schema()?,
            environment: environment_of(config),
            format: written,
            typed: [typed(format), typed(&syntax)],
            patterns: patterns?,
            output: output
                .as_ref()
                .filter(|path| !is_standard_output(path))
                .map(|path| env.directory.join(path).components().collect()),
            force: *force,
        })
    }
}

/// Returns the syntaxes of a format, the default first.
fn syntaxes(format: ExportFormat) -> &'static [ExportSyntax] {
    match format {
        ExportFormat::CloudFormation => &[ExportSyntax::Yaml, ExportSyntax::Json],
        ExportFormat::Terraform => &[ExportSyntax::Hcl],
        ExportFormat::AwsCli => &[ExportSyntax::Json, ExportSyntax::Sh],
    }
}

/// True for `-`, as in many tools.
fn is_standard_output(path: &Path) -> bool {
    path == Path::new("-")
}

/// Returns the syntax that a file's extension stands for.
fn syntax_of(file: &Path) -> Option<ExportSyntax> {
    match file.extension()?.to_str()?.to_ascii_lowercase().as_str() {
        "yaml" | "yml" => Some(ExportSyntax::Yaml),
        "json" => Some(ExportSyntax::Json),
        "tf" | "hcl" => Some(ExportSyntax::Hcl),
        "sh" => Some(ExportSyntax::Sh),
        _ => None,
    }
}

fn written(format: ExportFormat, syntax: ExportSyntax) -> Option<Format> {
    match (format, syntax) {
        (ExportFormat::CloudFormation, ExportSyntax::Yaml) => Some(Format::CloudFormationYaml),
        (ExportFormat::CloudFormation, ExportSyntax::Json) => Some(Format::CloudFormationJson),
        (ExportFormat::Terraform, ExportSyntax::Hcl) => Some(Format::Terraform),
        (ExportFormat::AwsCli, ExportSyntax::Json) => Some(Format::AwsCliJson),
        (ExportFormat::AwsCli, ExportSyntax::Sh) => Some(Format::AwsCliScript),
        (ExportFormat::CloudFormation, ExportSyntax::Hcl | ExportSyntax::Sh)
        | (ExportFormat::Terraform, ExportSyntax::Yaml | ExportSyntax::Json | ExportSyntax::Sh)
        | (ExportFormat::AwsCli, ExportSyntax::Yaml | ExportSyntax::Hcl) => None,
    }
}

fn not_written(format: ExportFormat, syntax: ExportSyntax) -> CommandError {
    let possible: Vec<String> = syntaxes(format).iter().map(typed).collect();
    let message = format!("{} cannot be exported as {}", typed(&format), typed(&syntax));
    CommandError::new(ErrorKind::Usage, "invalid-syntax", message).hint(format!(
        "use another file extension, or pass --syntax {}",
        text::alternatives(&possible)
    ))
}

/// Returns a value as it is typed on the command line.
fn typed(value: &impl ValueEnum) -> String {
    value.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_of_writing_a_format_is_known() {
        for format in ExportFormat::value_variants() {
            for syntax in ExportSyntax::value_variants() {
                let is_possible = syntaxes(*format).contains(syntax);
                assert_eq!(
                    written(*format, *syntax).is_some(),
                    is_possible,
                    "{format:?} {syntax:?}"
                );
            }
        }
    }

    #[test]
    fn a_file_says_what_is_in_it() {
        for (file, syntax) in [
            ("tables.yml", Some(ExportSyntax::Yaml)),
            ("a.b/tables.template.JSON", Some(ExportSyntax::Json)),
            ("main.tf", Some(ExportSyntax::Hcl)),
            ("main.tf.json", Some(ExportSyntax::Json)),
            ("create.sh", Some(ExportSyntax::Sh)),
            ("tables.template", None),
            ("tables", None),
        ] {
            assert_eq!(syntax_of(Path::new(file)), syntax, "{file}");
        }
    }
}
