//! The handle of a script that runs: its calls come out, their replies go in.
//!
//! The script runs on a thread of its own. Between it and the handle there are two channels: one
//! for what it asks and says, which can be awaited with any runtime, and one for the replies, which
//! its thread waits for.

use crate::error::{EvalError, EvalErrorKind};
use crate::stack::STACK;
use futures_channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use serde_json::Value;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender, TryRecvError};
use std::thread;
use std::time::Duration;

/// What a script does while it runs.
#[derive(Debug)]
pub enum ScriptEvent {
    /// It calls a method of its host, and goes on when it has the reply.
    Call(Call),
    /// A text to show, formatted as `console.log` does it; it may have several lines.
    Log(String),
}

/// A script that is running. Dropping it abandons the script: what it has asked for is
/// not undone, but its code runs no further.
#[derive(Debug)]
pub struct Script {
    messages: UnboundedReceiver<Message>,
    signals: Sender<Signal>,
    /// The length of the lines that wait to be shown.
    waiting: Arc<AtomicUsize>,
    outcome: Option<Result<(), EvalError>>,
}

impl Script {
    /// Starts work on a thread of its own, with a stack for code that recurses deeply. The script ends
    /// with its result, which is due after the time of `watch` at the latest: with that error then, for
    /// code that nothing can interrupt.
    pub fn start(
        work: impl FnOnce(&Port) -> Result<(), EvalError> + Send + 'static,
        watch: Option<(Duration, EvalError)>,
    ) -> Self {
        let (script, port) = channel();
        let speaker = port.speaker();
        let started = thread::Builder::new()
            .name("mizzle-script".to_owned())
            .stack_size(STACK)
            .spawn(move || {
                // Without a thread for the watch, code that can be interrupted still is.
                let watch = watch.map(|(time, late)| port.speaker().end_after(time, late));
                let outcome = work(&port);
                drop(watch);
                port.end(outcome);
            });
        if let Err(error) = started {
            speaker.end(EvalError::no_thread(&error));
        }
        script
    }

    /// The next thing that the script does; `None` when it has come to its end, and every call that
    /// it made has its reply.
    ///
    /// Several calls may be under way at once: they need not be answered in order, and the next
    /// event can be asked for before they are. The future can be dropped without losing an event.
    pub async fn next(&mut self) -> Option<ScriptEvent> {
        if self.outcome.is_some() {
            return None;
        }
        match self.messages.recv().await {
            Ok(Message::Event(event)) => {
                if let ScriptEvent::Log(line) = &event {
                    self.waiting.fetch_sub(line.len(), Ordering::Relaxed);
                }
                return Some(event);
            }
            Ok(Message::Ended(outcome)) => self.outcome = Some(outcome),
            Err(_) => self.outcome = Some(Err(EvalError::lost())),
        }
        None
    }

    /// How it ended, once [`next`](Self::next) has given `None`. Before, this abandons it.
    ///
    /// # Errors
    /// Every problem of the script and of what it imports, a call that failed and was not caught
    /// ([`CallFailed`](EvalErrorKind::CallFailed)) or was not awaited
    /// ([`ForgottenAwait`](EvalErrorKind::ForgottenAwait)), and the limits.
    pub fn finish(mut self) -> Result<(), EvalError> {
        self.outcome.take().unwrap_or_else(|| {
            Err(EvalError::new(
                EvalErrorKind::Abandoned,
                "the script was given up before it had come to its end",
            ))
        })
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        // Seen by code that runs; the signal, by code that waits. Nobody is there any more when the
        // script has come to its end.
        self.messages.close();
        let _ = self.signals.send(Signal::Abandon);
    }
}

/// A call of a script that waits for its reply. Dropping it makes the call fail.
pub struct Call {
    id: u32,
    method: String,
    input: Value,
    /// Gone when it has been answered.
    replies: Option<Sender<Signal>>,
}

impl Call {
    /// The name of the method.
    pub fn method(&self) -> &str {
        &self.method
    }

    /// The request. Properties of objects are in the order of the script.
    pub fn input(&self) -> &Value {
        &self.input
    }

    /// Takes the request out, and leaves `Value::Null`.
    pub fn take_input(&mut self) -> Value {
        self.input.take()
    }

    /// Answers the call.
    ///
    /// `Value::Null` stands for no answer at all, which the script sees as `undefined`.
    pub fn reply(mut self, result: Result<Value, CallError>) {
        self.answer(result);
    }

