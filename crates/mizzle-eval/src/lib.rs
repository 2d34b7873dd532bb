//! TypeScript to model: configs, schema files and migration scripts, evaluated in an embedded
//! JavaScript engine.
//!
//! The engine is that of [`mizzle_js`]. Here is what makes it mizzle's: the schema functions and the
//! stand-ins that files may import, the collection of a
//! [`SchemaDeclaration`](mizzle_core::model::declaration::SchemaDeclaration) from what they export, and
//! the `db` of migration scripts. What a script does to a database leaves the engine as calls, which the
//! holder of its [`Script`] answers.
//!
//! Besides, sources are read without being run: to detect schema files, to locate a table in them, to
//! add to a config, and to tell whether a script was changed.

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
