//! Readers of the fields that several item requests share.

use crate::data::values::{Item, item};
use aws_sdk_dynamodb::error::BuildError;
use mizzle_core::decode::{DecodeError, Fields, Read, any_string, each, integer};
use serde_json::Value;
use std::collections::HashMap;

/// Reads `ExpressionAttributeNames`.
pub(crate) fn names(fields: &Fields<'_>) -> Read<Option<HashMap<String, String>>> {
    fields.optional("ExpressionAttributeNames", each(any_string))
}

/// Reads `ExpressionAttributeValues`.
pub(crate) fn values(fields: &Fields<'_>) -> Read<Option<Item>> {
    fields.optional("ExpressionAttributeValues", item)
}

/// Reads a whole number.
pub(crate) fn whole(value: &Value, path: &str) -> Read<i32> {
    let number = integer(value, path)?;
    let message = || format!("must be a whole number of 32 bits, but is {number}");
    i32::try_from(number).map_err(|_| DecodeError::new(path, message()))
}

/// Reads a word of a fixed set. Only the service can check it, since the set may have grown.
pub(crate) fn word<E: for<'t> From<&'t str>>(value: &Value, path: &str) -> Read<E> {
    let word = value.as_str().map(E::from);
    word.ok_or_else(|| DecodeError::kind(path, "a string", value))
}

/// Returns a part of a request as the SDK has built it.
pub(crate) fn built<T>(path: &str, part: Result<T, BuildError>) -> Read<T> {
    part.map_err(|error| DecodeError::new(path, error.to_string()))
}
