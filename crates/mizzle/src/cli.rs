//! The command line: the global options, and the arguments of each command.

use crate::{commands, global::Global};
use clap::{ColorChoice, CommandFactory, FromArgMatches, Parser, Subcommand};
use clap_complete::Shell;
use std::ffi::OsString;

/// Migrations for DynamoDB from TypeScript schemas.
#[derive(Debug, Parser)]
#[command(name = "mizzle", version, about, propagate_version = true, disable_version_flag = true)]
#[command(
    arg_required_else_help = true,
    after_help = "\
Examples:
  mizzle init                    create a config and a first schema
  mizzle push --yes              apply the schema without asking
  mizzle generate                create the next migration
  mizzle list --endpoint local   list the tables of the embedded DynamoDB"
)]
pub(crate) struct Cli {
    /// Options of every command.
    #[command(flatten)]
    pub(crate) global: Global,
    /// The command.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Create a config by inspecting the project
    Init(commands::InitArgs),
    /// Validate the migrations, without a server
    Check,
    /// Compare the schema with the newest snapshot and create the next migration
    Generate(commands::GenerateArgs),
    /// Apply pending migrations
    Migrate(commands::MigrateArgs),
    /// Apply the schema to the database directly
    Push(commands::PushArgs),
    /// Show applied and pending migrations, and drift
    Status(commands::StatusArgs),
    /// Correct the record of a migration in the ledger
    Resolve(commands::ResolveArgs),
    /// Release a stale migration lock
    Unlock,
    /// Generate a schema from existing tables, and a first migration
    Pull(commands::PullArgs),
    /// Export tables as CloudFormation, Terraform or AWS CLI commands
    Export(commands::ExportArgs),
    /// List tables with their keys and indexes
    List(commands::ListArgs),
    /// Delete tables, selected from a list or named
    Drop(commands::DropArgs),
    /// Run the embedded DynamoDB on this machine
    Local(commands::LocalArgs),
    /// Print a shell completion script
    Completions(commands::CompletionsArgs),
}

impl Command {
    /// True if the command prints messages for a person. A script that a shell reads at every start
    /// has to be silent.
    pub(crate) fn converses(&self) -> bool {
        !matches!(self, Self::Completions(_))
    }

    /// Returns the command's name, as typed.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Init(_) => "init",
            Self::Check => "check",
            Self::Generate(_) => "generate",
            Self::Migrate(_) => "migrate",
            Self::Push(_) => "push",
            Self::Status(_) => "status",
            Self::Resolve(_) => "resolve",
            Self::Unlock => "unlock",
            Self::Pull(_) => "pull",
            Self::Export(_) => "export",
            Self::List(_) => "list",
            Self::Drop(_) => "drop",
            Self::Local(_) => "local",
            Self::Completions(_) => "completions",
        }
    }
}

/// Parses a command line. Clap's own output, mainly help, is coloured if its stream is a terminal,
/// unless `is_plain`.
pub(crate) fn parse(arguments: &[OsString], is_plain: bool) -> Result<Cli, clap::Error> {
    let color = if is_plain { ColorChoice::Never } else { ColorChoice::Auto };
    let mut command = Cli::command().color(color);
    let matches = command.try_get_matches_from_mut(arguments)?;
    Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
}

/// Returns the script that completes mizzle's command line in a shell.
pub(crate) fn completions(shell: Shell) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "mizzle", &mut script);
    String::from_utf8_lossy(&script).into_owned()
}

#[cfg(test)]
mod tests {
    use super::Cli;
    use clap::{Arg, CommandFactory};
    use std::fmt::Write;

    /// Run with `UPDATE_EXPECT=1` to write the page again.
    #[test]
    fn the_reference_is_what_the_command_line_says() {
        let mut command = Cli::command().term_width(100);
        command.build();
        let mut page = "# Reference of the command line\n\nWhat `mizzle --help` and `mizzle <command> --help` say. The global options fit every command.\n[cli.md](cli.md) says what scripts may rely on.\n".to_owned();
        let mut section = |name: &str, help: &clap::builder::StyledStr| {
            writeln!(page, "\n## {name}\n\n```\n{}\n```", help.to_string().trim_end()).unwrap();
        };
        section("mizzle", &command.render_help());
        for subcommand in command.get_subcommands_mut() {
            let name = format!("mizzle {}", subcommand.get_name());
            let is_global = |arg: &Arg| arg.is_global_set() || arg.get_id() == "version";
            let mut own = subcommand.clone().mut_args(|arg| {
                let hide = is_global(&arg);
                arg.hide(hide)
            });
            section(&name, &own.render_help());
        }
        expect_test::expect_file!["../../../docs/reference.md"].assert_eq(&page);
    }

    #[test]
    fn the_command_line_makes_sense() {
        Cli::command().debug_assert();
    }
}
