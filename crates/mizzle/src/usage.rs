//! Converts command-line errors to errors like any other.

mod neighbours;

use crate::{
    cli::Cli,
    env::Env,
    errors::{CommandError, ErrorKind},
};
use clap::{
    CommandFactory,
    error::{ContextKind, ContextValue, ErrorKind as ClapErrorKind},
};
use mizzle_core::text;
use std::{error::Error, num::ParseIntError};

/// Returns the command that a command line names, even if the rest is invalid.
pub(crate) fn command(env: &Env) -> Option<String> {
    let known = Cli::command();
    let mut given = env.arguments.iter().skip(1).filter_map(|argument| argument.to_str());
    let named = given.find_map(|given| known.find_subcommand(given))?;
    Some(named.get_name().to_owned())
}

/// Explains a command-line error.
pub(crate) fn explain(error: &clap::Error, command: Option<&str>) -> CommandError {
    let whole = command.map_or_else(|| "mizzle".to_owned(), |command| format!("mizzle {command}"));
    let mut explained = CommandError::new(ErrorKind::Usage, "usage", message(error, &whole));
    let suggestions =
        [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::SuggestedValue];
    let unknown = words(error, ContextKind::InvalidSubcommand).pop();
    match unknown.and_then(|command| neighbours::hint(&command)) {
        Some(hint) => explained = explained.hint(hint),
        None => {
            for name in suggestions.into_iter().flat_map(|kind| words(error, kind)) {
                explained.hint_once(&format!("did you mean {name:?}?"));
            }
        }
    }
    if explained.hints.is_empty() {
        explained.hints.extend(choices(error));
    }
    explained.hint(match command {
        Some(_) => format!("see {whole} --help"),
        None => "mizzle --help lists the commands".to_owned(),
    })
}

/// Returns the message, in mizzle's words if clap's error has enough details.
fn message(error: &clap::Error, whole: &str) -> String {
    let argument = words(error, ContextKind::InvalidArg);
    let value = words(error, ContextKind::InvalidValue).pop().unwrap_or_default();
    let found = match (error.kind(), argument.as_slice()) {
        (ClapErrorKind::DisplayHelpOnMissingArgumentOrSubcommand, _)
        | (ClapErrorKind::MissingSubcommand, _) => Some("No command is given".to_owned()),
        (ClapErrorKind::InvalidSubcommand, _) => {
            let name = words(error, ContextKind::InvalidSubcommand).pop();
            name.map(|name| format!("There is no command {name:?}"))
        }
        (ClapErrorKind::UnknownArgument, [name]) if name.starts_with('-') => {
            Some(format!("{whole} has no option {name:?}"))
        }
        (ClapErrorKind::UnknownArgument, [name]) => {
            Some(format!("{name:?} is an unexpected argument of {whole}"))
        }
        (ClapErrorKind::InvalidValue, [name]) if value.is_empty() => {
            Some(format!("{name} is given without its value"))
        }
        (ClapErrorKind::InvalidValue, [name]) => Some(format!("{value:?} is no value of {name}")),
        (ClapErrorKind::ValueValidation, [name]) => {
            let reason = error.source().map(reason).unwrap_or_default();
            Some(format!("{value:?} is no value of {name}{reason}"))
        }
        (ClapErrorKind::MissingRequiredArgument, missing @ [_, ..]) => {
            let is = if missing.len() == 1 { "is" } else { "are" };
            Some(format!("{} {is} missing", text::list(missing)))
        }
        (ClapErrorKind::ArgumentConflict, [name]) => {
            let others = words(error, ContextKind::PriorArg);
            let others = (!others.is_empty()).then(|| text::list(&others));
            others.map(|others| format!("{name} and {others} do not go together"))
        }
        _ => None,
    };
    found.unwrap_or_else(|| {
        let text = error.render().to_string();
        let first = text.lines().next().unwrap_or_default();
        text::capitalised(first.trim_start_matches("error: "))
    })
}

/// Returns the reason why a value is invalid, as the end of a sentence.
fn reason(error: &(dyn Error + 'static)) -> String {
    match error.downcast_ref::<ParseIntError>() {
        // The error's own message uses terms of a programming language.
        Some(_) => ": it has to be a whole number".to_owned(),
        None => format!(": {error}"),
    }
}

/// Returns the valid values.
fn choices(error: &clap::Error) -> Option<String> {
    match error.kind() {
        ClapErrorKind::InvalidValue => {
            let values = words(error, ContextKind::ValidValue);
            (!values.is_empty()).then(|| format!("give {}", text::alternatives(&values)))
        }
        _ => None,
    }
}

/// Returns the strings that clap attached to the error.
fn words(error: &clap::Error, kind: ContextKind) -> Vec<String> {
    match error.get(kind) {
        Some(ContextValue::String(word)) => vec![word.clone()],
        Some(ContextValue::Strings(words)) => words.clone(),
        Some(_) | None => Vec::new(),
    }
}
