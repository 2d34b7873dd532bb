//! Fingerprints of scripts: what changes them, and what does not.

use mizzle_eval::{EvalErrorKind, Fingerprint, fingerprint};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use std::path::Path;

fn of(source: &str) -> String {
    fingerprint(Path::new("0001_a.ts"), source)
        .unwrap_or_else(|error| panic!("{error} in\n{source:.500}"))
        .checksum
}

const SCRIPT: &str = r#"import type { Database } from "mizzle-cli";
import { rows } from "./rows";

/** Creates the shop. */
export async function up(db: Database): Promise<void> {
  // The table first.
  await db.createTable({
    TableName: "Shop",
    KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
    BillingMode: "PAY_PER_REQUEST",
  });
  for (const row of rows) await db.put({ TableName: "Shop", Item: row });
}
"#;

/// Kept in ledgers: a change of these is a change that every user sees.
#[test]
fn fingerprints_stay_what_they_are() {
    let expected = "d8c01ca3f427e910ddeebb0746601a49b29fa77254963ccfb23d607a9e7d33c0";
    assert_eq!(of(SCRIPT), expected);
    let expected = "4cd32f0d4cb302e281c667c2a0b275cfc29335e6aed9f237aa089b4219569e4d";
    assert_eq!(of(""), expected);
    let odd = "label: for (;;) { break label }\nclass A extends B { #x = 1n; static { new.target } get y() { return this.#x ?? /a/g } }\n`a${1}b`; a?.b[c]?.(...d); x = y = -1.5e-7, void 0; enum E { F = 2 }";
    let expected = "4785a2743f668b85f9d05a6aeb7fa824535f2e8fcdc94757b04e8034826aa937";
    assert_eq!(of(odd), expected);
}

#[test]
fn formatting_does_not_matter() {
    let one_line = "import{rows}from'./rows';export async function up(db){await db.createTable({'TableName':'Shop',KeySchema:[{AttributeName:'pk',KeyType:\"HASH\",},],BillingMode:`PAY_PER_REQUEST`});for(const row of rows)await db.put({TableName:'Shop',Item:row})}";
    // A template is not a string: said so by the expectation below.
    assert_ne!(of(SCRIPT), of(one_line));
    assert_eq!(of(SCRIPT), of(&one_line.replace('`', "'")));
    for (a, b) in [
        ("a; b", "a\nb"),
        ("a;;b;", "a\n\n\nb"),
        ("f(a, b,)", "f(a,b)"),
        ("x = (a + b)", "x = a + b"),
        ("x = (y) => y", "x = y => y"),
        ("x = 0xff + 1_000", "x = 255 + 1000"),
        ("x = '\\u0061'", "x = \"a\""),
        ("x = 'it\\'s'", "x = \"it's\""),
        ("x = { 'a': 1, \"b\"() {} }", "x = { a: 1, b() {} }"),
        ("x = `a\r\nb`", "x = `a\nb`"),
        ("\u{feff}a", "a"),
        ("#!/usr/bin/env mizzle\na", "a"),
        ("/* a */ a // b", "a"),
        ("let a: string = b as any", "let a = b!"),
        ("interface A { b: 1 } type C = A; f<A>(1)", "f(1)"),
        ("import type { A } from 'a'; f()", "f()"),
        ("import { A } from 'a'; let b: A", "let b"),
        ("export {}; a", "a"),
    ] {
        assert_eq!(of(a), of(b), "{a:?} {b:?}");
    }
}

