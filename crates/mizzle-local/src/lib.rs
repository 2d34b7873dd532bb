//! The embedded DynamoDB: one file, no server, no Java, no credentials.
//!
//! A [`Store`] is an open database. It is served with DynamoDB's own HTTP protocol, always on the
//! loopback interface: for the duration of one command with [`Store::spawn`], or for the user's
//! application with [`Store::serve`] on a listener from [`bind`].
//!
//! One process at a time holds a database file. The lock is beside it:
//!
//! | file | content |
//! |---|---|
//! | `local.db` (and SQLite's `-wal`, `-shm`) | the tables |
//! | `local.db.lock` | empty; the operating system's lock on it is the lock |
//! | `local.db.owner` | the holder of the lock, for the error message of a second process |
//!
//! The operating system releases the lock when its holder ends for any reason, so there is no stale
//! lock to remove by hand. A process that finds the database served by [`Store::serve`] uses that
//! server ([`Access`]).

mod access;
mod connection;
mod directory;
mod engine;
mod error;
mod http;
mod lock;
mod names;
mod owner;
mod recovery;
mod regular;
mod server;
mod store;
mod witness;

pub use access::Access;
pub use error::LocalError;
pub use lock::Purpose;
pub use owner::Owner;
pub use server::{Embedded, Server, bind};
pub use store::Store;
