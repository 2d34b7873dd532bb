//! Functions that call their host: requests leave the engine, and replies return later.

use super::failure::Failure;
use super::host::MAX_LINE;
use super::{Engine, stack};
use crate::error::{EvalError, EvalErrorKind, Frame, cut};
use crate::extension::Activity;
use crate::graph::Graph;
use crate::location::SourceLocation;
use crate::options::Limits;
use crate::script::{CallError, Heard, Port};
use rquickjs::{Array, Ctx, Exception, Function, Object, Persistent, Promise, Value};
use serde_json::json;
use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

/// A function to run.
#[derive(Debug, Clone, Copy)]
pub struct Task<'a> {
    /// The file that exports it.
    pub file: &'a Path,
    /// Its name.
    pub function: &'a str,
    /// The part of the prelude that calls it: a function of the file's namespace, the function's
    /// name, the facts, and a host with `request(id, method, json)` and `log(line)`.
    ///
    /// Returns an object: `kind` is the type of the export. If that is `"function"`, the object
    /// also has the `promise` of its result; `settle(id, succeeded, json)`, which answers a
    /// request; `close()`, which returns the calls that were not awaited; and `runRest()`, which
    /// runs the timers that were not awaited.
    pub part: &'a str,
    /// A JSON object for the part.
    pub facts: &'a serde_json::Value,
    /// True if its calls are only recorded, and timers run without waiting.
    pub is_recorded: bool,
}

/// The result of a task that did not fail.
#[derive(Debug)]
pub enum Ended {
    /// The file exports no function by that name; the type of the value that it exports.
    NoFunction(String),
    /// The function has ended.
    Function {
        /// The calls that the function did not await.
        forgotten: Vec<ForgottenCall>,
        /// The first call that failed after the function ended.
        failed: Option<CallError>,
    },
}

/// A function that was called.
struct Running {
    /// The promise of its result.
    promise: Persistent<Promise<'static>>,
    /// Settles the promise of a call.
    settle: Persistent<Function<'static>>,
    /// Closes its host, and returns the calls that were not awaited.
    close: Persistent<Function<'static>>,
    /// Runs the timers that were not awaited.
    run_rest: Persistent<Function<'static>>,
    /// The calls that have no reply yet.
    under_way: UnderWay,
}

/// Calls that have no reply yet, with the lengths of their requests. Clones share the calls.
#[derive(Clone, Default)]
struct UnderWay(Rc<RefCell<Requests>>);

#[derive(Default)]
struct Requests {
    lengths: HashMap<u32, usize>,
    total: usize,
}

impl UnderWay {
    fn begin(&self, id: u32, length: usize) {
        let mut requests = self.0.borrow_mut();
        requests.lengths.insert(id, length);
        requests.total += length;
    }

    fn end(&self, id: u32) {
        let mut requests = self.0.borrow_mut();
        let length = requests.lengths.remove(&id);
        requests.total -= length.unwrap_or_default();
    }

    fn is_empty(&self) -> bool {
        self.0.borrow().lengths.is_empty()
    }

    /// Returns the total length of all requests.
    fn total(&self) -> usize {
        self.0.borrow().total
    }
}

/// A call that a function did not await.
#[derive(Debug)]
pub struct ForgottenCall {
    /// Its method.
    pub method: String,
    /// True if it had no reply when the function ended.
    pub under_way: bool,
    stack: String,
}

impl ForgottenCall {
    /// Returns the location of the call, in the project's own code if that is on the stack.
    pub fn place(&self, graph: &Graph) -> Option<(Frame, SourceLocation)> {
        let frames = stack::frames(graph, &self.stack, &[]);
        let own = frames.iter().position(|(frame, _)| !frame.is_package()).unwrap_or_default();
        frames.into_iter().nth(own)
    }
}

