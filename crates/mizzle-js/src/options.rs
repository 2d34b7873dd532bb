//! The world and the limits that evaluated code gets.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// What the evaluated code sees of the world.
#[derive(Clone)]
pub struct Options {
    /// `process.cwd()`, absolute. Paths in messages are shown relative to it.
    pub working_directory: PathBuf,
    /// `process.env`.
    pub environment: BTreeMap<String, String>,
    /// Where lines of `console.*` and of `process.stdout` go. Called on the thread of
    /// the engine.
    pub console: Arc<dyn Fn(&str) + Send + Sync>,
}

impl fmt::Debug for Options {
    /// Without the values of the environment: there are secrets among them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("working_directory", &self.working_directory)
            .field("environment", &self.environment.keys())
            .finish_non_exhaustive()
    }
}

/// How much an evaluation may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The time that the code may run. Reading and transpiling files is not counted; for functions that
    /// make calls see [`Engine::call`](crate::Engine::call).
    pub time: Duration,
    /// The memory that its objects may take, in bytes.
    pub memory: usize,
}

impl Default for Limits {
    /// 10 seconds and 512 MiB.
    fn default() -> Self {
        Self { time: Duration::from_secs(10), memory: 512 << 20 }
    }
}
