//! The embedded DynamoDB: one file, no server, no Java, no credentials.
//!
//! A [`Store`] is an open database. It speaks DynamoDB's own HTTP protocol, always on the
//! loopback interface: for the length of one command with [`Store::spawn`], or for the user's
//! application with [`Store::serve`] on a listener from [`bind`].
//!
//! One process at a time holds a database file. The lock lives beside it:
//!
//! | file | what it is |
//! |---|---|
//! | `local.db` (and SQLite's `-wal`, `-shm`) | the tables |
//! | `local.db.lock` | empty; the operating system's lock on it is the lock |
//! | `local.db.owner` | who holds the lock, for the error message of the second process |
//!
//! The operating system frees the lock when its holder ends in whatever way, so there is no stale
//! lock to remove by hand. Whoever finds the database served by [`Store::serve`] goes through that server
//! ([`Access`]).

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
