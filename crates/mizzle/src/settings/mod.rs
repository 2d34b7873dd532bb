//! The settings that commands share: flags over environment over config over defaults. Settings of
//! a single command are defined beside that command.

mod connection;
mod environment;
mod migrations;

pub(crate) use connection::{
    ConnectionSettings, EMBEDDED, Endpoint, NO_PROFILE, TargetPolicy, database_file,
    expect_consistent, expect_no_connection,
};
pub(crate) use environment::{LEDGER, Ledgers, environment_of, no_environment};
pub(crate) use migrations::{MigrationsSettings, lease, owner};

use crate::{
    env::Env,
    errors::{CommandError, Diagnostic, ErrorKind},
    global::Global,
    paths,
    project::{self, ConfigFile, PathKind},
};
use mizzle_core::{
    config::{self, Config},
    model::AllTableSettings,
    redaction,
};
use mizzle_eval::{Evaluator, Limits};
use std::path::{Path, PathBuf};
use tracing::info_span;

/// The default migrations folder.
pub(crate) const DEFAULT_OUT: &str = "./migrations";

/// The default number of tables to process at the same time.
pub(crate) const DEFAULT_CONCURRENCY: usize = 16;

/// The documentation of the config's fields.
const FIELDS: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/docs/config.md");

/// The variable that names the environment.
pub(crate) const ENVIRONMENT: &str = "MIZZLE_ENV";

/// The schema files, and the settings for evaluating them.
#[derive(Debug)]
pub(crate) struct SchemaSettings {
    /// The files, sorted.
    pub(crate) files: Vec<PathBuf>,
    /// The limits on their evaluation.
    pub(crate) limits: Limits,
    /// True if warnings are errors.
    pub(crate) strict: bool,
    /// The config's settings of the tables, in addition to those in the files.
    pub(crate) tables: AllTableSettings,
}

/// Evaluates and checks a config file.
///
/// # Errors
///
/// When the file cannot be evaluated, or a field is invalid.
pub(crate) fn read_config(
    path: &Path,
    evaluator: &Evaluator,
    env: &Env,
) -> Result<Config, CommandError> {
    // The config may throw or log before its credentials are registered as secrets.
    if let Ok(source) = project::read_to_string(path) {
        redaction::remember_literals(&source);
    }
    let limits = limits(&Config::default(), env)?;
    let value = info_span!("evaluate", config = %path.display())
        .in_scope(|| evaluator.config(path, limits))?;
    config::read(&value).map_err(|mut problems| {
        let shown = paths::shown(path, &env.directory);
        let message = match problems.as_slice() {
            [one] => format!("{shown}: {one}"),
            many => format!("{shown} has {} problems", many.len()),
        };
        let mut error = CommandError::new(ErrorKind::Usage, "invalid-config", message);
        if let Some(last) = problems.iter_mut().rfind(|problem| problem.help.is_none()) {
            last.help = Some(format!("every field is described at {FIELDS}"));
        }
        error.hints = problems.iter().filter_map(|problem| problem.help.clone()).collect();
        if problems.len() == 1 {
            return error;
        }
        error.diagnostics = problems
            .into_iter()
            .map(|problem| Diagnostic {
                rule: None,
                message: problem.to_string(),
                locations: Vec::new(),
                help: problem.help.into_iter().collect(),
            })
            .collect();
        error
    })
}

/// Returns the requested environment: from the flag, or `MIZZLE_ENV`.
pub(crate) fn environment<'a>(global: &'a Global, env: &'a Env) -> Option<&'a str> {
    global.env.as_deref().or_else(|| env.variable(ENVIRONMENT))
}

/// Applies the chosen environment to the config.
///
/// # Errors
///
/// When the environment does not exist.
pub(crate) fn in_environment(
    config: Config,
    global: &Global,
    file: &ConfigFile,
    env: &Env,
) -> Result<Config, CommandError> {
    let Some(name) = environment(global, env) else { return Ok(config) };
    if file.file.is_none() {
        return Err(project::missing_config(env));
    }
    config.in_environment(name).map_err(|error| {
        let source = if global.env.is_some() { "--env" } else { ENVIRONMENT };
        CommandError::new(ErrorKind::Usage, "unknown-environment", error.to_string())
            .hint(error.hint)
            .hint(format!("{source} names it"))
    })
}

impl SchemaSettings {
    /// Resolves the settings: environment over config.
    ///
    /// # Errors
    ///
    /// When the schema is not named or not found.
    pub(crate) fn resolve(
        file: &ConfigFile,
        config: &Config,
        env: &Env,
    ) -> Result<Self, CommandError> {
        let patterns = schema_patterns(file, config, env)?;
        Ok(Self {
            files: project::find_schema_files(&patterns, &file.root, &env.directory)?,
            limits: limits(config, env)?,
            strict: boolean(env, "MIZZLE_STRICT")?.or(config.strict).unwrap_or(false),
            tables: config.tables.clone(),
        })
    }
}

