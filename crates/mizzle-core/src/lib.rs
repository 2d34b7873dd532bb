//! The pure core of mizzle: model, snapshots, diff, plan, scripts and the executor's ports.
//!
//! Nothing here accesses files, the environment, a clock or the network; the ports of [`apply`]
//! provide them.

pub mod apply;
pub mod config;
pub mod decode;
pub mod diff;
pub mod export;
pub mod history;
pub mod ledger;
pub mod model;
pub mod plan;
pub mod pull;
pub mod redaction;
pub mod script;
pub mod settings;
pub mod snapshot;
pub mod text;
mod typescript;
