//! The handle of an engine that runs on its own thread.

use crate::locate;
use crate::migration::{Direction, ScriptFacts, migrate};
use crate::product::{EVALUATION, Product};
use mizzle_core::model::{
    declaration::{MakingSite, SchemaDeclaration, Subject, UnexportedTable},
    missing_part,
};
use mizzle_js::{
    Engine, EvalError, EvalErrorKind, Graph, Limits, Options, STACK, Script, SourceLocation,
    is_data, project_calls,
};
use serde::Deserialize;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender, SyncSender};
use std::thread;
use std::time::{Duration, Instant};

/// The time after the time limit in which the engine may still answer. The engine checks the limit
/// itself; this is for work inside its native functions, which cannot be interrupted.
const LATENESS: Duration = Duration::from_secs(2);

/// The part of the prelude that converts a config to JSON.
const CONFIG: &str = "config";
/// The part of the prelude that converts a schema declaration and the stacks of the created tables
/// to JSON; the sites have the file names as they were given.
const SCHEMA: &str = "walk";

/// Evaluates files. All evaluations of one evaluator share an engine, including the modules that
/// were already loaded; each migration script has its own engine.
pub struct Evaluator {
    graph: Arc<Graph>,
    options: Arc<Options>,
    jobs: Sender<Job>,
    /// The reason why there is no engine.
    refused: Option<EvalError>,
}

impl fmt::Debug for Evaluator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Evaluator").finish_non_exhaustive()
    }
}

/// The result of the walk over the exports.
#[derive(Debug, Deserialize)]
struct Walked {
    declaration: SchemaDeclaration,
    /// The stacks of the calls that created the declared tables, in the order of the tables.
    stacks: Vec<Option<String>>,
    unexported: Vec<Unexported>,
}

/// A table that was created but is not declared.
#[derive(Debug, Deserialize)]
struct Unexported {
    name: String,
    stack: String,
}

/// A job for the engine.
#[derive(Clone)]
struct Job {
    files: Vec<PathBuf>,
    names: Vec<String>,
    part: &'static str,
    limits: Limits,
    answer: SyncSender<Result<String, EvalError>>,
}

impl Evaluator {
    /// Starts an engine. Returns immediately: the engine starts on its own thread while the caller
    /// does other work, and a failed start is reported on first use.
    pub fn start(options: Options) -> Self {
        let graph = Arc::new(Graph::new(options.working_directory.clone(), &Product));
        let (jobs, inbox) = mpsc::channel();
        let options = Arc::new(options);
        let (shared, seen) = (graph.clone(), options.clone());
        let started = thread::Builder::new()
            .name("mizzle-engine".to_owned())
            .stack_size(STACK)
            .spawn(move || serve(&shared, &seen, &inbox));
        let refused = started.err().map(|error| EvalError::no_thread(&error));
        Self { graph, options, jobs, refused }
    }

    /// Evaluates a config file, given by its absolute path.
    ///
    /// Returns the default export, or the module itself if it has none; a function is called, a
    /// promise awaited. A `.json` file is only parsed. Properties that are `undefined` are left
    /// out; a value that JSON cannot hold becomes `{ "$unsupported": "function" }`, with the name
    /// of its kind. Properties keep their order.
    ///
    /// # Errors
    /// Any problem of the file and of its imports, and the limits.
    pub fn config(&self, file: &Path, limits: Limits) -> Result<serde_json::Value, EvalError> {
        if is_data(file) {
            let text = self.graph.check_data(file)?;
            return serde_json::from_str(&text)
                .map_err(|error| self.graph.invalid_json(file, &text, &error));
        }
        let json = self.run(&[file.to_path_buf()], CONFIG, limits)?;
        serde_json::from_str(&json).map_err(|error| unexpected(&error))
    }

    /// Evaluates schema files, given by their absolute paths, and collects the tables and entities
    /// among their exports, in arrays and plain objects too.
    ///
    /// # Errors
    /// Any problem of the files and of their imports, the limits, and exported tables and entities
    /// that are malformed.
    pub fn schema(
        &self,
        files: &[PathBuf],
        limits: Limits,
    ) -> Result<SchemaDeclaration, EvalError> {
        let json = self.run(files, SCHEMA, limits)?;
        let walked: Walked = serde_json::from_str(&json).map_err(|error| unexpected(&error))?;
        Ok(self.with_places(walked))
    }

