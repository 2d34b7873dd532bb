//! Encodes and decodes names, also within responses and ARNs.

use serde_json::Value;

/// The start of every encoded name.
pub(super) const PREFIX: &str = "..mizzle..";

/// The maximum length of a name in DynamoDB, and so in the library.
pub(super) const LONGEST: usize = 255;

/// Returns the name in lower case, as SQLite compares names.
pub(super) fn fold(name: &str) -> String {
    name.to_ascii_lowercase()
}

/// True if DynamoDB allows the name.
pub(super) fn is_name(name: &str) -> bool {
    (3..=LONGEST).contains(&name.len()) && name.bytes().all(is_name_byte)
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

/// True if SQLite, or the library, reserves such names.
pub(super) fn is_reserved(table: &str) -> bool {
    table.starts_with('_') || fold(table).starts_with("sqlite_") || is_encoded(table)
}

pub(super) fn is_encoded(stored: &str) -> bool {
    fold(stored).starts_with(PREFIX)
}

pub(super) fn encoded(name: &str) -> String {
    let mut stored = PREFIX.to_owned();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() || letter == '.' {
            stored.push('.');
        }
        stored.push(letter.to_ascii_lowercase());
    }
    stored
}

/// Returns the name that is stored as `stored`.
pub(super) fn decoded(stored: &str) -> String {
    match stored.strip_prefix(PREFIX).map(decoded_start) {
        Some((name, "")) => name,
        _ => stored.to_owned(),
    }
}

/// Decodes the text after [`PREFIX`], up to the end of the name. Also returns the rest of the text.
fn decoded_start(text: &str) -> (String, &str) {
    let mut name = String::new();
    let mut rest = text;
    loop {
        let mut letters = rest.chars();
        match letters.next() {
            Some('.') => match letters.next() {
                Some(letter) if letter == '.' || letter.is_ascii_lowercase() => {
                    name.push(letter.to_ascii_uppercase());
                }
                _ => return (name, rest),
            },
            Some(letter)
                if letter.is_ascii_lowercase()
                    || letter.is_ascii_digit()
                    || matches!(letter, '_' | '-') =>
            {
                name.push(letter);
            }
            _ => return (name, rest),
        }
        rest = letters.as_str();
    }
}

/// Decodes the names in a text.
pub(super) fn decoded_text(text: &str) -> String {
    let mut decoded = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(PREFIX) {
        let (name, behind) = decoded_start(after);
        decoded.push_str(before);
        decoded.push_str(&name);
        rest = behind;
    }
    decoded + rest
}

/// Decodes the names in the fields that contain one. No part of an item is mistaken for such a
/// field: there every value is an object, `{"S": "…"}`.
pub(super) fn decode_fields(value: &mut Value) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(decode_fields),
        Value::Object(fields) => {
            for (key, value) in fields {
                match (key.as_str(), &mut *value) {
                    (
                        "TableName"
                        | "IndexName"
                        | "LastEvaluatedTableName"
                        | "message"
                        | "Message",
                        Value::String(text),
                    ) => *text = decoded_text(text),
                    (
                        "TableArn"
                        | "IndexArn"
                        | "LatestStreamArn"
                        | "StreamArn"
                        | "LastEvaluatedStreamArn"
                        | "eventSourceARN",
                        Value::String(arn),
                    ) => *arn = in_arn(arn, decoded, decoded),
                    ("GlobalSecondaryIndexes" | "LocalSecondaryIndexes", Value::Object(_)) => {
                        decode_keys(value);
                    }
                    _ => decode_fields(value),
                }
            }
        }
        _ => {}
    }
}

pub(super) fn decode_keys(map: &mut Value) {
    if let Value::Object(map) = map {
        *map = std::mem::take(map).into_iter().map(|(key, value)| (decoded(&key), value)).collect();
    }
}

/// Returns the name of the table in an ARN of the table itself, an index or a stream.
pub(super) fn table_of_arn(arn: &str) -> Option<&str> {
    let (_, resource) = arn.strip_prefix("arn:")?.split_once(":table/")?;
    resource.split('/').next()
}

/// Replaces the table and index names in an ARN.
pub(super) fn in_arn(
    arn: &str,
    table: impl FnOnce(&str) -> String,
    index: impl FnOnce(&str) -> String,
) -> String {
    let Some((before, resource)) = arn.split_once(":table/") else { return arn.to_owned() };
    let mut parts = resource.split('/').map(str::to_owned).collect::<Vec<_>>();
    parts[0] = table(&parts[0]);
    if parts.len() == 3 && parts[1] == "index" {
        parts[2] = index(&parts[2]);
    }
    format!("{before}:table/{}", parts.join("/"))
}
