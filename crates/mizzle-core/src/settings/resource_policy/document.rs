//! A policy document, in one form for everything that means the same.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// A resource-based policy, or that there is none.
///
/// Two policies are equal when they say the same: neither the order of keys and of lists matters,
/// nor whether a list of one is written as a list, nor whether an account is named by its number
/// or by the ARN of its root, which is what AWS makes of the number, nor whether the version that
/// holds without a word is stated. In a request and in files it is a string of JSON, as AWS has it;
/// the empty string is no policy.
#[derive(Debug, Clone, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct ResourcePolicy(Option<Value>);

impl ResourcePolicy {
    /// No policy: the default.
    pub const NONE: Self = Self(None);

    /// A policy document.
    pub fn new(document: Value) -> Self {
        Self(Some(canonical(document)))
    }

    /// The document; `None` when there is no policy.
    pub fn document(&self) -> Option<&Value> {
        self.0.as_ref()
    }

    /// Whether there is no policy.
    pub fn is_none(&self) -> bool {
        self.0.is_none()
    }

    /// The size in bytes of the document as it is sent.
    pub(super) fn size(&self) -> usize {
        String::from(self.clone()).len()
    }

    /// The version of the policy language that the document states.
    pub fn version(&self) -> Option<&str> {
        self.document()?.get(VERSION)?.as_str()
    }
}

/// The field of a policy that states the version of its language.
const VERSION: &str = "Version";

/// The version that holds where none is stated. AWS writes it into the document.
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html>.
const DEFAULT_VERSION: &str = "2008-10-17";

impl PartialEq for ResourcePolicy {
    fn eq(&self, other: &Self) -> bool {
        /// The fields but for the version, when that is the one that holds anyway.
        fn fields(document: &Map<String, Value>) -> impl Iterator<Item = (&String, &Value)> {
            document.iter().filter(|(name, value)| {
                name.as_str() != VERSION || value.as_str() != Some(DEFAULT_VERSION)
            })
        }
        match (&self.0, &other.0) {
            (Some(Value::Object(own)), Some(Value::Object(other))) => fields(own).eq(fields(other)),
            (own, other) => own == other,
        }
    }
}

impl TryFrom<String> for ResourcePolicy {
    type Error = serde_json::Error;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text.is_empty() {
            return Ok(Self::NONE);
        }
        serde_json::from_str(&text).map(Self::new)
    }
}

impl From<ResourcePolicy> for String {
    fn from(policy: ResourcePolicy) -> Self {
        policy.0.map(|document| document.to_string()).unwrap_or_default()
    }
}

/// One form for everything that means the same.
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>.
fn canonical(value: Value) -> Value {
    match value {
        Value::Object(object) => {
            let sorted: BTreeMap<String, Value> = object
                .into_iter()
                .map(|(key, value)| {
                    let value = match key.as_str() {
                        "AWS" => each(value, &account),
                        "Condition" => each(value, &text),
                        _ => value,
                    };
                    (key, canonical(value))
                })
                .collect();
            match sorted.get("AWS") {
                // Everybody, in either way of writing it.
                Some(Value::String(anybody)) if anybody == "*" && sorted.len() == 1 => "*".into(),
                Some(_) | None => Value::Object(sorted.into_iter().collect()),
            }
        }
        Value::Array(items) => {
            let mut items: Vec<Value> = items.into_iter().map(canonical).collect();
            items.sort_by_key(Value::to_string);
            items.dedup();
            // Lists of a policy are sets, and a set of one is written as its element.
            if items.len() == 1 { items.swap_remove(0) } else { Value::Array(items) }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value,
    }
}

/// Changes every value within lists and objects.
fn each(value: Value, change: &impl Fn(Value) -> Value) -> Value {
    match value {
        Value::Array(items) => {
            Value::Array(items.into_iter().map(|item| each(item, change)).collect())
        }
        Value::Object(object) => Value::Object(
            object.into_iter().map(|(key, value)| (key, each(value, change))).collect(),
        ),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => change(value),
    }
}

/// The root of an account, in whatever partition, is its number.
fn account(value: Value) -> Value {
    let Value::String(text) = &value else { return value };
    let root = text.strip_prefix("arn:").and_then(|rest| rest.strip_suffix(":root"));
    match root.and_then(|rest| rest.split_once(":iam::")) {
        Some((_, number)) if number.bytes().all(|byte| byte.is_ascii_digit()) => number.into(),
        Some(_) | None => value,
    }
}

/// Values of conditions are texts, whichever way they are written.
fn text(value: Value) -> Value {
    match value {
        Value::Bool(_) | Value::Number(_) => value.to_string().into(),
        Value::Null | Value::String(_) | Value::Array(_) | Value::Object(_) => value,
    }
}
