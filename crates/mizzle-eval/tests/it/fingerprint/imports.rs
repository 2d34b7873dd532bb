//! The imported files of a script: only their used parts count.

use super::of;
use mizzle_eval::{Fingerprint, fingerprint};

/// A project's files on disk, changed one after another.
struct Files(tempfile::TempDir);

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.0.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn script(&self, source: &str) -> String {
        self.fingerprint(source).checksum
    }

    fn fingerprint(&self, source: &str) -> Fingerprint {
        self.write("migrations/0001_a.ts", source);
        fingerprint(&self.0.path().join("migrations/0001_a.ts"), source).unwrap()
    }
}

#[test]
fn files_that_a_script_imports_count_and_their_formatting_does_not() {
    let files = Files::new();
    files.write("lib/rows.ts", "import { one } from './one';\nexport const rows = [one];\n");
    files.write("lib/one.js", "import './rows';\nexport const one = 1;\n");
    files.write("migrations/data.json", "{ \"a\": [1, 2] }");
    files.write("node_modules/dep/index.js", "module.exports = 1;\n");
    let script = r#"import { rows } from "../lib/rows";
import data from "./data.json" with { type: "json" };
import dep from "dep";
export { one } from "../lib/one";
export const up = async () => [rows, data, dep, await import("../lib/late"), require("./old.cjs")];
"#;
    let of = || files.script(script);
    let all = of();
    // Missing files are not an error, and count once they exist.
    files.write("lib/late.ts", "export const late = 1;\n");
    let late = of();
    files.write("migrations/old.cjs", "module.exports = 1;\n");
    let mut known = vec![all, late, of()];
    for (path, same, other) in [
        (
            "lib/rows.ts",
            "import {one} from \"./one\" // One.\nexport const rows = [one,]",
            "import { one } from './one';\nexport const rows = [one, one];",
        ),
        (
            "lib/one.js",
            "\u{feff}import './rows'\r\nexport const one = 0x1",
            "import './rows';\nexport const one = 2;",
        ),
        ("lib/late.ts", "export const late: number = 1", "export const late = 2"),
        ("migrations/old.cjs", "module.exports = 1", "module.exports = 2"),
        ("migrations/data.json", "{\"a\":[1,2]}\n", "{ \"a\": [2, 1] }"),
        ("lib/one.js", "import './rows'; export const one = 2; ", "no JavaScript at all"),
    ] {
        files.write(path, same);
        assert_eq!(&of(), known.last().unwrap(), "{path}: {same}");
        files.write(path, other);
        let changed = of();
        assert!(!known.contains(&changed), "{path}: {other}");
        known.push(changed);
    }
    files.write("node_modules/dep/index.js", "module.exports = 2;\n");
    assert_eq!(&of(), known.last().unwrap(), "packages have versions of their own");
    // The fingerprint is the same in another place.
    let copy = Files::new();
    for path in
        ["lib/rows.ts", "lib/one.js", "lib/late.ts", "migrations/old.cjs", "migrations/data.json"]
    {
        copy.write(path, &std::fs::read_to_string(files.0.path().join(path)).unwrap());
    }
    assert_eq!(&copy.script(script), known.last().unwrap());
}

#[test]
fn a_script_that_imports_nothing_of_the_project_has_the_fingerprint_of_its_text() {
    let files = Files::new();
    files.write("migrations/types.ts", "export type Row = string;\n");
    files.write("node_modules/dep/index.js", "module.exports = 1;\n");
    let script = "import type { Database } from \"mizzle-cli\";\nimport { Row } from \"./types\";\nimport dep from \"dep\";\nimport fs from \"node:fs\";\nexport async function up(db: Database) { const row: Row = dep; fs; }\n";
    assert_eq!(files.script(script), of(script));
    files.write("migrations/types.ts", "export type Row = number;\n");
    assert_eq!(files.script(script), of(script));
}

