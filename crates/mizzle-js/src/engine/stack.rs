//! The stacks of exceptions.

use crate::error::Frame;
use crate::graph::{Graph, ModuleId};
use crate::location::SourceLocation;
use crate::transpile::Called;

/// The most calls of a stack that are kept.
const MAX_FRAMES: usize = 50;
/// The most calls that the hints list.
const MAX_SHOWN: usize = 6;
/// The part of the prelude that runs CommonJS modules, as stacks name it.
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

/// The calls of a stack, innermost first, as far as they are in files.
///
/// `argument` is what an error of our own functions says of itself: which argument of the call is
/// wrong, and which property in it.
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

/// The places of a stack in the project's own files, innermost first. Empty when no code of the
/// project takes part, as when a package does something while it is loaded.
///
/// Each is the place of the function that is called: its arguments come behind it.
pub fn project_calls(graph: &Graph, stack: &str) -> Vec<SourceLocation> {
    let lines: Vec<Line<'_>> = stack.lines().filter_map(Line::parse).collect();
    // What requires a module has no part in what the module does.
    let loader = ModuleId::Own(COMMONJS_LOADER.to_owned());
    let lines = lines.split(|line| line.module == loader).next().unwrap_or_default();
    let calls = lines.iter().enumerate().take(MAX_FRAMES).filter_map(|(position, line)| {
        let inner = position.checked_sub(1).and_then(|inner| lines.get(inner));
        frame(graph, line, inner, &[])
    });
    calls.filter(|(frame, _)| !frame.is_package()).map(|(_, location)| location).collect()
}

/// True for a function of ours whose errors tell of arguments.
fn checks_arguments(graph: &Graph, module: &ModuleId) -> bool {
    matches!(module, ModuleId::Own(name) if graph.extension().checks_arguments(name))
}

/// A line of a stack, when it is in a file; `inner` is the one of what it calls.
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
    // Nobody reads a package that closely, and to parse a bundle takes its time.
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

/// The calls that led to an error, for a hint. Recursion repeats itself: once is enough.
pub(super) fn text(graph: &Graph, frames: &[Frame]) -> String {
    let mut lines: Vec<String> = Vec::new();
    // Not by the column: the innermost call need not be as far along the line as the others.
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
