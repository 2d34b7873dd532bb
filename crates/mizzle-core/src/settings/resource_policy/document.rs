//! A policy document in canonical form.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// A resource-based policy, or no policy.
///
/// Equivalent policies are equal. The order of keys and of lists does not matter, nor whether a
/// single element is written as a list. An account number equals the ARN of the account's root,
/// which AWS replaces it with, and an omitted version equals the default one. In a request and in
/// files a policy is a string of JSON, as in AWS; the empty string is no policy.
#[derive(Debug, Clone, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct ResourcePolicy(Option<Value>);

impl ResourcePolicy {
    /// No policy: the default.
    pub const NONE: Self = Self(None);

    /// Creates a policy from a document.
    pub fn new(document: Value) -> Self {
        Self(Some(canonical(document)))
    }

    /// Returns the document; `None` if there is no policy.
    pub fn document(&self) -> Option<&Value> {
        self.0.as_ref()
    }

    /// True if there is no policy.
    pub fn is_none(&self) -> bool {
        self.0.is_none()
    }

    /// Returns the size in bytes of the document in a request.
    pub(super) fn size(&self) -> usize {
        String::from(self.clone()).len()
    }

    /// Returns the version of the policy language in the document.
    pub fn version(&self) -> Option<&str> {
        self.document()?.get(VERSION)?.as_str()
    }
}

/// The field of a policy that states the version of its language.
const VERSION: &str = "Version";

/// The default version. AWS adds it to the document.
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html>.
const DEFAULT_VERSION: &str = "2008-10-17";

impl PartialEq for ResourcePolicy {
    fn eq(&self, other: &Self) -> bool {
        /// Returns the fields without a version that is the default.
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

/// Returns the canonical form of equivalent values.
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
                // Both forms of the wildcard principal are equivalent.
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

/// Replaces the ARN of an account's root, in any partition, by its number.
fn account(value: Value) -> Value {
    let Value::String(text) = &value else { return value };
    let root = text.strip_prefix("arn:").and_then(|rest| rest.strip_suffix(":root"));
    match root.and_then(|rest| rest.split_once(":iam::")) {
        Some((_, number)) if number.bytes().all(|byte| byte.is_ascii_digit()) => number.into(),
        Some(_) | None => value,
    }
}

/// Converts the value of a condition to text.
fn text(value: Value) -> Value {
    match value {
        Value::Bool(_) | Value::Number(_) => value.to_string().into(),
        Value::Null | Value::String(_) | Value::Array(_) | Value::Object(_) => value,
    }
}
