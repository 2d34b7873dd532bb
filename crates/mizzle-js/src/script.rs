//! The handle of a running script: receives its calls and sends their replies.
//!
//! The script runs on its own thread. Two channels connect it to the handle: one for its calls and
//! log lines, which any runtime can await, and one for the replies, which its thread blocks on.

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

/// An event of a running script.
#[derive(Debug)]
pub enum ScriptEvent {
    /// A call of a method of the host; the script continues with the reply.
    Call(Call),
    /// A text to show, formatted like the output of `console.log`; may have several lines.
    Log(String),
}

/// A running script. Dropping it abandons the script: its calls are not reverted, but its code
/// stops running.
#[derive(Debug)]
pub struct Script {
    messages: UnboundedReceiver<Message>,
    signals: Sender<Signal>,
    /// The length of the log lines that are not yet received, in bytes.
    waiting: Arc<AtomicUsize>,
    outcome: Option<Result<(), EvalError>>,
}

impl Script {
    /// Starts `work` on its own thread, with a stack for deeply recursive code. The script ends
    /// with the result of `work`, or with the error of `watch` after the time of `watch`, for code
    /// that cannot be interrupted.
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
                // If the watch thread cannot start, the script is only stopped where it can be
                // interrupted.
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

    /// Returns the next event of the script; `None` when the script has ended and all its calls
    /// have replies.
    ///
    /// Several calls may be in flight at once: they may be answered in any order, and `next` may be
    /// called before they are. The future can be dropped without losing an event.
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

    /// Returns the result, once [`next`](Self::next) has returned `None`. Earlier, this abandons
    /// it.
    ///
    /// # Errors
    /// Any problem of the script and of its imports, a call that failed and was not caught
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
        // Running code checks the channel; waiting code receives the signal. Sending fails if the
        // script has already ended.
        self.messages.close();
        let _ = self.signals.send(Signal::Abandon);
    }
}

/// A call of a script that waits for its reply. Dropping it makes the call fail.
pub struct Call {
    id: u32,
    method: String,
    input: Value,
    /// `None` once the call has been answered.
    replies: Option<Sender<Signal>>,
}

impl Call {
    /// Returns the name of the method.
    pub fn method(&self) -> &str {
        &self.method
    }

    /// Returns the request. Properties of objects are in the order of the script.
    pub fn input(&self) -> &Value {
        &self.input
    }

    /// Takes the request, and leaves `Value::Null`.
    pub fn take_input(&mut self) -> Value {
        self.input.take()
    }

    /// Answers the call.
    ///
    /// `Value::Null` means no result; the script receives `undefined`.
    pub fn reply(mut self, result: Result<Value, CallError>) {
        self.answer(result);
    }

    fn answer(&mut self, result: Result<Value, CallError>) {
        if let Some(replies) = self.replies.take() {
            // Sending fails if the script was abandoned.
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

/// A failed call; the script receives it as an `Error`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CallError {
    /// The code of the failure: the error's `name`.
    pub name: String,
    /// The error's message.
    pub message: String,
    /// Further properties of the error.
    pub fields: Vec<(String, Value)>,
    /// Hints for the user. Not visible to the script: they become hints of the [`EvalError`] if the
    /// script does not catch the error.
    pub hints: Vec<String>,
}

impl CallError {
    /// Creates an error with a name and a message.
    pub fn new(name: impl Into<String>, message: impl Into<String>) -> Self {
        Self { name: name.into(), message: message.into(), ..Self::default() }
    }
}

/// A message from the script's thread.
#[derive(Debug)]
enum Message {
    Event(ScriptEvent),
    Ended(Result<(), EvalError>),
}

/// A message to the script's thread.
enum Signal {
    Reply { id: u32, result: Result<Value, CallError> },
    Abandon,
}

/// The script thread's end of the channels, for [`Engine::call`](crate::Engine::call).
pub struct Port {
    speaker: Speaker,
    signals: Receiver<Signal>,
}

/// The result of [`Port::wait`].
pub(crate) enum Heard {
    /// The reply to the call of that number.
    Reply(u32, Result<Value, CallError>),
    /// The handle was dropped.
    Abandoned,
    /// No signal within the time limit.
    Nothing,
}

/// The sending half of a [`Port`].
#[derive(Clone)]
pub(crate) struct Speaker {
    messages: UnboundedSender<Message>,
    replies: Sender<Signal>,
    waiting: Arc<AtomicUsize>,
}

/// Signals the end of a script when it is dropped.
pub(crate) struct Ended(#[expect(dead_code, reason = "dropping it is what tells")] Sender<()>);

/// The maximum length of the log lines that are not yet received, in bytes.
const MAX_WAITING: usize = 16 << 20;

/// The stack of the thread that watches a script.
const WATCH_STACK: usize = 256 << 10;

/// Creates a handle, and its port for the script's thread.
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

    /// True if the handle was dropped.
    pub(crate) fn is_abandoned(&self) -> bool {
        self.speaker.is_abandoned()
    }

    /// Ends the script with its result.
    pub(crate) fn end(self, outcome: Result<(), EvalError>) {
        self.speaker.say(Message::Ended(outcome));
    }

    /// Waits for a signal; without a time limit if `time` is `None`.
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
        // The handle may be busy with a call for hours: log lines must not fill the memory
        // meanwhile.
        while self.waiting.load(Ordering::Relaxed) > MAX_WAITING && !self.is_abandoned() {
            thread::sleep(Duration::from_millis(5));
        }
        self.waiting.fetch_add(line.len(), Ordering::Relaxed);
        self.say(Message::Event(ScriptEvent::Log(line)));
    }

    /// True if the handle was dropped.
    pub(crate) fn is_abandoned(&self) -> bool {
        self.messages.is_closed()
    }

    /// Ends a script that cannot start.
    pub(crate) fn end(&self, error: EvalError) {
        self.say(Message::Ended(Err(error)));
    }

    /// Ends the script for its handle after a time, unless it has ended before: for code that
    /// cannot be interrupted. Its thread continues until it is done.
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
        // Sending fails if the script was abandoned.
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
