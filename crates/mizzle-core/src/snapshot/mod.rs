//! The state of the tables after each migration: reading and writing snapshot files.

mod format;
mod history;

pub use format::{FIRST_FORMAT, Snapshot, SnapshotError, read_first_format};
pub use history::{Head, HistoryError, MigrationName, head};