    fn answer(&mut self, result: Result<Value, CallError>) {
        if let Some(replies) = self.replies.take() {
            // Nobody waits for it any more when the script was abandoned.
            let _ = replies.send(Signal::Reply { id: self.id, result });
        }
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.answer(Err(CallError::new("AbortError", "the call was given up without an answer")));
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

/// Why a call failed, as the script sees it: an `Error`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CallError {
    /// The code of the failure: the error's `name`.
    pub name: String,
    /// The error's message.
    pub message: String,
    /// Further properties of the error.
    pub fields: Vec<(String, Value)>,
    /// What to do about it. Not for the script: they become hints of the [`EvalError`] when the
    /// script does not catch the error.
    pub hints: Vec<String>,
}

impl CallError {
    /// An error of that name, with that message.
    pub fn new(name: impl Into<String>, message: impl Into<String>) -> Self {
        Self { name: name.into(), message: message.into(), ..Self::default() }
    }
}

/// What comes from the script's thread.
#[derive(Debug)]
enum Message {
    Event(ScriptEvent),
    Ended(Result<(), EvalError>),
}

/// What goes to the script's thread.
enum Signal {
    Reply { id: u32, result: Result<Value, CallError> },
    Abandon,
}

/// The end of the channels on the script's thread, for [`Engine::call`](crate::Engine::call).
pub struct Port {
    speaker: Speaker,
    signals: Receiver<Signal>,
}

/// What [`Port::wait`] waits for.
pub(crate) enum Heard {
    /// The reply to the call of that number.
    Reply(u32, Result<Value, CallError>),
    /// The handle is gone.
    Abandoned,
    /// Nothing, in the time that there was.
    Nothing,
}

/// The part of a [`Port`] that sends.
#[derive(Clone)]
pub(crate) struct Speaker {
    messages: UnboundedSender<Message>,
    replies: Sender<Signal>,
    waiting: Arc<AtomicUsize>,
}

/// Tells that a script has ended, when it is dropped.
pub(crate) struct Ended(#[expect(dead_code, reason = "dropping it is what tells")] Sender<()>);

/// The length of the lines that may wait to be shown, in bytes.
const MAX_WAITING: usize = 16 << 20;

/// The stack of the thread that watches a script.
const WATCH_STACK: usize = 256 << 10;

/// A handle, and what the script's thread needs for it.
fn channel() -> (Script, Port) {
    let (messages, receiver) = unbounded();
    let (replies, signals) = mpsc::channel();
    let waiting = Arc::new(AtomicUsize::new(0));
    let script = Script {
        messages: receiver,
        signals: replies.clone(),
        waiting: waiting.clone(),
        outcome: None,
    };
    (script, Port { speaker: Speaker { messages, replies, waiting }, signals })
}

impl Port {
    pub(crate) fn speaker(&self) -> Speaker {
        self.speaker.clone()
    }

    /// Whether the handle is gone.
    pub(crate) fn is_abandoned(&self) -> bool {
        self.speaker.is_abandoned()
    }

    /// The script has come to its end.
    pub(crate) fn end(self, outcome: Result<(), EvalError>) {
        self.speaker.say(Message::Ended(outcome));
    }

    /// Waits, without an end when there is no time limit.
    pub(crate) fn wait(&self, time: Option<Duration>) -> Heard {
        let signal = match time {
            Some(Duration::ZERO) => self.signals.try_recv().map_err(|error| match error {
                TryRecvError::Empty => RecvTimeoutError::Timeout,
                TryRecvError::Disconnected => RecvTimeoutError::Disconnected,
            }),
            Some(time) => self.signals.recv_timeout(time),
            None => self.signals.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        match signal {
            Ok(Signal::Reply { id, result }) => Heard::Reply(id, result),
            Err(RecvTimeoutError::Timeout) => Heard::Nothing,
            Ok(Signal::Abandon) | Err(RecvTimeoutError::Disconnected) => Heard::Abandoned,
        }
    }
}

impl Speaker {
    pub(crate) fn call(&self, id: u32, method: String, input: Value) {
        let replies = Some(self.replies.clone());
        self.say(Message::Event(ScriptEvent::Call(Call { id, method, input, replies })));
    }

    pub(crate) fn log(&self, line: String) {
        // The handle may be busy with a call for hours: lines must not fill the memory meanwhile.
        while self.waiting.load(Ordering::Relaxed) > MAX_WAITING && !self.is_abandoned() {
            thread::sleep(Duration::from_millis(5));
        }
        self.waiting.fetch_add(line.len(), Ordering::Relaxed);
        self.say(Message::Event(ScriptEvent::Log(line)));
    }

    /// Whether the handle is gone.
    pub(crate) fn is_abandoned(&self) -> bool {
        self.messages.is_closed()
    }

    /// The script cannot even begin.
    pub(crate) fn end(&self, error: EvalError) {
        self.say(Message::Ended(Err(error)));
    }

    /// Ends the script for its handle, if it has not ended within a time: for code that nothing can
    /// interrupt. Its thread goes on until it is done.
    pub(crate) fn end_after(self, time: Duration, error: EvalError) -> io::Result<Ended> {
        let (ended, end) = mpsc::channel();
        thread::Builder::new().name("mizzle-watch".to_owned()).stack_size(WATCH_STACK).spawn(
            move || {
                if end.recv_timeout(time) == Err(RecvTimeoutError::Timeout) {
                    self.say(Message::Ended(Err(error)));
                }
            },
        )?;
        Ok(Ended(ended))
    }

    fn say(&self, message: Message) {
        // Nobody listens any more when the script was abandoned.
        let _ = self.messages.unbounded_send(message);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handles_and_calls_can_go_to_other_threads() {
        fn is_send<T: Send>(_: &T) {}
        let (mut script, port) = channel();
        is_send(&script);
        is_send(&script.next());
        let speaker = port.speaker();
        speaker.call(1, "put".to_owned(), Value::Null);
        let Some(ScriptEvent::Call(call)) = pollster::block_on(script.next()) else {
            panic!("there is a call");
        };
        is_send(&call);
        call.reply(Ok(Value::Bool(true)));
        assert!(matches!(port.wait(None), Heard::Reply(1, Ok(Value::Bool(true)))));
    }

    #[test]
    fn a_thread_that_is_gone_is_an_error() {
        let (mut script, port) = channel();
        drop(port);
        assert!(pollster::block_on(script.next()).is_none());
        assert_eq!(script.finish().unwrap_err().kind(), EvalErrorKind::Engine);
    }
}
