//! The source around a location, as a code frame shows it.

use crate::location::SourceLocation;
use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};
use std::ops::Range;

/// The longest line that a code frame shows in full, in bytes.
const MAX_LINE: usize = 240;
/// The bytes of a longer line that are kept before the location; twice as many are kept after it.
const AROUND: usize = 60;

/// A [`SourceCode`] for a [`SourceLocation`]: the file under a name that the caller chooses, with
/// very long lines shortened. Line and column are those of the file; columns are counted in
/// characters.
#[derive(Debug, Clone)]
pub struct Excerpt {
    name: String,
    text: String,
    span: Range<usize>,
    column: usize,
}

impl Excerpt {
    /// Creates the excerpt around a location.
    pub fn new(location: &SourceLocation, name: impl Into<String>) -> Self {
        let source = &*location.source;
        let start = location.span.start.min(source.len());
        let end = location.span.end.clamp(start, source.len());
        let mut text = String::with_capacity(source.len().min(64 << 10));
        let mut span = start..end;
        let mut offset = 0;
        for line in source.split_inclusive('\n') {
            let range = offset..offset + line.len();
            offset = range.end;
            if line.len() <= MAX_LINE {
                text += line;
                continue;
            }
            let holds_start = range.contains(&start);
            let focus = if holds_start { start - range.start } else { 0 };
            let (cut, shortened) = shorten(line, focus);
            if holds_start {
                span = text.len() + focus - cut..text.len() + focus - cut + (end - start);
            }
            text += &shortened;
            if holds_start {
                span.end = span.end.min(text.trim_end_matches(['\r', '\n']).len());
            } else if range.end <= start {
                let removed = line.len() - shortened.len();
                span = span.start - removed..span.end - removed;
            }
        }
        // An end after the last shortened line moves by the bytes that were removed.
        span.end = span.end.clamp(span.start, text.len().max(span.start));
        Self { name: name.into(), text, span, column: location.column() - 1 }
    }

    /// Returns the span of the location in this excerpt, for a label.
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }
}

/// Shortens a line around `focus`. Returns the bytes by which the focus moves to the left.
fn shorten(line: &str, focus: usize) -> (usize, String) {
    let ending = &line[line.trim_end_matches(['\r', '\n']).len()..];
    let body = &line[..line.len() - ending.len()];
    let boundary = |mut index: usize| {
        while !body.is_char_boundary(index) {
            index -= 1;
        }
        index
    };
    let from = boundary(focus.saturating_sub(AROUND).min(body.len()));
    let to = boundary((focus + 2 * AROUND).min(body.len()));
    let head = if from > 0 { "…" } else { "" };
    let tail = if to < body.len() { "…" } else { "" };
    (from.saturating_sub(head.len()), format!("{head}{}{tail}{ending}", &body[from..to]))
}

impl SourceCode for Excerpt {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        context_lines_before: usize,
        context_lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let contents = self.text.read_span(span, context_lines_before, context_lines_after)?;
        // Without context lines, only the location itself is requested.
        let column = if context_lines_before == 0 { self.column } else { contents.column() };
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.clone(),
            contents.data(),
            *contents.span(),
            contents.line(),
            column,
            contents.line_count(),
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn excerpt(source: &str, span: Range<usize>) -> Excerpt {
        let location = SourceLocation { file: "a.ts".into(), source: source.into(), span };
        Excerpt::new(&location, "a.ts")
    }

    #[test]
    fn long_lines_are_cut_around_the_place() {
        let long = "é".repeat(500);
        let source = format!("{long}\nlet x = '{long}' + HERE + '{long}';\r\n{long}\nend");
        let start = source.find("HERE").unwrap();
        let cut = excerpt(&source, start..start + 4);
        assert_eq!(&cut.text[cut.span()], "HERE");
        assert!(cut.text.lines().all(|line| line.len() <= MAX_LINE), "{}", cut.text);
        assert_eq!(cut.text.lines().count(), 4);
        let before = source[..start].rsplit('\n').next().unwrap().chars().count();
        let contents = cut.read_span(&cut.span().into(), 0, 0).unwrap();
        assert_eq!((contents.line(), contents.column()), (1, before));
    }

    #[test]
    fn places_behind_and_before_cut_lines_stay_right() {
        let long = "x".repeat(1000);
        for (source, word) in [
            (format!("{long}\nshort HERE\n"), "HERE"),
            (format!("short HERE\n{long}\n"), "HERE"),
            (format!("HERE{long}"), "HERE"),
            (format!("{long}HERE"), "HERE"),
        ] {
            let start = source.find(word).unwrap();
            let cut = excerpt(&source, start..start + word.len());
            assert_eq!(&cut.text[cut.span()], word, "{source:.20}");
        }
    }

    #[test]
    fn a_place_may_be_longer_than_what_is_shown_or_lie_outside() {
        let source = format!("a = {};\nb", "z".repeat(5000));
        let cut = excerpt(&source, 4..5004);
        assert!(cut.span().end <= cut.text.len());
        assert_eq!(excerpt("", 0..0).span(), 0..0);
        assert_eq!(excerpt("ab", 7..9).span(), 2..2);
    }
}
