//! `mizzle generate`

use super::{SchemaSettings, limits, migrations_folder, options};
use crate::{
    cli::{GenerateArgs, Global},
    env::Env,
    error::{CommandError, ErrorKind},
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
    /// digit.
    pub(crate) fn resolve(
        args: &GenerateArgs,
        global: &Global,
        file: &ConfigFile,
        config: &Config,
        env: &Env,
    ) -> Result<Self, CommandError> {
        let GenerateArgs { name, custom, replace, rebase } = args;
        let task = match rebase {
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