#[test]
fn each_file_has_a_digest_of_its_own() {
    let files = Files::new();
    files.write("src/names.ts", "export const A = \"a\";\n");
    files.write("src/more.ts", "export const B = \"b\";\n");
    let script = "import { A } from \"../src/names\";\nimport { B } from \"../src/more\";\nexport const up = () => [A, B];\n";
    let before = files.fingerprint(script);
    let names: Vec<&str> = before.files.keys().map(String::as_str).collect();
    assert_eq!(names, ["../src/more.ts", "../src/names.ts", "0001_a.ts"]);
    files.write("src/more.ts", "export const B = \"c\";\n");
    let after = files.fingerprint(script);
    assert_ne!(before.checksum, after.checksum);
    let changed = names.iter().filter(|name| before.files[**name] != after.files[**name]);
    assert_eq!(changed.collect::<Vec<_>>(), [&"../src/more.ts"]);
    assert_eq!(files.fingerprint("a").files.len(), 0, "it is made of itself alone");
}

/// A module before and after a change, for a script that uses some of it.
#[test]
fn of_an_import_counts_what_is_used() {
    let imports = |names: &str, uses: &str| {
        format!("import {names} from \"../src/names\";\nexport const up = (db) => {uses};\n")
    };
    let of = |script: &str, module: &str| {
        let files = Files::new();
        files.write("src/names.ts", module);
        files.write("src/other.ts", "export const other = { a: 1 };\nexport const more = 2;\n");
        files.write("node_modules/pkg/index.js", "export const make = 1;\n");
        files.script(script)
    };
    let one = imports("{ ORDERS }", "ORDERS");
    let table = imports("{ TABLES }", "db.put({ TableName: TABLES.orders })");
    let all = imports("{ TABLES }", "Object.keys(TABLES)");
    let space = imports("* as names", "names.ORDERS");
    let pkg = "import { make } from \"pkg\";\n";
    for (script, before, after) in [
        // Another export.
        (&one, "export const ORDERS = 1;", "export const ORDERS = 1; export const USERS = 2;"),
        (&one, "export const ORDERS = 1;", "export const ORDERS = 1; export function f() { g() }"),
        (&one, "export const ORDERS = 1;", "export class A { x = f() }\nexport const ORDERS = 1;"),
        (&one, "export const ORDERS = 1;", "export const ORDERS = 1; export type B = 1;"),
        (&space, "export const ORDERS = 1;", "export const ORDERS = 1; export const USERS = 2;"),
        // Another property of a constant that is never changed.
        (
            &table,
            "export const TABLES = { orders: 1 };",
            "export const TABLES = { orders: 1, users: 2 };",
        ),
        (
            &table,
            "export const TABLES = { orders: 1 } as const;",
            "export const TABLES = { users: 2, orders: 1 } as const;",
        ),
        // Another table, made by a package.
        (
            &one,
            &format!("{pkg}export const ORDERS = make(1);"),
            &format!("{pkg}export const ORDERS = make(1);\nexport const USERS = make(2).more();"),
        ),
        (
            &one,
            "export const ORDERS = 1;",
            "export const ORDERS = 1;\nexport const at = new Date(0);",
        ),
        (&one, "export const ORDERS = 1;", "export const ORDERS = 1;\nexport enum Kind { A, B }"),
        // An unrelated import.
        (
            &one,
            "export const ORDERS = 1;",
            "import { more } from \"./missing\";\nexport const USERS = more;\nexport const ORDERS = 1;",
        ),
    ] {
        assert_eq!(of(script, before), of(script, after), "{script}\n{before}\n{after}");
    }
    for (script, before, after) in [
        (&one, "export const ORDERS = 1;", "export const ORDERS = 2;"),
        (&one, "const a = 1; export const ORDERS = a;", "const a = 2; export const ORDERS = a;"),
        (
            &one,
            "function f() { return g() } function g() { return 1 } export const ORDERS = () => f();",
            "function f() { return g() } function g() { return 2 } export const ORDERS = () => f();",
        ),
        (&space, "export const ORDERS = 1;", "export const ORDERS = 2;"),
        (&table, "export const TABLES = { orders: 1 };", "export const TABLES = { orders: 2 };"),
        (
            &table,
            "export const TABLES = { orders: 1 };",
            "export const TABLES = { orders: 1 }; TABLES.orders = 2;",
        ),
        (
            &table,
            "export const TABLES = { orders: 1 };",
            "export const TABLES = { orders: 1, ...other };",
        ),
        (
            &table,
            "export let TABLES = { orders: 1 };",
            "export let TABLES = { orders: 1, users: 2 };",
        ),
        (
            &table,
            "export const TABLES = { get orders() { return this.a }, a: 1 };",
            "export const TABLES = { get orders() { return this.a }, a: 2 };",
        ),
        (
            &all,
            "export const TABLES = { orders: 1 };",
            "export const TABLES = { orders: 1, users: 2 };",
        ),
        // Statements with side effects may change anything.
        (&one, "export const ORDERS = [];", "export const ORDERS = []; ORDERS.push(1);"),
        (&one, "export const ORDERS = [];", "export const ORDERS = []; globalThis.x = 1;"),
        (
            &one,
            "export const ORDERS = [];",
            "export const ORDERS = []; export const n = f();\nfunction f() { return ORDERS.push(1) }",
        ),
        (
            &one,
            "export const ORDERS = [];",
            "export const ORDERS = []; class A { static { ORDERS.push(1) } }",
        ),
        (&one, "export const ORDERS = [];", "export const ORDERS = []; if (x) ORDERS.push(1);"),
        (
            &one,
            &format!("{pkg}export const ORDERS = [];"),
            &format!("{pkg}export const ORDERS = [];\nexport const n = make(ORDERS);"),
        ),
        // Names may refer to other values.
        (
            &one,
            "const a = 1, b = 2; export { a as ORDERS, b };",
            "const a = 1, b = 2; export { b as ORDERS, a };",
        ),
        (
            &one,
            "import { other as ORDERS, more } from \"./other\"; export { ORDERS };",
            "import { more as ORDERS, other } from \"./other\"; export { ORDERS };",
        ),
        (
            &one,
            "export { other as ORDERS } from \"./other\";",
            "export { more as ORDERS } from \"./other\";",
        ),
        // The binding may be accessed by name.
        (
            &one,
            "export const ORDERS = eval(\"a\");",
            "export const ORDERS = eval(\"a\"); const a = 1;",
        ),
    ] {
        assert_ne!(of(script, before), of(script, after), "{script}\n{before}\n{after}");
    }
}

