//! The command line's shape. What it means is in `settings`.

use clap::{
    ArgGroup, Args, ColorChoice, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum,
};
use clap_complete::Shell;
use std::{ffi::OsString, path::PathBuf};

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
  mizzle init                    write a config, and a first schema
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
    /// A profile of the AWS config files, or `none` for what the environment has
    #[arg(long, global = true)]
    pub(crate) profile: Option<String>,
}

impl Global {
    /// How to talk about a command line that makes no sense: what can be read off it all the same.
    pub(crate) fn of_unusable(arguments: &[OsString]) -> Self {
        let has = |option: &str| arguments.iter().any(|argument| argument == option);
        let color = arguments.iter().enumerate().find_map(|(position, argument)| {
            let value = match argument.to_str()?.strip_prefix("--color")? {
                "" => arguments.get(position + 1)?.to_str()?,
                joined => joined.strip_prefix('=')?,
            };
            Color::from_str(value, false).ok()
        });
        Self {
            config: None,
            env: None,
            json: has("--json"),
            yes: false,
            verbose: has("--verbose"),
            quiet: has("--quiet"),
            color: color.unwrap_or(Color::Auto),
            endpoint: None,
            region: None,
            profile: None,
        }
    }
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
    /// Write a config, after a look at what is there
    Init(InitArgs),
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
    /// Change the ledger's entry of a migration by hand
    Resolve(ResolveArgs),
    /// Take the lock away from a runner that will not give it back
    Unlock,
    /// Write the schema of tables that are there already, and a first migration
    Pull(PullArgs),
    /// Write the tables in the words of CloudFormation, Terraform or the AWS CLI
    Export(ExportArgs),
    /// List the tables with their keys and indexes
    List(ListArgs),
    /// Delete tables, chosen from a list or named
    Drop(DropArgs),
    /// Serve the embedded DynamoDB on this machine
    Local(LocalArgs),
    /// Print a script that completes mizzle's commands and options in a shell
    Completions(CompletionsArgs),
}

impl Command {
    /// Whether it speaks with a person. What a shell reads at every start has to be silent.
    pub(crate) fn converses(&self) -> bool {
        !matches!(self, Self::Completions(_))
    }

    /// The command's name, as typed.
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

/// `mizzle init`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mizzle init                                             look, ask a few questions, write
  mizzle init --yes                                       look and write, with the embedded DynamoDB
  mizzle init --endpoint http://127.0.0.1:8000            for a server on this machine
  mizzle init --region eu-west-1 --profile work           for AWS
  mizzle init --schema \"./src/**/*.table.ts\" --force      write the config anew")]
pub(crate) struct InitArgs {
    /// The schema: a file, a folder or a glob, relative to the config; may be repeated [default: the
    /// files that make tables, else ./src/schema.ts or ./schema.ts]
    #[arg(long, value_name = "PATTERN")]
    pub(crate) schema: Vec<String>,
    /// The folder for migrations, relative to the config [default: ./migrations]
    #[arg(long, value_name = "FOLDER")]
    pub(crate) out: Option<String>,
    /// Write a first schema, when there is none [default: yes]
    #[arg(long, conflicts_with = "no_starter")]
    pub(crate) starter: bool,
    /// Write no schema
    #[arg(long)]
    pub(crate) no_starter: bool,
    /// Add .mizzle/ to .gitignore, with the embedded DynamoDB [default: yes]
    #[arg(long, conflicts_with = "no_gitignore")]
    pub(crate) gitignore: bool,
    /// Leave .gitignore as it is
    #[arg(long)]
    pub(crate) no_gitignore: bool,
    /// Write the config anew although there is one
    #[arg(long)]
    pub(crate) force: bool,
}

/// `mizzle generate`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mizzle generate                     write the next migration
  mizzle generate --name add_orders   under a name
  mizzle generate --custom            an empty script, for changes of items
  mizzle generate --replace Orders    although its items are lost: the key of Orders has changed
  mizzle generate --rebase            after a merge of two branches
  mizzle generate --undo              remove the newest migration, which was applied nowhere")]
