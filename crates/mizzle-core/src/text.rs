//! Text helpers that several messages share.

mod likeness;

pub use likeness::{closest, did_you_mean, is_slip, is_typo, nearest};

use serde_json::{Map, Value};
use std::{borrow::Cow, fmt::Write, time::SystemTime};

/// Returns a number with its noun: `1 index`, `2 indexes`.
pub fn count(number: usize, singular: &str, plural: &str) -> String {
    format!("{number} {}", if number == 1 { singular } else { plural })
}

/// Joins words: `a`, `a and b`, `a, b and c`.
pub fn list<T: AsRef<str>>(words: &[T]) -> String {
    joined(words, "and")
}

/// Joins words: `a`, `a or b`, `a, b or c`.
pub fn alternatives<T: AsRef<str>>(words: &[T]) -> String {
    joined(words, "or")
}

fn joined<T: AsRef<str>>(words: &[T], before_last: &str) -> String {
    match words {
        [] => String::new(),
        [one] => one.as_ref().to_owned(),
        [rest @ .., last] => {
            let rest: Vec<&str> = rest.iter().map(AsRef::as_ref).collect();
            format!("{} {before_last} {}", rest.join(", "), last.as_ref())
        }
    }
}

/// Returns the text with its first letter in upper case, for the start of a message.
pub fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    match characters.next() {
        Some(first) => first.to_uppercase().chain(characters).collect(),
        None => String::new(),
    }
}

/// Indents every line except the first by `indent`, and replaces each level of indentation, which
/// is two spaces in `text`, by `unit`. No string in `text` may span lines, so all leading spaces
/// are indentation.
pub fn indented(text: &str, indent: &str, unit: &str) -> String {
    let mut lines = text.lines();
    let mut result = lines.next().unwrap_or_default().to_owned();
    for line in lines {
        let bare = line.trim_start_matches(' ');
        let level = (line.len() - bare.len()) / 2;
        result.push('\n');
        if !bare.is_empty() {
            result.push_str(indent);
            result.push_str(&unit.repeat(level));
            result.push_str(bare);
        }
    }
    result
}

/// Returns a number with grouped digits: `1,204`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// Returns a size as AWS shows it, in powers of ten: `3.1 MB`.
pub fn bytes(bytes: u64) -> String {
    humansize::format_size(bytes, humansize::DECIMAL.decimal_places(1))
}

/// Returns a time in UTC, `2025-11-22T11:40:00Z`; `None` before 1970 and after 9999.
pub fn moment(moment: SystemTime) -> Option<String> {
    // humantime does not accept earlier times.
    moment.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    let mut text = String::new();
    write!(text, "{}", humantime::format_rfc3339_seconds(moment)).ok()?;
    Some(text)
}

/// True if a terminal interprets a character instead of showing it: a character that moves the
/// cursor, starts an escape sequence, ends a line, or changes the direction of the text (Unicode's
/// `Bidi_Control`).
pub fn is_unsafe(character: char) -> bool {
    match character {
        '\u{61c}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{2028}'
        | '\u{2029}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}' => true,
        _ => character.is_control(),
    }
}

/// Escapes an untrusted text, such as the name of an attribute, for one line of a terminal:
/// characters that [a terminal interprets](is_unsafe), and the no-break space, which looks like any
/// other.
pub fn printable(text: &str) -> Cow<'_, str> {
    escaped(text, |character| character == '\u{a0}' || is_unsafe(character))
}

/// Escapes an untrusted text that may have several lines: as [`printable`], but keeps line feeds
/// and tabs.
pub fn printable_lines(text: &str) -> Cow<'_, str> {
    escaped(text, |character| !matches!(character, '\n' | '\t') && is_unsafe(character))
}

fn escaped(text: &str, is_escaped: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&is_escaped) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\t' | '\n' | '\r' if is_escaped(character) => shown.extend(character.escape_debug()),
            character if is_escaped(character) => shown.extend(character.escape_unicode()),
            character => shown.push(character),
        }
    }
    Cow::Owned(shown)
}

/// The number of characters that [`excerpt`] keeps.
const EXCERPT: usize = 300;

/// Returns the beginning of an untrusted text, [`printable`].
pub fn excerpt(text: &str) -> String {
    beginning(text, EXCERPT)
}

/// Returns the first `length` characters of an untrusted text, [`printable`].
pub fn beginning(text: &str, length: usize) -> String {
    let mut characters = text.chars();
    let beginning: String = characters.by_ref().take(length).collect();
    let dots = if characters.next().is_some() { "…" } else { "" };
    format!("{}{dots}", printable(&beginning))
}

/// Escapes the characters in the strings of a JSON text that [a terminal](is_unsafe) or an editor
/// interprets. The value stays the same: outside strings, only line feeds are such characters.
pub fn escaped_json(json: String) -> String {
    let is_escaped = |character: char| character != '\n' && is_unsafe(character);
    if !json.contains(is_escaped) {
        return json;
    }
    let mut text = String::with_capacity(json.len() + 16);
    for character in json.chars() {
        if is_escaped(character) {
            // All of them are in the basic plane, so four digits are enough. Writing to a string
            // does not fail.
            let _ = write!(text, "\\u{:04x}", u32::from(character));
        } else {
            text.push(character);
        }
    }
    text
}

