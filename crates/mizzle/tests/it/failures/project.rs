//! Configs, schemas and folders that do not exist, or cannot be read or written.

use super::told;
use crate::support::{BINARY, CONFIG, SCHEMA, shop};
use mizzle_test::TempProject;

/// Creates a project with only these files.
fn with_files(files: &[(&str, &str)]) -> TempProject {
    let project = TempProject::new(BINARY);
    for (path, text) in files {
        project.write(path, text);
    }
    project
}

#[test]
fn there_is_no_config() {
    for (case, files) in [
        ("config_nowhere", vec![("schema.ts", SCHEMA)]),
        ("config_misspelt", vec![("mizzle.conf.ts", CONFIG), ("drizzle.config.ts", CONFIG)]),
        ("config_yaml", vec![("mizzle.config.yaml", "schema: ./schema.ts\n")]),
    ] {
        let project = with_files(&files);
        let output = project.mizzle(["push", "--yes"]).run().assert_code(2);
        insta::assert_snapshot!(case, told(&output, &[]));
    }
    let project = shop();
    project.write("packages/api/index.ts", "");
    let output = project.mizzle(["generate"]).in_folder("packages/api").run().assert_code(2);
    insta::assert_snapshot!(told(&output, &[]), @"
    $ mizzle generate
    [exit code: 2]
    [stderr]
    error: There is no config file in [project]/packages/api
      help: there is one in a folder above: --config ../../mizzle.config.ts
      help: mizzle looked for mizzle.config.ts, mizzle.config.mts, mizzle.config.js, mizzle.config.mjs, mizzle.config.json
      help: run mizzle in the folder that holds it, or name it with --config
      help: mizzle init writes one
    ");
    let output = project.mizzle(["generate", "--json"]).in_folder("packages/api").run();
    insta::assert_snapshot!(told(&output.assert_code(2), &[]), @r#"
    $ mizzle generate --json
    [exit code: 2]
    [stdout]
    {
      "schemaVersion": 1,
      "command": "generate",
      "error": {
        "kind": "config-not-found",
        "message": "There is no config file in [project]/packages/api",
        "hints": [
          "there is one in a folder above: --config ../../mizzle.config.ts",
          "mizzle looked for mizzle.config.ts, mizzle.config.mts, mizzle.config.js, mizzle.config.mjs, mizzle.config.json",
          "run mizzle in the folder that holds it, or name it with --config",
          "mizzle init writes one"
        ]
      }
    }
    "#);
}

#[test]
fn the_named_config_is_not_there() {
    let project = shop();
    project.write("config/mizzle.config.ts", CONFIG);
    for (case, config) in [
        ("named_slip", "mizzle.confg.ts"),
        ("named_folder_slip", "confg/mizzle.config.ts"),
        ("named_folder", "config"),
        ("named_nothing", "elsewhere/other.json"),
    ] {
        let output = project.mizzle(["list", "--config", config]).run().assert_code(2);
        insta::assert_snapshot!(case, told(&output, &[]));
    }
    let output = project.mizzle(["list"]).env("MIZZLE_CONFIG", "mizle.config.ts").run();
    insta::assert_snapshot!(told(&output.assert_code(2), &[]), @r#"
    $ mizzle list
    [exit code: 2]
    [stderr]
    error: The config file mizle.config.ts does not exist
      help: MIZZLE_CONFIG names it: correct the path
      help: did you mean "mizzle.config.ts"?
    "#);
}

#[test]
fn the_schema_is_not_there() {
    for (case, pattern) in [
        ("schema_slip", "./src/db/shema.ts"),
        ("schema_folder_slip", "./src/bd/schema.ts"),
        ("schema_nothing", "./tables.ts"),
        ("schema_glob", "./src/**/*.table.ts"),
        ("schema_glob_folder", "./scr/**/*.ts"),
        ("schema_glob_empty", "./docs/*.ts"),
        ("schema_empty_folder", "./docs"),
    ] {
        let config = format!("export default {{ schema: {pattern:?}, endpoint: \"local\" }};\n");
        let project = with_files(&[
            ("mizzle.config.ts", &config),
            ("src/db/schema.ts", SCHEMA),
            ("src/db/schema.md", ""),
            ("src/main.ts", ""),
            ("docs/readme.md", ""),
        ]);
        let output = project.mizzle(["push", "--yes"]).run().assert_code(2);
        insta::assert_snapshot!(case, told(&output, &[]));
    }
}

#[test]
fn a_field_of_the_config_is_not_known() {
    let project = with_files(&[(
        "mizzle.config.ts",
        "export default {\n  schmea: \"./schema.ts\",\n  endpoint: \"local\",\n  migrations: { tabel: \"ledger\" },\n  verbose: \"yes\",\n};\n",
    )]);
    for (case, args) in [("fields", &["push"][..]), ("fields_json", &["push", "--json"])] {
        insta::assert_snapshot!(case, told(&project.mizzle(args).run().assert_code(2), &[]));
    }
}

#[test]
fn there_are_no_migrations_yet() {
    let project = shop();
    for (case, args) in [
        ("no_migrations_migrate", &["migrate", "--yes"][..]),
        ("no_migrations_status", &["status"]),
        ("no_migrations_check", &["check"]),
        ("no_migrations_to", &["migrate", "--yes", "--to", "1"]),
    ] {
        insta::assert_snapshot!(case, told(&project.mizzle(args).run(), &[]));
    }
    std::fs::create_dir(project.path().join("migratons")).unwrap();
    let output = project.mizzle(["migrate", "--yes"]).run().assert_code(2);
    insta::assert_snapshot!(told(&output, &[]), @r#"
    $ mizzle migrate --yes
    [exit code: 2]
    [stderr]
    Target: embedded DynamoDB (.mizzle/local.db)
    error: The migrations folder migrations does not exist
      help: did you mean "migratons"? (`out` in the config names the folder)
    "#);
    std::fs::create_dir(project.path().join("migrations")).unwrap();
    let output = project.mizzle(["status", "--exit-code"]).run().assert_code(0);
    insta::assert_snapshot!(told(&output, &[]), @"
    $ mizzle status --exit-code
    [exit code: 0]
    [stdout]
    The schema has changes without a migration:
      Shop: create table
    [stderr]
    Target: embedded DynamoDB (.mizzle/local.db)
    warning: There are no migrations in migrations: `mizzle generate` writes the first one
    Every migration is applied, and the tables are as they say
    Next: mizzle generate
    ");
    std::fs::remove_dir(project.path().join("migrations")).unwrap();
    project.write("migrations", "");
    let output = project.mizzle(["generate"]).run().assert_code(2);
    insta::assert_snapshot!(told(&output, &[]), @r#"
    $ mizzle generate
    [exit code: 2]
    [stderr]
    error: `out` names migrations, which is a file
      help: name the folder for the migrations: out: "./migrations"
    "#);
}

#[cfg(unix)]
#[test]
fn the_folder_cannot_be_written_to() {
    use std::{fs, os::unix::fs::PermissionsExt};
    let project = shop();
    let folder = project.path().join("migrations");
    fs::create_dir(&folder).unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o555)).unwrap();
    let generate = project.mizzle(["generate", "--name", "init"]).obeying_permissions();
    insta::assert_snapshot!(told(&generate.run().assert_code(1), &[]), @"
    $ mizzle generate --name init
    [exit code: 1]
    [stderr]
    create table Shop
      key (pk S, sk S)
      LSI byDate (pk S, createdAt N) ALL
      GSI byEmail (email S) ALL
      GSI byStatus (status S, createdAt N) ALL
    error: Could not lock [project]/migrations: Permission denied
      help: this user may not: change whose it is, or its permissions, or run mizzle as another user
    ");
    assert_eq!(project.files(), ["mizzle.config.ts", "schema.ts"]);
}
