//! Runs TypeScript and JavaScript files in an embedded engine.
//!
//! The stages: the [`Graph`] reads a file and finds its imports, [`transpile`] compiles it to
//! JavaScript, and an [`Engine`] runs it on a thread that the caller provides. A part of the
//! prelude converts the exports of the file to JSON. On failure, the location is mapped back to the
//! source and returned as an [`EvalError`].
//!
//! The evaluated code can read files and the environment it is given, and nothing else: it cannot
//! write, open sockets or start processes. An exported function may call its host
//! ([`Engine::call`]): the calls leave the engine, and the holder of a [`Script`] answers them.
//!
//! This crate is independent of the purpose of the files. The program that embeds the engine
//! provides an [`Extension`]: the parts of the prelude that read exports, the modules that it
//! serves, and its messages.

mod engine;
mod error;
mod excerpt;
mod extension;
mod graph;
mod location;
mod options;
mod script;
mod stack;
pub mod transpile;

pub use engine::{Ended, Engine, ForgottenCall, Task, project_calls};
pub use error::{EvalError, EvalErrorKind, Frame, is_package_file};
pub use excerpt::Excerpt;
pub use extension::{Activity, Calls, Extension, Served, Shortcut};
pub use graph::{Graph, ModuleId, ModuleKind, Modules, ReadError, SourceFile, Target, Unresolved};
pub use graph::{is_data, read_text};
pub use location::SourceLocation;
pub use options::{Limits, Options};
pub use script::{Call, CallError, Port, Script, ScriptEvent};
pub use stack::{STACK, on_own_stack};
