//! `mizzle pull`

use super::{
    Admission, ConnectionSettings, Ledgers, MigrateSettings, Pattern, environment_of, limits,
    migrations_folder, options, schema_patterns,
};
use crate::{
    cli::{Global, MigrateArgs, PullArgs},
    env::Env,
    errors::CommandError,
    project::{self, ConfigFile, Packages},
};
use mizzle_core::{config::Config, model::AllTableSettings};
use mizzle_engine::Environment;
use mizzle_eval::Limits;
use std::path::PathBuf;

/// What `pull` runs with.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
pub(crate) struct PullSettings {
    /// Where the tables are.
    pub(crate) connection: ConnectionSettings,
    /// Which servers may be changed.
    pub(crate) admission: Admission,
    /// The environment.
    pub(crate) environment: Environment,
    /// What is never pulled.
    pub(crate) ledgers: Ledgers,
    /// Which tables are pulled; all when there is none.
    pub(crate) patterns: Vec<Pattern>,
    /// The config.
    pub(crate) config: PathBuf,
    /// The folder that paths in the config are relative to.
    pub(crate) root: PathBuf,
    /// What stands for the schema files in the config.
    pub(crate) schema: Vec<String>,
    /// What the config says of tables already.
    pub(crate) tables: AllTableSettings,
    /// The migrations folder.
    pub(crate) out: PathBuf,
    /// What evaluated code may use.
    pub(crate) limits: Limits,
    /// A file for each table.
    pub(crate) split: bool,
    /// Look at items.
    pub(crate) infer_entities: bool,
    /// Write files anew that are there.
    pub(crate) force: bool,
    /// How the first migration is marked as applied; `None` leaves it.
    pub(crate) baseline: Option<MigrateSettings>,
    /// Write nothing.
    pub(crate) dry_run: bool,
    /// Ask nothing.
    pub(crate) yes: bool,
    /// The packages of the project.
    pub(crate) packages: Packages,
    /// What `mizzle` needs on a command line to find the same config and environment.
    pub(crate) options: String,
}

impl PullSettings {
    /// Flags over environment over config.
    ///
    /// # Errors
    ///
    /// When there is no config, the schema is not named in it, or a pattern is not a glob.
    pub(crate) fn resolve(
        args: &PullArgs,
        global: &Global,
        file: &ConfigFile,
        config: &Config,
        env: &Env,
    ) -> Result<Self, CommandError> {
        let PullArgs { tables, split, infer_entities, force, no_baseline, dry_run } = args;
        let Some(path) = file.file.clone() else { return Err(project::missing_config(env)) };
        let patterns = Pattern::read_all(tables, "mizzle pull --tables");
        let baseline = MigrateArgs {
            dry_run: false,
            to: None,
            baseline: true,
            repair: false,
            down: None,
            accept_data_loss: false,
            backup: false,
        };
        let baseline = match no_baseline {
            true => None,
            false => Some(MigrateSettings::resolve(&baseline, global, file, config, env)?),
        };
        Ok(Self {
            connection: ConnectionSettings::resolve(global, file, config, env)?,
            admission: Admission::resolve(config),
            environment: environment_of(config),
            ledgers: Ledgers::resolve(config),
            patterns: patterns?,
            config: path,
            packages: project::packages(&file.root),
            root: file.root.clone(),
            schema: schema_patterns(file, config, env)?,
            tables: config.tables.clone(),
            out: migrations_folder(file, config, env)?,
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