pub(crate) struct GenerateArgs {
    /// The migration's name [default: made of the changes, or asked for on a terminal]
    #[arg(short, long)]
    pub(crate) name: Option<String>,
    /// Write an empty script, for changes of items
    #[arg(long)]
    pub(crate) custom: bool,
    /// Delete this table with its items and create it again, because its key or a local index has
    /// changed; may be repeated
    #[arg(long, value_name = "TABLE", conflicts_with = "custom")]
    pub(crate) replace: Vec<String>,
    /// After a merge, put the migrations of one branch behind those of the other [default: of the
    /// branch that comes last by number and name]
    #[arg(long, value_name = "MIGRATION", num_args = 0.., conflicts_with_all = ["name", "custom", "replace"])]
    pub(crate) rebase: Option<Vec<String>>,
    /// Remove the newest migration, if no environment has it in its ledger
    #[arg(long, conflicts_with_all = ["name", "custom", "replace", "rebase"])]
    pub(crate) undo: bool,
}

/// `mizzle migrate`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mizzle migrate --dry-run             the steps that would be run
  mizzle migrate --env production      run what is pending there
  mizzle migrate --to 3                nothing after migration 3
  mizzle migrate --down 1              undo the last one
  mizzle migrate --yes                 also where something is deleted, in a pipeline
  mizzle migrate --baseline            the tables are there: mark what made them as applied
  mizzle migrate --repair              bring the tables back to what the applied migrations say")]
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
    /// Bring the tables back to what the applied migrations say, and run no script
    #[arg(long, conflicts_with_all = ["to", "baseline"])]
    pub(crate) repair: bool,
    /// Undo the last migrations: run the `down` of so many scripts
    #[arg(
        long,
        value_name = "COUNT",
        num_args = 0..=1,
        default_missing_value = "1",
        value_parser = clap::value_parser!(u16).range(1..),
        conflicts_with_all = ["to", "baseline", "repair"]
    )]
    pub(crate) down: Option<u16>,
    /// Delete tables although they hold items
    #[arg(long, conflicts_with = "baseline")]
    pub(crate) accept_data_loss: bool,
    /// Take a backup of each table that is deleted first, and wait until it can be restored
    #[arg(long, conflicts_with = "baseline")]
    pub(crate) backup: bool,
}

/// `mizzle resolve`
#[derive(Debug, Args)]
#[command(
    group = ArgGroup::new("resolution").required(true),
    after_help = "\
Examples:
  mizzle resolve 0002 --accept-change      the script changed, and what it did did not
  mizzle resolve 0003 --applied            it was done by hand
  mizzle resolve 0003 --rolled-back        it was undone by hand, and is to be run again
  mizzle resolve 0001_init --forget        its script is gone on purpose"
)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
pub(crate) struct ResolveArgs {
    /// The migration, by its number or name
    #[arg(value_name = "MIGRATION")]
    pub(crate) migration: String,
    /// Accept the script of an applied migration as it is now
    #[arg(long, group = "resolution")]
    pub(crate) accept_change: bool,
    /// Mark it as applied, without running it
    #[arg(long, group = "resolution")]
    pub(crate) applied: bool,
    /// Mark it as pending, without running its `down`
    #[arg(long, group = "resolution")]
    pub(crate) rolled_back: bool,
    /// Remove it from the ledger; its script is no longer in the migrations folder
    #[arg(long, group = "resolution")]
    pub(crate) forget: bool,
}

/// `mizzle status`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mizzle status
  mizzle status --env production --exit-code   for a pipeline")]
pub(crate) struct StatusArgs {
    /// End with 3 when there is something to do
    #[arg(long)]
    pub(crate) exit_code: bool,
}

/// `mizzle push`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mizzle push --dry-run   the plan
  mizzle push             the plan, a question, and what was agreed to
  mizzle push --yes       without the question
  mizzle push --prune     also delete tables that the schema no longer has")]
pub(crate) struct PushArgs {
    /// Show the plan and change nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Delete the tables that the project's migrations once held and the schema no longer has
    #[arg(long)]
    pub(crate) prune: bool,
    /// Replace tables whose key or local indexes changed, and prune tables, although they hold items
    #[arg(long)]
    pub(crate) accept_data_loss: bool,
    /// Take a backup of each table that is deleted or replaced first, and wait until it can be restored
    #[arg(long)]
    pub(crate) backup: bool,
}

