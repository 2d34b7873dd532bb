//! Reads an object field by field and collects the problems of all fields.

use super::{FieldProblem, LONGEST_TIME};
use crate::text::{self, is_unsupported, kind};
use serde_json::{Map, Value};
use std::{collections::BTreeMap, ops::RangeInclusive, time::Duration};

/// The fields of one object of the config.
pub(crate) struct Fields<'a> {
    object: Option<&'a Map<String, Value>>,
    path: String,
    /// The fields that were read so far, which are those that exist.
    known: Vec<&'static str>,
    problems: &'a mut Vec<FieldProblem>,
}

impl<'a> Fields<'a> {
    /// Returns the fields of `value`, which should be an object.
    pub(crate) fn of(value: &'a Value, path: &str, problems: &'a mut Vec<FieldProblem>) -> Self {
        Self::of_either(value, path, "an object", problems)
    }

    /// Returns the fields of `value`, which should be an object or another kind that `wanted`
    /// names.
    fn of_either(
        value: &'a Value,
        path: &str,
        wanted: &str,
        problems: &'a mut Vec<FieldProblem>,
    ) -> Self {
        let object = value.as_object().filter(|object| !is_unsupported(object));
        if object.is_none() {
            let message = format!("must be {wanted}, but is {}", kind(value));
            problems.push(FieldProblem { field: path.to_owned(), message, help: None });
        }
        Self { object, path: path.to_owned(), known: Vec::new(), problems }
    }

    /// Returns the field's path for messages.
    pub(crate) fn path(&self, name: &str) -> String {
        text::member(&self.path, name)
    }

    fn know(&mut self, name: &'static str) {
        if !self.known.contains(&name) {
            self.known.push(name);
        }
    }

