//! An implementation of the engine's script host on the evaluator.

use crate::errors::PortError;
use mizzle_engine::ports::{
    Call, CallError, Direction, RunningScript, ScriptEvent, ScriptFacts, ScriptHost,
};
use mizzle_eval::{EvalErrorKind, Evaluator, Limits};
use std::path::Path;

/// A script host that runs scripts on an evaluator, within limits.
pub(crate) struct Scripts<'a> {
    /// The evaluator.
    pub(crate) evaluator: &'a Evaluator,
    /// The limits.
    pub(crate) limits: Limits,
}

impl ScriptHost for Scripts<'_> {
    type Error = PortError;
    type Script = Script;

    fn start(&self, script: &Path, direction: Direction, facts: ScriptFacts) -> Script {
        let direction = match direction {
            Direction::Up => mizzle_eval::Direction::Up,
            Direction::Down => mizzle_eval::Direction::Down,
        };
        let ScriptFacts { environment, dry_run } = facts;
        let facts = mizzle_eval::ScriptFacts { environment, dry_run };
        Script(self.evaluator.script(script, direction, facts, self.limits))
    }

    fn message(error: &PortError) -> String {
        match error {
            PortError::Script(error) => error.message().to_owned(),
            PortError::Command(error) => error.message.clone(),
        }
    }

    fn is_broken(error: &PortError) -> bool {
        match error {
            PortError::Script(error) => is_broken(error.kind()),
            PortError::Command(_) => false,
        }
    }
}

/// A running script.
pub(crate) struct Script(mizzle_eval::Script);

impl RunningScript for Script {
    type Error = PortError;

    async fn next(&mut self) -> Option<ScriptEvent> {
        Some(match self.0.next().await? {
            mizzle_eval::ScriptEvent::Log(line) => ScriptEvent::Log(line),
            mizzle_eval::ScriptEvent::Call(mut call) => {
                let (method, input) = (call.method().to_owned(), call.take_input());
                ScriptEvent::Call(Call::new(method, input, move |result| {
                    call.reply(result.map_err(|error| {
                        let CallError { name, message, fields, hints } = error;
                        mizzle_eval::CallError { name, message, fields, hints }
                    }));
                }))
            }
        })
    }

    fn finish(self) -> Result<(), PortError> {
        self.0.finish().map_err(PortError::Script)
    }
}

/// True if a script fails before its first statement.
fn is_broken(kind: EvalErrorKind) -> bool {
    match kind {
        EvalErrorKind::Syntax
        | EvalErrorKind::InvalidJson
        | EvalErrorKind::NestingDepth
        | EvalErrorKind::Unreadable
        | EvalErrorKind::MissingModule
        | EvalErrorKind::MissingExport
        | EvalErrorKind::InvalidScript => true,
        EvalErrorKind::Thrown
        | EvalErrorKind::UnhandledRejection
        | EvalErrorKind::InvalidSchema
        | EvalErrorKind::ProcessExit
        | EvalErrorKind::NotAvailable
        | EvalErrorKind::NeverSettles
        | EvalErrorKind::CallFailed
        | EvalErrorKind::Abandoned
        | EvalErrorKind::ForgottenAwait
        | EvalErrorKind::TimeLimit
        | EvalErrorKind::MemoryLimit
        | EvalErrorKind::StackOverflow
        | EvalErrorKind::Resources
        | EvalErrorKind::Engine => false,
    }
}
