//! The JavaScript engine, on the thread that owns it.

mod budget;
mod calls;
mod failure;
mod faults;
mod host;
mod loader;
mod prelude;
mod stack;

pub use calls::{Ended, ForgottenCall, Task};
pub use stack::project_calls;

use crate::error::{EvalError, EvalErrorKind};
use crate::extension::Activity;
use crate::graph::Graph;
use crate::options::{Limits, Options};
use budget::Budget;
use failure::Failure;
use faults::HostErrors;
use loader::{Modules, literal};
use rquickjs::promise::PromiseState;
use rquickjs::runtime::RejectionTracker;
use rquickjs::{
    Array, CatchResultExt, CaughtError, Context, Ctx, Function, Module, Object, Persistent,
    Promise, Runtime, Value,
};
use std::cell::RefCell;
use std::fmt::Write as _;
use std::mem::ManuallyDrop;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

/// The part of the [stack](crate::STACK) of the engine's thread that JavaScript may use. The rest
/// is for the code that the engine calls, and for unoptimised builds of the engine itself.
const JS_STACK: usize = 16 << 20;
/// The memory at which garbage collection starts, in bytes: most files need less in total.
const GC_THRESHOLD: usize = 64 << 20;
/// The additional memory for reading an exception, in bytes: that may run the user's code
/// (`get message()`).
const SPARE_MEMORY: usize = 64 << 20;
/// The module through which our code accesses the prelude.
const INTERNAL: &str = "mizzle:internal";

/// Unhandled rejected promises, each with its reason.
type Rejections = Rc<RefCell<Vec<(Persistent<Value<'static>>, Persistent<Value<'static>>)>>>;

/// A running engine.
pub struct Engine {
    // Dropped only by `free`: as a rule the process is about to exit, freeing every object first
    // would only take time, and an interrupted evaluation may leave objects that fail the engine's
    // own checks.
    runtime: ManuallyDrop<Runtime>,
    /// The realm in which the evaluated code runs.
    context: ManuallyDrop<Context>,
    /// The realm in which its results are read. The evaluated code cannot reach it: builtins that
    /// it replaces in its own realm do not change this one.
    reader: ManuallyDrop<Context>,
    modules: Modules,
    budget: Budget,
    rejections: Rejections,
    runs: usize,
    /// True while a function runs whose calls are only recorded.
    is_recorded: bool,
}

impl Engine {
    /// Starts an engine and the essential part of the prelude.
    pub fn start(
        graph: Arc<Graph>,
        options: &Options,
        activity: &'static Activity,
    ) -> Result<Self, EvalError> {
        let broken = |error: rquickjs::Error| match error {
            rquickjs::Error::Allocation => EvalError::new(
                EvalErrorKind::Resources,
                "the system refuses the memory that the JavaScript engine needs to start",
            )
            .hint("raise the limit of the system (ulimit -v), or end other programs"),
            error => engine_error(&error.to_string()),
        };
        let runtime = ManuallyDrop::new(Runtime::new().map_err(broken)?);
        runtime.set_max_stack_size(JS_STACK);
        runtime.set_gc_threshold(GC_THRESHOLD);

        let modules = Modules {
            graph,
            faults: Rc::new(HostErrors::default()),
            activity,
            internal: loader::Kept::default(),
            reader: loader::Kept::default(),
            declaring: Rc::default(),
        };
        runtime.set_loader(modules.clone(), modules.clone());
        let budget = Budget::new();
        let watch = budget.clone();
        runtime.set_interrupt_handler(Some(Box::new(move || watch.tick())));
        let rejections = Rejections::default();
        runtime.set_host_promise_rejection_tracker(Some(tracker(rejections.clone())));

        // Only the first context has `DOMException`.
        let context = ManuallyDrop::new(Context::full(&runtime).map_err(broken)?);
        let reader = ManuallyDrop::new(Context::full(&runtime).map_err(broken)?);
        reader.with(|ctx| {
            install_reader(&ctx, &modules)
                .catch(&ctx)
                .map_err(|error| engine_error(&error.to_string()))
        })?;
        context.with(|ctx| {
            install(&ctx, options, &modules)
                .catch(&ctx)
                .map_err(|error| engine_error(&error.to_string()))
        })?;
        Ok(Self {
            runtime,
            context,
            reader,
            modules,
            budget,
            rejections,
            runs: 0,
            is_recorded: false,
        })
    }

    /// Frees an engine whose code has finished. A history may have thousands of scripts, each with
    /// its own engine.
    pub fn free(self) {
        let Self { runtime, context, reader, modules, rejections, .. } = self;
        // Handles to objects of the engine have to be dropped before it.
        rejections.borrow_mut().clear();
        modules.internal.take();
        modules.reader.take();
        drop(ManuallyDrop::into_inner(context));
        drop(ManuallyDrop::into_inner(reader));
        drop(ManuallyDrop::into_inner(runtime));
    }

