//! Scripts as functions from the replies so far to the next action.

use super::Failure;
use mizzle_engine::ports::{
    Call, CallError, Direction, RunningScript, ScriptEvent, ScriptFacts, ScriptHost,
};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    future::pending,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

/// The reply to a call.
pub(crate) type Reply = Result<Value, CallError>;

/// A script: returns the next action from the replies to its calls so far.
pub(crate) type Body = Arc<dyn Fn(&ScriptFacts, &[Reply]) -> Next + Send + Sync>;

/// The next action of a script.
pub(crate) enum Next {
    /// A call of a method of `db` with this input; the script waits for the reply.
    Call(String, Value),
    /// The script throws an error.
    Throw(String),
    /// The script returns.
    Return,
}

/// Returns a script that makes these calls, one after another. An error of a call is not caught.
pub(crate) fn calls(calls: Vec<(String, Value)>) -> Body {
    Arc::new(move |_, replies| match (replies.last(), calls.get(replies.len())) {
        (Some(Err(error)), _) => Next::Throw(format!("{}: {}", error.name, error.message)),
        (_, Some((method, input))) => Next::Call(method.clone(), input.clone()),
        (_, None) => Next::Return,
    })
}

/// Returns a script from a function of the facts and the replies; an error of a call is not caught.
pub(crate) fn script(
    body: impl Fn(&ScriptFacts, &[Value]) -> Next + Send + Sync + 'static,
) -> Body {
    Arc::new(move |facts, replies| {
        let answers: Result<Vec<Value>, CallError> = replies.iter().cloned().collect();
        match answers {
            Ok(answers) => body(facts, &answers),
            Err(error) => Next::Throw(format!("{}: {}", error.name, error.message)),
        }
    })
}

/// The scripts of a project, by their files.
#[derive(Default)]
pub(crate) struct Host {
    pub(crate) bodies: BTreeMap<PathBuf, (Body, Body)>,
}

impl ScriptHost for Host {
    type Error = Failure;
    type Script = Running;

    fn start(&self, script: &Path, direction: Direction, facts: ScriptFacts) -> Running {
        let (up, down) = &self.bodies[script];
        let body = match direction {
            Direction::Up => up,
            Direction::Down => down,
        };
        Running { body: Arc::clone(body), facts, sent: 0, replies: Arc::default(), thrown: None }
    }

    fn message(error: &Failure) -> String {
        error.0.clone()
    }

    fn is_broken(error: &Failure) -> bool {
        error.0 == "broken"
    }
}

/// A running script.
pub(crate) struct Running {
    body: Body,
    facts: ScriptFacts,
    sent: usize,
    replies: Arc<Mutex<Vec<Reply>>>,
    thrown: Option<Failure>,
}

impl RunningScript for Running {
    type Error = Failure;

    async fn next(&mut self) -> Option<ScriptEvent> {
        let replies = self.replies.lock().unwrap().clone();
        if replies.len() < self.sent {
            // Wait for the reply.
            return pending().await;
        }
        match (self.body)(&self.facts, &replies) {
            Next::Call(method, input) => {
                self.sent += 1;
                let replies = Arc::clone(&self.replies);
                let reply = move |reply| replies.lock().unwrap().push(reply);
                Some(ScriptEvent::Call(Call::new(method, input, reply)))
            }
            Next::Throw(message) => {
                self.thrown = Some(Failure(message));
                None
            }
            Next::Return => None,
        }
    }

    fn finish(self) -> Result<(), Failure> {
        self.thrown.map_or(Ok(()), Err)
    }
}
