//! Reading a request field by field, up to the first that is wrong.

use crate::text::{self, is_unsupported, kind};
use serde_json::{Map, Value};

/// What was read, or what is wrong with it.
pub(crate) type Read<T> = Result<T, Wrong>;

/// A value that is not what it should be.
#[derive(Debug)]
pub(crate) struct Wrong {
    pub(crate) path: String,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
}

impl Wrong {
    pub(crate) fn new(path: &str, message: impl Into<String>) -> Self {
        Self { path: path.to_owned(), message: message.into(), hint: None }
    }

    /// A value of another kind than is wanted.
    pub(crate) fn kind(path: &str, wanted: &str, found: &Value) -> Self {
        Self::new(path, format!("must be {wanted}, but is {}", kind(found)))
    }

    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }
}

/// The fields of one object.
pub(crate) struct Fields<'a> {
    object: &'a Map<String, Value>,
    path: &'a str,
}

impl<'a> Fields<'a> {
    /// The fields of `value`, which has to be an object with no others than the `known` ones. Of
    /// the `elsewhere` ones, which AWS knows, it says what to do instead.
    pub(crate) fn of(
        value: &'a Value,
        path: &'a str,
        known: &[&str],
        elsewhere: &[(&str, &str)],
    ) -> Read<Self> {
        let Some(object) = value.as_object().filter(|object| !is_unsupported(object)) else {
            return Err(match path {
                "" => Wrong::new(path, format!("takes an object, but was given {}", kind(value))),
                path => Wrong::kind(path, "an object", value),
            });
        };
        let fields = Self { object, path };
        let mut given = object.iter().filter(|(_, value)| !value.is_null());
        let Some((name, _)) = given.find(|(name, _)| !known.contains(&name.as_str())) else {
            return Ok(fields);
        };
        let path = fields.path(name);
        Err(match elsewhere.iter().find(|(other, _)| other == name) {
            Some((_, instead)) => {
                Wrong::new(&path, "is a field that mizzle does not send").hint(*instead)
            }
            None => {
                let hint = text::did_you_mean(name, known.iter().copied());
                Wrong::new(&path, "is not a known field").hint(hint.unwrap_or_else(
                    || match known {
                        [only] => format!("the only field is {only}"),
                        known => format!("the known fields are {}", text::list(known)),
                    },
                ))
            }
        })
    }

    fn path(&self, name: &str) -> String {
        text::member(self.path, name)
    }

    /// A field that may be left out.
    pub(crate) fn optional<T>(
        &self,
        name: &str,
        read: impl Fn(&Value, &str) -> Read<T>,
    ) -> Read<Option<T>> {
        let value = self.object.get(name).filter(|value| !value.is_null());
        value.map(|value| read(value, &self.path(name))).transpose()
    }

    /// A field that has to be there.
    pub(crate) fn required<T>(
        &self,
        name: &str,
        read: impl Fn(&Value, &str) -> Read<T>,
    ) -> Read<T> {
        self.optional(name, read)?.ok_or_else(|| Wrong::new(&self.path(name), "is missing"))
    }
}

/// A string that is not empty.
pub(crate) fn string(value: &Value, path: &str) -> Read<String> {
    match value {
        Value::String(text) if !text.is_empty() => Ok(text.clone()),
        other => Err(Wrong::kind(path, "a string that is not empty", other)),
    }
}

/// A string.
pub(crate) fn any_string(value: &Value, path: &str) -> Read<String> {
    let text = value.as_str().map(str::to_owned);
    text.ok_or_else(|| Wrong::kind(path, "a string", value))
}

/// `true` or `false`.
pub(crate) fn boolean(value: &Value, path: &str) -> Read<bool> {
    value.as_bool().ok_or_else(|| Wrong::kind(path, "true or false", value))
}

/// A whole number, as JavaScript has them: 3.0 is 3.
pub(crate) fn integer(value: &Value, path: &str) -> Read<i64> {
    // Beyond this, JavaScript's numbers are not whole any more.
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
        Some(number) => Err(Wrong::new(path, format!("must be a whole number, but is {number}"))),
        None => Err(Wrong::kind(path, "a whole number", value)),
    }
}

/// One of a few words.
pub(crate) fn word<T: Copy>(words: &[(&str, T)]) -> impl Fn(&Value, &str) -> Read<T> {
    move |value, path| {
        let given = value.as_str();
        if let Some((_, found)) = words.iter().find(|(word, _)| given == Some(word)) {
            return Ok(*found);
        }
        let quoted: Vec<String> = words.iter().map(|(word, _)| format!("{word:?}")).collect();
        let wanted = text::alternatives(&quoted);
        Err(match given.filter(|given| !given.is_empty()) {
            Some(given) => {
                let wrong = Wrong::new(path, format!("must be {wanted}, but is {given:?}"));
                let hint = text::did_you_mean(given, words.iter().map(|(word, _)| *word));
                Wrong { hint, ..wrong }
            }
            None => Wrong::kind(path, &wanted, value),
        })
    }
}

/// An array.
pub(crate) fn list<T>(
    item: impl Fn(&Value, &str) -> Read<T>,
) -> impl Fn(&Value, &str) -> Read<Vec<T>> {
    move |value, path| {
        let Value::Array(items) = value else { return Err(Wrong::kind(path, "an array", value)) };
        let items = items.iter().enumerate();
        items.map(|(position, value)| item(value, &format!("{path}[{position}]"))).collect()
    }
}
