//! The existing environment: schema files, packages, servers, AWS.

use super::{empty, init, set_up_aws};
use crate::support::SCHEMA;
use mizzle_test::{Serving, TempProject, TypeScript};
use serde_json::json;
use std::{
    fs,
    net::TcpListener,
    path::Path,
    time::{Duration, Instant},
};

#[test]
fn a_schema_is_found_wherever_it_is() {
    let project = empty();
    project.write("src/shop/orders.table.ts", SCHEMA);
    project.write("src/users/users.table.ts", &SCHEMA.replace("Shop", "Users"));
    project.write("src/users/api.ts", "throw new Error(\"a server has no place here\");\n");
    project.write("node_modules/other/schema.ts", SCHEMA);
    let json = init(&project, &["--json"]).run().assert_code(0).json();
    let found = json!(["src/shop/orders.table.ts", "src/users/users.table.ts"]);
    assert_eq!(
        (&json["found"]["schema"], &json["schema"]),
        (&found, &json!(["./src/**/*.table.ts"]))
    );
    assert_eq!(json["files"], json!([".gitignore", "mizzle.config.ts"]));
    project.mizzle(["push", "--yes"]).run().assert_code(0);
}

#[test]
fn a_part_of_a_monorepo_is_a_project() {
    let project = empty();
    project.write(".git/HEAD", "ref: refs/heads/main\n");
    project.write(".gitignore", ".mizzle/\n");
    project.write("pnpm-lock.yaml", "");
    project.write("package.json", r#"{ "devDependencies": { "mizzle-cli": "*" } }"#);
    project.write("packages/shop/package.json", r#"{ "dependencies": { "@aurios/mizzle": "*" } }"#);
    let output = init(&project, &["--json"]).in_folder("packages/shop").run().assert_code(0);
    let json = output.json();
    assert_eq!(json["next"], "pnpm mizzle push");
    // Git already ignores the folder.
    assert_eq!(json["files"], json!(["schema.ts", "mizzle.config.ts"]));
    assert!(project.read("packages/shop/schema.ts").contains("from \"@aurios/mizzle\""));
    assert!(
        !project.read("packages/shop/mizzle.config.ts").contains("import"),
        "not installed yet"
    );
    project.mizzle(["push", "--yes"]).in_folder("packages/shop").run().assert_code(0);
}

/// Installs the stand-in of the ORM, and our declarations.
fn install(project: &TempProject) {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let orm = crates.join("mizzle-eval/tests/fixtures/orm");
    copy(&orm, &project.path().join("node_modules/mizzle"));
    let declarations = crates.parent().unwrap().join("npm/mizzle-cli");
    copy(&declarations, &project.path().join("node_modules/mizzle-cli"));
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &target),
            false => drop(fs::copy(entry.path(), target).unwrap()),
        }
    }
}

/// Returns the compiler's errors in the project's own files. (The sources of the stand-in were not
/// written for `--strict`.)
fn complaints(project: &TempProject) -> Vec<String> {
    let files = ["mizzle.config.ts", "schema.ts"].map(|file| project.path().join(file));
    let said = TypeScript::from_env().tsc_strict_with_aws_sdk(&files).stdout;
    let own = said.lines().filter(|line| !line.starts_with(' ') && !line.contains("node_modules"));
    own.map(str::to_owned).collect()
}

#[test]
fn what_is_written_is_strict_typescript() {
    let places: [&[&str]; 3] = [
        &["--endpoint", "local"],
        &["--endpoint", "http://127.0.0.1:8000", "--region", "us-east-1"],
        &["--region", "eu-west-1", "--profile", "work"],
    ];
    for flags in places {
        let project = empty();
        init(&project, flags).run().assert_code(0);
        assert!(!project.read("mizzle.config.ts").contains("import"));
        let config = project.path().join("mizzle.config.ts");
        TypeScript::from_env().tsc_strict(&[config]).assert_code(0);
        project.mizzle(["generate", "--name", "init"]).run().assert_code(0);

        let project = empty();
        install(&project);
        init(&project, flags).run().assert_code(0);
        assert!(project.read("mizzle.config.ts").contains("import { defineConfig }"));
        assert_eq!(complaints(&project), [""; 0]);
        project.mizzle(["generate", "--name", "init"]).run().assert_code(0);
        assert!(project.exists("migrations/0001_init.ts"));

        // The types are really checked.
        project.replace("mizzle.config.ts", "\"./migrations\"", "1");
        project.replace("schema.ts", "gsi(\"email\")", "gsi(1)");
        let complaints = complaints(&project);
        assert_eq!(complaints.len(), 2, "{complaints:?}");
    }
}

fn port(serving: &Serving) -> String {
    serving.endpoint().rsplit(':').next().unwrap().to_owned()
}

#[test]
fn a_server_is_found_among_others_and_soon() {
    let project = empty();
    let serving = project.mizzle(["local", "--port", "0", "--in-memory"]).serve();
    // A server that accepts connections and never answers, and a port without a listener.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let port_of = |listener: &TcpListener| listener.local_addr().unwrap().port();
    let ports = format!("{}, {},{},", port_of(&silent), port_of(&free), port(&serving));
    drop(free);
    let start = Instant::now();
    let output = init(&project, &["--json"]).env("MIZZLE_LOCAL_PORTS", ports).run().assert_code(0);
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    let json = output.json();
    assert_eq!(json["found"]["servers"], json!([serving.endpoint()]));
    // A running server is not necessarily the intended one.
    assert_eq!(json["endpoint"], "local");
}

#[test]
fn a_config_of_aws_that_is_broken_is_a_warning() {
    let project = empty();
    set_up_aws(&project);
    fs::write(project.home().join(".aws/config"), "[default]\nhunter2\n").unwrap();
    let output = init(&project, &["--region", "eu-west-1"]).run().assert_code(0);
    insta::assert_snapshot!(output.snapshot(), @"
    $ mizzle init --region eu-west-1
    [exit code: 0]
    [stdout]
    schema.ts
    mizzle.config.ts
    [stderr]
    warning: The AWS config file cannot be read: error parsing [home]/.aws/config on line 2: Expected an '=' sign defining a property
    Found
      schema    none yet
    Chosen
      schema    ./schema.ts
      out       ./migrations
      DynamoDB  AWS, region eu-west-1
    Next: mizzle push
    ");
    assert!(!output.stderr.contains("hunter2"), "{}", output.stderr);
}
