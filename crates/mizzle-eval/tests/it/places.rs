//! The locations of errors.

use crate::project::Project;
use std::fmt::Write as _;

const IMPORTS: &str = "import { compositeKey, dynamoEntity, dynamoTable, gsi, lsi, prefixKey, string, uuid } from 'mizzle';\n\
     import * as orm from 'mizzle'; import { dynamoTable as table } from 'mizzle';\n\
     const { gsi: index } = orm, make = dynamoTable;\n\
     const shop = dynamoTable('Shop', { pk: string('pk') });\n";

/// Returns a line of the code, and below it the underline of the error.
fn pointed_at(code: &str) -> String {
    let project = Project::of(&format!("{IMPORTS}{code}\n"));
    let error = project.schema().expect_err(code);
    let location = error.location().unwrap_or_else(|| panic!("{code} has a place: {error}"));
    let line = location.source.lines().nth(location.line() - 1).unwrap();
    let width = location.source[location.span.clone()].chars().count();
    let column = location.column() - 1;
    format!("{line}\n{}{} {error}", " ".repeat(column), "^".repeat(width))
}

/// JavaScript has more line ends than editors and terminals do.
#[test]
fn the_place_is_right_behind_any_end_of_a_line() {
    for end in ["\n", "\r\n", "\r", "\u{2028}", "\u{2029}"] {
        let code =
            format!("const a = 1;{end}const b = '\u{2028}';{end}dynamoTable('T', 5 as any);");
        let pointed_at = pointed_at(&code);
        let (line, marks) = pointed_at.split_once('\n').unwrap();
        let from = marks.find('^').unwrap();
        let width = marks.matches('^').count();
        let marked: String = line.chars().skip(from).take(width).collect();
        assert_eq!(marked, "5", "{end:?}: {pointed_at}");
    }
}

#[test]
fn misuse_of_the_schema_functions_is_shown_in_the_call() {
    let mut report = String::new();
    for code in [
        // The engine itself reports the last call among the arguments.
        "dynamoTable('T', { pk: string('x'), indexes: { aaa: gsi(string('mail')), bbb: 'x' as any } });",
        "dynamoTable('T', {\n  pk: string('x'),\n  indexes: {\n    aaa: gsi(string('mail')),\n    'bbb': 5 as any,\n  },\n});",
        "dynamoTable('T', { pk: string('pk'), sk: 5 as any, indexes: {} });",
        "dynamoTable('T', { ...{ pk: 5 as any }, x: string('x') });",
        "dynamoTable(\n  5 as any,\n  { pk: string('pk') },\n);",
        "dynamoTable('T', string('pk') as any);",
        "const indexes: any = [gsi('a')];\ndynamoTable('T', { pk: string('pk'), indexes });",
        "const config: any = { pk: 5 };\ndynamoTable('T', config);",
        // Under other names.
        "orm.dynamoTable('T', { pk: string('x'), sk: 5 as any });",
        "orm.dynamoTable(...(['T', string('x')] as [any, any]));",
        "table('T', { sk: 5 as any, pk: string('x') });",
        "make('T', { sk: 5 as any, pk: string('x') });",
        "index(string('a'), string('b'), string('c') as any);",
        // Chains, and calls in calls.
        "dynamoTable('T', { pk: string('pk') })\n  .gsi('aaa', { pk: string('a') })\n  .gsi('bbb', { pk: string('b'), sk: 5 as any })\n  .lsi('ccc', { sk: string('c') });",
        "shop.gsi(string('byA') as any, { pk: string('a') });",
        "shop.lsi('byA', string('a') as any);",
        "shop.lsi('byA', { sk: string('a'), projected: 'ALL' } as any);",
        "gsi(string('a'), { projection: Math.max(5) as any });",
        "lsi(string('a'), string('b') as any);",
        "compositeKey('#', compositeKey('-', 'a', 'b') as any);",
        "compositeKey(compositeKey('-', 'a', 5 as any) as any, 'b');",
        "dynamoEntity(dynamoTable('Inner', { pk: string('pk') }), 'E', { a: string(), b: 5 as any });",
        // Entities.
        "dynamoEntity('Shop' as any, 'E', { a: string() }, (c) => ({ pk: c.a }));",
        "dynamoEntity(\n  'Shop' as any,\n  'E',\n  {\n    a: string(),\n  },\n);",
        "dynamoEntity(shop, '', { a: string() });",
        "dynamoEntity(shop, 'E', string() as any);",
        "dynamoEntity(shop, 'E', (c) => ({ a: c.string(), b: 'S' as any }));",
        "dynamoEntity(shop, 'E', { a: string() }, (c) => ({ pk: c.a, byA: { pk: c.a, sk: Math.max(5) } }));",
        "dynamoEntity(shop, 'E', { a: string() }, (c) => ({ pk: c.a, byA: { pk: c.a, range: c.a } }));",
        "dynamoEntity(shop, 'E', { a: string() }, (c) => {\n  return { pk: Math.max(5) as any };\n});",
        "dynamoEntity(shop, 'E', { a: string() }, (c) => ({\n  sk: prefixKey('A#', c.a),\n  pk: prefixKey('B#', c.B),\n}));",
        "dynamoEntity(shop, 'E', { a: string() }, (c) => ({ pk: compositeKey('#', c.a, c.B) }));",
    ] {
        writeln!(report, "{}\n", pointed_at(code)).unwrap();
    }
    insta::assert_snapshot!(report);
}

#[test]
fn other_exceptions_are_shown_at_the_call() {
    let mut report = String::new();
    for code in [
        "[1].map(gsi as any, Math.max(1));",
        "import { strict } from './strict';\nstrict(Math.max(Math.min(1)));",
        "import { Strict } from './strict';\nnew Strict(\n  Math.max(1),\n);",
        "import { mkdir } from 'node:fs/promises';\nawait mkdir(String(Math.max(1)));",
        "import fs from 'node:fs';\nfs.writeFileSync(String('a'), String(Math.max(1)));",
        "new Map(Number(5) as any);",
    ] {
        let project = Project::new(&[
            ("schema.ts", &format!("{IMPORTS}{code}\n")),
            (
                "strict.ts",
                "export const strict = (x: number) => { throw new Error('no ' + x); };\n\
                 export class Strict { constructor(x: number) { strict(Math.max(x)); } }\n",
            ),
        ]);
        let error = project.schema().expect_err(code);
        let frames: Vec<_> = error
            .frames()
            .iter()
            .map(|frame| {
                let name = frame.file.file_name().unwrap().to_string_lossy();
                let text = std::fs::read_to_string(&frame.file).unwrap();
                let line = text.lines().nth(frame.line - 1).unwrap();
                let rest: String = line.chars().skip(frame.column - 1).collect();
                format!("{name}:{}:{} {rest}", frame.line, frame.column)
            })
            .collect();
        writeln!(report, "{code}\n  {error}\n    {}\n", frames.join("\n    ")).unwrap();
    }
    insta::assert_snapshot!(report);
}
