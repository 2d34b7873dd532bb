//! The npm package as its users have it: packed, installed from a registry, and run by the programs
//! that install it.

use crate::support::BINARY;
use mizzle_test::{PackageManager, Registry, TempProject};
use serde_json::Value;
use std::{fs, path::Path, sync::LazyLock};

/// One for all tests: to pack the program takes seconds.
static REGISTRY: LazyLock<Registry> = LazyLock::new(|| Registry::serve(Path::new(BINARY)));

const SHIM: &str = "node_modules/mizzle-cli/bin/mizzle.cjs";

fn installed(manager: PackageManager) -> TempProject {
    let project = TempProject::new(BINARY);
    manager.prepare(&project, &REGISTRY);
    manager.add(&project, &[]).assert_code(0);
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

    let version = manager.exec(&project, &["--version"]).assert_code(0);
    assert_eq!(version.stdout, format!("mizzle {}\n", REGISTRY.version()));
    manager.exec(&project, &["init", "--yes", "--endpoint", "local"]).assert_code(0);
    assert!(project.read("schema.ts").contains("from \"mizzle-cli/schema\""));
    manager.exec(&project, &["generate", "--name", "init"]).assert_code(0);
    assert!(project.exists("migrations/0001_init.ts"));
    let pushed = manager.exec(&project, &["push", "--yes", "--json"]).assert_code(0);
    assert_eq!(pushed.json()["command"], "push");
    let list = manager.exec(&project, &["list", "--json"]).assert_code(0);
    assert_eq!(list.json()["tables"][0]["name"], "App");
    // Exit codes come through, and so does what was said.
    let wrong = manager.exec(&project, &["push", "--no-such-flag"]).assert_code(2);
    assert!(wrong.stderr.contains("--no-such-flag"), "{}", wrong.stderr);
}
