//! The stacks of exceptions.

use crate::error::Frame;
use crate::graph::{Graph, ModuleId};
use crate::location::SourceLocation;
use crate::transpile::Called;

/// The maximum number of calls of a stack that are kept.
const MAX_FRAMES: usize = 50;
/// The maximum number of calls in the hints.
const MAX_SHOWN: usize = 6;
/// The part of the prelude that runs CommonJS modules; its name in stacks.
const COMMONJS_LOADER: &str = "commonjs";

/// A line of a stack in the engine's format: `at function (file:line:column)`,
/// `at file:line:column` or `at function (native)`.
struct Line<'a> {
    function: Option<&'a str>,
    module: ModuleId,
    line: usize,
    column: usize,
}

impl<'a> Line<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let text = text.trim().strip_prefix("at ")?;
        let (function, place) = match text.rsplit_once(" (") {
            Some((function, place)) => (Some(function), place.strip_suffix(')')?),
            None => (None, text),
        };
        let function =
            function.filter(|name| !matches!(*name, "" | "<anonymous>" | "<eval>" | "<module>"));
        let mut parts = place.rsplitn(3, ':');
        let column = parts.next().and_then(|column| column.parse().ok());
        let line = parts.next().and_then(|line| line.parse().ok());
        Some(match (parts.next(), line, column) {
            (Some(module), Some(line), Some(column)) => {
                Self { function, module: ModuleId::parse(module), line, column }
            }
            _ => Self { function, module: ModuleId::Own(place.to_owned()), line: 0, column: 0 },
        })
    }
}

/// Returns the calls of a stack that are in files, innermost first.
///
/// `argument` comes from an error of our own functions: the wrong argument of the call, and the
/// property in it.
pub(super) fn frames(
    graph: &Graph,
    stack: &str,
    argument: &[String],
) -> Vec<(Frame, SourceLocation)> {
    let mut calls = Vec::new();
    let mut inner: Option<Line<'_>> = None;
    for line in stack.lines().filter_map(Line::parse) {
        if calls.len() == MAX_FRAMES {
            break;
        }
        if let Some(call) = frame(graph, &line, inner.as_ref(), argument) {
            calls.push(call);
        }
        inner = Some(line);
    }
    calls
}

/// Returns the locations of a stack in the project's own files, innermost first. Empty if no code
/// of the project is on the stack, as while a package is loaded.
///
/// Each is the location of the callee: its arguments follow it.
pub fn project_calls(graph: &Graph, stack: &str) -> Vec<SourceLocation> {
    let lines: Vec<Line<'_>> = stack.lines().filter_map(Line::parse).collect();
    // The code that requires a module takes no part in the actions of that module.
    let loader = ModuleId::Own(COMMONJS_LOADER.to_owned());
    let lines = lines.split(|line| line.module == loader).next().unwrap_or_default();
    let calls = lines.iter().enumerate().take(MAX_FRAMES).filter_map(|(position, line)| {
        let inner = position.checked_sub(1).and_then(|inner| lines.get(inner));
        frame(graph, line, inner, &[])
    });
    calls.filter(|(frame, _)| !frame.is_package()).map(|(_, location)| location).collect()
}

/// True for a function of ours whose errors name the wrong argument.
fn checks_arguments(graph: &Graph, module: &ModuleId) -> bool {
    matches!(module, ModuleId::Own(name) if graph.extension().checks_arguments(name))
}

/// Converts a line of a stack if it is in a file; `inner` is the line of its callee.
fn frame(
    graph: &Graph,
    line: &Line<'_>,
    inner: Option<&Line<'_>>,
    argument: &[String],
) -> Option<(Frame, SourceLocation)> {
    let ModuleId::File(file) = &line.module else { return None };
    let mut location = graph.original(file, line.line, line.column)?;
    let mut frame = Frame {
        function: line.function.map(str::to_owned),
        file: file.clone(),
        line: location.line(),
        column: location.column(),
    };
    // Users do not need exact locations in packages, and parsing a bundle takes time.
    if let Some(inner) = inner
        && let Some(function) = inner.function
        && !frame.is_package()
    {
        let argument = if checks_arguments(graph, &inner.module) { argument } else { &[] };
        location = graph.called_at(location, &Called { function, argument });
        (frame.line, frame.column) = (location.line(), location.column());
    }
    Some((frame, location))
}

/// Formats the calls that led to an error, for a hint. Recursive calls are listed once.
pub(super) fn text(graph: &Graph, frames: &[Frame]) -> String {
    let mut lines: Vec<String> = Vec::new();
    // Ignores the column: the innermost call may be at another column of the line.
    let repeats = |one: &Frame, other: &Frame| {
        (&one.function, &one.file, one.line) == (&other.function, &other.file, other.line)
    };
    for calls in frames.chunk_by(repeats) {
        let [frame, ..] = calls else { continue };
        let place = format!("{}:{}:{}", graph.display(&frame.file), frame.line, frame.column);
        lines.push(match &frame.function {
            Some(function) => format!("  at {function} ({place})"),
            None => format!("  at {place}"),
        });
    }
    let more = lines.len().saturating_sub(MAX_SHOWN);
    lines.truncate(MAX_SHOWN);
    if more > 0 {
        lines.push(format!("  … and {more} more"));
    }
    format!("the calls that led here:\n{}", lines.join("\n"))
}
