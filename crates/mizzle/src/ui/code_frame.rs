//! A piece of the user's source with the place marked, drawn by miette.

use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode};
use mizzle_eval::{Excerpt, SourceLocation};
use std::{fmt, path::Path};

/// Wide enough that miette never wraps: the terminal does.
const WIDTH: usize = 400;

/// Draws the frame, without a headline.
pub(super) fn render(location: &SourceLocation, directory: &Path, colors: bool) -> String {
    let theme = if colors { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let name = crate::project::shown(&location.file, directory);
    let excerpt = Excerpt::new(&without_secrets(location), name);
    let label = LabeledSpan::new_with_span(None, excerpt.span());
    let frame = Frame { excerpt, label };
    let mut text = String::new();
    let drawn = GraphicalReportHandler::new_themed(theme)
        .with_width(WIDTH)
        .with_context_lines(1)
        .render_report(&mut text, &frame);
    match drawn {
        // The first line is the headline, which the caller has written already.
        Ok(()) => text.lines().skip(1).collect::<Vec<_>>().join("\n").trim_end().to_owned(),
        Err(fmt::Error) => {
            format!("   {}:{}:{}", location.file.display(), location.line(), location.column())
        }
    }
}

/// The location in a source in which, if it speaks of credentials, all text is blotted out. Which
/// string is the secret cannot be known: the frame may be about a syntax error.
fn without_secrets(location: &SourceLocation) -> SourceLocation {
    const SIGNS: [&str; 4] = ["secretAccessKey", "sessionToken", "secret_access_key", "AWS_SECRET"];
    let SourceLocation { file, source, span } = location;
    let source = if SIGNS.iter().any(|sign| source.contains(sign)) {
        // In JSON the name of a field is text as well, and never a secret.
        blot_out(source, file.extension().is_some_and(|extension| extension == "json")).into()
    } else {
        source.clone()
    };
    SourceLocation { file: file.clone(), source, span: span.clone() }
}

/// Replaces the content of string literals, byte for byte, so that places stay where they are.
fn blot_out(source: &str, keep_keys: bool) -> String {
    let mut result = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(open) = rest.find(['"', '\'', '`']) {
        let quote = rest[open..].chars().next().unwrap_or_default();
        let (before, literal) = rest.split_at(open + quote.len_utf8());
        result.push_str(before);
        let mut escaped = false;
        let end = literal.find(|character: char| {
            let ends = !escaped && (character == quote || (character == '\n' && quote != '`'));
            escaped = !escaped && character == '\\';
            ends
        });
        let (content, after) = literal.split_at(end.unwrap_or(literal.len()));
        let is_key = keep_keys && after[1.min(after.len())..].trim_start().starts_with(':');
        if is_key {
            result.push_str(content);
        } else {
            let blots = content.bytes().map(|byte| if byte == b'\n' { '\n' } else { '*' });
            result.extend(blots);
        }
        // The closing quote is no opening one.
        let closing = after.chars().next().map_or(0, char::len_utf8);
        result.push_str(&after[..closing]);
        rest = &after[closing..];
    }
    result.push_str(rest);
    result
}

#[derive(Debug)]
struct Frame {
    excerpt: Excerpt,
    label: LabeledSpan,
}

impl fmt::Display for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("headline")
    }
}

impl std::error::Error for Frame {}

impl Diagnostic for Frame {
    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.excerpt)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(std::iter::once(self.label.clone())))
    }
}

#[cfg(test)]
mod tests {
    use super::blot_out;

    #[test]
    fn text_is_blotted_out_and_places_stay() {
        for (source, keep_keys, expected) in [
            ("a: \"hush\", b: 'x'", false, "a: \"****\", b: '*'"),
            ("a: `h${b}`\n\"hé\\\"y\"", false, "a: `*****`\n\"******\""),
            ("open: \"hush\nnext: 'y'", false, "open: \"****\nnext: '*'"),
            ("c ? \"hush\" : 1", false, "c ? \"****\" : 1"),
            ("{\"key\" : \"hush\"}", true, "{\"key\" : \"****\"}"),
            ("\"open", true, "\"****"),
            ("no text", false, "no text"),
        ] {
            let blotted = blot_out(source, keep_keys);
            assert_eq!(blotted, expected);
            assert_eq!(blotted.len(), source.len());
        }
    }
}
