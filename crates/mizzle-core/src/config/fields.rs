//! Reading an object field by field, and noting what is wrong with each.

use super::FieldProblem;
use crate::text;
use serde_json::{Map, Value};
use std::ops::RangeInclusive;

/// The fields of one object of the config.
pub(super) struct Fields<'a> {
    object: Option<&'a Map<String, Value>>,
    path: String,
    /// The fields that were asked for, which are the ones that exist.
    known: Vec<&'static str>,
    problems: &'a mut Vec<FieldProblem>,
}

impl<'a> Fields<'a> {
    /// The fields of `value`, which should be an object.
    pub(super) fn of(value: &'a Value, path: &str, problems: &'a mut Vec<FieldProblem>) -> Self {
        let object = value.as_object().filter(|object| !is_unsupported(object));
        if object.is_none() {
            let message = format!("must be an object, but is {}", kind(value));
            problems.push(FieldProblem { field: path.to_owned(), message, help: None });
        }
        Self { object, path: path.to_owned(), known: Vec::new(), problems }
    }

    fn path(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    /// The field's value; `null` counts as absent.
    fn get(&mut self, name: &'static str) -> Option<&'a Value> {
        self.known.push(name);
        self.object?.get(name).filter(|value| !value.is_null())
    }

    fn wrong(&mut self, name: &str, wanted: &str, found: &Value) {
        let message = format!("must be {wanted}, but is {}", kind(found));
        self.problems.push(FieldProblem { field: self.path(name), message, help: None });
    }

    /// A number out of range may be shown: no secret is a number.
    fn wrong_number(&mut self, name: &str, wanted: &str, found: &Value) {
        match found {
            Value::Number(number) => {
                let message = format!("must be {wanted}, but is {number}");
                self.problems.push(FieldProblem { field: self.path(name), message, help: None });
            }
            other => self.wrong(name, wanted, other),
        }
    }

    /// Accepts a field without reading it.
    pub(super) fn ignore(&mut self, name: &'static str) {
        self.known.push(name);
    }

    /// A string that is not empty.
    pub(super) fn text(&mut self, name: &'static str) -> Option<String> {
        match self.get(name)? {
            Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
            other => {
                self.wrong(name, "a string that is not empty", other);
                None
            }
        }
    }

    /// A string that has to be there when the object is.
    pub(super) fn required_text(&mut self, name: &'static str) -> Option<String> {
        let present = self.object?.get(name).is_some_and(|value| !value.is_null());
        if !present {
            self.known.push(name);
            let message = "is missing".to_owned();
            self.problems.push(FieldProblem { field: self.path(name), message, help: None });
            return None;
        }
        self.text(name)
    }

    /// A string, or an array of strings.
    pub(super) fn one_or_many(&mut self, name: &'static str) -> Option<Vec<String>> {
        const WANTED: &str = "a string or an array of strings that are not empty";
        let value = self.get(name)?;
        let items = match value {
            Value::Array(items) if !items.is_empty() => items.as_slice(),
            one => std::slice::from_ref(one),
        };
        let mut texts = Vec::new();
        for item in items {
            match item {
                Value::String(text) if !text.trim().is_empty() => texts.push(text.clone()),
                other => {
                    self.wrong(name, WANTED, other);
                    return None;
                }
            }
        }
        Some(texts)
    }

    /// `true` or `false`.
    pub(super) fn boolean(&mut self, name: &'static str) -> Option<bool> {
        match self.get(name)? {
            Value::Bool(value) => Some(*value),
            other => {
                self.wrong(name, "true or false", other);
                None
            }
        }
    }

    /// A whole number in a range.
    pub(super) fn integer(
        &mut self,
        name: &'static str,
        range: RangeInclusive<u64>,
    ) -> Option<u64> {
        let value = self.get(name)?;
        // JavaScript has one kind of number: 3.0 is 3.
        let whole = value.as_f64().filter(|number| number.fract() == 0.0 && *number >= 0.0);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "checked above"
        )]
        let number = whole.map(|number| number as u64).filter(|number| range.contains(number));
        if number.is_none() {
            let wanted = format!("a whole number from {} to {}", range.start(), range.end());
            self.wrong_number(name, &wanted, value);
        }
        number
    }

    /// A number for which `accept` holds.
    pub(super) fn number(
        &mut self,
        name: &'static str,
        wanted: &str,
        accept: impl Fn(f64) -> bool,
    ) -> Option<f64> {
        let value = self.get(name)?;
        let number = value.as_f64().filter(|number| accept(*number));
        if number.is_none() {
            self.wrong_number(name, wanted, value);
        }
        number
    }

    /// An object with fields of its own, of which no others may be there.
    pub(super) fn object(&mut self, name: &'static str, read: impl FnOnce(&mut Fields<'_>)) {
        let Some(value) = self.get(name) else { return };
        let path = self.path(name);
        let mut fields = Fields::of(value, &path, self.problems);
        if fields.object.is_some() {
            read(&mut fields);
            fields.refuse_unknown();
        }
    }

    /// Reports every field that nobody asked for. A typing error must not pass silently: a
    /// misspelt `endpoint` would send the next push to AWS.
    pub(super) fn refuse_unknown(&mut self) {
        let Some(object) = self.object else { return };
        for name in object.keys().filter(|name| !self.known.contains(&name.as_str())) {
            let help = text::did_you_mean(name, self.known.iter().copied())
                .unwrap_or_else(|| format!("the known fields are {}", text::list(&self.known)));
            let field = self.path(name);
            let message = "is not a known field".to_owned();
            self.problems.push(FieldProblem { field, message, help: Some(help) });
        }
    }
}

/// The mark that evaluation leaves for values that JSON cannot hold.
const UNSUPPORTED: &str = "$unsupported";

fn is_unsupported(object: &Map<String, Value>) -> bool {
    object.contains_key(UNSUPPORTED)
}

/// What a value is, without saying which.
fn kind(value: &Value) -> String {
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
