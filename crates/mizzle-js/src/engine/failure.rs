//! Converts failures in the engine to errors for the user, with locations in the source.

use super::loader::Modules;
use super::{engine_error, stack};
use crate::error::{EvalError, EvalErrorKind, Frame};
use crate::extension::Activity;
use crate::graph::Graph;
use crate::location::SourceLocation;
use crate::options::Limits;
use rquickjs::{CatchResultExt, Context, Function, Object, Persistent, Value};
use std::path::PathBuf;

/// The failure of an evaluation.
pub(super) enum Failure {
    /// An exception was thrown.
    Thrown(Persistent<Value<'static>>),
    /// A promise was rejected with this reason without a handler.
    Rejected(Persistent<Value<'static>>),
    /// The time ran out between two jobs.
    Interrupted,
    /// A promise is pending, and no job or timer is left that could settle it.
    NeverSettles,
    /// The binding to the engine failed.
    Engine(String),
    /// A problem for which an error exists already.
    Known(EvalError),
}

/// The context of a failed evaluation.
pub(super) struct FailureContext<'a> {
    pub(super) limits: Limits,
    pub(super) entries: &'a [PathBuf],
    /// The function of the entry that was running; `None` while modules are loaded.
    pub(super) function: Option<&'a str>,
    pub(super) out_of_time: bool,
    /// True for a function whose calls are only recorded: its limit is for the whole run.
    pub(super) is_recorded: bool,
    /// The memory in use at the end, in bytes.
    pub(super) memory_used: usize,
}

/// An exception, copied out of the engine.
#[derive(Debug, Default)]
struct Exception {
    is_error: bool,
    /// True for a value that is neither an object nor a function.
    is_primitive: bool,
    is_syntax_error: bool,
    name: String,
    message: String,
    /// The formatted value if it is not an error.
    shown: String,
    code: Option<String>,
    fault: Option<usize>,
    /// The hints of a failed call of the host, if this is its error.
    failed_call: Option<Vec<String>>,
    /// The alternative to an unavailable API.
    advice: Option<String>,
    frames: Vec<(Frame, SourceLocation)>,
}

/// Globals of Node, browsers and other runtimes that code may expect but this engine lacks.
const ABSENT_GLOBALS: &[&str] = &[
    "Bun",
    "ByteLengthQueuingStrategy",
    "CompressionStream",
    "CountQueuingStrategy",
    "CryptoKey",
    "DecompressionStream",
    "Deno",
    "HTMLElement",
    "Intl",
    "MessageChannel",
    "MessageEvent",
    "MessagePort",
    "PerformanceEntry",
    "PerformanceObserver",
    "ReadableStream",
    "SubtleCrypto",
    "Temporal",
    "TextDecoderStream",
    "TextEncoderStream",
    "TransformStream",
    "URLPattern",
    "WebAssembly",
    "WritableStream",
    "document",
    "indexedDB",
    "localStorage",
    "navigator",
    "sessionStorage",
    "window",
];

/// Converts a failure to an error.
pub(super) fn explain(
    reader: &Context,
    modules: &Modules,
    circumstances: &FailureContext<'_>,
    failure: Failure,
) -> EvalError {
    let graph = &*modules.graph;
    let (thrown, rejected) = match failure {
        Failure::Engine(message) => return engine_error(&message),
        Failure::Known(error) => return error,
        Failure::NeverSettles => return never_settles(graph, circumstances),
        Failure::Interrupted => (None, false),
        Failure::Thrown(value) => (Some(value), false),
        Failure::Rejected(value) => (Some(value), true),
    };
    let exception = match thrown {
        Some(thrown) => read(reader, modules, thrown),
        None => Exception::default(),
    };
    if circumstances.out_of_time {
        return time_limit(graph, modules.activity, circumstances, exception);
    }
    if out_of_memory(graph, circumstances, &exception) {
        let megabytes = circumstances.limits.memory >> 20;
        let error = EvalError::new(
            EvalErrorKind::MemoryLimit,
            format!(
                "{} needs more than the {megabytes} MiB of memory it may use",
                modules.activity.noun
            ),
        )
        .hint("look for a loop that collects without end");
        return place(error, graph, circumstances.entries, exception, "memory ran out here");
    }
    if let Some(error) = exception.fault.and_then(|number| modules.faults.get(number)) {
        // The error has its own location, unless running code requested the module.
        return match error.location() {
            Some(_) => error.with_frames(frames_of(exception.frames)),
            None => place(error, graph, &[], exception, "asked for here"),
        };
    }
    if exception.name == "SyntaxError"
        && let Some(error) = link_error(graph, &exception.message)
    {
        return error;
    }
    thrown_error(graph, modules.activity, without_secrets(graph, exception), rejected)
}

/// Removes possible secrets from an exception if a file contains credentials: the content of a
/// thrown object, and the text that the engine could not parse, which its error quotes.
fn without_secrets(graph: &Graph, mut exception: Exception) -> Exception {
    let is_quoting = exception.is_syntax_error && exception.fault.is_none();
    let is_shown = !exception.is_error && !exception.is_primitive;
    if (is_quoting || is_shown) && graph.speaks_of_credentials() {
        const WHY: &str = "not shown: a file speaks of credentials";
        exception.message = format!("a text could not be parsed ({WHY})");
        exception.shown = format!("a value ({WHY})");
    }
    exception
}

/// True if memory ran out. If not even an error fits into it, the engine throws `null`, and the
/// memory may have been freed by now: then only its text indicates the code's own `throw null`.
fn out_of_memory(graph: &Graph, circumstances: &FailureContext<'_>, exception: &Exception) -> bool {
    if exception.is_error {
        return exception.name == "InternalError" && exception.message.starts_with("out of memory");
    }
    let mentions_null = || {
        graph
            .all()
            .iter()
            .any(|file| ["throw null", "reject(null)"].iter().any(|text| file.text.contains(text)))
    };
    exception.shown == "null"
        && (circumstances.memory_used > circumstances.limits.memory / 2 || !mentions_null())
}

fn thrown_error(
    graph: &Graph,
    activity: &Activity,
    mut exception: Exception,
    rejected: bool,
) -> EvalError {
    let hints = exception.failed_call.take();
    let (kind, label) = match exception.code.as_deref() {
        _ if hints.is_some() && !rejected => (EvalErrorKind::CallFailed, "this call failed"),
        Some("ERR_MIZZLE_SCHEMA") => (EvalErrorKind::InvalidSchema, "here"),
        Some("ERR_MIZZLE_NOT_AVAILABLE") => (EvalErrorKind::NotAvailable, "asked for here"),
        Some("ERR_MIZZLE_EXIT") => (EvalErrorKind::ProcessExit, "called here"),
        _ if exception.name == "RangeError"
            && exception.message == "Maximum call stack size exceeded" =>
        {
            (EvalErrorKind::StackOverflow, "the stack is full here")
        }
        _ if rejected && hints.is_some() => (EvalErrorKind::UnhandledRejection, "this call failed"),
        _ if rejected => (EvalErrorKind::UnhandledRejection, "rejected with an error made here"),
        _ => (EvalErrorKind::Thrown, "thrown here"),
    };
    let what = match (exception.is_error, kind) {
        (
            true,
            EvalErrorKind::Thrown | EvalErrorKind::UnhandledRejection | EvalErrorKind::CallFailed,
        ) => {
            if exception.message.is_empty() {
                exception.name.clone()
            } else {
                format!("{}: {}", exception.name, exception.message)
            }
        }
        (true, EvalErrorKind::StackOverflow) => {
            "the code calls itself without end, or its data is nested too deeply".to_owned()
        }
        (true, _) => exception.message.clone(),
        (false, _) if exception.shown.is_empty() => {
            "threw something that cannot be shown".to_owned()
        }
        (false, _) => format!("threw {}, which is not an Error", exception.shown),
    };
    let error = match kind {
        EvalErrorKind::UnhandledRejection => {
            let what = what.strip_prefix("threw ").unwrap_or(&what);
            EvalError::new(kind, format!("a promise was rejected and nothing handles it: {what}"))
                .hint("await the promise, or add .catch(…)")
        }
        EvalErrorKind::NotAvailable => {
            let advice = exception.advice.take();
            EvalError::new(kind, what).hint(advice.unwrap_or_else(|| activity.reach.to_owned()))
        }
        EvalErrorKind::ProcessExit => EvalError::new(kind, what)
            .hint("throw an Error instead: it says what is wrong, and where"),
        _ if !exception.is_error => {
            EvalError::new(kind, what).hint("throw an Error: it knows where it was made")
        }
        _ if exception.name == "ReferenceError" && what.ends_with(" is not initialized") => {
            EvalError::new(kind, what)
                .hint("it is used before its declaration has run; do the files import each other in a circle?")
        }
        _ => EvalError::new(kind, what),
    };
    let error = hints.into_iter().flatten().fold(error, EvalError::hint);
    let error = match absent_global(&exception) {
        Some(name) => error.hint(format!(
            "mizzle's engine has no {name}; leave the code that needs it out of {}",
            activity.files
        )),
        None => error,
    };
    place(error, graph, &[], exception, label)
}

/// Returns the global of other engines that is missing here, if the code used one.
fn absent_global(exception: &Exception) -> Option<&'static str> {
    let name = exception.message.strip_suffix(" is not defined")?;
    let name = name.trim_matches('\'');
    ABSENT_GLOBALS
        .iter()
        .copied()
        .find(|known| exception.name == "ReferenceError" && *known == name)
}

