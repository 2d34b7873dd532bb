//! The options of every command.

use clap::{ArgAction, Args, ValueEnum};
use std::{ffi::OsString, path::PathBuf};

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
    /// Print one JSON document to standard output and never ask
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Answer yes to every confirmation
    #[arg(short, long, global = true)]
    pub(crate) yes: bool,
    /// Print more: causes, request ids, every wait
    #[arg(long, global = true, conflicts_with = "quiet")]
    pub(crate) verbose: bool,
    /// Print results and errors only
    #[arg(long, global = true)]
    pub(crate) quiet: bool,
    /// Write a log to a file, for bug reports (MIZZLE_LOG sets the level: debug, trace)
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) log_file: Option<PathBuf>,
    /// When to use colors
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: Color,
    /// The endpoint's URL, or `local` for the embedded DynamoDB
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) endpoint: Option<String>,
    /// The AWS region
    #[arg(long, global = true)]
    pub(crate) region: Option<String>,
    /// A profile of the AWS config files, or `none` to use environment variables
    #[arg(long, global = true)]
    pub(crate) profile: Option<String>,
    /// Print the version
    // `-V` is Rust's habit, `-v` that of Node's tools.
    #[arg(short = 'V', short_alias = 'v', long, global = true, action = ArgAction::Version)]
    version: Option<bool>,
}

impl Global {
    /// Reads the output options from an invalid command line.
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
            log_file: None,
            color: color.unwrap_or(Color::Auto),
            endpoint: None,
            region: None,
            profile: None,
            version: None,
        }
    }
}

/// When to use colors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}