#[test]
fn code_does_matter() {
    let sources = [
        "x = a",
        "x = b",
        "y = a",
        "x += a",
        "x == a",
        "x = !a",
        "x = -a",
        "x = +a",
        "x = a()",
        "x = a?.()",
        "x = new a()",
        "x = await a",
        "x = [a]",
        "x = [a, a]",
        "x = [, a]",
        "x = [a, ,]",
        "x = [[], a]",
        "x = { a }",
        "x = { a: 1 }",
        "x = { [a]: 1 }",
        "x = { ['a']: 1 }",
        "x = { ...a }",
        "x = 'a'",
        "x = `a`",
        "x = null",
        "x = false",
        "x = true",
        "x = undefined",
        "x = 0",
        "x = 0n",
        "x = ''",
        "x = 1",
        "x = '1'",
        "x = /a/",
        "x = /a/g",
        "x = a.b",
        "x = a[b]",
        "x = a['b']",
        "x = a?.b",
        "x = (a?.b).c",
        "x = a?.b.c",
        "x = a + b",
        "x = a - b",
        "x = a + (b + c)",
        "x = a + b + c",
        "x = a ? b : c",
        "x = a, b",
        "let x = a",
        "const x = a",
        "var x = a",
        "if (x) a",
        "if (x); a",
        "while (x) a",
        "while (x); a",
        "for (;;) a",
        "for (x;;) a",
        "for (;x;) a",
        "for (;;x) a",
        "for (x in a) a",
        "for (x of a) a",
        "for await (x of a) a",
        "function x() {}",
        "async function x() {}",
        "function* x() {}",
        "async function* x() {}",
        "export function x() {}",
        "export default function x() {}",
        "x = function () {}",
        "x = () => {}",
        "x = async () => {}",
        "x = () => ({})",
        "class x { a() {} }",
        "class x { static a() {} }",
        "class x { get a() {} }",
        "class x { async a() {} }",
        "class x { #a() {} }",
        "import x from 'a'",
        "import { x } from 'a'; x",
        "import x from 'a'; x",
        "import * as x from 'a'; x",
        "import 'a'",
        "export * from 'a'",
        "export * as x from 'a'",
        "try { x } catch { a }",
        "try { x } catch (e) { a }",
        "try { x } finally { a }",
        "throw x",
        "x\n++\ny",
        "x++\ny",
        "",
        "{}",
        "debugger",
        "'use strict'",
        "x = `${a}`",
        "x = `a${b}`",
        "x = `${a}b`",
        "x = 9007199254740993n",
        "x = '\u{e9}'",
        "x = 'e\u{301}'",
    ];
    let mut seen = std::collections::BTreeMap::new();
    for source in sources {
        if let Some(other) = seen.insert(of(source), source) {
            panic!("{other:?} and {source:?} have the same fingerprint");
        }
    }
}

/// The script in pieces between which there may be white space: a space where there must be some, a
/// line break where a semicolon may stand.
fn pieces() -> Vec<&'static str> {
    "import { rows , fill as more } from \"./rows\" \n \
     export async function up ( db ) { \
     const limit = 25 \n let done = false , n = 0 \n \
     await db . createTable ( { TableName : \"Shop\" , KeySchema : [ { AttributeName : \"pk\" , KeyType : \"HASH\" } ] } ) \n \
     for ( const row of rows ) { if ( row . size > limit && ! done ) { n += 1 \n continue \n } \
     await db . put ( { TableName : \"Shop\" , Item : { ... row , at : n * 2 } } ) \n } \
     db . log ( `done ${ n }` , more ?? null ) \n \
     }"
    .split(' ')
    .collect()
}

fn join(pieces: &[&str], space: &str) -> String {
    pieces.join(space)
}

