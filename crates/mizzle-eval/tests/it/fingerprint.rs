//! Fingerprints of scripts, and the changes that affect them.

mod imports;

use mizzle_eval::{EvalErrorKind, fingerprint};
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

/// Stored in ledgers: every user notices a change of these.
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
    // A template is not a string, as the assertion below shows.
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

/// The script in pieces, with optional white space between them: a space if one is required, a
/// line break if a semicolon may follow.
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
                // After the last property or item of a literal; a block ends with a line break.
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
        // A line break may be removed, and a comma may be added at the end of a list.
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
    // Code that is shallow enough to parse can also be traversed.
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

/// The digest represents a long list, but its content still counts.
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
