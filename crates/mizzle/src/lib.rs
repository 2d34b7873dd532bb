//! `mizzle` as a library: from a command line to an exit code.
//!
//! [`run`] wires the parts together: the command line becomes settings, a command walks from the
//! schema to its result, and the report is told to a person or printed as JSON.

mod cli;
mod clock;
mod commands;
#[cfg(test)]
mod config_types;
mod env;
mod error;
mod exit;
mod memory;
mod process;
mod project;
mod report;
mod settings;
mod signal;
mod system;
mod target;
mod ui;
mod usage;

pub use env::Env;
pub use exit::Exit;
pub use memory::Memory;
pub use system::STACK;

use clap::error::ErrorKind as ClapErrorKind;
use cli::{Cli, Command, Global};
use error::{CommandError, ErrorKind};
use mizzle_core::config::Config;
use mizzle_eval::Evaluator;
use report::{CompletionsReport, Report};
use settings::{
    CheckSettings, ConnectionSettings, DropSettings, ExportSettings, GenerateSettings,
    InitSettings, ListSettings, LocalSettings, MigrateSettings, PullSettings, PushSettings,
    SchemaSettings, StatusSettings, UnlockSettings,
};
use signal::Interrupts;
use std::{cell::LazyCell, collections::BTreeMap, sync::Arc};
use target::Target;
use ui::{Ui, Unwritten};

/// Runs one command line.
pub fn run(env: &Env) -> Exit {
    let cli = match cli::parse(&env.arguments, !env.interactive) {
        Ok(cli) => cli,
        Err(error) => return usage(&error, env),
    };
    let mut ui = Ui::new(&cli.global, env);
    let command = cli.command.name();
    let interrupts = Interrupts::install(ui.farewell(command));
    if cli.command.converses() {
        ui.intro(&format!("mizzle {command}"));
    }
    let exit = match dispatch(&cli, &interrupts, env, &mut ui) {
        Ok(Some(report)) => {
            let failure = report.failure();
            if let Some(failure) = failure {
                ui.error(failure);
            }
            report.human(&ui);
            let (report, verbose) = (Some(report.as_ref()), ui.is_verbose());
            ui.document(&report::document(Some(command), report, failure, &env.directory, verbose));
            failure.map_or(Exit::Success, |failure| failure.kind.exit())
        }
        Ok(None) => Exit::Success,
        Err(error) => {
            ui.error(&error);
            ui.leave(&error);
            let verbose = ui.is_verbose();
            ui.document(&report::document(
                Some(command),
                None,
                Some(&error),
                &env.directory,
                verbose,
            ));
            error.kind.exit()
        }
    };
    match ui.unwritten() {
        None => exit,
        Some(reason) => {
            ui.error_without_document(&unwritten(reason));
            Exit::Failed
        }
    }
}

/// The error of a result that could not be written.
fn unwritten(reason: &Unwritten) -> CommandError {
    let message = format!("Could not write the result to standard output: {reason}");
    CommandError::new(ErrorKind::Failed, "output", message).hint(reason.hint())
}