    /// Runs files in the graph, and returns the JSON that a part of the prelude creates from their
    /// exports. The part is called with the array of the files' namespaces and with `names`, and
    /// returns a text or a promise of one.
    pub fn run(
        &mut self,
        files: &[PathBuf],
        names: &[String],
        part: &str,
        limits: Limits,
    ) -> Result<String, EvalError> {
        self.begin(limits);
        let result = self.evaluate(files, names, part);
        let result = result.and_then(|json| self.unhandled_rejection().map_or(Ok(json), Err));
        result.map_err(|failure| self.explain(files, None, limits, failure))
    }

    /// Starts a run.
    fn begin(&mut self, limits: Limits) {
        self.runs += 1;
        self.rejections.borrow_mut().clear();
        self.budget.start(limits.time);
        self.runtime.set_memory_limit(limits.memory);
    }

    /// Explains a failed run, in `function` if the modules were already loaded.
    fn explain(
        &self,
        files: &[PathBuf],
        function: Option<&str>,
        limits: Limits,
        failure: Failure,
    ) -> EvalError {
        let memory_used = self.runtime.memory_usage().malloc_size;
        // Reading an exception takes a little time and memory.
        self.budget.grace();
        let used = usize::try_from(memory_used).unwrap_or_default();
        self.runtime.set_memory_limit(used.saturating_add(SPARE_MEMORY));
        failure::explain(
            &self.reader,
            &self.modules,
            &failure::FailureContext {
                limits,
                entries: files,
                function,
                out_of_time: self.budget.was_spent(),
                is_recorded: self.is_recorded,
                memory_used: used,
            },
            failure,
        )
    }

    /// Returns the progress of the last run, for [`run_until`](Self::run_until).
    pub fn ticks(&self) -> u64 {
        self.budget.ticks()
    }

    /// Runs files up to a tick, to find the location of the code at that tick: the error has it, if
    /// it can be determined.
    pub fn run_until(
        &mut self,
        tick: u64,
        files: &[PathBuf],
        names: &[String],
        part: &str,
        limits: Limits,
    ) -> Option<EvalError> {
        self.budget.end_at(tick);
        self.run(files, names, part, limits).err()
    }

    fn evaluate(&self, files: &[PathBuf], names: &[String], part: &str) -> Result<String, Failure> {
        let namespaces = self.load(files)?;
        let answer = self.read(|ctx| {
            let namespaces = namespaces.restore(ctx)?;
            let answer: Value<'_> = self.part(ctx, part)?.call((namespaces, names.to_vec()))?;
            let answer = match answer.try_into_promise() {
                Ok(promise) => promise,
                Err(text) => {
                    let (promise, resolve, _) = ctx.promise()?;
                    resolve.call::<_, ()>((text,))?;
                    promise
                }
            };
            Ok(Persistent::save(ctx, answer))
        })?;
        let value = self.settle(&answer)?;
        self.read(|ctx| value.restore(ctx)?.get::<String>())
    }

