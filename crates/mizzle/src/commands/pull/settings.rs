//! The arguments and settings of `mizzle pull`.

use crate::{
    errors::CommandError,
    project::{self, Packages},
    selection::Pattern,
    session::Session,
    settings::{
        Admission, ConnectionSettings, Ledgers, MigrationsSettings, environment_of, limits,
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

/// What `pull` runs with.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
pub(super) struct PullSettings {
    /// Where the tables are.
    pub(super) connection: ConnectionSettings,
    /// Which servers may be changed.
    pub(super) admission: Admission,
    /// The environment.
    pub(super) environment: Environment,
    /// What is never pulled.
    pub(super) ledgers: Ledgers,
    /// Which tables are pulled; all when there is none.
    pub(super) patterns: Vec<Pattern>,
    /// The config.
    pub(super) config: PathBuf,
    /// The folder that paths in the config are relative to.
    pub(super) root: PathBuf,
    /// What stands for the schema files in the config.
    pub(super) schema: Vec<String>,
    /// What the config says of tables already.
    pub(super) tables: AllTableSettings,
    /// The migrations folder.
    pub(super) out: PathBuf,
    /// What evaluated code may use.
    pub(super) limits: Limits,
    /// A file for each table.
    pub(super) split: bool,
    /// Look at items.
    pub(super) infer_entities: bool,
    /// Write files anew that are there.
    pub(super) force: bool,
    /// How the first migration is marked as applied; `None` leaves it.
    pub(super) baseline: Option<MigrationsSettings>,
    /// Write nothing.
    pub(super) dry_run: bool,
    /// Ask nothing.
    pub(super) yes: bool,
    /// The packages of the project.
    pub(super) packages: Packages,
    /// What `mizzle` needs on a command line to find the same config and environment.
    pub(super) options: String,
}

impl PullSettings {
    /// Flags over environment over config.
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
            admission: Admission::resolve(config),
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
