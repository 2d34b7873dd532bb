//! TypeScript and its imports.

use crate::project::{Project, value_of};
use indoc::indoc;
use serde_json::json;

#[test]
fn syntax_that_needs_more_than_types_taken_away() {
    let value = value_of(indoc! {r#"
        enum Colour { Red, Green = 5, Blue }
        enum Name { Own = "own", Other = `other` }
        const enum Fixed { One = 1 << 3, Two = One | 1 }
        namespace Space { export const inner = 1; export namespace Deep { export const er = inner + 1 } }
        namespace Space { export const merged = true }
        declare const absent: string;
        abstract class Base<T> {
          static count = 0;
          static { Base.count = 7 }
          #hidden = 2;
          declare declared: string;
          constructor(private readonly own: T, protected other = "default") {}
          get hidden(): number { return this.#hidden }
          show(this: Base<T>): string { return `${this.own} ${this.other}` }
        }
        class Derived extends Base<number> { override show() { return "derived " + super.show() } }
        const seen: string[] = [];
        const mark = (name: string): any => (target: any, key?: string, descriptor?: any) => {
          seen.push(`${name} ${key ?? target.name}`);
        };
        const parameter = (target: any, key: any, index: number) => { seen.push(`parameter ${index}`) };
        @mark("class") class Decorated {
          @mark("field") field = 1;
          @mark("method") method(@parameter _a: string) {}
        }
        class Accessed { accessor value = 3 }
        const accessed = new Accessed(); accessed.value += 1;
        function over(a: string): string; function over(a: number): number; function over(a: any) { return a }
        const tuple = [1, "a"] as const satisfies readonly [number, string];
        const disposed: string[] = [];
        { using resource = { [Symbol.dispose ?? Symbol.for("Symbol.dispose")]() { disposed.push("disposed") } }; disposed.push("used"); }
        type Never<T> = T extends string ? never : T;
        const generic = <T,>(x: T): T => x;
        export default {
          enums: [Colour.Red, Colour.Blue, Colour[5], Name.Own, Name.Other, Fixed.Two],
          space: [Space.inner, Space.Deep.er, Space.merged],
          classes: [Base.count, new Derived(1).hidden, new Derived(1).show()],
          seen, decorated: new Decorated().field, accessed: accessed.value, over: over(1), tuple,
          disposed, generic: generic(1), nonNull: tuple[0]!, maybe: (undefined as any)?.x ?? "none",
          typeof: typeof absent,
        };
    "#});
    let expected = json!({
        "enums": [0, 6, "Green", "own", "other", 9],
        "space": [1, 2, true],
        "classes": [7, 2, "derived 1 default"],
        "seen": ["field field", "parameter 0", "method method", "class Decorated"],
        "decorated": 1, "accessed": 4, "over": 1, "tuple": [1, "a"],
        "disposed": ["used", "disposed"], "generic": 1, "nonNull": 1, "maybe": "none",
        "typeof": "undefined",
    });
    // The order of a method and its parameters is up to the decorators.
    assert_eq!(value, expected);
}

#[test]
fn files_import_each_other_in_every_way() {
    let project = Project::new(&[
        (
            "c.ts",
            indoc! {r#"
                import plain from "./a";
                import { js } from "./b.js";
                import { mjs } from "./c.mjs";
                import { cjs } from "./d.cjs";
                import * as index from "./folder";
                import data from "./data.json" with { type: "json" };
                import { version } from "./data.json";
                import type { Gone } from "./does-not-exist";
                import { first } from "./cycle1";
                import old = require("./old");
                export * as all from "./a";
                const later = await import("./a");
                const computed = await import(["./fol", "der/index.ts"].join(""));
                const self = await import("./c");
                export default {
                  plain, js, mjs, cjs, index: index.name, data, version, cycle: first(), old: old.value,
                  later: later.default, computed: computed.name, url: import.meta.url.slice(0, 8),
                  file: import.meta.filename.endsWith("c.ts"), dirname: __dirname === import.meta.dirname,
                };
            "#},
        ),
        ("a.ts", "const a: string = 'a'; export default a"),
        ("b.ts", "export const js = 'b'"),
        ("c.mts", "export const mjs = 'c'"),
        ("d.cts", "exports.cjs = 'd'"),
        ("folder/index.ts", "export const name = 'folder'"),
        ("data.json", "{ \"version\": 3 }"),
        (
            "cycle1.ts",
            "import { second } from './cycle2'; export const first = () => second(); export const one = 1",
        ),
        ("cycle2.ts", "import { one } from './cycle1'; export const second = () => one + 1"),
        ("old.ts", "export = { value: 'old' }"),
    ]);
    // `import … = require` makes the file CommonJS, which cannot await: each variant is tested
    // alone.
    let source = std::fs::read_to_string(project.path("c.ts")).unwrap();
    project.write(
        "c.ts",
        source
            .replace("import old = require(\"./old\");", "const old = require('./old');")
            .replace("const self = await import(\"./c\");", "")
            .replace("import { version } from \"./data.json\";", "const { version } = data;"),
    );
    let value = project.config("c.ts").unwrap_or_else(|error| panic!("{}", project.render(&error)));
    let expected = json!({
        "plain": "a", "js": "b", "mjs": "c", "cjs": "d", "index": "folder",
        "data": { "version": 3 }, "version": 3, "cycle": 2, "old": "old", "later": "a",
        "computed": "folder", "url": "file:///", "file": true, "dirname": true,
    });
    assert_eq!(value, expected);

    project.write("d.ts", "import old = require('./old');\nexport = { out: old.value };");
    assert_eq!(project.config("d.ts").unwrap(), json!({ "out": "old" }));
}

#[test]
fn paths_of_tsconfig_are_followed_through_extends() {
    let project = Project::new(&[
        (
            "app/schema/c.ts",
            "import { name } from '@lib/name'; import { at } from '~/at'; export default { name, at }",
        ),
        ("app/tsconfig.json", "{ /* comments, and */ \"extends\": [\"../base.json\"], }"),
        (
            "base.json",
            r#"{ "compilerOptions": { "paths": { "@lib/*": ["./lib/*"], "~/*": ["./app/src/*"] } } }"#,
        ),
        ("lib/name.ts", "export const name = 'lib'"),
        ("app/src/at.ts", "export const at = 'src'"),
    ]);
    assert_eq!(project.config("app/schema/c.ts").unwrap(), json!({ "name": "lib", "at": "src" }));
}

#[test]
fn a_tsconfig_that_extends_a_package_that_is_not_installed_is_no_obstacle() {
    let project = Project::new(&[
        (
            "c.ts",
            "import { defineConfig } from 'mizzle'; import { a } from './a'; export default defineConfig({ a })",
        ),
        ("a.ts", "export const a = 1"),
        ("tsconfig.json", r#"{ "extends": "@tsconfig/node22/tsconfig.json" }"#),
    ]);
    assert_eq!(project.config("c.ts").unwrap(), json!({ "a": 1 }));
}

#[test]
fn exceptions_in_packages_point_at_the_users_call() {
    let project = Project::new(&[
        (
            "schema.ts",
            "import { parse } from 'strict';\n\ntype A = string;\nexport const a: A = parse('x');\n",
        ),
        ("node_modules/strict/package.json", r#"{ "type": "module", "exports": "./index.js" }"#),
        (
            "node_modules/strict/index.js",
            "export function parse(text) {\n  throw new SyntaxError('not a number: ' + text);\n}\n",
        ),
    ]);
    insta::assert_snapshot!(project.failure(), @"
    [thrown]
      × SyntaxError: not a number: x
       ╭─[schema.ts:4:21]
     3 │ type A = string;
     4 │ export const a: A = parse('x');
       ·                     ──┬──
       ·                       ╰── thrown here
       ╰────
      help: the calls that led here:
              at parse (node_modules/strict/index.js:2:44)
              at schema.ts:4:21
    ");
    let error = project.schema().unwrap_err();
    let frames: Vec<_> =
        error.frames().iter().map(|frame| (frame.line, frame.is_package())).collect();
    assert_eq!(frames, [(2, true), (4, false)]);
}

#[test]
fn places_are_right_behind_wide_characters() {
    let project =
        Project::of("const täble = '\u{1F600}\u{1F600}'; export const x = täble.missing.name;\n");
    insta::assert_snapshot!(project.failure(), @"
    [thrown]
      × TypeError: cannot read property 'name' of undefined
       ╭─[schema.ts:1:38]
     1 │ const täble = '😀😀'; export const x = täble.missing.name;
       ·                                        ─────────┬────────
       ·                                                 ╰── thrown here
       ╰────
    ");
}

#[test]
fn the_console_goes_to_its_receiver() {
    let project = Project::of(indoc! {r#"
        console.log("plain", 1, { a: [1, "b"], f() {}, [Symbol("s")]: null }, [undefined]);
        console.error("%s is %d, %j", "x", 5, { a: 1 }, "rest");
        console.warn(new Map([["a", new Set([1])]]), new Date(0), /x/g, Symbol("y"), 10n, -0);
        console.group("group"); console.info("inner\nlines"); console.groupEnd();
        class Own { a = 1 }
        const cycle: any = new Own(); cycle.self = cycle;
        console.log(cycle, class A {}, () => {}, { deep: { deeper: { deepest: { hidden: 1 } } } });
        process.stdout.write("half "); process.stdout.write("line\n");
    "#});
    project.schema().unwrap();
    insta::assert_snapshot!(project.printed().join("\n"), @r#"
    plain 1 { a: [ 1, 'b' ], f: [Function: f], [Symbol(s)]: null } [ undefined ]
    x is 5, {"a":1} rest
    Map(1) { 'a' => Set(1) { 1 } } 1970-01-01T00:00:00.000Z /x/g Symbol(y) 10n -0
    group
      inner
      lines
    Own { a: 1, self: [Circular] } [class A] [Function: (anonymous)] { deep: { deeper: { deepest: [Object] } } }
    half line
    "#);
}
