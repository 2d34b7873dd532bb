//! Node's built-in modules and globals, as far as reading needs them.

use crate::project::{Project, value_of};
use indoc::indoc;
use serde_json::json;
use std::time::{Duration, Instant};

#[test]
fn paths() {
    let value = value_of(indoc! {r#"
        import path, { join, posix, win32 } from "node:path";
        export default {
          join: [join("a", "..", "b", "/c/"), join(""), posix.join("/a", "../../b")],
          resolve: posix.resolve("/a/b", "../c", "./d"), relative: posix.relative("/a/b/c", "/a/d"),
          base: [posix.basename("/a/b.tar.gz", ".gz"), posix.dirname("/a/b/"), posix.dirname("a"), posix.extname(".env"), posix.extname("a.b.c")],
          parse: posix.parse("/home/x/file.txt"), format: posix.format({ dir: "/a", name: "b", ext: "c" }),
          normalize: [posix.normalize("/a//b/./c/../d/"), posix.normalize("../a/.."), posix.normalize("")],
          win: [win32.join("C:\\a", "../b"), win32.isAbsolute("C:/a"), win32.isAbsolute("C:a"), win32.basename("C:\\a\\b.ts"), win32.dirname("\\\\server\\share\\x"), win32.relative("C:\\a\\b", "c:\\A\\d"), win32.resolve("C:\\a", "D:\\b", "c")],
          sep: path.sep === (process.platform === "win32" ? "\\" : "/"),
        };
    "#});
    let expected = json!({
        "join": ["b/c/", ".", "/b"], "resolve": "/a/c/d", "relative": "../../d",
        "base": ["b.tar", "/a", ".", "", ".c"],
        "parse": { "root": "/", "dir": "/home/x", "base": "file.txt", "ext": ".txt", "name": "file" },
        "format": "/a/b.c", "normalize": ["/a/b/d/", "..", "."],
        "win": ["C:\\b", true, false, "b.ts", "\\\\server\\share\\", "..\\d", "D:\\b\\c"], "sep": true,
    });
    assert_eq!(value, expected);
}

#[test]
fn files_can_be_read() {
    let project = Project::new(&[
        ("data/a.txt", "zwölf\n"),
        ("data/sub/b.txt", ""),
        (
            "c.ts",
            indoc! {r#"
                import fs, { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
                import { readFile, access } from "fs/promises";
                const code = (f: () => unknown) => { try { f(); return "none" } catch (e: any) { return e.code } };
                const callback = await new Promise((resolve) => fs.readFile("data/a.txt", "utf8", (error, text) => resolve(text)));
                export default {
                  text: readFileSync("data/a.txt", "utf8"), bytes: readFileSync(new URL("./data/a.txt", import.meta.url)).length,
                  hex: readFileSync("./data/a.txt").toString("hex"), promised: await readFile("data/a.txt", { encoding: "utf-8" }), callback,
                  exists: [existsSync("data"), existsSync("nothing"), existsSync(undefined as any)],
                  list: readdirSync("data"), types: readdirSync("data", { withFileTypes: true }).map((e) => [e.name, e.isDirectory()]),
                  all: readdirSync("data", { recursive: true }),
                  stat: [statSync("data").isDirectory(), statSync("data/a.txt").size, statSync("nothing", { throwIfNoEntry: false }) === undefined],
                  codes: [code(() => readFileSync("nothing")), code(() => readFileSync("data")), code(() => readdirSync("nothing")), code(() => fs.accessSync("nothing"))],
                  denied: await access("data", fs.constants.W_OK).then(() => "writable", (e) => e.message),
                };
            "#},
        ),
    ]);
    let value = project.config("c.ts").unwrap_or_else(|error| panic!("{}", project.render(&error)));
    let expected = json!({
        "text": "zwölf\n", "bytes": 7, "hex": "7a77c3b66c660a", "promised": "zwölf\n", "callback": "zwölf\n",
        "exists": [true, false, false], "list": ["a.txt", "sub"],
        "types": [["a.txt", false], ["sub", true]], "all": ["a.txt", "sub", "sub/b.txt"],
        "stat": [true, 7, true], "codes": ["ENOENT", "EISDIR", "ENOENT", "ENOENT"],
        "denied": "fs.access for writing is not available while mizzle evaluates schema files",
    });
    assert_eq!(value, expected);
}

#[test]
fn what_the_engine_has_not_is_named() {
    for (code, name) in [
        ("export const x = new Intl.NumberFormat('en').format(1);", "Intl"),
        ("export const x = Temporal.Now.instant();", "Temporal"),
        ("export const x = new WebAssembly.Module(new Uint8Array());", "WebAssembly"),
        ("export const x = Bun.version;", "Bun"),
        ("Promise.reject(window.location);", "window"),
    ] {
        let error = Project::of(code).schema().expect_err(code);
        let hint = format!("mizzle's engine has no {name}; ");
        assert!(
            error.hints().iter().any(|one| one.starts_with(&hint)),
            "{code}: {:?}",
            error.hints()
        );
        assert!(error.location().is_some(), "{code}");
    }
    for code in ["Itnl.format(1);", "throw new Error('Intl is not defined');"] {
        let error = Project::of(code).schema().expect_err(code);
        assert!(!error.hints().iter().any(|hint| hint.contains("engine")), "{code}");
    }
}

#[cfg(unix)]
#[test]
fn a_pipe_is_not_waited_for() {
    let project = Project::of("import fs from 'fs'; export const x = fs.readFileSync('pipe');\n");
    let made = std::process::Command::new("mkfifo").arg(project.path("pipe")).status().unwrap();
    assert!(made.success());
    let started = Instant::now();
    assert!(project.failure().contains("it is not a regular file"));
    let error = project.schema_of(&["pipe"]).unwrap_err();
    assert_eq!(error.kind().name(), "unreadable", "as a schema file too");
    assert!(started.elapsed() < Duration::from_secs(4));
}

#[test]
fn urls() {
    let value = value_of(indoc! {r#"
        import { fileURLToPath, pathToFileURL } from "node:url";
        const url = new URL("../b?x=1&y=%20z#h", "http://user:pw@Example.com:8080/a/c/");
        url.searchParams.append("n", "ä &"); url.hash = ""; url.port = "80"; url.pathname = "/p q";
        const bad = (() => { try { new URL("nothing") } catch (e: any) { return [e.code, e instanceof TypeError] } })();
        const params = new URLSearchParams({ b: "2", a: "1" }); params.sort(); params.delete("b");
        export default {
          href: url.href, parts: [url.host, url.username, url.origin, url.searchParams.get("y")], json: JSON.stringify({ url: new URL("http://x") }),
          bad, params: `${params}`, size: params.size, entries: [...new URLSearchParams("?a=1&a=2")], can: URL.canParse("x:y"),
          file: fileURLToPath("file:///a%20b"), back: pathToFileURL("/a b").href,
        };
    "#});
    let expected = json!({
        "href": "http://user:pw@example.com/p%20q?x=1&y=+z&n=%C3%A4+%26",
        "parts": ["example.com", "user", "http://example.com", " z"], "json": "{\"url\":\"http://x/\"}",
        "bad": ["ERR_INVALID_URL", true], "params": "a=1", "size": 1, "entries": [["a", "1"], ["a", "2"]],
        "can": true, "file": "/a b", "back": "file:///a%20b",
    });
    assert_eq!(value, expected);
}

#[test]
fn digests_and_random_values() {
    let value = value_of(indoc! {r#"
        import { createHash, createHmac, randomBytes, randomUUID, randomInt, timingSafeEqual, getHashes } from "node:crypto";
        const h = (name: string) => createHash(name).update("ab").update(Buffer.from("c")).digest("hex");
        const uuid = randomUUID(), again = crypto.randomUUID();
        const int = randomInt(5, 8);
        export default {
          hashes: { md5: h("md5"), sha1: h("sha1"), sha256: h("SHA-256"), sha512: h("sha512").slice(0, 16) },
          hmac: createHmac("sha256", "key").update("The quick brown fox jumps over the lazy dog").digest("base64"),
          subtle: Buffer.from(await crypto.subtle.digest("SHA-1", new TextEncoder().encode("abc"))).toString("hex").slice(0, 8),
          uuid: /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(uuid), differ: uuid !== again,
          random: randomBytes(16).length, filled: crypto.getRandomValues(new Uint8Array(32)).some((x) => x !== 0), int: int >= 5 && int < 8,
          equal: timingSafeEqual(Buffer.from("a"), Buffer.from("a")), known: getHashes().includes("sha256"),
        };
    "#});
    let expected = json!({
        "hashes": {
            "md5": "900150983cd24fb0d6963f7d28e17f72", "sha1": "a9993e364706816aba3e25717850c26c9cd0d89d",
            "sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "sha512": "ddaf35a193617aba",
        },
        "hmac": "97yD9DBThCSxMpjmqm+xQ+9NWaFJRhdZl0edvC0aPNg=", "subtle": "a9993e36",
        "uuid": true, "differ": true, "random": 16, "filled": true, "int": true, "equal": true, "known": true,
    });
    assert_eq!(value, expected);
}

#[test]
fn buffers_and_text() {
    let value = value_of(indoc! {r#"
        import { Buffer as Own } from "buffer";
        import { StringDecoder } from "string_decoder";
        const b = Buffer.from("héllo");
        const n = Buffer.alloc(16); n.writeUInt32BE(0xdeadbeef, 0); n.writeInt16LE(-2, 4); n.writeDoubleBE(1.5, 8);
        const decoder = new StringDecoder("utf8");
        export default {
          own: Own === Buffer, codecs: [b.toString("hex"), b.toString("base64"), Buffer.from("_-8", "base64url").toString("hex"), Buffer.from("ff0", "hex").length, Buffer.from("é", "latin1").length, Buffer.from("a", "utf16le").toString("hex")],
          length: [b.length, Buffer.byteLength("ä")], slice: b.subarray(0, 3).toString(), concat: Buffer.concat([Buffer.from("a"), new Uint8Array([98])]).toString(),
          numbers: [n.readUInt32BE(0), n.readInt16LE(4), n.readDoubleBE(8)], equal: Buffer.from("a").equals(Buffer.from("a")), compare: Buffer.compare(Buffer.from("a"), Buffer.from("b")),
          json: b.subarray(0, 1).toJSON(), is: [Buffer.isBuffer(b), b instanceof Uint8Array], index: b.indexOf("llo"), fill: Buffer.alloc(5, "ab").toString(),
          split: decoder.write(Buffer.from([0xc3])) + decoder.write(Buffer.from([0xa4])) + decoder.end(),
          decode: new TextDecoder().decode(new Uint8Array([0xef, 0xbb, 0xbf, 0x61, 0xff])), lone: new TextEncoder().encode("\ud800").length,
          fatal: (() => { try { new TextDecoder("utf-8", { fatal: true }).decode(new Uint8Array([0xff])); return "" } catch (e: any) { return e.name } })(),
        };
    "#});
    let expected = json!({
        "own": true, "codecs": ["68c3a96c6c6f", "aMOpbGxv", "ffef", 1, 1, "6100"], "length": [6, 2],
        "slice": "hé", "concat": "ab", "numbers": [3_735_928_559_u32, -2, 1.5], "equal": true, "compare": -1,
        "json": { "type": "Buffer", "data": [104] }, "is": [true, true], "index": 3, "fill": "ababa",
        "split": "ä", "decode": "a\u{fffd}", "lone": 3, "fatal": "TypeError",
    });
    assert_eq!(value, expected);
}

#[test]
fn events_timers_and_the_rest() {
    let value = value_of(indoc! {r#"
        import { EventEmitter, once } from "node:events";
        import util, { inherits, promisify, inspect } from "node:util";
        import { AsyncLocalStorage } from "node:async_hooks";
        import assert from "node:assert/strict";
        import os from "node:os";
        import { setTimeout as wait } from "node:timers/promises";
        import { performance } from "node:perf_hooks";
        import { isatty } from "node:tty";
        import qs from "node:querystring";
        import { createRequire, builtinModules, isBuiltin } from "node:module";
        import { Readable } from "node:stream";
        const seen: unknown[] = [];
        class Mine extends EventEmitter {}
        const mine = new Mine(); mine.once("a", (x) => seen.push(x)); mine.emit("a", 1); mine.emit("a", 2);
        function Old(this: any) { EventEmitter.call(this) } inherits(Old as any, EventEmitter);
        const old = new (Old as any)(); old.on("b", (x: number) => seen.push(x)).emit("b", 3);
        setTimeout(() => mine.emit("late", 4), 5);
        const [late] = await once(mine, "late");
        const order: string[] = [];
        setImmediate(() => order.push("immediate")); process.nextTick(() => order.push("tick")); queueMicrotask(() => order.push("micro"));
        const cleared = setTimeout(() => order.push("never"), 1); clearTimeout(cleared);
        await wait(10);
        const store = new AsyncLocalStorage<number>();
        const controller = new AbortController(); let aborted = 0;
        controller.signal.addEventListener("abort", () => aborted++); controller.abort(); controller.abort();
        const source = { a: new Date(0), b: [1, { c: new Map([[1, 2]]) }] as any }; source.b.push(source);
        const copy = structuredClone(source);
        class Stream extends Readable {}
        export default {
          seen, late, order, store: store.run(5, () => store.getStore()), aborted, reason: controller.signal.reason.name,
          clone: [copy.a.getTime(), copy.b[1].c.get(1), copy.b[2] === copy, copy !== source],
          promised: await promisify((x: number, cb: any) => cb(null, x + 1))(1), inspect: inspect({ a: [1] }), format: util.format("%s-%o", "a", 1),
          assert: (() => { try { assert.equal(1, 2); } catch (e: any) { return e.code } })(), deep: util.isDeepStrictEqual({ a: [1] }, { a: [1] }),
          os: [os.EOL.length > 0, os.cpus().length, typeof os.tmpdir()], now: performance.now() > 0, tty: isatty(1), qs: qs.parse("a=1&a=2&b=%20"),
          module: [builtinModules.includes("fs"), isBuiltin("node:fs"), createRequire(import.meta.url)("path").posix.sep],
          stream: typeof Stream, hr: typeof process.hrtime.bigint(), argv: process.argv.length, version: process.versions.node > "18",
        };
    "#});
    let expected = json!({
        "seen": [1, 3], "late": 4, "order": ["tick", "micro", "immediate"], "store": 5, "aborted": 1, "reason": "AbortError",
        "clone": [0, 2, true, true], "promised": 2, "inspect": "{ a: [ 1 ] }", "format": "a-1",
        "assert": "ERR_ASSERTION", "deep": true, "os": [true, 0, "string"], "now": true, "tty": false,
        "qs": { "a": ["1", "2"], "b": " " }, "module": [true, true, "/"], "stream": "function",
        "hr": "bigint", "argv": 2, "version": true,
    });
    assert_eq!(value, expected);
}

/// Every part of the prelude can be created: none fails on its first use.
#[test]
fn every_module_can_be_imported() {
    let value = value_of(indoc! {r#"
        import { builtinModules } from "node:module";
        const failed: string[] = [];
        for (const name of builtinModules) {
          try { if (Object.keys(await import(name)).length === 0) failed.push(name); require("node:" + name.replace("node:", "")); } catch (e: any) { failed.push(`${name}: ${e.message}`) }
        }
        const globals = ["Buffer", "URL", "Blob", "File", "structuredClone", "crypto", "fetch", "AbortSignal", "CustomEvent", "console", "process", "setInterval"];
        for (const name of globals) if (!(globalThis as any)[name]) failed.push(name);
        export default { failed, count: builtinModules.length > 40 };
    "#});
    assert_eq!(value, json!({ "failed": [], "count": true }));
}
