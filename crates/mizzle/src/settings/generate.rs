//! `mizzle generate`

use super::{
    ConnectionSettings, SchemaSettings, environment_of, limits, migrations_folder, options,
};
use crate::{
    cli::{GenerateArgs, Global},
    env::Env,
    errors::{CommandError, ErrorKind},
    project::{self, ConfigFile},
};
use mizzle_core::{config::Config, script};
use mizzle_eval::Limits;
use std::{collections::BTreeSet, path::PathBuf};

/// What `generate` runs with.
#[derive(Debug)]
pub(crate) struct GenerateSettings {
    /// The migrations folder, absolute.
    pub(crate) out: PathBuf,
    /// What is to be done in it.
    pub(crate) task: GenerateTask,
}

/// What `generate` is to do.
#[derive(Debug)]
pub(crate) enum GenerateTask {
    /// Write the next migration.
    Write(Box<WriteSettings>),
    /// Bring two branches into one line.
    Rebase(RebaseSettings),
    /// Remove the newest migration.
    Undo(UndoSettings),
}

/// Where the newest migration may have been applied.
#[derive(Debug)]
pub(crate) struct UndoSettings {
    /// The ledgers of the config: of each environment, and of none.
    pub(crate) places: Vec<Place>,
    /// The project's name: the one in `package.json`.
    pub(crate) project: Option<String>,
    /// Ask nothing.
    pub(crate) yes: bool,
}

/// A ledger.
#[derive(Debug)]
pub(crate) struct Place {
    /// The name of the environment; `None` for the top level of the config.
    pub(crate) environment: Option<String>,
    /// The server, or the reason why the config names none.
    pub(crate) connection: Result<ConnectionSettings, CommandError>,
    /// The table.
    pub(crate) ledger: String,
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
        // A config that has environments need not name a server beside them.
        let is_named = outer.connection.as_ref().is_ok_and(|connection| connection.is_named);
        if places.is_empty() || is_named {
            places.insert(0, outer);
        }
        Self { places, project: project::package_name(&file.root), yes: global.yes }
    }
}

/// How the next migration is written.
#[derive(Debug)]
pub(crate) struct WriteSettings {
    /// The schema.
    pub(crate) schema: SchemaSettings,
    /// The migration's name, when one was given: fit for a file name.
    pub(crate) name: Option<String>,
    /// An empty script, whatever the schema says.
    pub(crate) custom: bool,
    /// Tables that may be replaced, with their items.
    pub(crate) replace: BTreeSet<String>,
    /// Ask nothing.
    pub(crate) yes: bool,
    /// The command that runs the migration, as it is typed in this project.
    pub(crate) next: String,
}

/// How two branches are brought into one line. The schema has no part in it: right after a merge it
/// may not even load.
#[derive(Debug)]
pub(crate) struct RebaseSettings {
    /// Migrations of the branch that is to move, as they were named; none leaves the choice to the
    /// files.
    pub(crate) moved: Vec<String>,
    /// What the scripts may use.
    pub(crate) limits: Limits,
}

impl GenerateSettings {
    /// Flags over environment over config.
    ///
    /// # Errors
    ///
    /// When the schema is needed and not named or not there, or the given name has no letter or
    /// digit. `everywhere` is the config without an environment.
    pub(crate) fn resolve(
        args: &GenerateArgs,
        global: &Global,
        file: &ConfigFile,
        (config, everywhere): (&Config, &Config),
        env: &Env,
    ) -> Result<Self, CommandError> {
        let GenerateArgs { name, custom, replace, rebase, undo } = args;
        let task = match rebase {
            _ if *undo => GenerateTask::Undo(UndoSettings::resolve(global, file, everywhere, env)),
            Some(moved) => GenerateTask::Rebase(RebaseSettings {
                moved: moved.clone(),
                limits: limits(config, env)?,
            }),
            None => GenerateTask::Write(Box::new(WriteSettings {
                name: name.as_deref().map(sanitised).transpose()?,
                schema: SchemaSettings::resolve(file, config, env)?,
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
        Ok(Self { out: migrations_folder(file, config, env)?, task })
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
