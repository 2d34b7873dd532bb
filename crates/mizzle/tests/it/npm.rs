//! The npm package as users get it: packed, installed from a registry, and run by the package
//! managers.

use crate::support::BINARY;
use indoc::indoc;
use mizzle_eval::{Evaluator, Limits, Options};
use mizzle_test::{Compiler, Modules, PackageManager, Registry, TempProject, TypeScript};
use serde_json::Value;
use std::{collections::BTreeMap, fs, path::Path, sync::Arc, sync::LazyLock};

/// One registry for all tests: packing the program takes seconds.
static REGISTRY: LazyLock<Registry> = LazyLock::new(|| Registry::serve(Path::new(BINARY)));

const SHIM: &str = "node_modules/mizzle-cli/bin/mizzle.cjs";

fn installed(manager: PackageManager) -> TempProject {
    let project = TempProject::new(BINARY);
    manager.prepare(&project, &REGISTRY);
    manager.add(&project, &[]).assert_code(0);
    project
}

/// Creates a project with the package but without a program.
fn unpacked() -> TempProject {
    let project = TempProject::new(BINARY);
    project.unpack_package();
    project
}

#[test]
fn npm_installs_what_npx_runs() {
    from_nothing_to_tables(PackageManager::Npm);
}

#[test]
fn pnpm_installs_what_it_runs() {
    from_nothing_to_tables(PackageManager::Pnpm);
}

#[test]
fn bun_installs_what_bunx_runs() {
    from_nothing_to_tables(PackageManager::Bun);
}

fn from_nothing_to_tables(manager: PackageManager) {
    let project = installed(manager);
    let listed: Value = serde_json::from_str(&project.read("package.json")).unwrap();
    let range = listed["devDependencies"]["mizzle-cli"].as_str().unwrap();
    assert!(range.ends_with(REGISTRY.version()), "{range}");

    // Only one of the programs was installed, without running any script.
    let files = project.files_below("node_modules").into_iter();
    let programs: Vec<String> = files.filter(|file| file.ends_with("/bin/mizzle")).collect();
    assert_eq!(programs.len(), 1, "{programs:?}");
    assert!(programs[0].contains(REGISTRY.program()), "{programs:?}");
    let manifest = project.read("node_modules/mizzle-cli/package.json");
    assert!(!manifest.contains("\"scripts\""), "{manifest}");

    let version = manager.exec(&project, &["--version"]).assert_code(0);
    assert_eq!(version.stdout, format!("mizzle {}\n", REGISTRY.version()));
    manager.exec(&project, &["init", "--yes", "--endpoint", "local"]).assert_code(0);
    assert!(project.read("schema.ts").contains("from \"mizzle-cli/schema\""));
    manager.exec(&project, &["generate", "--name", "init"]).assert_code(0);
    assert!(project.exists("migrations/0001_init.ts"));
    let pushed = manager.exec(&project, &["push", "--yes", "--json"]).assert_code(0);
    assert_eq!(pushed.json()["command"], "push");
    let list = manager.exec(&project, &["list", "--json"]).assert_code(0);
    assert_eq!(list.json()["tables"][0]["TableName"], "App");
    // All generated files have types, which come from the package.
    let typescript = TypeScript::from_env();
    typescript.tsc_project(Compiler::Newest, Modules::NodeNext, &project).assert_code(0);
    project.replace("mizzle.config.ts", "schema:", "shema:");
    let checked = typescript.tsc_project(Compiler::Newest, Modules::NodeNext, &project);
    assert!(checked.stdout.contains("'shema' does not exist in type"), "{checked:?}");
    project.replace("mizzle.config.ts", "shema:", "schema:");
    // Exit codes and output are passed on.
    let wrong = manager.exec(&project, &["push", "--no-such-flag"]).assert_code(2);
    assert!(wrong.stderr.contains("--no-such-flag"), "{}", wrong.stderr);
}

// --- The package's exports