#[test]
fn what_is_used_is_followed_through_other_files() {
    let files = Files::new();
    files.write("src/index.ts", "export * from \"./names\";\nexport { C as D } from \"./more\";\n");
    files.write("src/names.ts", "import { B, unused } from \"./more\";\nexport const A = () => B;\nexport const X = unused;\n");
    let more = |b: i32, c: i32, rest: &str| {
        files.write(
            "src/more.ts",
            &format!(
                "export const B = {b}; export const C = {c}; export const unused = 0;{rest}\n"
            ),
        );
    };
    let script = "import { A } from \"../src\";\nexport const up = () => A();\n";
    more(1, 1, "");
    let first = files.script(script);
    more(1, 2, "");
    assert_eq!(files.script(script), first, "nobody uses C");
    more(1, 1, "export const E = 3;");
    assert_eq!(files.script(script), first);
    more(2, 1, "");
    assert_ne!(files.script(script), first, "A uses B");
    more(1, 1, "start();");
    assert_ne!(files.script(script), first, "it acts when it is loaded");
    let script = "import { D } from \"../src\";\nexport const up = () => D;\n";
    more(1, 1, "");
    let first = files.script(script);
    more(2, 1, "");
    assert_eq!(files.script(script), first);
    more(1, 2, "");
    assert_ne!(files.script(script), first);
}
