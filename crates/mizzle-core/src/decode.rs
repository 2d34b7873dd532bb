//! Strict reading of JSON requests, field by field, up to the first error.
//!
//! A reader takes a value and its path: `string`, `list(string)`, a custom function. A field that
//! is `null` counts as absent.

use crate::text::{self, is_unsupported, kind};
use serde_json::{Map, Value};
use std::{cell::RefCell, fmt};

/// The value that was read, or the error.
pub type Read<T> = Result<T, DecodeError>;

/// An invalid value.
#[derive(Debug)]
pub struct DecodeError {
    /// The path of the value in JavaScript's notation; empty for the request as a whole.
    pub path: String,
    /// The rule that it breaks.
    pub message: String,
    /// The suggested fix, if the message does not imply it.
    pub hint: Option<String>,
}

impl DecodeError {
    /// Returns an error for the value at `path`.
    pub fn new(path: &str, message: impl Into<String>) -> Self {
        Self { path: path.to_owned(), message: message.into(), hint: None }
    }

    /// Returns an error for a value of the wrong kind.
    pub fn kind(path: &str, wanted: &str, found: &Value) -> Self {
        Self::new(path, format!("must be {wanted}, but is {}", kind(found)))
    }

    /// Adds a suggested fix.
    #[must_use]
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }
}

impl fmt::Display for DecodeError {
    /// `TransactItems[2].Put.Item must be an object, but is a string`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = if self.path.is_empty() { "the request" } else { &self.path };
        write!(f, "{path} {}", self.message)?;
        self.hint.iter().try_for_each(|hint| write!(f, "; {hint}"))
    }
}

/// The fields of one object.
#[derive(Debug)]
pub struct Fields<'a> {
    object: &'a Map<String, Value>,
    path: &'a str,
    /// The fields that were read.
    asked: RefCell<Vec<&'static str>>,
}

impl<'a> Fields<'a> {
    /// Returns the fields of `value`, which must be an object with `known` fields only. For the
    /// `elsewhere` fields, which AWS supports and mizzle does not send, the error suggests an
    /// alternative.
    ///
    /// # Errors
    ///
    /// The value is not an object, or has another field.
    pub fn of(
        value: &'a Value,
        path: &'a str,
        known: &[&str],
        elsewhere: &[(&str, &str)],
    ) -> Read<Self> {
        let fields = Self::any(value, path)?;
        let Some((name, _)) = fields.others(known).find(|(_, value)| !value.is_null()) else {
            return Ok(fields);
        };
        Err(match elsewhere.iter().find(|(other, _)| other == name) {
            Some((_, instead)) => {
                DecodeError::new(&fields.path(name), "is a field that mizzle does not send")
                    .hint(*instead)
            }
            None => fields.unknown(name, known),
        })
    }

    /// Reads an object. `read` must read every field that the object may have; no other field may
    /// exist, not even with the value `null`.
    ///
    /// # Errors
    ///
    /// The value is not an object, `read` fails, or the object has another field.
    pub fn read<T>(
        value: &'a Value,
        path: &'a str,
        read: impl FnOnce(&Self) -> Read<T>,
    ) -> Read<T> {
        let fields = Self::any(value, path)?;
        let result = read(&fields)?;
        let known = fields.asked.borrow();
        match fields.others(&known).next() {
            None => Ok(result),
            Some((name, _)) => Err(fields.unknown(name, &known)),
        }
    }

    fn any(value: &'a Value, path: &'a str) -> Read<Self> {
        match value.as_object().filter(|object| !is_unsupported(object)) {
            Some(object) => Ok(Self { object, path, asked: RefCell::default() }),
            None if path.is_empty() => {
                let message = format!("takes an object, but was given {}", kind(value));
                Err(DecodeError::new(path, message))
            }
            None => Err(DecodeError::kind(path, "an object", value)),
        }
    }

    fn others(&self, known: &[&str]) -> impl Iterator<Item = (&String, &Value)> {
        self.object.iter().filter(|(name, _)| !known.contains(&name.as_str()))
    }

    fn unknown(&self, name: &str, known: &[&str]) -> DecodeError {
        let hint = text::did_you_mean(name, known.iter().copied());
        let hint = hint.unwrap_or_else(|| match known {
            [only] => format!("the only field is {only}"),
            known => format!("the known fields are {}", text::list(known)),
        });
        DecodeError::new(&self.path(name), "is not a known field").hint(hint)
    }

    fn path(&self, name: &str) -> String {
        text::member(self.path, name)
    }

