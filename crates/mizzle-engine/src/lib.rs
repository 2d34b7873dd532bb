//! The engine: all changes of tables, items and the ledger, through [ports].
//!
//! - [`converge`] brings tables to a desired state: for `push`, for the settings of an environment,
//!   and for a table that a script adopts.
//! - [`migrate`] runs migration scripts once, in order, by one runner at a time, and rolls them
//!   back.
//!
//! The engine does not depend on a terminal, JavaScript or an SDK. The command line implements
//! [`World`](ports::World) with them; the tests implement it in memory.

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
