//! TypeScript to model: configs and schema files, evaluated in an embedded JavaScript engine.
//!
//! The way of a file: `graph` reads it and finds what it imports, `transpile` makes JavaScript
//! of it, `engine` runs it on a thread of its own, and what it exports becomes JSON or a
//! [`SchemaDeclaration`](mizzle_core::model::declaration::SchemaDeclaration). When something goes
//! wrong, the place is mapped back to the TypeScript source and comes out as an [`EvalError`].
//!
//! The evaluated code can read files and the environment it is given, and nothing else: there is
//! no way to write, to open a socket or to start a process.

mod engine;
mod error;
mod evaluator;
mod excerpt;
mod graph;
mod locate;
mod location;
mod transpile;

pub use error::{EvalError, EvalErrorKind, Frame};
pub use evaluator::{Evaluator, Limits, Options};
pub use excerpt::Excerpt;
pub use location::SourceLocation;
