//! The session of a command: config, environment, evaluator and server, each made when it is first asked
//! for.

use crate::{
    env::Env,
    errors::CommandError,
    global::Global,
    project::{self, ConfigFile},
    server::Target,
    settings::{self, ConnectionSettings, MigrationsSettings, SchemaSettings},
    signal::Interrupts,
    system,
    ui::{self, Ui},
};
use mizzle_core::config::Config;
use mizzle_engine::converge::Policy;
use mizzle_eval::Evaluator;
use std::{cell::OnceCell, collections::BTreeMap, path::PathBuf, sync::Arc};

/// The session of a command.
pub(crate) struct Session<'a> {
    /// The process's surroundings.
    pub(crate) env: &'a Env,
    /// The global options.
    pub(crate) global: &'a Global,
    /// The interrupts.
    pub(crate) interrupts: &'a Interrupts,
    /// The terminal.
    pub(crate) ui: &'a Ui,
    /// The name of the command.
    pub(crate) command: &'static str,
    file: OnceCell<ConfigFile>,
    configs: OnceCell<Configs>,
    /// The evaluator that reads the config.
    plain: OnceCell<Evaluator>,
    /// The evaluator of an environment with variables: modules are evaluated once, and those that the
    /// config has loaded have not seen the variables.
    with_variables: OnceCell<Evaluator>,
}

/// A config, without and with the chosen environment.
struct Configs {
    everywhere: Config,
    here: Config,
}

impl<'a> Session<'a> {
    /// A session in which nothing was asked for yet.
    pub(crate) fn new(
        env: &'a Env,
        global: &'a Global,
        interrupts: &'a Interrupts,
        ui: &'a Ui,
        command: &'static str,
    ) -> Self {
        Self {
            env,
            global,
            interrupts,
            ui,
            command,
            file: OnceCell::new(),
            configs: OnceCell::new(),
            plain: OnceCell::new(),
            with_variables: OnceCell::new(),
        }
    }

    /// Returns a session that reads all files again: evaluated code is loaded once.
    pub(crate) fn fresh(&self) -> Self {
        Self::new(self.env, self.global, self.interrupts, self.ui, self.command)
    }

    /// Returns the config file, or the place where it would be.
    ///
    /// # Errors
    ///
    /// When the one that was named does not exist.
    pub(crate) fn file(&self) -> Result<&ConfigFile, CommandError> {
        let find = || project::find_config(self.global.config.as_deref(), self.env);
        get_or_try_init(&self.file, find)
    }

    /// Returns the config in the chosen environment.
    ///
    /// # Errors
    ///
    /// When the file cannot be evaluated, a field is not what it should be, or there is no such
    /// environment.
    pub(crate) fn config(&self) -> Result<&Config, CommandError> {
        Ok(&self.configs()?.here)
    }

    /// Returns the config without an environment.
    ///
    /// # Errors
    ///
    /// As [`config`](Self::config).
    pub(crate) fn everywhere(&self) -> Result<&Config, CommandError> {
        Ok(&self.configs()?.everywhere)
    }

    fn configs(&self) -> Result<&Configs, CommandError> {
        get_or_try_init(&self.configs, || {
            let file = self.file()?;
            let everywhere = match &file.file {
                // A list needs no evaluator when there is no config.
                Some(path) => settings::read_config(path, self.plain(), self.env)?,
                None => Config::default(),
            };
            let here = settings::in_environment(everywhere.clone(), self.global, file, self.env)?;
            self.ui.set_verbose(settings::verbose(self.global, &here, self.env)?);
            Ok(Configs { everywhere, here })
        })
    }

    /// Returns the evaluator, whose code sees the variables of the chosen environment.
    ///
    /// # Errors
    ///
    /// As [`config`](Self::config).
    pub(crate) fn evaluator(&self) -> Result<&Evaluator, CommandError> {
        let variables = &self.config()?.environment.variables;
        Ok(match variables.is_empty() {
            true => self.plain(),
            false => self.with_variables.get_or_init(|| self.start_evaluator(variables)),
        })
    }

    fn plain(&self) -> &Evaluator {
        self.plain.get_or_init(|| self.start_evaluator(&BTreeMap::new()))
    }

    /// Starts an evaluator. Code finds the environment's name and variables in `process.env`.
    fn start_evaluator(&self, variables: &BTreeMap<String, String>) -> Evaluator {
        let mut seen = self.env.variables.clone();
        let named = settings::environment(self.global, self.env);
        seen.extend(named.map(|name| (settings::ENVIRONMENT.to_owned(), name.to_owned())));
        seen.extend(variables.clone());
        Evaluator::start(mizzle_eval::Options {
            working_directory: self.env.directory.clone(),
            environment: seen,
            console: Arc::new(ui::console_line),
        })
    }

    /// Returns the schema files and the way to evaluate them.
    ///
    /// # Errors
    ///
    /// When the schema is not named or not there.
    pub(crate) fn schema(&self) -> Result<SchemaSettings, CommandError> {
        SchemaSettings::resolve(self.file()?, self.config()?, self.env)
    }

    /// Returns the server, and how to reach it.
    ///
    /// # Errors
    ///
    /// When the endpoint, or something else of the connection, makes no sense.
    pub(crate) fn connection(&self) -> Result<ConnectionSettings, CommandError> {
        ConnectionSettings::resolve(self.global, self.file()?, self.config()?, self.env)
    }

    /// Returns the migrations folder.
    ///
    /// # Errors
    ///
    /// When it is a file.
    pub(crate) fn out(&self) -> Result<PathBuf, CommandError> {
        settings::migrations_folder(self.file()?, self.config()?, self.env)
    }

    /// Returns the migrations in the chosen environment. `command` is what the holder of the lock does.
    ///
    /// # Errors
    ///
    /// When the migrations folder is a file, or a variable is no number of seconds.
    pub(crate) fn migrations(
        &self,
        command: &str,
        policy: Policy,
    ) -> Result<MigrationsSettings, CommandError> {
        let (file, config) = (self.file()?, self.config()?);
        MigrationsSettings::resolve(command, policy, self.global, file, config, self.env)
    }

    /// Connects, does the work, and closes the connection, whatever came of the work.
    ///
    /// # Errors
    ///
    /// When the endpoint makes no sense, the embedded database cannot be opened, or the work fails.
    pub(crate) fn connected<R>(
        &self,
        connection: ConnectionSettings,
        work: impl AsyncFnOnce(&mut Target) -> Result<R, CommandError>,
    ) -> Result<R, CommandError> {
        let command_line = format!("mizzle {}", self.command);
        runtime()?.block_on(async {
            let mut target =
                Target::connect(connection, &command_line, &self.env.directory).await?;
            let result = work(&mut target).await;
            target.close().await;
            result
        })
    }
}

/// Starts the runtime of the network.
///
/// # Errors
///
/// When the system lets no thread start.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime, CommandError> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.worker_threads(2).thread_stack_size(system::NETWORK_STACK).enable_all();
    builder.build().map_err(|error| system::refused("Could not start the network threads", &error))
}

fn get_or_try_init<T>(
    cell: &OnceCell<T>,
    init: impl FnOnce() -> Result<T, CommandError>,
) -> Result<&T, CommandError> {
    if let Some(value) = cell.get() {
        return Ok(value);
    }
    let value = init()?;
    Ok(cell.get_or_init(|| value))
}