/// Returns the patterns of the schema files: at least one file, folder or glob.
///
/// # Errors
///
/// When there is no pattern.
pub(crate) fn schema_patterns(
    file: &ConfigFile,
    config: &Config,
    env: &Env,
) -> Result<Vec<String>, CommandError> {
    let patterns = match env.variable("MIZZLE_SCHEMA") {
        Some(pattern) => vec![pattern.to_owned()],
        None => config.schema.clone(),
    };
    if patterns.is_empty() {
        let Some(path) = &file.file else { return Err(project::missing_config(env)) };
        let shown = paths::shown(path, &env.directory);
        return Err(CommandError::new(
            ErrorKind::Usage,
            "invalid-config",
            format!("{shown}: `schema` is missing"),
        )
        .hint("name the schema files: schema: \"./src/schema.ts\", or set MIZZLE_SCHEMA"));
    }
    Ok(patterns)
}

/// Returns the absolute path of the migrations folder.
///
/// # Errors
///
/// When the path is not a folder, or cannot be read.
pub(crate) fn migrations_folder(
    file: &ConfigFile,
    config: &Config,
    env: &Env,
) -> Result<PathBuf, CommandError> {
    let out = env.variable("MIZZLE_OUT").or(config.out.as_deref()).unwrap_or(DEFAULT_OUT);
    let out: PathBuf = file.root.join(out).components().collect();
    match PathKind::of(&out) {
        PathKind::Missing | PathKind::Folder => Ok(out),
        kind @ (PathKind::File | PathKind::Other(_) | PathKind::Unreadable(_)) => {
            let shown = paths::shown(&out, &env.directory);
            let message = format!("`out` names {shown}, which {}", kind.predicate());
            Err(CommandError::new(ErrorKind::Usage, "invalid-config", message)
                .hint("name the folder for the migrations: out: \"./migrations\""))
        }
    }
}

/// True for verbose output.
///
/// # Errors
///
/// When `MIZZLE_VERBOSE` is neither true nor false.
pub(crate) fn verbose(global: &Global, config: &Config, env: &Env) -> Result<bool, CommandError> {
    Ok(global.verbose
        || (!global.quiet && boolean(env, "MIZZLE_VERBOSE")?.or(config.verbose).unwrap_or(false)))
}

pub(crate) fn limits(config: &Config, env: &Env) -> Result<Limits, CommandError> {
    let default = Limits::default();
    let time = seconds(env, "MIZZLE_TIME_LIMIT")?.or(config.evaluation.time_limit);
    Ok(Limits {
        time: time.unwrap_or(default.time),
        memory: config.evaluation.memory_limit.unwrap_or(default.memory),
    })
}

/// Reads a variable with a number of seconds, up to an hour.
fn seconds(env: &Env, name: &str) -> Result<Option<std::time::Duration>, CommandError> {
    let Some(text) = env.variable(name) else { return Ok(None) };
    let longest = config::LONGEST_TIME.as_secs_f64();
    let seconds = text.parse().ok().filter(|seconds| *seconds > 0.0 && *seconds <= longest);
    let seconds = seconds.ok_or_else(|| {
        CommandError::new(
            ErrorKind::Usage,
            "invalid-environment",
            format!("{name} must be a number of seconds above 0 and up to 3600, but is {text:?}"),
        )
        .hint(format!("set it to one, such as {name}=10, or unset it"))
    })?;
    Ok(Some(std::time::Duration::from_secs_f64(seconds)))
}

/// Reads a variable with a boolean.
fn boolean(env: &Env, name: &str) -> Result<Option<bool>, CommandError> {
    let Some(text) = env.variable(name) else { return Ok(None) };
    match text.to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" | "on" => Ok(Some(true)),
        "0" | "false" | "no" | "off" => Ok(Some(false)),
        _ => Err(CommandError::new(
            ErrorKind::Usage,
            "invalid-environment",
            format!("{name} must be true or false, but is {text:?}"),
        )
        .hint("set it to one of them, or unset it")),
    }
}

/// Returns the given global options that locate the config or the server.
pub(crate) fn options(global: &Global) -> String {
    let config = global.config.as_ref().map(|path| path.display().to_string());
    let given = [
        ("--config", config.as_ref()),
        ("--env", global.env.as_ref()),
        ("--endpoint", global.endpoint.as_ref()),
        ("--region", global.region.as_ref()),
        ("--profile", global.profile.as_ref()),
    ];
    let given = given.into_iter().filter_map(|(flag, value)| Some(format!(" {flag} {}", value?)));
    given.collect()
}