    /// Returns the declaration, with the creating calls of those tables that a problem may be
    /// about.
    fn with_places(&self, walked: Walked) -> SchemaDeclaration {
        let Walked { mut declaration, stacks, unexported } = walked;
        let made = |name: &str, stack: &str| {
            let SourceLocation { file, span, .. } = making_call(&self.graph, stack, name)?;
            let file = file.to_string_lossy().into_owned();
            Some(MakingSite { file, start: span.start, end: span.end })
        };
        for (table, stack) in declaration.tables.iter_mut().zip(&stacks) {
            // Locating a call requires parsing, which most tables should not cost.
            if missing_part(&table.name).is_some() {
                table.made = stack.as_deref().and_then(|stack| made(&table.name, stack));
            }
        }
        declaration.unexported = unexported
            .into_iter()
            .filter_map(|Unexported { name, stack }| {
                let made = made(&name, &stack)?;
                Some(UnexportedTable { name, made })
            })
            .collect();
        declaration
    }

    /// Starts a function of a migration script, given by its absolute path, and returns
    /// immediately: the script runs on its own thread, in its own engine, and [`Script::finish`]
    /// reports every problem.
    ///
    /// `limits.time` is the time that the code may run without interruption: it restarts with every
    /// reply, and waiting for replies or timers does not count. For a script whose calls are only
    /// shown, it is the time of the whole run, in which timers run without waiting.
    pub fn script(
        &self,
        file: &Path,
        direction: Direction,
        facts: ScriptFacts,
        limits: Limits,
    ) -> Script {
        let (graph, options) = (self.graph.clone(), self.options.clone());
        let file = dunce::canonicalize(file).unwrap_or_else(|_| file.to_path_buf());
        let watch = facts
            .dry_run
            .then(|| (limits.time.saturating_add(LATENESS), uninterruptible("the script", limits)));
        Script::start(
            move |port| migrate(&graph, &options, &file, direction, &facts, limits, port),
            watch,
        )
    }

    /// Returns the location of a subject in the evaluated files, as precisely as possible: the
    /// attribute, else its index, else the table or entity, else its export.
    ///
    /// Parses files, so call it only to show a problem.
    pub fn locate(&self, subject: &Subject) -> Option<SourceLocation> {
        self.graph.on_deep_stack(|| locate::locate(&self.graph, subject))
    }

    fn run(
        &self,
        files: &[PathBuf],
        part: &'static str,
        limits: Limits,
    ) -> Result<String, EvalError> {
        if let Some(error) = &self.refused {
            return Err(error.clone());
        }
        let names = files.iter().map(|file| file.to_string_lossy().into_owned()).collect();
        // A file is one module, whatever path leads to it: imports resolve symbolic links.
        let files: Vec<PathBuf> = files
            .iter()
            .map(|file| dunce::canonicalize(file).unwrap_or_else(|_| file.clone()))
            .collect();
        self.graph.crawl(&files);
        self.graph.check(&files)?;

        let (answer, reply) = mpsc::sync_channel(1);
        let job = Job { files, names, part, limits, answer };
        self.jobs.send(job).map_err(|_| EvalError::lost())?;
        match reply.recv_timeout(limits.time.saturating_add(LATENESS)) {
            Ok(result) => result,
            Err(RecvTimeoutError::Disconnected) => Err(EvalError::lost()),
            Err(RecvTimeoutError::Timeout) => Err(uninterruptible("the evaluation", limits)),
        }
    }
}

/// The error for code that continues inside a native function after the time limit.
fn uninterruptible(what: &str, limits: Limits) -> EvalError {
    EvalError::new(
        EvalErrorKind::TimeLimit,
        format!(
            "{what} takes longer than the {} s it may take, and cannot be interrupted",
            limits.time.as_secs_f64()
        ),
    )
    .hint("look for an operation on an enormous string, array or number")
}

/// Runs jobs on the engine's thread until the evaluator is dropped.
fn serve(graph: &Arc<Graph>, options: &Options, inbox: &Receiver<Job>) {
    let mut engine = Engine::start(graph.clone(), options, &EVALUATION);
    for job in inbox {
        let result = match &mut engine {
            Ok(engine) => {
                let started = Instant::now();
                engine.run(&job.files, &job.names, job.part, job.limits).map_err(|error| {
                    // The caller still waits: the second run may use the remaining time.
                    let left = job.limits.time.saturating_sub(started.elapsed()) + LATENESS / 2;
                    let limits = Limits { time: left, ..job.limits };
                    with_place(
                        error,
                        engine.ticks(),
                        graph,
                        options,
                        &Job { limits, ..job.clone() },
                    )
                })
            }
            Err(error) => Err(error.clone()),
        };
        // Sending fails if the caller has stopped waiting.
        let _ = job.answer.send(result);
    }
}