/// Runs the command. `None` means that it has said everything already.
fn dispatch(
    cli: &Cli,
    interrupts: &Interrupts,
    env: &Env,
    ui: &mut Ui,
) -> Result<Option<Box<dyn Report>>, CommandError> {
    let Cli { global, command } = cli;
    system::prepare()?;
    if let Command::Completions(args) = command {
        let script = cli::completions(args.shell);
        return Ok(Some(Box::new(CompletionsReport { script })));
    }
    if let Command::Init(args) = command {
        let settings = InitSettings::resolve(args, global, env)?;
        let report = runtime()?.block_on(commands::init(&settings, ui))?;
        return Ok(Some(Box::new(report)));
    }
    let file = project::find_config(global.config.as_deref(), env)?;
    if let Command::Local(args) = command {
        let settings = LocalSettings::resolve(args, global, &file, env)?;
        commands::local(&settings, interrupts, ui)?;
        return Ok(None);
    }

    // Started by the first thing that is code: a list needs no engine when there is no config.
    let named = settings::environment(global, env);
    let evaluator = lazily(move || start_evaluator(env, named, &BTreeMap::new()));
    let config = match &file.file {
        Some(path) => settings::read_config(path, &evaluator, env)?,
        None => Config::default(),
    };
    let everywhere = config.clone();
    let config = settings::in_environment(config, global, &file, env)?;
    // Modules are evaluated once: what the config has loaded has not seen these.
    let variables = config.environment.variables.clone();
    let evaluator = match variables.is_empty() {
        true => evaluator,
        false => lazily(move || start_evaluator(env, named, &variables)),
    };
    ui.set_verbose(settings::verbose(global, &config, env)?);
    Ok(Some(match command {
        Command::Completions(_) | Command::Init(_) | Command::Local(_) => return Ok(None),
        Command::Check => {
            let settings = CheckSettings::resolve(&file, &config, env)?;
            Box::new(commands::check(&settings, &evaluator, ui)?)
        }
        Command::Generate(args) => {
            let configs = (&config, &everywhere);
            let settings = GenerateSettings::resolve(args, global, &file, configs, env)?;
            Box::new(commands::generate(&settings, &evaluator, &env.directory, ui)?)
        }
        Command::Export(args) => {
            let settings = ExportSettings::resolve(args, &file, &config, env)?;
            Box::new(commands::export(&settings, &evaluator, ui)?)
        }
        Command::Migrate(args) => {
            let settings = MigrateSettings::resolve(args, global, &file, &config, env)?;
            connected(settings.connection.clone(), command, env, async |target| {
                target.admit(&settings.admission).await?;
                commands::migrate(&settings, &evaluator, target, interrupts, ui).await
            })?
        }
        Command::Resolve(args) => {
            let settings = MigrateSettings::of_resolution(args, global, &file, &config, env)?;
            connected(settings.connection.clone(), command, env, async |target| {
                target.admit(&settings.admission).await?;
                commands::migrate(&settings, &evaluator, target, interrupts, ui).await
            })?
        }
        Command::Status(args) => {
            let settings = StatusSettings::resolve(args, global, &file, &config, env)?;
            Box::new(connected(settings.connection.clone(), command, env, async |target| {
                commands::status(&settings, &evaluator, target, ui).await
            })?)
        }
        Command::Unlock => {
            let settings = UnlockSettings::resolve(global, &file, &config, env)?;
            Box::new(connected(settings.connection.clone(), command, env, async |target| {
                target.admit(&settings.admission).await?;
                commands::unlock(&settings, target, ui).await
            })?)
        }
        Command::Push(args) => {
            let settings = PushSettings::resolve(args, global, &file, &config, env)?;
            let schema = commands::load_schema(&settings.schema, &evaluator, ui)?;
            let unexported = commands::Unexported::of(&schema, &evaluator);
            let schema = commands::environment::schema(schema, &settings.environment)?;
            let PushSettings { schema: _, connection, admission, out, environment, root, mode } =
                settings;
            Box::new(connected(connection, command, env, async |target| {
                target.admit(&admission).await?;
                let project = commands::Project {
                    schema: &schema,
                    unexported: &unexported,
                    root: &root,
                    out: &out,
                    environment: &environment,
                };
                commands::push(project, target, mode, interrupts, ui).await
            })?)
        }
        Command::Pull(args) => {
            let settings = PullSettings::resolve(args, global, &file, &config, env)?;
            // Files are evaluated once: what was written since needs an engine of its own.
            let reload = || {
                let evaluator = start_evaluator(env, named, &BTreeMap::new());
                let config = match &file.file {
                    Some(path) => settings::read_config(path, &evaluator, env)?,
                    None => Config::default(),
                };
                let config = settings::in_environment(config, global, &file, env)?;
                let schema = SchemaSettings::resolve(&file, &config, env)?;
                let variables = &config.environment.variables;
                let evaluator = match variables.is_empty() {
                    true => evaluator,
                    false => start_evaluator(env, named, variables),
                };
                Ok((evaluator, schema))
            };
            Box::new(connected(settings.connection.clone(), command, env, async |target| {
                commands::pull(&settings, &evaluator, &reload, target, interrupts, ui).await
            })?)
        }
        Command::List(args) => {
            let settings = ListSettings::resolve(args, global, &file, &config, env)?;
            Box::new(connected(settings.connection.clone(), command, env, async |target| {
                commands::list(&settings, target, ui).await
            })?)
        }
        Command::Drop(args) => {
            let settings = DropSettings::resolve(args, global, &file, &config, env, ui.can_ask())?;
            Box::new(connected(settings.connection.clone(), command, env, async |target| {
                target.admit(&settings.admission).await?;
                commands::drop(&settings, target, interrupts, ui).await
            })?)
        }
    }))
}

