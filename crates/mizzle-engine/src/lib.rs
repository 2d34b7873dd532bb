//! The engine: everything that changes tables, items and the ledger, through [ports].
//!
//! - [`converge`] brings tables to a desired state: for `push`, for the settings that an environment
//!   has of its own, and for a table that a script adopts.
//! - [`migrate`] runs migration scripts once, in order, by one runner at a time, and rolls them back.
//!
//! The engine knows no terminal, no JavaScript and no SDK. The command line hands them in as a
//! [`World`](ports::World); the tests hand in memory.

pub mod backup;
pub mod context;
pub mod converge;
pub mod drift;
pub mod environment;
pub mod error;
pub mod migrate;
pub mod outcome;
pub mod ports;

pub use context::Context;
pub use environment::Environment;
pub use error::Error;