/// Returns a duration in a fitting unit, rounded up: `20 minutes`, `3 hours`, `2 days`.
pub fn duration(duration: std::time::Duration) -> String {
    let minutes = duration.as_secs().div_ceil(60);
    let (number, singular, plural) = match minutes {
        0..120 => (minutes, "minute", "minutes"),
        120..2880 => (minutes.div_ceil(60), "hour", "hours"),
        2880.. => (minutes.div_ceil(1440), "day", "days"),
    };
    count(usize::try_from(number).unwrap_or(usize::MAX), singular, plural)
}

/// Returns an age in a fitting unit, rounded down: `new`, `3 hours old`, `2 months old`.
pub fn age(age: std::time::Duration) -> String {
    let hours = age.as_secs() / 3600;
    let (number, singular, plural) = match hours {
        0 => return "new".to_owned(),
        1..48 => (hours, "hour", "hours"),
        48..1440 => (hours / 24, "day", "days"),
        1440..17520 => (hours / 730, "month", "months"),
        17520.. => (hours / 8760, "year", "years"),
    };
    format!("{} old", count(usize::try_from(number).unwrap_or(usize::MAX), singular, plural))
}

/// Returns the path of a field in JavaScript's notation: `tables.Shop`, `tables["my-table"]`; a
/// field of the outermost object has its name alone.
pub fn member(path: &str, name: &str) -> String {
    let is_identifier = name
        .chars()
        .enumerate()
        .all(|(at, c)| c.is_alphabetic() || "_$".contains(c) || (at > 0 && c.is_numeric()));
    match (path, name) {
        ("", _) => name.to_owned(),
        (_, "") => format!("{path}[\"\"]"),
        _ if is_identifier => format!("{path}.{name}"),
        _ => format!("{path}[{name:?}]"),
    }
}

/// The key by which evaluation marks values that JSON cannot represent.
const UNSUPPORTED: &str = "$unsupported";

/// True if an object represents a value that JSON cannot.
pub(crate) fn is_unsupported(object: &Map<String, Value>) -> bool {
    object.contains_key(UNSUPPORTED)
}

/// Returns the kind of a value without the value: `a string`, `an empty array`, `NaN`.
pub(crate) fn kind(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) => "a boolean".to_owned(),
        Value::Number(_) => "a number".to_owned(),
        Value::String(text) if text.trim().is_empty() => "an empty string".to_owned(),
        Value::String(_) => "a string".to_owned(),
        Value::Array(items) if items.is_empty() => "an empty array".to_owned(),
        Value::Array(_) => "an array".to_owned(),
        Value::Object(object) => match object.get(UNSUPPORTED).and_then(Value::as_str) {
            Some(name @ ("undefined" | "NaN" | "Infinity" | "-Infinity")) => name.to_owned(),
            Some(name) if name.starts_with(['A', 'E', 'I', 'O', 'U', 'a', 'e', 'i', 'o']) => {
                format!("an {name}")
            }
            Some(name) => format!("a {name}"),
            None => "an object".to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn indentation_is_that_of_the_file() {
        assert_eq!(
            indented("a: {\n  b: {\n    c,\n  },\n}", "\t", "\t"),
            "a: {\n\t\tb: {\n\t\t\tc,\n\t\t},\n\t}"
        );
    }

    #[test]
    fn a_moment_is_in_utc_if_it_can_be_told_at_all() {
        let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        assert_eq!(moment(at(1_763_811_600)).as_deref(), Some("2025-11-22T11:40:00Z"));
        assert_eq!(moment(at(300_000_000_000)), None);
        assert_eq!(moment(SystemTime::UNIX_EPOCH - Duration::from_secs(1)), None);
    }

    #[test]
    fn a_text_of_somebody_else_stays_in_its_line() {
        assert_eq!(printable("größe 日本"), "größe 日本");
        assert_eq!(printable("a\tb\n\u{1b}[2Jc"), "a\\tb\\n\\u{1b}[2Jc");
        assert_eq!(printable("a\u{202e}b\u{a0}c"), "a\\u{202e}b\\u{a0}c");
        assert_eq!(printable("\u{9b}\u{7f}\u{200f}\u{61c}"), "\\u{9b}\\u{7f}\\u{200f}\\u{61c}");
        assert_eq!(printable_lines("a\tb\r\nc\u{7}"), "a\tb\\r\nc\\u{7}");
    }

    #[test]
    fn json_is_escaped_and_stays_the_same() {
        let value =
            serde_json::json!({ "a\u{9b}\u{202e}": ["\u{1b}[2J\u{7f}\n", "größe 日本 👍🏽"] });
        let text = escaped_json(format!("{value:#}"));
        assert!(!text.contains(|c| c != '\n' && is_unsafe(c)), "{text}");
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
    }

    #[test]
    fn ages_are_told_in_the_unit_that_fits() {
        const HOUR: u64 = 3600;
        for (seconds, expected) in [
            (0, "new"),
            (HOUR - 1, "new"),
            (HOUR, "1 hour old"),
            (47 * HOUR, "47 hours old"),
            (3 * 24 * HOUR - 1, "2 days old"),
            (60 * 24 * HOUR, "1 month old"),
            (365 * 24 * HOUR, "12 months old"),
            (800 * 24 * HOUR, "2 years old"),
        ] {
            assert_eq!(age(Duration::from_secs(seconds)), expected);
        }
    }
}
