//! Hostile input, case by case: the command, the expected result, and the reason.
//!
//! All cases have further requirements in common: the command ends within twenty seconds, by itself
//! and not by a signal; it reports no panic and no internal error; its output does not control a
//! terminal, and is limited. `MIZZLE_TEST_HOSTILE=all` runs all cases, otherwise every third of a
//! kind is run.

mod builtins;
mod files;
mod limits;
mod names;
mod scripts;
mod secrets;
mod servers;
mod snapshots;
mod text;

use crate::support::{BINARY, CONFIG, SCHEMA};
use mizzle_test::{MizzleCommand, Output, Stranger, TempProject};
use std::{
    fmt::Write,
    panic,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

/// The time limit of every case.
const DEADLINE: Duration = Duration::from_secs(20);

/// The maximum output of a case, in bytes.
const MOST: usize = 64 << 10;

/// A hostile case.
struct Case {
    /// Its kind and name: `files/config/pipe/list`.
    name: String,
    /// The reason for the expected result.
    reason: &'static str,
    prepare: Box<dyn Fn(&TempProject) + Send + Sync>,
    server: Option<Server>,
    arguments: Vec<String>,
    variables: Vec<(&'static str, String)>,
    start: fn(MizzleCommand) -> MizzleCommand,
    codes: &'static [i32],
    says: Vec<String>,
    never_says: Vec<String>,
    check: Option<Check>,
}

/// A server that a case connects to; its endpoint replaces `{endpoint}` in arguments and the
/// config.
type Server = Box<dyn Fn() -> Stranger + Send + Sync>;

/// A further requirement on the result.
type Check = Box<dyn Fn(&TempProject, &Output) -> Result<(), String> + Send + Sync>;

impl Case {
    /// Creates a case in a project with a config and a schema; it has to end with one of these
    /// codes.
    fn new(
        name: impl Into<String>,
        reason: &'static str,
        arguments: &[&str],
        codes: &'static [i32],
    ) -> Self {
        Self {
            name: name.into(),
            reason,
            prepare: Box::new(|_| ()),
            server: None,
            arguments: arguments.iter().map(|argument| (*argument).to_owned()).collect(),
            variables: Vec::new(),
            start: |command| command,
            codes,
            says: Vec::new(),
            never_says: Vec::new(),
            check: None,
        }
    }

    /// Adds a preparation step.
    fn prepared(self, prepare: impl Fn(&TempProject) + Send + Sync + 'static) -> Self {
        let before = self.prepare;
        let prepare = Box::new(move |project: &TempProject| {
            before(project);
            prepare(project);
        });
        Self { prepare, ..self }
    }

    fn file(self, path: &'static str, text: impl Into<String>) -> Self {
        let text = text.into();
        self.prepared(move |project| project.write(path, &text))
    }

    fn server(self, server: impl Fn() -> Stranger + Send + Sync + 'static) -> Self {
        Self { server: Some(Box::new(server)), ..self }
    }

    fn variable(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.variables.push((name, value.into()));
        self
    }

    fn started(self, start: fn(MizzleCommand) -> MizzleCommand) -> Self {
        Self { start, ..self }
    }

    fn says(mut self, text: impl Into<String>) -> Self {
        self.says.push(text.into());
        self
    }

    fn never_says(mut self, text: impl Into<String>) -> Self {
        self.never_says.push(text.into());
        self
    }

    fn check(
        self,
        check: impl Fn(&TempProject, &Output) -> Result<(), String> + Send + Sync + 'static,
    ) -> Self {
        Self { check: Some(Box::new(check)), ..self }
    }

    /// Runs the case. Returns the faults as an error.
    fn run(&self) -> Result<(), String> {
        let project = TempProject::new(BINARY);
        project.write("mizzle.config.ts", CONFIG);
        project.write("schema.ts", SCHEMA);
        (self.prepare)(&project);
        let server = self.server.as_ref().map(|server| server());
        let endpoint = server.as_ref().map(Stranger::endpoint).unwrap_or_default();
        let arguments = self.arguments.iter().map(|text| text.replace("{endpoint}", &endpoint));
        let mut command = project.mizzle(arguments.collect::<Vec<String>>());
        for (name, value) in &self.variables {
            command = command.env(name, value.replace("{endpoint}", &endpoint));
        }
        let began = Instant::now();
        let output = (self.start)(command).deadline(DEADLINE).run();
        let mut faults = String::new();
        let mut fault = |text: String| {
            let _ = writeln!(faults, "  {text}");
        };
        if began.elapsed() > DEADLINE {
            fault(format!("took {:?}", began.elapsed()));
        }
        match output.code {
            Some(code) if self.codes.contains(&code) => {}
            code => fault(format!(
                "code {code:?} (signal {:?}), not one of {:?}",
                output.signal, self.codes
            )),
        }
        let printed = format!("{}{}", output.stdout, output.stderr);
        let acts = |c: &char| !matches!(c, '\n' | '\t') && mizzle_core::text::is_unsafe(*c);
        if let Some(acting) = printed.chars().find(acts) {
            fault(format!("prints {acting:?}"));
        }
        for word in ["panicked", "RUST_BACKTRACE", "mistake in mizzle", "overflowed its stack"] {
            if printed.contains(word) {
                fault(format!("says {word:?}"));
            }
        }
        if printed.len() > MOST {
            fault(format!("prints {} bytes", printed.len()));
        }
        for text in self.says.iter().filter(|text| !printed.contains(text.as_str())) {
            fault(format!("does not say {text:?}"));
        }
        for text in self.never_says.iter().filter(|text| printed.contains(text.as_str())) {
            fault(format!("says {text:?}"));
        }
        if let Some(Err(text)) = self.check.as_ref().map(|check| check(&project, &output)) {
            fault(text);
        }
        if faults.is_empty() {
            return Ok(());
        }
        let shown: String = printed.chars().take(700).collect();
        Err(format!("{}: {}\n{faults}  {shown:?}\n", self.name, self.reason))
    }
}

fn all() -> Vec<Case> {
    let mut cases = Vec::new();
    cases.extend(builtins::cases());
    cases.extend(files::cases());
    cases.extend(limits::cases());
    cases.extend(names::cases());
    cases.extend(scripts::cases());
    cases.extend(secrets::cases());
    cases.extend(servers::cases());
    cases.extend(snapshots::cases());
    cases.extend(text::cases());
    cases
}

/// The interval of cases of a kind that are run by default.
const SHORT_FORM: usize = 3;

#[test]
fn hostile_input_never_harms() {
    let mut cases = all();
    assert!(cases.len() >= 400, "{} cases", cases.len());
    let mut names: Vec<&str> = cases.iter().map(|case| case.name.as_str()).collect();
    names.sort_unstable();
    if let Some(twice) = names.windows(2).find(|pair| pair[0] == pair[1]) {
        panic!("{} is there twice", twice[0]);
    }
    match std::env::var("MIZZLE_TEST_HOSTILE").as_deref() {
        Ok("all") => {}
        Ok(filter) => cases.retain(|case| case.name.contains(filter)),
        Err(_) => {
            let mut position = 0;
            cases.retain(|_| {
                position += 1;
                position % SHORT_FORM == 1
            });
        }
    }
    let (next, faults) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    // A command that does not end panics on its own.
                    let run = panic::catch_unwind(panic::AssertUnwindSafe(|| case.run()));
                    let run = run.unwrap_or_else(|_| {
                        Err(format!("{}: {}\n  did not come to its end\n", case.name, case.reason))
                    });
                    faults.lock().unwrap().extend(run.err());
                }
            });
        }
    });
    let faults = faults.into_inner().unwrap();
    let (count, all) = (faults.len(), cases.len());
    assert!(faults.is_empty(), "{count} of {all} cases end badly:\n{}", faults.join("\n"));
}
