//! Migration scripts: a plan written in TypeScript, for people to read, review and extend.

mod name;
mod typescript;

pub use name::{from_diff, sanitised};
pub use typescript::{write, write_custom};