impl Engine {
    /// Runs a function of a file in the graph. Returns when it has ended and all of its calls were
    /// answered, or when it was abandoned.
    ///
    /// `limits.time` is the time that the code may run without interruption: it restarts with every
    /// reply, and waiting for replies or timers does not count. For a task that is only recorded it
    /// is the time of the whole run, in which timers run without waiting.
    ///
    /// # Errors
    /// Any problem of the file and of its imports, a call that failed and was not caught, and the
    /// limits.
    pub fn call(
        &mut self,
        task: Task<'_>,
        limits: Limits,
        port: &Port,
    ) -> Result<Ended, EvalError> {
        self.begin(limits);
        self.is_recorded = task.is_recorded;
        let (watch, speaker) = (self.budget.clone(), port.speaker());
        self.runtime
            .set_interrupt_handler(Some(Box::new(move || watch.tick() || speaker.is_abandoned())));
        let entry = [task.file.to_path_buf()];
        let started = self
            .begin_task(&entry, task, limits, port)
            .map_err(|failure| self.explain(&entry, None, limits, failure))?;
        let running = match started {
            Ok(running) => running,
            Err(kind) => return Ok(Ended::NoFunction(kind)),
        };

        let result = self.follow(&running, limits, port);
        let forgotten = match &result {
            Ok(()) => self.close(&running).and_then(|forgotten| {
                self.run_rest(&running)?;
                Ok(forgotten)
            }),
            // Its code must not run again.
            Err(_) => Ok(Vec::new()),
        };
        let failed = wait_for_replies(&running, port);
        let forgotten = result
            .and(forgotten)
            .and_then(|forgotten| self.unhandled_rejection().map_or(Ok(forgotten), Err))
            .map_err(|failure| self.explain(&entry, Some(task.function), limits, failure))?;
        Ok(Ended::Function { forgotten, failed })
    }

