//! Between the core's vocabulary and the SDK's: requests out, descriptions in.
//!
//! The core's types are taken apart and put together field by field, so that a new field cannot be
//! forgotten here.

pub(super) mod description;
pub(super) mod extras;
pub(super) mod requests;

#[cfg(test)]
mod tests;
