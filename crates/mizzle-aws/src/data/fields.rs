//! Reading a request that is JSON: every field is taken out by name, and none may be left.

use aws_sdk_dynamodb::error::BuildError;
use mizzle_core::text;
use serde_json::{Map, Value};
use std::{collections::HashMap, fmt};

/// A request that cannot be sent: what is wrong with it, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Misfit {
    /// The way to the place, from the inside out.
    path: Vec<Segment>,
    problem: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Name(String),
    Index(usize),
}

impl Misfit {
    pub(crate) fn new(problem: impl Into<String>) -> Self {
        Self { path: Vec::new(), problem: problem.into() }
    }

    /// Of a value that should be something else.
    pub(crate) fn not(wanted: &str, value: &Value) -> Self {
        let kind = match value {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::Array(_) => "an array",
            Value::Object(_) => "an object",
        };
        Self::new(format!("must be {wanted}, but is {kind}"))
    }

    pub(crate) fn within(mut self, name: &str) -> Self {
        self.path.push(Segment::Name(name.to_owned()));
        self
    }

    pub(crate) fn at(mut self, index: usize) -> Self {
        self.path.push(Segment::Index(index));
        self
    }
}

impl From<BuildError> for Misfit {
    fn from(error: BuildError) -> Self {
        Self::new(error.to_string())
    }
}

impl fmt::Display for Misfit {
    /// `TransactItems[2].Put.Item must be an object, but is a string`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.iter().rev().fold(String::new(), |path, segment| match segment {
            Segment::Name(name) => text::member(&path, name),
            Segment::Index(index) => format!("{path}[{index}]"),
        });
        let subject = if path.is_empty() { "the request" } else { &path };
        write!(f, "{subject} {}", self.problem)
    }
}

/// An object of a request, while its fields are taken out.
#[derive(Debug)]
pub(crate) struct Fields<'a> {
    object: &'a Map<String, Value>,
    /// The fields that it may have: those that were asked for.
    known: Vec<&'static str>,
}

impl<'a> Fields<'a> {
    /// Reads an object that the API calls `shape`. `read` asks for every field that it may have.
    pub(crate) fn read<T>(
        value: &'a Value,
        shape: &str,
        read: impl FnOnce(&mut Self) -> Result<T, Misfit>,
    ) -> Result<T, Misfit> {
        let object = value.as_object().ok_or_else(|| Misfit::not("an object", value))?;
        let mut fields = Self { object, known: Vec::new() };
        let result = read(&mut fields)?;
        let Self { object, known } = fields;
        match object.keys().find(|name| !known.contains(&name.as_str())) {
            None => Ok(result),
            Some(unknown) => {
                let hint = text::did_you_mean(unknown, known.iter().copied())
                    .unwrap_or_else(|| format!("it may have {}", text::list(&known)));
                Err(Misfit::new(format!(
                    "has the field {unknown:?}, which {shape} does not know; {hint}"
                )))
            }
        }
    }

    /// The field, when it is there; as in the SDKs, `null` is not.
    pub(crate) fn field<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&'a Value) -> Result<T, Misfit>,
    ) -> Result<Option<T>, Misfit> {
        self.known.push(name);
        let value = self.object.get(name).filter(|value| !value.is_null());
        value.map(read).transpose().map_err(|misfit| misfit.within(name))
    }

    /// A field without which the object means nothing.
    pub(crate) fn required<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&'a Value) -> Result<T, Misfit>,
    ) -> Result<T, Misfit> {
        self.field(name, read)?.ok_or_else(|| Misfit::new("is missing").within(name))
    }

    pub(crate) fn text(&mut self, name: &'static str) -> Result<Option<String>, Misfit> {
        self.field(name, text_of)
    }

    pub(crate) fn flag(&mut self, name: &'static str) -> Result<Option<bool>, Misfit> {
        self.field(name, |value| value.as_bool().ok_or_else(|| Misfit::not("a boolean", value)))
    }

    pub(crate) fn whole(&mut self, name: &'static str) -> Result<Option<i32>, Misfit> {
        self.field(name, |value| {
            // JavaScript does not tell 5 from 5.0, whoever wrote the JSON may not either.
            let number = value.as_f64().ok_or_else(|| Misfit::not("a number", value))?;
            let is_whole = number.fract() == 0.0;
            let is_small = (f64::from(i32::MIN)..=f64::from(i32::MAX)).contains(&number);
            if !(is_whole && is_small) {
                return Err(Misfit::new(format!("must be a whole number, but is {number}")));
            }
            #[expect(clippy::cast_possible_truncation, reason = "it was just compared")]
            Ok(number as i32)
        })
    }

    /// A word of a fixed set. What the set is, the service says: it may have grown.
    pub(crate) fn word<E>(&mut self, name: &'static str) -> Result<Option<E>, Misfit>
    where
        E: for<'t> From<&'t str>,
    {
        self.field(name, word_of)
    }

    pub(crate) fn texts(&mut self, name: &'static str) -> Result<Option<Vec<String>>, Misfit> {
        self.field(name, |value| list(value, text_of))
    }

    /// `ExpressionAttributeNames`.
    pub(crate) fn names(&mut self) -> Result<Option<HashMap<String, String>>, Misfit> {
        self.field("ExpressionAttributeNames", |value| each(value, text_of))
    }
}

pub(crate) fn text_of(value: &Value) -> Result<String, Misfit> {
    value.as_str().map(str::to_owned).ok_or_else(|| Misfit::not("a string", value))
}

pub(crate) fn word_of<E: for<'t> From<&'t str>>(value: &Value) -> Result<E, Misfit> {
    value.as_str().map(E::from).ok_or_else(|| Misfit::not("a string", value))
}

/// Every element of an array.
pub(crate) fn list<'a, T>(
    value: &'a Value,
    read: impl Fn(&'a Value) -> Result<T, Misfit>,
) -> Result<Vec<T>, Misfit> {
    let elements = value.as_array().ok_or_else(|| Misfit::not("an array", value))?;
    let read = |(index, element)| read(element).map_err(|misfit| misfit.at(index));
    elements.iter().enumerate().map(read).collect()
}

/// Every member of an object whose members are all alike, in the order of the object when what they
/// are collected in has one.
pub(crate) fn each<'a, T, C: FromIterator<(String, T)>>(
    value: &'a Value,
    read: impl Fn(&'a Value) -> Result<T, Misfit>,
) -> Result<C, Misfit> {
    let members = value.as_object().ok_or_else(|| Misfit::not("an object", value))?;
    let read = |(name, member): (&String, _)| match read(member) {
        Ok(value) => Ok((name.clone(), value)),
        Err(misfit) => Err(misfit.within(name)),
    };
    members.iter().map(read).collect()
}
