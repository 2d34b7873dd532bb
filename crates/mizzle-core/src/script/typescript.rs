//! A plan and its reverse as the text of a TypeScript module.
//!
//! Each `await db.…` is one step, with AWS's own request. The layout is the one that Prettier would
//! choose: a value stays on one line while it fits.

use crate::plan::{Plan, Step};
use pretty::{DocAllocator, DocBuilder, RcAllocator};
use serde_json::Value;

/// Columns that a line may have.
const WIDTH: usize = 80;

/// What stands in `up` and in `down` of a script that people are to fill.
const CUSTOM_UP: &str = "  \
  // Change items here, as in
  //   for await (const item of db.scanItems({ TableName: \"…\" })) { … }
  // A run that was interrupted begins anew: pass over the items that are done.
";
const CUSTOM_DOWN: &str = "  // Undo it here; leave this empty if there is nothing to undo.\n";

/// What stands where there is no step: what a schema does not state stays as it is.
const NOTHING: &str = "  // Nothing to do: settings that are not managed stay as they are.\n";

type Doc<'a> = DocBuilder<'a, RcAllocator>;

/// Writes the script: `up` carries out one plan, `down` the other.
pub fn write(up: &Plan, down: &Plan) -> String {
    let statements = |plan: &Plan| match plan.steps.as_slice() {
        [] => NOTHING.to_owned(),
        steps => steps.iter().map(statement).collect::<Vec<_>>().join("\n"),
    };
    module(&statements(up), &statements(down))
}

/// Writes a script without a step, for changes of items: comments say what goes where.
pub fn write_custom() -> String {
    module(CUSTOM_UP, CUSTOM_DOWN)
}

fn module(up: &str, down: &str) -> String {
    let mut text = String::from("import type { Database } from \"mizzle-cli\";\n");
    for (name, body) in [("up", up), ("down", down)] {
        text.push_str(&format!(
            "\nexport async function {name}(db: Database): Promise<void> {{\n{body}}}\n"
        ));
    }
    text
}

fn statement(step: &Step) -> String {
    let mut text = String::new();
    for hazard in &step.hazards {
        // Spelled out, because textwrap's defaults depend on what else is built with it.
        let comment = textwrap::Options::new(WIDTH)
            .initial_indent("  // ")
            .subsequent_indent("  // ")
            .wrap_algorithm(textwrap::WrapAlgorithm::FirstFit)
            .word_separator(textwrap::WordSeparator::AsciiSpace)
            .word_splitter(textwrap::WordSplitter::NoHyphenation)
            .break_words(false);
        text.push_str(&textwrap::fill(&on_one_line(&hazard.message), comment));
        text.push('\n');
    }
    let input = step.call.input();
    let doc = RcAllocator
        .text(format!("await db.{}(", step.call.method()))
        .append(object_broken(&input))
        .append(RcAllocator.text(");"));
    let doc = RcAllocator.text("  ").append(doc.nest(2));
    let mut rendered = Vec::new();
    doc.render(WIDTH, &mut rendered).expect("writing to memory cannot fail");
    text.push_str(&String::from_utf8(rendered).expect("the document is made of strings"));
    text.push('\n');
    text
}

/// A message with the characters escaped that would end a comment: an attribute's name may hold any.
fn on_one_line(message: &str) -> String {
    let mut text = String::with_capacity(message.len());
    for character in message.chars() {
        if character.is_control() || matches!(character, '\u{2028}' | '\u{2029}') {
            text.extend(character.escape_default());
        } else {
            text.push(character);
        }
    }
    text
}

/// The request itself: always one property a line unless there is only one.
fn object_broken<'a>(value: &Value) -> Doc<'a> {
    match value {
        Value::Object(object) if object.len() > 1 => {
            let properties = object.iter().map(|(name, value)| {
                property(name, value).append(RcAllocator.text(",")).append(RcAllocator.nil())
            });
            RcAllocator
                .text("{")
                .append(
                    RcAllocator
                        .hardline()
                        .append(RcAllocator.intersperse(properties, RcAllocator.hardline()))
                        .nest(2),
                )
                .append(RcAllocator.hardline())
                .append(RcAllocator.text("}"))
        }
        other => literal(other),
    }
}

fn property<'a>(name: &str, value: &Value) -> Doc<'a> {
    let name = if is_identifier(name) { name.to_owned() } else { string(name) };
    RcAllocator.text(format!("{name}: ")).append(literal(value))
}

/// A JSON value as a TypeScript literal that breaks only where it does not fit.
fn literal<'a>(value: &Value) -> Doc<'a> {
    match value {
        Value::Object(object) => {
            let properties = object.iter().map(|(name, value)| property(name, value));
            enclosed("{", properties, "}", RcAllocator.line())
        }
        Value::Array(items) => enclosed("[", items.iter().map(literal), "]", RcAllocator.line_()),
        Value::String(text) => RcAllocator.text(string(text)),
        Value::Null | Value::Bool(_) | Value::Number(_) => RcAllocator.text(value.to_string()),
    }
}

fn enclosed<'a>(
    open: &'static str,
    items: impl ExactSizeIterator<Item = Doc<'a>>,
    close: &'static str,
    padding: Doc<'a>,
) -> Doc<'a> {
    if items.len() == 0 {
        return RcAllocator.text(open).append(RcAllocator.text(close));
    }
    let separator = RcAllocator.text(",").append(RcAllocator.line());
    RcAllocator
        .text(open)
        .append(
            padding
                .clone()
                .append(RcAllocator.intersperse(items, separator))
                .append(RcAllocator.text(",").flat_alt(RcAllocator.nil()))
                .nest(2),
        )
        .append(padding)
        .append(RcAllocator.text(close))
        .group()
}

/// A literal in the quotes that have to be escaped less often, double ones in case of doubt. JSON's
/// escapes are also TypeScript's.
fn string(text: &str) -> String {
    let literal = Value::String(text.to_owned()).to_string();
    if text.matches('"').count() <= text.matches('\'').count() {
        return literal;
    }
    let inner = literal[1..literal.len() - 1].replace("\\\"", "\"").replace('\'', "\\'");
    format!("'{inner}'")
}

fn is_identifier(name: &str) -> bool {
    let mut characters = name.chars();
    characters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && characters.all(|other| other.is_ascii_alphanumeric() || other == '_')
}