fn time_limit(
    graph: &Graph,
    activity: &Activity,
    circumstances: &FailureContext<'_>,
    exception: Exception,
) -> EvalError {
    let seconds = circumstances.limits.time.as_secs_f64();
    let what = activity.noun;
    let message = if circumstances.is_recorded {
        format!(
            "{what} does not end within {seconds} s when its calls are only noted, and not sent"
        )
    } else if activity.calls.is_some() {
        format!("{what} runs for longer than the {seconds} s it may without waiting for a call")
    } else {
        format!("{what} takes longer than the {seconds} s it may take")
    };
    let noted = activity.calls.as_ref().filter(|_| circumstances.is_recorded);
    let hint = noted
        .map_or("look for a loop without end, or a regular expression that backtracks", |calls| {
            calls.endless_when_noted
        });
    let error = EvalError::new(EvalErrorKind::TimeLimit, message).hint(hint);
    if exception.frames.is_empty()
        && let Some(location) = waiting(graph, circumstances)
    {
        let label = match circumstances.function {
            Some(_) => "this is still running",
            None => "this await may still be waiting",
        };
        return graph.point(error, location, label);
    }
    place(error, graph, circumstances.entries, exception, "still running here")
}

/// The error for a pending promise, which has no stack.
fn never_settles(graph: &Graph, circumstances: &FailureContext<'_>) -> EvalError {
    let error = EvalError::new(
        EvalErrorKind::NeverSettles,
        "an awaited promise never settles: nothing is left to run that could settle it",
    )
    .hint("look for a promise whose resolve is never called");
    match waiting(graph, circumstances) {
        Some(location) if circumstances.function.is_some() => {
            graph.point(error, location, "this is still waiting")
        }
        Some(location) => graph.point(error, location, "this await may be the one"),
        None => at_entry(error, graph, circumstances.entries),
    }
}

