//! Migration scripts: plans in TypeScript that people can read, review and extend.

mod call;
mod copy;
mod name;
mod typescript;

pub use copy::{ItemCopy, copies};
pub use name::{from_diff, sanitised};
pub use typescript::{write, write_copying, write_custom};
