//! The arguments and settings of `mizzle generate`.

use crate::{
    env::Env,
    errors::{CommandError, ErrorKind},
    global::Global,
    project::{self, ConfigFile},
    session::Session,
    settings::{ConnectionSettings, SchemaSettings, environment_of, limits, options},
};
use clap::Args;
use mizzle_core::{config::Config, script};
use mizzle_eval::Limits;
use std::{collections::BTreeSet, path::PathBuf};

/// `mizzle generate`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mizzle generate                     create the next migration
  mizzle generate --name add_orders   create it under a name
  mizzle generate --custom            create an empty script, for changes of items
  mizzle generate --replace Orders    replace Orders, whose key changed; its items are lost
  mizzle generate --rebase            reorder migrations after a merge of two branches
  mizzle generate --undo              remove the newest migration, which was applied nowhere")]
pub(crate) struct GenerateArgs {
    /// The migration's name [default: made from the changes; on a terminal, a question]
    #[arg(short, long)]
    pub(crate) name: Option<String>,
    /// Create an empty script, for changes of items
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

/// The settings of a `generate` run.
#[derive(Debug)]
pub(super) struct GenerateSettings {
    /// The migrations folder, absolute.
    pub(super) out: PathBuf,
    /// The task.
    pub(super) task: GenerateTask,
}

/// The task of a `generate` run.
#[derive(Debug)]
pub(super) enum GenerateTask {
    /// Write the next migration.
    Write(Box<WriteSettings>),
    /// Rebase one of two branches.
    Rebase(RebaseSettings),
    /// Remove the newest migration.
    Undo(UndoSettings),
}

/// The ledgers that may contain the newest migration.
#[derive(Debug)]
pub(super) struct UndoSettings {
    /// The ledgers of the config: one for each environment, and one without.
    pub(super) places: Vec<Place>,
    /// The project's name in `package.json`.
    pub(super) project: Option<String>,
    /// True to skip questions.
    pub(super) yes: bool,
}

/// A ledger.
#[derive(Debug)]
pub(super) struct Place {
    /// The name of the environment; `None` for the top level of the config.
    pub(super) environment: Option<String>,
    /// The server, or the reason why the config does not name one.
    pub(super) connection: Result<ConnectionSettings, CommandError>,
    /// The name of the ledger's table.
    pub(super) ledger: String,
}

impl UndoSettings {
    fn resolve(global: &Global, file: &ConfigFile, config: &Config, env: &Env) -> Self {
        let place = |config: &Config| {
            let environment = environment_of(config);
            Place {
                environment: environment.name,
                connection: ConnectionSettings::resolve(global, file, config, env),
                ledger: environment.ledger,
            }
        };
        let named = config.environments.keys().map(|name| {
            let here = config.clone().in_environment(name);
            here.map_or_else(|_| place(config), |here| place(&here))
        });
        let mut places: Vec<Place> = named.collect();
        let outer = place(config);
        // A config with environments may omit the server at its top level.
        let is_named = outer.connection.as_ref().is_ok_and(|connection| connection.is_named);
        if places.is_empty() || is_named {
            places.insert(0, outer);
        }
        Self { places, project: project::package_name(&file.root), yes: global.yes }
    }
}

/// The settings for writing the next migration.
#[derive(Debug)]
pub(super) struct WriteSettings {
    /// The schema.
    pub(super) schema: SchemaSettings,
    /// The migration's name, if one was given: valid in a file name.
    pub(super) name: Option<String>,
    /// True for an empty script, regardless of the schema.
    pub(super) custom: bool,
    /// Tables that may be replaced, with their items.
    pub(super) replace: BTreeSet<String>,
    /// True to skip questions.
    pub(super) yes: bool,
    /// The command that runs the migration, as it is typed in this project.
    pub(super) next: String,
}

/// The settings for rebasing. They do not include the schema: right after a merge it may not even
/// load.
#[derive(Debug)]
pub(super) struct RebaseSettings {
    /// Migrations of the branch that moves, as typed; if empty, the files decide.
    pub(super) moved: Vec<String>,
    /// The limits on the scripts.
    pub(super) limits: Limits,
}

impl GenerateSettings {
    /// Resolves the settings: flags over environment over config.
    ///
    /// # Errors
    ///
    /// When the schema is needed and not named or not found, or the given name contains no letter
    /// or digit.
    pub(super) fn resolve(
        args: &GenerateArgs,
        session: &Session<'_>,
    ) -> Result<Self, CommandError> {
        let (global, file) = (session.global, session.file()?);
        let (config, env) = (session.config()?, session.env);
        let GenerateArgs { name, custom, replace, rebase, undo } = args;
        let task = match rebase {
            _ if *undo => {
                GenerateTask::Undo(UndoSettings::resolve(global, file, session.everywhere()?, env))
            }
            Some(moved) => GenerateTask::Rebase(RebaseSettings {
                moved: moved.clone(),
                limits: limits(config, env)?,
            }),
            None => GenerateTask::Write(Box::new(WriteSettings {
                name: name.as_deref().map(sanitised).transpose()?,
                schema: session.schema()?,
                custom: *custom,
                replace: replace.iter().cloned().collect(),
                yes: global.yes,
                next: format!(
                    "{}{}",
                    project::packages(&file.root).command_line("migrate"),
                    options(global)
                ),
            })),
        };
        Ok(Self { out: session.out()?, task })
    }
}

fn sanitised(given: &str) -> Result<String, CommandError> {
    script::sanitised(given).ok_or_else(|| {
        CommandError::new(
            ErrorKind::Usage,
            "invalid-name",
            format!("{given:?} cannot be the name of a migration"),
        )
        .hint("use letters and digits: --name add_orders")
    })
}