proptest! {
    #[test]
    fn reformatting_keeps_it(
        spaces in prop::collection::vec(select(vec![" ", "  ", "\t", " /* a \" b */ ", " /**/"]), 200),
        ends in prop::collection::vec(select(vec!["\n", ";", ";\r\n", "; // why; not\n", "\n\n  ", "\n// 'x\n"]), 40),
        single in any::<bool>(),
        trailing in any::<bool>(),
        mark in any::<bool>(),
    ) {
        let pieces = pieces();
        let original = of(&join(&pieces, " "));
        let mut text = if mark { "\u{feff}".to_owned() } else { String::new() };
        let (mut spaces, mut ends) = (spaces.iter().cycle(), ends.iter().cycle());
        for (index, piece) in pieces.iter().enumerate() {
            let next = pieces.get(index + 1).copied().unwrap_or_default();
            match *piece {
                "\n" => text += ends.next().unwrap(),
                quoted if quoted.starts_with('"') && single => text += &quoted.replace('"', "'"),
                piece => text += piece,
            }
            let closes = (next == "}" && pieces.get(index + 2) != Some(&"`"))
                || next == "]";
            let literal = matches!(*piece, "}" | "]") || piece.starts_with('"');
            if trailing && closes && literal && !piece.contains('`') {
                // Behind the last property or item of a literal; a block ends with a line break.
                text += ",";
            }
            if *piece != "`done" && !piece.ends_with("${") && next != "}`" {
                text += spaces.next().unwrap();
            } else {
                text += " ";
            }
        }
        prop_assert_eq!(of(&text), original, "{}", text);
    }

    #[test]
    fn a_changed_token_changes_it(at in any::<Index>(), other in select(vec![
        "x", "\"x\"", "1", "true", "+", "===", ",", "(", ")", "{ }", "[ ]", "...", "await", "let", "=>", "?.", "null", "",
    ])) {
        let mut pieces = pieces();
        let original = of(&join(&pieces, " "));
        let at = at.index(pieces.len());
        // A line break may go, and a comma may come where a list ends.
        prop_assume!(pieces[at] != "\n" && pieces[at] != other && !(pieces[at] == "," && other.is_empty()));
        pieces[at] = other;
        if let Ok(changed) = fingerprint(Path::new("0001_a.ts"), &join(&pieces, " ")) {
            prop_assert_ne!(changed.checksum, original, "{}", join(&pieces, " "));
        }
    }
}

#[test]
fn a_script_that_does_not_parse_is_shown() {
    let source =
        "\u{feff}export async function up(db: Mizzle) {\r\n  // db.createTable({\r\n  });\r\n}\r\n";
    let error = fingerprint(Path::new("migrations/0000_first.ts"), source).unwrap_err();
    assert_eq!(error.kind(), EvalErrorKind::Syntax);
    let location = error.location().unwrap();
    assert_eq!((location.line(), location.column()), (3, 4));
    assert_eq!(location.file, Path::new("migrations/0000_first.ts"));
    assert!(
        error.hints().iter().any(|hint| hint.contains("first mizzle CLI")),
        "{:?}",
        error.hints()
    );

    let deep = format!("x = {}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let error = fingerprint(Path::new("a.ts"), &deep).unwrap_err();
    assert_eq!(error.kind(), EvalErrorKind::NestingDepth);
    // What may be parsed can also be walked through.
    for source in [
        format!("x = {}1{}", "[".repeat(1000), "]".repeat(1000)),
        format!("x = {}", vec!["'a'"; 2000].join(" + ")),
        format!("x{}", ".then(a)".repeat(1000)),
    ] {
        of(&source);
    }
    for source in ["x = 1e400", "x = '\\ud800'"] {
        let error = fingerprint(Path::new("a.ts"), source).unwrap_err();
        assert_eq!(error.kind(), EvalErrorKind::Syntax);
        assert!(error.hints().iter().any(|hint| hint.contains("1e308")));
    }
}

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
    // All that is not there is no error, and counts once it is.
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
    // It is the same in another place.
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

/// What a module says before and after, seen from a script that uses some of it.
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
        // Another property of a constant that nobody changes.
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
        // An import of something else.
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
        // What acts may change anything.
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
        // Names may stand for something else.
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
        // It may be reached by name.
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

/// The digest stands for a long list; what is in it counts all the same.
#[test]
fn every_statement_of_a_long_script_counts() {
    let script = |changed: usize| -> String {
        let call = |position| {
            let name = if position == changed { "Changed" } else { "Table" };
            format!("  await db.deleteTable({{ TableName: \"{name}{position}\" }});\n")
        };
        let calls: String = (0..2_000).map(call).collect();
        format!("export async function up(db) {{\n{calls}}}\n")
    };
    let digests: Vec<String> = [2_000, 0, 1_000, 1_999].map(|changed| of(&script(changed))).into();
    for (position, digest) in digests.iter().enumerate() {
        assert!(!digests[..position].contains(digest), "{position}");
    }
    assert_eq!(of(&script(0)), of(&script(0).replace("\n  ", " ")));
}
