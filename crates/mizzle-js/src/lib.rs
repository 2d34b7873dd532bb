//! TypeScript and JavaScript files, run in an embedded engine.
//!
//! The way of a file: the [`Graph`] reads it and finds what it imports, [`transpile`] makes JavaScript
//! of it, and an [`Engine`] runs it on a thread that the caller provides. A part of the prelude makes
//! JSON of what the file exports. When something goes wrong, the place is mapped back to the source and
//! comes out as an [`EvalError`].
//!
//! The evaluated code can read files and the environment it is given, and nothing else: there is
//! no way to write, to open a socket or to start a process. A function that it exports may call its
//! host ([`Engine::call`]): the calls leave the engine, and the holder of a [`Script`] answers them.
//!
//! Nothing here knows what the files are for. The program that embeds the engine brings along an
//! [`Extension`]: the parts of the prelude that read exports, the modules that it serves, and its words.

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
pub use graph::{Graph, Manner, ModuleId, Modules, ReadError, SourceFile, Target, Unresolved};
pub use graph::{is_data, read_text};
pub use location::SourceLocation;
pub use options::{Limits, Options};
pub use script::{Call, CallError, Port, Script, ScriptEvent};
pub use stack::{STACK, on_own_stack};
