//! The runtime of migration scripts.

use serde_json::Value;
use std::{fmt, future::Future, path::Path};

/// The direction in which a migration is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// The script's `up`.
    Up,
    /// The script's `down`.
    Down,
}

/// The facts about a run that its script receives.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ScriptFacts {
    /// `db.env`: the name of the environment.
    pub environment: Option<String>,
    /// `db.dryRun`: true if calls are only recorded. Timers run at once then.
    pub dry_run: bool,
}

/// A runtime for migration scripts.
pub trait ScriptHost {
    /// The error of a script.
    type Error;
    /// A running script.
    type Script: RunningScript<Error = Self::Error>;

    /// Starts a function of the script in a file. Errors of the file are reported when the run
    /// [finishes](RunningScript::finish).
    fn start(&self, script: &Path, direction: Direction, facts: ScriptFacts) -> Self::Script;

    /// Returns the message of an error, for the ledger. The message may contain secrets of the
    /// script.
    fn message(error: &Self::Error) -> String;

    /// True if the script failed before its first statement, so that it cannot have been applied.
    fn is_broken(error: &Self::Error) -> bool;
}

/// A running script. Dropping it aborts the script.
pub trait RunningScript {
    /// The error of a script.
    type Error;

    /// Returns the next event; `None` once the script has ended and every call has its reply. The
    /// future can be dropped without losing an event.
    fn next(&mut self) -> impl Future<Output = Option<ScriptEvent>>;

    /// Returns the result of the script, once [`next`](Self::next) has returned `None`.
    ///
    /// # Errors
    ///
    /// When the script threw an error, could not be loaded, or exceeded a limit.
    fn finish(self) -> Result<(), Self::Error>;
}

/// An event of a running script.
#[derive(Debug)]
pub enum ScriptEvent {
    /// The script calls a method of its `db` and continues after the reply. Several calls may wait
    /// at once, and may be answered in any order.
    Call(Call),
    /// `db.log`.
    Log(String),
}

/// A call of a script's `db` that waits for its reply. Dropping it makes the call fail.
pub struct Call {
    method: String,
    input: Value,
    reply: Box<dyn FnOnce(Result<Value, CallError>) + Send>,
}

impl Call {
    /// Creates a call of `method` with `input`, a request of the low-level API as JSON. The result
    /// is passed to `reply`.
    pub fn new(
        method: impl Into<String>,
        input: Value,
        reply: impl FnOnce(Result<Value, CallError>) + Send + 'static,
    ) -> Self {
        Self { method: method.into(), input, reply: Box::new(reply) }
    }

    /// Returns the method of `db`: `createTable`, `put`, ….
    pub fn method(&self) -> &str {
        &self.method
    }

    /// Returns the request, in the shape of DynamoDB's low-level API.
    pub fn input(&self) -> &Value {
        &self.input
    }

    /// Answers the call. `Value::Null` becomes `undefined` in the script.
    pub fn reply(self, result: Result<Value, CallError>) {
        (self.reply)(result);
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("method", &self.method)
            .field("input", &self.input)
            .finish_non_exhaustive()
    }
}

/// The error of a call, as the script receives it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CallError {
    /// The service's code, such as `ConditionalCheckFailedException`: the error's `name`.
    pub name: String,
    /// The message.
    pub message: String,
    /// Further properties of the error, in the shape of the low-level API.
    pub fields: Vec<(String, Value)>,
    /// Hints for the user, if the script does not catch the error.
    pub hints: Vec<String>,
}

impl CallError {
    /// Creates an error with this name and message.
    pub fn new(name: impl Into<String>, message: impl Into<String>) -> Self {
        Self { name: name.into(), message: message.into(), ..Self::default() }
    }

    /// Adds a hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }
}
