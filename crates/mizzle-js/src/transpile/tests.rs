use super::*;

fn unit(name: &str, source: &str, hint: Option<Format>) -> Unit {
    transpile(Path::new(name), source, hint).unwrap()
}

#[test]
fn the_format_is_what_the_text_says() {
    use Format::{CommonJs, Module};
    for (name, source, hint, expected) in [
        ("a.ts", "export const a = 1", None, Module),
        ("a.ts", "const a: number = 1", None, Module),
        ("a.ts", "module.exports = { a: 1 }", None, CommonJs),
        ("a.ts", "export = { a: 1 }", None, CommonJs),
        ("a.ts", "import b = require('b'); export const c = b", None, CommonJs),
        ("a.cts", "import b from 'b'; export default b", Some(CommonJs), Module),
        ("a.js", "module.exports = 1", None, CommonJs),
        ("a.js", "import b from 'b'; b()", Some(CommonJs), Module),
        ("a.js", "console.log(1)", Some(Module), Module),
        ("a.js", "if (x) return; with (y) z()", None, CommonJs),
        ("a.mjs", "console.log(1)", Some(Module), Module),
        ("a.ts", "", None, Module),
    ] {
        assert_eq!(unit(name, source, hint).format, expected, "{name}: {source}");
    }
}

#[test]
fn only_imports_of_values_are_requests() {
    let unit = unit(
        "a.ts",
        "import type { A } from 'types';\nimport { type B, c } from 'c';\nimport { D } from 'd';\n\
         import * as e from 'e';\nexport * from 'f';\nexport { g as h } from 'g';\n\
         let x: D = e; c; const i = await import('i'); import(x);",
        None,
    );
    let requests: Vec<_> = unit
        .requests
        .iter()
        .map(|request| {
            let names: Vec<_> = request.names.iter().map(|name| name.name.as_str()).collect();
            (request.specifier.as_str(), names.join(" "), request.whole, request.dynamic)
        })
        .collect();
    assert_eq!(
        requests,
        [
            ("c", "c".to_owned(), false, false),
            ("e", String::new(), true, false),
            ("f", String::new(), true, false),
            ("g", "g".to_owned(), false, false),
            ("i", String::new(), true, true),
        ]
    );
}

#[test]
fn exports_of_commonjs_are_guessed_from_the_usual_patterns() {
    let unit = unit(
        "a.cjs",
        r#""use strict";
        Object.defineProperty(exports, "__esModule", { value: true });
        exports.a = void 0;
        module.exports.b = 1;
        exports["c"] = 2;
        Object.defineProperty(exports, "d", { enumerable: true, get: function () {} });
        __exportStar(require("./star"), exports);
        module.exports = { e, f: 1, ...require("./spread") };
        module.exports = __toCommonJS(require("./wrapped"));
        __export(src_exports, { g: () => g });"#,
        Some(Format::CommonJs),
    );
    let names: Vec<_> = unit.exports.iter().map(String::as_str).collect();
    assert_eq!(names, ["__esModule", "a", "b", "c", "d", "e", "f", "g"]);
    let reexports: Vec<_> = unit.reexports.iter().map(String::as_str).collect();
    assert_eq!(reexports, ["./spread", "./star", "./wrapped"]);
}

#[test]
fn places_are_mapped_back() {
    let source = "interface A { a: string }\n\nconst here: string = __dirname;\nfail(here);";
    let path = Path::new("a.ts");
    let code = transpile(path, source, None).unwrap().code.unwrap();
    let line = code.lines().position(|line| line.starts_with("fail")).unwrap();
    let map = source_map(path, source, None).unwrap();
    assert_eq!(map.original(line, 0), Some((3, 0)));
}

#[test]
fn what_people_write_can_be_nested() {
    // A debug build needs the most stack.
    let deep = |source: String| {
        std::thread::Builder::new()
            .stack_size(crate::STACK)
            .spawn(move || transpile(Path::new("a.ts"), &source, None).map(|_| ()))
            .unwrap()
            .join()
            .unwrap()
    };
    let n = 1_400;
    for source in [
        format!("export default {}{};", "[".repeat(n), "]".repeat(n)),
        format!("export default {}1{};", "(".repeat(n), ")".repeat(n)),
        format!("export default {}1{};", "{a:".repeat(n), "}".repeat(n)),
        format!("export default {}1{};", "f(".repeat(n), ")".repeat(n)),
        format!("export default {}1{};", "()=>(".repeat(n), ")".repeat(n)),
        format!("{}{}", "{".repeat(n), "}".repeat(n)),
        format!("{}{}", "function f(){".repeat(n), "}".repeat(n)),
        format!("{}{}", "class A{a(){".repeat(n / 2), "}}".repeat(n / 2)),
        format!("type A={}1{};", "{a:".repeat(n), "}".repeat(n)),
        format!("export default {}1{};", "`${".repeat(n), "}`".repeat(n)),
    ] {
        deep(source.clone()).unwrap_or_else(|refusal| panic!("{refusal:?}: {source:.40}"));
    }
    let n = 14_900;
    for source in [
        format!("export default {}x;", "!".repeat(n)),
        format!("export default {}a;", "a+".repeat(n)),
        format!("export default a{};", ".b".repeat(n)),
        format!("export default f{};", "()".repeat(n)),
        format!("export default {}x;", "x=>".repeat(n / 2)),
        format!("type A={}B{};", "A<".repeat(n), ">".repeat(n)),
        format!("{}{{}}", "if(a){}else ".repeat(n / 2)),
        format!("export default {}a;", "a?a:".repeat(n / 2)),
        format!("export default a{};", " as any".repeat(n)),
    ] {
        // The parser may refuse it with its own message; it must not overflow the stack.
        let _ = deep(source);
    }
}
