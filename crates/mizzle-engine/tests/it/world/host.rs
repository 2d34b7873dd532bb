//! Scripts that are functions from the replies so far to the next call.

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

/// A script: the replies to its calls so far give what it does next.
pub(crate) type Body = Arc<dyn Fn(&ScriptFacts, &[Reply]) -> Next + Send + Sync>;

/// The next thing that a script does.
pub(crate) enum Next {
    /// It calls a method of `db` with this input, and waits for the reply.
    Call(String, Value),
    /// It throws.
    Throw(String),
    /// It returns.
    Return,
}

/// A script of those calls, one after another. An error of a call is not caught.
pub(crate) fn calls(calls: Vec<(String, Value)>) -> Body {
    Arc::new(move |_, replies| match (replies.last(), calls.get(replies.len())) {
        (Some(Err(error)), _) => Next::Throw(format!("{}: {}", error.name, error.message)),
        (_, Some((method, input))) => Next::Call(method.clone(), input.clone()),
        (_, None) => Next::Return,
    })
}

/// A script that is written as a function of the facts and the replies; an error of a call is not
/// caught.
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

/// A script that runs.
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
            // It waits for the reply.
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
