//! What the tables looked like after each migration: bytes in, model out.

mod format;
mod history;

pub use format::{FIRST_FORMAT, Snapshot, SnapshotError, read_first_format};
pub use history::{Head, HistoryError, MigrationName, head};
