//! Shapes of keys: `ORG#42#USER#7` is the label `ORG`, a value, the label `USER`, another value.

/// The separators of keys, the more usual ones first.
const SEPARATORS: [char; 4] = ['#', '|', ':', '/'];

/// A part of a key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Segment {
    /// A text that is the same in all items of a kind.
    Label(String),
    /// A text that differs between items.
    Value,
}

/// The parts of a key, in their order.
pub(super) type Shape = Vec<Segment>;

/// Returns the separator that most values of some key contain.
pub(super) fn separator<'a>(keys: impl Iterator<Item = Vec<&'a str>>) -> Option<char> {
    let keys: Vec<Vec<&str>> = keys.collect();
    SEPARATORS.into_iter().find(|separator| {
        let is_labelled = |text: &&&str| {
            text.split_once(*separator).is_some_and(|(label, _)| is_word(label) || label.is_empty())
        };
        keys.iter().any(|values| {
            let labelled = values.iter().filter(is_labelled).count();
            labelled > 0 && labelled * 2 >= values.len()
        })
    })
}

/// Returns the shape of a text. Labels and values alternate: a label is followed by a value, even
/// one in upper case (`COUNTRY#FR`).
pub(super) fn shape(text: &str, separator: char) -> Shape {
    let segments: Vec<&str> = text.split(separator).collect();
    if let [one] = segments.as_slice() {
        return vec![if is_capitals(one) { label(one) } else { Segment::Value }];
    }
    let mut shape: Shape = Vec::with_capacity(segments.len());
    for (position, segment) in segments.into_iter().enumerate() {
        let is_label = match shape.last() {
            None => segment.is_empty() || is_word(segment),
            // `#METADATA#1` begins with a separator.
            Some(Segment::Label(text)) => text.is_empty() && position == 1 && is_word(segment),
            Some(Segment::Value) => is_capitals(segment),
        };
        shape.push(if is_label { label(segment) } else { Segment::Value });
    }
    shape
}

fn label(text: &str) -> Segment {
    Segment::Label(text.to_owned())
}

/// Returns the labels in their order.
pub(super) fn labels(shape: &[Segment]) -> Vec<&str> {
    let labels = shape.iter().filter_map(|segment| match segment {
        Segment::Label(text) if !text.is_empty() => Some(text.as_str()),
        Segment::Label(_) | Segment::Value => None,
    });
    labels.collect()
}

/// True if any part is a label.
pub(super) fn has_label(shape: &[Segment]) -> bool {
    shape.iter().any(|segment| matches!(segment, Segment::Label(_)))
}

fn is_word(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next().is_some_and(|first| first.is_ascii_alphabetic())
        && characters.all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}

/// True for `PROFILE` and `ORDER_ITEM`.
fn is_capitals(text: &str) -> bool {
    text.len() > 1
        && text.starts_with(|c: char| c.is_ascii_uppercase())
        && text.chars().all(|c| c.is_ascii_uppercase() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_and_values_take_turns() {
        for (text, expected) in [
            ("USER#1", "USER *"),
            ("user#1", "user *"),
            ("PROFILE", "PROFILE"),
            ("alice", "*"),
            ("A", "*"),
            ("ORG#1#USER#2", "ORG * USER *"),
            ("ORDER#2024#7", "ORDER * *"),
            ("COUNTRY#FR", "COUNTRY *"),
            ("COUNTRY#FR#CITY#PARIS", "COUNTRY * CITY *"),
            ("#METADATA#1", " METADATA *"),
            ("2024-01-01#7", "* *"),
            ("USER#", "USER *"),
        ] {
            let shape: Vec<String> = shape(text, '#')
                .into_iter()
                .map(|segment| match segment {
                    Segment::Label(text) => text,
                    Segment::Value => "*".to_owned(),
                })
                .collect();
            assert_eq!(shape.join(" "), expected, "{text}");
        }
    }

    #[test]
    fn a_separator_is_one_that_most_values_of_a_key_have() {
        let of = |keys: &[&[&str]]| separator(keys.iter().map(|values| values.to_vec()));
        assert_eq!(of(&[&["USER#1", "ORDER#1"], &["PROFILE", "x"]]), Some('#'));
        assert_eq!(of(&[&["1", "2"], &["ITEM|1", "x"]]), Some('|'));
        assert_eq!(of(&[&["a", "b", "c#1"]]), None);
        assert_eq!(of(&[&["2024-01-01T10:00:00Z"]]), None);
        assert_eq!(of(&[&[]]), None);
    }
}
