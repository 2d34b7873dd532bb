//! Packages from node_modules, with the patterns of real ones.

use crate::project::Project;
use indoc::indoc;
use serde_json::json;

#[track_caller]
fn config(project: &Project) -> serde_json::Value {
    project.config("c.ts").unwrap_or_else(|error| panic!("{}", project.render(&error)))
}

/// Like dotenv: CommonJS, `require` of Node's modules, an entry with side effects.
const DOTENV: [(&str, &str); 3] = [
    (
        "node_modules/env/package.json",
        r#"{ "main": "lib/main.js", "exports": { ".": { "types": "./x.d.ts", "require": "./lib/main.js", "default": "./lib/main.js" }, "./config": "./config.js" } }"#,
    ),
    (
        "node_modules/env/lib/main.js",
        indoc! {r#"
            const fs = require('fs')
            const path = require('path')
            const os = require('os')
            const crypto = require('crypto')
            const LINE = /^\s*(?:export\s+)?([\w.-]+)\s*=\s*("[^"]*"|'[^']*'|[^#\r\n]*)?\s*(?:#.*)?$/mg
            function parse (src) {
              const found = {}
              let match
              while ((match = LINE.exec(src.toString())) != null) found[match[1]] = (match[2] || '').trim().replace(/^(['"])([\s\S]*)\1$/mg, '$2')
              return found
            }
            const Env = {
              config (options) {
                const file = path.resolve(process.cwd(), (options && options.path) || '.env')
                try {
                  const parsed = parse(fs.readFileSync(file, { encoding: 'utf8' }))
                  for (const key of Object.keys(parsed)) if (!Object.prototype.hasOwnProperty.call(process.env, key)) process.env[key] = parsed[key]
                  return { parsed }
                } catch (error) { return { error } }
              },
              parse
            }
            module.exports.config = Env.config
            module.exports.parse = Env.parse
            module.exports = Env
        "#},
    ),
    (
        "node_modules/env/config.js",
        "(function () {\n  require('./lib/main').config(\n    Object.assign({}, require('./options'))\n  )\n})()\n",
    ),
];

#[test]
fn environment_files_are_read_by_the_package_that_reads_them() {
    for import in [
        "import 'env/config';",
        "import env from 'env'; env.config();",
        "import { config } from 'env'; config({ path: '.env' });",
        "import * as env from 'env'; env.config();",
        "require('env').config();",
    ] {
        let mut files = DOTENV.to_vec();
        files.push(("node_modules/env/options.js", "module.exports = {}"));
        files.push((".env", "export TABLE=\"Shop # 1\"\r\nKEPT=file\nEMPTY=\n"));
        let source = format!(
            "{import}\nexport default {{ table: process.env.TABLE, kept: process.env.KEPT, empty: process.env.EMPTY }};"
        );
        files.push(("c.ts", &source));
        let project = Project::new(&files).env("KEPT", "environment");
        assert_eq!(
            config(&project),
            json!({ "table": "Shop # 1", "kept": "environment", "empty": "" }),
            "{import}"
        );
    }
}

#[test]
fn packages_of_every_shape() {
    let project = Project::new(&[
        (
            "c.ts",
            indoc! {r#"
                import dual, { kind } from "dual";
                import { kind as sub } from "dual/sub/thing";
                import { z } from "bundled";
                import * as compiled from "compiled";
                import compiledDefault from "compiled";
                import { own, deep, starred } from "compiled";
                import legacy from "legacy";
                import { internal } from "self";
                import wrapped from "umd";
                import { getter } from "esbuilt";
                const required = require("dual") as any;
                export default {
                  dual: [dual, kind, sub, required.kind], z: z.string().min(1), compiled: [compiled.own, own, deep, starred],
                  interop: (compiledDefault as any).default ?? compiledDefault, legacy: legacy(), internal, wrapped: wrapped.name, getter,
                };
            "#},
        ),
        (
            "node_modules/dual/package.json",
            r#"{ "exports": { ".": { "import": "./index.mjs", "require": "./index.cjs" }, "./sub/*": "./lib/*.mjs" } }"#,
        ),
        ("node_modules/dual/index.mjs", "export const kind = 'esm'; export default 'dual'"),
        ("node_modules/dual/index.cjs", "exports.kind = 'cjs'"),
        ("node_modules/dual/lib/thing.mjs", "export * from '../index.mjs'"),
        ("node_modules/bundled/package.json", r#"{ "type": "module", "main": "./index.js" }"#),
        (
            "node_modules/bundled/index.js",
            "import * as z from './external.js';\nexport * from './external.js';\nexport { z };\nexport default z;",
        ),
        (
            "node_modules/bundled/external.js",
            "class Chain { constructor(n) { this.n = n } min(x) { return this.n + x } }\nexport const string = () => new Chain(1);",
        ),
        ("node_modules/compiled/package.json", r#"{ "main": "dist/index" }"#),
        (
            "node_modules/compiled/dist/index.js",
            indoc! {r#"
                "use strict";
                var __exportStar = (this && this.__exportStar) || function(m, exports) { for (var p in m) if (p !== "default" && !Object.prototype.hasOwnProperty.call(exports, p)) exports[p] = m[p]; };
                Object.defineProperty(exports, "__esModule", { value: true });
                exports.own = void 0;
                __exportStar(require("./star"), exports);
                const deep_1 = require("./deep");
                Object.defineProperty(exports, "deep", { enumerable: true, get: function () { return deep_1.deep; } });
                exports.own = "own";
                exports.default = "default";
            "#},
        ),
        ("node_modules/compiled/dist/star.js", "exports.starred = 'star'"),
        ("node_modules/compiled/dist/deep/index.js", "exports.deep = require('./data.json').value"),
        ("node_modules/compiled/dist/deep/data.json", r#"{ "value": "deep" }"#),
        (
            "node_modules/legacy/index.js",
            "#!/usr/bin/env node\nmodule.exports = function () { return typeof this + __filename.slice(-8) + module.id.slice(-8); };",
        ),
        (
            "node_modules/self/package.json",
            r##"{ "type": "module", "imports": { "#internal": "./internal.js" }, "exports": "./index.js" }"##,
        ),
        ("node_modules/self/index.js", "export { internal } from '#internal'"),
        (
            "node_modules/self/internal.js",
            "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url); export const internal = require('path').basename(import.meta.filename)",
        ),
        (
            "node_modules/umd/index.js",
            "(function (root, factory) { typeof exports === 'object' && typeof module !== 'undefined' ? module.exports = factory() : root.umd = factory() })(this, function () { return { name: 'umd' } })",
        ),
        (
            "node_modules/esbuilt/index.js",
            indoc! {r#"
                var __defProp = Object.defineProperty;
                var __export = (target, all) => { for (var name in all) __defProp(target, name, { get: all[name], enumerable: true }); };
                var __toCommonJS = (mod) => { const to = {}; for (const key of Object.keys(mod)) __defProp(to, key, { get: () => mod[key], enumerable: true }); return to; };
                var src_exports = {};
                __export(src_exports, { getter: () => getter });
                module.exports = __toCommonJS(src_exports);
                var getter = "got";
                0 && (module.exports = { getter });
            "#},
        ),
    ]);
    let expected = json!({
        "dual": ["dual", "esm", "esm", "cjs"], "z": 2, "compiled": ["own", "own", "deep", "star"],
        "interop": "default", "legacy": "objectindex.jsindex.js", "internal": "internal.js",
        "wrapped": "umd", "getter": "got",
    });
    assert_eq!(config(&project), expected);
}

#[test]
fn a_package_may_look_for_another_and_go_on_without() {
    let project = Project::new(&[
        ("c.ts", "import { found } from 'maybe'; export default { found }"),
        (
            "node_modules/maybe/index.js",
            "let found = 'none'; try { found = require('optional') } catch (e) { found = e.code } exports.found = found; \
             try { require('./broken') } catch (e) { exports.found += ' ' + e.name + ' ' + e.message }",
        ),
        ("node_modules/maybe/broken.js", "throw new TypeError('broken')"),
    ]);
    assert_eq!(config(&project), json!({ "found": "MODULE_NOT_FOUND TypeError broken" }));
}