    /// Loads the file and calls its function; an inner `Err` is the type of an export that is no
    /// function.
    fn begin_task(
        &self,
        entry: &[PathBuf],
        task: Task<'_>,
        limits: Limits,
        port: &Port,
    ) -> Result<Result<Running, String>, Failure> {
        let namespaces = self.load(entry)?;
        let under_way = UnderWay::default();
        self.read(|ctx| {
            let namespace: Value<'_> = namespaces.restore(ctx)?.get(0)?;
            let facts = ctx.json_parse(task.facts.to_string())?;
            let run = self.part(ctx, task.part)?;
            let host = host(ctx, port, &under_way, limits, self.modules.activity)?;
            let started: Object<'_> = run.call((namespace, task.function, facts, host))?;
            let kind: String = started.get("kind")?;
            if kind != "function" {
                return Ok(Err(kind));
            }
            Ok(Ok(Running {
                promise: Persistent::save(ctx, started.get::<_, Promise<'_>>("promise")?),
                settle: Persistent::save(ctx, started.get::<_, Function<'_>>("settle")?),
                close: Persistent::save(ctx, started.get::<_, Function<'_>>("close")?),
                run_rest: Persistent::save(ctx, started.get::<_, Function<'_>>("runRest")?),
                under_way: under_way.clone(),
            }))
        })
    }

    /// Runs a function to its end.
    ///
    /// A function that is only recorded does not wait: its timers run immediately, as soon as no
    /// call is in flight, and the time limit is for the whole run.
    fn follow(&self, running: &Running, limits: Limits, port: &Port) -> Result<(), Failure> {
        loop {
            if self.settled(&running.promise)?.is_some() {
                return Ok(());
            }
            // While a call is in flight, no time passes for a function that is only recorded.
            let timer = match self.is_recorded {
                true if running.under_way.is_empty() => self.run_timers(true)?,
                true => NO_TIMER,
                false => self.run_timers(false)?,
            };
            let calls = !running.under_way.is_empty();
            if timer < 0.0 && !calls && !self.runtime.is_job_pending() {
                return Err(Failure::NeverSettles);
            }
            let time = match timer {
                // A timer has run, or jobs may be pending.
                0.0 => Some(Duration::ZERO),
                timer if timer > 0.0 => Some(Duration::from_secs_f64(timer / 1e3)),
                _ if !calls => Some(Duration::ZERO),
                _ => None,
            };
            let heard = if self.is_recorded {
                let left = self.budget.left();
                port.wait(Some(time.map_or(left, |time| time.min(left))))
            } else {
                self.budget.pause(|| port.wait(time))
            };
            match heard {
                Heard::Reply(id, result) => {
                    running.under_way.end(id);
                    if !self.is_recorded {
                        self.budget.renew(limits.time);
                    }
                    self.deliver(running, id, result)?;
                }
                Heard::Abandoned => return Err(abandoned()),
                Heard::Nothing => {}
            }
            if self.budget.is_over() {
                return Err(Failure::Interrupted);
            }
        }
    }

    fn deliver(
        &self,
        running: &Running,
        id: u32,
        result: Result<serde_json::Value, CallError>,
    ) -> Result<(), Failure> {
        let (succeeded, answer) = match result {
            Ok(answer) => (true, answer),
            Err(CallError { name, message, fields, hints }) => {
                let fields: serde_json::Map<_, _> = fields.into_iter().collect();
                let error =
                    json!({ "name": name, "message": message, "fields": fields, "hints": hints });
                (false, error)
            }
        };
        self.read(|ctx| {
            running.settle.clone().restore(ctx)?.call((id, succeeded, answer.to_string()))
        })
    }

    fn close(&self, running: &Running) -> Result<Vec<ForgottenCall>, Failure> {
        self.read(|ctx| {
            let calls: Vec<Array<'_>> = running.close.clone().restore(ctx)?.call(())?;
            calls
                .into_iter()
                .map(|call| {
                    Ok(ForgottenCall {
                        method: call.get(0)?,
                        stack: call.get::<Option<String>>(1)?.unwrap_or_default(),
                        under_way: call.get(2)?,
                    })
                })
                .collect()
        })
    }

    /// Runs the timers that the function left without awaiting them, so that their failures are
    /// reported. Calls can no longer succeed: work that would be lost is an error.
    fn run_rest(&self, running: &Running) -> Result<(), Failure> {
        for _ in 0..MAX_ROUNDS {
            let ran: bool = self.read(|ctx| running.run_rest.clone().restore(ctx)?.call(()))?;
            if !ran {
                break;
            }
            self.run_jobs()?;
        }
        Ok(())
    }
}

/// The waiting time if no timer is active.
const NO_TIMER: f64 = -1.0;

/// The ratio of a request's memory as a value to the length of its text.
const REQUEST_COST: usize = 8;

/// The maximum number of rounds of remaining timers: those of one round may start others.
const MAX_ROUNDS: usize = 16;

fn abandoned() -> Failure {
    Failure::Known(EvalError::new(EvalErrorKind::Abandoned, "the script was given up"))
}

/// Waits until no call is in flight, without running any code. Returns the first failure.
fn wait_for_replies(running: &Running, port: &Port) -> Option<CallError> {
    let mut failed = None;
    while !running.under_way.is_empty() && !port.is_abandoned() {
        match port.wait(None) {
            Heard::Reply(id, result) => {
                running.under_way.end(id);
                failed = failed.or(result.err());
            }
            Heard::Abandoned => break,
            Heard::Nothing => {}
        }
    }
    failed
}

/// Creates the object through which a part of the prelude makes the calls.
fn host<'js>(
    ctx: &Ctx<'js>,
    port: &Port,
    under_way: &UnderWay,
    limits: Limits,
    activity: &'static Activity,
) -> rquickjs::Result<Object<'js>> {
    let host = Object::new(ctx.clone())?;
    let (speaker, under_way) = (port.speaker(), under_way.clone());
    // As values, requests take several times the memory of their texts.
    let longest = limits.memory / REQUEST_COST;
    let request = move |ctx: Ctx<'js>, id: u32, method: String, json: String| {
        if under_way.total().saturating_add(json.len()) > longest {
            let message = format!(
                "{} that have no answer yet hold more than {} MiB; await some of them before the next \
                 ones are made",
                activity.calls.as_ref().map_or("the calls", |calls| calls.noun),
                longest >> 20
            );
            return Err(Exception::throw_range(&ctx, &message));
        }
        let input = serde_json::from_str(&json)
            .map_err(|error| Exception::throw_message(&ctx, &error.to_string()))?;
        under_way.begin(id, json.len());
        speaker.call(id, method, input);
        rquickjs::Result::Ok(())
    };
    host.set("request", Function::new(ctx.clone(), request)?)?;
    host.set("methods", activity.methods())?;
    let speaker = port.speaker();
    host.set(
        "log",
        Function::new(ctx.clone(), move |line: String| speaker.log(cut(line, MAX_LINE)))?,
    )?;
    Ok(host)
}