/// Returns the location that is probably waiting: the function that was called, else the first
/// `await` at the top level of a module.
fn waiting(graph: &Graph, circumstances: &FailureContext<'_>) -> Option<SourceLocation> {
    match (circumstances.function, circumstances.entries) {
        (Some(name), [entry]) => graph.export(entry, name),
        _ => graph.top_level_await(circumstances.entries),
    }
}

/// Sets the location to the innermost call in the user's own code, else to the entry file.
fn place(
    error: EvalError,
    graph: &Graph,
    entries: &[PathBuf],
    exception: Exception,
    label: &str,
) -> EvalError {
    let mut calls = exception.frames;
    let own = calls.iter().position(|(frame, _)| !frame.is_package()).unwrap_or_default();
    let Some((frame, location)) = calls.get_mut(own) else {
        return at_entry(error, graph, entries);
    };
    if matches!(error.kind(), EvalErrorKind::Thrown | EvalErrorKind::UnhandledRejection) {
        *location = graph.thrown_at(location.clone());
        (frame.line, frame.column) = (location.line(), location.column());
    }
    let error = graph.point(error, location.clone(), label);
    let frames = frames_of(calls);
    let error = if frames.len() > 1 { error.hint(stack::text(graph, &frames)) } else { error };
    error.with_frames(frames)
}

fn at_entry(error: EvalError, graph: &Graph, entries: &[PathBuf]) -> EvalError {
    match entries {
        [only] => match graph.location(only, 0..0) {
            Some(location) => graph.point(error, location, ""),
            None => error,
        },
        _ => error,
    }
}

fn frames_of(frames: Vec<(Frame, SourceLocation)>) -> Vec<Frame> {
    frames.into_iter().map(|(frame, _)| frame).collect()
}

/// Reads an exception. Its parts may be getters: those that fail are left out.
fn read(reader: &Context, modules: &Modules, thrown: Persistent<Value<'static>>) -> Exception {
    reader.with(|ctx| {
        let describe = || -> rquickjs::Result<Exception> {
            let value = thrown.restore(&ctx)?;
            let description: Object<'_> =
                modules.reader(&ctx)?.get::<_, Function<'_>>("describe")?.call((value,))?;
            let stack: Option<String> = description.get("stack")?;
            let argument: Option<Vec<String>> = description.get("argument")?;
            let call: Option<Object<'_>> = description.get("call")?;
            Ok(Exception {
                is_error: description.get("isError")?,
                is_primitive: description
                    .get::<_, Option<bool>>("isPrimitive")?
                    .unwrap_or_default(),
                is_syntax_error: description
                    .get::<_, Option<bool>>("isSyntaxError")?
                    .unwrap_or_default(),
                name: description.get::<_, Option<String>>("name")?.unwrap_or_default(),
                message: description.get::<_, Option<String>>("message")?.unwrap_or_default(),
                shown: description.get::<_, Option<String>>("shown")?.unwrap_or_default(),
                code: description.get("code")?,
                fault: description.get("fault")?,
                failed_call: call.map(|call| call.get("hints")).transpose()?,
                advice: description.get("advice")?,
                frames: stack::frames(
                    &modules.graph,
                    &stack.unwrap_or_default(),
                    &argument.unwrap_or_default(),
                ),
            })
        };
        describe().catch(&ctx).unwrap_or_default()
    })
}

/// Parses the engine's message for a name that cannot be imported.
fn link_error(graph: &Graph, message: &str) -> Option<EvalError> {
    let rest = message
        .strip_prefix("Could not find export '")
        .or_else(|| message.strip_prefix("circular reference when looking for export '"))
        .or_else(|| message.strip_prefix("export '"))?;
    let (name, rest) = rest.split_once("' in module '")?;
    let (module, _) = rest.rsplit_once('\'')?;
    Some(graph.missing_export(name, module))
}
