//! Prints values as TypeScript, in the layout that Prettier would choose.

use crate::text;
use pretty::{DocAllocator, DocBuilder, RcAllocator};
use serde_json::Value;

/// The maximum number of columns of a line.
pub(crate) const WIDTH: usize = 80;

pub(crate) type Doc<'a> = DocBuilder<'a, RcAllocator>;

/// Lays out a document for `width` columns.
pub(crate) fn render(doc: &Doc<'_>, width: usize) -> String {
    let mut rendered = Vec::new();
    doc.render(width, &mut rendered).expect("writing to memory cannot fail");
    String::from_utf8(rendered).expect("the document is made of strings")
}

/// Returns a line comment that is wrapped to the width. Characters that would end a line are
/// escaped: the name of an attribute may contain any.
pub(crate) fn comment(message: &str) -> String {
    indented_comment(message, "")
}

/// Returns a line comment that is wrapped to the width, with `indent` before each line.
pub(crate) fn indented_comment(message: &str, indent: &str) -> String {
    let lead = format!("{indent}// ");
    // Spelled out, because textwrap's defaults depend on what else is built with it.
    let options = textwrap::Options::new(WIDTH)
        .initial_indent(&lead)
        .subsequent_indent(&lead)
        .wrap_algorithm(textwrap::WrapAlgorithm::FirstFit)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
        .break_words(false);
    let mut comment = textwrap::fill(&text::printable(message), options);
    comment.push('\n');
    comment
}

/// Returns `name: value`.
pub(crate) fn property<'a>(name: &str, value: &Value) -> Doc<'a> {
    RcAllocator.text(format!("{}: ", key(name))).append(literal(value))
}

/// Returns a JSON value as a TypeScript literal that breaks only where it does not fit.
pub(crate) fn literal<'a>(value: &Value) -> Doc<'a> {
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

/// Returns items between brackets: on one line if they fit, otherwise one line for each.
pub(crate) fn enclosed<'a>(
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

/// Returns the name of a property. A plain `__proto__` would set the prototype instead.
pub(crate) fn key(name: &str) -> String {
    match name {
        "__proto__" => "[\"__proto__\"]".to_owned(),
        name if is_identifier(name) => name.to_owned(),
        name => string(name),
    }
}

/// Returns a string literal with the quotes that need fewer escapes, double quotes by default.
/// JSON's escapes are also TypeScript's.
pub(crate) fn string(text: &str) -> String {
    let literal = text::escaped_json(Value::String(text.to_owned()).to_string());
    if text.matches('"').count() <= text.matches('\'').count() {
        return literal;
    }
    let inner = literal[1..literal.len() - 1].replace("\\\"", "\"").replace('\'', "\\'");
    format!("'{inner}'")
}

/// True if a name needs no quotes as the name of a property.
pub(crate) fn is_identifier(name: &str) -> bool {
    let mut characters = name.chars();
    characters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && characters.all(|other| other.is_ascii_alphanumeric() || other == '_')
}
