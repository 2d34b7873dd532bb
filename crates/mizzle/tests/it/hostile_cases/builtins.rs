//! Built-in functions that evaluated code replaces in its own realm; the results are read in
//! another one.

use super::Case;
use crate::support::SCHEMA;

/// Replacements of functions that a walk through values could use.
const REPLACEMENTS: [&str; 40] = [
    "Symbol.for = () => Symbol();",
    "globalThis.Symbol = undefined;",
    "JSON.stringify = () => '{}';",
    "JSON.stringify = () => 'garbage';",
    "JSON.stringify = () => { throw 1; };",
    "JSON.parse = () => ({});",
    "globalThis.JSON = undefined;",
    "Array.prototype.map = () => [];",
    "Array.prototype.filter = () => [];",
    "Array.prototype.forEach = () => {};",
    "Array.prototype.push = () => 0;",
    "Array.prototype.concat = () => [];",
    "Array.prototype.join = () => '';",
    "Array.prototype.includes = () => false;",
    "Array.prototype[Symbol.iterator] = function* () {};",
    "Array.prototype.toJSON = () => 'arr';",
    "Array.isArray = () => false;",
    "Array.from = () => [];",
    "globalThis.Array = undefined;",
    "Object.entries = () => [];",
    "Object.keys = () => [];",
    "Object.values = () => [];",
    "Object.getOwnPropertyNames = () => [];",
    "Object.getOwnPropertySymbols = () => [];",
    "Object.getOwnPropertyDescriptor = () => undefined;",
    "Object.getPrototypeOf = () => null;",
    "Object.prototype.toJSON = () => null;",
    "Object.prototype.hasOwnProperty = () => false;",
    "Object.defineProperty(Object.prototype, 'kind', { get: () => 'x', set() {} });",
    "Object.fromEntries = () => ({});",
    "Object.assign = () => ({});",
    "String.prototype.toJSON = () => 'x';",
    "String.prototype.startsWith = () => false;",
    "Reflect.ownKeys = () => [];",
    "Reflect.get = () => undefined;",
    "Map.prototype.get = () => undefined;",
    "Map.prototype.has = () => true;",
    "Set.prototype.has = () => true;",
    "WeakMap.prototype.get = () => undefined;",
    "Function.prototype.call = Function.prototype.apply = () => undefined;",
];

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (position, replacement) in REPLACEMENTS.into_iter().enumerate() {
        let behind = format!("{SCHEMA}\n(() => {{ {replacement} }})();\n");
        let case = Case::new(
            format!("builtins/{position}/behind the schema"),
            "what was described stays described",
            &["generate", "--name", "init", "--json"],
            &[0],
        );
        cases.push(
            case.file("schema.ts", behind).says("\"table\": \"Shop\"").never_says("No table"),
        );

        // The schema functions may fail then, which is an error.
        let import = "import \"./evil\";\n";
        let case = Case::new(
            format!("builtins/{position}/before the schema"),
            "tables never vanish without an error",
            &["generate", "--name", "init", "--json"],
            &[0, 2],
        );
        cases.push(
            case.file("evil.ts", format!("(() => {{ {replacement} }})();\n"))
                .file("schema.ts", format!("{import}{SCHEMA}"))
                .never_says("No table is exported")
                .never_says("in_sync"),
        );
        let case = Case::new(
            format!("builtins/{position}/config"),
            "what the config says is what is done, or it is an error",
            &["list"],
            &[0, 2],
        );
        cases.push(
            case.file(
                "mizzle.config.ts",
                format!("export default {{ schema: \"./schema.ts\", endpoint: \"local\" }};\n(() => {{ {replacement} }})();\n"),
            )
            .says("embedded DynamoDB"),
        );
    }
    cases
}
