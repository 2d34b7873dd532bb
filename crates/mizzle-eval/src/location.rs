//! Places in source files.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

/// A place in a source file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceLocation {
    /// Absolute path of the file.
    pub file: PathBuf,
    /// The whole text of the file.
    pub source: Arc<str>,
    /// The place in it, in bytes of UTF-8.
    pub span: Range<usize>,
}

impl SourceLocation {
    /// The line on which the place begins, from 1.
    pub fn line(&self) -> usize {
        self.before().matches('\n').count() + 1
    }

    /// The column at which the place begins, in characters, from 1.
    pub fn column(&self) -> usize {
        self.before().rsplit('\n').next().unwrap_or_default().chars().count() + 1
    }

    /// The same file at another place, if there is one: as far as that is on its first line.
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

/// The byte at which a line (from 0) begins.
pub(crate) fn line_start(source: &str, line: usize) -> usize {
    source.split_inclusive('\n').take(line).map(str::len).sum()
}

/// The byte offset of a line and a column, both from 0; the column counts what `width` says of
/// each character. Places beyond the end of the line give its end.
pub(crate) fn offset_of(
    source: &str,
    line: usize,
    column: usize,
    width: impl Fn(char) -> usize,
) -> usize {
    let start = line_start(source, line);
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

/// The end of the word that begins at `start`: what a label underlines when only a point is known.
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
        assert_eq!(offset_of(source, 1, 2, char::len_utf16), 6);
        assert_eq!(offset_of(source, 1, 1, |_| 1), 6);
        assert_eq!(offset_of(source, 1, 99, |_| 1), 8, "beyond the line is its end");
    }

    #[test]
    fn a_word_goes_through_member_accesses() {
        assert_eq!(word_end("foo.bar(x)", 0), 7);
        assert_eq!(word_end("(x)", 0), 1);
        assert_eq!(word_end("\nx", 0), 0);
        assert_eq!(word_end("", 0), 0);
    }
}