/// Connects, does the work, and closes what was opened for it, whatever came of the work.
fn connected<R>(
    settings: ConnectionSettings,
    command: &Command,
    env: &Env,
    work: impl AsyncFnOnce(&mut Target) -> Result<R, CommandError>,
) -> Result<R, CommandError> {
    let command_line = format!("mizzle {}", command.name());
    runtime()?.block_on(async {
        let mut target = Target::connect(settings, &command_line, &env.directory).await?;
        let result = work(&mut target).await;
        target.close().await;
        result
    })
}

/// An evaluator that is started by its first use.
fn lazily<'a>(
    start: impl FnOnce() -> Evaluator + 'a,
) -> LazyCell<Evaluator, Box<dyn FnOnce() -> Evaluator + 'a>> {
    LazyCell::new(Box::new(start))
}

/// Code finds the environment's name and variables in `process.env`.
fn start_evaluator(
    env: &Env,
    environment: Option<&str>,
    variables: &BTreeMap<String, String>,
) -> Evaluator {
    let mut seen = env.variables.clone();
    seen.extend(environment.map(|name| (settings::ENVIRONMENT.to_owned(), name.to_owned())));
    seen.extend(variables.clone());
    Evaluator::start(mizzle_eval::Options {
        working_directory: env.directory.clone(),
        environment: seen,
        console: Arc::new(ui::console_line),
    })
}

fn runtime() -> Result<tokio::runtime::Runtime, CommandError> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.worker_threads(2).thread_stack_size(system::NETWORK_STACK).enable_all();
    builder.build().map_err(|error| system::refused("Could not start the network threads", &error))
}

/// A command line that makes no sense, or one that asks for help.
fn usage(clap_error: &clap::Error, env: &Env) -> Exit {
    let global = Global::of_unusable(&env.arguments);
    let asks_for_help = !clap_error.use_stderr();
    let is_bare = clap_error.kind() == ClapErrorKind::DisplayHelpOnMissingArgumentOrSubcommand;
    if asks_for_help || (is_bare && !global.json) {
        return match ui::print_clap(clap_error) {
            Err(error) => {
                Ui::new(&global, env).error(&unwritten(&error.into()));
                Exit::Failed
            }
            Ok(()) if asks_for_help => Exit::Success,
            Ok(()) => Exit::Usage,
        };
    }
    let ui = Ui::new(&global, env);
    let command = usage::command(env);
    let command = command.as_deref();
    let error = usage::explain(clap_error, command);
    ui.intro(&command.map_or_else(|| "mizzle".to_owned(), |command| format!("mizzle {command}")));
    ui.error(&error);
    ui.leave(&error);
    // Where it cannot be written, the exit code has to do.
    ui.document(&report::document(command, None, Some(&error), &env.directory, ui.is_verbose()));
    error.kind.exit()
}
