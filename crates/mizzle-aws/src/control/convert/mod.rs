//! Conversion between the types of the core and of the SDK: requests out, descriptions in.
//!
//! The core's types are destructured and built field by field, so that a new field cannot be
//! forgotten here.

pub(super) mod description;
pub(super) mod extras;
pub(super) mod requests;

#[cfg(test)]
mod tests;
