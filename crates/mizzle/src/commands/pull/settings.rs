//! The arguments and settings of `mizzle pull`.

use crate::{
    errors::CommandError,
    project::{self, Packages},
    selection::Pattern,
    session::Session,
    settings::{
        ConnectionSettings, Ledgers, MigrationsSettings, TargetPolicy, environment_of, limits,
        options, schema_patterns,
    },
};
use clap::Args;
use mizzle_core::model::AllTableSettings;
use mizzle_engine::{Environment, converge::Policy};
use mizzle_eval::Limits;
use std::path::PathBuf;

/// `mizzle pull`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mizzle pull                                 write every table to the schema file of the config
  mizzle pull --tables 'Shop*' --split        write some tables, a file each
  mizzle pull --infer-entities                also read items and propose entities
  mizzle pull --env production --no-baseline  write files only, and nothing to the database
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
    /// Read up to 500 items of each table and propose entities for review
    #[arg(long)]
    pub(crate) infer_entities: bool,
    /// Overwrite existing schema files
    #[arg(long)]
    pub(crate) force: bool,
    /// Leave it to `mizzle migrate --baseline` to mark the first migration as applied
    #[arg(long)]
    pub(crate) no_baseline: bool,
    /// Print the schema and write nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// The settings of a `pull` run.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
pub(super) struct PullSettings {
    /// The connection.
    pub(super) connection: ConnectionSettings,
    /// The servers that may be changed.
    pub(super) admission: TargetPolicy,
    /// The environment.
    pub(super) environment: Environment,
    /// The tables that are never pulled.
    pub(super) ledgers: Ledgers,
    /// The patterns of the pulled tables; empty for all.
    pub(super) patterns: Vec<Pattern>,
    /// The config.
    pub(super) config: PathBuf,
    /// The folder that paths in the config are relative to.
    pub(super) root: PathBuf,
    /// The patterns of the schema files in the config.
    pub(super) schema: Vec<String>,
    /// The table settings in the config.
    pub(super) tables: AllTableSettings,
    /// The migrations folder.
    pub(super) out: PathBuf,
    /// The limits on evaluated code.
    pub(super) limits: Limits,
    /// True to write a file for each table.
    pub(super) split: bool,
    /// True to sample items.
    pub(super) infer_entities: bool,
    /// True to overwrite existing files.
    pub(super) force: bool,
    /// The settings for marking the first migration as applied; `None` to leave it pending.
    pub(super) baseline: Option<MigrationsSettings>,
    /// True to write nothing.
    pub(super) dry_run: bool,
    /// True to skip questions.
    pub(super) yes: bool,
    /// The packages of the project.
    pub(super) packages: Packages,
    /// The options with which other `mizzle` commands find the same config and environment.
    pub(super) options: String,
}

impl PullSettings {
    /// Resolves the settings: flags over environment over config.
    ///
    /// # Errors
    ///
    /// When there is no config, the schema is not named in it, or a pattern is not a glob.
    pub(super) fn resolve(args: &PullArgs, session: &Session<'_>) -> Result<Self, CommandError> {
        let (global, file) = (session.global, session.file()?);
        let (config, env) = (session.config()?, session.env);
        let PullArgs { tables, split, infer_entities, force, no_baseline, dry_run } = args;
        let Some(path) = file.file.clone() else { return Err(project::missing_config(env)) };
        let patterns = Pattern::read_all(tables, "mizzle pull --tables");
        let baseline = match no_baseline {
            true => None,
            false => Some(session.migrations("mizzle migrate", Policy::default())?),
        };
        Ok(Self {
            connection: session.connection()?,
            admission: TargetPolicy::resolve(config),
            environment: environment_of(config),
            ledgers: Ledgers::resolve(config),
            patterns: patterns?,
            config: path,
            packages: project::packages(&file.root),
            root: file.root.clone(),
            schema: schema_patterns(file, config, env)?,
            tables: config.tables.clone(),
            out: session.out()?,
            limits: limits(config, env)?,
            split: *split,
            infer_entities: *infer_entities,
            force: *force,
            baseline,
            dry_run: *dry_run,
            yes: global.yes,
            options: options(global),
        })
    }
}