    /// Reads an optional field.
    ///
    /// # Errors
    ///
    /// The error of `read`.
    pub fn optional<T>(
        &self,
        name: &'static str,
        read: impl Fn(&Value, &str) -> Read<T>,
    ) -> Read<Option<T>> {
        self.asked.borrow_mut().push(name);
        let value = self.object.get(name).filter(|value| !value.is_null());
        value.map(|value| read(value, &self.path(name))).transpose()
    }

    /// Reads a required field.
    ///
    /// # Errors
    ///
    /// The field is missing, or `read` fails.
    pub fn required<T>(
        &self,
        name: &'static str,
        read: impl Fn(&Value, &str) -> Read<T>,
    ) -> Read<T> {
        self.optional(name, read)?.ok_or_else(|| DecodeError::new(&self.path(name), "is missing"))
    }
}

/// Reads a string that is not empty.
///
/// # Errors
///
/// The value is not such a string.
pub fn string(value: &Value, path: &str) -> Read<String> {
    match value {
        Value::String(text) if !text.is_empty() => Ok(text.clone()),
        other => Err(DecodeError::kind(path, "a string that is not empty", other)),
    }
}

/// Reads a string.
///
/// # Errors
///
/// The value is not a string.
pub fn any_string(value: &Value, path: &str) -> Read<String> {
    let text = value.as_str().map(str::to_owned);
    text.ok_or_else(|| DecodeError::kind(path, "a string", value))
}

/// Reads `true` or `false`.
///
/// # Errors
///
/// The value is not a boolean.
pub fn boolean(value: &Value, path: &str) -> Read<bool> {
    value.as_bool().ok_or_else(|| DecodeError::kind(path, "true or false", value))
}

/// Reads a whole number. JavaScript has one kind of number: 3.0 is 3.
///
/// # Errors
///
/// The value is not a whole number.
pub fn integer(value: &Value, path: &str) -> Read<i64> {
    // Above this, not all of JavaScript's numbers are whole.
    const MAX: f64 = 9_007_199_254_740_991.0;
    if let Some(number) = value.as_i64() {
        return Ok(number);
    }
    match value.as_f64() {
        Some(number) if number.fract() == 0.0 && number.abs() <= MAX => {
            #[expect(clippy::cast_possible_truncation, reason = "checked above")]
            let number = number as i64;
            Ok(number)
        }
        Some(number) => {
            Err(DecodeError::new(path, format!("must be a whole number, but is {number}")))
        }
        None => Err(DecodeError::kind(path, "a whole number", value)),
    }
}

/// Returns a reader for one of a few words.
pub fn word<T: Copy>(words: &[(&str, T)]) -> impl Fn(&Value, &str) -> Read<T> {
    move |value, path| {
        let given = value.as_str();
        if let Some((_, found)) = words.iter().find(|(word, _)| given == Some(word)) {
            return Ok(*found);
        }
        let quoted: Vec<String> = words.iter().map(|(word, _)| format!("{word:?}")).collect();
        let wanted = text::alternatives(&quoted);
        Err(match given.filter(|given| !given.is_empty()) {
            Some(given) => {
                let wrong = DecodeError::new(path, format!("must be {wanted}, but is {given:?}"));
                let hint = text::did_you_mean(given, words.iter().map(|(word, _)| *word));
                DecodeError { hint, ..wrong }
            }
            None => DecodeError::kind(path, &wanted, value),
        })
    }
}

/// Returns a reader for an array.
pub fn list<T>(item: impl Fn(&Value, &str) -> Read<T>) -> impl Fn(&Value, &str) -> Read<Vec<T>> {
    move |value, path| {
        let Value::Array(items) = value else {
            return Err(DecodeError::kind(path, "an array", value));
        };
        let items = items.iter().enumerate();
        items.map(|(position, value)| item(value, &format!("{path}[{position}]"))).collect()
    }
}

/// Returns a reader for an object whose members all have the same type. An ordered collection keeps
/// the order of the object.
pub fn each<T, C: FromIterator<(String, T)>>(
    member: impl Fn(&Value, &str) -> Read<T>,
) -> impl Fn(&Value, &str) -> Read<C> {
    move |value, path| {
        let Value::Object(members) = value else {
            return Err(DecodeError::kind(path, "an object", value));
        };
        let read = |(name, value): (&String, _)| {
            Ok((name.clone(), member(value, &text::member(path, name))?))
        };
        members.iter().map(read).collect()
    }
}
