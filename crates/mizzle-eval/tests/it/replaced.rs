//! Builtins that the evaluated code replaces, as libraries for old engines do: they do not affect
//! the results.

use crate::project::{Project, Run};
use mizzle_eval::Direction;
use serde_json::json;

/// Builtins that code may replace, one statement each.
const REPLACED: &[&str] = &[
    "Array.prototype.toJSON = () => 'arr';",
    "Object.prototype.toJSON = () => 'obj';",
    "String.prototype.toJSON = () => 'str';",
    "Array.prototype.map = () => [];",
    "Array.prototype.push = () => 0;",
    "Array.prototype.forEach = () => {};",
    "Array.prototype.flat = () => [];",
    "Array.prototype.join = Array.prototype.slice = Array.prototype.filter = () => [];",
    "Array.prototype[Symbol.iterator] = function* () {};",
    "Array.from = () => []; Array.isArray = () => false;",
    "Symbol.for = () => Symbol('other');",
    "(globalThis as any).Symbol = { for: () => 'other' };",
    "JSON.stringify = () => '{}'; JSON.parse = () => ({});",
    "JSON.stringify = () => '}{';",
    "(globalThis as any).JSON = undefined;",
    "Object.entries = () => []; Object.keys = () => []; Object.getPrototypeOf = () => null;",
    "Object.hasOwn = () => false; Object.assign = () => ({}); Object.create = () => ({});",
    "Object.getOwnPropertyDescriptor = () => undefined; Object.defineProperty = (o) => o;",
    "(globalThis as any).Object = class {}; (globalThis as any).Array = class {};",
    "Reflect.apply = () => undefined; Reflect.ownKeys = () => [];",
    "Function.prototype.call = Function.prototype.apply = () => undefined;",
    "Map.prototype.set = Map.prototype.get = Map.prototype.has = () => undefined;",
    "Set.prototype.add = Set.prototype.has = () => true; Set.prototype[Symbol.iterator] = () => [];",
    "WeakMap.prototype.set = WeakMap.prototype.get = () => undefined;",
    "(globalThis as any).Map = (globalThis as any).Set = class {};",
    "String.prototype.toWellFormed = () => 'other'; String.prototype.slice = () => '';",
    "(globalThis as any).String = () => 'other'; (globalThis as any).Number = () => 1;",
    "Object.prototype.projection = ['x']; Object.prototype.pk = Object.prototype.sk = 'x';",
    "Object.prototype.type = 'gsi'; Object.prototype.build = () => 1; Object.prototype.config = {};",
    "Object.prototype[Symbol.for('mizzle:TableName')] = 'Forged';",
    "Function.prototype[Symbol.for('mizzle:EntityName')] = 'Forged';",
    "Object.defineProperty(Object.prototype, 'name', { get: () => 'x', set() {} });",
    "Object.defineProperty(Array.prototype, 0, { get: () => 'x', set() {} });",
    "Object.freeze(Object.prototype); Object.freeze(Array.prototype); Object.freeze(Error);",
    "Error.prepareStackTrace = () => { throw 1 }; Error.stackTraceLimit = 0;",
    "Promise.resolve = () => 1; Promise.all = () => 1;",
    "Object.setPrototypeOf(Array.prototype, null);",
];

const TABLES: &str = "
    const shop = dynamoTable('Shop', { pk: string('pk'), sk: string('sk'), indexes: { byA: gsi('a', 'b') } })
        .gsi('byE', { pk: string('e'), projection: ['x'] }).lsi('byN', { sk: number('n') });
    const user = dynamoEntity(shop, 'User', { id: string(), at: number() }, (c) => ({
        pk: prefixKey('U#', c.id), sk: staticKey('S'), byE: { pk: c.id } }));
    export { shop, user };
    export const more = { list: [dynamoTable('Inner', { pk: string('pk') })] };
";

const IMPORTS: &str = "import { dynamoTable, dynamoEntity, string, number, gsi, prefixKey, \
                       staticKey } from 'mizzle';\n";

/// Returns the declaration of a schema, without its sites.
#[track_caller]
fn declared(project: &Project, what: &str) -> String {
    let mut schema =
        project.schema().unwrap_or_else(|error| panic!("{what}\n{}", project.render(&error)));
    for table in &mut schema.tables {
        table.sites.clear();
    }
    for entity in &mut schema.entities {
        entity.sites.clear();
    }
    schema.unexported.clear();
    format!("{schema:#?}")
}

#[test]
fn a_schema_that_replaces_builtins_declares_the_same_tables() {
    let expected = declared(&Project::of(&format!("{IMPORTS}{TABLES}")), "as it is");
    assert!(expected.contains("byE") && expected.contains("Inner") && expected.contains("User"));
    for replaced in REPLACED {
        // At the end, at the beginning, and before the schema functions are loaded.
        let after = Project::of(&format!("{IMPORTS}{TABLES}\n{replaced}"));
        assert_eq!(declared(&after, replaced), expected, "after: {replaced}");
        let before = Project::of(&format!("{IMPORTS}{replaced}\n{TABLES}"));
        assert_eq!(declared(&before, replaced), expected, "before: {replaced}");
        let first = Project::of(&format!("import './first';\n{IMPORTS}{TABLES}"));
        first.write("first.ts", format!("{replaced}\nexport {{}};"));
        assert_eq!(declared(&first, replaced), expected, "first: {replaced}");
    }
}

