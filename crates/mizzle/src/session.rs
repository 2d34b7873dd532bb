//! The session of a command: config, environment, evaluator and server, each created on first use.

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
    /// The environment of the process.
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
    /// The evaluator of an environment with variables: modules are evaluated once, and those that
    /// the config loaded were evaluated without the variables.
    with_variables: OnceCell<Evaluator>,
}

/// A config, without and with the chosen environment.
struct Configs {
    everywhere: Config,
    here: Config,
}

impl<'a> Session<'a> {
    /// Creates a session in which nothing is loaded yet.
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

    /// Returns a session that loads all files again: an evaluator loads each module only once.
    pub(crate) fn fresh(&self) -> Self {
        Self::new(self.env, self.global, self.interrupts, self.ui, self.command)
    }

    /// Returns the config file, or its default location.
    ///
    /// # Errors
    ///
    /// When the named file does not exist.
    pub(crate) fn file(&self) -> Result<&ConfigFile, CommandError> {
        let find = || project::find_config(self.global.config.as_deref(), self.env);
        get_or_try_init(&self.file, find)
    }

    /// Returns the config in the chosen environment.
    ///
    /// # Errors
    ///
    /// When the file cannot be evaluated, a field is invalid, or the environment does not exist.
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
                // Without a config, commands such as `list` need no evaluator.
                Some(path) => settings::read_config(path, self.plain(), self.env)?,
                None => Config::default(),
            };
            let here = settings::in_environment(everywhere.clone(), self.global, file, self.env)?;
            self.ui.set_verbose(settings::verbose(self.global, &here, self.env)?);
            Ok(Configs { everywhere, here })
        })
    }

    /// Returns the evaluator, whose `process.env` contains the variables of the chosen environment.
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

    /// Starts an evaluator. Evaluated code finds the environment's name and variables in
    /// `process.env`.
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

    /// Returns the schema files and the settings for evaluating them.
    ///
    /// # Errors
    ///
    /// When the schema is not named or not found.
    pub(crate) fn schema(&self) -> Result<SchemaSettings, CommandError> {
        SchemaSettings::resolve(self.file()?, self.config()?, self.env)
    }

    /// Returns the settings of the connection.
    ///
    /// # Errors
    ///
    /// When the endpoint, or another setting of the connection, is invalid.
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

    /// Returns the migrations in the chosen environment. `command` describes the holder of the
    /// lock.
    ///
    /// # Errors
    ///
    /// When the migrations folder is a file, or a variable is not a number of seconds.
    pub(crate) fn migrations(
        &self,
        command: &str,
        policy: Policy,
    ) -> Result<MigrationsSettings, CommandError> {
        let (file, config) = (self.file()?, self.config()?);
        MigrationsSettings::resolve(command, policy, self.global, file, config, self.env)
    }

    /// Connects, runs `work`, and closes the connection even if `work` fails.
    ///
    /// # Errors
    ///
    /// When the endpoint is invalid, the embedded database cannot be opened, or `work` fails.
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

/// Starts the asynchronous runtime.
///
/// # Errors
///
/// When the system refuses to start a thread.
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