/// Returns the project's call that created a table: the innermost one that contains its name, else
/// the innermost one. `None` if no code of the project is on the stack, as for a table that a
/// package creates while it is loaded.
fn making_call(graph: &Graph, stack: &str, table: &str) -> Option<SourceLocation> {
    let own = project_calls(graph, stack);
    let names_it = |location: &&SourceLocation| {
        let arguments = location.source.get(location.span.end..).unwrap_or_default();
        let mut beginning = arguments.lines().take(2);
        let quoted = ['"', '\'', '`'].map(|quote| format!("{quote}{table}{quote}"));
        beginning.any(|line| quoted.iter().any(|name| line.contains(name)))
    };
    own.iter().find(names_it).or(own.first()).cloned()
}

/// Finds the location where memory ran out. The exception has no stack, since there was no memory
/// for one; but code runs the same way again, so a second engine can be stopped shortly before that
/// point.
fn with_place(
    error: EvalError,
    ticks: u64,
    graph: &Arc<Graph>,
    options: &Options,
    job: &Job,
) -> EvalError {
    if error.kind() != EvalErrorKind::MemoryLimit || !error.frames().is_empty() || ticks == 0 {
        return error;
    }
    // The output of the code has already been printed.
    let silent = Options { console: Arc::new(|_| {}), ..options.clone() };
    let Ok(mut engine) = Engine::start(graph.clone(), &silent, &EVALUATION) else {
        return error;
    };
    let again = engine.run_until(ticks, &job.files, &job.names, job.part, job.limits);
    match again.as_ref().and_then(EvalError::location) {
        // The engine reports no position for code at the top level of a module.
        Some(location) if location.span.start == 0 => {
            graph.point(error, location.clone(), "memory ran out in this module")
        }
        Some(location) => graph.point(error, location.clone(), "memory ran out about here"),
        None => error,
    }
}

fn unexpected(error: &serde_json::Error) -> EvalError {
    EvalError::new(
        EvalErrorKind::Engine,
        format!("the exported values could not be read back: {error}"),
    )
    .hint("this is a mistake in mizzle; please report it with the files that show it")
}

#[cfg(test)]
mod tests {
    use super::*;
    use mizzle_js::ScriptEvent;
    use std::collections::BTreeMap;

    #[test]
    fn an_abandoned_script_comes_to_its_end() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("0001_test.ts");
        let evaluator = Evaluator::start(Options {
            working_directory: folder.path().to_path_buf(),
            environment: BTreeMap::new(),
            console: Arc::new(|_| {}),
        });
        for body in [
            // Waiting for a reply, waiting for a timer, and running.
            "await db.deleteTable({ TableName: 'T' }); for (;;);",
            "db.log('up'); await new Promise((resolve) => setTimeout(resolve, 3_600_000));",
            "db.log('up'); for (;;);",
            "db.log('up'); for (;;) await null;",
            "db.log('up'); for (;;) await new Promise((resolve) => setImmediate(resolve));",
            "db.deleteTable({ TableName: 'T' }); throw new Error('while a call is under way');",
        ] {
            std::fs::write(&file, format!("export async function up(db) {{ {body} }}")).unwrap();
            let evaluator = Evaluator::start(Options::clone(&evaluator.options));
            let limits = Limits { time: Duration::from_secs(3600), ..Limits::default() };
            let mut script = evaluator.script(&file, Direction::Up, ScriptFacts::default(), limits);
            let event = pollster::block_on(script.next());
            assert_eq!(script.finish().unwrap_err().kind(), EvalErrorKind::Abandoned);
            if let Some(ScriptEvent::Call(call)) = event {
                call.reply(Ok(serde_json::Value::Null));
            }
            // Held by the evaluator, by its own thread, and by that of the script.
            let deadline = Instant::now() + Duration::from_secs(20);
            while Arc::strong_count(&evaluator.options) > 2 {
                assert!(Instant::now() < deadline, "{body} still runs");
                thread::yield_now();
            }
        }
    }
}
