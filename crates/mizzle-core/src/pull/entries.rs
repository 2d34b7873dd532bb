//! An entry of the config's `tables` as text.

use crate::typescript::{self, WIDTH};
use pretty::{DocAllocator, RcAllocator};
use serde_json::Value;

/// How a config is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// TypeScript or JavaScript.
    Code,
    /// JSON.
    Json,
}

/// A property of an object literal, `Shop: { … }`, without indentation of its own and with two
/// spaces a level.
pub fn entry(name: &str, value: &Value, style: Style) -> String {
    match style {
        Style::Code => {
            let doc = RcAllocator.nil().append(typescript::property(name, value));
            // It will stand a few levels further in.
            typescript::render(&doc, WIDTH - 8)
        }
        Style::Json => format!("{}: {value:#}", Value::from(name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_entry_in_either_style() {
        let value = json!({ "stream": "NEW_IMAGE", "tags": { "my team": "it's \"us\"", "__proto__": "x" }, "resourcePolicy": { "Statement": [{ "Action": ["a:b", "c:d"] }] } });
        assert_eq!(
            entry("my-shop", &value, Style::Code),
            "\"my-shop\": {\n  stream: \"NEW_IMAGE\",\n  tags: { \"my team\": 'it\\'s \"us\"', [\"__proto__\"]: \"x\" },\n  resourcePolicy: { Statement: [{ Action: [\"a:b\", \"c:d\"] }] },\n}"
        );
        assert_eq!(
            entry("Shop", &json!({ "timeToLive": "at" }), Style::Code),
            "Shop: { timeToLive: \"at\" }"
        );
        assert_eq!(
            entry("Shop", &json!({ "timeToLive": "at" }), Style::Json),
            "\"Shop\": {\n  \"timeToLive\": \"at\"\n}"
        );
    }
}
