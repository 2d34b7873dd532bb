//! The engine with a small extension: its requirements on one, and its behavior without mizzle.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use mizzle_js::{
    Activity, CallError, Calls, Ended, Engine, EvalError, EvalErrorKind, Extension, Graph, Limits,
    Options, Script, ScriptEvent, Served, Shortcut, Task,
};
use serde_json::{Value, json};
use std::{collections::BTreeMap, fs, path::PathBuf, sync::Arc};
use tempfile::TempDir;

/// Converts default exports to JSON, calls functions, and serves two modules.
struct Small;

impl Extension for Small {
    fn part(&self, name: &str) -> Option<&'static str> {
        match name {
            "json" => Some(
                "(function () { return (namespaces, names) =>
                   JSON.stringify(names.map((name, index) => namespaces[index].default)); })",
            ),
            "run" => Some(
                "(function ({ realm }) { return (namespace, name, facts, host) => {
                   const found = namespace[name];
                   if (typeof found !== 'function') return { kind: typeof found };
                   let settle;
                   const ask = (question) => new realm.Promise((resolve, reject) => {
                     settle = (id, succeeded, json) =>
                       (succeeded ? resolve : reject)(JSON.parse(json));
                     host.request(1, 'ask', JSON.stringify([question, facts]));
                   });
                   const promise = (async () => { await found(ask); })();
                   return { kind: 'function', promise, settle: (...given) => settle(...given),
                     close: () => [], runRest: () => false };
                 }; })",
            ),
            "stand-ins" => Some(
                "(function () { return { namesOf: () => ['a'], whole: (module) => ({ a: module }) }; })",
            ),
            _ => None,
        }
    }

    fn module(&self, name: &str) -> Option<&'static str> {
        match name {
            "own/number" => Some("export const number = 7;"),
            "own/more" => Some("export { number } from './number.js'; export const more = true;"),
            _ => None,
        }
    }

    fn serve(&self, specifier: &str) -> Served {
        match specifier {
            "small" => Served::Own("own/more"),
            "absent" => Served::StandIn,
            "wrapped" => Served::Wrapped { fallback: "own/more" },
            _ => Served::Elsewhere,
        }
    }

    fn stand_ins(&self) -> &'static str {
        "stand-ins"
    }

    fn wrapper(&self, real: &str, default: &str) -> String {
        format!("export * from {real}; {default} export const wrapped = true;")
    }

    fn shortcut(&self) -> Shortcut {
        Shortcut { names: &["number"], module: "own/number" }
    }

    fn missing_export_hint(&self, specifier: &str, name: &str) -> String {
        format!("{specifier} has no {name}")
    }

    fn checks_arguments(&self, _: &str) -> bool {
        false
    }

    fn speaks_of_credentials(&self, source: &str) -> bool {
        source.contains("password")
    }
}

static ACTIVITY: Activity = Activity {
    phrase: "tests",
    noun: "the test",
    files: "the files",
    reach: "it can read",
    calls: Some(Calls {
        noun: "the calls",
        methods: || vec!["answer"],
        endless_when_noted: "look for a loop",
    }),
};

/// A folder with files.
struct Files(TempDir);

impl Files {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = TempDir::new().unwrap();
        for (path, text) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        Self(folder)
    }

    fn root(&self) -> PathBuf {
        self.0.path().canonicalize().unwrap()
    }

    fn start(&self) -> (Arc<Graph>, Engine) {
        let graph = Arc::new(Graph::new(self.root(), &Small));
        let options = Options {
            working_directory: self.root(),
            environment: BTreeMap::new(),
            console: Arc::new(|_| {}),
        };
        (graph.clone(), Engine::start(graph, &options, &ACTIVITY).unwrap())
    }

    /// Evaluates the default export of `a.ts`.
    fn evaluate(&self) -> Result<Value, EvalError> {
        let (graph, mut engine) = self.start();
        let files = [self.root().join("a.ts")];
        graph.crawl(&files);
        graph.check(&files)?;
        let json = engine.run(&files, &["a.ts".to_owned()], "json", Limits::default())?;
        Ok(serde_json::from_str::<Value>(&json).unwrap()[0].take())
    }
}

fn evaluate(source: &str) -> Result<Value, EvalError> {
    Files::new(&[("a.ts", source), ("node_modules/wrapped/index.js", "exports.real = 1;")])
        .evaluate()
}

#[test]
fn an_extension_serves_modules_and_reads_exports() {
    let value = evaluate(
        "import { more, number } from 'small'; import { a } from 'absent';\n\
         import { real, wrapped } from 'wrapped'; import { sep } from 'node:path';\n\
         const all: unknown[] = [more, number, a, real, wrapped, typeof sep]; export default all;",
    );
    assert_eq!(value.unwrap(), json!([true, 7, "absent", 1, true, "string"]));
}

#[test]
fn problems_have_the_words_of_the_extension() {
    let missing = evaluate("import { nothing } from 'small'; export default nothing;").unwrap_err();
    assert_eq!(missing.kind(), EvalErrorKind::MissingExport);
    assert_eq!(missing.hints(), ["small has no nothing"]);
    let closed = evaluate("fetch('https://example.org');").unwrap_err();
    assert_eq!(closed.message(), "fetch is not available while mizzle tests");
    assert_eq!(closed.hints(), ["it can read"]);
    let hidden = evaluate("throw { password: 'secret' };").unwrap_err();
    assert!(!hidden.message().contains("secret"), "{hidden}");
}

#[test]
fn a_function_calls_its_host() {
    let files = Files::new(&[(
        "a.ts",
        "export async function up(ask: (what: string) => Promise<number>) {\n\
           const answer = await ask('how many');\n\
           if (answer !== 5) throw new Error(`not ${answer}`);\n\
         }",
    )]);
    let run = |function: &'static str, reply: Result<Value, CallError>| {
        let file = files.root().join("a.ts");
        let root = files.root();
        let work = move |port: &mizzle_js::Port| {
            let graph = Arc::new(Graph::new(root.clone(), &Small));
            let options = Options {
                working_directory: root,
                environment: BTreeMap::new(),
                console: Arc::new(|_| {}),
            };
            graph.crawl(std::slice::from_ref(&file));
            let mut engine = Engine::start(graph, &options, &ACTIVITY)?;
            let facts = json!({ "fact": true });
            let task =
                Task { file: &file, function, part: "run", facts: &facts, is_recorded: false };
            match engine.call(task, Limits::default(), port)? {
                Ended::NoFunction(kind) => Err(EvalError::new(EvalErrorKind::InvalidScript, kind)),
                Ended::Function { .. } => Ok(()),
            }
        };
        let mut script = Script::start(work, None);
        let mut reply = Some(reply);
        while let Some(event) = pollster::block_on(script.next()) {
            let ScriptEvent::Call(call) = event else { panic!("nothing is logged") };
            assert_eq!(call.method(), "ask");
            assert_eq!(*call.input(), json!(["how many", { "fact": true }]));
            call.reply(reply.take().unwrap());
        }
        script.finish()
    };
    run("up", Ok(json!(5))).unwrap();
    assert_eq!(run("up", Ok(json!(6))).unwrap_err().message(), "Error: not 6");
    let error = run("down", Ok(Value::Null)).unwrap_err();
    assert_eq!((error.kind(), error.message()), (EvalErrorKind::InvalidScript, "undefined"));
}
