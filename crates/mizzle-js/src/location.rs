//! Locations in source files.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

/// A location in a source file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceLocation {
    /// The absolute path of the file.
    pub file: PathBuf,
    /// The whole text of the file.
    pub source: Arc<str>,
    /// The byte range in the source (UTF-8).
    pub span: Range<usize>,
}

impl SourceLocation {
    /// Returns the first line of the location, from 1.
    pub fn line(&self) -> usize {
        self.before().matches('\n').count() + 1
    }

    /// Returns the first column of the location, in characters, from 1.
    pub fn column(&self) -> usize {
        self.before().rsplit('\n').next().unwrap_or_default().chars().count() + 1
    }

    /// Moves the location to `span`, if there is one, up to the end of its first line.
    pub(crate) fn moved(self, span: Option<Range<usize>>) -> Self {
        let Some(span) = span else { return self };
        let text = self.source.get(span.clone()).unwrap_or_default();
        let width = text.find(['\r', '\n']).unwrap_or(text.len());
        Self { span: span.start..span.start + width, ..self }
    }

    fn before(&self) -> &str {
        self.source.get(..self.span.start).unwrap_or(&self.source)
    }
}

/// Returns the byte at which a line (from 0) begins.
pub(crate) fn line_start(source: &str, line: usize) -> usize {
    source.split_inclusive('\n').take(line).map(str::len).sum()
}

/// Returns the byte at which a line (from 0) begins by the rules of JavaScript, which also ends
/// lines at a lone carriage return and at the two line separators of Unicode.
fn javascript_line_start(source: &str, line: usize) -> usize {
    let is_end = |(index, end): &(usize, &str)| {
        // A carriage return and a line feed are one line end.
        *end != "\r" || !source[index + 1..].starts_with('\n')
    };
    let ends = source.match_indices(['\n', '\r', '\u{2028}', '\u{2029}']).filter(is_end);
    let mut starts = [0].into_iter().chain(ends.map(|(index, end)| index + end.len()));
    starts.nth(line).unwrap_or(source.len())
}

/// Returns the byte offset of a line and a column of the engine, both from 0; columns count
/// characters. Positions after the end of the line map to its end.
pub(crate) fn offset_of(source: &str, line: usize, column: usize) -> usize {
    offset_from(source, line_start(source, line), column, |_| 1)
}

/// Returns the byte offset of a line and a column of a source map, both from 0; columns count
/// UTF-16 units. Positions after the end of the line map to its end.
pub(crate) fn offset_in_map(source: &str, line: usize, column: usize) -> usize {
    offset_from(source, javascript_line_start(source, line), column, char::len_utf16)
}

fn offset_from(source: &str, start: usize, column: usize, width: impl Fn(char) -> usize) -> usize {
    let mut seen = 0;
    let rest = source.get(start..).unwrap_or_default();
    let text = rest.split(['\r', '\n']).next().unwrap_or_default();
    for (index, character) in text.char_indices() {
        if seen >= column {
            return start + index;
        }
        seen += width(character);
    }
    start + text.len()
}

/// Returns the end of the word at `start`: the label's range when only a position is known.
pub(crate) fn word_end(source: &str, start: usize) -> usize {
    let rest = source.get(start..).unwrap_or_default();
    let word = rest
        .find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '$' | '.')))
        .unwrap_or(rest.len());
    let width = if word > 0 { word } else { rest.chars().next().map_or(0, char::len_utf8) };
    if rest.starts_with(['\r', '\n']) { start } else { start + width }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_from_one_and_in_characters() {
        let source: Arc<str> = "one\r\nzwölf x\nthree".into();
        let at = |span| SourceLocation { file: "a.ts".into(), source: source.clone(), span };
        let x = source.find('x').unwrap();
        assert_eq!((at(0..1).line(), at(0..1).column()), (1, 1));
        assert_eq!((at(x..x + 1).line(), at(x..x + 1).column()), (2, 7));
    }

    #[test]
    fn offsets_follow_the_unit_of_the_column() {
        let source = "a\n\u{1F600}bc\n";
        assert_eq!(offset_in_map(source, 1, 2), 6);
        assert_eq!(offset_of(source, 1, 1), 6);
        assert_eq!(offset_of(source, 1, 99), 8, "beyond the line is its end");
    }

    #[test]
    fn a_source_map_counts_the_lines_of_javascript() {
        let source = "a\r\nb\rc\u{2028}d\u{2029}e\n\nf";
        for (line, text) in ["a", "b", "c", "d", "e", "", "f"].into_iter().enumerate() {
            assert!(source[offset_in_map(source, line, 0)..].starts_with(text), "{line}");
        }
        assert_eq!(offset_in_map(source, 7, 0), source.len());
        assert!(source[offset_of(source, 1, 0)..].starts_with('b'));
        assert!(source[offset_of(source, 2, 0)..].starts_with('\n'));
    }

    #[test]
    fn a_word_goes_through_member_accesses() {
        assert_eq!(word_end("foo.bar(x)", 0), 7);
        assert_eq!(word_end("(x)", 0), 1);
        assert_eq!(word_end("\nx", 0), 0);
        assert_eq!(word_end("", 0), 0);
    }
}
