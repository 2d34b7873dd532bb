//! The environment and the limits of evaluated code.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// The environment of the evaluated code.
#[derive(Clone)]
pub struct Options {
    /// `process.cwd()`, absolute. Paths in messages are shown relative to it.
    pub working_directory: PathBuf,
    /// `process.env`.
    pub environment: BTreeMap<String, String>,
    /// Receives the lines of `console.*` and of `process.stdout`. Called on the thread of the
    /// engine.
    pub console: Arc<dyn Fn(&str) + Send + Sync>,
}

impl fmt::Debug for Options {
    /// Omits the values of the environment: they may be secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("working_directory", &self.working_directory)
            .field("environment", &self.environment.keys())
            .finish_non_exhaustive()
    }
}

/// The resource limits of an evaluation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The maximum running time of the code, without reading and transpiling files; for functions
    /// that make calls see [`Engine::call`](crate::Engine::call).
    pub time: Duration,
    /// The maximum memory of its objects, in bytes.
    pub memory: usize,
}

impl Default for Limits {
    /// Returns 10 seconds and 512 MiB.
    fn default() -> Self {
        Self { time: Duration::from_secs(10), memory: 512 << 20 }
    }
}
