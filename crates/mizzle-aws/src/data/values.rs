//! Converts `AttributeValue`s between JSON and the SDK.

use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use aws_smithy_types::base64;
use mizzle_core::{
    decode::{DecodeError, Read, any_string, boolean, each, list},
    text,
};
use serde_json::{Map, Value, json};
use std::collections::HashMap;

/// The attributes of an item, or of a key.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// Reads the attributes of an item or of a key.
pub(crate) fn item(value: &Value, path: &str) -> Read<Item> {
    each(attribute)(value, path)
}

/// Reads one value.
pub(crate) fn attribute(value: &Value, path: &str) -> Read<AttributeValue> {
    const WANTED: &str = "an attribute value";
    let members = value.as_object().ok_or_else(|| DecodeError::kind(path, WANTED, value))?;
    let mut members = members.iter();
    let (Some((descriptor, value)), None) = (members.next(), members.next()) else {
        let message = "must be an attribute value, with one type such as S or N";
        return Err(DecodeError::new(path, message));
    };
    let within = text::member(path, descriptor);
    let within = within.as_str();
    match descriptor.as_str() {
        "S" => any_string(value, within).map(AttributeValue::S),
        "N" => any_string(value, within).map(AttributeValue::N),
        "B" => blob(value, within).map(AttributeValue::B),
        "SS" => list(any_string)(value, within).map(AttributeValue::Ss),
        "NS" => list(any_string)(value, within).map(AttributeValue::Ns),
        "BS" => list(blob)(value, within).map(AttributeValue::Bs),
        "BOOL" => boolean(value, within).map(AttributeValue::Bool),
        "NULL" => boolean(value, within).map(AttributeValue::Null),
        "L" => list(attribute)(value, within).map(AttributeValue::L),
        "M" => item(value, within).map(AttributeValue::M),
        unknown => Err(DecodeError::new(path, format!("has the unknown type {unknown:?}"))),
    }
}

fn blob(value: &Value, path: &str) -> Read<Blob> {
    let bytes = base64::decode(any_string(value, path)?);
    bytes.map(Blob::new).map_err(|_| DecodeError::new(path, "is not base64"))
}

/// Writes the attributes of an item, sorted by name: the SDK keeps no order, and the output should
/// not change from run to run.
pub(crate) fn item_json(item: &Item) -> Value {
    by_name(item, attribute_json)
}

/// Writes one value.
pub(crate) fn attribute_json(value: &AttributeValue) -> Value {
    let each_blob = |blobs: &[Blob]| blobs.iter().map(blob_json).collect::<Value>();
    match value {
        AttributeValue::S(text) => json!({ "S": text }),
        AttributeValue::N(number) => json!({ "N": number }),
        AttributeValue::B(blob) => json!({ "B": blob_json(blob) }),
        AttributeValue::Ss(texts) => json!({ "SS": texts }),
        AttributeValue::Ns(numbers) => json!({ "NS": numbers }),
        AttributeValue::Bs(blobs) => json!({ "BS": each_blob(blobs) }),
        AttributeValue::Bool(flag) => json!({ "BOOL": flag }),
        AttributeValue::Null(flag) => json!({ "NULL": flag }),
        AttributeValue::L(values) => {
            json!({ "L": values.iter().map(attribute_json).collect::<Value>() })
        }
        AttributeValue::M(members) => json!({ "M": item_json(members) }),
        // The SDK drops values of unknown types; this marks that there was one.
        _ => json!({ "UNKNOWN": true }),
    }
}

fn blob_json(blob: &Blob) -> Value {
    Value::String(base64::encode(blob))
}

/// Writes a map, sorted by name.
pub(crate) fn by_name<T>(map: &HashMap<String, T>, write: impl Fn(&T) -> Value) -> Value {
    let mut members: Vec<_> = map.iter().collect();
    members.sort_unstable_by_key(|(name, _)| *name);
    let members = members.into_iter().map(|(name, member)| (name.clone(), write(member)));
    Value::Object(members.collect::<Map<_, _>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_goes_there_and_back() {
        let everything = json!({
            "binary": { "B": "AAEC/w==" },
            "binaries": { "BS": ["AQ==", ""] },
            "flag": { "BOOL": false },
            "list": { "L": [{ "S": "" }, { "L": [] }, { "M": { "": { "N": "1" } } }] },
            "map": { "M": {} },
            "nothing": { "NULL": true },
            "number": { "N": "123456789012345678901234567890.12345678" },
            "numbers": { "NS": ["1", "-9007199254740993"] },
            "text": { "S": "ä\u{0}" },
            "texts": { "SS": ["b", "a"] },
        });
        assert_eq!(item_json(&item(&everything, "").unwrap()), everything);
    }

    #[test]
    fn what_is_no_attribute_value_is_refused_where_it_is() {
        for (value, message) in [
            (json!("x"), "a must be an attribute value, but is a string"),
            (json!({}), "a must be an attribute value, with one type such as S or N"),
            (
                json!({ "S": "x", "N": "1" }),
                "a must be an attribute value, with one type such as S or N",
            ),
            (json!({ "X": "x" }), "a has the unknown type \"X\""),
            (json!({ "N": 1 }), "a.N must be a string, but is a number"),
            (json!({ "B": "%" }), "a.B is not base64"),
            (json!({ "BS": ["", "="] }), "a.BS[1] is not base64"),
            (json!({ "BOOL": "true" }), "a.BOOL must be true or false, but is a string"),
            (json!({ "SS": "x" }), "a.SS must be an array, but is a string"),
            (
                json!({ "L": [{ "S": "x" }, { "M": { "a b": { "S": null } } }] }),
                "a.L[1].M[\"a b\"].S must be a string, but is null",
            ),
        ] {
            let error = item(&json!({ "a": value }), "").unwrap_err();
            assert_eq!(error.to_string(), message);
        }
    }
}
