//! Prints an entry of the config's `tables`.

use crate::typescript::{self, WIDTH};
use pretty::{DocAllocator, RcAllocator};
use serde_json::Value;

/// The syntax of a config.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// TypeScript or JavaScript.
    Code,
    /// JSON.
    Json,
}

/// Prints a property of an object literal, `Shop: { … }`. It has two spaces per level, and starts
/// at the first column.
pub fn entry(name: &str, value: &Value, style: Style) -> String {
    match style {
        Style::Code => {
            let doc = RcAllocator.nil().append(typescript::property(name, value));
            // It will be indented by a few levels.
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
