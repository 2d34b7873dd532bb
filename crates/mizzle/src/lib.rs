//! `mizzle` as a library: from a command line to an exit code.
//!
//! [`run`] connects the parts: it resolves the command line to settings, runs a command, and
//! renders its report for a person or as JSON.

mod admission;
mod cli;
mod clock;
mod commands;
#[cfg(test)]
mod config_types;
mod engine;
mod env;
mod errors;
mod exit;
mod explain;
mod global;
mod listing;
mod log;
mod memory;
mod paths;
mod process;
mod project;
mod render;
mod report;
mod schema;
mod selection;
mod server;
mod session;
mod settings;
mod signal;
mod system;
mod ui;
mod usage;
mod words;

pub use env::Env;
pub use exit::Exit;
pub use memory::Memory;
pub use system::STACK;

use clap::error::ErrorKind as ClapErrorKind;
use cli::Command;
use errors::{CommandError, ErrorKind};
use global::Global;
use report::{CompletionsReport, Report};
use session::Session;
use signal::Interrupts;
use ui::{Ui, Unwritten};

/// Runs one command line.
pub fn run(env: &Env) -> Exit {
    let cli = match cli::parse(&env.arguments, !env.interactive) {
        Ok(cli) => cli,
        Err(error) => return usage(&error, env),
    };
    let ui = Ui::new(&cli.global, env);
    let command = cli.command.name();
    let interrupts = Interrupts::install(ui.on_interrupt(render::interrupted(command, &ui)));
    if cli.command.converses() {
        ui.intro(&format!("mizzle {command}"));
    }
    let session = Session::new(env, &cli.global, &interrupts, &ui, command);
    let exit = match dispatch(&cli.command, &session) {
        Ok(Some(report)) => {
            render::show(&report, command, &ui);
            report.failure().map_or(Exit::Success, |failure| failure.kind.exit())
        }
        Ok(None) => Exit::Success,
        Err(error) => {
            render::show_error(&error, Some(command), &ui);
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

/// Returns the error for a result that could not be written.
fn unwritten(reason: &Unwritten) -> CommandError {
    let message = format!("Could not write the result to standard output: {reason}");
    CommandError::new(ErrorKind::Failed, "output-unwritable", message).hint(reason.hint())
}

/// Runs the command. `None` means that the command has already printed its result.
fn dispatch(command: &Command, session: &Session<'_>) -> Result<Option<Report>, CommandError> {
    log::start(session.global, session.env)?;
    system::prepare()?;
    Ok(Some(match command {
        Command::Init(args) => commands::init::run(args, session)?,
        Command::Check => commands::check::run(session)?,
        Command::Generate(args) => commands::generate::run(args, session)?,
        Command::Migrate(args) => commands::migrate::run(args, session)?,
        Command::Push(args) => commands::push::run(args, session)?,
        Command::Status(args) => commands::status::run(args, session)?,
        Command::Resolve(args) => commands::migrate::run_resolve(args, session)?,
        Command::Unlock => commands::unlock::run(session)?,
        Command::Pull(args) => commands::pull::run(args, session)?,
        Command::Export(args) => commands::export::run(args, session)?,
        Command::List(args) => commands::list::run(args, session)?,
        Command::Drop(args) => commands::drop::run(args, session)?,
        Command::Local(args) => {
            commands::local::run(args, session)?;
            return Ok(None);
        }
        Command::Completions(args) => {
            Report::Completions(CompletionsReport { script: cli::completions(args.shell) })
        }
    }))
}

/// Handles an invalid command line, or one that requests help.
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
    // If this output fails too, only the exit code reports the error.
    render::show_error(&error, command, &ui);
    error.kind.exit()
}
