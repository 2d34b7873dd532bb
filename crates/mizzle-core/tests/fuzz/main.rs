//! Fuzz targets of the core. `cargo test` runs each over its corpus and some random input;
//! `cargo xtask fuzz` runs them with libFuzzer.

#![allow(clippy::unwrap_used, reason = "a target that cannot go on should panic")]

mod config;
mod recording;
mod snapshot;

use std::fmt::Display;

/// The longest message that a target accepts, in bytes. Quoted input in messages is truncated.
const LONGEST: usize = 4_096;

/// Fails if a message is empty, or repeats its input at length.
#[track_caller]
fn assert_short(message: &impl Display) {
    let message = message.to_string();
    assert!(!message.is_empty());
    assert!(message.len() <= LONGEST, "a message of {} bytes: {message:.200}", message.len());
}
