//! Config files.

use crate::project::{Project, value_of};
use indoc::indoc;
use mizzle_eval::{EvalErrorKind, Limits};
use serde_json::json;
use std::time::Duration;

#[test]
fn the_default_export_is_the_config() {
    for code in [
        "export default { out: 'a', n: 1 }",
        "export const out = 'a'; export const n = 1",
        "export default () => ({ out: 'a', n: 1 })",
        "export default async () => ({ out: 'a', n: 1 })",
        "export default ({ command, n = 1 }) => ({ out: command ?? 'a', n })",
        "export default Promise.resolve({ out: 'a', n: 1 })",
        "const config = await Promise.resolve({ out: 'a', n: 1 }); export default config",
        "module.exports = { out: 'a', n: 1 }",
        "export = { out: 'a', n: 1 }",
        "import { defineConfig } from 'mizzle'; export default defineConfig({ out: 'a', n: 1 })",
        "import { defineConfig } from '@aurios/mizzle'; export default defineConfig({ out: 'a', n: 1 })",
        "import { defineConfig } from 'mizzling'; export default defineConfig({ out: 'a', n: 1 })",
        "import { defineConfig } from '@aurios/mizzling'; export default defineConfig({ out: 'a', n: 1 })",
        "import { defineConfig } from 'mizzle-cli'; export default defineConfig({ out: 'a', n: 1 })",
        "import { defineConfig } from 'mizzle-cli/schema'; export default defineConfig({ out: 'a', n: 1 })",
        "const { defineConfig } = require('mizzle'); module.exports = defineConfig({ out: 'a', n: 1 })",
        "interface C { out: string; n: number }\nexport default { out: 'a', n: 1 } satisfies C as C",
    ] {
        let value = value_of(code);
        assert_eq!((&value["out"], &value["n"]), (&json!("a"), &json!(1)), "{code}");
    }
}