    /// Returns a part of the prelude, in the realm in which results are read.
    fn part<'js>(&self, ctx: &Ctx<'js>, name: &str) -> rquickjs::Result<Function<'js>> {
        self.modules.reader(ctx)?.get::<_, Function<'_>>("part")?.call((name,))
    }

    /// Loads files, and returns the array of their namespaces.
    fn load(&self, files: &[PathBuf]) -> Result<Persistent<Array<'static>>, Failure> {
        let entry = entry_module(files);
        let name = format!("mizzle:entry/{}", self.runs);
        let (entry, promise) = self.with(|ctx| {
            let (module, promise) = Module::declare(ctx.clone(), name, entry)?.eval()?;
            let namespace = module.namespace()?;
            Ok((Persistent::save(ctx, namespace), Persistent::save(ctx, promise)))
        })?;
        self.settle(&promise)?;
        self.with(|ctx| {
            let all: Array<'_> = entry.restore(ctx)?.get("all")?;
            Ok(Persistent::save(ctx, all))
        })
    }

    /// Runs jobs and timers until a promise is settled, and returns its value.
    fn settle(
        &self,
        promise: &Persistent<Promise<'static>>,
    ) -> Result<Persistent<Value<'static>>, Failure> {
        loop {
            if let Some(value) = self.settled(promise)? {
                return Ok(value);
            }
            let wait = self.run_timers(false)?;
            if wait < 0.0 && !self.runtime.is_job_pending() {
                return Err(Failure::NeverSettles);
            }
            if wait > 0.0 {
                std::thread::sleep(Duration::from_secs_f64(wait / 1e3).min(self.budget.left()));
            }
            if self.budget.is_over() {
                return Err(Failure::Interrupted);
            }
        }
    }

    /// Runs the jobs of promises, and returns the value of a promise if it is settled by then.
    fn settled(
        &self,
        promise: &Persistent<Promise<'static>>,
    ) -> Result<Option<Persistent<Value<'static>>>, Failure> {
        self.run_jobs()?;
        let result = self.with(|ctx| {
            let promise = promise.clone().restore(ctx)?;
            match promise.state() {
                PromiseState::Pending => Ok(None),
                PromiseState::Resolved | PromiseState::Rejected => promise
                    .result::<Value<'_>>()
                    .transpose()
                    .map(|value| value.map(|value| Persistent::save(ctx, value))),
            }
        })?;
        if result.is_some() {
            // Jobs that were queued while it settled still belong to it.
            self.run_jobs()?;
        }
        Ok(result)
    }

    /// Runs a timer that is due, or the next one immediately if `at_once`. Returns the milliseconds
    /// until the next, or -1 if there is none.
    fn run_timers(&self, at_once: bool) -> Result<f64, Failure> {
        self.read(|ctx| {
            self.modules.reader(ctx)?.get::<_, Function<'_>>("runTimers")?.call((at_once,))
        })
    }

    /// Runs the jobs of promises until none is left.
    fn run_jobs(&self) -> Result<(), Failure> {
        loop {
            match self.runtime.execute_pending_job() {
                Ok(true) => {}
                Ok(false) => return Ok(()),
                Err(exception) => {
                    return Err(exception
                        .0
                        .with(|ctx| Failure::Thrown(Persistent::save(&ctx, ctx.catch()))));
                }
            }
            if self.budget.is_over() {
                return Err(Failure::Interrupted);
            }
        }
    }

    fn unhandled_rejection(&self) -> Option<Failure> {
        let (_, reason) = self.rejections.borrow_mut().drain(..).next()?;
        Some(Failure::Rejected(reason))
    }

    /// Runs `work` in the realm of the evaluated code; converts exceptions to failures.
    fn with<R>(&self, work: impl FnOnce(&Ctx<'_>) -> rquickjs::Result<R>) -> Result<R, Failure> {
        within(&self.context, work)
    }

    /// Runs `work` in the realm in which results are read; converts exceptions to failures.
    fn read<R>(&self, work: impl FnOnce(&Ctx<'_>) -> rquickjs::Result<R>) -> Result<R, Failure> {
        within(&self.reader, work)
    }
}

/// Runs `work` in a realm; converts exceptions to failures.
fn within<R>(
    realm: &Context,
    work: impl FnOnce(&Ctx<'_>) -> rquickjs::Result<R>,
) -> Result<R, Failure> {
    realm.with(|ctx| {
        work(&ctx).catch(&ctx).map_err(|error| match error {
            CaughtError::Exception(exception) => {
                Failure::Thrown(Persistent::save(&ctx, exception.into_value()))
            }
            CaughtError::Value(value) => Failure::Thrown(Persistent::save(&ctx, value)),
            CaughtError::Error(error) => Failure::Engine(error.to_string()),
        })
    })
}

/// Creates a tracker of rejected promises without handlers.
fn tracker(rejections: Rejections) -> RejectionTracker {
    Box::new(move |ctx, promise, reason, handled| {
        let promise = Persistent::save(&ctx, promise);
        let mut rejections = rejections.borrow_mut();
        if handled {
            rejections.retain(|(other, _)| *other != promise);
        } else {
            rejections.push((promise, Persistent::save(&ctx, reason)));
        }
    })
}

/// Returns a module that imports the entry files and exports their namespaces as `all`.
fn entry_module(files: &[PathBuf]) -> String {
    let mut code = String::new();
    for (index, file) in files.iter().enumerate() {
        // Writing to a string does not fail.
        let _ = write!(code, "import*as m{index} from{};", literal(&file.to_string_lossy()));
    }
    let all: Vec<_> = (0..files.len()).map(|index| format!("m{index}")).collect();
    code + &format!("export const all=[{}];", all.join(","))
}

/// Starts the part of the prelude that reads results.
fn install_reader(ctx: &Ctx<'_>, modules: &Modules) -> rquickjs::Result<()> {
    let extension = modules.graph.extension();
    let start = host::script(ctx, extension, "reader")?;
    let reader: Object<'_> = start.call((host::reader_object(ctx, extension)?,))?;
    *modules.reader.borrow_mut() = Some(Persistent::save(ctx, reader));
    Ok(())
}

/// Starts the prelude, and declares the module through which our code accesses it.
fn install(ctx: &Ctx<'_>, options: &Options, modules: &Modules) -> rquickjs::Result<()> {
    let host = host::object(ctx, options, modules)?;
    let bootstrap = host::script(ctx, modules.graph.extension(), "bootstrap")?;
    let internal: Object<'_> = bootstrap.call((host, modules.reader(ctx)?))?;
    *modules.internal.borrow_mut() = Some(Persistent::save(ctx, internal.clone()));
    ctx.globals().set("__mizzle", internal)?;
    let code = "export const internal=globalThis.__mizzle;delete globalThis.__mizzle;";
    Module::evaluate(ctx.clone(), INTERNAL, code)?.finish()
}

fn engine_error(message: &str) -> EvalError {
    EvalError::new(
        EvalErrorKind::Engine,
        format!("the JavaScript engine could not start or go on: {message}"),
    )
}
