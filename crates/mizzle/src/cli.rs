//! The command line's shape. What it means is in `settings`.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Migrations for DynamoDB from TypeScript schemas.
#[derive(Debug, Parser)]
#[command(
    name = "mizzle",
    version,
    about,
    propagate_version = true,
    disable_help_subcommand = true
)]
#[command(
    arg_required_else_help = true,
    after_help = "\
Examples:
  mizzle push --yes              bring the tables to the schema, without a question
  mizzle generate                write the next migration
  mizzle list --endpoint local   what is in the embedded DynamoDB"
)]
pub(crate) struct Cli {
    /// Options of every command.
    #[command(flatten)]
    pub(crate) global: Global,
    /// The command.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options of every command.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// The config file [default: mizzle.config.ts, .mts, .js, .mjs or .json]
    #[arg(short, long, global = true, value_name = "PATH")]
    pub(crate) config: Option<PathBuf>,
    /// An environment of the config
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) env: Option<String>,
    /// Print one JSON document on standard output, and ask nothing
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Answer yes to every confirmation
    #[arg(short, long, global = true)]
    pub(crate) yes: bool,
    /// Say more: causes, request ids, every wait
    #[arg(long, global = true, conflicts_with = "quiet")]
    pub(crate) verbose: bool,
    /// Say only what matters: results and errors
    #[arg(long, global = true)]
    pub(crate) quiet: bool,
    /// When to use colours
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: Color,
    /// The endpoint's URL, or `local` for the embedded DynamoDB
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) endpoint: Option<String>,
    /// The AWS region
    #[arg(long, global = true)]
    pub(crate) region: Option<String>,
    /// A profile of the AWS config files
    #[arg(long, global = true)]
    pub(crate) profile: Option<String>,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check that the migrations are sound, without asking any server
    Check,
    /// Compare the schema with the newest snapshot and write the next migration
    Generate(GenerateArgs),
    /// Run the migration scripts that were not run yet
    Migrate(MigrateArgs),
    /// Bring the tables to the state that the schema describes
    Push(PushArgs),
    /// Show which migrations were run, and what the tables have beside them
    Status(StatusArgs),
    /// Take the lock away from a runner that will not give it back
    Unlock,
    /// List the tables with their keys and indexes
    List(ListArgs),
    /// Delete tables, chosen from a list or named
    Drop(DropArgs),
    /// Serve the embedded DynamoDB on this machine
    Local(LocalArgs),
}

impl Command {
    /// The command's name, as typed.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Check => "check",
            Self::Generate(_) => "generate",
            Self::Migrate(_) => "migrate",
            Self::Push(_) => "push",
            Self::Status(_) => "status",
            Self::Unlock => "unlock",
            Self::List(_) => "list",
            Self::Drop(_) => "drop",
            Self::Local(_) => "local",
        }
    }
}

/// `mizzle generate`
#[derive(Debug, Args)]
pub(crate) struct GenerateArgs {
    /// The migration's name [default: made of the changes, or asked for on a terminal]
    #[arg(short, long)]
    pub(crate) name: Option<String>,
    /// Write an empty script, for changes of items
    #[arg(long)]
    pub(crate) custom: bool,
    /// After a merge, put the migrations of one branch behind those of the other [default: of the
    /// branch that comes last by number and name]
    #[arg(long, value_name = "MIGRATION", num_args = 0.., conflicts_with_all = ["name", "custom"])]
    pub(crate) rebase: Option<Vec<String>>,
}

/// `mizzle migrate`
#[derive(Debug, Args)]
pub(crate) struct MigrateArgs {
    /// Show the steps of every script that would be run, and change nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Run no script after this one, given by its number or name
    #[arg(long, value_name = "MIGRATION")]
    pub(crate) to: Option<String>,
    /// Mark scripts as applied whose effects are there already, and run none
    #[arg(long)]
    pub(crate) baseline: bool,
    /// Undo the last migrations: run the `down` of so many scripts
    #[arg(
        long,
        value_name = "COUNT",
        num_args = 0..=1,
        default_missing_value = "1",
        value_parser = clap::value_parser!(u16).range(1..),
        conflicts_with_all = ["to", "baseline"]
    )]
    pub(crate) down: Option<u16>,
}

/// `mizzle status`
#[derive(Debug, Args)]
pub(crate) struct StatusArgs {
    /// End with 3 when there is something to do
    #[arg(long)]
    pub(crate) exit_code: bool,
}

/// `mizzle push`
#[derive(Debug, Args)]
pub(crate) struct PushArgs {
    /// Show the plan and change nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Delete the tables that the project's migrations once held and the schema no longer has
    #[arg(long)]
    pub(crate) prune: bool,
    /// Replace tables whose key or local indexes changed, although their items are lost
    #[arg(long)]
    pub(crate) accept_data_loss: bool,
}

/// `mizzle list`
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// Only tables whose names match, such as `Shop*`
    pub(crate) pattern: Option<String>,
}

/// `mizzle drop`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mizzle drop                       choose from a list, see what is lost, agree
  mizzle drop Orders Carts          these two
  mizzle drop Orders --backup       after a backup that can be restored
  mizzle drop Orders --yes --json   in a script")]
pub(crate) struct DropArgs {
    /// The tables, as `mizzle list` names them [default: chosen from a list on a terminal]
    #[arg(value_name = "TABLE")]
    pub(crate) tables: Vec<String>,
    /// Take a backup of each table first, and wait until it can be restored
    #[arg(long)]
    pub(crate) backup: bool,
    /// Also delete tables that are protected against it
    #[arg(long)]
    pub(crate) unprotect: bool,
}

/// `mizzle local`
#[derive(Debug, Args)]
pub(crate) struct LocalArgs {
    /// The port on 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = 8000)]
    pub(crate) port: u16,
    /// The database file [default: .mizzle/local.db beside the config]
    #[arg(long, conflicts_with = "in_memory")]
    pub(crate) path: Option<PathBuf>,
    /// Keep nothing after the end
    #[arg(long)]
    pub(crate) in_memory: bool,
}