#[test]
fn what_json_cannot_hold_is_named() {
    let value = value_of(indoc! {"
        const cycle: any = {}; cycle.self = cycle;
        export default {
          absent: undefined, nothing: null, truth: true, text: 'ä\\u{1F600}', number: -0.5,
          list: [1, undefined, () => 1],
          f() {}, s: Symbol('s'), b: 10n, nan: NaN, inf: -Infinity,
          date: new Date(0), map: new Map(), url: new URL('http://x'), own: new (class Own {})(),
          bare: Object.assign(Object.create(null), { a: 1 }), cycle,
          get computed() { return 3 },
        };
    "});
    let expected = json!({
        "nothing": null, "truth": true, "text": "ä\u{1F600}", "number": -0.5,
        "list": [1, { "$unsupported": "undefined" }, { "$unsupported": "function" }],
        "f": { "$unsupported": "function" }, "s": { "$unsupported": "symbol" },
        "b": { "$unsupported": "bigint" }, "nan": { "$unsupported": "NaN" },
        "inf": { "$unsupported": "-Infinity" }, "date": { "$unsupported": "Date" },
        "map": { "$unsupported": "Map" }, "url": { "$unsupported": "URL" },
        "own": { "$unsupported": "Own" }, "bare": { "a": 1 },
        "cycle": { "self": { "$unsupported": "circular reference" } }, "computed": 3,
    });
    assert_eq!(value, expected);
}

#[test]
fn properties_keep_their_order() {
    let value = value_of("export default { z: 1, a: 2, m: { y: 1, b: 2 } }");
    assert_eq!(value.to_string(), r#"{"z":1,"a":2,"m":{"y":1,"b":2}}"#);
}

#[test]
fn json_files_are_parsed() {
    let project = Project::new(&[("mizzle.config.json", "\u{feff}{ \"out\": \"./m\" }")]);
    assert_eq!(project.config("mizzle.config.json").unwrap(), json!({ "out": "./m" }));
}

#[test]
fn a_mistake_in_json_is_shown() {
    let project =
        Project::new(&[("mizzle.config.json", "{\n  \"out\": \"./m\",\n  \"schema\": x\n}\n")]);
    let error = project.config("mizzle.config.json").unwrap_err();
    insta::assert_snapshot!(project.render(&error), @r#"
    [invalid-json]
      × mizzle.config.json is not valid JSON: expected value
       ╭─[mizzle.config.json:3:13]
     2 │   "out": "./m",
     3 │   "schema": x
       ·             ┬
       ·             ╰── here
     4 │ }
       ╰────
    "#);
}

#[test]
fn one_evaluator_serves_config_and_schema() {
    let project = Project::new(&[
        ("mizzle.config.ts", "import { name } from './shared'; export default { out: name }"),
        ("shared.ts", "export const name = 'Shop'; console.log('loaded');"),
        (
            "schema.ts",
            "import { dynamoTable, string } from 'mizzle'; import { name } from './shared';\n\
             export const shop = dynamoTable(name, { pk: string('pk') });",
        ),
    ]);
    let evaluator = project.evaluator();
    let limits = Limits::default();
    let config = evaluator.config(&project.path("mizzle.config.ts"), limits).unwrap();
    let schema = evaluator.schema(&[project.path("schema.ts")], limits).unwrap();
    assert_eq!(config, json!({ "out": "Shop" }));
    assert_eq!(schema.tables[0].name, "Shop");
    assert_eq!(project.printed(), ["loaded"], "a module is loaded once");
}

#[test]
fn environment_and_working_directory_are_those_of_the_options() {
    let project = Project::new(&[(
        "c.ts",
        "process.env.N = 1 as any; delete process.env.GONE;\n\
         export default { a: process.env.A, n: process.env.N, gone: process.env.GONE, \
         all: Object.keys(process.env).sort(), cwd: process.cwd() }",
    )])
    .env("A", "1")
    .env("GONE", "x");
    let value = project.config("c.ts").unwrap();
    let cwd = project.root().to_string_lossy().into_owned();
    assert_eq!(value, json!({ "a": "1", "n": "1", "all": ["A", "N"], "cwd": cwd }));
}

#[test]
fn an_evaluator_goes_on_after_a_failure() {
    let project = Project::new(&[
        ("endless.ts", "for (;;);"),
        ("hungry.ts", "const all: unknown[] = []; for (;;) all.push([all.length]);"),
        ("deep.ts", "const f = (): number => 1 + f(); f();"),
        ("broken.ts", "export const a = ;"),
        ("c.ts", "export default { ok: true }"),
    ]);
    let evaluator = project.evaluator();
    let limits = Limits { time: Duration::from_millis(200), memory: 512 << 20 };
    let tight = Limits { time: Duration::from_secs(30), memory: 32 << 20 };
    for (file, limits, kind) in [
        ("endless.ts", limits, EvalErrorKind::TimeLimit),
        ("deep.ts", tight, EvalErrorKind::StackOverflow),
        ("broken.ts", tight, EvalErrorKind::Syntax),
        ("hungry.ts", tight, EvalErrorKind::MemoryLimit),
    ] {
        let error = evaluator.config(&project.path(file), limits).unwrap_err();
        assert_eq!(error.kind(), kind, "{file}: {error}");
    }
    let config = evaluator.config(&project.path("c.ts"), Limits::default()).unwrap();
    assert_eq!(config, json!({ "ok": true }));
}

#[test]
fn what_cannot_be_interrupted_is_given_up() {
    let project =
        Project::new(&[("c.ts", "export default { n: new Array(2 ** 32 - 1).join('x').length };")]);
    let limits = Limits { time: Duration::from_millis(100), memory: 64 << 20 };
    let error = project.evaluator().config(&project.path("c.ts"), limits).unwrap_err();
    assert_eq!(error.kind(), EvalErrorKind::TimeLimit);
}

#[test]
fn files_that_are_no_files_are_named() {
    let project = Project::new(&[("folder/a.ts", "")]);
    for (path, reason) in [("nothing.ts", "no such file"), ("folder", "it is a directory")] {
        let error = project.config(path).unwrap_err();
        assert_eq!(error.kind(), EvalErrorKind::Unreadable);
        assert_eq!(error.message(), format!("cannot read {path}: {reason}"));
    }
}

#[test]
fn a_config_whose_parts_are_shared_has_an_end() {
    let project = Project::new(&[(
        "mizzle.config.ts",
        "let dag: any = { a: 1 };\n\
         for (let level = 0; level < 40; level++) dag = { left: dag, right: dag };\n\
         export default { schema: './schema.ts', dag };",
    )]);
    let started = std::time::Instant::now();
    let config = project.config("mizzle.config.ts").unwrap();
    assert_eq!(config["schema"], "./schema.ts");
    assert!(config["dag"].to_string().contains("value with more than 100000 parts"));
    assert!(started.elapsed() < std::time::Duration::from_secs(20), "{:?}", started.elapsed());
}