#[test]
fn a_config_that_replaces_builtins_means_the_same() {
    let expected = json!({ "schema": ["./a.ts", "./b.ts"], "deep": { "x": [1, null, true] } });
    for replaced in REPLACED {
        let project = Project::new(&[(
            "mizzle.config.ts",
            &format!(
                "{replaced}\nexport default async () => \
                 ({{ schema: ['./a.ts', './b.ts'], deep: {{ x: [1, null, true] }} }});"
            ),
        )]);
        match project.config("mizzle.config.ts") {
            Ok(config) => assert_eq!(config, expected, "{replaced}"),
            Err(error) => panic!("{replaced}\n{}", project.render(&error)),
        }
    }
}

/// Runs a script; every reply contains items of every type.
fn run(project: &Project) -> Run {
    project.migrate("0001_test.ts", Direction::Up, |call| {
        Ok(match call.method() {
            "scan" => json!({ "Items": [
                { "pk": { "S": "a" }, "n": { "N": "12" }, "s": { "SS": ["x", "y"] },
                  "l": { "L": [{ "N": "1" }, { "M": { "type": { "S": "in" } } }] },
                  "b": { "B": "AQI=" }, "name": { "S": "n" } }
            ], "Count": 1 }),
            _ => json!({}),
        })
    })
}

#[test]
fn a_script_that_replaces_builtins_sends_the_same_requests() {
    let body = "
        const { Items } = await db.scan({ TableName: 'T' });
        await db.put({ TableName: 'T', Item: { ...Items![0], set: new TheSet(['p']), list: [1, 'a', [2]],
            map: { name: 'x', type: 'y' }, bytes: new Uint8Array([1, 2]) } });
        await db.createTable({ TableName: 'New', KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }] });
    ";
    let keep = "const TheSet = Set;";
    let expected = run(&Project::of_up(&format!("{keep}\n{body}")));
    assert!(expected.outcome.is_ok(), "{:?}", expected.outcome);
    assert_eq!(expected.calls.len(), 3);
    for replaced in REPLACED {
        // A set cannot be created from an array that is not iterable.
        if replaced.contains("Array.prototype[Symbol.iterator]")
            || replaced.contains("Set.prototype.add")
            || replaced.contains("setPrototypeOf(Array.prototype")
        {
            continue;
        }
        let project = Project::of_up(&format!("{keep}\n{replaced}\n{body}"));
        let run = run(&project);
        if let Err(error) = &run.outcome {
            panic!("{replaced}\n{}", project.render(error));
        }
        assert_eq!(run.calls, expected.calls, "{replaced}");
    }
}

#[test]
fn a_script_is_given_objects_of_its_own_realm() {
    let project = Project::of_up(
        "
        const check = (is: boolean, what: string) => { if (!is) throw new Error(what); };
        const page = await db.scan({ TableName: 'T' });
        check(page instanceof Object && page.constructor === Object, 'the page');
        check(page.Items instanceof Array && page.Items.constructor === Array, 'the items');
        const item = page.Items![0] as any;
        check(Object.getPrototypeOf(item) === Object.prototype, 'an item');
        check(item.s instanceof Set && item.s.constructor === Set, 'a set');
        check(item.b instanceof Uint8Array && item.b.buffer instanceof ArrayBuffer, 'bytes');
        check(db.scan({ TableName: 'T' }).catch(() => {}) instanceof Promise, 'a promise');
        check((db as any).put.constructor === Function, 'a method');
        check((db as any).constructor === Object, 'db');
        const pages = db.scanPages({ TableName: 'T' }) as any;
        const { value } = await pages.next();
        check(value.constructor === Object, 'a page of several');
        const own = Object.getPrototypeOf((async function* () {})()).constructor;
        check(pages.constructor === own, 'a generator');
        const failed = await db.put({ TableName: 'T', Item: { a: undefined, b: () => 1 } } as any)
            .catch((error: unknown) => error) as any;
        check(failed instanceof TypeError && failed.constructor === TypeError, 'an error');
        let misspelt: any; try { (db as any).putt(); } catch (error) { misspelt = error; }
        check(misspelt instanceof TypeError, 'a misspelt method');
        await pages.return();
        ",
    );
    let run = run(&project);
    if let Err(error) = &run.outcome {
        panic!("{}", project.render(error));
    }
}

#[test]
fn no_file_gets_at_what_reads_it() {
    for code in [
        "module.exports = import('mizzle:internal').then(() => 'got it', () => 'nothing');",
        "try { require('mizzle:internal'); module.exports = 'got it'; } catch { module.exports = 'nothing'; }",
        "module.exports = import('mizzle:primordials').then(() => 'got it', () => 'nothing');",
    ] {
        let project = Project::new(&[
            ("inner.cjs", code),
            (
                "mizzle.config.ts",
                "import inner from './inner.cjs'; export default { inner: await inner };",
            ),
        ]);
        let config = project.config("mizzle.config.ts").unwrap();
        assert_eq!(config, json!({ "inner": "nothing" }), "{code}");
    }
    let module = "let inner = 'nothing';\n\
                  try { await import('mizzle:internal'); inner = 'got it'; } catch {}\n\
                  try { await import(['mizzle', 'internal'].join(':')); inner = 'got it'; } catch {}\n\
                  export default { inner };";
    let project = Project::new(&[("mizzle.config.ts", module)]);
    assert_eq!(project.config("mizzle.config.ts").unwrap(), json!({ "inner": "nothing" }));
}