/// The same files in both: the engine serves the functions itself, Node loads those of the package.
#[test]
fn a_schema_describes_the_same_in_node_and_in_the_engine() {
    let project = unpacked();
    let forms = Path::new(env!("CARGO_MANIFEST_DIR")).join("../mizzle-eval/tests/fixtures/forms");
    let files = ["tables.ts", "entities.ts"];
    for file in files {
        let text = fs::read_to_string(forms.join(file)).unwrap();
        let text = text.replace("\"mizzle\"", "\"mizzle-cli/schema\"");
        project.write(file, &text.replace("\"./tables\"", "\"./tables.ts\""));
    }
    // The engine's own walk over the exports of a schema.
    let walk = include_str!("../../../mizzle-eval/src/js/walk.js");
    let look = indoc! {r#"
        const realm = {
          objectPrototype: Object.prototype,
          functionPrototype: Function.prototype,
          arrayPrototype: Array.prototype,
          InternalError: RangeError,
          RangeError,
        };
        const walk = (0, eval)(WALK)({ realm, notes: [] });
        const files = process.argv.slice(2);
        const modules = await Promise.all(files.map((file) => import(file)));
        console.log(walk(modules, files));
    "#};
    project.write("look.mjs", &look.replace("WALK", &Value::from(walk).to_string()));
    project.write("package.json", r#"{ "type": "module" }"#);

    let paths = files.map(|file| project.path().join(file));
    let names = paths.each_ref().map(|path| path.to_str().unwrap());
    let by_node = project.node(["look.mjs", names[0], names[1]]).run().assert_code(0).json();
    let evaluator = Evaluator::start(Options {
        working_directory: project.path().to_owned(),
        environment: BTreeMap::new(),
        console: Arc::new(|_| {}),
    });
    let by_engine = evaluator.schema(&paths, Limits::default()).unwrap();
    let by_node: mizzle_core::model::declaration::SchemaDeclaration =
        serde_json::from_value(by_node["declaration"].clone()).unwrap();
    assert_eq!(by_node.tables.len(), 3);
    assert_eq!(serde_json::to_value(&by_node).unwrap(), serde_json::to_value(&by_engine).unwrap());
}

/// A program may load the package twice, once in each format: both formats are compatible.
#[test]
fn both_forms_of_the_package_go_together() {
    let project = unpacked();
    project.write(
        "table.cjs",
        indoc! {r#"
            const { dynamoTable, string } = require("mizzle-cli/schema");
            const { defineConfig } = require("mizzle-cli");
            exports.shop = dynamoTable("Shop", { pk: string("pk") });
            exports.config = defineConfig({ schema: "./schema.ts" });
        "#},
    );
    project.write(
        "both.mjs",
        indoc! {r##"
            import { dynamoEntity, prefixKey, uuid } from "mizzle-cli/schema";
            import * as schema from "mizzle-cli/schema";
            import { defineConfig } from "mizzle-cli";
            import { createRequire } from "node:module";
            import table from "./table.cjs";
            const users = dynamoEntity(table.shop, "User", { id: uuid() }, (c) => ({
              pk: prefixKey("USER#", c.id),
            }));
            const names = (module) => Object.keys(module).filter((name) => name !== "module.exports");
            const require = createRequire(import.meta.url);
            console.log(JSON.stringify({
              column: users.id.getDynamoType(),
              config: [table.config, defineConfig(table.config) === table.config],
              imported: names(schema).sort(),
              required: names(require("mizzle-cli/schema")).sort(),
            }));
        "##},
    );
    let said = project.node(["both.mjs"]).run().assert_code(0).json();
    assert_eq!(said["column"], "S");
    assert_eq!(said["config"][0]["schema"], "./schema.ts");
    assert_eq!(said["config"][1], true);
    assert_eq!(said["imported"], said["required"]);
    // All of them have types, and everything with a type exists.
    let declarations = project.read("node_modules/mizzle-cli/schema.d.ts");
    let mut declared: Vec<&str> = declarations
        .lines()
        .filter_map(|line| line.strip_prefix("export declare function "))
        .map(|line| &line[..line.find(['<', '(']).unwrap()])
        .collect();
    declared.sort_unstable();
    declared.dedup();
    assert_eq!(said["imported"], serde_json::json!(declared));
}

// --- The shim

#[test]
fn a_program_that_is_missing_is_explained() {
    let project = TempProject::new(BINARY);
    let manager = PackageManager::Npm;
    manager.prepare(&project, &REGISTRY);
    manager.add(&project, &["--omit=optional"]).assert_code(0);
    let output = manager.exec(&project, &["--version"]).assert_code(1);
    let program = REGISTRY.program();
    for part in [program, "without --omit=optional", &format!("add {program}@")] {
        assert!(output.stderr.contains(part), "{part}: {}", output.stderr);
    }
    assert_eq!(output.stdout, "");

    // As if node_modules came from another system.
    let other = "node_modules/@mizzle-cli/win32-x64/package.json";
    project.write(other, r#"{ "name": "@mizzle-cli/win32-x64" }"#);
    let output = manager.exec(&project, &["--version"]).assert_code(1);
    for part in ["another system is (win32-x64)", "on this machine", &format!("add {program}@")] {
        assert!(output.stderr.contains(part), "{part}: {}", output.stderr);
    }

    // The path of another program can be set.
    project.node([SHIM, "--version"]).env("MIZZLE_BINARY", BINARY).run().assert_code(0);
    let output = project.node([SHIM]).env("MIZZLE_BINARY", "./nowhere").run().assert_code(1);
    assert!(output.stderr.contains("MIZZLE_BINARY names ./nowhere"), "{}", output.stderr);
    // A machine without a program.
    project.write("strange.cjs", "Object.defineProperty(process, 'arch', { value: 'mips' });");
    let output = project.node(["--require", "./strange.cjs", SHIM]).run().assert_code(1);
    assert!(output.stderr.contains("there is no program for"), "{}", output.stderr);
    assert!(output.stderr.contains("linux-arm64-musl"), "{}", output.stderr);
}

/// Newer versions of Node are replaced by the program; older ones, and Windows, run a child
/// process.
#[cfg(unix)]
mod beside_the_program {
    use super::{BINARY, SHIM, unpacked};
    use mizzle_test::TempProject;

    /// The ways to start Node: unchanged, and without the function that was added in version 22.
    const WAYS: [&[&str]; 2] = [&[], &["--require", "./older.cjs"]];

    fn project() -> TempProject {
        let project = unpacked();
        project.write("older.cjs", "delete process.execve;");
        project
    }

    #[test]
    fn an_exit_code_is_the_programs_own() {
        let project = project();
        for way in WAYS {
            for code in [0, 1, 2, 42, 130] {
                let exit = format!("exit {code}");
                let args = [way, &[SHIM, "-c", &exit]].concat();
                project.node(&args).env("MIZZLE_BINARY", "/bin/sh").run().assert_code(code);
            }
        }
    }

    #[test]
    fn a_program_that_a_signal_ends_takes_the_shim_with_it() {
        let project = project();
        for way in WAYS {
            for (signal, number) in [("KILL", 9), ("TERM", 15), ("SEGV", 11), ("HUP", 1)] {
                let end = format!("ulimit -c 0; kill -{signal} $$");
                let args = [way, &[SHIM, "-c", &end]].concat();
                let ended = project.node(&args).env("MIZZLE_BINARY", "/bin/sh").run();
                assert_eq!(ended.signal, Some(number), "{way:?} {signal}: {ended:?}");
            }
        }
    }

    #[test]
    fn signals_reach_the_program() {
        let project = project();
        project.write("mizzle.config.json", r#"{ "endpoint": "local" }"#);
        for way in WAYS {
            // A signal ends it with exit code 0.
            for signal in ["INT", "TERM", "HUP"] {
                let args = [way, &[SHIM, "local", "--port", "0"]].concat();
                let serving = project.node(&args).env("MIZZLE_BINARY", BINARY).start();
                serving.wait_for_stderr("http://127.0.0.1:");
                serving.send(signal);
                serving.finish().assert_code(0);
            }
        }
    }

    /// A terminal sends Ctrl-C to the shim and to the program, and the shim forwards it.
    #[test]
    fn ctrl_c_in_a_terminal_counts_once() {
        let project = project();
        project.write("mizzle.config.json", r#"{ "endpoint": "local" }"#);
        for way in WAYS {
            let args = [way, &[SHIM, "local", "--port", "0"]].concat();
            let command = project.node(&args).env("MIZZLE_BINARY", BINARY);
            let mut terminal = command.in_terminal(100, 30);
            terminal.wait_for("http://127.0.0.1:").interrupt();
            let screen = terminal.finish();
            assert_eq!(screen.code, 0, "{way:?}:\n{}", screen.text);
        }
    }

    #[test]
    fn a_question_can_be_left() {
        let project = project();
        project.mizzle(["init", "--yes", "--endpoint", "local"]).run().assert_code(0);
        for way in WAYS {
            let args = [way, &[SHIM, "push"]].concat();
            let command = project.node(&args).env("MIZZLE_BINARY", BINARY);
            let mut terminal = command.in_terminal(100, 30);
            terminal.wait_for("Apply 1 step").press("\u{3}");
            let screen = terminal.finish();
            assert_eq!(screen.code, 130, "{way:?}:\n{}", screen.text);
        }
    }
}
