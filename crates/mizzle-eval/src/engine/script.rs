//! Migration scripts in the engine.

use super::failure::Failure;
use super::host::MAX_LINE;
use super::{Engine, stack};
use crate::error::{EvalError, EvalErrorKind, cut};
use crate::options::Limits;
use crate::script::{CallError, Direction, Heard, Port, ScriptFacts};
use rquickjs::{Array, Ctx, Exception, Function, Object, Persistent, Promise, Value};
use serde_json::json;
use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

/// A script whose function was called.
struct Running {
    /// The end of the script.
    promise: Persistent<Promise<'static>>,
    /// Settles the promise of a call.
    settle: Persistent<Function<'static>>,
    /// Ends the script's `db`, and gives the calls that nobody waited for.
    close: Persistent<Function<'static>>,
    /// Runs the timers that nobody waited for.
    run_rest: Persistent<Function<'static>>,
    /// The calls that have no reply yet.
    under_way: UnderWay,
}

/// Calls that have no reply yet, with the lengths of their requests. Clones are the same.
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

    /// The length of all requests.
    fn total(&self) -> usize {
        self.0.borrow().total
    }
}

/// A call that a script did not wait for.
struct Forgotten {
    method: String,
    stack: String,
    under_way: bool,
}

impl Engine {
    /// Runs a function of a script that the graph holds. Returns when it has come to its end and
    /// all of its calls were answered, or when it was abandoned.
    pub(crate) fn run_script(
        &mut self,
        file: &Path,
        direction: Direction,
        facts: &ScriptFacts,
        limits: Limits,
        port: &Port,
    ) -> Result<(), EvalError> {
        self.begin(limits);
        self.is_recorded = facts.dry_run;
        let (watch, speaker) = (self.budget.clone(), port.speaker());
        self.runtime
            .set_interrupt_handler(Some(Box::new(move || watch.tick() || speaker.is_abandoned())));
        let entry = [file.to_path_buf()];
        let running = self
            .start_script(&entry, direction, facts, limits, port)
            .map_err(|failure| self.explain(&entry, None, limits, failure))?;

        let result = self.follow(&running, limits, port);
        let forgotten = match &result {
            Ok(()) => self.close(&running).and_then(|forgotten| {
                self.run_rest(&running)?;
                Ok(forgotten)
            }),
            // Its code must not run any more.
            Err(_) => Ok(Vec::new()),
        };
        let failed = wait_for_replies(&running, port);
        let forgotten = result
            .and(forgotten)
            .and_then(|forgotten| self.unhandled_rejection().map_or(Ok(forgotten), Err))
            .map_err(|failure| self.explain(&entry, Some(direction.function()), limits, failure))?;
        match self.forgotten_await(direction, &forgotten, failed) {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }

    /// Loads the script and calls its function.
    fn start_script(
        &self,
        entry: &[PathBuf],
        direction: Direction,
        facts: &ScriptFacts,
        limits: Limits,
        port: &Port,
    ) -> Result<Running, Failure> {
        let namespaces = self.load(entry)?;
        let under_way = UnderWay::default();
        let started = self.read(|ctx| {
            let namespace: Value<'_> = namespaces.restore(ctx)?.get(0)?;
            let told = Object::new(ctx.clone())?;
            told.set("env", facts.environment.as_deref())?;
            told.set("dryRun", facts.dry_run)?;
            let run: Function<'_> = self.modules.reader(ctx)?.get("script")?;
            let host = host(ctx, port, &under_way, limits)?;
            let script: Object<'_> = run.call((namespace, direction.function(), told, host))?;
            let kind: String = script.get("kind")?;
            if kind != "function" {
                return Ok(Err(kind));
            }
            Ok(Ok(Running {
                promise: Persistent::save(ctx, script.get::<_, Promise<'_>>("promise")?),
                settle: Persistent::save(ctx, script.get::<_, Function<'_>>("settle")?),
                close: Persistent::save(ctx, script.get::<_, Function<'_>>("close")?),
                run_rest: Persistent::save(ctx, script.get::<_, Function<'_>>("runRest")?),
                under_way: under_way.clone(),
            }))
        })?;
        started.map_err(|kind| Failure::Known(self.not_a_function(entry, direction, &kind)))
    }

    /// Runs a script to its end.
    ///
    /// One that is only recorded waits for nothing: its timers run at once, as soon as no call is under
    /// way, and the time limit is for all of it.
    fn follow(&self, running: &Running, limits: Limits, port: &Port) -> Result<(), Failure> {
        loop {
            if self.settled(&running.promise)?.is_some() {
                return Ok(());
            }
            // While a call is under way, no time passes for a script that is only recorded.
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
                // A timer has run, or there may be something to run.
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

    fn close(&self, running: &Running) -> Result<Vec<Forgotten>, Failure> {
        self.read(|ctx| {
            let calls: Vec<Array<'_>> = running.close.clone().restore(ctx)?.call(())?;
            calls
                .into_iter()
                .map(|call| {
                    Ok(Forgotten {
                        method: call.get(0)?,
                        stack: call.get::<Option<String>>(1)?.unwrap_or_default(),
                        under_way: call.get(2)?,
                    })
                })
                .collect()
        })
    }

    /// Runs what the script has left to timers without waiting for it, so that what fails there is seen.
    /// No call of `db` can succeed any more: work that would be lost is an error.
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

    /// The error for a script that came to its end before its calls did, or that does not want to
    /// know whether they have. `failed` is the first of their failures.
    fn forgotten_await(
        &self,
        direction: Direction,
        forgotten: &[Forgotten],
        failed: Option<CallError>,
    ) -> Option<EvalError> {
        let graph = &*self.modules.graph;
        let (first, others) = forgotten.split_first()?;
        let function = direction.function();
        let message = if first.under_way {
            format!("{function} came to its end while db.{} was still under way", first.method)
        } else {
            format!("db.{} is called, but never awaited", first.method)
        };
        let mut error = EvalError::new(EvalErrorKind::ForgottenAwait, message).hint(format!(
            "add an await: await db.{}(…); and where another function makes the call, await that \
             function too",
            first.method
        ));
        let place = |call: &Forgotten| {
            let frames = stack::frames(graph, &call.stack, &[]);
            let own = frames.iter().position(|(frame, _)| !frame.is_package()).unwrap_or_default();
            frames.into_iter().nth(own)
        };
        if !others.is_empty() {
            let names: Vec<_> = others
                .iter()
                .take(MAX_SHOWN)
                .map(|call| match place(call) {
                    Some((frame, _)) => {
                        let file = graph.display(&frame.file);
                        format!("db.{} ({file}:{}:{})", call.method, frame.line, frame.column)
                    }
                    None => format!("db.{}", call.method),
                })
                .collect();
            let more = match others.len().saturating_sub(MAX_SHOWN) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            error = error.hint(format!("not awaited either: {}{more}", names.join(", ")));
        }
        if let Some(CallError { name, message, .. }) = failed {
            error = error.hint(format!("a call failed after that: {name}: {message}"));
        }
        Some(match place(first) {
            Some((frame, location)) => {
                graph.point(error, location, "not awaited").with_frames(vec![frame])
            }
            None => error,
        })
    }

    /// The error for a script without a function to call.
    fn not_a_function(&self, entry: &[PathBuf], direction: Direction, kind: &str) -> EvalError {
        let graph = &*self.modules.graph;
        let name = direction.function();
        let signature = format!("export async function {name}(db: Database): Promise<void>");
        let [file] = entry else {
            return EvalError::new(EvalErrorKind::InvalidScript, format!("there is no {name}"));
        };
        let shown = graph.display(file);
        if kind != "undefined" {
            let error = EvalError::new(
                EvalErrorKind::InvalidScript,
                format!("{name} of {shown} must be a function, but is {kind}"),
            )
            .hint(format!("write it as a function: {signature}"));
            return match graph.export(file, name).or_else(|| graph.location(file, 0..0)) {
                Some(location) => graph.point(error, location, "not a function"),
                None => error,
            };
        }
        let error = EvalError::new(
            EvalErrorKind::InvalidScript,
            format!("{shown} does not export a function {name}"),
        );
        let names = graph.names_of(file);
        let error = match direction {
            Direction::Up => error.hint(format!("a migration script has {signature}")),
            Direction::Down => error.hint(format!(
                "this migration cannot be taken back; to make it so, add {signature}"
            )),
        };
        let error = if names.is_empty() {
            error
        } else {
            let names: Vec<_> = names.iter().take(MAX_SHOWN).map(String::as_str).collect();
            error.hint(format!("it exports: {}", names.join(", ")))
        };
        // The line of its neighbour says more than the first one of the file.
        let neighbour = match direction {
            Direction::Up => Direction::Down,
            Direction::Down => Direction::Up,
        };
        match graph.export(file, neighbour.function()).or_else(|| graph.location(file, 0..0)) {
            Some(location) => graph.point(error, location, ""),
            None => error,
        }
    }
}

/// What there is to wait for when no timer runs.
const NO_TIMER: f64 = -1.0;

/// How much more memory a request takes as a value than as a text.
const REQUEST_COST: usize = 8;

/// How often timers are run that a script has left: those of one round may start others.
const MAX_ROUNDS: usize = 16;

/// The most calls or names that a hint lists.
const MAX_SHOWN: usize = 5;

fn abandoned() -> Failure {
    Failure::Known(EvalError::new(EvalErrorKind::Abandoned, "the script was given up"))
}

/// Waits until no call is under way, and runs nothing any more. Gives the first failure.
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

/// What the prelude's `db` asks of the host.
fn host<'js>(
    ctx: &Ctx<'js>,
    port: &Port,
    under_way: &UnderWay,
    limits: Limits,
) -> rquickjs::Result<Object<'js>> {
    let host = Object::new(ctx.clone())?;
    let (speaker, under_way) = (port.speaker(), under_way.clone());
    // As values, requests take several times the memory that their texts do.
    let longest = limits.memory / REQUEST_COST;
    let request = move |ctx: Ctx<'js>, id: u32, method: String, json: String| {
        if under_way.total().saturating_add(json.len()) > longest {
            let message = format!(
                "the calls of db that have no answer yet hold more than {} MiB; await some of them \
                 before the next ones are made",
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
    let speaker = port.speaker();
    host.set(
        "log",
        Function::new(ctx.clone(), move |line: String| speaker.log(cut(line, MAX_LINE)))?,
    )?;
    Ok(host)
}
