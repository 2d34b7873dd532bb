//! The last step before text reaches a terminal or a log: it removes control sequences other than
//! our own colours, and [secrets that were read](mizzle_core::redaction).
//!
//! Names, paths, exceptions, server responses and ledger entries are external input and may contain
//! any character. Escaping them here, in one place, covers every message; where such a text must
//! also stay on one line, its source escapes line feeds ([`mizzle_core::text::printable`]).

use mizzle_core::{redaction, text};
use std::borrow::Cow;

/// Escapes characters that control a terminal, except line feeds, tabs and our own colours. Without
/// `is_colored`, the text contains none of our escape sequences.
pub(super) fn safe(text: &str, is_colored: bool) -> Cow<'_, str> {
    match redaction::redact(text) {
        Cow::Borrowed(text) => without_control(text, is_colored),
        Cow::Owned(text) => Cow::Owned(without_control(&text, is_colored).into_owned()),
    }
}

fn without_control(text: &str, is_colored: bool) -> Cow<'_, str> {
    if !text.contains(|character| !matches!(character, '\n' | '\t') && text::is_unsafe(character)) {
        return Cow::Borrowed(text);
    }
    if !is_colored {
        return text::printable_lines(text);
    }
    let (mut shown, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(at) = rest.find('\u{1b}') {
        let (before, sequence) = rest.split_at(at);
        shown.push_str(&text::printable_lines(before));
        let length = color(sequence).unwrap_or_default();
        shown.push_str(&sequence[..length]);
        rest = &sequence[length..];
        if length == 0 {
            shown.push_str("\\u{1b}");
            rest = &rest['\u{1b}'.len_utf8()..];
        }
    }
    shown.push_str(&text::printable_lines(rest));
    Cow::Owned(shown)
}

/// Returns the length of a leading colour or style sequence: `ESC [ 1;36 m`. Styles that hide text
/// are not ours.
fn color(text: &str) -> Option<usize> {
    let parameters = text.strip_prefix("\u{1b}[")?;
    let end = parameters.find(|c: char| !c.is_ascii_digit() && c != ';')?;
    let is_ours = |parameter: &str| {
        matches!(parameter.parse::<u8>(), Ok(0..=7 | 9 | 22..=27 | 29..=49 | 90..=107))
            || parameter.is_empty()
    };
    let (parameters, rest) = parameters.split_at(end);
    let is_color = rest.starts_with('m')
        && (parameters.starts_with("38;5;") || parameters.split(';').all(is_ours));
    is_color.then_some("\u{1b}[".len() + end + 1)
}

#[cfg(test)]
mod tests {
    use super::safe;

    #[test]
    fn nothing_but_colors_acts() {
        for (text, plain, colored) in [
            ("größe\n\tb", "größe\n\tb", "größe\n\tb"),
            (
                "\u{1b}[36mhelp:\u{1b}[0m a",
                "\\u{1b}[36mhelp:\\u{1b}[0m a",
                "\u{1b}[36mhelp:\u{1b}[0m a",
            ),
            ("\u{1b}[38;5;208ma", "\\u{1b}[38;5;208ma", "\u{1b}[38;5;208ma"),
            ("\u{1b}[2Ja", "\\u{1b}[2Ja", "\\u{1b}[2Ja"),
            ("\u{1b}[8ma", "\\u{1b}[8ma", "\\u{1b}[8ma"),
            ("\u{1b}]52;c;eA==\u{7}", "\\u{1b}]52;c;eA==\\u{7}", "\\u{1b}]52;c;eA==\\u{7}"),
            ("\u{1b}", "\\u{1b}", "\\u{1b}"),
            ("\u{1b}[1", "\\u{1b}[1", "\\u{1b}[1"),
            ("a\r\u{9b}31m\u{202e}", "a\\r\\u{9b}31m\\u{202e}", "a\\r\\u{9b}31m\\u{202e}"),
        ] {
            assert_eq!(safe(text, false), plain);
            assert_eq!(safe(text, true), colored);
        }
    }
}
