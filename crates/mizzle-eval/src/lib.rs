//! TypeScript to model: configs, schema files and migration scripts, evaluated in an embedded
//! JavaScript engine.
//!
//! The way of a file: `graph` reads it and finds what it imports, `transpile` makes JavaScript
//! of it, `engine` runs it on a thread of its own, and what it exports becomes JSON or a
//! [`SchemaDeclaration`](mizzle_core::model::declaration::SchemaDeclaration). When something goes
//! wrong, the place is mapped back to the TypeScript source and comes out as an [`EvalError`].
//!
//! The evaluated code can read files and the environment it is given, and nothing else: there is
//! no way to write, to open a socket or to start a process.
//!
//! Migration scripts are run in the same way, each in an engine of its own. What they do to a
//! database leaves the engine as calls, which somebody else answers: a [`Script`] is the handle of
//! one that runs.

mod config_edit;
mod credentials;
mod detect;
mod engine;
mod error;
mod evaluator;
mod excerpt;
mod extension;
mod fingerprint;
mod graph;
mod locate;
mod location;
mod migration;
mod options;
mod product;
mod script;
mod transpile;

pub use config_edit::{EditRefusal, NewEntry, add_to_config};
pub use credentials::speaks_of_credentials;
pub use detect::declares_tables;
pub use error::{EvalError, EvalErrorKind, Frame};
pub use evaluator::Evaluator;
pub use excerpt::Excerpt;
pub use fingerprint::{Fingerprint, fingerprint};
pub use location::SourceLocation;
pub use migration::{Direction, ScriptFacts};
pub use options::{Limits, Options};
pub use script::{Call, CallError, Script, ScriptEvent};
