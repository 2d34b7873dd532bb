//! Migration scripts: their functions, and the errors of a script that fails.
//!
//! The calls of a script are those of its `db`. Their methods are
//!
//! - the control plane: `createTable`, `updateTable`, `deleteTable`, and the calls of settings,
//!   such as `updateTimeToLive`
//! - data: `get`, `put`, `update`, `delete`, `query`, `scan`, `batchGet`, `batchWrite`,
//!   `transactWrite`
//!
//! Requests have the shape of DynamoDB's low-level API; values of items are `AttributeValue`s,
//! binary ones in base64. Replies and the fields of errors (the `CancellationReasons` of a
//! transaction, the `Item` that failed a condition) have that shape too, and the script receives
//! them with native values. The name of an error is the service's code, such as
//! `ConditionalCheckFailedException`.

use crate::product::MIGRATION;
use mizzle_js::{
    CallError, Ended, Engine, EvalError, EvalErrorKind, ForgottenCall, Graph, Limits, Options,
    Port, Task,
};
use serde_json::json;
use std::path::Path;
use std::sync::Arc;

/// The part of the prelude that calls a script's function.
const PART: &str = "script/run";

/// The maximum number of calls or names in a hint.
const MAX_SHOWN: usize = 5;

/// The direction of a migration run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Forward: the script's `up`.
    Up,
    /// Back: the script's `down`.
    Down,
}

impl Direction {
    /// Returns the name of the script's exported function for this direction.
    pub fn function(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
        }
    }
}

/// The properties of a run that a script can read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ScriptFacts {
    /// `db.env`: the name of the environment.
    pub environment: Option<String>,
    /// `db.dryRun`: true if its calls are only shown. Then timers run without waiting, and the time
    /// limit is for the whole run.
    pub dry_run: bool,
}

/// Runs a function of a script, on the thread of the script.
pub(crate) fn migrate(
    graph: &Arc<Graph>,
    options: &Options,
    file: &Path,
    direction: Direction,
    facts: &ScriptFacts,
    limits: Limits,
    port: &Port,
) -> Result<(), EvalError> {
    let files = [file.to_path_buf()];
    graph.crawl(&files);
    graph.check(&files).map_err(|error| match graph.known(file) {
        Some(entry) => with_hint_on_its_origin(error, &entry.text),
        None => error,
    })?;
    let mut engine = Engine::start(graph.clone(), options, &MIGRATION)?;
    let mut told = json!({ "dryRun": facts.dry_run });
    if let Some(environment) = &facts.environment {
        told["env"] = json!(environment);
    }
    let task = Task {
        file,
        function: direction.function(),
        part: PART,
        facts: &told,
        is_recorded: facts.dry_run,
    };
    let error = match engine.call(task, limits, port)? {
        Ended::NoFunction(kind) => Some(not_a_function(graph, file, direction, &kind)),
        Ended::Function { forgotten, failed } => {
            forgotten_await(graph, direction, &forgotten, failed)
        }
    };
    match error {
        Some(error) => Err(error),
        None => {
            engine.free();
            Ok(())
        }
    }
}

/// Adds a hint to the error of a script that does not parse if the first CLI wrote it.
pub(crate) fn with_hint_on_its_origin(error: EvalError, source: &str) -> EvalError {
    if error.kind() == EvalErrorKind::Syntax && source.contains("db: Mizzle") {
        return error.hint(
            "this looks like a script of the first mizzle CLI, which wrote some that do not parse and \
             ran none: write the calls again, or, if its tables exist, mark the migration as applied \
             (mizzle migrate --baseline)",
        );
    }
    error
}

/// The error for a script that ended before its calls did, or that did not await them. `failed` is
/// the first of their failures.
fn forgotten_await(
    graph: &Graph,
    direction: Direction,
    forgotten: &[ForgottenCall],
    failed: Option<CallError>,
) -> Option<EvalError> {
    let (first, others) = forgotten.split_first()?;
    let function = direction.function();
    let message = if first.under_way {
        format!("{function} came to its end while db.{} was still under way", first.method)
    } else {
        format!("db.{} is called, but never awaited", first.method)
    };
    let mut error = EvalError::new(EvalErrorKind::ForgottenAwait, message).hint(format!(
        "add an await: await db.{}(…); and where another function makes the call, await that \
         function too",
        first.method
    ));
    if !others.is_empty() {
        let names: Vec<_> = others
            .iter()
            .take(MAX_SHOWN)
            .map(|call| match call.place(graph) {
                Some((frame, _)) => {
                    let file = graph.display(&frame.file);
                    format!("db.{} ({file}:{}:{})", call.method, frame.line, frame.column)
                }
                None => format!("db.{}", call.method),
            })
            .collect();
        let more = match others.len().saturating_sub(MAX_SHOWN) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        error = error.hint(format!("not awaited either: {}{more}", names.join(", ")));
    }
    if let Some(CallError { name, message, .. }) = failed {
        error = error.hint(format!("a call failed after that: {name}: {message}"));
    }
    Some(match first.place(graph) {
        Some((frame, location)) => {
            graph.point(error, location, "not awaited").with_frames(vec![frame])
        }
        None => error,
    })
}

/// The error for a script without a function to call.
fn not_a_function(graph: &Graph, file: &Path, direction: Direction, kind: &str) -> EvalError {
    let name = direction.function();
    let signature = format!("export async function {name}(db: Database): Promise<void>");
    let shown = graph.display(file);
    if kind != "undefined" {
        let error = EvalError::new(
            EvalErrorKind::InvalidScript,
            format!("{name} of {shown} must be a function, but is {kind}"),
        )
        .hint(format!("write it as a function: {signature}"));
        return match graph.export(file, name).or_else(|| graph.location(file, 0..0)) {
            Some(location) => graph.point(error, location, "not a function"),
            None => error,
        };
    }
    let error = EvalError::new(
        EvalErrorKind::InvalidScript,
        format!("{shown} does not export a function {name}"),
    );
    let names = graph.names_of(file);
    let error = match direction {
        Direction::Up => error.hint(format!("a migration script has {signature}")),
        Direction::Down => error
            .hint(format!("this migration cannot be taken back; to make it so, add {signature}")),
    };
    let error = if names.is_empty() {
        error
    } else {
        let names: Vec<_> = names.iter().take(MAX_SHOWN).map(String::as_str).collect();
        error.hint(format!("it exports: {}", names.join(", ")))
    };
    // The line of the other function is more helpful than the first one of the file.
    let neighbour = match direction {
        Direction::Up => Direction::Down,
        Direction::Down => Direction::Up,
    };
    match graph.export(file, neighbour.function()).or_else(|| graph.location(file, 0..0)) {
        Some(location) => graph.point(error, location, ""),
        None => error,
    }
}