/// `mizzle pull`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mizzle pull                                 every table into the schema file of the config
  mizzle pull --tables 'Shop*' --split        some of them, a file each
  mizzle pull --infer-entities                also look at items and propose what they are
  mizzle pull --env production --no-baseline  write files, and nothing anywhere else
  mizzle pull --dry-run                       print the schema")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
pub(crate) struct PullArgs {
    /// Only tables whose names match, such as `Shop*`; with --env, also by their names in the schema;
    /// may be repeated
    #[arg(long, value_name = "PATTERN")]
    pub(crate) tables: Vec<String>,
    /// Write a file for each table
    #[arg(long)]
    pub(crate) split: bool,
    /// Read up to 500 items of each table and propose entities, for people to look through
    #[arg(long)]
    pub(crate) infer_entities: bool,
    /// Write schema files anew although they are there
    #[arg(long)]
    pub(crate) force: bool,
    /// Leave it to `mizzle migrate --baseline` to mark the first migration as applied
    #[arg(long)]
    pub(crate) no_baseline: bool,
    /// Print the schema and write nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// `mizzle export`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mizzle export cloudformation                        a template, on standard output
  mizzle export cloudformation -o tables.json         a template in JSON
  mizzle export terraform -o tables.tf --force        write the file anew
  mizzle export aws-cli --env staging -o tables.sh    a script that creates the tables of staging
  mizzle export terraform --tables 'Shop*'            only some tables")]
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
    /// How it is written [default: what the file's name says, else yaml for cloudformation, hcl for
    /// terraform, json for aws-cli]
    #[arg(long)]
    pub(crate) syntax: Option<ExportSyntax>,
    /// Write the file anew although there is one
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

/// How an export is written.
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

/// `mizzle list`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mizzle list                               every table, with keys and indexes
  mizzle list 'Shop*' --long                all that is known of tables of that name
  mizzle list --endpoint local              the embedded DynamoDB, also without a config
  mizzle list | awk -F '\\t' '$3 == \"GSI\"'   the GSIs: in a pipe, tabs separate the columns
  mizzle list --json                        whole definitions, for scripts")]
pub(crate) struct ListArgs {
    /// Only tables whose names match, such as `Shop*`; with --env, also by their names in the schema
    pub(crate) pattern: Option<String>,
    /// Also time to live, stream, recovery, protection, class, encryption, throughput, policy, tags
    /// and age, which takes up to five requests a table
    #[arg(long)]
    pub(crate) long: bool,
}

/// `mizzle drop`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mizzle drop                                      choose from a list, see what is lost, agree
  mizzle drop Orders Carts                         these two
  mizzle drop Orders --accept-data-loss            although it holds items
  mizzle drop Orders --accept-data-loss --backup   after a backup that can be restored
  mizzle drop Orders --yes --json                  in a script, if it is empty")]
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
    /// Delete tables although they hold items
    #[arg(long)]
    pub(crate) accept_data_loss: bool,
}

/// `mizzle local`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mizzle local               on http://127.0.0.1:8000
  mizzle local --port 0      on a free port, which is printed
  mizzle local --in-memory   nothing is kept")]
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

/// `mizzle completions`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mizzle completions bash > ~/.local/share/bash-completion/completions/mizzle
  mizzle completions zsh > \"${fpath[1]}/_mizzle\"
  mizzle completions fish > ~/.config/fish/completions/mizzle.fish
  mizzle completions powershell >> $PROFILE")]
pub(crate) struct CompletionsArgs {
    /// The shell
    pub(crate) shell: Shell,
}

/// Reads a command line. What clap itself prints, help above all, is coloured where its stream is a terminal,
/// unless `is_plain`.
pub(crate) fn parse(arguments: &[OsString], is_plain: bool) -> Result<Cli, clap::Error> {
    let color = if is_plain { ColorChoice::Never } else { ColorChoice::Auto };
    let mut command = Cli::command().color(color);
    let matches = command.try_get_matches_from_mut(arguments)?;
    Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
}

/// The script that completes mizzle's command line in a shell.
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

    /// Run with `UPDATE_EXPECT=1` to write the page anew.
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
