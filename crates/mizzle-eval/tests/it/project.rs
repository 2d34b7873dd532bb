//! Temporary projects to evaluate.

use miette::{GraphicalReportHandler, GraphicalTheme};
use mizzle_core::model::declaration::SchemaDeclaration;
use mizzle_eval::{
    Call, CallError, Direction, EvalError, Evaluator, Limits, Options, Script, ScriptEvent,
    ScriptFacts,
};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;

/// A folder with files, and the output of their evaluation.
pub(crate) struct Project {
    folder: TempDir,
    environment: BTreeMap<String, String>,
    printed: Arc<Mutex<Vec<String>>>,
}

impl Project {
    /// Creates a project with these files, each a path and a text.
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let project = Self {
            folder: TempDir::new().unwrap(),
            environment: BTreeMap::new(),
            printed: Arc::default(),
        };
        for (path, text) in files {
            project.write(path, text);
        }
        project
    }

    /// Creates a project with one schema file.
    pub(crate) fn of(schema: &str) -> Self {
        Self::new(&[("schema.ts", schema)])
    }

    /// Creates a project with one migration script, given by the body of its `up`.
    pub(crate) fn of_up(body: &str) -> Self {
        let text = format!(
            "import type {{ Database }} from \"mizzle-cli\";\n\n\
             export async function up(db: Database): Promise<void> {{\n{body}\n}}\n"
        );
        Self::new(&[("0001_test.ts", &text)])
    }

    pub(crate) fn write(&self, path: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    /// Copies a folder of `tests/fixtures` into the project.
    pub(crate) fn copy(self, fixture: &str, to: &str) -> Self {
        copy_folder(&fixtures().join(fixture), &self.path(to));
        self
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Returns the canonical path of the folder: temporary folders may be behind a symbolic link.
    pub(crate) fn root(&self) -> PathBuf {
        dunce::canonicalize(self.folder.path()).unwrap()
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.root().join(path)
    }

    pub(crate) fn evaluator(&self) -> Evaluator {
        let printed = self.printed.clone();
        Evaluator::start(Options {
            working_directory: self.root(),
            environment: self.environment.clone(),
            console: Arc::new(move |line| printed.lock().unwrap().push(line.to_owned())),
        })
    }

    pub(crate) fn config(&self, file: &str) -> Result<serde_json::Value, EvalError> {
        self.evaluator().config(&self.path(file), Limits::default())
    }

    pub(crate) fn schema_of(&self, files: &[&str]) -> Result<SchemaDeclaration, EvalError> {
        let files: Vec<_> = files.iter().map(|file| self.path(file)).collect();
        self.evaluator().schema(&files, Limits::default())
    }

    /// Evaluates `schema.ts`.
    pub(crate) fn schema(&self) -> Result<SchemaDeclaration, EvalError> {
        self.schema_of(&["schema.ts"])
    }

    /// Evaluates `schema.ts`, which must fail, and renders the error for a terminal.
    #[track_caller]
    pub(crate) fn failure(&self) -> String {
        let error = self.schema().expect_err("the schema must not evaluate");
        self.render(&error)
    }

    /// Renders an error for a terminal without colors, with its kind in front.
    pub(crate) fn render(&self, error: &EvalError) -> String {
        let mut text = format!("[{}]\n", error.kind());
        GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor())
            .with_width(100)
            .with_links(false)
            .render_report(&mut text, error)
            .unwrap();
        let text = text.replace(&*self.root().to_string_lossy(), "<root>");
        text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
    }

    /// Runs a function of a script; `answer` replies to each call immediately.
    pub(crate) fn migrate(
        &self,
        file: &str,
        direction: Direction,
        answer: impl FnMut(&Call) -> Result<serde_json::Value, CallError>,
    ) -> Run {
        let facts = ScriptFacts::default();
        let script = self.evaluator().script(&self.path(file), direction, facts, Limits::default());
        Run::of(script, answer)
    }

    /// Runs `up` of `0001_test.ts`; every call succeeds.
    pub(crate) fn up(&self) -> Run {
        self.migrate("0001_test.ts", Direction::Up, |_| Ok(serde_json::json!({})))
    }

    pub(crate) fn printed(&self) -> Vec<String> {
        self.printed.lock().unwrap().clone()
    }
}

/// The record of a script run.
#[derive(Debug)]
pub(crate) struct Run {
    /// The calls: the method, a space, and the request.
    pub(crate) calls: Vec<String>,
    pub(crate) logs: Vec<String>,
    pub(crate) outcome: Result<(), EvalError>,
}

impl Run {
    /// Runs a script to its end.
    pub(crate) fn of(
        mut script: Script,
        mut answer: impl FnMut(&Call) -> Result<serde_json::Value, CallError>,
    ) -> Self {
        let (mut calls, mut logs) = (Vec::new(), Vec::new());
        while let Some(event) = pollster::block_on(script.next()) {
            match event {
                ScriptEvent::Call(call) => {
                    calls.push(format!("{} {}", call.method(), call.input()));
                    let answer = answer(&call);
                    call.reply(answer);
                }
                ScriptEvent::Log(line) => logs.push(line),
            }
        }
        Self { calls, logs, outcome: script.finish() }
    }

    /// Returns the log of a script that must succeed.
    #[track_caller]
    pub(crate) fn logs_of(self, project: &Project) -> Vec<String> {
        if let Err(error) = &self.outcome {
            panic!("{}", project.render(error));
        }
        self.logs
    }

    /// Renders the error of a script that must fail, for a terminal.
    #[track_caller]
    pub(crate) fn failure(&self, project: &Project) -> String {
        let error = self.outcome.as_ref().expect_err("the script must fail");
        project.render(error)
    }
}

/// Evaluates an expression as the default export of a config.
#[track_caller]
pub(crate) fn value_of(code: &str) -> serde_json::Value {
    let project = Project::new(&[("mizzle.config.ts", code)]);
    project.config("mizzle.config.ts").unwrap_or_else(|error| panic!("{}", project.render(&error)))
}

pub(crate) fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