    /// Returns the field's value; `null` counts as absent.
    pub(crate) fn get(&mut self, name: &'static str) -> Option<&'a Value> {
        self.know(name);
        self.object?.get(name).filter(|value| !value.is_null())
    }

    /// Records a problem of a field, with an optional fix.
    pub(crate) fn complain(&mut self, name: &str, message: impl Into<String>, help: Option<&str>) {
        self.problems.push(FieldProblem {
            field: self.path(name),
            message: message.into(),
            help: help.map(str::to_owned),
        });
    }

    /// Records a problem of a field anywhere in the config, given by its path.
    pub(crate) fn complain_at(&mut self, field: &str, message: &str, help: &str) {
        self.problems.push(FieldProblem {
            field: field.to_owned(),
            message: message.to_owned(),
            help: Some(help.to_owned()),
        });
    }

    /// Records that a field is of the wrong kind.
    pub(crate) fn wrong(&mut self, name: &str, wanted: &str, found: &Value) {
        let message = format!("must be {wanted}, but is {}", kind(found));
        self.complain(name, message, None);
    }

    /// Records that a number is out of range. The message contains the number: no secret is a
    /// number.
    fn wrong_number(&mut self, name: &str, wanted: &str, found: &Value) {
        match found {
            Value::Number(number) => {
                self.complain(name, format!("must be {wanted}, but is {number}"), None);
            }
            other => self.wrong(name, wanted, other),
        }
    }

    /// Accepts a field without reading it.
    pub(crate) fn ignore(&mut self, name: &'static str) {
        self.know(name);
    }

    /// Reads a string that is not empty.
    pub(crate) fn text(&mut self, name: &'static str) -> Option<String> {
        match self.get(name)? {
            Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
            other => {
                self.wrong(name, "a string that is not empty", other);
                None
            }
        }
    }

    /// Reads a string that is required if the object exists.
    pub(crate) fn required_text(&mut self, name: &'static str) -> Option<String> {
        self.require(name);
        self.text(name)
    }

    /// Records a problem if the object exists and the field is missing.
    pub(crate) fn require(&mut self, name: &'static str) {
        if self.object.is_some() && self.get(name).is_none() {
            self.complain(name, "is missing", None);
        }
    }

    /// Reads a string for which `accept` holds.
    pub(crate) fn text_that(
        &mut self,
        name: &'static str,
        wanted: &str,
        accept: impl Fn(&str) -> bool,
    ) -> Option<String> {
        self.explained_text(name, wanted, accept, |_| None)
    }

    /// Reads a string for which `accept` holds; `explain` returns the fix for a string that is
    /// refused.
    pub(crate) fn explained_text(
        &mut self,
        name: &'static str,
        wanted: &str,
        accept: impl Fn(&str) -> bool,
        explain: impl Fn(&str) -> Option<String>,
    ) -> Option<String> {
        match self.get(name)? {
            Value::String(text) if accept(text) => Some(text.clone()),
            Value::String(text) if !text.trim().is_empty() => {
                let help = explain(text);
                let message = format!("must be {wanted}, but is another string");
                self.complain(name, message, help.as_deref());
                None
            }
            other => {
                self.wrong(name, wanted, other);
                None
            }
        }
    }

    /// Reads one of a few words and returns the value of the word. `or` names the other kinds that
    /// the field accepts.
    pub(crate) fn word<T: Copy>(
        &mut self,
        name: &'static str,
        words: &[(&'static str, T)],
        or: &[&str],
    ) -> Option<T> {
        let value = self.get(name)?;
        let given = value.as_str();
        if let Some((_, found)) = words.iter().find(|(word, _)| given == Some(word)) {
            return Some(*found);
        }
        let quoted = words.iter().map(|(word, _)| format!("{word:?}"));
        let wanted: Vec<String> = quoted.chain(or.iter().map(|&or| or.to_owned())).collect();
        let wanted = text::alternatives(&wanted);
        match given.filter(|given| !given.trim().is_empty()) {
            Some(given) => {
                let help = text::did_you_mean(given, words.iter().map(|(word, _)| *word));
                let message = format!("must be {wanted}, but is another string");
                self.complain(name, message, help.as_deref());
            }
            None => self.wrong(name, &wanted, value),
        }
        None
    }

    /// Reads a string or an array of strings.
    pub(crate) fn one_or_many(&mut self, name: &'static str) -> Option<Vec<String>> {
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

    /// Reads `true` or `false`.
    pub(crate) fn boolean(&mut self, name: &'static str) -> Option<bool> {
        match self.get(name)? {
            Value::Bool(value) => Some(*value),
            other => {
                self.wrong(name, "true or false", other);
                None
            }
        }
    }

    /// Reads a whole number in a range.
    pub(crate) fn integer(
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

    /// Reads a number for which `accept` holds.
    pub(crate) fn number(
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

    /// Reads a time of up to [`LONGEST_TIME`].
    pub(crate) fn seconds(&mut self, name: &'static str) -> Option<Duration> {
        const WANTED: &str = "a number of seconds above 0 and up to 3600";
        let seconds = self.number(name, WANTED, |n| n > 0.0 && n <= LONGEST_TIME.as_secs_f64());
        seconds.map(Duration::from_secs_f64)
    }

    /// Reads a whole number above 0.
    pub(crate) fn positive(&mut self, name: &'static str) -> Option<i64> {
        // Above this, not all of JavaScript's numbers are whole.
        const MAX: f64 = 9_007_199_254_740_991.0;
        let accept = |number: f64| number.fract() == 0.0 && (1.0..=MAX).contains(&number);
        let number = self.number(name, "a whole number above 0", accept)?;
        #[expect(clippy::cast_possible_truncation, reason = "checked above")]
        Some(number as i64)
    }

    /// Reads an object. Fields that `read` does not read are unknown.
    pub(crate) fn object(&mut self, name: &'static str, read: impl FnOnce(&mut Fields<'_>)) {
        self.object_or(name, "an object", read);
    }

    /// Reads an object in a field that also accepts other kinds, which `wanted` names.
    pub(crate) fn object_or(
        &mut self,
        name: &'static str,
        wanted: &str,
        read: impl FnOnce(&mut Fields<'_>),
    ) {
        let Some(value) = self.get(name) else { return };
        let path = self.path(name);
        let mut fields = Fields::of_either(value, &path, wanted, self.problems);
        if fields.object.is_some() {
            read(&mut fields);
            fields.refuse_unknown();
        }
    }

    /// Reads an object of objects with arbitrary names.
    pub(crate) fn entries(
        &mut self,
        name: &'static str,
        mut read: impl FnMut(&str, &mut Fields<'_>),
    ) {
        let Some(value) = self.get(name) else { return };
        let path = self.path(name);
        let entries = Fields::of(value, &path, self.problems);
        for (name, value) in entries.present() {
            let mut fields = Fields::of(value, &entries.path(name), entries.problems);
            if fields.object.is_some() {
                read(name, &mut fields);
                fields.refuse_unknown();
            }
        }
    }

    /// Reads an object of strings with arbitrary names. `check` returns the problem of a name or
    /// its string, and the fix.
    pub(crate) fn texts(
        &mut self,
        name: &'static str,
        check: impl Fn(&str, &str) -> Option<(String, &'static str)>,
    ) -> Option<BTreeMap<String, String>> {
        let value = self.get(name)?;
        let path = self.path(name);
        let mut fields = Fields::of(value, &path, self.problems);
        let mut texts = BTreeMap::new();
        for (name, value) in fields.present() {
            match value {
                Value::String(text) => {
                    if let Some((message, help)) = check(name, text) {
                        fields.complain(name, message, Some(help));
                    }
                    texts.insert(name.clone(), text.clone());
                }
                other => fields.wrong(name, "a string", other),
            }
        }
        Some(texts)
    }

    /// Returns the entries that are not `null`.
    fn present(&self) -> impl Iterator<Item = (&'a String, &'a Value)> + use<'a> {
        let entries = self.object.into_iter().flatten();
        entries.filter(|(_, value)| !value.is_null())
    }

    /// Reports every field that was not read. A misspelt name must not be ignored: a misspelt
    /// `endpoint` would send the next push to AWS.
    pub(crate) fn refuse_unknown(&mut self) {
        let Some(object) = self.object else { return };
        for name in object.keys().filter(|name| !self.known.contains(&name.as_str())) {
            let help = text::did_you_mean(name, self.known.iter().copied());
            let help = help.unwrap_or_else(|| match self.known.as_slice() {
                [only] => format!("the only field is {only}"),
                known => format!("the known fields are {}", text::list(known)),
            });
            let field = self.path(name);
            let message = "is not a known field".to_owned();
            self.problems.push(FieldProblem { field, message, help: Some(help) });
        }
    }
}

/// Returns the kind of the first value in `value` that JSON cannot represent, if there is one.
pub(crate) fn unsupported_within(value: &Value) -> Option<String> {
    match value {
        Value::Object(object) if is_unsupported(object) => Some(kind(value)),
        Value::Object(object) => object.values().find_map(unsupported_within),
        Value::Array(items) => items.iter().find_map(unsupported_within),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}
