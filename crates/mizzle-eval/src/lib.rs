//! Evaluates configs, schema files and migration scripts in TypeScript with an embedded JavaScript
//! engine.
//!
//! The engine is that of [`mizzle_js`]. This crate adds the parts that are specific to mizzle: the
//! schema functions and the stand-ins that files may import, the collection of a
//! [`SchemaDeclaration`](mizzle_core::model::declaration::SchemaDeclaration) from their exports,
//! and the `db` of migration scripts. The database operations of a script leave the engine as
//! calls, which the holder of its [`Script`] answers.
//!
//! Other functions read sources without running them: to detect schema files, to locate a table in
//! them, to edit a config, and to detect whether a script was changed.

mod config_edit;
mod credentials;
mod detect;
mod evaluator;
mod fingerprint;
mod locate;
mod migration;
mod product;

pub use config_edit::{EditRefusal, NewEntry, add_to_config};
pub use credentials::speaks_of_credentials;
pub use detect::declares_tables;
pub use evaluator::Evaluator;
pub use fingerprint::{Fingerprint, fingerprint};
pub use migration::{Direction, ScriptFacts};
pub use mizzle_js::{
    Call, CallError, EvalError, EvalErrorKind, Excerpt, Frame, Limits, Options, Script,
    ScriptEvent, SourceLocation,
};
